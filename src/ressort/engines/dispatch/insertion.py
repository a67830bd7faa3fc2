"""The immediate answer: up to a few offers, or a refusal with the constraint that binds and the nearest times.

Every vehicle and every pair of positions is screened; see :func:`kernels_place.best_place`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from ressort.engines import ENGINE_VERSION
from ressort.engines.dispatch import kernels, kernels_place
from ressort.engines.dispatch.arrays import PlanArrays
from ressort.engines.dispatch.kernels import FAR, Ground, Ints
from ressort.engines.dispatch.plan import Plan, Tour
from ressort.engines.dispatch.problem import UNREACHABLE, Json, Matrix, Objective, Problem, Request
from ressort.engines.dispatch.schedule import Schedule, describe
from ressort.units import HOUR, MINUTE, Metres, Seconds, Window


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to serve a request.

    Parameters
    ----------
    request
        The alternative served; see :meth:`promised` for what to keep once it is accepted.
    vehicle, tour, schedule
        The tour as it would be, with planned times, and its schedule.
    pickup_at, dropoff_at
        Planned starts of service.
    ride
        Planned ride time, in seconds.
    extra_seconds, extra_metres
        Travel added to the tour.
    cost
        Weighted extra travel plus the alternative's penalty, and what it costs to take a rare vehicle, in seconds.
    squeezed
        Whether riders already promised a place had to move, inside their promises (see :mod:`squeeze`).
    others
        Tours of other vehicles that change with this one.
    """

    request: Request
    vehicle: str
    tour: Tour
    schedule: Schedule
    pickup_at: Seconds
    dropoff_at: Seconds
    ride: Seconds
    extra_seconds: Seconds
    extra_metres: Metres
    cost: float
    squeezed: bool = False
    others: tuple[Tour, ...] = ()

    def promised(self, wait: Seconds = 10 * MINUTE, late: Seconds = 15 * MINUTE) -> Request:
        """Return the request with the windows to promise: inside those asked for, around the planned times.

        The pick-up is promised between its planned time and ``wait`` later, the arrival at the latest ``late`` after
        its planned time. The planned times keep the promise, so the tour stays valid.
        """
        up, off = self.request.pickup_window, self.request.dropoff_window
        return replace(
            self.request,
            pickup_window=Window(self.pickup_at, min(up.latest, self.pickup_at + wait)),
            dropoff_window=Window(off.earliest, min(off.latest, self.dropoff_at + late)),
        )


