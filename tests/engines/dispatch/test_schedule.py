"""The schedule of one tour, against a naive Bellman-Ford oracle and by hand."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ressort.engines.dispatch import (
    UNREACHABLE,
    Aboard,
    Anchor,
    Matrix,
    Problem,
    Request,
    Rule,
    Tour,
    Visit,
    audit,
    violations,
)
from ressort.engines.dispatch.schedule import schedule
from ressort.units import Window
from tests.engines.dispatch.oracle import least_times
from tests.engines.dispatch.towns import tangled, van

seeds = st.integers(0, 2**32 - 1)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_feasibility_and_times_agree_with_the_oracle(seed):
    rng = random.Random(seed)
    for _ in range(50):
        problem, tour, now = tangled(rng)
        least = least_times(problem, tour, now)
        found = schedule(problem, tour, now)
        assert (found is None) == (least is None)
        if found is None or least is None:
            continue
        for visit, at, soonest in zip(tour.visits, found.start, least, strict=True):
            assert at == soonest or (visit.pickup and at > soonest), "drop-offs as early as can be"
        timed = replace(
            tour,
            visits=tuple(replace(visit, at=at) for visit, at in zip(tour.visits, found.start, strict=True)),
        )
        free_part = [
            broken for broken in audit(problem, timed) if broken.visit is None or broken.visit >= tour.frozen
        ]
        own_rides = {v.request for v in tour.visits[: tour.frozen]}
        assert [b for b in free_part if not (b.rule == Rule.CAPACITY and b.request in own_rides)] == []


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_slack_is_how_much_a_visit_alone_can_be_delayed(seed):
    rng = random.Random(seed)
    seen = 0
    while seen < 3:
        problem, tour, now = tangled(rng)
        found = schedule(problem, tour, now)
        if found is None or tour.frozen == len(tour.visits):
            continue
        seen += 1
        k = rng.randrange(tour.frozen, len(tour.visits))
        for later, possible in (
            (found.start[k] + found.slack[k], True),
            (found.start[k] + found.slack[k] + 1, False),
        ):
            assert (_not_before(problem, tour, k, later, now) is not None) == possible


def _not_before(problem: Problem, tour: Tour, k: int, at: int, now: int):
    """The oracle's times when visit k may not start before ``at``."""
    visit = tour.visits[k]
    request = problem.requests[visit.request]
    field = "pickup_window" if visit.pickup else "dropoff_window"
    window = visit.window(problem)
    if at > window.latest:
        return None
    later = replace(request, **{field: Window(at, window.latest)})
    return least_times(problem.with_requests(later), tour, now)


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_violations_are_empty_exactly_when_the_tour_can_be_driven(seed):
    rng = random.Random(seed)
    for _ in range(20):
        problem, tour, now = tangled(rng)
        tour = replace(tour, frozen=0)
        assert (violations(problem, tour, now) == ()) == (least_times(problem, tour, now) is not None)


def line(*requests: Request, **fields) -> tuple[Problem, Tour]:
    """Ten places on a line, 100 s apart; everyone is picked up in order, then dropped off in order."""
    seconds = [[100 * abs(a - b) for b in range(10)] for a in range(10)]
    table = Matrix.from_rows(seconds, seconds)
    vehicle = van(**fields)
    problem = Problem(table, (vehicle,), {request.id: request for request in requests})
    visits = [Visit(r.id, pickup=True) for r in requests] + [Visit(r.id, pickup=False) for r in requests]
    return problem, Tour("van", Anchor(0, 0), tuple(visits))


def asks(name: str, up: int, off: int, **fields) -> Request:
    usual = {"pickup_window": Window(0, 10_000), "dropoff_window": Window(0, 10_000), "load": (1, 0)}
    return Request(name, up, off, **{**usual, **fields})


def test_waiting_happens_before_riders_get_on():
    problem, tour = line(asks("anne", 1, 3, dropoff_window=Window(1000, 1100), pickup_service=10))
    found = schedule(problem, tour)
    assert found is not None
    assert found.start == (790, 1000)
    assert found.rides == {"anne": 200}
    assert found.leaves == 690
    assert found.departure == (800, 1000)
    assert found.ends == 1300
    assert found.seconds == found.metres == 600
    assert found.slack == (1100 - 200 - 10 - 790, 100)
    assert found.load == ((1, 0), (0, 0))


