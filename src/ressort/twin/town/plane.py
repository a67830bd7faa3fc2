"""The drawing plane of the town: metres around its centre, and the bends that make straight lines look grown."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from ressort.engines.geodesy import METRES_PER_DEGREE
from ressort.twin.town.facts import CENTRE

type Xy = tuple[float, float]
type Array = NDArray[np.float64]

_SCALE = np.array([METRES_PER_DEGREE * math.cos(math.radians(CENTRE[1])), METRES_PER_DEGREE])
_ORIGIN = np.array(CENTRE)


def to_plane(lonlat: Array) -> Array:
    """Return metres from the centre of points in degrees, shape (n, 2)."""
    return (np.asarray(lonlat, dtype=np.float64) - _ORIGIN) * _SCALE


def to_lonlat(xy: Array) -> Array:
    """Return degrees of points in metres, shape (n, 2), rounded as OpenStreetMap stores them."""
    return np.round(np.asarray(xy, dtype=np.float64) / _SCALE + _ORIGIN, 7)


class Bend:
    """A smooth displacement of the plane: sums of waves small enough that lines never fold over.

    Parameters
    ----------
    rng : Generator
        Where the phases and directions come from.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        # (wavelength, amplitude): the slope 2 pi a / w of all together stays under 1.
        waves = [(2_600.0, 80.0), (1_500.0, 42.0), (700.0, 15.0), (330.0, 4.5)]
        self._waves = []
        for length, height in waves:
            for _ in range(2):
                angle = rng.uniform(0, 2 * math.pi)
                wave = 2 * math.pi / length * np.array([math.cos(angle), math.sin(angle)])
                push = height / 1.4 * np.array([-math.sin(angle), math.cos(angle)])
                self._waves.append((wave, push, rng.uniform(0, 2 * math.pi)))

    def __call__(self, xy: Array) -> Array:
        """Return the points displaced, shape (n, 2)."""
        out = np.array(xy, dtype=np.float64)
        for wave, push, phase in self._waves:
            out += np.sin(xy @ wave + phase)[:, None] * push
        return out

    def line(self, line: LineString, step: float = 45.0) -> LineString:
        """Return a line bent, with enough points to show it; its ends go where the ends go."""
        found: LineString = shapely.transform(shapely.segmentize(line, step), self)
        return found


def smooth(points: Sequence[Xy], *, closed: bool = False, rounds: int = 3) -> LineString:
    """Return a curve through the middle of a broken line (Chaikin's corner cutting), ends kept."""
    path = np.asarray(points, dtype=np.float64)
    for _ in range(rounds):
        if closed:
            following = np.roll(path, -1, axis=0)
            path = np.stack([0.75 * path + 0.25 * following, 0.25 * path + 0.75 * following], axis=1).reshape(
                -1, 2
            )
        else:
            a, b = path[:-1], path[1:]
            cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
            path = np.vstack([path[:1], cut[1:-1], path[-1:]])
    return LineString(np.vstack([path, path[:1]]) if closed else path)


def wander(rng: np.random.Generator, a: Xy, b: Xy, strength: float) -> LineString:
    """Return a road from a to b that leaves the straight line by about ``strength`` times its length."""
    start, end = np.asarray(a), np.asarray(b)
    along = end - start
    length = float(np.hypot(*along))
    across = np.array([-along[1], along[0]])
    count = max(1, int(length // 700))
    points = [start]
    swing = rng.normal(0, strength)
    for i in range(1, count + 1):
        share = i / (count + 1)
        swing = 0.6 * swing + rng.normal(0, strength)
        points.append(start + along * share + across * swing * math.sin(math.pi * share))
    return smooth([tuple(point) for point in [*points, end]], rounds=2)
