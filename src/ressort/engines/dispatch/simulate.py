"""A service day replayed on the engine alone, for rehearsals and benchmarks."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ressort.engines.dispatch.insertion import Offer
from ressort.engines.dispatch.online import RollingPlan
from ressort.engines.dispatch.plan import Tour
from ressort.engines.dispatch.problem import Matrix, Objective, Problem, Request, Vehicle
from ressort.engines.dispatch.schedule import audit
from ressort.engines.dispatch.stopping import Iterations
from ressort.units import HOUR, Seconds

Promise = Callable[[Offer], Request]


@dataclass(frozen=True, slots=True)
class DayResult:
    """What a day came to.

    Parameters
    ----------
    requests, accepted, squeezed
        Asked; promised; of those, the ones that needed others to move.
    refusals
        Number of refusals by reason.
    broken_promises
        Rules broken over all the tours driven, checked against the promises made; always 0.
    mean_wait, p90_wait
        Seconds from the earliest pick-up asked for to the pick-up.
    mean_detour
        Mean of ride / direct ride.
    km, empty_km
        Driven; driven with nobody aboard.
    riders_per_vehicle_hour
        Riders carried (first dimension of the load, at least one each) per hour of shift of the whole fleet.
    cpu_seconds
        Of the whole day, searches between requests included.
    ms_median, ms_p99
        CPU milliseconds to answer and accept a request, without the searches between requests.
    """

    requests: int
    accepted: int
    squeezed: int
    refusals: Mapping[str, int]
    broken_promises: int
    mean_wait: Seconds
    p90_wait: Seconds
    mean_detour: float
    km: float
    empty_km: float
    riders_per_vehicle_hour: float
    cpu_seconds: float
    ms_median: float
    ms_p99: float

    def to_json(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


def day(
    matrix: Matrix,
    vehicles: tuple[Vehicle, ...],
    requests: Iterable[Request],
    *,
    seed: int = 0,
    improve_moves: int = 0,
    squeeze_moves: int = 0,
    promise: Promise | None = None,
    objective: Objective | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DayResult:
    """Play a day: requests in the order in which they are revealed, each answered at once, the best offer accepted.

    Parameters
    ----------
    matrix, vehicles, requests
        The town, the fleet, and who asks when (``Request.revealed``).
    seed
        Of every search.
    improve_moves
        Moves of ruin and recreate after each accepted request.
    squeeze_moves
        Moves spent to make room when nothing fits.
    promise
        What is promised for an offer; :meth:`Offer.promised` by default.
    objective
        Of insertions and searches.
    progress
        Called with the number of requests answered and their total.

    Returns
    -------
    DayResult
        Its counts depend on the inputs and the seed alone; its times on the machine.
    """
    asked = sorted(requests, key=lambda request: (request.revealed, request.id))
    rolling = RollingPlan(Problem(matrix, vehicles), seed=seed, objective=objective)
    started = time.thread_time()
    answered: list[float] = []
    refusals: Counter[str] = Counter()
    squeezed = 0
    for count, request in enumerate(asked):
        rolling.advance(max(rolling.now, request.revealed))
        before = time.thread_time()
        answer = rolling.offer([request], limit=1)
        accepted: Request | None = None
        if answer.offers:
            offer = answer.offers[0]
            accepted = rolling.accept(offer, promise(offer) if promise else None)
        elif squeeze_moves and (accepted := rolling.squeeze(request, Iterations(squeeze_moves))):
            squeezed += 1
        answered.append(time.thread_time() - before)
        if accepted is None and answer.refusal:
            refusals[answer.refusal.reason.value] += 1
        elif improve_moves:
            rolling.improve(Iterations(improve_moves))
        if progress:
            progress(count + 1, len(asked))
    rolling.advance(max(vehicle.shift.latest for vehicle in vehicles))
    cpu = time.thread_time() - started
    return _result(rolling, asked, refusals, squeezed, cpu, answered)


def _result(
    rolling: RollingPlan,
    asked: list[Request],
    refusals: Counter[str],
    squeezed: int,
    cpu: float,
    answered: list[float],
) -> DayResult:
    problem = rolling.problem
    tours = [rolling.driven(vehicle.id) for vehicle in problem.vehicles]
    wanted = {request.id: request for request in asked}
    waits, detours, riders = [], [], 0
    for tour in tours:
        up = {visit.request: visit.at for visit in tour.visits if visit.pickup}
        for visit in tour.visits:
            if visit.pickup:
                continue
            request = problem.requests[visit.request]
            waits.append(up[request.id] - wanted[request.id].pickup_window.earliest)
            ride = visit.at - up[request.id] - request.pickup_service
            detours.append(ride / max(int(problem.matrix.seconds[request.pickup, request.dropoff]), 1))
            riders += max(request.load[0], 1)
    lengths = [_metres(problem, tour) for tour in tours]
    hours = sum(vehicle.shift.width for vehicle in problem.vehicles) / HOUR
    spent = 1000 * np.array(answered or [0.0])
    return DayResult(
        requests=len(asked),
        accepted=len(waits),
        squeezed=squeezed,
        refusals=dict(sorted(refusals.items())),
        broken_promises=sum(len(audit(problem, tour)) for tour in tours),
        mean_wait=round(float(np.mean(waits))) if waits else 0,
        p90_wait=round(float(np.quantile(waits, 0.9))) if waits else 0,
        mean_detour=round(float(np.mean(detours)), 3) if detours else 0.0,
        km=round(sum(whole for whole, _ in lengths) / 1000, 3),
        empty_km=round(sum(empty for _, empty in lengths) / 1000, 3),
        riders_per_vehicle_hour=round(riders / hours, 3) if hours else 0.0,
        cpu_seconds=round(cpu, 3),
        ms_median=round(float(np.median(spent)), 3),
        ms_p99=round(float(np.quantile(spent, 0.99)), 3),
    )


def _metres(problem: Problem, tour: Tour) -> tuple[int, int]:
    """Return the metres of a tour, and those driven with nobody aboard."""
    if not tour.visits:
        return 0, 0
    places = [
        tour.anchor.place,
        *(visit.place(problem) for visit in tour.visits),
        problem.fleet[tour.vehicle].end,
    ]
    aboard = np.cumsum([0, *(1 if visit.pickup else -1 for visit in tour.visits)]).tolist()
    whole = empty = 0
    for (a, b), riders in zip(pairwise(places), aboard, strict=True):
        metres = int(problem.matrix.metres[a, b])
        whole += metres
        empty += 0 if riders else metres
    return whole, empty
