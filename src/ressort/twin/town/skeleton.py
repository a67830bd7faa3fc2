"""The bones of the town: what cannot be crossed (river, lake, railway, bypass) and the roads that everything hangs on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from ressort.twin.town import facts
from ressort.twin.town.plane import Array, Xy, smooth, to_plane, wander

SPOKES = 11
BYPASS_HALF, RIVER_HALF, RAIL_HALF = 46.0, 24.0, 18.0


@dataclass(frozen=True, slots=True)
class Artery:
    """A main road: class, where it leads (for its name), line."""

    cls: str
    towards: str
    line: LineString


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Everything the blocks are cut between, in metres.

    ``barriers`` is the ground no street may use but over a bridge.
    """

    arteries: tuple[Artery, ...]
    bypass: LineString
    river: LineString
    lake: Polygon
    rails: tuple[LineString, ...]
    streams: tuple[LineString, ...]
    barriers: BaseGeometry
    frame: Polygon
    core: Polygon
    centres: Array
    radii: Array


def draw(rng: np.random.Generator) -> Skeleton:
    """Draw the bones of a town from a seed."""
    bypass = smooth(facts.BYPASS, closed=True)
    river = smooth(facts.RIVER)
    rails = _rails()
    lake = _lake(river)
    centres = to_plane(np.array([[c.lon, c.lat] for c in facts.COMMUNES]))
    radii = np.array([13.0 * math.sqrt(c.population) for c in facts.COMMUNES])
    radii[0] = 3_600.0
    frame = shapely.convex_hull(shapely.MultiPoint(centres)).buffer(1_500, quad_segs=4)
    rings = [_ring(rng, radius, spread) for radius, spread in ((640, 0.07), (1_520, 0.06), (2_650, 0.05))]
    arteries = [Artery("secondary", f"ring{i}", _closed(ring, i)) for i, ring in enumerate(rings)]
    for spoke in range(SPOKES):
        # It starts inside the first boulevard, whose corners are rounded: what sticks out is pruned later.
        chain = [0.93 * rings[0][spoke], *(ring[spoke] for ring in rings[1:])]
        line = LineString([(float(x), float(y)) for x, y in chain])
        arteries.append(Artery("primary", f"spoke{spoke}", line))
    arteries += _core_streets(rng, rings[0])
    arteries += _between_communes(rng, centres, rings[2], frame)
    arteries += [
        _local_ring(rng, centres[i], radii[i])
        for i in range(1, len(radii))
        if facts.COMMUNES[i].population > 5_000
    ]
    dry = lake.buffer(28)
    kept = []
    for artery in arteries:
        rest = shapely.difference(artery.line, dry)
        kept += [
            Artery(artery.cls, artery.towards, part) for part in shapely.get_parts(rest) if part.length > 60
        ]
    barriers = shapely.union_all(
        [
            bypass.buffer(BYPASS_HALF),
            river.buffer(RIVER_HALF),
            lake.buffer(26),
            *(rail.buffer(RAIL_HALF) for rail in rails),
        ]
    )
    return Skeleton(
        arteries=tuple(kept),
        bypass=bypass,
        river=river,
        lake=lake,
        rails=rails,
        streams=tuple(smooth(line) for line in facts.STREAMS),
        barriers=barriers,
        frame=frame,
        core=Polygon(0.62 * rings[0]),
        centres=centres,
        radii=radii,
    )


def _lake(river: LineString) -> Polygon:
    """Return the lake: the river swollen between two places."""
    start, end = (river.project(shapely.Point(place)) for place in facts.LAKE)
    bulges = []
    for share in np.linspace(0, 1, 13):
        centre = river.interpolate(start + share * (end - start))
        bulges.append(centre.buffer(40 + 150 * math.sin(math.pi * share) ** 0.7))
    found = shapely.union_all(bulges).buffer(60).buffer(-60)
    return Polygon(found.exterior).simplify(4)


def _rails() -> tuple[LineString, ...]:
    """Return the railways, each branch starting on the line it leaves."""
    main, *branches = (smooth(line) for line in facts.RAILS)
    found = [main]
    for branch in branches:
        start = shapely.Point(branch.coords[0])
        trunk = min(found, key=start.distance)
        joint = trunk.interpolate(trunk.project(start))
        found.append(LineString([joint.coords[0], *branch.coords[1:]]))
    return tuple(found)


