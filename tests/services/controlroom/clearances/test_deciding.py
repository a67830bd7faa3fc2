"""Who may command what, against a naive reading of the rules; what is lent and limited, and how it is refused."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.clock import wall_now
from ressort.core.errors import Forbidden, Refused, Unknown
from ressort.core.journal.models import Event
from ressort.services.controlroom.clearances import actions, deciding, queries
from ressort.services.controlroom.clearances.models import Clearance, Restriction
from tests import worlds
from tests.services.controlroom.clearances.conftest import HOME, NEXT, fresh

pytestmark = pytest.mark.django_db
ROLES = ("", "observer", "agent", "operator", "administrator")
WHERE = ("home", "next", "away")
LENT = (None, (), ("bollard",), ("street_light",))
STATES = ("holds", "ended", "withdrawn")
LIMITS = (None, ("bollard",), ("street_light",))


def told(kind):
    return Event.objects.filter(kind=f"controlroom.clearance.{kind}").count()


def naive(role, where, lent, state, limit):
    """Say whether a bollard of home may be commanded, in the plainest words."""
    if role != "operator":
        return False
    if limit is not None and "bollard" not in limit:
        return False
    if where == "home":
        return True
    return where == "next" and lent is not None and state == "holds" and (not lent or "bollard" in lent)


def test_every_case_is_decided_as_a_naive_reading_does(lending):
    post = lending.street.asset("borne-1")
    away = Organisation.objects.create(pid="o_loin", name="Au loin")
    homes = {"home": lending.home, "next": lending.next, "away": away}
    now, day = wall_now(), timedelta(days=1)
    user = User.objects.create_user("zoe@voisine.test", name="Zoé", pid="p_zoe")
    cases = list(itertools.product(ROLES, WHERE, LENT, STATES, LIMITS))
    for role, where, lent, state, limit in cases:
        Membership.objects.filter(user=user).delete()
        Restriction.objects.all().delete()
        Clearance.objects.all().delete()
        if role:
            Membership.objects.create(user=user, organisation=homes[where], role=role)
        if lent is not None:
            Clearance.objects.create(
                owner=lending.home, partner=lending.next, kinds=list(lent), reason="x", since=now - 2 * day,
                until=now + (-day if state == "ended" else day), withdrawn=now if state == "withdrawn" else None,
            )  # fmt: skip
        if limit is not None:
            Restriction.objects.create(user=user, organisation=homes[where], kinds=list(limit), since=now)
        verdict = deciding.may_command(fresh(user), post)
        case = (role, where, lent, state, limit)
        assert verdict.ok == naive(*case), case
        assert bool(verdict.why) != verdict.ok, case
        assert (verdict.under is not None) == (verdict.ok and where == "next"), case
        assert deciding.may_command(fresh(user), post, deciding.APPROVE).ok == verdict.ok, case


def test_the_sentence_says_why_not_and_what_is_lent(lending):
    street, paula = lending.street, lending.paula
    post, lamp = street.asset("borne-1"), street.asset("lampe-1")
    none = deciding.may_command(paula, post)
    assert (none.code, none.why) == (
        "forbidden",
        "Cet équipement appartient à Valmont Mobilités, qui ne vous en a pas confié la commande.",
    )
    lent = lending.lend("bollard", days=3)
    assert deciding.may_command(paula, post).under == lent
    other = deciding.may_command(paula, lamp)
    assert (other.code, other.why) == (
        "clearance-class",
        "Valmont Mobilités ne vous a confié que ceci : Borne.",
    )
    lending.end(lent)
    late = deciding.may_command(paula, post)
    assert late.code == "clearance-over"
    assert late.why.startswith("Votre habilitation de Valmont Mobilités s'arrêtait le ")
    again = lending.lend("bollard")
    actions.withdraw(lending.adele, again.pid)
    taken = deciding.may_command(paula, post)
    assert (taken.code, "a retiré votre habilitation le" in taken.why) == ("clearance-over", True)
    actions.limit(lending.adele, HOME, "p_oscar", ["street_light"], "Astreinte éclairage")
    oscar = deciding.may_command(street.oscar, post)
    assert (oscar.code, oscar.why) == ("limited", "Votre habilitation est limitée à ceci : Point lumineux.")
    assert deciding.may_command(street.oscar, lamp).ok


def test_the_last_day_is_lent_to_its_end(lending):
    lent = lending.lend(days=0)
    assert deciding.may_command(lending.paula, lending.street.asset("borne-1")).ok
    last = lent.until - timedelta(seconds=1)
    assert deciding.may_command(lending.paula, lending.street.asset("borne-1"), now=last).ok
    assert not deciding.may_command(lending.paula, lending.street.asset("borne-1"), now=lent.until).ok
    assert str(localdate(wall_now()).year) in lent.last_day


def test_a_partner_limits_its_own_people_on_what_it_is_lent(lending):
    chief = User.objects.create_user("chef@voisine.test", name="Chef", pid="p_chef")
    Membership.objects.create(user=chief, organisation=lending.next, role="administrator")
    lending.lend()
    actions.limit(chief, NEXT, "p_paula", ["street_light"], "Formation")
    street = lending.street
    assert deciding.may_command(lending.paula, street.asset("lampe-1")).ok
    assert deciding.may_command(lending.paula, street.asset("borne-1")).code == "limited"
    assert deciding.may_command(lending.pedro, street.asset("borne-1")).ok


def test_each_action_records_one_event_with_ids_and_classes_only(lending):
    lent = lending.lend("bollard", "siren")
    actions.withdraw(lending.adele, lent.pid)
    actions.restore(lending.adele, lent.pid)
    limit = actions.limit(lending.adele, HOME, "p_oscar", ["street_light"], "Formation")
    actions.limit(lending.adele, HOME, "p_oscar", ["street_light", "bollard"], "Formation")
    actions.free(lending.adele, limit.pk)
    kinds = [
        kind for kind in Event.objects.order_by("seq").values_list("kind", flat=True) if "clearance" in kind
    ]
    assert [one.rpartition(".")[2] for one in kinds] == [
        "granted", "withdrawn", "restored", "limited", "limited", "freed",
    ]  # fmt: skip
    payloads = "".join(Event.objects.values_list("payload", flat=True))
    assert "Marché" not in payloads
    assert "Formation" not in payloads
    assert Event.objects.get(kind="controlroom.clearance.granted").actor == "p_adele"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"owner": "o_nothing"}, "owner"),
        ({"partner": "o_nothing"}, "partner"),
        ({"partner": HOME}, "partner"),
        ({"kinds": ["licorne"]}, "kinds"),
        ({"kinds": ["air_sensor"]}, "kinds"),
        ({"days": -1}, "until"),
        ({"days": 366}, "until"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
    ],
)
def test_what_is_lent_is_checked(lending, wrong, field):
    given = {"owner": HOME, "partner": NEXT, "kinds": ["bollard"], "days": 10, "reason": "Marché"} | wrong
    until = localdate(wall_now()) + timedelta(days=given["days"])
    with pytest.raises(Refused) as refused:
        actions.grant(lending.adele, given["owner"], given["partner"], given["kinds"], until, given["reason"])
    assert refused.value.field == field
    assert not Clearance.objects.exists()


def test_the_same_is_not_lent_twice_nor_taken_back_twice(lending):
    lent = lending.lend("bollard")
    with pytest.raises(Refused, match="déjà confié"):
        lending.lend("bollard")
    lending.lend("bollard", "siren")
    actions.withdraw(lending.adele, lent.pid)
    with pytest.raises(Refused, match="ne court plus"):
        actions.withdraw(lending.adele, lent.pid)
    lending.end(lent)
    with pytest.raises(Refused, match="confiez-en une autre"):
        actions.restore(lending.adele, lent.pid)
    with pytest.raises(Unknown):
        actions.withdraw(lending.adele, "h_nothing")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"person": "p_diane"}, "person"),
        ({"person": "p_paula"}, "person"),
        ({"organisation": "o_nothing"}, "organisation"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["licorne"]}, "kinds"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_limit_is_checked(lending, wrong, field):
    given = {"organisation": HOME, "person": "p_oscar", "kinds": ["bollard"], "reason": "x"} | wrong
    with pytest.raises(Refused) as refused:
        actions.limit(lending.adele, given["organisation"], given["person"], given["kinds"], given["reason"])
    assert refused.value.field == field
    assert not Restriction.objects.exists()


def test_only_an_administrator_of_the_owner_lends_and_limits(lending):
    lent = lending.lend()
    limit = actions.limit(lending.adele, HOME, "p_oscar", ["bollard"], "x")
    chief = User.objects.create_user("chef@voisine.test", name="Chef", pid="p_chef")
    Membership.objects.create(user=chief, organisation=lending.next, role="administrator")
    until = localdate(wall_now())
    for user in (lending.street.oscar, lending.paula, worlds.person("diane"), chief):
        for deed in (
            lambda user=user: actions.grant(user, HOME, NEXT, [], until, "x"),
            lambda user=user: actions.withdraw(user, lent.pid),
            lambda user=user: actions.limit(user, HOME, "p_odile", ["bollard"], "x"),
            lambda user=user: actions.free(user, limit.pk),
        ):
            with pytest.raises(Forbidden):
                deed()
    assert told("granted") == 1
    assert told("limited") == 1


def test_a_limited_person_maintains_their_classes_only(lending):
    from ressort.services.controlroom.equipment import registering
    from ressort.services.controlroom.orders import sources

    actions.limit(lending.adele, HOME, "p_oscar", ["street_light"], "x")
    street = lending.street
    registering.upkeep(street.oscar, street.asset("lampe-1").pid, "maintenance")
    assert sources.find(street.oscar, f"asset:{street.asset('lampe-1').pid}").asset
    for deed in (registering.upkeep, lambda user, pid, _state: sources.find(user, f"asset:{pid}")):
        with pytest.raises(Forbidden, match="Point lumineux"):
            deed(street.oscar, street.asset("borne-1").pid, "maintenance")
    lending.lend()
    with pytest.raises(Forbidden):
        registering.upkeep(lending.paula, street.asset("lampe-1").pid, "out")


def test_what_is_kept_of_a_person_is_told_and_erased(lending):
    lending.lend()
    actions.limit(lending.adele, HOME, "p_oscar", ["bollard"], "Formation")
    assert queries.export("p_oscar")["controlroom.Restriction"][0]["Motif"] == "Formation"
    assert queries.export("p_adele")["controlroom.Clearance"][0]["Motif"] == "Marché du samedi"
    queries.erase("p_oscar")
    assert not Restriction.objects.exists()
    queries.erase("p_adele")
    kept = Clearance.objects.get()
    assert (kept.by, kept.reason) == ("", "")
