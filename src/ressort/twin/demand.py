"""Who wants to travel, where and when: a gravity model between stops, and the hours of a day.

Pure NumPy: the same arguments give the same trips. Used by ``ressort bench day`` and by the twin's riders.

A stop sends trips in proportion to the people around it and draws them in proportion to what is there (people again,
and places: centre, hospital, station, schools); a pair counts for the product, lowered by the distance between the
two (Wilson's gravity model with an exponential deterrence). Hours follow the two peaks of a working day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ressort.engines.geodesy import METRES_PER_DEGREE

# Share of a day's trips that start in each hour, 0 h to 23 h: morning and evening peaks, a bump at noon.
HOURS = np.array(
    [
        0.2,
        0.1,
        0.1,
        0.1,
        0.3,
        1.2,
        3.4,
        8.2,
        9.4,
        6.2,
        5.2,
        5.6,
        6.6,
        6.0,
        5.8,
        6.0,
        8.0,
        9.4,
        7.6,
        4.6,
        2.6,
        1.7,
        1.1,
        0.6,
    ]
)
ATTRACTION = {
    "station": 6.0,
    "hospital": 5.0,
    "town_hall": 1.5,
    "school": 2.0,
    "pharmacy": 1.0,
    "market": 2.0,
}


@dataclass(frozen=True, slots=True)
class Trip:
    """A trip that somebody wants.

    Attributes
    ----------
    origin, destination : int
        Ranks of stops, different.
    desired : int
        Second wished: of departure, or of arrival when ``is_arrival``.
    passengers : int
        1 to 4.
    wheelchair : bool
    revealed : int
        Second at which the request is made: long before for those who book ahead, minutes before for the others.
    """

    origin: int
    destination: int
    desired: int
    is_arrival: bool
    passengers: int
    wheelchair: bool
    revealed: int


def weights_of(
    stops: ArrayLike,
    communes: Sequence[tuple[float, float, int]],
    attractors: Sequence[tuple[float, float, str]] = (),
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how many trips each stop sends and draws, relatively.

    Parameters
    ----------
    stops : array_like, shape (n, 2)
        ``[lon, lat]``.
    communes : sequence of (lon, lat, population)
        Each commune's people are shared among the stops nearest to its centre.
    attractors : sequence of (lon, lat, kind)
        Places that draw people; kinds as in ``ATTRACTION``.

    Returns
    -------
    sends, draws : ndarray, shape (n,)
        Each sums to 1.
    """
    at = np.asarray(stops, dtype=np.float64)
    if len(at) == 0:
        return np.zeros(0), np.zeros(0)
    sends = np.full(len(at), 1e-6)
    if len(communes):
        gaps = np.stack([_metres(at, lon, lat) for lon, lat, _ in communes])
        radius = np.array([13.0 * math.sqrt(max(60, people)) for *_, people in communes])
        owner = np.argmin((gaps / radius[:, None]), axis=0)
        for rank, (_, _, people) in enumerate(communes):
            mine = np.flatnonzero(owner == rank)
            if len(mine):
                share = np.exp(-gaps[rank, mine] / (1.5 * radius[rank]))
                sends[mine] += people * share / share.sum()
    sends /= sends.sum()
    draws = 0.45 * sends
    for lon, lat, kind in attractors:
        pull = np.exp(-_metres(at, lon, lat) / 350.0)
        if pull.sum() > 1e-9:
            draws = draws + 0.55 * ATTRACTION.get(kind, 1.0) * pull / pull.sum() / max(1, len(attractors))
    return sends, draws / draws.sum()


def _metres(at: NDArray[np.float64], lon: float, lat: float) -> NDArray[np.float64]:
    dx = (at[:, 0] - lon) * METRES_PER_DEGREE * math.cos(math.radians(lat))
    return np.hypot(dx, (at[:, 1] - lat) * METRES_PER_DEGREE)


