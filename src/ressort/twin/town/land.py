"""What lies between the streets: communes' limits, water, woods and fields, parks, houses and their numbers."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from ressort.twin.town.blocks import Leaf
from ressort.twin.town.plane import Array, Bend
from ressort.twin.town.skeleton import Skeleton
from ressort.twin.town.streets import MOTOR, Edge, Streets

FAR = 60_000.0


@dataclass(slots=True)
class House:
    """A building: its rectangle, and its address when it has one."""

    corners: Array
    centre: tuple[float, float]
    number: int = 0
    street: str = ""
    commune: int = -1


@dataclass(slots=True)
class Land:
    """Areas to draw, ``(tags, geometry)``, and houses."""

    areas: list[tuple[dict[str, str], BaseGeometry]] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)


class Limits:
    """The communes' limits: a power diagram of their centres, bent like everything else."""

    def __init__(self, skeleton: Skeleton, bend: Bend) -> None:
        self.cells: list[Polygon] = []
        centres, radii = skeleton.centres, skeleton.radii
        for i in range(len(centres)):
            cell: BaseGeometry = skeleton.frame
            for j in range(len(centres)):
                if i != j:
                    cell = cell.intersection(_half_plane(centres[i], radii[i], centres[j], radii[j]))
            self.cells.append(shapely.transform(shapely.segmentize(cell, 60), bend))
        self._tree = STRtree(self.cells)

    def of(self, points: Array) -> list[int]:
        """Return the commune of each point, by its rank in ``facts.COMMUNES``."""
        return [int(index) for index in self._tree.nearest(shapely.points(points))]


def _half_plane(a: Array, ra: float, b: Array, rb: float) -> Polygon:
    """Return the side of a where its power is the smaller."""
    gap = b - a
    length = float(np.hypot(*gap))
    reach = (length**2 + ra**2 - rb**2) / (2 * length)
    along = gap / length
    across = np.array([-along[1], along[0]])
    edge = a + along * reach
    return Polygon(
        [
            edge + across * FAR,
            edge - across * FAR,
            edge - across * FAR - along * 2 * FAR,
            edge + across * FAR - along * 2 * FAR,
        ]
    )


_USES = {
    "park": {"leisure": "park"},
    "industrial": {"landuse": "industrial"},
    "school": {"landuse": "grass"},
    "cemetery": {"landuse": "cemetery"},
}


def cover(
    rng: np.random.Generator, leaves: list[Leaf], skeleton: Skeleton, limits: Limits, bend: Bend
) -> Land:
    """Return what the ground is used for."""
    land = Land()
    homes: dict[int, list[Polygon]] = defaultdict(list)
    for leaf in leaves:
        bent = shapely.transform(shapely.segmentize(leaf.polygon, 60), bend)
        if not bent.is_valid:
            bent = bent.buffer(0)
        if leaf.use in {"homes", "core"}:
            homes[limits.of(shapely.get_coordinates(bent.centroid))[0]].append(bent)
        elif leaf.use == "country":
            _country(rng, land, leaf.polygon, bent)
        else:
            land.areas.append((_USES[leaf.use], bent.buffer(-7)))
    _beyond(rng, land, skeleton, bend)
    for commune in sorted(homes):
        built = shapely.union_all(homes[commune]).buffer(26, quad_segs=2).buffer(-20, quad_segs=2).simplify(3)
        land.areas.append(({"landuse": "residential"}, built))
    river = shapely.transform(shapely.segmentize(skeleton.river.buffer(13), 40), bend)
    lake = shapely.transform(skeleton.lake, bend)
    land.areas.append(({"natural": "water", "water": "river", "name": "La Vouivre"}, river.difference(lake)))
    land.areas.append(({"natural": "water", "water": "lake", "name": "Lac de la Combe (fictif)"}, lake))
    return land