class Reason(StrEnum):
    """Why nothing could be offered: the one constraint that, lifted, would have allowed it."""

    NO_VEHICLE = "NO_VEHICLE"
    """There is no vehicle at all."""
    UNREACHABLE = "UNREACHABLE"
    """No way between the stops, or none from any vehicle."""
    TOO_LATE = "TOO_LATE"
    """The pick-up window is over; amount: seconds since."""
    RIDE_TIME = "RIDE_TIME"
    """Even the direct ride is too long (amount: by how much), or only a longer one would fit."""
    TIME_WINDOWS = "TIME_WINDOWS"
    """Even a direct ride arrives too late; amount: by how much."""
    CAPACITY = "CAPACITY"
    """No vehicle is large enough (amount: what is missing), or those in time are full."""
    OUT_OF_SHIFT = "OUT_OF_SHIFT"
    """No driver is at work then."""
    NO_VEHICLE_FREE = "NO_VEHICLE_FREE"
    """Vehicles are promised elsewhere at those times."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no offer; ``dimension`` is the index of the load that does not fit (CAPACITY only)."""

    reason: Reason
    amount: int | None = None
    dimension: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Offers, cheapest first, or the reason why there is none."""

    offers: tuple[Offer, ...]
    refusal: Refusal | None = None


def offers(
    problem: Problem,
    plan: Plan,
    alternatives: Sequence[Request],
    now: Seconds,
    limit: int = 3,
    *,
    objective: Objective | None = None,
    apart: Seconds = 5 * MINUTE,
    arrays: PlanArrays | None = None,
) -> Answer:
    """Answer a request at once.

    Parameters
    ----------
    problem
        Holds every request of the plan; the alternatives need not be in it.
    plan
        The live plan. Tours that cannot be driven as they stand are left aside until repaired.
    alternatives
        The same trip by different stops or at different times.
    now
        The time of the question: no vehicle can have left earlier than it did.
    limit
        Number of offers at most.
    objective
        Its ``travel`` weighs the extra seconds on the road; its ``reserve`` leaves rare vehicles to those who need them.
    apart
        Two offers for the same stops differ by at least this much at the pick-up.
    arrays
        Kept by a caller that asks often: makes the next question cheaper. One per thread.

    Returns
    -------
    Answer
        Deterministic: the same inputs give the same answer.
    """
    for request in alternatives:
        problem.admit(request)
    if not problem.fleet.keys() & plan.tours.keys():
        return Answer((), Refusal(Reason.NO_VEHICLE))
    arrays = arrays or PlanArrays()
    rows = np.array(arrays.load(problem, plan, now, alternatives), np.int64)
    found = _screen(arrays, rows)
    objective = objective or Objective()
    penalties = np.array([request.penalty for request in alternatives], float)
    unneeded = np.array([request.load for request in alternatives]) == 0
    aside = objective.reserve * (unneeded[:, None, :] * arrays.ground.scarce).max(axis=2, initial=0.0)
    cost = objective.travel * found[:, :, 0] + penalties[:, None] + aside
    cost[found[:, :, 0] >= UNREACHABLE] = np.inf
    chosen: list[Offer] = []
    for flat in np.argsort(cost, axis=None, kind="stable"):
        a, v = divmod(int(flat), cost.shape[1])
        if cost[a, v] == np.inf or len(chosen) == limit:
            break
        offer = _offer(problem, arrays, alternatives[a], (v, int(rows[a])), found[a, v], float(cost[a, v]))
        if all(_differ(offer, other, apart) for other in chosen):
            chosen.append(offer)
    if chosen:
        return Answer(tuple(chosen))
    return Answer((), _refusal(problem, arrays, alternatives, rows, now))


def _screen(arrays: PlanArrays, rows: Ints, ground: Ground | None = None) -> Ints:
    found = np.empty((len(rows), len(arrays.tours.length), 3), np.int64)
    kernels_place.screen(ground or arrays.ground, arrays.tours, arrays.scratch, rows, found)
    return found


def _differ(one: Offer, other: Offer, apart: Seconds) -> bool:
    stops = (one.request.pickup, one.request.dropoff) != (other.request.pickup, other.request.dropoff)
    return stops or abs(one.pickup_at - other.pickup_at) >= apart


def _offer(
    problem: Problem, arrays: PlanArrays, request: Request, where: tuple[int, int], found: Ints, cost: float
) -> Offer:
    v, row = where
    ground, tours = arrays.ground, arrays.tours
    metres = -arrays.metres(problem, v)
    kernels_place.put(tours, v, row, int(found[1]), int(found[2]))
    kernels.lay(ground, tours, arrays.scratch, v)
    metres += arrays.metres(problem, v)
    tour = arrays.tour(v, {row: request.id})
    slack = arrays.slack(v, tour)
    kernels_place.take(tours, v, row)
    kernels.lay(ground, tours, arrays.scratch, v)
    known = problem.with_requests(request)
    schedule = describe(known, tour, slack)
    up, off = (visit.at for visit in tour.visits if visit.request == request.id)
    ride = off - up - request.pickup_service
    vehicle = arrays.vehicle(v).id
    return Offer(request, vehicle, tour, schedule, up, off, ride, int(found[0]), metres, cost)


def _refusal(
    problem: Problem, arrays: PlanArrays, alternatives: Sequence[Request], rows: Ints, now: Seconds
) -> Refusal:
    """Name the constraint that binds: first what no plan could change, then what a relaxation shows."""
    reasons = [hopeless(problem, request, now) for request in alternatives]
    first = next((reason for reason in reasons if reason), None)
    if first is not None and all(reasons):
        return first
    for reason, relaxed in _relaxations(arrays, rows, now):
        kernels.lay_all(relaxed, arrays.tours, arrays.scratch)
        if (_screen(arrays, rows, relaxed)[:, :, 0] < UNREACHABLE).any():
            return Refusal(reason)
    return Refusal(Reason.NO_VEHICLE_FREE)


def hopeless(problem: Problem, request: Request, now: Seconds) -> Refusal | None:
    """Return why the request can never be served, whatever the plan."""
    direct = int(problem.matrix.seconds[request.pickup, request.dropoff])
    if direct >= UNREACHABLE or all(
        problem.matrix.seconds[vehicle.start, request.pickup] >= UNREACHABLE for vehicle in problem.vehicles
    ):
        return Refusal(Reason.UNREACHABLE)
    if request.pickup_window.latest < now:
        return Refusal(Reason.TOO_LATE, now - request.pickup_window.latest)
    if direct > request.max_ride:
        return Refusal(Reason.RIDE_TIME, direct - request.max_ride)
    soonest = max(now, request.pickup_window.earliest) + request.pickup_service + direct
    if soonest > request.dropoff_window.latest:
        return Refusal(Reason.TIME_WINDOWS, soonest - request.dropoff_window.latest)
    waits = (
        request.dropoff_window.earliest
        - request.pickup_service
        - request.max_ride
        - request.pickup_window.latest
    )
    if waits > 0:
        return Refusal(Reason.TIME_WINDOWS, waits)
    return _too_small(problem, request)


def _too_small(problem: Problem, request: Request) -> Refusal | None:
    """Return what is missing in the least unfit vehicle, if none is large enough."""
    short = [np.subtract(request.load, vehicle.capacity) for vehicle in problem.vehicles]
    least = min(short, key=lambda lacking: int(np.maximum(lacking, 0).sum()))
    if least.max() > 0:
        return Refusal(Reason.CAPACITY, int(least.max()), int(least.argmax()))
    return None


def _relaxations(arrays: PlanArrays, rows: Ints, now: Seconds) -> Iterator[tuple[Reason, Ground]]:
    """Yield the problem with one constraint lifted at a time, for the request being tried or for the vehicles."""
    ground = arrays.ground
    yield Reason.CAPACITY, ground._replace(capacity=np.full_like(ground.capacity, FAR))
    ride = ground.ride.copy()
    ride[rows] = FAR
    yield Reason.RIDE_TIME, ground._replace(ride=ride)
    close, longest = np.full_like(ground.close, FAR), np.full_like(ground.longest, FAR)
    free = np.where(ground.begun < 0, np.minimum(ground.free, now), ground.free)
    yield Reason.OUT_OF_SHIFT, ground._replace(free=free, close=close, longest=longest)


def nearest(
    problem: Problem,
    plan: Plan,
    alternatives: Sequence[Request],
    now: Seconds,
    step: Seconds = 5 * MINUTE,
    reach: Seconds = 3 * HOUR,
    *,
    arrays: PlanArrays | None = None,
) -> tuple[Offer, ...]:
    """Return the best offer at the nearest earlier time and at the nearest later one that would work.

    Both windows of every alternative are moved together, by whole steps up to ``reach`` each way, never to a pick-up
    before ``now``.

    Returns
    -------
    tuple of Offer
        None, one or two; earlier first. ``offer.request`` has the moved windows.
    """
    if not problem.fleet.keys() & plan.tours.keys():
        return ()
    arrays = arrays or PlanArrays()
    result: list[Offer] = []
    for sign in (-1, 1):
        shifts = [sign * step * k for k in range(1, reach // step + 1)]
        moved = [
            [
                request.shifted(shift)
                for request in alternatives
                if request.pickup_window.earliest + shift >= now
            ]
            for shift in shifts
        ]
        flat = [request for requests in moved for request in requests]
        if not flat:
            continue
        rows = np.array(arrays.load(problem, plan, now, flat), np.int64)
        shift = _first_feasible(arrays, rows, [len(requests) for requests in moved])
        if shift is not None:
            result += offers(problem, plan, moved[shift], now, 1, arrays=arrays).offers
    return tuple(result)


def _first_feasible(arrays: PlanArrays, rows: Ints, sizes: list[int]) -> int | None:
    start = 0
    for shift, size in enumerate(sizes):
        if size and (_screen(arrays, rows[start : start + size])[:, :, 0] < UNREACHABLE).any():
            return shift
        start += size
    return None


def record(
    problem: Problem,
    plan: Plan,
    alternatives: Sequence[Request],
    now: Seconds,
    limit: int = 3,
    *,
    matrix: bool = False,
) -> Json:
    """Return what a decision receipt keeps of a call to :func:`offers` with the usual settings."""
    needed = problem.only(request for tour in plan.tours.values() for request in tour.requests)
    return {
        "engine": ENGINE_VERSION,
        "reserve": Objective().reserve,
        "problem": needed.to_json(matrix=matrix),
        "plan": plan.to_json(),
        "alternatives": [request.to_json() for request in alternatives],
        "now": now,
        "limit": limit,
    }


def replay(receipt: Json, matrix: Matrix | None = None) -> Answer:
    """Answer again from what :func:`record` kept; ``matrix`` when the receipt holds only its digest."""
    problem = Problem.from_json(receipt["problem"], matrix)
    alternatives = [Request.from_json(request) for request in receipt["alternatives"]]
    plan, objective = Plan.from_json(receipt["plan"]), objective_of(receipt)
    return offers(problem, plan, alternatives, receipt["now"], receipt["limit"], objective=objective)


def objective_of(receipt: Json) -> Objective:
    """Return what counted when a receipt was written: older ones left no vehicle to those who need it."""
    return Objective(reserve=receipt.get("reserve", 0.0))
