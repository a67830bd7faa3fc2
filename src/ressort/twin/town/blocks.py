"""Blocks of houses: the ground between the main roads, cut again and again until blocks have the size of their quarter.

Each cut is a street. Cutting across the long side of what is left gives the T-junctions, uneven blocks and streets
of very different lengths that planned grids lack; cuts aim at junctions already there, which makes some crossroads.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import split

from ressort.twin.town.plane import Array
from ressort.twin.town.skeleton import Skeleton

RURAL = 1.5e6
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Leaf:
    """A block that is cut no further. ``use`` is homes, core, park, industrial, school, cemetery or country."""

    polygon: Polygon
    use: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A street made by a cut."""

    line: LineString
    area: float


class Density:
    """How large blocks are, in square metres, anywhere."""

    def __init__(self, skeleton: Skeleton) -> None:
        self._centres, self._radii = skeleton.centres, skeleton.radii
        self._inside = Polygon(skeleton.bypass)
        shapely.prepare(self._inside)

    def __call__(self, xy: Array) -> Array:
        """Return the wanted area of blocks at points, shape (n,)."""
        share = np.hypot(*(xy - self._centres[1:, None]).transpose(2, 0, 1)) / self._radii[1:, None]
        around = np.select([share < 0.3, share < 0.95, share < 1.1], [9_000, 15_500, 42_000], RURAL)
        found = around.min(axis=0, initial=RURAL)
        far = np.hypot(*xy.T)
        inside = shapely.contains_xy(self._inside, xy)
        steps = [far < 430, far < 900, far < 1_900, far < 3_100, far < 4_100]
        town = np.select(steps, [4_200, 7_000, 11_000, 15_500, 24_000], RURAL)
        # The west, beyond the lake, is hills.
        hills = (xy[:, 0] < -3_300) & (xy[:, 1] < 1_500) & (xy[:, 1] > -2_400)
        return np.where(inside & ~hills, np.minimum(found, town), found)


def cut_blocks(
    rng: np.random.Generator, skeleton: Skeleton, density: Density
) -> tuple[list[Leaf], list[Cut]]:
    """Return the blocks and the streets between them."""
    lines = [artery.line for artery in skeleton.arteries]
    noded = shapely.union_all([*lines, skeleton.barriers.boundary, skeleton.frame.exterior], grid_size=0.5)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    shapely.prepare(skeleton.barriers)
    stack = [face for face in faces if not skeleton.barriers.contains(face.representative_point())]
    stack.sort(key=lambda face: (round(face.centroid.x, 3), round(face.centroid.y, 3)))
    junctions = _Junctions()
    leaves: list[Leaf] = []
    cuts: list[Cut] = []
    while stack:
        face = stack.pop()
        want = float(density(_samples(face)).min())
        if use := _special(rng, face, want):
            leaves.append(Leaf(face, use))
            continue
        halves = None
        if face.area > 1.55 * want:
            halves = _halves(rng, face, want, junctions)
        if halves is None:
            country = want > 60_000 or face.area > 75_000
            leaves.append(Leaf(face, "country" if country else "core" if want < 5_000 else "homes"))
            continue
        line, parts = halves
        cuts.append(Cut(line, want))
        junctions.add(line.coords[0])
        junctions.add(line.coords[-1])
        stack += parts
    return leaves, cuts


def _samples(face: Polygon) -> Array:
    """Return points that speak for a face: its inside, and its corners drawn in."""
    inside = face.representative_point()
    rim = shapely.get_coordinates(shapely.segmentize(face.exterior, 400))
    middle = np.array([[inside.x, inside.y], [face.centroid.x, face.centroid.y]])
    return np.vstack([middle, 0.85 * rim + 0.15 * middle[0]])


_SPECIAL = (
    ("park", 0.035, 26_000, 110_000),
    ("industrial", 0.05, 60_000, 190_000),
    ("school", 0.03, 18_000, 50_000),
    ("cemetery", 0.012, 16_000, 40_000),
)


