"""The outline of a network: one small drawing of its main roads and rivers, shown where the map waits to be asked for.

Each network version keeps its own ``outline.svg``: a few kilobytes that any browser draws at once, without a script.
Its lines are half-transparent grey, so that it lies as well on a light page as on a dark one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ressort.core.network.folders import folder_of
from ressort.core.network.osm import Extract
from ressort.engines.geodesy import mercator

OUTLINE_FILE = "outline.svg"
_WIDTH = 800
_BYTES = 60_000
# Widest first; from the last one, a kind is left out of a drawing that is too heavy with it.
_ROADS = (("motorway trunk", 5), ("primary", 4), ("secondary", 3), ("tertiary", 2), ("residential", 1))


def write_outline(extract: Extract, out: Path) -> None:
    """Write the outline of an extract, framed by its bounds and no heavier than 60 kB."""
    west, south, east, north = extract.bounds
    corners = mercator(np.array([(west, north), (east, south)]))
    scale = _WIDTH / max(corners[1, 0] - corners[0, 0], 1e-12)
    height = max(1, round((corners[1, 1] - corners[0, 1]) * scale))

    def path(lines: list[BaseGeometry], width: int, color: str) -> str:
        placed = shapely.transform(
            np.array(lines, dtype=object), lambda xy: (mercator(xy) - corners[0]) * scale
        )
        drawn = [
            _line(np.rint(shapely.get_coordinates(one)).astype(int)) for one in shapely.simplify(placed, 1)
        ]
        return f'<path stroke="{color}" stroke-width="{width}" d="{"".join(drawn)}"/>' if drawn else ""

    rivers = [s.geometry for s in extract.shapes if s.layer == "waterway" and s.cls in {"river", "canal"}]
    parts = [path(rivers, 6, "#4f8fc0")]
    for classes, width in _ROADS:
        wanted = classes.split()
        part = path([road.line for road in extract.roads if road.cls in wanted], width, "#808a99")
        if sum(map(len, [*parts, part])) > _BYTES:
            break
        parts.append(part)
    out.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" fill="none" opacity="0.55"'
        f' stroke-linecap="round" stroke-linejoin="round">{"".join(parts)}</svg>',
        encoding="ascii",
    )


def _line(points: np.ndarray) -> str:
    """Return one line of a path, in steps from one point to the next."""
    steps = np.diff(points, axis=0)
    steps = steps[steps.any(axis=1)]
    if not len(steps):
        return ""
    return f"M{points[0, 0]} {points[0, 1]}l" + " ".join(f"{dx} {dy}" for dx, dy in steps.tolist())


def read_outline(version: str) -> bytes | None:
    """Return the outline of a network version as SVG, or None if it is unknown or was loaded before there were any."""
    path = folder_of(str(version)) / OUTLINE_FILE
    return path.read_bytes() if path.exists() else None
