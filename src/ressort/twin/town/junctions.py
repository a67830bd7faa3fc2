"""What happens at junctions and on the bypass: roundabouts, one-way streets, the walkers' centre, interchanges."""

from __future__ import annotations

import math

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import substring

from ressort.twin.town.plane import Array, Bend
from ressort.twin.town.skeleton import BYPASS_HALF, Skeleton
from ressort.twin.town.streets import ARTERIES, Edge, Streets, mend

_HALF_MEDIAN = 9.0
_RAMP = 270.0


def finish(rng: np.random.Generator, streets: Streets, skeleton: Skeleton, bend: Bend) -> dict[int, str]:
    """Give streets their traffic: returns the junctions that carry ``signals`` or a ``crossing``."""
    core = Polygon(bend(shapely.get_coordinates(skeleton.core)))
    _walkers(rng, streets, core)
    _one_ways(rng, streets)
    _bypass(streets, skeleton, bend)
    mend(streets)
    _roundabouts(rng, streets)
    mend(streets)
    _bollards(streets)
    _speeds(streets)
    return _controls(rng, streets)


def _walkers(rng: np.random.Generator, streets: Streets, core: Polygon) -> None:
    """Give the old centre to walkers."""
    shapely.prepare(core)
    for edge in streets.edges:
        if edge.kind == "artery" and streets.towards[edge.street] != "core":
            continue
        if core.contains(LineString(edge.line)):
            edge.cls = "pedestrian"
        elif edge.kind == "cut" and edge.want < 8_000 and rng.random() < 0.08:
            edge.cls = "living_street"


def _one_ways(rng: np.random.Generator, streets: Streets) -> None:
    """Make whole streets one-way, most of them near the centre."""
    drawn: dict[int, float] = {}
    for edge in streets.edges:
        if edge.cls != "residential":
            continue
        chance = 0.5 if edge.want < 8_000 else 0.22 if edge.want < 12_000 else 0.07
        if drawn.setdefault(edge.street, rng.random()) < chance:
            edge.oneway = True


def _bypass(streets: Streets, skeleton: Skeleton, bend: Bend) -> None:
    """Draw the two carriageways of the bypass and the ramps to the roads that cross it."""
    ring = LineString(bend(shapely.get_coordinates(shapely.segmentize(skeleton.bypass, 40))))
    if not shapely.is_ccw(shapely.LinearRing(ring.coords)):
        ring = ring.reverse()
    ramps = _interchanges(streets, ring)
    road, links = streets.new_street("bypass"), streets.new_street("ramp")
    for outer in (True, False):
        side = 1.0 if outer else -1.0
        stops = sorted({(where + shift) % ring.length for where, _ in ramps for shift in (-_RAMP, _RAMP)})
        at = {place: streets.node(*_beside(ring, place, side * _HALF_MEDIAN)) for place in stops}
        # Traffic keeps right: with the median on its left, the outer carriageway goes anticlockwise.
        for begin, following in zip(stops, [*stops[1:], stops[0]], strict=True):
            end = following if following > begin else following + ring.length
            places = np.linspace(begin, end, max(2, int((end - begin) / 35) + 1))
            line = np.array([_beside(ring, place, side * _HALF_MEDIAN) for place in places])
            a, b = at[begin], at[following]
            streets.edges.append(_carriage(a, b, line, road, outer=outer))
        for where, node in ramps:
            for leaving in (True, False):
                place = where + (-_RAMP if leaving == outer else _RAMP)
                line = _ramp(ring, place, where, side, streets.nodes[node[outer]])
                a, b = at[place % ring.length], node[outer]
                edge = _carriage(a, b, line, links, outer=True)
                if not leaving:
                    edge = _carriage(b, a, line[::-1], links, outer=True)
                edge.ramp = True
                streets.edges.append(edge)


def _carriage(a: int, b: int, line: Array, street: int, *, outer: bool) -> Edge:
    if not outer:
        a, b, line = b, a, line[::-1]
    return Edge(a, b, line, "trunk", street, "bypass", 1e5, oneway=True)


def _interchanges(streets: Streets, ring: LineString) -> list[tuple[float, dict[bool, int]]]:
    """Return where main roads cross the bypass: place along it, and their junctions outside and inside."""
    inside = Polygon(ring)
    found: list[tuple[float, dict[bool, int], int]] = []
    for edge in streets.edges:
        if not edge.bridge or edge.kind != "artery":
            continue
        line = LineString(edge.line)
        crossing = line.intersection(ring)
        if crossing.geom_type != "Point" or edge.length > 6 * BYPASS_HALF:
            continue
        outside = [not inside.contains(shapely.Point(streets.nodes[node])) for node in (edge.a, edge.b)]
        if outside[0] == outside[1]:
            continue
        ends = {outside[0]: edge.a, outside[1]: edge.b}
        found.append((float(ring.project(crossing)), ends, {"primary": 0, "secondary": 1}.get(edge.cls, 2)))
    kept: list[tuple[float, dict[bool, int]]] = []
    for where, ends, _ in sorted(found, key=lambda item: (item[2], item[0])):
        gaps = [abs(where - other) for other, _ in kept]
        if all(min(gap, ring.length - gap) > 2.6 * _RAMP for gap in gaps):
            kept.append((where, ends))
    return sorted(kept, key=lambda item: item[0])


