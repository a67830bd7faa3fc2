"""Distances, boxes and web tiles on the globe, in ``[lon, lat]`` degrees (WGS 84) and metres."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS = 6_371_008.8
METRES_PER_DEGREE = math.pi * EARTH_RADIUS / 180

type Box = tuple[float, float, float, float]


def distance(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the great-circle distance in metres between two points (haversine)."""
    a = math.radians(lat1)
    b = math.radians(lat2)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(h)))


def distances(lon: float, lat: float, lons: ArrayLike, lats: ArrayLike) -> NDArray[np.float64]:
    """Return the distances in metres from one point to many, on the local plane.

    Exact to about 0.1 % within 50 km, which is all a nearest-neighbour search needs.

    Parameters
    ----------
    lon, lat : float
        The point, degrees.
    lons, lats : array_like, shape (n,)
        The others, degrees.
    """
    dx = (np.asarray(lons, dtype=np.float64) - lon) * METRES_PER_DEGREE * math.cos(math.radians(lat))
    dy = (np.asarray(lats, dtype=np.float64) - lat) * METRES_PER_DEGREE
    return np.hypot(dx, dy)


def box_of(points: Iterable[tuple[float, float]]) -> Box:
    """Return ``(west, south, east, north)`` around points; raises ValueError when there are none."""
    lons, lats = zip(*points, strict=True)
    return (min(lons), min(lats), max(lons), max(lats))


def boxes_overlap(a: Box, b: Box) -> bool:
    """Tell whether two boxes share a point."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def grown(box: Box, metres: float) -> Box:
    """Return the box widened on its four sides."""
    dy = metres / METRES_PER_DEGREE
    dx = dy / max(0.01, math.cos(math.radians((box[1] + box[3]) / 2)))
    return (box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy)


def tile_of(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """Return the fractional web Mercator tile ``(x, y)`` of a point, y from the north."""
    n = 1 << zoom
    s = math.sin(math.radians(max(-85.05, min(85.05, lat))))
    return ((lon + 180) / 360 * n, (0.5 - math.log((1 + s) / (1 - s)) / (4 * math.pi)) * n)


def mercator(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the web Mercator position of points in the unit square.

    Parameters
    ----------
    lonlat : ndarray, shape (n, 2)
        Degrees.

    Returns
    -------
    ndarray, shape (n, 2)
        x from the west and y from the north, both in [0, 1].
    """
    out = np.empty((len(lonlat), 2))
    out[:, 0] = (lonlat[:, 0] + 180) / 360
    s = np.sin(np.radians(np.clip(lonlat[:, 1], -85.05, 85.05)))
    out[:, 1] = 0.5 - np.log((1 + s) / (1 - s)) / (4 * math.pi)
    return out


def tiles_over(box: Box, zoom: int) -> Iterator[tuple[int, int]]:
    """Yield the tiles ``(x, y)`` that cover a box at a zoom."""
    last = (1 << zoom) - 1
    x0, y1 = tile_of(box[0], box[1], zoom)
    x1, y0 = tile_of(box[2], box[3], zoom)
    for x in range(max(0, int(x0)), min(last, int(x1)) + 1):
        for y in range(max(0, int(y0)), min(last, int(y1)) + 1):
            yield x, y
