"""A driver and a reflex observe, are compared with what people do, and act once somebody says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core.accounts.models import Membership, User
from ressort.core.errors import Forbidden, Refused
from ressort.core.intake.observing import observe
from ressort.core.journal.models import Event
from ressort.services.controlroom.alarms.models import Alarm, Rule
from ressort.services.controlroom.equipment import asking, holding
from ressort.services.controlroom.equipment.models import Command
from ressort.services.controlroom.shadow import deciding, judging, reflexes
from ressort.services.controlroom.shadow.models import Proposal, Reflex, Trial
from tests import worlds
from tests.services.controlroom.driving.conftest import Yard, server  # noqa: F401 - a fixture
from tests.services.controlroom.equipment.conftest import street  # noqa: F401 - a fixture
from tests.services.controlroom.equipment.test_commands import ask
from tests.services.controlroom.equipment.test_pages import sign_in
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
State = Command.State


@pytest.fixture
def yard(db, settings):
    settings.DEVICE_LOOPBACK, settings.DRIVER_THREADS = True, 0
    made = Yard()
    made.real = lambda: None
    return made


@pytest.fixture
def light(street):  # noqa: F811
    """A reflex: when a counter is silent, the lamp goes to 40."""
    rule = Rule.objects.create(name="Rue vide", lines="flow < 5", devices="comptage-1", changed=street.wall)
    fields = {
        "name": "Réduire",
        "rule": rule.pk,
        "asset": "lampe-1",
        "verb": "dim",
        "value": 40,
        "active": True,
    }
    return deciding.write_reflex(street.oscar, fields)


def raised(street, reflex):  # noqa: F811
    device = street.asset("comptage-1").device
    Alarm.objects.filter(ended=None).update(ended=street.service)
    Alarm.objects.create(rule=reflex.rule, device=device, severity=2, raised=street.service)
    reflexes.tick()


def settle(street, trial):  # noqa: F811
    street.later(1)
    judging.judge(Trial.objects.get(pk=trial.pk), street.service + timedelta(seconds=trial.window + 1))


def test_a_driver_on_trial_carries_nothing_and_is_judged_by_what_the_device_becomes(yard, server):  # noqa: F811
    yard.by_http(server.url)
    start = yard.ask()
    yard.turn()
    assert (yard.now(start).state, start.why) == (State.REFUSED, "shadow")
    assert server.seen == []
    proposal = Proposal.objects.get()
    assert (proposal.made, proposal.dangerous) == ("position=down", False)
    for position, seconds in (("up", 1), ("down", 20)):  # somebody lowers it the old way
        observe(
            [
                {
                    "device": "borne-1",
                    "property": "position",
                    "value": position,
                    "at": proposal.at + timedelta(seconds=seconds),
                }
            ]
        )
    trial = Trial.objects.get()
    judging.judge(trial, proposal.at + timedelta(seconds=trial.window + 30))
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.deed) == ("match", "position=down")
    assert judging.count(trial).cases == 1


def test_an_interlock_forbids_before_anything_is_noted(yard, server):  # noqa: F811
    yard.by_http(server.url)
    with pytest.raises(Refused):
        yard.ask("raise")
    assert not Proposal.objects.exists()


def test_a_reflex_proposes_once_and_nothing_is_asked(street, light):  # noqa: F811
    raised(street, light)
    reflexes.tick()
    assert Proposal.objects.get().made == "level=40"
    assert not Command.objects.exists()
    assert Event.objects.filter(kind="controlroom.proposal.made").count() == 1


def test_people_do_the_same_something_else_nothing_or_what_nobody_proposed(street, light):  # noqa: F811
    trial = light.trial
    for level in (40, 80, None):
        raised(street, light)
        if level is not None:
            ask(street, "lampe-1", "dim", {"level": level})
        street.later(3)
        settle(street, trial)
        street.service += timedelta(seconds=3 * trial.window)
        street.later(1)
    ask(street, "lampe-1", "dim", {"level": 10})
    street.later(3)
    settle(street, trial)
    counted = judging.count(trial)
    assert (counted.match, counted.other, counted.nothing, counted.missed) == (1, 1, 1, 1)
    settle(street, trial)
    assert judging.count(trial) == counted


def test_nobody_lets_it_act_before_its_criteria_and_then_a_named_person_does(street, light):  # noqa: F811
    trial, adele = light.trial, worlds.person("adele")
    with pytest.raises(Refused) as caught:
        deciding.release(adele, trial.pk)
    assert caught.value.code == "not-ready"
    deciding.write(adele, trial.pk, 5, 90, 300)
    for number in range(5):
        Proposal.objects.create(
            trial=trial,
            asset=light.asset,
            verb="dim",
            made="level=40",
            at=street.service,
            source=f"x{number}",
            outcome="match",
        )
    with pytest.raises(Forbidden):
        deciding.release(street.oscar, trial.pk)
    Proposal.objects.create(
        trial=trial,
        asset=light.asset,
        made="x",
        at=street.service,
        source="y",
        outcome="other",
        dangerous=True,
    )
    with pytest.raises(Refused):
        deciding.release(adele, trial.pk)
    Proposal.objects.filter(source="y").delete()
    deciding.release(adele, trial.pk)
    event = Event.objects.get(kind="controlroom.trial.real")
    assert event.actor == adele.pid
    raised(street, light)
    command = Command.objects.get()
    assert (command.state, command.actor) == (State.CHECKED, "system:reflex")
    street.later(5)
    assert street.now(command).state == State.CONFIRMED
    deciding.withdraw(street.oscar, trial.pk)
    raised(street, light)
    assert Command.objects.count() == 1
    with pytest.raises(Refused):
        deciding.withdraw(street.oscar, trial.pk)


def test_a_dangerous_reflex_waits_for_a_person_whatever_its_trial_said(street, light):  # noqa: F811
    fields = {"name": "Réduire", "rule": light.rule_id, "asset": "feux-1", "verb": "flash", "active": True}
    changed = deciding.write_reflex(street.oscar, fields, light.pk)
    trial = Trial.objects.get(reflex=changed)
    assert trial.pk != light.trial.pk
    Trial.objects.update(real=True)
    raised(street, Reflex.objects.get())
    command = Command.objects.get()
    assert command.state == State.DRAFTED
    asking.approve(street.odile, command.pid, now=street.wall)
    street.wall = max(street.wall, street.now(command).asked)
    holding.tick(street.wall)
    street.later(40)
    assert street.now(command).state == State.CONFIRMED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rule": 0}, "rule"),
        ({"asset": "x"}, "asset"),
        ({"verb": "x"}, "verb"),
        ({"value": 900}, "value"),
        ({"value": None}, "value"),
    ],
)
def test_what_is_wrong_in_a_reflex_is_said_beside_its_field(street, light, change, field):  # noqa: F811
    fields = {
        "name": "B",
        "rule": light.rule_id,
        "asset": "lampe-1",
        "verb": "dim",
        "value": 4,
        "active": True,
    }
    with pytest.raises(Refused) as caught:
        deciding.write_reflex(street.oscar, {**fields, **change})
    assert caught.value.field == field


def test_the_pages_say_plainly_what_lacks_and_let_somebody_decide(client, street, light):  # noqa: F811
    adele, trial = worlds.person("adele"), light.trial
    sign_in(client, street.oscar)
    check(client.get("/console/poste/observation/"))
    check(client.get(f"/console/poste/observation/{trial.pk}/"))
    check(client.get("/console/poste/reflexes/nouveau/"))
    check(client.get(f"/console/poste/reflexes/{light.pk}/"))
    check(client.post("/console/poste/reflexes/nouveau/", {"name": ""}), 422)
    assert client.post(f"/console/poste/observation/{trial.pk}/agir/").status_code == 403
    sign_in(client, adele)
    page = f"/console/poste/observation/{trial.pk}/"
    assert client.post(f"{page}agir/").status_code == 409
    check(client.post(f"{page}criteres/", {"fewest": "1", "agreement": "x", "window": "300"}), 422)
    assert (
        client.post(f"{page}criteres/", {"fewest": "5", "agreement": "90", "window": "300"}).status_code
        == 302
    )
    for number, outcome in enumerate(["match"] * 9 + ["missed", "nothing", ""]):
        Proposal.objects.create(
            trial=trial,
            asset=light.asset,
            verb="dim",
            made="level=40",
            at=street.service,
            source=f"x{number}",
            outcome=outcome,
        )
    shown = client.get(page)
    check(shown)
    assert "Prêt" in shown.content.decode()
    assert client.post(f"{page}agir/").status_code == 302
    check(client.get(page))
    assert client.post(f"{page}observer/").status_code == 302
    assert client.post(f"{page}autre/").status_code == 404


def test_who_decided_is_told_and_erased(street, light):  # noqa: F811
    from ressort.services.controlroom.shadow import part

    person = User.objects.create(email="a@b.test", name="A", pid="p_a")
    Membership.objects.create(user=person, organisation=light.asset.organisation, role="administrator")
    Trial.objects.update(moved_by="p_a", moved=street.wall)
    assert part.export("p_a")["controlroom.Trial"]
    part.erase("p_a")
    assert not Trial.objects.filter(moved_by="p_a").exists()


def test_the_page_of_equipment_on_trial_says_so(client, yard, server):  # noqa: F811
    yard.by_http(server.url)
    sign_in(client, yard.oscar)
    page = f"/console/poste/equipements/{yard.asset().pid}/"
    shown = client.get(page)
    check(shown)
    assert "en observation" in shown.content.decode()
    assert client.post(f"{page}commandes/lower/", {"lower-reason": "Convoi"}).status_code == 302
    yard.turn()
    assert "rien n" in client.get(page).content.decode()