def _country(rng: np.random.Generator, land: Land, polygon: Polygon, bent: Polygon) -> None:
    """Give a piece of country to woods in the western hills, to vines on their slope, to fields elsewhere."""
    x, y = polygon.centroid.x, polygon.centroid.y
    hill = (-x - 2_600 + 0.25 * (y + 1_500)) / 4_000
    slope = -5_600 < x < -2_300 and y < -3_300
    draw = rng.random()
    if slope and draw < 0.75:
        tags = {"landuse": "vineyard"}
    elif draw < 0.06 + max(0.0, min(0.85, hill)):
        tags = {"natural": "wood"}
    else:
        tags = {"landuse": "farmland"} if draw < 0.93 else {"landuse": "meadow"}
    shape = bent
    if tags == {"natural": "wood"}:
        shape = _ragged(rng, bent)
    elif bent.area > 6e4 and rng.random() < 0.22 and hill < 0.5:
        grove = _grove(rng, bent.representative_point(), math.sqrt(min(bent.area, 1.2e6)) / 4)
        land.areas.append(({"natural": "wood"}, _ragged(rng, grove.intersection(bent).buffer(-4))))
    for part in shapely.get_parts(shape.buffer(-5)):
        land.areas.append((tags, part))


def _grove(rng: np.random.Generator, place: shapely.Point, size: float) -> BaseGeometry:
    """Return a small wood: a few overlapping lengths of hedge and copse."""
    turn = rng.uniform(0, math.pi)
    lumps = []
    for step in np.linspace(-1, 1, int(rng.integers(3, 7))):
        far = size * 0.9 * step
        x, y = place.x + far * math.cos(turn), place.y + far * math.sin(turn)
        shift = rng.normal(0, size * 0.15, 2)
        lumps.append(
            shapely.Point(x + shift[0], y + shift[1]).buffer(
                size * float(rng.uniform(0.16, 0.5)), quad_segs=4
            )
        )
    return shapely.union_all(lumps)


def _beyond(rng: np.random.Generator, land: Land, skeleton: Skeleton, bend: Bend) -> None:
    """Let the country go on around the territory, so that the map does not end in a void."""
    west, south, east, north = skeleton.frame.bounds
    sheet = shapely.box(west - 5_000, south - 5_000, east + 5_000, north + 5_000)
    points = rng.uniform((west - 5_000, south - 5_000), (east + 5_000, north + 5_000), (150, 2))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=sheet, ordered=True)
    )
    for cell in cells:
        for part in shapely.get_parts(cell.intersection(sheet).difference(skeleton.frame)):
            if part.area > 2e4:
                bent = shapely.transform(shapely.segmentize(part, 80), bend)
                _country(rng, land, part, bent if bent.is_valid else bent.buffer(0))


def _ragged(rng: np.random.Generator, shape: BaseGeometry) -> BaseGeometry:
    """Return an area whose edge wanders, as woods' edges do."""
    soft = shape.buffer(-14).buffer(14, quad_segs=3)
    shift = rng.uniform(0, 6.3, 2)

    def move(xy: Array) -> Array:
        return xy + 9 * np.column_stack([np.sin(xy[:, 1] / 23 + shift[0]), np.sin(xy[:, 0] / 19 + shift[1])])

    moved = shapely.transform(shapely.segmentize(soft, 25), move)
    return moved if moved.is_valid else moved.buffer(0)


