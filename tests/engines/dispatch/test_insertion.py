"""The immediate answer, against brute force and by hand."""

import json
import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ressort.engines.dispatch import (
    Matrix,
    Objective,
    Plan,
    PlanArrays,
    Problem,
    Reason,
    Request,
    Tour,
    Vehicle,
    Visit,
    nearest,
    offers,
    record,
    replay,
    violations,
)
from ressort.engines.dispatch.plan import due
from ressort.engines.dispatch.schedule import schedule
from ressort.units import Window
from tests.engines.dispatch.oracle import least_times
from tests.engines.dispatch.towns import day, rider, rough, square, unneeded, van

seeds = st.integers(0, 2**32 - 1)


def travel(problem: Problem, tour: Tour) -> int:
    places = [tour.anchor.place, *(v.place(problem) for v in tour.visits), problem.fleet[tour.vehicle].end]
    return sum(int(problem.matrix.seconds[a, b]) for a, b in pairwise(places))


def brute_force(problem: Problem, plan: Plan, request: Request, now: int) -> float | None:
    """Least cost of a request over every vehicle and every pair of positions, by the oracle."""
    known = problem.with_requests(request)
    costs = []
    for tour in plan.tours.values():
        head = due(problem, tour, now)
        if least_times(problem, replace(tour, frozen=head), now) is None:
            continue
        for i in range(head, len(tour.visits) + 1):
            for j in range(i, len(tour.visits) + 1):
                visits = [*tour.visits[:i], Visit(request.id, pickup=True), *tour.visits[i:j]]
                visits += [Visit(request.id, pickup=False), *tour.visits[j:]]
                tried = replace(tour, visits=tuple(visits), frozen=head)
                if least_times(known, tried, now) is not None:
                    aside = 300 * unneeded(problem, tour.vehicle, request)
                    costs.append(travel(known, tried) - travel(known, tour) + aside)
    return min(costs, default=None)


def small(rng: random.Random) -> tuple[Problem, list[Request]]:
    matrix = rng.choice([rough(rng, 6, 200), square(rng, 6, 400), square(rng, 6, 400, holes=0.1)])
    spare = {"max_duration": rng.choice([None, 3000])}
    fleet = (van("a", (3, 1), start=1, **spare), van("b", (2, 0), end=2, shift=Window(500, 5000)))
    requests = [rider(rng, f"r{k}", matrix, horizon=1500) for k in range(9)]
    return Problem(matrix, fleet), sorted(requests, key=lambda request: request.revealed)


@given(seeds)
@settings(max_examples=25, deadline=None)
@example(3006857)  # a stop on the way shortens it: the bounds of a tour's times do not hold
@example(1581)
def test_the_best_offer_is_the_best_there_is(seed):
    problem, requests = small(random.Random(seed))
    plan, arrays = Plan.empty(problem.vehicles), PlanArrays()
    for request in requests:
        now = request.revealed
        answer = offers(problem, plan, [request], now, arrays=arrays)
        best = brute_force(problem, plan, request, now)
        assert (best is None) == (not answer.offers)
        if best is None:
            assert answer.refusal is not None
            continue
        offer = answer.offers[0]
        assert offer.cost == pytest.approx(best)
        assert sorted(o.cost for o in answer.offers) == [o.cost for o in answer.offers]
        problem = problem.with_requests(offer.promised())
        plan = plan.with_tours(offer.tour)
        assert violations(problem, replace(offer.tour, frozen=due(problem, offer.tour, now)), now) == ()


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_kept_arrays_change_nothing(seed):
    problem = day(seed, vans=3, riders=20)
    plan, arrays = Plan.empty(problem.vehicles), PlanArrays()
    known = replace_requests(problem)
    for request in sorted(problem.requests.values(), key=lambda r: r.revealed):
        answer = offers(known, plan, [request], request.revealed, arrays=arrays)
        assert answer == offers(known, plan, [request], request.revealed)
        if answer.offers:
            known, plan = (
                known.with_requests(answer.offers[0].promised()),
                plan.with_tours(answer.offers[0].tour),
            )


def test_kept_arrays_forget_riders_long_gone():
    problem, anne = town()
    arrays, plan = PlanArrays(), Plan.empty(problem.vehicles)
    for k in range(1200):
        request = replace(anne, id=f"r{k}")
        offer = offers(problem, plan, [request], 0, 1, arrays=arrays).offers[0]
        known = Problem(problem.matrix, problem.vehicles, {request.id: request})
        assert not offers(known, plan.with_tours(offer.tour), [anne], 5000, arrays=arrays).offers
    assert len(arrays.ground.ride) < 2500
    assert offers(problem, plan, [anne], 0, arrays=arrays) == offers(problem, plan, [anne], 0)


def replace_requests(problem: Problem) -> Problem:
    return Problem(problem.matrix, problem.vehicles)


