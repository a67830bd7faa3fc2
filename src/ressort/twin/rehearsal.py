"""A whole day rehearsed on the engine alone: real travel times, a gravity demand, no tables in between."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ressort.core.errors import Refused
from ressort.core.network import build
from ressort.core.network import stops as stops_of
from ressort.core.network.models import Feature, NetworkVersion
from ressort.core.network.router import Router
from ressort.engines.dispatch.insertion import offers
from ressort.engines.dispatch.online import RollingPlan
from ressort.engines.dispatch.problem import UNREACHABLE, Matrix, Problem, Request, Vehicle
from ressort.engines.dispatch.simulate import Played, play
from ressort.services.transport.actions import asking
from ressort.services.transport.equity import Need, need_of
from ressort.services.transport.models import Offering
from ressort.twin import demand
from ressort.units import Window

OPENS, CLOSES = 6 * 3600, 22 * 3600
SHIFT = 8 * 3600
AROUND = 3  # stops near each end of a trip


def day(
    network: str, vehicles: int, requests: int, stops: int, seed: int, improve: int, progress: Any
) -> dict[str, Any]:
    """Replay a day of service.

    Parameters
    ----------
    network : str
        Name of a loaded network, or a file to load beside the one in service; empty: the one in service.
    vehicles, requests, stops : int
        Vans (half of them in the morning, half in the afternoon, all at the peaks), trips asked for, stops at most.
    seed : int
        Same seed, same day.
    improve : int
        Moves of ruin and recreate after each accepted request; also spent to make room when nothing fits.
    progress : callable
        ``(step, share done)``.

    Returns
    -------
    dict
        Counts, times and distances; see :class:`ressort.engines.dispatch.simulate.DayResult`. ``by_need``: requests
        and accepted of each :class:`ressort.services.transport.equity.Need`.
    """
    scene = _scene(network, vehicles, requests, stops, seed, progress)
    played = play(
        scene.matrix,
        scene.vans,
        scene.asked,
        seed=seed,
        improve_moves=improve,
        squeeze_moves=improve,
        progress=lambda done, total: progress("Journée", done / total),
    )
    return scene.head | {k: _round(v) for k, v in played.result.to_json().items()} | _by_need(played)


def _by_need(played: Played) -> dict[str, Any]:
    """Return how many of each need asked and were accepted: equity, measured as the service measures it."""
    counts = {need: [0, 0] for need in Need}
    for answer in played.answers:
        seats, wheelchairs, _luggage = answer.request.load
        count = counts[need_of(seats + wheelchairs, wheelchairs)]
        count[0] += 1
        count[1] += answer.promise is not None
    return {
        "by_need": {
            need.value: {"requests": asked, "accepted": served} for need, (asked, served) in counts.items()
        }
    }


def answers(
    network: str, vehicles: int, booked: int, questions: int, stops: int, seed: int, progress: Any
) -> dict[str, Any]:
    """Fill a plan with bookings made ahead, then time the answers to further requests on it.

    Each question is asked with one pair of stops, then as the service asks it: three stops near each end, each pair
    in three slices of its pick-up window. What is answered is not kept, so that every question meets the same plan,
    read anew (no array is kept from one question to the next).

    Parameters
    ----------
    network, vehicles, stops, seed, progress
        As for :func:`day`.
    booked : int
        Bookings open on the plan.
    questions : int
        Requests answered then.

    Returns
    -------
    dict
        CPU milliseconds, median and 99th percentile, of each way of asking.
    """
    scene = _scene(network, vehicles, 3 * booked + questions, stops, seed, progress)
    asked = list(scene.asked)
    random.Random(seed).shuffle(asked)
    rolling = RollingPlan(Problem(scene.matrix, scene.vans), seed=seed)
    while len(rolling.problem.requests) < booked:
        if len(asked) <= questions:
            raise Refused(
                "fleet-full", f"La flotte est pleine à {len(rolling.problem.requests)} réservations."
            )
        if found := rolling.offer([asked.pop()], limit=1).offers:
            rolling.accept(found[0])
        progress("Réservations", len(rolling.problem.requests) / booked)
    near = np.argsort(scene.matrix.metres, axis=1, kind="stable")[:, :AROUND]
    plain: list[float] = []
    whole: list[float] = []
    for n, request in enumerate(asked[:questions]):
        pairs = [(int(i), int(j)) for i in near[request.pickup] for j in near[request.dropoff] if i != j]
        around = [replace(request, id=f"?{i}.{j}", pickup=i, dropoff=j) for i, j in pairs]
        for spent, ways in ((plain, [request]), (whole, [p for one in around for p in asking.sliced(one)])):
            before = time.thread_time()
            offers(rolling.problem, rolling.plan, ways, 0)
            spent.append(1000 * (time.thread_time() - before))
        progress("Demandes", (n + 1) / questions)
    return scene.head | {
        "open": booked,
        "questions": len(plain),
        "ms_median": _round(float(np.median(plain))),
        "ms_p99": _round(float(np.quantile(plain, 0.99))),
        "ms_median_choices": _round(float(np.median(whole))),
        "ms_p99_choices": _round(float(np.quantile(whole, 0.99))),
    }


@dataclass(frozen=True, slots=True)
class _Scene:
    """A town, its vans and what is asked of them."""

    head: dict[str, Any]
    matrix: Matrix
    vans: tuple[Vehicle, ...]
    asked: tuple[Request, ...]


def _scene(network: str, vehicles: int, requests: int, stops: int, seed: int, progress: Any) -> _Scene:
    version = _version(network, progress)
    points = [(lon, lat) for _, lon, lat, _, _ in stops_of.chosen(version, stops)]
    seconds, metres = Router.of(version).matrix(
        points, points, "van", progress=lambda _step, done: progress("Temps de parcours", done)
    )
    none = (seconds < 0) | (metres < 0)
    matrix = Matrix(np.where(none, UNREACHABLE, seconds), np.where(none, UNREACHABLE, metres))
    trips = demand.requests(
        points, _weights(version, points), requests, day=(OPENS, CLOSES - 1800), seed=seed
    )
    rules = Offering()
    asked = (_request(i, trip, matrix, rules) for i, trip in enumerate(trips))
    return _Scene(
        {"network": version.name, "stops": len(points), "vehicles": vehicles, "seed": seed},
        matrix,
        _vans(vehicles, matrix, seed),
        tuple(request for request in asked if request is not None),
    )


def _round(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def _version(network: str, progress: Any) -> NetworkVersion:
    if not network:
        found = build.active_version()
        if found is None:
            raise Refused("no-network", "Aucun réseau n'est chargé : indiquez --network FICHIER.")
        return found
    if found := NetworkVersion.objects.filter(name__iexact=network).exclude(state="building").first():
        return found
    file = Path(network)
    if not file.exists():
        raise Refused("no-network", f"Ni réseau chargé ni fichier ne s'appelle « {network} ».", status=404)
    return build.load(
        file, name=file.name, activate=False, progress=lambda _step, done: progress("Réseau", done)
    )


def _weights(version: NetworkVersion, points: list[tuple[float, float]]) -> Any:
    rows = list(Feature.objects.filter(version=version))
    usual = {"city": 60_000, "town": 9_000, "village": 900}
    communes = [(f.lon, f.lat, f.population or usual[f.kind]) for f in rows if f.kind in usual]
    if not communes:
        west, south, east, north = version.bounds
        communes = [((west + east) / 2, (south + north) / 2, 9_000)]
    return demand.weights_of(
        points, communes, [(f.lon, f.lat, f.kind) for f in rows if f.kind in demand.ATTRACTION]
    )


def _vans(count: int, matrix: Matrix, seed: int) -> tuple[Vehicle, ...]:
    """Return the vans: a morning and an afternoon shift each, from depots drawn among the best linked stops."""
    linked = np.argsort((matrix.seconds >= UNREACHABLE).sum(axis=0), kind="stable")
    chance = random.Random(seed)
    depots = [int(linked[chance.randrange(max(1, len(linked) // 2))]) for _ in range(max(1, count // 10))]
    made = []
    for n in range(count):
        depot, capacity = depots[n % len(depots)], (8 if n % 4 else 6, 0 if n % 4 else 2, 6)
        late = 2700 * (n % 3)
        made.append(
            Vehicle(
                f"{n}-am", depot, depot, Window(OPENS - 1800 + late, OPENS - 1800 + late + SHIFT), capacity
            )
        )
        start = CLOSES + 1800 - SHIFT - late
        made.append(Vehicle(f"{n}-pm", depot, depot, Window(start, start + SHIFT), capacity))
    return tuple(made)


def _request(number: int, trip: demand.Trip, matrix: Matrix, rules: Offering) -> Request | None:
    """Return a trip as the service would ask for it; None for a pair without a way, which no service offers."""
    direct = int(matrix.seconds[trip.origin, trip.destination])
    if direct >= UNREACHABLE:
        return None
    ride = rules.ride_max(direct)
    wheelchairs = int(trip.wheelchair)
    up = rules.pickup_s + wheelchairs * rules.wheelchair_s
    off = rules.dropoff_s + wheelchairs * rules.wheelchair_s
    if trip.is_arrival:
        late = trip.desired - off
        dropoff = (late - rules.wait_s, late)
        pickup = (max(0, dropoff[0] - up - ride), late - up - direct)
    else:
        pickup = (trip.desired, trip.desired + rules.wait_s)
        dropoff = (pickup[0] + up, pickup[1] + up + ride)
    revealed = max(0, min(trip.revealed, pickup[0] - rules.book_minutes * 60))
    load = (trip.passengers - wheelchairs, wheelchairs, 0)
    return Request(
        str(number),
        trip.origin,
        trip.destination,
        Window(*pickup),
        Window(*dropoff),
        load,
        ride,
        up,
        off,
        revealed,
    )