def _special(rng: np.random.Generator, face: Polygon, want: float) -> str:
    if want > 45_000 or want < 6_000:
        return ""
    area, centre = face.area, face.centroid
    for use, chance, least, most in _SPECIAL:
        if use == "industrial":  # works lie on the plain, along the railway and the bypass
            east = centre.x > 900 and math.hypot(centre.x, centre.y) > 2_200
            chance = chance * 2.2 if east else 0.0  # noqa: PLW2901
        if least < area < most and rng.random() < chance:
            return use
    return ""


class _Junctions:
    """Ends of streets already cut, by squares of 60 m."""

    def __init__(self) -> None:
        self._squares: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)

    def add(self, point: tuple[float, ...]) -> None:
        self._squares[int(point[0] // 60), int(point[1] // 60)].append((point[0], point[1]))

    def near(self, point: tuple[float, float], reach: float) -> tuple[float, float] | None:
        column, row = int(point[0] // 60), int(point[1] // 60)
        best: tuple[float, tuple[float, float]] | None = None
        for i in (column - 1, column, column + 1):
            for j in (row - 1, row, row + 1):
                for other in self._squares.get((i, j), ()):
                    gap = math.dist(point, other)
                    if gap < reach and (best is None or gap < best[0]):
                        best = (gap, other)
        return best[1] if best else None


def _halves(
    rng: np.random.Generator, face: Polygon, want: float, junctions: _Junctions
) -> tuple[LineString, list[Polygon]] | None:
    """Return a street across a face and the two sides of it, None when no good one is found."""
    box = np.asarray(shapely.get_coordinates(shapely.minimum_rotated_rectangle(face)))
    sides = box[1:3] - box[0:2]
    long, short = sorted(sides, key=lambda side: -float(np.hypot(*side)))
    crooked = 0.3 if want < 5_000 else 0.16 if want < 12_000 else 0.07
    for attempt in range(_TRIES):
        share = rng.uniform(0.4, 0.6) if attempt < 4 else rng.uniform(0.3, 0.7)
        through = box[:4].mean(axis=0) + long * (share - 0.5)
        angle = math.atan2(short[1], short[0]) + rng.normal(0, crooked)
        reach = float(np.hypot(*long)) + float(np.hypot(*short))
        way = np.array([math.cos(angle), math.sin(angle)]) * reach
        line = _across(face, LineString([through - way, through + way]), through, junctions, want)
        if line is None:
            continue
        parts = _parts(face, line)
        if len(parts) == 2 and all(_good(part, want) for part in parts):
            return line, parts
    return None


def _across(
    face: Polygon, ray: LineString, through: Array, junctions: _Junctions, want: float
) -> LineString | None:
    """Return the part of a ray that crosses the face nearest to a point, its ends drawn to junctions close by."""
    pieces = [piece for piece in shapely.get_parts(face.intersection(ray)) if piece.geom_type == "LineString"]
    if not pieces:
        return None
    here = shapely.Point(through)
    piece = min(pieces, key=here.distance)
    reach = 0.22 * math.sqrt(want) if want < 1e5 else 60.0
    ends = []
    for end in (piece.coords[0], piece.coords[-1]):
        other = junctions.near((end[0], end[1]), reach)
        on_rim = other is not None and face.exterior.distance(shapely.Point(other)) < 0.6
        ends.append(other if on_rim and other is not None else (end[0], end[1]))
    if math.dist(*ends) < 30:
        return None
    line = LineString(ends)
    return line if face.buffer(1.0).contains(line) else piece


def _parts(face: Polygon, line: LineString) -> list[Polygon]:
    (x0, y0), (x1, y1) = line.coords[0], line.coords[-1]
    length = math.hypot(x1 - x0, y1 - y0)
    dx, dy = (x1 - x0) / length * 1.5, (y1 - y0) / length * 1.5
    found = split(face, LineString([(x0 - dx, y0 - dy), (x1 + dx, y1 + dy)]))
    return [part for part in found.geoms if part.area > 50]


def _good(part: Polygon, want: float) -> bool:
    compact = 4 * math.pi * part.area / part.length**2
    return part.area > 0.3 * want and compact > 0.22
