"""A corridor opens before the vehicle and is given back behind it, whatever breaks, dies or is forbidden on the way."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from ressort.core.accounts.models import Organisation
from ressort.core.errors import Forbidden, Refused
from ressort.core.journal.models import Event
from ressort.services.controlroom.corridors import opening, planning, queries, working
from ressort.services.controlroom.corridors.models import Corridor
from ressort.services.controlroom.equipment import asking, drivers, holding, simulation
from ressort.services.controlroom.equipment.models import Asset, Command, Emergency
from ressort.services.controlroom.incidents import queries as incidents
from ressort.services.controlroom.incidents.actions import opening as incident_opening
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.situation_models import Situation
from tests import worlds
from tests.services.controlroom.equipment.test_monitor import Monitor

pytestmark = pytest.mark.django_db
ORDER = ["borne-1", "feux-a", "feux-1", "feux-b", "poteau", "feux-c"]


def urgent(way):
    Emergency.objects.create(by="p_oscar", reason="x", since=way.wall, until=way.wall + timedelta(minutes=60))


def opened(way, **more):
    """Return a corridor that opened in an emergency and is watched."""
    urgent(way)
    found = way.plan(**more)
    opening.open_corridor(way.oscar, found.pid, now=way.wall)
    way.watched = found.pid
    return found


def now(found):
    return Corridor.objects.get(pk=found.pk)


def mode(way, code):
    return Asset.objects.get(code=code).simulated.state["values"].get("mode")


def test_what_lies_on_the_way_is_listed_in_its_order(way):
    found = way.plan()
    items = list(found.items.select_related("asset"))
    assert [one.asset.code for one in items] == ORDER
    assert [one.metres for one in items] == sorted(one.metres for one in items)
    assert [one.seconds for one in items] == sorted(one.seconds for one in items)
    assert found.seconds >= items[-1].seconds
    assert all(one.aside <= 30 and one.chosen for one in items)
    assert {one.verb for one in items} == {"priority", "lower"}
    assert not Command.objects.exists()
    assert found.state == Corridor.State.PLANNED


def test_a_junction_that_declares_its_approaches_is_asked_for_the_right_one(way):
    Asset.objects.filter(code="feux-a").update(parameters={"approaches": {"1": [0, 180], "2": [90, 270]}})
    Asset.objects.filter(code="feux-b").update(parameters={"approaches": {"x": 3, "1": ["a", True]}})
    found = way.plan()
    assert way.item(found, "feux-a").params == {"approach": 2}
    assert way.item(found, "feux-a").known
    assert not way.item(found, "feux-b").known
    opening.open_corridor(way.oscar, found.pid, {2: 2, 3: 4}, now=way.wall)
    assert {one.asset.code for one in found.items.filter(chosen=True)} == {"feux-a", "feux-1"}
    assert way.item(found, "feux-1").params == {"approach": 4}


def test_each_thing_opens_before_the_vehicle_and_is_given_back_behind_it(way):
    found = opened(way, lead=30, margin=20)
    open_when, elapsed = {}, 0
    while now(found).state == Corridor.State.OPEN and elapsed < found.seconds + 120:
        way.later(1)
        elapsed += 1
        for one in found.items.select_related("asset", "command"):
            if one.command and one.command.held:
                open_when.setdefault(one.asset.code, []).append(elapsed)
    over = now(found)
    assert (over.state, over.why) == ("over", "passed")
    for one in found.items.select_related("asset"):
        span = open_when[one.asset.code]
        assert min(span) <= max(one.seconds, 28), one.asset.code
        assert min(span) >= one.seconds - 30
        assert one.seconds <= max(span) <= one.seconds + 22
    way.watched = ""
    way.later(60)
    assert {mode(way, code) for code in ("feux-a", "feux-1", "feux-b", "feux-c")} == {"normal"}
    assert not Command.objects.filter(held=True).exists()
    commands = way.commands(found).filter(actor="p_oscar")
    assert commands.count() == len(ORDER)
    assert {(one.state, one.emergency) for one in commands.filter(verb="priority")} == {("confirmed", True)}
    assert not any(one.emergency for one in commands.filter(verb="lower"))


def test_what_is_stuck_off_or_refuses_is_said_and_blocks_nothing(way):
    way.fault("feux-1", "stuck")
    way.fault("feux-b", "off")
    way.fault("poteau", "refuses")
    found = opened(way)
    item = way.item(found, "feux-c")
    way.later(item.seconds)
    assert way.item(found, "feux-c").command.held
    assert way.item(found, "poteau").command.state == "refused"
    codes = {one.name: one.code for one in queries.shown(now(found), way.wall)}
    assert codes["feux-c"] == "confirmed"
    assert codes["poteau"] == "refused"
    assert codes["feux-1"] not in {"confirmed", "done"}
    assert codes["feux-b"] not in {"confirmed", "done"}
    way.later(found.seconds)
    assert now(found).why == "passed"
    way.watched = ""
    way.later(90)
    assert not Command.objects.exclude(state__in=Command.ENDS).exists()
    assert not Command.objects.filter(held=True).exists()
    assert not way.commands(found).filter(asset__code="feux-1", state="confirmed", verb="priority").exists()


def test_a_device_that_reports_a_fault_is_forbidden_and_says_why(way):
    asset = Asset.objects.get(code="feux-a")
    way.fault("feux-a", "conflict")
    way.later(5)
    found = opened(way, lead=90)
    way.later(5)
    item = way.item(found, "feux-a")
    assert (item.command, item.why) == (None, "controller-fault")
    assert Event.objects.filter(kind="controlroom.corridor.barred").count() == 1
    assert not Command.objects.filter(asset=asset, verb="priority").exists()
    shown = next(one for one in queries.shown(now(found), way.wall) if one.name == "feux-a")
    assert (shown.code, shown.word) == ("refused", "Défaut du contrôleur : interdit")


def test_a_second_person_agrees_once_for_all(way):
    found = way.plan()
    opening.open_corridor(way.oscar, found.pid, now=way.wall)
    assert now(found).state == Corridor.State.WAITING
    way.later(3)
    assert not way.commands(found).exists()
    with pytest.raises(Refused, match="autre personne"):
        opening.approve(way.oscar, found.pid, now=way.wall)
    opening.approve(way.odile, found.pid, now=way.wall)
    way.watched = found.pid
    way.later(12)
    commands = way.commands(found)
    assert commands.filter(verb="priority").exists()
    for one in commands.filter(verb="priority"):
        assert (one.actor, one.approver, one.emergency) == ("p_oscar", "p_odile", False)
        assert one.state != Command.State.DRAFTED
    assert Event.objects.filter(kind="controlroom.corridor.opened").count() == 1
    with pytest.raises(Refused, match="n'attend plus"):
        opening.approve(way.odile, found.pid, now=way.wall)


def test_a_corridor_that_nobody_approves_ends_and_one_may_say_no(way):
    one, other, third = way.plan(), way.plan(), way.plan()
    for found in (one, other, third):
        opening.open_corridor(way.oscar, found.pid, now=way.wall)
    opening.decline(way.odile, one.pid, now=way.wall)
    opening.cancel(way.oscar, other.pid, now=way.wall)
    way.wall += timedelta(minutes=11)
    with pytest.raises(Refused, match="n'attend plus"):
        opening.approve(way.odile, third.pid, now=way.wall)
    working.tick(way.wall)
    assert [now(found).why for found in (one, other, third)] == ["declined", "cancelled", "expired"]
    assert not Command.objects.exists()


def test_a_screen_that_dies_frees_the_street(way):
    found = opened(way, lead=90)
    way.later(26)
    assert way.item(found, "feux-a").command.held
    way.watched = ""
    way.later(32)
    assert (now(found).state, now(found).why) == ("over", "lease")
    way.later(40)
    assert not Command.objects.filter(held=True).exists()
    assert mode(way, "feux-a") == "normal"
    with pytest.raises(Refused, match="pas ouvert"):
        opening.renew(way.oscar, found.pid, now=way.wall)
    with pytest.raises(Refused, match="pas ouvert"):
        opening.release(way.oscar, found.pid, now=way.wall)


def test_everything_is_released_at_once_also_what_is_on_its_way(way):
    found = opened(way, lead=90)
    way.later(2)
    assert way.commands(found).filter(state__in=("sent", "accepted")).exists()
    opening.release(way.odile, found.pid, now=way.wall)
    way.watched = ""
    way.later(90)
    assert now(found).why == "operator"
    assert not Command.objects.exclude(state__in=Command.ENDS).exists()
    assert not Command.objects.filter(held=True).exists()
    assert {mode(way, code) for code in ("feux-a", "feux-1")} == {"normal"}
    assert mode(way, "borne-1") == "auto"


def test_a_loop_that_was_killed_takes_up_where_it_was_and_asks_nothing_twice(way):
    found = opened(way, lead=60)
    working.tick(way.wall)
    working.tick(way.wall)  # killed after its rows, before anything left
    asked = way.commands(found).count()
    assert asked >= 3
    assert set(way.commands(found).values_list("state", flat=True)) == {"checked"}
    for __ in range(20):  # nobody works for twenty seconds; the screen still watches
        way.wall += timedelta(seconds=1)
        way.service += timedelta(seconds=1)
    opening.renew(way.oscar, found.pid, now=way.wall)
    working.tick(way.wall)  # another process
    holding.tick(way.wall)
    per_item = [way.commands(found).filter(key=f"p_oscar:{found.pid}:{n}:0").count() for n in range(1, 7)]
    assert max(per_item) == 1
    way.later(found.seconds + 60)
    assert now(found).why == "passed"
    assert way.commands(found).filter(actor="p_oscar").count() == len(ORDER)
    fallbacks = way.commands(found).exclude(actor="p_oscar")
    assert fallbacks.values("undoes").distinct().count() == fallbacks.count()


def test_a_loop_that_comes_back_after_the_lease_frees_the_street(way):
    found = opened(way, lead=90)
    way.later(26)
    way.watched = ""
    way.wall += timedelta(minutes=3)
    way.service += timedelta(minutes=3)
    working.tick(way.wall)
    assert now(found).why == "lease"
    way.later(60)
    assert not Command.objects.filter(held=True).exists()


def test_passing_early_moves_what_is_ahead_and_frees_what_is_behind(way):
    found = opened(way)
    way.later(5)
    third = way.item(found, "feux-1")
    ahead = way.item(found, "feux-c")
    opening.passed(way.oscar, found.pid, third.number, now=way.wall)
    shifted = now(found)
    assert shifted.elapsed(way.wall) == pytest.approx(third.seconds)
    assert way.item(found, "feux-a").passed
    assert way.item(found, "feux-b").passed is None
    with pytest.raises(Refused, match="déjà passé"):
        opening.passed(way.oscar, found.pid, third.number, now=way.wall)
    with pytest.raises(Refused, match="pas dans ce couloir"):
        opening.passed(way.oscar, found.pid, 99, now=way.wall)
    moved = round((shifted.start - way.wall).total_seconds() + 5)
    opening.not_passed(way.oscar, found.pid, third.number, moved, now=way.wall)
    assert now(found).elapsed(way.wall) == pytest.approx(5, abs=1)
    assert not found.items.exclude(passed=None).exists()
    with pytest.raises(Refused, match="plus à reprendre"):
        opening.not_passed(way.oscar, found.pid, third.number, moved, now=way.wall)
    opening.passed(way.oscar, found.pid, third.number, now=way.wall)
    way.later(ahead.seconds - third.seconds)
    assert way.item(found, "feux-c").command.held
    way.later(25)
    assert way.item(found, "feux-1").freed


def test_a_late_vehicle_finds_open_again_what_had_been_given_back(way):
    found = opened(way, margin=5)
    item = way.item(found, "feux-1")
    way.later(item.seconds + 15)
    assert way.item(found, "feux-1").freed
    lon, lat = worlds.at(2.4, 0)  # it is only after the second junction
    opening.observe_position(way.oscar, found.pid, lon, lat, now=way.wall)
    assert way.item(found, "feux-a").passed
    way.later(30)
    again = way.item(found, "feux-1")
    assert again.turn == 1
    assert way.commands(found).filter(asset=again.asset, verb="priority").count() == 2
    with pytest.raises(Refused, match="250 m"):
        opening.observe_position(way.oscar, found.pid, *worlds.at(2, 6), now=way.wall)


def test_another_organisations_junction_is_left_aside_and_says_so(way):
    water = Organisation.objects.create(pid="o_autre", name="Une autre régie")
    Asset.objects.filter(code="feux-a").update(organisation=water)
    found = opened(way, lead=90)
    assert not way.item(found, "feux-a").chosen
    (one,) = [one for one in queries.shown(now(found), way.wall, way.oscar) if one.name == "feux-a"]
    assert "Une autre régie" in one.barred
    assert not one.openable


def test_what_changes_hands_on_the_way_stays_shut_and_says_so(way):
    water = Organisation.objects.create(pid="o_autre", name="Une autre régie")
    found = opened(way, lead=90)
    Asset.objects.filter(code="feux-a").update(organisation=water)
    way.later(3)
    assert way.item(found, "feux-a").why == "forbidden"
    assert way.item(found, "borne-1").command is not None


def test_a_newer_command_of_somebody_else_wins_and_is_not_undone(way):
    found = opened(way, lead=90)
    way.later(26)
    item = way.item(found, "feux-a")
    assert item.command.held
    asking.ask(way.odile, item.asset.pid, "flash", reason="Panne", now=way.wall)
    way.later(30)
    assert mode(way, "feux-a") == "flashing"
    opening.release(way.oscar, found.pid, now=way.wall)
    way.watched = ""
    way.later(30)
    assert mode(way, "feux-a") == "flashing"


def test_its_log_tells_it_and_an_exercise_commands_nothing(way):
    lon, lat = worlds.at(7, 0)
    draft = incident_opening.Draft("Feu", "safety", "high", address="7, 0", lon=lon, lat=lat)
    number = incident_opening.open_incident(way.oscar, draft).number
    found = opened(way, incident=number)
    told = [one.text for one in incidents.history(Incident.objects.get(number=number))]
    assert any("Couloir d'urgence ouvert" in one for one in told)
    way.later(2)
    drill = Situation.objects.create(
        organisation=Organisation.objects.get(pid="o_valmont"), kind="other", headline="Exercice", level="alert",
        since=way.service, exercise=True,
    )  # fmt: skip
    Incident.objects.filter(number=number).update(situation=drill)
    way.later(1)
    assert now(found).why == "exercise"
    again = way.plan(incident=number)
    with pytest.raises(Refused, match="EXERCICE"):
        opening.open_corridor(way.oscar, again.pid, now=way.wall)
    told = [one.text for one in incidents.history(Incident.objects.get(number=number))]
    assert any("Couloir d'urgence relâché" in one for one in told)


def test_what_is_wrong_is_said_where_it_is(way):
    nowhere, far = planning.End("Ailleurs", None, None), planning.End("Loin", 2.35, 48.85)
    here, there = way.end(0, 0), way.end(7, 0)
    for draft, field in (
        (planning.Draft(nowhere, there, "x"), "origin"),
        (planning.Draft(here, nowhere, "x"), "destination"),
        (planning.Draft(here, planning.End("", None, None), "x"), "destination"),
        (planning.Draft(here, here, "x"), "destination"),
        (planning.Draft(here, far, "x"), "destination"),
        (planning.Draft(here, planning.End("Champ", 5.2, 47.4), "x"), "destination"),
        (planning.Draft(here, there, "  "), "reason"),
        (planning.Draft(here, there, "x", lead=2), "lead"),
        (planning.Draft(here, there, "x", margin=999), "margin"),
        (planning.Draft(here, there, "x", delay=-1), "delay"),
    ):
        with pytest.raises(Refused) as refused:
            planning.plan(way.oscar, draft, now=way.wall)
        assert refused.value.field == field
    with pytest.raises(Forbidden):
        planning.plan(worlds.person("diane"), planning.Draft(here, there, "x"), now=way.wall)
    found = way.plan()
    with pytest.raises(Refused, match="Rien ne s'ouvrirait"):
        opening.open_corridor(way.oscar, found.pid, {}, now=way.wall)
    with pytest.raises(Refused, match="de 1 à 8"):
        opening.open_corridor(way.oscar, found.pid, {2: 12}, now=way.wall)
    with pytest.raises(Refused, match="demi-heure"):
        opening.open_corridor(way.oscar, found.pid, now=way.wall + timedelta(hours=1))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_interlock_is_ever_violated_by_corridors_among_faults(way, monkeypatch, seed):
    chance = random.Random(seed)
    monitor = Monitor(chance)
    monkeypatch.setitem(drivers.DRIVERS, "simulated", monitor)
    from ressort.services.controlroom.equipment import playing

    lived = playing.play
    monkeypatch.setattr(
        playing, "play", lambda *given, **more: lived(*given, **{**more, "heard": monitor.hears})
    )
    way.later(61)
    made = []
    for turn in range(4):
        found = way.plan(lead=chance.randint(15, 90), margin=chance.randint(5, 120))
        opening.open_corridor(way.oscar, found.pid, now=way.wall)
        opening.approve(way.odile, found.pid, now=way.wall)
        made.append(found)
        way.watched = found.pid if turn % 2 else ""
        for __ in range(14):
            code = chance.choice(ORDER)
            way.fault(code, chance.choice(simulation.FAULTS) if chance.random() < 0.5 else "")
            way.later(chance.choice((1, 4, 9)))
            if turn % 2 and chance.random() < 0.2 and now(found).state == "open":
                opening.observe_position(
                    way.oscar, found.pid, *worlds.at(chance.uniform(0, 7), 0), now=way.wall
                )
    way.watched = ""
    way.later(180)
    assert monitor.wrong == []
    assert {now(one).state for one in made} == {"over"}
    assert not Command.objects.filter(held=True).exists()
    assert not Command.objects.exclude(state__in=Command.ENDS).exists()