def build(rng: np.random.Generator, leaves: list[Leaf], streets: Streets, bend: Bend, land: Land) -> None:
    """Put houses along the streets, and number those that face a named one."""
    named = [edge for edge in streets.edges if edge.name and edge.kind != "bypass"]
    lines = [LineString(edge.line) for edge in named]
    tree = STRtree(lines)
    for leaf in leaves:
        if leaf.use in {"homes", "core"}:
            bent = shapely.transform(shapely.segmentize(leaf.polygon, 50), bend)
            centre = leaf.polygon.centroid
            _rows(rng, land.houses, bent, math.hypot(centre.x, centre.y), leaf.use)
    roads = STRtree(
        [
            line
            for line, edge in zip(lines, named, strict=True)
            if edge.cls in MOTOR or edge.cls == "pedestrian"
        ]
    )
    shapes = np.array([Polygon(house.corners) for house in land.houses], dtype=object)
    clash = set(roads.query(shapes, predicate="intersects")[0].tolist())
    land.houses = [house for index, house in enumerate(land.houses) if index not in clash]
    centres = np.array([house.centre for house in land.houses])
    _number(rng, land.houses, centres, named, tree)


def _rows(rng: np.random.Generator, houses: list[House], block: Polygon, far: float, use: str) -> None:
    """Line houses along the inside of a block: in terraces near the centre, apart in the suburbs."""
    if use == "core" or far < 900:
        setback, depth, width, gap, keep = 4.5, 12.0, 14.0, 0.4, 0.97
    elif far < 2_600:
        setback, depth, width, gap, keep = 6.5, 11.5, 13.0, 7.0, 0.62
    else:
        setback, depth, width, gap, keep = 9.0, 9.5, 11.5, 13.0, 0.5
    walk = block.buffer(-(setback + depth / 2), join_style="mitre")
    taken: list[tuple[float, float]] = []
    for part in shapely.get_parts(walk):
        if part.is_empty or part.length < 3 * width:
            continue
        rim = part.exterior
        place = width / 2 + 1
        while place < rim.length - width / 2:
            here, ahead = rim.interpolate(place), rim.interpolate(place + 2)
            w = width * float(rng.uniform(0.82, 1.12))
            place += w + gap * float(rng.uniform(0.6, 1.5))
            if rng.random() > keep or any(
                math.hypot(here.x - x, here.y - y) < 0.97 * max(w, depth) for x, y in taken
            ):
                continue
            dx, dy = ahead.x - here.x, ahead.y - here.y
            length = math.hypot(dx, dy) or 1.0
            u = np.array([dx, dy]) / length * w / 2
            v = np.array([-dy, dx]) / length * depth * float(rng.uniform(0.85, 1.1)) / 2
            centre = np.array([here.x, here.y])
            taken.append((here.x, here.y))
            houses.append(
                House(
                    np.array([centre - u - v, centre + u - v, centre + u + v, centre - u + v]),
                    (here.x, here.y),
                )
            )


def _number(
    rng: np.random.Generator,
    houses: list[House],
    centres: Array,
    named: list[Edge],
    tree: STRtree,
) -> None:
    """Give houses their numbers along each street: odd on its left, even on its right, from its end nearest to the centre."""
    nearest = tree.nearest(shapely.points(centres))
    share = min(1.0, 24_000 / max(1, len(houses)))
    by_street: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, edge in enumerate(nearest.tolist()):
        if rng.random() < share or math.hypot(*centres[index]) < 900:
            by_street[named[edge].name, named[edge].commune].append(index)
            houses[index].street, houses[index].commune = named[edge].name, named[edge].commune
    lines: dict[tuple[str, int], list[Array]] = defaultdict(list)
    for edge in named:
        lines[edge.name, edge.commune].append(edge.line)
    for key, members in sorted(by_street.items()):
        path = np.vstack(lines[key])
        middle = path.mean(axis=0)
        axis = np.linalg.svd(path - middle, full_matrices=False)[2][0]
        if float(np.hypot(*(middle + axis))) < float(np.hypot(*(middle - axis))):
            axis = -axis
        offsets = centres[members] - middle
        along = offsets @ axis
        left = offsets @ np.array([-axis[1], axis[0]]) > 0
        for side, first in ((True, 1), (False, 2)):
            row = [members[i] for i in np.argsort(along, kind="stable") if left[i] == side]
            for rank, index in enumerate(row):
                houses[index].number = first + 2 * rank
