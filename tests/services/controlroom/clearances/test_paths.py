"""Every way to a command asks the same question: under a clearance one may, after it nobody may, a limit holds everywhere."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.errors import Forbidden, Refused
from ressort.core.journal.models import Event
from ressort.services.controlroom.clearances import actions
from ressort.services.controlroom.clearances.deciding import Rights
from ressort.services.controlroom.corridors import opening, planning, queries
from ressort.services.controlroom.corridors.models import Corridor, CorridorItem
from ressort.services.controlroom.equipment import asking, holding, linking
from ressort.services.controlroom.equipment.models import Asset, Command
from ressort.services.controlroom.shadow import deciding as shadow
from tests import worlds
from tests.services.controlroom.clearances.conftest import HOME, Lending, fresh
from tests.services.controlroom.corridors.conftest import Way
from tests.services.controlroom.equipment.test_commands import ask
from tests.services.controlroom.equipment.test_pages import sign_in

pytestmark = pytest.mark.django_db
State = Command.State


def asked(lending, user, code="borne-1", verb="lower", **more):
    street = lending.street
    return asking.ask(user, street.asset(code).pid, verb, reason="Livraison", now=street.wall, **more)


def payload(kind, command):
    found = Event.objects.filter(kind=f"controlroom.{kind}", subject=command.pid).latest("seq")
    return json.loads(found.payload)


def observer(lending, organisation):
    user = User.objects.create_user("solene@valmont.test", name="Solène", pid="p_solene")
    Membership.objects.create(user=user, organisation=organisation, role="observer")
    return user


def test_a_partner_asks_another_of_theirs_approves_and_the_journal_says_by_which_clearance(lending):
    lent = lending.lend("bollard")
    command = asked(lending, lending.paula, verb="raise")
    assert (command.state, command.under) == (State.DRAFTED, lent)
    assert payload("command.asked", command)["under"] == lent.pid
    asking.approve(lending.pedro, command.pid, now=lending.street.wall)
    assert payload("command.approved", command)["under"] == lent.pid
    lending.street.later(9)
    assert lending.street.now(command).state == State.CONFIRMED
    refused = asked(lending, lending.paula, verb="raise")
    asking.decline(lending.pedro, refused.pid, now=lending.street.wall)
    assert payload("command.refused", refused)["under"] == lent.pid
    cancelled = asked(lending, lending.paula, verb="raise")
    asking.cancel(lending.paula, cancelled.pid, now=lending.street.wall)
    assert payload("command.cancelled", cancelled)["under"] == lent.pid


def test_ones_own_equipment_is_under_no_clearance(lending):
    lending.lend()
    command = asked(lending, lending.street.oscar)
    assert command.under is None
    assert "under" not in payload("command.asked", command)


def test_after_the_last_day_every_way_is_shut(lending):
    lent = lending.lend("bollard")
    waits = asked(lending, lending.paula, verb="raise")
    lending.end(lent)
    at = lending.street.wall
    for deed in (
        lambda: asked(lending, lending.paula),
        lambda: asking.approve(lending.pedro, waits.pid, now=at),
        lambda: asking.decline(lending.pedro, waits.pid, now=at),
        lambda: asking.cancel(lending.paula, waits.pid, now=at),
        lambda: holding.renew(lending.paula, waits.pid, now=at),
        lambda: holding.release(lending.paula, waits.pid, now=at),
    ):
        with pytest.raises(Forbidden, match="s'arrêtait le") as refused:
            deed()
        assert refused.value.code == "clearance-over"
    with pytest.raises(Refused, match="demandez-la vous-même"):
        asking.approve(lending.street.odile, waits.pid, now=at)
    assert lending.street.now(waits).state == State.DRAFTED


def test_what_has_not_left_when_a_clearance_ends_does_not_leave(lending):
    lent = lending.lend("bollard")
    command = asked(lending, lending.paula)
    assert command.state == State.CHECKED
    lending.end(lent)
    lending.street.later(1)
    assert (lending.street.now(command).state, command.why) == (State.REFUSED, "clearance-over")


def test_what_has_left_goes_on_to_its_end(lending):
    lent = lending.lend("bollard")
    command = asked(lending, lending.paula)
    lending.street.later(1)
    assert lending.street.now(command).state in {State.SENT, State.ACCEPTED}
    actions.withdraw(lending.adele, lent.pid)
    lending.street.later(8)
    assert lending.street.now(command).state == State.CONFIRMED


@pytest.mark.parametrize("how", ["end", "withdraw"])
def test_a_hold_is_let_go_by_itself_when_its_clearance_ends(lending, how):
    lent = lending.lend("bollard")
    command = asked(lending, lending.paula, hold=True)
    lending.street.later(8)
    holding.renew(lending.paula, command.pid, now=lending.street.wall)
    assert lending.street.now(command).held
    if how == "end":
        lending.end(lent)
    else:
        actions.withdraw(lending.adele, lent.pid)
    lending.street.later(1)
    assert not lending.street.now(command).held
    assert payload("hold.released", command)["why"] == "clearance-over"
    with pytest.raises(Forbidden):
        holding.renew(lending.paula, command.pid, now=lending.street.wall)
    lending.street.later(8)
    assert Command.objects.filter(undoes=command, state=State.CONFIRMED).exists()


def test_a_hold_of_somebody_limited_meanwhile_lapses(lending):
    command = asked(lending, lending.street.oscar, hold=True)
    lending.street.later(8)
    assert lending.street.now(command).held
    actions.limit(lending.adele, HOME, "p_oscar", ["street_light"], "Formation")
    with pytest.raises(Forbidden, match="limitée à ceci"):
        holding.renew(lending.street.oscar, command.pid, now=lending.street.wall)
    lending.street.later(31)
    assert not lending.street.now(command).held
    assert payload("hold.released", command)["why"] == "lease"


def test_the_step_of_a_playbook_leads_to_a_page_that_says_the_same(lending, client):
    address = linking.link("borne-1", "abaisser", reason="INC-2026-0001", back="/console/incidents/")
    sign_in(client, lending.paula)
    assert "ne vous en a pas confié la commande" in client.get(address).content.decode()
    lending.lend("bollard")
    page = client.get(address).content.decode()
    assert "ordre-lower" in page
    assert "INC-2026-0001" in page


def test_a_hold_of_ones_own_is_not_touched_by_what_is_lent(lending):
    lent = lending.lend("bollard")
    command = asked(lending, lending.street.oscar, hold=True)
    lending.street.later(8)
    lending.end(lent)
    lending.street.later(1)
    assert lending.street.now(command).held


def test_a_limit_forbids_on_every_way(lending):
    street = lending.street
    waits = ask(street, "borne-1", "raise")
    actions.limit(lending.adele, HOME, "p_odile", ["street_light"], "Formation")
    assert asked(lending, street.odile, "lampe-1", "dim", params={"level": 20})
    for deed in (
        lambda: asked(lending, street.odile),
        lambda: asking.approve(street.odile, waits.pid, now=street.wall),
        lambda: asking.cancel(street.odile, waits.pid, now=street.wall),
        lambda: shadow.write_reflex(street.odile, reflex()),
    ):
        with pytest.raises(Forbidden, match="limitée à ceci : Point lumineux") as refused:
            deed()
        assert refused.value.code == "limited"


def reflex():
    from ressort.core.clock import wall_now
    from ressort.services.controlroom.alarms.models import Rule

    rule = Rule.objects.create(name="Rue vide", lines="flow < 5", devices="comptage-1", changed=wall_now())
    return {"name": "R", "rule": rule.pk, "asset": "borne-1", "verb": "lower", "value": None, "active": True}


def test_an_observer_and_a_partner_without_clearance_never_may(lending):
    solene, street = observer(lending, lending.home), lending.street
    waits = ask(street, "borne-1", "raise")
    lending.lend("street_light")
    for user in (solene, lending.paula):
        for deed in (
            lambda user=user: asked(lending, user),
            lambda user=user: asking.approve(user, waits.pid, now=street.wall),
            lambda user=user: asking.decline(user, waits.pid, now=street.wall),
            lambda user=user: asking.cancel(user, waits.pid, now=street.wall),
            lambda user=user: holding.renew(user, waits.pid, now=street.wall),
            lambda user=user: holding.release(user, waits.pid, now=street.wall),
        ):
            with pytest.raises(Forbidden):
                deed()
    for deed in (
        lambda: opening.open_corridor(solene, "k_nothing"),
        lambda: asking.declare_emergency(solene, "x"),
        lambda: actions.grant(solene, HOME, "o_voisine", [], None, "x"),
    ):
        with pytest.raises(Forbidden):
            deed()
    with pytest.raises(Forbidden):
        shadow.write_reflex(lending.paula, reflex())


def test_programs_are_answered_alike(lending, client):
    sign_in(client, lending.paula)
    post = lending.street.asset("borne-1")

    def post_it():
        return client.post(
            f"/api/v1/controlroom/equipment/{post.pid}/commands",
            json.dumps({"verb": "lower", "reason": "Livraison"}),
            content_type="application/json",
        )

    shut = post_it()
    assert (shut.status_code, shut.json()["code"]) == (403, "forbidden")
    lent = lending.lend("bollard")
    assert post_it().status_code == 200
    lending.end(lent)
    late = post_it()
    assert (late.status_code, late.json()["code"]) == (403, "clearance-over")
    assert "s'arrêtait le" in late.json()["title"]


# ------------------------------------------------------------------ corridors


@pytest.fixture
def along(db, still_clock):
    way = Way()
    lending = Lending.__new__(Lending)
    lending.street = way
    lending.adele, lending.home = worlds.person("adele"), Organisation.objects.get(pid=HOME)
    lending.next = Organisation.objects.create(pid="o_voisine", name="Métropole voisine")
    lending.paula, lending.pedro = lending.operator("paula"), lending.operator("pedro")
    return lending


def plan(along, user):
    way = along.street
    draft = planning.Draft(way.end(0, 0), way.end(7, 0), "Feu d'appartement", lead=90)
    return planning.plan(user, draft, now=way.wall)


def chosen(corridor):
    return set(corridor.items.filter(chosen=True).values_list("asset__kind", flat=True))


def test_a_partners_corridor_opens_what_is_lent_and_leaves_the_rest_aside(along):
    assert chosen(plan(along, along.paula)) == set()
    lent = along.lend("signal_junction")
    found = plan(along, along.paula)
    assert chosen(found) == {"signal_junction"}
    rows = queries.shown(found, along.street.wall, along.paula)
    assert {one.item.asset.kind for one in rows if one.openable} == {"signal_junction"}
    assert all("Carrefour à feux" in one.barred for one in rows if not one.openable)
    assert {one.under for one in rows if one.openable} == {lent}
    opening.open_corridor(along.paula, found.pid, dict.fromkeys(range(1, 9)), now=along.street.wall)
    assert chosen(found) == {"signal_junction"}
    opening.approve(along.pedro, found.pid, now=along.street.wall)
    along.street.later(3)
    commands = Command.objects.filter(within=found.pid)
    assert {one.under for one in commands} == {lent}
    assert {one.approver for one in commands} == {"p_pedro"}


def test_a_corridor_planned_before_a_clearance_ends_does_not_open_after(along):
    lent = along.lend()
    found = plan(along, along.paula)
    along.end(lent)
    with pytest.raises(Refused, match="Rien ne s'ouvrirait"):
        opening.open_corridor(along.paula, found.pid, now=along.street.wall)


def test_what_a_corridor_holds_is_let_go_when_the_clearance_ends(along):
    way, lent = along.street, along.lend("bollard")
    found = plan(along, along.paula)
    opening.open_corridor(along.paula, found.pid, now=way.wall)
    for _ in range(12):
        way.later(1)
        opening.renew(along.paula, found.pid, now=way.wall)
    held = Command.objects.filter(within=found.pid, held=True)
    assert held.exists()
    along.end(lent)
    way.later(2)
    assert not held.exists()


def test_a_limited_person_plans_what_they_may(along):
    actions.limit(along.adele, HOME, "p_oscar", ["bollard"], "x")
    assert chosen(plan(along, along.street.oscar)) == {"bollard"}


# ------------------------------------------------------------------ queries


def test_twenty_junctions_cost_one_query_for_clearances(along):
    along.lend()
    corridor = Corridor.objects.create(
        line=[], seconds=60, metres=600, lead=30, margin=20, delay=0, reason="x", actor="p_paula",
        planned=along.street.wall, origin="a", destination="b",
    )  # fmt: skip
    for number in range(1, 21):
        made = Asset.objects.create(
            code=f"feux-{number}x", kind="signal_junction", name=f"feux {number}", lon=5, lat=47,
            organisation=along.home, driver="simulated", capabilities=["priority"],
        )  # fmt: skip
        CorridorItem.objects.create(
            corridor=corridor, asset=made, number=number, verb="priority", params={"approach": 1}, metres=number,
            seconds=number, aside=0, heading=0, chosen=True,
        )  # fmt: skip
    user = fresh(along.paula)
    with CaptureQueriesContext(connection) as captured:
        rows = queries.shown(corridor, along.street.wall, user)
    assert len(rows) == 20
    assert all(one.openable for one in rows)
    assert len([one for one in captured if 'FROM "controlroom_clearance"' in one["sql"]]) == 1
    assert len([one for one in captured if "restriction" in one["sql"]]) == 1
    assert len([one for one in captured if "witness" in one["sql"]]) == 1
    assert len(captured) == 5


@pytest.mark.parametrize(("who", "clearances", "limits"), [("oscar", 0, 1), ("paula", 1, 1), ("adele", 0, 1)])
def test_the_page_of_equipment_costs_at_most_two_more(lending, client, who, clearances, limits):
    lending.lend()
    sign_in(client, {"oscar": lending.street.oscar, "paula": lending.paula, "adele": lending.adele}[who])
    post = lending.street.asset("borne-1")
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/console/poste/equipements/{post.pid}/").status_code == 200
    sql = [one["sql"] for one in captured]
    assert sum('FROM "controlroom_clearance"' in one for one in sql) == clearances
    assert sum('FROM "controlroom_restriction"' in one for one in sql) == limits


def test_rights_ask_nothing_for_who_commands_nothing(lending, django_assert_num_queries):
    user = fresh(worlds.person("rosa"))
    with django_assert_num_queries(1):
        assert not Rights(user).command(Asset(kind="bollard", organisation_id=lending.home.pk))
