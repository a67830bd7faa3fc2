"""The rolling day: promises hold, and disturbances are repaired or told."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ressort.engines.dispatch import (
    Iterations,
    Plan,
    Problem,
    Repair,
    RollingPlan,
    StaleOfferError,
    WhenTold,
    audit,
    delayed,
    due,
    freeze,
    play,
)
from ressort.engines.dispatch.repair import repair
from ressort.engines.dispatch.schedule import schedule
from tests.engines.dispatch import towns


def half_day(seed: int, vans: int = 4, riders: int = 24) -> RollingPlan:
    """A day stopped at its middle."""
    town = towns.day(seed, vans, riders)
    rolling = RollingPlan(Problem(town.matrix, town.vehicles), seed=seed)
    asked = sorted(town.requests.values(), key=lambda request: request.revealed)
    for request in asked[: riders * 2 // 3]:
        rolling.advance(request.revealed)
        answer = rolling.offer([request])
        if answer.offers:
            rolling.accept(answer.offers[0])
    return rolling


def drivable(rolling: RollingPlan) -> bool:
    return all(schedule(rolling.problem, tour, rolling.now) for tour in rolling.plan.tours.values())


@given(st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_a_whole_day_breaks_no_promise(seed):
    town = towns.day(seed, vans=4, riders=30)
    result = play(
        town.matrix, town.vehicles, town.requests.values(), seed=seed, improve_moves=20, squeeze_moves=50
    ).result  # fmt: skip
    assert result.broken_promises == 0
    assert result.requests == 30
    assert result.accepted + sum(result.refusals.values()) == 30
    assert result.accepted > 5
    assert result.mean_detour >= 1.0
    assert 0 < result.empty_km <= result.km


def test_the_same_day_comes_to_the_same():
    town = towns.day(4, vans=4, riders=40)

    def played(**settings):
        result = play(town.matrix, town.vehicles, town.requests.values(), seed=3, **settings).result
        return replace(result, cpu_seconds=0, ms_median=0, ms_p99=0)

    told: list[tuple[int, int]] = []
    better = played(improve_moves=50, squeeze_moves=100)
    assert better == played(improve_moves=50, squeeze_moves=100, progress=lambda k, n: told.append((k, n)))
    assert told[-1] == (40, 40)
    assert better.accepted >= played().accepted


def test_a_day_that_is_stopped_keeps_what_was_promised():
    town, halt = towns.day(4, vans=4, riders=40), WhenTold()
    played = play(
        town.matrix, town.vehicles, town.requests.values(), halt=halt, progress=lambda k, _: halt.tell() if k == 9 else None
    )  # fmt: skip
    assert (len(played.answers), played.result.requests, played.broken_promises) == (9, 9, 0)
    assert played.result.accepted == sum(answer.promise is not None for answer in played.answers) > 0


def test_pick_ups_are_never_decided_before_they_are_asked():
    rolling = half_day(2)
    rolling.advance(40_000)
    for vehicle in rolling.problem.vehicles:
        tour = rolling.driven(vehicle.id)
        assert audit(rolling.problem, tour) == ()
        place = tour.anchor.place
        for visit in tour.visits:
            there = visit.place(rolling.problem)
            leaves = visit.at - int(rolling.problem.matrix.seconds[place, there])
            assert leaves >= rolling.problem.requests[visit.request].revealed
            place = there
    assert all(not tour.visits and not tour.aboard for tour in rolling.plan.tours.values())


def test_visits_freeze_when_their_departure_is_due_then_go_to_the_history():
    rolling = half_day(1)
    tour = max(rolling.plan.tours.values(), key=lambda tour: len(tour.visits) - tour.frozen)
    nxt = tour.visits[tour.frozen]
    found = schedule(rolling.problem, tour, rolling.now)
    assert found is not None
    leaves = found.departure[tour.frozen - 1] if tour.frozen else found.leaves
    rolling.advance(max(leaves - 1, rolling.now))
    before = rolling.plan.tours[tour.vehicle]
    rolling.advance(max(leaves, rolling.now))
    after = rolling.plan.tours[tour.vehicle]
    assert nxt in after.visits[: after.frozen]
    assert nxt not in before.visits[: before.frozen]
    rolling.advance(nxt.at + nxt.service(rolling.problem))
    assert nxt in rolling.history[tour.vehicle]
    with pytest.raises(ValueError, match="already"):
        rolling.advance(0)


def test_an_offer_overtaken_by_another_must_be_asked_again():
    town = towns.day(1, vans=1)
    rolling = RollingPlan(Problem(town.matrix, town.vehicles))
    first, second = list(town.requests.values())[:2]
    slow = rolling.offer([first]).offers[0]
    rolling.accept(rolling.offer([second]).offers[0])
    with pytest.raises(StaleOfferError):
        rolling.accept(slow)


def test_cancelling_frees_the_van_and_a_no_show_keeps_what_was_driven():
    rolling = half_day(3)
    waiting = [v.request for t in rolling.plan.tours.values() for v in t.visits[t.frozen :] if v.pickup]
    rolling.cancel(waiting[0])
    assert waiting[0] not in rolling.plan.owners()
    with pytest.raises(KeyError):
        rolling.cancel(waiting[0])
    tour = next(t for t in rolling.plan.tours.values() if any(v.pickup for v in t.visits[t.frozen :]))
    visit = next(v for v in tour.visits[tour.frozen :] if v.pickup)
    rolling.advance(visit.at)
    assert visit in rolling.plan.tours[tour.vehicle].visits[: rolling.plan.tours[tour.vehicle].frozen]
    rolling.no_show(visit.request)
    after = rolling.plan.tours[tour.vehicle]
    assert visit in rolling.history[tour.vehicle]
    assert visit.request not in after.requests
    assert drivable(rolling)


def accounted(result: Repair, before: Plan) -> None:
    """Everyone is either kept, moved or told; the new plan can be driven and serves all but the hopeless."""
    names = [*result.kept, *result.moved, *result.broken]
    assert sorted(names) == sorted(before.owners())
    owners = result.plan.owners()
    for name in before.owners():
        assert (name in owners) == (result.broken.get(name, True) is not None)
    for name, promise in result.broken.items():
        if promise is not None:
            assert result.problem.requests[name] == promise
    for name, (old, new) in result.moved.items():
        assert old != new == owners[name]


@pytest.mark.parametrize("late", [30, 300, 1200, 5000])
def test_a_delay_keeps_moves_or_tells(late):
    told = 0
    for seed in range(6):
        rolling = half_day(seed)
        before, problem = rolling.plan, rolling.problem
        busiest = max(before.tours.values(), key=lambda tour: len(tour.visits))
        result = rolling.delay(busiest.vehicle, late)
        accounted(result, before)
        assert drivable(rolling)
        for name in (*result.kept, *result.moved):
            assert result.problem.requests[name] == problem.requests[name], (
                "a kept promise is the same promise"
            )
        told += len(result.broken)
    assert told > 0 or late < 1000


def test_a_breakdown_hands_riders_over_where_the_van_stopped():
    rescued = 0
    for seed in range(8):
        rolling = half_day(seed)
        busiest = max(rolling.plan.tours.values(), key=lambda tour: len(tour.aboard) * 100 + len(tour.visits))
        before = rolling.plan
        place = busiest.anchor.place
        result = rolling.breakdown(busiest.vehicle)
        accounted(result, before)
        assert busiest.vehicle not in result.plan.tours
        assert drivable(rolling)
        for rider in busiest.aboard:
            rescued += 1
            again = result.problem.requests[rider.request]
            assert again.pickup == place or due(rolling.problem, busiest, rolling.now)
        assert rolling.offer([towns.rider(random.Random(seed), "next", rolling.problem.matrix)]) is not None
    assert rescued > 0


def test_repair_works_on_a_plan_built_from_rows():
    rolling = half_day(6)
    plan = freeze(rolling.problem, rolling.plan, rolling.now)
    calm = repair(rolling.problem, plan, rolling.now, 1, Iterations(50))
    assert (calm.moved, calm.broken, calm.overtime) == ({}, {}, {})
    assert calm.plan == plan
    name = max(plan.tours.values(), key=lambda tour: len(tour.visits)).vehicle
    late = plan.with_tours(delayed(rolling.problem, plan.tours[name], rolling.now, 1500))
    first = repair(rolling.problem, late, rolling.now, 1, Iterations(50))
    accounted(first, late)
    assert first.plan == repair(rolling.problem, late, rolling.now, 1, Iterations(50)).plan


def test_a_shift_that_cannot_end_in_time_is_told():
    town = towns.day(1, vans=1, riders=6)
    rolling = RollingPlan(Problem(town.matrix, town.vehicles))
    for request in town.requests.values():
        for offer in rolling.offer([request], 1).offers:
            rolling.accept(offer)
    last = rolling.plan.tours["van-0"].visits[-1].at
    rolling.advance(last - 5)
    result = rolling.delay("van-0", 40_000 - last)
    assert result.overtime["van-0"] > 0
    assert set(result.broken) == {visit.request for visit in rolling.plan.tours["van-0"].visits}
