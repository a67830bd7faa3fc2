"""Tens of thousands of points on a map: which stand alone in a tile, and which are told together.

Cells are squares of an eighth of a tile, aligned on the tiles, so that neighbouring tiles never tell a point twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CELLS = 8
"""Cells along a tile's side: 64 px each where a tile is 512 px."""
ALONE = 2
"""Points of a cell that are still shown one by one."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a tile shows.

    Attributes
    ----------
    singles : (s,) array of int
        Indices of the points that are shown one by one.
    x, y : (g,) arrays of float
        Middle of each group, in units of the world.
    counts, marked : (g,) arrays of int
        Points of each group, and how many of them are marked.
    """

    singles: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    counts: NDArray[np.int64]
    marked: NDArray[np.int64]


def mercator(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return web Mercator coordinates in units of the world: 0 to 1, y towards the south."""
    sine = np.sin(np.radians(np.clip(lat, -85.05112878, 85.05112878)))
    return lon / 360 + 0.5, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)


def gather(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    mark: NDArray[np.bool_],
    tile: tuple[int, int, int],
    *,
    apart: bool = False,
) -> Gathered:
    """Return what a tile ``(z, column, row)`` shows of points given in units of the world.

    Parameters
    ----------
    mark : (n,) array of bool
        Points that a group must not hide: how many it holds is counted.
    apart : bool
        Show every point by itself, however many.

    Notes
    -----
    At most ``CELLS ** 2 * max(ALONE, 1)`` features for a tile, unless ``apart``. Linear in the number of points.
    """
    z, column, row = tile
    across, down = x * 2.0**z - column, y * 2.0**z - row
    inside = np.flatnonzero((across >= 0) & (across < 1) & (down >= 0) & (down < 1))
    if apart or not inside.size:
        nothing = np.empty(0)
        none = np.empty(0, np.int64)
        return Gathered(inside, nothing, nothing, none, none)
    cells = (down[inside] * CELLS).astype(np.int64) * CELLS + (across[inside] * CELLS).astype(np.int64)
    counts = np.bincount(cells, minlength=CELLS**2)
    crowded = np.flatnonzero(counts > ALONE)
    n = counts[crowded]
    return Gathered(
        inside[counts[cells] <= ALONE],
        np.bincount(cells, x[inside], CELLS**2)[crowded] / n,
        np.bincount(cells, y[inside], CELLS**2)[crowded] / n,
        n,
        np.bincount(cells[mark[inside]], minlength=CELLS**2)[crowded],
    )
