"""Times of one tour: the schedule when it can be driven, every violation named when it cannot (plan mode)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np

from ressort.engines.dispatch.arrays import PlanArrays
from ressort.engines.dispatch.plan import Anchor, Plan, Tour, due, fold
from ressort.engines.dispatch.problem import UNREACHABLE, Problem
from ressort.units import FAR_FUTURE, Metres, Seconds


class Rule(StrEnum):
    """Rule that a tour breaks."""

    UNKNOWN_REQUEST = "UNKNOWN_REQUEST"
    ORDER = "ORDER"
    """A drop-off before its pick-up, a pick-up without drop-off, or a visit twice."""
    CAPACITY = "CAPACITY"
    UNREACHABLE = "UNREACHABLE"
    TRAVEL = "TRAVEL"
    """The given time leaves too little for the way from the visit before."""
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    RIDE_TIME = "RIDE_TIME"
    SHIFT_END = "SHIFT_END"
    DURATION = "DURATION"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule.

    Parameters
    ----------
    rule
        Which one.
    visit
        Index in ``tour.visits``; None for the tour as a whole.
    request
        Id of the request concerned, if any.
    amount
        By how much: seconds, or units of the dimension for CAPACITY.
    dimension
        Index of the dimension (CAPACITY only).
    """

    rule: Rule
    visit: int | None = None
    request: str | None = None
    amount: int = 0
    dimension: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Times of a tour; one entry per visit, frozen ones included.

    A vehicle waits before leaving rather than on arrival, so that it arrives when service starts.

    Parameters
    ----------
    start, served
        Start and end of service.
    departure
        When the vehicle must leave toward the next visit (or the end) to start service there as planned.
    slack
        How much later than planned each visit, alone, could start with every rule still kept (0 for frozen ones).
    load
        Load on leaving, per dimension.
    leaves, ends
        Departure from the anchor; arrival at the end of the shift.
    seconds, metres
        Travel from the anchor to the end.
    rides
        Ride time of every request dropped off, aboard ones included.
    """

    start: tuple[Seconds, ...]
    served: tuple[Seconds, ...]
    departure: tuple[Seconds, ...]
    slack: tuple[Seconds, ...]
    load: tuple[tuple[int, ...], ...]
    leaves: Seconds
    ends: Seconds
    seconds: Seconds
    metres: Metres
    rides: Mapping[str, Seconds]

    @property
    def arrival(self) -> tuple[Seconds, ...]:
        """Arrival at each visit, equal to the start of service."""
        return self.start


def schedule(problem: Problem, tour: Tour, now: Seconds = 0) -> Schedule | None:
    """Return the schedule of a tour, exactly, or None if no schedule keeps every rule.

    Frozen visits keep their times, whatever their windows. Times are those of :func:`kernels.plan_times`.

    Parameters
    ----------
    problem
        Holds every request of the tour.
    tour
        Each pick-up comes before its drop-off; see :func:`violations` for orders that may be wrong.
    now
        No vehicle leaves before this time, except toward frozen visits.
    """
    timed = timed_tour(problem, tour, now)
    if timed is None:
        return None
    new, slack = timed
    return describe(problem, new, (0,) * new.frozen + slack)


def timed_tour(problem: Problem, tour: Tour, now: Seconds = 0) -> tuple[Tour, tuple[Seconds, ...]] | None:
    """Return the tour with its planned times and the slack of each visit that is not frozen, or None."""
    folded = fold(problem, tour, tour.frozen)
    arrays = PlanArrays()
    # the planned times of the question are not facts: only frozen visits are
    untimed = Tour(
        folded.vehicle,
        folded.anchor,
        tuple(type(visit)(visit.request, visit.pickup, FAR_FUTURE) for visit in folded.visits),
        0,
        folded.aboard,
        folded.begun,
        folded.version,
    )
    alone = Problem(problem.matrix, (problem.fleet[tour.vehicle],))
    alone = alone.with_requests(*(problem.requests[name] for name in tour.requests))
    arrays.load(alone, Plan({tour.vehicle: untimed}), now)
    if not arrays.tours.feasible[0]:
        return None
    planned = arrays.tour(0).visits
    slack = arrays.slack(0, arrays.tour(0))
    head = tour.visits[: tour.frozen]
    new = Tour(tour.vehicle, tour.anchor, head + planned, tour.frozen, tour.aboard, tour.begun, tour.version)
    return new, slack


def describe(problem: Problem, tour: Tour, slack: tuple[Seconds, ...]) -> Schedule:
    """Return the schedule of a tour whose times are planned already; ``slack`` per visit, frozen ones included."""
    matrix, vehicle = problem.matrix, problem.fleet[tour.vehicle]
    held = np.zeros(problem.dimensions, np.int64)
    since = {rider.request: rider.since for rider in tour.aboard}
    for rider in tour.aboard:
        held += problem.requests[rider.request].load
    served, loads, rides, legs = [], [], {}, []
    place, metres = tour.anchor.place, 0
    for visit in tour.visits:
        there = visit.place(problem)
        legs.append(int(matrix.seconds[place, there]))
        metres += int(matrix.metres[place, there])
        place = there
        served.append(visit.at + visit.service(problem))
        if visit.pickup:
            since[visit.request] = served[-1]
            held = held + problem.requests[visit.request].load
        else:
            rides[visit.request] = visit.at - since[visit.request]
            held = held - problem.requests[visit.request].load
        loads.append(tuple(held.tolist()))
    home = int(matrix.seconds[place, vehicle.end])
    start = tuple(visit.at for visit in tour.visits)
    leaves = start[0] - legs[0] if start else tour.anchor.time
    departure = [at - leg for at, leg in zip(start[1:], legs[1:], strict=True)] + served[-1:]
    return Schedule(
        start,
        tuple(served),
        tuple(departure),
        slack,
        tuple(loads),
        leaves,
        (served[-1] if served else leaves) + home,
        sum(legs) + home,
        metres + int(matrix.metres[place, vehicle.end]),
        rides,
    )


def retimed(problem: Problem, tour: Tour, now: Seconds = 0) -> Tour:
    """Return the tour with the best times its order allows: planned ones, or those that break promises least.

    The same object comes back when nothing changes.
    """
    timed = timed_tour(problem, tour, now)
    if timed is not None:
        new = timed[0]
    else:
        times = _soft_times(problem, tour, now)
        visits = (replace(visit, at=at) for visit, at in zip(tour.visits, times, strict=True))
        new = replace(tour, visits=tuple(visits))
    return tour if new == tour else new


def without(problem: Problem, tour: Tour, requests: Iterable[str], now: Seconds) -> Tour:
    """Return the tour without the visits of some requests (none of them frozen), at its best times."""
    gone = set(requests)
    visits = tuple(visit for visit in tour.visits if visit.request not in gone)
    return retimed(problem, replace(tour, visits=visits), now)


def delayed(problem: Problem, tour: Tour, now: Seconds, seconds: Seconds) -> Tour:
    """Return the tour of a vehicle that will be ``seconds`` later than planned wherever it is going.

    Later visits are retimed; they may now break promises, which :func:`repair.repair` sees to.
    """
    tour = replace(tour, frozen=due(problem, tour, now))
    if tour.frozen:
        head = tuple(replace(visit, at=visit.at + seconds) for visit in tour.visits[: tour.frozen])
        late = replace(tour, visits=head + tour.visits[tour.frozen :])
    else:
        late = replace(tour, anchor=Anchor(tour.anchor.place, max(tour.anchor.time, now) + seconds))
    return retimed(problem, late, now)


def violations(problem: Problem, tour: Tour, now: Seconds = 0) -> tuple[Violation, ...]:
    """Return every rule that the order of a tour breaks, with the times that break them least (plan mode).

    Frozen visits are facts: their times are checked as they are. For the rest, visits start as early as they can and
    pick-ups are delayed, inside their windows, as far as ride times ask for it. The answer is empty exactly when the
    tour can be driven with every promise kept.
    """
    wrong = tuple(_disorder(problem, tour))
    return wrong or tuple(_audit(problem, tour, _soft_times(problem, tour, now), now))


def audit(problem: Problem, tour: Tour) -> tuple[Violation, ...]:
    """Return every rule broken by a tour driven at the times of its visits: the check of a finished day."""
    return tuple(_disorder(problem, tour)) or tuple(
        _audit(problem, tour, [visit.at for visit in tour.visits])
    )


def _disorder(problem: Problem, tour: Tour) -> Iterator[Violation]:
    aboard = {rider.request for rider in tour.aboard}
    seen: set[tuple[str, bool]] = set()
    for k, visit in enumerate(tour.visits):
        name = visit.request
        if name not in problem.requests:
            yield Violation(Rule.UNKNOWN_REQUEST, k, name)
        elif (name, visit.pickup) in seen or (visit.pickup == (name in aboard)):
            yield Violation(Rule.ORDER, k, name)
        seen.add((name, visit.pickup))
        (aboard.add if visit.pickup else aboard.discard)(name)
    for name in sorted(aboard):
        yield Violation(Rule.ORDER, None, name)


def _soft_times(problem: Problem, tour: Tour, now: Seconds) -> list[Seconds]:
    """Return the least solution in which nothing is raised past what the windows further on allow.

    Plain Python on purpose: this is what a person reads to check the compiled kernels.
    """
    folded = fold(problem, tour, tour.frozen)
    vehicle = problem.fleet[tour.vehicle]
    visits = folded.visits
    places = [folded.anchor.place, *(visit.place(problem) for visit in visits), vehicle.end]
    legs = [int(problem.matrix.seconds[a, b]) for a, b in pairwise(places)]
    service = [0, *(visit.service(problem) for visit in visits)]
    free = max(folded.anchor.time, vehicle.shift.earliest, now)
    times = [free, *(visit.window(problem).earliest for visit in visits), 0]
    latest = [FAR_FUTURE, *(visit.window(problem).latest for visit in visits), vehicle.shift.latest]
    since = {rider.request: rider.since for rider in folded.aboard}
    arcs: list[tuple[int, int, Seconds]] = []
    picked: dict[str, int] = {}
    for k, visit in enumerate(visits, 1):
        longest = problem.requests[visit.request].max_ride
        if visit.pickup:
            picked[visit.request] = k
        elif visit.request in since:
            latest[k] = min(latest[k], since[visit.request] + longest)
        else:
            arcs.append((picked[visit.request], k, longest))
    if vehicle.max_duration is not None and folded.begun is None:
        arcs.append((0, len(visits) + 1, vehicle.max_duration))
    for k in range(len(visits), -1, -1):
        latest[k] = min(latest[k], latest[k + 1] - legs[k] - service[k])
    for sweep in range(len(arcs) + 2):
        for k, leg in enumerate(legs):
            times[k + 1] = max(times[k + 1], times[k] + service[k] + leg)
        # the last sweep is for the chain alone: an impossible ride would raise its pick-up for ever
        for up, off, longest in arcs if sweep <= len(arcs) else ():
            wanted = min(times[off] - longest - service[up], latest[up])
            times[up] = max(times[up], wanted)
    return [visit.at for visit in tour.visits[: tour.frozen]] + times[1:-1]


def _audit(problem: Problem, tour: Tour, times: Sequence[Seconds], now: Seconds = 0) -> Iterator[Violation]:
    yield from _audit_windows(problem, tour, times)
    yield from _audit_shift(problem, tour, times, now)
    yield from _audit_riders(problem, tour, times)


def _audit_windows(problem: Problem, tour: Tour, times: Sequence[Seconds]) -> Iterator[Violation]:
    for k, (visit, at) in enumerate(zip(tour.visits, times, strict=True)):
        window = visit.window(problem)
        if at < window.earliest:
            yield Violation(Rule.TOO_EARLY, k, visit.request, window.earliest - at)
        if at > window.latest:
            yield Violation(Rule.TOO_LATE, k, visit.request, at - window.latest)


def _audit_shift(problem: Problem, tour: Tour, times: Sequence[Seconds], now: Seconds) -> Iterator[Violation]:
    seconds, vehicle = problem.matrix.seconds, problem.fleet[tour.vehicle]
    place, free, begun = tour.anchor.place, max(tour.anchor.time, vehicle.shift.earliest), tour.begun
    for k, (visit, at) in enumerate(zip(tour.visits, times, strict=True)):
        there = visit.place(problem)
        leg = int(seconds[place, there])
        free = max(free, now) if k == tour.frozen else free
        begun = max(tour.anchor.time, at - leg) if begun is None else begun
        if leg >= UNREACHABLE:
            yield Violation(Rule.UNREACHABLE, k, visit.request)
        elif at < free + leg:
            yield Violation(Rule.TRAVEL, k, visit.request, free + leg - at)
        place, free = there, at + visit.service(problem)
    leg = int(seconds[place, vehicle.end])
    if leg >= UNREACHABLE:
        yield Violation(Rule.UNREACHABLE)
        return
    ends = (max(free, now) if tour.frozen == len(tour.visits) else free) + leg
    if ends > vehicle.shift.latest:
        yield Violation(Rule.SHIFT_END, amount=ends - vehicle.shift.latest)
    if vehicle.max_duration is not None and begun is not None and ends - begun > vehicle.max_duration:
        yield Violation(Rule.DURATION, amount=ends - begun - vehicle.max_duration)


def _audit_riders(problem: Problem, tour: Tour, times: Sequence[Seconds]) -> Iterator[Violation]:
    capacity = problem.fleet[tour.vehicle].capacity
    held = np.zeros(len(capacity), np.int64)
    since = {rider.request: rider.since for rider in tour.aboard}
    for rider in tour.aboard:
        held += problem.requests[rider.request].load
    for k, (visit, at) in enumerate(zip(tour.visits, times, strict=True)):
        request = problem.requests[visit.request]
        if not visit.pickup:
            held -= request.load
            ride = at - since[visit.request]
            if ride > request.max_ride:
                yield Violation(Rule.RIDE_TIME, k, visit.request, ride - request.max_ride)
            continue
        held += request.load
        since[visit.request] = at + request.pickup_service
        for d, over in enumerate((held - capacity).tolist()):
            if over > 0:
                yield Violation(Rule.CAPACITY, k, visit.request, over, d)
