"""Where nothing fits, others are asked to move inside their promises: from the demand to the tours."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.fleet import planning
from ressort.core.fleet.models import Promise, Visit
from ressort.core.journal import receipts
from ressort.core.journal.models import Event
from ressort.engines.dispatch.schedule import violations
from ressort.services.transport import algorithms
from ressort.services.transport.actions import asking, booking
from ressort.services.transport.models import Demand, Offering
from tests import worlds
from tests.services.transport.test_booking import NOBODY, spot, wish

pytestmark = pytest.mark.django_db
ROSA = booking.Rider("Rosa Martin", "06 12 34 56 78")
CORNERS = [(0, 0), (7, 7), (0, 7), (7, 0), (3, 4)]


@pytest.fixture
def asked(still_clock) -> Iterator[Demand]:
    """Return demands of a busy hour for two vans, each accepted if it is offered something."""
    offering = Offering.objects.get()
    offering.vehicles.remove(offering.vehicles.get(name="Van 1"))

    def busy() -> Iterator[Demand]:
        chance = random.Random(5)
        for _ in range(60):
            start, end = chance.sample(CORNERS, 2)
            at = worlds.TUESDAY + timedelta(minutes=chance.randint(40, 80))
            yield asking.ask(NOBODY, wish(origin=spot(*start), destination=spot(*end), at=at))

    return busy()


def until_squeezed(asked: Iterator[Demand]) -> Demand:
    """Accept what fits; return the first demand for which others have to move."""
    for demand in asked:
        if demand.offers and demand.offers[0]["squeezed"]:
            return demand
        if demand.offers:
            booking.accept(NOBODY, demand.pid, 0, ROSA)
    raise AssertionError("everything fits, or nothing does")


def terms() -> dict[str, tuple]:
    names = ("pickup_from", "pickup_until", "dropoff_from", "dropoff_until", "ride_max")
    return {pid: kept for pid, *kept in Promise.objects.values_list("pid", *names)}


def test_room_is_made_inside_the_promises_of_others(asked):
    demand = until_squeezed(asked)
    before, times = terms(), dict(Visit.objects.values_list("pk", "planned"))
    known = Event.objects.count()
    made = booking.accept(NOBODY, demand.pid, 0, ROSA)
    after = terms()
    assert {pid: after[pid] for pid in before} == before, "nobody's promise changes"
    assert any(visit.planned != times[visit.pk] for visit in Visit.objects.filter(pk__in=times)), (
        "others moved"
    )
    kinds = list(Event.objects.order_by("seq")[known:].values_list("kind", flat=True))
    assert kinds == ["transport.booking.accepted"]
    board = planning.read(clock.service_now(), span=(worlds.TUESDAY, worlds.TUESDAY + timedelta(hours=6)))
    assert made.promise.pid in board.plan.owners()
    for tour in board.plan.tours.values():
        assert violations(board.problem, tour, board.now) == ()
    for promise in Promise.objects.all():
        ways = list(promise.visits.order_by("-is_pickup").values_list("tour", "is_pickup"))
        assert ways == [(promise.tour_id, True), (promise.tour_id, False)]


def test_its_receipt_says_so_and_replays(asked):
    demand = until_squeezed(asked)
    kept = receipts.find(demand.receipt)
    assert "en réorganisant d'autres passages" in json.loads(kept.words)["decision"]
    assert receipts.replay(demand.receipt).same
    told = algorithms.tell_offer(receipts.inputs(kept), json.loads(kept.answer))
    assert any("ont alors été replacés" in str(one) for one in told.operations)
    (offer,) = [one for one in told.parameters if str(one.name).startswith("Proposition 1")]
    assert "de marche et d'attente" in offer.value


def test_a_place_taken_meanwhile_is_found_elsewhere_or_refused_with_a_word(asked):
    late = until_squeezed(asked)
    outcomes = []
    for demand in asked:  # the plan fills up while somebody hesitates
        if demand.offers:
            booking.accept(NOBODY, demand.pid, 0, ROSA)
    try:
        outcomes.append(booking.accept(NOBODY, late.pid, 0, ROSA).state)
    except booking.Refused as refused:
        outcomes.append(refused.code)
    assert outcomes[0] in {"accepted", "offer-gone"}
    board = planning.read(clock.service_now(), span=(worlds.TUESDAY, worlds.TUESDAY + timedelta(hours=6)))
    assert all(violations(board.problem, tour, board.now) == () for tour in board.plan.tours.values())


def test_without_effort_nobody_moves(asked, monkeypatch):
    monkeypatch.setattr(asking, "EFFORT", asking.Effort(moves=0))
    found = [demand for demand in asked if not demand.offers or demand.offers[0]["squeezed"]]
    assert all(demand.answer == Demand.Answer.REFUSED for demand in found)