def test_an_offer_describes_what_it_promises():
    problem, request = town()
    (offer, *_) = offers(problem, Plan.empty(problem.vehicles), [request], 0).offers
    assert (offer.pickup_at, offer.dropoff_at, offer.ride) == (1000, 1210, 200)
    assert offer.extra_seconds == offer.extra_metres == 600
    assert offer.schedule.start == (1000, 1210)
    assert offer.schedule.rides == {"anne": 200}
    promise = offer.promised(wait=120, late=300)
    assert promise.pickup_window == Window(1000, 1120)
    assert promise.dropoff_window == Window(0, 1510)
    kept = schedule(problem.with_requests(promise), offer.tour)
    assert kept is not None


def town(**fields) -> tuple[Problem, Request]:
    """Ten places on a line, 100 s apart, one van of 4 seats and a wheelchair place at the first of them."""
    table = [[100 * abs(a - b) for b in range(10)] for a in range(10)]
    problem = Problem(Matrix.from_rows(table, table), (van(),))
    usual = {
        "pickup_window": Window(1000, 1500), "dropoff_window": Window(0, 2500), "load": (1, 0), "max_ride": 500,
        "pickup_service": 10,
    }  # fmt: skip
    return problem, Request("anne", 1, 3, **{**usual, **fields})


def test_alternatives_compete_with_their_walk():
    problem, request = town()
    near, far = replace(request, penalty=150), replace(request, pickup=3, dropoff=5, penalty=0)
    answer = offers(problem, Plan.empty(problem.vehicles), [near, far], 0)
    assert [(o.request.pickup, o.cost) for o in answer.offers] == [(1, 750.0), (3, 1000.0)]
    assert len(offers(problem, Plan.empty(problem.vehicles), [near, far], 0, limit=1).offers) == 1


def fitted_and_plain(plain_at: int) -> tuple[Problem, Request]:
    """A fitted van where the rider is, three without room for a wheelchair some places away."""
    problem, anne = town()
    plain = [van(f"plain-{k}", (4, 0), start=plain_at, end=plain_at) for k in range(3)]
    return Problem(problem.matrix, (van("fitted", start=1, end=1), *plain)), anne


def test_a_fitted_van_is_left_to_those_who_need_it():
    problem, anne = fitted_and_plain(plain_at=2)
    assert problem.spared("fitted", anne) == 0.75
    assert problem.spared("plain-0", anne) == problem.spared("fitted", replace(anne, load=(0, 1))) == 0
    empty = Plan.empty(problem.vehicles)
    (offer, *_) = offers(problem, empty, [anne], 0).offers
    assert offer.vehicle == "plain-0"  # no farther: 400 s of road either way
    needs_it = replace(anne, load=(0, 1))
    assert offers(problem, empty, [needs_it], 0).offers[0].vehicle == "fitted"
    nobody_waits = offers(problem, empty, [anne], 0, objective=Objective(reserve=0)).offers[0]
    assert nobody_waits.vehicle == "fitted"


def test_what_is_rare_counts_once():
    problem, anne = fitted_and_plain(plain_at=2)
    vehicles = tuple(
        replace(one, capacity=(*one.capacity, int(one.id == "fitted"))) for one in problem.vehicles
    )
    with_boot = Problem(problem.matrix, vehicles)
    assert with_boot.spared("fitted", replace(anne, load=(1, 0, 0))) == 0.75
    assert with_boot.spared("fitted", replace(anne, load=(1, 1, 1))) == 0


def test_a_receipt_from_before_replays_as_it_was():
    problem, anne = fitted_and_plain(plain_at=2)
    empty = Plan.empty(problem.vehicles)
    kept = record(problem, empty, [anne], 0)
    assert replay(kept, problem.matrix) == offers(problem, empty, [anne], 0)
    del kept["reserve"]
    assert replay(kept, problem.matrix) == offers(problem, empty, [anne], 0, objective=Objective(reserve=0))


def test_a_fitted_van_serves_everyone_where_it_saves_enough():
    problem, anne = fitted_and_plain(plain_at=8)
    (offer, *_) = offers(problem, Plan.empty(problem.vehicles), [anne], 0).offers
    assert (offer.vehicle, offer.cost) == ("fitted", offer.extra_seconds + 225)


def test_offers_for_the_same_stops_differ_in_time():
    problem, request = town()
    fleet = (van("a"), van("b"), van("late", start=9, end=9, shift=Window(600, 9000)))
    problem = Problem(problem.matrix, fleet)
    answer = offers(problem, Plan.empty(fleet), [request], 0)
    assert [(o.vehicle, o.pickup_at) for o in answer.offers] == [("a", 1000), ("late", 1400)]


@pytest.mark.parametrize(
    ("fields", "now", "reason", "amount"),
    [
        ({"max_ride": 150}, 0, Reason.RIDE_TIME, 50),
        ({"load": (5, 0)}, 0, Reason.CAPACITY, 1),
        ({"load": (1, 3)}, 0, Reason.CAPACITY, 2),
        ({"dropoff_window": Window(0, 1100)}, 0, Reason.TIME_WINDOWS, 110),
        ({"dropoff_window": Window(2200, 2500)}, 0, Reason.TIME_WINDOWS, 190),
        ({}, 1600, Reason.TOO_LATE, 100),
        (
            {"pickup_window": Window(30_000, 30_100), "dropoff_window": Window(0, 31_000)},
            0,
            Reason.OUT_OF_SHIFT,
            None,
        ),
        ({}, 1450, Reason.NO_VEHICLE_FREE, None),
    ],
)
def test_a_refusal_names_what_binds(fields, now, reason, amount):
    problem, request = town(**fields)
    answer = offers(problem, Plan.empty(problem.vehicles), [request], now)
    assert answer.offers == ()
    assert answer.refusal is not None
    assert (answer.refusal.reason, answer.refusal.amount) == (reason, amount)