def test_the_longest_ride_is_kept_by_delaying_the_pick_up():
    problem, tour = line(asks("anne", 1, 2, max_ride=100, dropoff_window=Window(900, 900)))
    found = schedule(problem, tour)
    assert found is not None
    assert found.start == (800, 900)
    tight, tour = line(asks("anne", 1, 2, max_ride=99, dropoff_window=Window(900, 900)))
    assert schedule(tight, tour) is None
    assert [v.rule for v in violations(tight, tour)] == [Rule.RIDE_TIME]


@pytest.mark.parametrize(
    ("fields", "rule", "amount"),
    [
        ({"pickup_window": Window(0, 60)}, Rule.TOO_LATE, 40),
        ({"dropoff_window": Window(0, 250)}, Rule.TOO_LATE, 50),
        ({"max_ride": 150}, Rule.RIDE_TIME, 50),
        ({"load": (6, 0)}, Rule.CAPACITY, 2),
        ({"load": (1, 2)}, Rule.CAPACITY, 1),
    ],
)
def test_each_broken_promise_is_named_with_its_amount(fields, rule, amount):
    problem, tour = line(asks("anne", 1, 3, **fields))
    assert schedule(problem, tour) is None
    (broken,) = violations(problem, tour)
    assert (broken.rule, broken.amount, broken.request) == (rule, amount, "anne")
    if rule == Rule.CAPACITY:
        assert broken.dimension == (0 if fields["load"][0] > 4 else 1)


@pytest.mark.parametrize(
    ("fields", "rule", "amount"),
    [({"shift": Window(0, 500)}, Rule.SHIFT_END, 100), ({"max_duration": 550}, Rule.DURATION, 50)],
)
def test_the_shift_is_kept(fields, rule, amount):
    problem, tour = line(asks("anne", 1, 3), **fields)
    assert schedule(problem, tour) is None
    (broken,) = violations(problem, tour)
    assert (broken.rule, broken.amount, broken.visit) == (rule, amount, None)


def test_a_wrong_order_is_named():
    problem, tour = line(asks("anne", 1, 3))
    up, off = tour.visits
    assert [v.rule for v in violations(problem, replace(tour, visits=(off, up)))] == [Rule.ORDER, Rule.ORDER]
    assert [v.rule for v in violations(problem, replace(tour, visits=(up,)))] == [Rule.ORDER]
    assert [v.rule for v in violations(problem, replace(tour, visits=(up, up, off)))] == [Rule.ORDER]
    stranger = Visit("nobody", pickup=True)
    assert violations(problem, replace(tour, visits=(up, off, stranger)))[0].rule == Rule.UNKNOWN_REQUEST


def test_an_unreachable_stop_is_a_value_and_a_violation():
    seconds = [[0, UNREACHABLE], [10, 0]]
    problem = Problem(Matrix.from_rows(seconds, seconds), (van(),), {"anne": asks("anne", 1, 0)})
    tour = Tour("van", Anchor(0, 0), (Visit("anne", pickup=True), Visit("anne", pickup=False)))
    assert schedule(problem, tour) is None
    assert Rule.UNREACHABLE in {v.rule for v in violations(problem, tour)}


def test_frozen_visits_keep_their_times_and_riders_aboard_their_limit():
    problem, tour = line(asks("anne", 1, 3, max_ride=400), asks("bob", 2, 4))
    tour = replace(
        tour, anchor=Anchor(1, 500), aboard=(Aboard("anne", 500),), frozen=1,
        visits=(Visit("bob", pickup=True, at=650), Visit("anne", pickup=False), Visit("bob", pickup=False)),
    )  # fmt: skip
    found = schedule(problem, tour)
    assert found is not None
    assert found.start == (650, 750, 850)
    assert found.slack[0] == 0
    assert found.slack[1] == 150
    assert found.rides == {"anne": 250, "bob": 200}
    assert schedule(problem, tour, now=800) is not None
    assert schedule(problem, tour, now=801) is None, "anne would be aboard for more than 400 s"
