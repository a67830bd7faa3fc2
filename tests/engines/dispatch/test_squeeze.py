"""Making room: nobody's promise changes, every tour can be driven, the same answer for the same seed."""

import json
import random
from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from ressort.engines.dispatch import Plan, Problem, Request, offers, violations
from ressort.engines.dispatch.plan import exchanges
from ressort.engines.dispatch.schedule import schedule
from ressort.engines.dispatch.squeeze import Effort, answer, narrowed, record, replay, room
from ressort.units import Window
from tests.engines.dispatch.test_improve import accepted
from tests.engines.dispatch.towns import day, rider, square, van

SEEDS = range(12)


def crowded(seed: int) -> tuple[Problem, Plan, Request] | None:
    """A day when many travel, and somebody for whom there is no place as it stands; None where there is one."""
    rng = random.Random(seed)
    matrix = square(rng, 15)
    requests = [rider(rng, f"r{k}", matrix, horizon=6000) for k in range(40)]
    fleet = tuple(van(f"van-{k}") for k in range(6))
    problem, plan = accepted(Problem(matrix, fleet, {one.id: one for one in requests}))
    late = rider(rng, "late", matrix, horizon=6000)
    return None if offers(problem, plan, [late], 0, 1).offers else (problem, plan, late)


@cache
def with_room() -> tuple[Problem, Plan, Request]:
    """The first such day on which room can be made."""
    days = (found for seed in SEEDS if (found := crowded(seed)))
    return next(found for found in days if room(*found[:2], [found[2]], 0))


@given(st.integers(0, 400))
@settings(max_examples=12, deadline=None)
def test_everyone_keeps_their_promise(seed):
    if (found := crowded(seed)) is None:
        return
    problem, plan, late = found
    made = room(problem, plan, [late], 0)
    assert made == room(problem, plan, [late], 0)
    if made is None:
        return
    assert made.squeezed
    assert made.vehicle not in {tour.vehicle for tour in made.others}
    after = plan.with_tours(made.tour, *made.others)
    known = problem.with_requests(late)
    assert set(after.owners()) == {*plan.owners(), "late"}
    assert [made.vehicle in group for group in exchanges(plan, after)] == [True], "nobody moves for nothing"
    travel = 0
    for key, tour in after.tours.items():
        assert violations(known, tour) == ()
        travel += schedule(known, tour).seconds - schedule(problem, plan.tours[key]).seconds
    assert made.extra_seconds == travel
    up, off = (visit.at for visit in made.tour.visits if visit.request == "late")
    assert (made.pickup_at, made.dropoff_at, made.ride) == (up, off, off - up - late.pickup_service)


def test_room_is_often_found():
    made = [room(*found[:2], [found[2]], 0) for seed in SEEDS if (found := crowded(seed))]
    assert len(made) > 5
    assert sum(one is not None for one in made) >= 2


def test_what_fits_is_offered_as_it_stands_and_nothing_else_is_sought():
    problem, plan = accepted(day(3, vans=3, riders=6))
    late = rider(random.Random(3), "late", problem.matrix)
    assert answer(problem, plan, [late], 0) == offers(problem, plan, [late], 0)


def test_no_effort_no_room_and_nobody_at_work():
    problem, plan, late = with_room()
    refused = answer(problem, plan, [late], 0, effort=Effort(moves=0))
    assert refused.refusal == offers(problem, plan, [late], 0).refusal
    assert answer(problem, plan, [late], 0).offers[0].squeezed
    assert not answer(Problem(problem.matrix, ()), Plan({}), [late], 0).offers


def test_the_alternative_with_the_least_penalty_is_tried_first():
    problem, plan, late = with_room()
    far = replace(late, id="far", penalty=900)
    assert room(problem, plan, [far, late], 0).request == late
    assert room(problem, plan, [far, replace(late, max_ride=0)], 0).request == far, (
        "a hopeless one takes no try"
    )


def test_a_receipt_replays():
    problem, plan, late = with_room()
    kept = json.loads(json.dumps(record(problem, plan, [late], 0, whole=[late])))
    again = replay(kept, problem.matrix)
    assert again == answer(problem, plan, [late], 0, whole=[late])


def test_an_offer_is_kept_as_it_is_promised():
    problem, plan, late = with_room()
    made = room(problem, plan, [late], 0)
    promise = replace(late, pickup_window=Window(made.pickup_at, made.pickup_at + 60))
    kept = narrowed(problem, made, promise, 0)
    assert kept.request == promise
    assert violations(problem.with_requests(promise), kept.tour) == ()
    assert promise.pickup_window.earliest <= kept.pickup_at <= promise.pickup_window.latest
    leg = (
        problem.matrix.seconds[made.tour.anchor.place, late.pickup]
        if made.tour.visits[0].request == "late"
        else 0
    )
    later = replace(late, pickup_window=Window(made.pickup_at + 1, made.pickup_at + 1))
    other = narrowed(problem, made, later, made.pickup_at - int(leg))
    assert other is None or other.pickup_at == made.pickup_at + 1, (
        "due now is no fact for somebody who only asks"
    )
    elsewhere = replace(
        late, pickup_window=Window(made.tour.visits[-1].at + 9000, made.tour.visits[-1].at + 9001)
    )
    assert narrowed(problem, made, elsewhere, 0) is None