def _ring(rng: np.random.Generator, radius: float, spread: float) -> Array:
    angles = (np.arange(SPOKES) + rng.uniform(-0.16, 0.16, SPOKES)) * 2 * math.pi / SPOKES + 0.3
    far = radius * rng.normal(1, spread, SPOKES)
    return np.column_stack([far * np.cos(angles), far * np.sin(angles)])


def _closed(ring: Array, number: int) -> LineString:
    points: Sequence[Xy] = [(float(x), float(y)) for x, y in ring]
    # The outer boulevards keep more of their corners than the one that replaced the walls.
    return smooth(points, closed=True, rounds=1 if number else 2)


def _core_streets(rng: np.random.Generator, ring: Array) -> list[Artery]:
    """Return the two old streets that cross the centre and meet at its main square."""
    square = rng.normal(0, 40, 2)
    found = []
    for spoke in (0, 3, 6, 8):
        line = wander(
            rng, (float(square[0]), float(square[1])), (float(ring[spoke][0]), float(ring[spoke][1])), 0.05
        )
        found.append(Artery("tertiary", "core", line))
    return found


def _between_communes(rng: np.random.Generator, centres: Array, ring: Array, frame: Polygon) -> list[Artery]:
    """Return roads from the town to its communes: a tree, then shortcuts between neighbours, then ways out."""
    nodes: list[Array] = [*ring]
    cost = [float(np.hypot(*point)) for point in ring]
    owner = [-1] * len(ring)
    found: list[Artery] = []
    linked: set[tuple[int, int]] = set()
    order = sorted(range(1, len(centres)), key=lambda i: float(np.hypot(*centres[i])))
    served = {i: facts.COMMUNES[i].population for i in order}
    parents: dict[int, int] = {}
    for i in order:
        gaps = [float(np.hypot(*(centres[i] - node))) for node in nodes]
        best = min(range(len(nodes)), key=lambda k: gaps[k] * 1.15 + 0.6 * cost[k])
        parents[i] = best
        nodes.append(centres[i])
        cost.append(cost[best] + gaps[best])
        owner.append(i)
    for i in reversed(order):
        up = owner[parents[i]]
        if up > 0:
            served[up] += served[i]
    for i in order:
        a, up = nodes[parents[i]], owner[parents[i]]
        cls = "primary" if served[i] > 7_000 else "secondary"
        found.append(Artery(cls, facts.COMMUNES[i].name, wander(rng, _pair(a), _pair(centres[i]), 0.035)))
        linked.add((min(i, up), max(i, up)))
    pairs = ((i, j) for i in order for j in order if i < j and (i, j) not in linked)
    found += [
        Artery("tertiary", facts.COMMUNES[j].name, wander(rng, _pair(centres[i]), _pair(centres[j]), 0.045))
        for i, j in pairs
        if _neighbours(centres, i, j)
    ]
    edge = frame.exterior
    for i in (10, 15, 17, 18, 20, 19, 14, 11, 22):
        out = centres[i] * (1 + 2_600 / float(np.hypot(*centres[i])))
        road = wander(rng, _pair(centres[i]), _pair(out), 0.05).intersection(frame)
        if road.geom_type == "LineString" and edge.distance(shapely.Point(road.coords[-1])) < 5:
            found.append(Artery("secondary", "out", road))
    return found


def _pair(point: Array) -> Xy:
    return (float(point[0]), float(point[1]))


def _neighbours(centres: Array, i: int, j: int) -> bool:
    """Tell whether no third commune lies in the circle between two, and they are not far apart (Gabriel graph)."""
    middle, half = (centres[i] + centres[j]) / 2, float(np.hypot(*(centres[i] - centres[j]))) / 2
    others = [k for k in range(len(centres)) if k not in {i, j}]
    return half < 2_700 and all(float(np.hypot(*(centres[k] - middle))) > half * 0.93 for k in others)


def _local_ring(rng: np.random.Generator, centre: Array, radius: float) -> Artery:
    count = 7
    angles = (np.arange(count) + rng.uniform(-0.2, 0.2, count)) * 2 * math.pi / count
    far = 0.55 * radius * rng.normal(1, 0.09, count)
    points = np.column_stack([far * np.cos(angles), far * np.sin(angles)]) + centre
    return Artery("tertiary", "local", smooth([_pair(point) for point in points], closed=True, rounds=2))
