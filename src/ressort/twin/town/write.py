"""Write the town as an OpenStreetMap file, which is then loaded like any other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from osmium.osm import mutable
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from ressort.twin.town.land import House
from ressort.twin.town.places import Spot
from ressort.twin.town.plane import Array, to_lonlat
from ressort.twin.town.streets import Edge, Streets

# Far above the identifiers of the real map, so that nobody takes one for the other.
FIRST_ID = 900_000_000_000
type Tags = dict[str, str]


class Writer:
    """Collects nodes, ways and relations, and writes them in order."""

    def __init__(self) -> None:
        self._xy: list[Array] = []
        self._count = 0
        self._node_tags: dict[int, Tags] = {}
        self._ways: list[tuple[list[int], Tags]] = []
        self._relations: list[tuple[list[tuple[int, str]], Tags]] = []

    def nodes(self, xy: Array) -> list[int]:
        """Add points, shape (n, 2), and return their numbers."""
        start = self._count
        self._xy.append(np.asarray(xy, dtype=np.float64).reshape(-1, 2))
        self._count += len(self._xy[-1])
        return list(range(start, self._count))

    def tag(self, node: int, tags: Tags) -> None:
        """Give tags to a node."""
        self._node_tags.setdefault(node, {}).update(tags)

    def spot(self, x: float, y: float, tags: Tags) -> None:
        """Add a point with its tags."""
        self.tag(self.nodes(np.array([[x, y]]))[0], tags)

    def way(self, nodes: list[int], tags: Tags) -> int:
        """Add a way and return its number."""
        self._ways.append((nodes, tags))
        return len(self._ways) - 1

    def line(self, line: LineString, tags: Tags) -> None:
        """Add a line of its own."""
        self.way(self.nodes(shapely.get_coordinates(line)), tags)

    def area(self, shape: BaseGeometry, tags: Tags) -> None:
        """Add an area: a closed way, or a multipolygon when it has holes."""
        for polygon in shapely.get_parts(shape):
            if not isinstance(polygon, Polygon) or polygon.is_empty or polygon.area < 30:
                continue
            rings = [self._ring(ring) for ring in (polygon.exterior, *polygon.interiors)]
            if len(rings) == 1:
                self.way(rings[0], tags)
                continue
            members = [(self.way(ring, {}), "inner" if rank else "outer") for rank, ring in enumerate(rings)]
            self._relations.append((members, {"type": "multipolygon"} | tags))

    def _ring(self, ring: BaseGeometry) -> list[int]:
        nodes = self.nodes(shapely.get_coordinates(ring)[:-1])
        return [*nodes, nodes[0]]

    def save(self, out: Path) -> None:
        """Write the file (``.osm.pbf``, ``.osm`` …), replacing one that is there."""
        places = to_lonlat(np.vstack(self._xy)).tolist()
        with osmium.SimpleWriter(str(out), overwrite=True) as writer:
            for node, place in enumerate(places):
                tags = self._node_tags.get(node, {})
                writer.add_node(mutable.Node(id=FIRST_ID + node, location=tuple(place), tags=tags))
            for number, (nodes, tags) in enumerate(self._ways):
                writer.add_way(
                    mutable.Way(id=FIRST_ID + number, nodes=[FIRST_ID + node for node in nodes], tags=tags)
                )
            for number, (members, tags) in enumerate(self._relations):
                parts = [("w", FIRST_ID + way, role) for way, role in members]
                writer.add_relation(mutable.Relation(id=FIRST_ID + number, members=parts, tags=tags))


def write_streets(writer: Writer, streets: Streets, controls: dict[int, str]) -> int:
    """Write the streets as ways as long as their tags allow; return how many ways."""
    numbers: dict[int, int] = {}
    used = sorted({node for edge in streets.edges for node in (edge.a, edge.b)})
    for node, number in zip(
        used, writer.nodes(np.array([streets.nodes[node] for node in used])), strict=True
    ):
        numbers[node] = number
        if controls.get(node) == "signals":
            writer.tag(number, {"highway": "traffic_signals"})
    waiting = {node for node, what in controls.items() if what == "crossing"}
    count = 0
    for chain in _chains(streets.edges):
        nodes = [numbers[chain[0].a]]
        for edge in chain:
            nodes += [*_inside(writer, edge, waiting), numbers[edge.b]]
        writer.way(nodes, _tags(chain[0]))
        count += 1
    return count


def _inside(writer: Writer, edge: Edge, waiting: set[int]) -> list[int]:
    """Write the points of an edge between its junctions, with the bollards and crossings on it."""
    line = LineString(edge.line)
    marks: list[tuple[float, Tags]] = []
    bollard = {
        "barrier": "bollard",
        "motor_vehicle": "no",
        "emergency": "yes",
        "bicycle": "yes",
        "foot": "yes",
    }
    near = min(8.0, line.length / 3)
    if edge.bollard_a:
        marks.append((near, bollard | {"bollard": "rising"}))
    if edge.bollard_b:
        marks.append((line.length - near, bollard | {"bollard": "rising"}))
    for node, place in ((edge.a, near), (edge.b, line.length - near)):
        if node in waiting and edge.cls not in {"pedestrian", "path", "track"}:
            waiting.discard(node)
            marks.append((place, {"highway": "crossing", "crossing": "marked"}))
    corners = shapely.get_coordinates(line)[1:-1]
    steps: list[tuple[float, Any, dict[str, str]]] = [
        (line.project(shapely.Point(corner)), corner, {}) for corner in corners
    ]
    steps += [(place, shapely.get_coordinates(line.interpolate(place))[0], tags) for place, tags in marks]
    if not steps:
        return []
    steps.sort(key=lambda step: step[0])
    found = writer.nodes(np.array([step[1] for step in steps]))
    for node, (_, _, tags) in zip(found, steps, strict=True):
        if tags:
            writer.tag(node, tags)
    return found


def _chains(edges: list[Edge]) -> Iterable[list[Edge]]:
    """Yield edges of one street that follow one another and bear the same tags."""
    groups: dict[tuple[object, ...], list[Edge]] = defaultdict(list)
    for edge in edges:
        key = (
            edge.street,
            edge.commune,
            edge.cls,
            edge.name,
            edge.bridge,
            edge.oneway,
            edge.ramp,
            edge.roundabout,
            edge.speed,
        )
        groups[key].append(edge)
    for members in groups.values():
        following: dict[int, list[Edge]] = defaultdict(list)
        arriving: dict[int, int] = defaultdict(int)
        for edge in members:
            following[edge.a].append(edge)
            arriving[edge.b] += 1
        done: set[int] = set()
        starts = [edge for edge in members if arriving[edge.a] != 1 or len(following[edge.a]) != 1]
        for first in [*starts, *members]:
            if id(first) in done:
                continue
            chain = [first]
            done.add(id(first))
            while True:
                onward = following[chain[-1].b]
                joins = len(onward) == 1 and arriving[chain[-1].b] == 1 and id(onward[0]) not in done
                if not joins:
                    break
                chain.append(onward[0])
                done.add(id(onward[0]))
            yield chain


def _tags(edge: Edge) -> Tags:
    tags = {"highway": f"{edge.cls}_link" if edge.ramp else edge.cls if edge.cls != "path" else "footway"}
    if edge.name:
        tags["name"] = edge.name
    if edge.oneway:
        tags["oneway"] = "yes"
    if edge.roundabout:
        tags["junction"] = "roundabout"
    if edge.bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    if edge.speed:
        tags["maxspeed"] = str(edge.speed)
    if edge.cls == "trunk" and not edge.ramp:
        tags |= {"lanes": "2", "foot": "no", "bicycle": "no", "ref": "D 700"}
    return tags


def write_houses(writer: Writer, houses: list[House], communes: list[tuple[str, str]]) -> None:
    """Write buildings, with their addresses. ``communes`` are (name, postal code)."""
    for house in houses:
        tags = {"building": "yes"}
        if house.number:
            name, postcode = communes[house.commune]
            tags |= {"addr:housenumber": str(house.number), "addr:street": house.street}
            tags |= {"addr:city": name, "addr:postcode": postcode}
        nodes = writer.nodes(house.corners)
        writer.way([*nodes, nodes[0]], tags)


def write_spots(writer: Writer, spots: Iterable[Spot]) -> None:
    """Write points with their tags."""
    for spot in spots:
        writer.spot(spot.x, spot.y, spot.tags)