def test_full_vehicles_and_busy_vehicles_are_told_apart():
    problem, anne = town(load=(3, 0))
    plan = Plan.empty(problem.vehicles)
    first = offers(problem, plan, [anne], 0).offers[0]
    problem, plan = problem.with_requests(first.promised(wait=60, late=60)), plan.with_tours(first.tour)
    bob = replace(anne, id="bob", load=(2, 0), pickup_window=Window(1000, 1050))
    full = offers(problem, plan, [bob], 0)
    assert full.refusal is not None
    assert full.refusal.reason == Reason.CAPACITY
    away = replace(anne, id="carl", load=(1, 0), pickup=9, dropoff=7, pickup_window=Window(1000, 1050))
    busy = offers(problem, plan, [away], 0)
    assert busy.refusal is not None
    assert busy.refusal.reason == Reason.NO_VEHICLE_FREE
    assert offers(Problem(problem.matrix, ()), Plan({}), [bob], 0).refusal.reason == Reason.NO_VEHICLE


def test_unreachable_stops_are_refused_as_such():
    table = [[0, 10, 10**9], [10, 0, 10**9], [10, 10, 0]]
    problem = Problem(Matrix.from_rows(table, table), (van(),))
    _, request = town()
    for up, off in ((1, 2), (2, 1)):
        answer = offers(problem, Plan.empty(problem.vehicles), [replace(request, pickup=up, dropoff=off)], 0)
        assert answer.refusal is not None
        assert answer.refusal.reason == Reason.UNREACHABLE


def test_the_nearest_times_that_work_are_found_on_both_sides():
    problem, anne = town()
    plan = Plan.empty(problem.vehicles)
    first = offers(problem, plan, [anne], 0).offers[0]
    problem, plan = problem.with_requests(first.promised(wait=0, late=0)), plan.with_tours(first.tour)
    away = replace(anne, id="carl", pickup=9, dropoff=7, pickup_window=Window(1000, 1050))
    assert offers(problem, plan, [away], 0).refusal is not None
    # the van reaches place 9 at 900 at the soonest and must be back at place 1 at 1000: only later works
    (later,) = nearest(problem, plan, [away], 0, step=300, reach=3600)
    assert later.request.pickup_window == Window(1900, 1950)
    assert later.pickup_at >= 1210 + 600
    shorter = Problem(problem.matrix, (van(shift=Window(0, 2500)),), problem.requests)
    assert nearest(shorter, plan, [away], 0, step=300, reach=3600) == ()


def test_nearest_looks_earlier_but_never_before_now():
    problem, request = town(pickup_window=Window(19_900, 19_950), dropoff_window=Window(0, 25_000))
    plan = Plan.empty(problem.vehicles)
    assert offers(problem, plan, [request], 0).refusal.reason == Reason.OUT_OF_SHIFT
    (earlier,) = nearest(problem, plan, [request], 0)
    assert earlier.request.pickup_window.earliest == 19_300
    assert nearest(problem, plan, [request], 19_700) == ()


def test_a_decision_is_replayed_from_its_receipt():
    problem = day(3)
    plan, requests = Plan.empty(problem.vehicles), list(problem.requests.values())
    for request in requests[:-1]:
        for offer in offers(problem, plan, [request], 0, 1).offers:
            problem, plan = problem.with_requests(offer.promised()), plan.with_tours(offer.tour)
    answer = offers(problem, plan, [requests[-1]], 500)
    whole = json.loads(json.dumps(record(problem, plan, [requests[-1]], 500, matrix=True)))
    assert replay(whole) == answer
    light = json.loads(json.dumps(record(problem, plan, [requests[-1]], 500)))
    assert replay(light, problem.matrix) == answer
    with pytest.raises(ValueError, match="not the one used"):
        replay(light, square(random.Random(1), 15))


def test_tours_that_cannot_be_driven_are_left_aside():
    problem, anne = town()
    late = Tour(
        "van",
        Plan.empty(problem.vehicles).tours["van"].anchor,
        (Visit("x", True, 5000), Visit("x", False, 6000)),
    )
    broken = replace(anne, id="x", pickup_window=Window(0, 10))
    spare = Vehicle("spare", 0, 0, Window(0, 20_000), (4, 1))
    problem = Problem(problem.matrix, (van(), spare), {"x": broken})
    plan = Plan({"van": late, "spare": Tour.idle(spare)})
    assert [offer.vehicle for offer in offers(problem, plan, [anne], 0).offers] == ["spare"]
