"""A service day replayed on the engine alone, for rehearsals and benchmarks."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from ressort.engines.dispatch.insertion import Offer, Refusal
from ressort.engines.dispatch.online import RollingPlan
from ressort.engines.dispatch.plan import Tour
from ressort.engines.dispatch.problem import Matrix, Objective, Problem, Request, Vehicle
from ressort.engines.dispatch.schedule import audit
from ressort.engines.dispatch.stopping import Iterations, WhenTold
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


@dataclass(frozen=True, slots=True)
class Answered:
    """What a rider was told.

    Parameters
    ----------
    request
        As it was asked.
    at
        When, in seconds.
    promise
        What was promised; None when it was refused.
    refusal
        Why it was refused.
    squeezed
        Whether others had to move inside their promises.
    ms
        CPU milliseconds that the answer took.
    """

    request: Request
    at: Seconds
    promise: Request | None
    refusal: Refusal | None
    squeezed: bool
    ms: float


@dataclass(frozen=True)
class Played:
    """A day played to its end.

    Parameters
    ----------
    rolling
        The state at the end; ``rolling.driven`` gives what a vehicle did.
    answers
        In the order in which they were given.
    cpu_seconds
        Of the whole day.
    """

    rolling: RollingPlan
    answers: tuple[Answered, ...]
    cpu_seconds: float

    @cached_property
    def tours(self) -> tuple[Tour, ...]:
        """What every vehicle did, in the order of the fleet."""
        return tuple(self.rolling.driven(vehicle.id) for vehicle in self.rolling.problem.vehicles)

    @cached_property
    def result(self) -> DayResult:
        """What the day came to."""
        return _result(self)

    @property
    def broken_promises(self) -> int:
        """Rules broken over all the tours driven, checked against the promises made."""
        return sum(len(audit(self.rolling.problem, tour)) for tour in self.tours)

    @property
    def ms(self) -> tuple[float, float]:
        """Median and 99th percentile of the milliseconds of an answer."""
        spent = np.array([answer.ms for answer in self.answers] or [0.0])
        return round(float(np.median(spent)), 3), round(float(np.quantile(spent, 0.99)), 3)


def play(
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
    halt: WhenTold | None = None,
) -> Played:
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
    halt
        Once told, nobody else is answered, and what was promised is driven.

    Returns
    -------
    Played
        Its answers depend on the inputs and the seed alone; its times on the machine.
    """
    asked = sorted(requests, key=lambda request: (request.revealed, request.id))
    rolling = RollingPlan(Problem(matrix, vehicles), seed=seed, objective=objective)
    started = time.thread_time()
    answers: list[Answered] = []
    for request in asked:
        if halt and halt.told:
            break
        rolling.advance(max(rolling.now, request.revealed))
        answers.append(_answer(rolling, request, promise, squeeze_moves))
        if improve_moves and answers[-1].promise:
            rolling.improve(Iterations(improve_moves))
        if progress:
            progress(len(answers), len(asked))
    rolling.advance(max(vehicle.shift.latest for vehicle in vehicles))
    return Played(rolling, tuple(answers), time.thread_time() - started)


def _answer(rolling: RollingPlan, request: Request, promise: Promise | None, squeeze_moves: int) -> Answered:
    before = time.thread_time()
    answer = rolling.offer([request], limit=1)
    kept: Request | None = None
    if answer.offers:
        offer = answer.offers[0]
        kept = rolling.accept(offer, promise(offer) if promise else None)
    elif squeeze_moves:
        kept = rolling.squeeze(request, Iterations(squeeze_moves))
    squeezed = kept is not None and not answer.offers
    ms = 1000 * (time.thread_time() - before)
    return Answered(request, rolling.now, kept, None if kept else answer.refusal, squeezed, ms)


def _result(played: Played) -> DayResult:
    problem, tours = played.rolling.problem, played.tours
    wanted = {answer.request.id: answer.request for answer in played.answers}
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
    refusals = Counter(answer.refusal.reason.value for answer in played.answers if answer.refusal)
    median, p99 = played.ms
    return DayResult(
        requests=len(played.answers),
        accepted=len(waits),
        squeezed=sum(answer.squeezed for answer in played.answers),
        refusals=dict(sorted(refusals.items())),
        broken_promises=played.broken_promises,
        mean_wait=round(float(np.mean(waits))) if waits else 0,
        p90_wait=round(float(np.quantile(waits, 0.9))) if waits else 0,
        mean_detour=round(float(np.mean(detours)), 3) if detours else 0.0,
        km=round(sum(whole for whole, _ in lengths) / 1000, 3),
        empty_km=round(sum(empty for _, empty in lengths) / 1000, 3),
        riders_per_vehicle_hour=round(riders / hours, 3) if hours else 0.0,
        cpu_seconds=round(played.cpu_seconds, 3),
        ms_median=median,
        ms_p99=p99,
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