def _beside(ring: LineString, place: float, offset: float) -> tuple[float, float]:
    """Return the point at a place along an anticlockwise ring, moved outwards by an offset."""
    here = ring.interpolate(place % ring.length)
    ahead = ring.interpolate((place + 4) % ring.length)
    dx, dy = ahead.x - here.x, ahead.y - here.y
    length = math.hypot(dx, dy) or 1.0
    return (here.x + dy / length * offset, here.y - dx / length * offset)


def _ramp(ring: LineString, place: float, where: float, side: float, end: tuple[float, float]) -> Array:
    points = []
    for share in np.linspace(0, 0.93, 9):
        ease = share * share * (3 - 2 * share)
        points.append(
            _beside(
                ring,
                place + (where - place) * share,
                side * (_HALF_MEDIAN + (BYPASS_HALF - _HALF_MEDIAN - 8) * ease),
            )
        )
    return np.array([*points, end])


def _roundabouts(rng: np.random.Generator, streets: Streets) -> None:
    """Replace crossings of main roads, out of the centre, by roundabouts."""
    around = streets.around()
    taken: set[int] = set()
    circle = [node for node in sorted(around) if _wants_circle(rng, streets, around, node)]
    for node in circle:
        edges = [streets.edges[index] for index in around[node]]
        ends = {edge.a for edge in edges} | {edge.b for edge in edges}
        if ends & taken:
            continue
        taken |= ends
        _circle(streets, node, edges, float(rng.uniform(13, 19)))


def _wants_circle(
    rng: np.random.Generator, streets: Streets, around: dict[int, list[int]], node: int
) -> bool:
    edges = [streets.edges[index] for index in around[node]]
    main = {edge.street for edge in edges if edge.cls in {"primary", "secondary"}}
    x, y = streets.nodes[node]
    if (
        len(main) < 2
        or len(edges) < 3
        or math.hypot(x, y) < 1_000
        or any(edge.cls == "trunk" for edge in edges)
    ):
        return False
    if any(edge.length < 48 or edge.bridge or edge.a == edge.b for edge in edges):
        return False
    return rng.random() < (0.45 if math.hypot(x, y) < 2_000 else 0.75)


def _circle(streets: Streets, node: int, edges: list[Edge], radius: float) -> None:
    x, y = streets.nodes[node]
    doors: list[tuple[float, int]] = []
    for edge in edges:
        line = LineString(edge.line)
        if edge.a == node:
            line = substring(line, radius, line.length)
            edge.line = shapely.get_coordinates(line)
            edge.a = door = streets.node(*(float(v) for v in edge.line[0]))
        else:
            line = substring(line, 0, line.length - radius)
            edge.line = shapely.get_coordinates(line)
            edge.b = door = streets.node(*(float(v) for v in edge.line[-1]))
        doors.append((math.atan2(streets.nodes[door][1] - y, streets.nodes[door][0] - x), door))
    doors.sort()
    street = streets.new_street("roundabout")
    top = min(
        edges,
        key=lambda edge: (
            ("primary", "secondary").index(edge.cls) if edge.cls in {"primary", "secondary"} else 9
        ),
    )
    for (begin, a), (end, b) in zip(doors, [*doors[1:], doors[0]], strict=True):
        sweep = (end - begin) % (2 * math.pi)
        angles = begin + np.linspace(0, sweep, max(2, int(sweep / 0.4) + 1))
        line = np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])
        line[0], line[-1] = streets.nodes[a], streets.nodes[b]
        arc = Edge(a, b, line, top.cls, street, "circle", top.want, oneway=True, roundabout=True)
        streets.edges.append(arc)


def _bollards(streets: Streets) -> None:
    """Close the walkers' streets with bollards where they meet traffic."""
    around = streets.around()
    for edge in streets.edges:
        if edge.cls != "pedestrian":
            continue
        for node, mark in ((edge.a, "bollard_a"), (edge.b, "bollard_b")):
            if any(streets.edges[other].cls != "pedestrian" for other in around[node]):
                setattr(edge, mark, True)


def _speeds(streets: Streets) -> None:
    for edge in streets.edges:
        town = edge.want < 60_000
        if edge.kind == "bypass":
            edge.speed = 50 if edge.ramp else 90
        elif edge.cls in ARTERIES:
            edge.speed = (30 if edge.want < 5_000 else 50) if town else 80
        elif edge.cls == "living_street":
            edge.speed = 20
        elif edge.cls in {"residential", "unclassified"}:
            edge.speed = 30 if town else 70


def _controls(rng: np.random.Generator, streets: Streets) -> dict[int, str]:
    """Return the junctions with traffic lights, and the crossings of walkers."""
    found: dict[int, str] = {}
    for node, indices in sorted(streets.around().items()):
        edges = [streets.edges[index] for index in indices]
        if len(edges) < 3 or any(edge.roundabout or edge.cls == "trunk" for edge in edges):
            continue
        main = {edge.street for edge in edges if edge.cls in ARTERIES}
        town = min(edge.want for edge in edges) < 20_000
        if town and len(main) >= 2 and rng.random() < 0.85:
            found[node] = "signals"
        elif town and main and rng.random() < 0.28:
            found[node] = "crossing"
    return found