def flows(
    stops: ArrayLike, sends: ArrayLike, draws: ArrayLike, *, deterrence: float = 4_000.0, least: float = 600.0
) -> NDArray[np.float64]:
    """Return the share of trips of every pair, shape (n, n), summing to 1; nobody rides less than ``least`` metres."""
    at = np.asarray(stops, dtype=np.float64)
    gaps = np.stack([_metres(at, lon, lat) for lon, lat in at]) if len(at) else np.zeros((0, 0))
    pull = np.outer(np.asarray(sends), np.asarray(draws)) * np.exp(-gaps / deterrence)
    pull[gaps < least] = 0.0
    total = pull.sum()
    if total <= 0:
        pull = np.where(np.eye(len(at), dtype=bool), 0.0, 1.0)
        total = max(1.0, pull.sum())
    shares: NDArray[np.float64] = pull / total
    return shares


def requests(
    stops: ArrayLike,
    weights: tuple[ArrayLike, ArrayLike],
    n: int,
    *,
    day: tuple[int, int] = (21_600, 79_200),
    seed: int = 1,
    prebooked: float = 0.55,
    arrivals: float = 0.35,
    wheelchairs: float = 0.04,
    spontaneous_notice: tuple[int, int] = (1_800, 5_400),
) -> list[Trip]:
    """Return the trips of a day, in the order in which they are asked for.

    Parameters
    ----------
    stops : array_like, shape (m, 2)
        ``[lon, lat]``, at least two.
    weights : (sends, draws)
        As :func:`weights_of` returns them.
    n : int
        How many trips.
    day : (int, int)
        Seconds between which people wish to travel, half-open.
    seed : int
    prebooked : float
        Share asked for before the day begins (the evening before, or weeks ahead).
    arrivals : float
        Share that must arrive by a time, most of them in the morning.
    wheelchairs : float
        Share of riders in a wheelchair.
    spontaneous_notice : (int, int)
        Least and most notice of the others, seconds.

    Raises
    ------
    ValueError
        With fewer than two stops, or an empty day.
    """
    at = np.asarray(stops, dtype=np.float64)
    if len(at) < 2:
        raise ValueError("Il faut au moins deux arrêts pour voyager.")
    if day[1] <= day[0]:
        raise ValueError("La journée se termine avant de commencer.")
    rng = np.random.default_rng(seed)
    shares = flows(at, *weights)
    towards = _tide(shares)
    desired = np.sort(_moments(rng, n, day))
    pairs = np.empty(n, dtype=np.int64)
    morning = desired % 86_400 < 43_200
    for half, table in ((morning, towards), (~morning, towards.T)):
        cumulated = np.cumsum(table.ravel())
        drawn = np.searchsorted(cumulated, rng.random(int(half.sum())) * cumulated[-1], side="right")
        pairs[half] = np.minimum(drawn, table.size - 1)
    ahead = rng.random(n) < prebooked
    notice = np.where(ahead, rng.integers(43_200, 14 * 86_400, n), rng.integers(*spontaneous_notice, n))
    by_arrival = rng.random(n) < np.where(morning, 1.4 * arrivals, 0.5 * arrivals)
    together = rng.choice([1, 2, 3, 4], n, p=[0.8, 0.14, 0.04, 0.02])
    chairs = rng.random(n) < wheelchairs
    trips = [
        Trip(
            origin=int(pairs[i] // len(at)),
            destination=int(pairs[i] % len(at)),
            desired=int(desired[i]),
            is_arrival=bool(by_arrival[i]),
            passengers=1 if chairs[i] else int(together[i]),
            wheelchair=bool(chairs[i]),
            revealed=int(desired[i] - notice[i]),
        )
        for i in range(n)
    ]
    return sorted(trips, key=lambda trip: (trip.revealed, trip.desired, trip.origin, trip.destination))


def _tide(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the morning's flows: what is sent to what draws; the evening takes them back."""
    return 0.85 * shares + 0.15 * shares.T


def _moments(rng: np.random.Generator, n: int, day: tuple[int, int]) -> NDArray[np.int64]:
    """Return seconds of the day, following ``HOURS``, to the minute as people say them."""
    minutes = np.arange(day[0] // 60, -(-day[1] // 60))
    hours = (minutes / 60.0 - 0.5) % 24
    density = np.interp(hours, np.arange(-1, 25), np.concatenate([HOURS[-1:], HOURS, HOURS[:1]]))
    chosen = rng.choice(minutes, n, p=density / density.sum())
    rounded = np.where(rng.random(n) < 0.6, chosen // 5 * 5, chosen) * 60
    moments: NDArray[np.int64] = np.clip(rounded, day[0], day[1] - 1).astype(np.int64)
    return moments
