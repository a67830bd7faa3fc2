"""Read an OpenStreetMap extract: streets, inventory, addresses, and what the map draws around them.

One pass of pyosmium over ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.osm.pbf``; nothing is written, nothing is
kept that the product does not use. Bad files are refused with a sentence (:class:`NetworkRefused`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from ressort.core.errors import Refused
from ressort.core.errors import translated as _
from ressort.core.network.tags import (
    PLACES,
    area_class,
    feature_kind,
    is_drivable,
    line_class,
    oneway,
    road_class,
)
from ressort.engines.geodesy import Box, boxes_overlap

SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf")
_AREA_KEYS = (
    "natural",
    "landuse",
    "leisure",
    "building",
    "boundary",
    "water",
    "waterway",
    "amenity",
    "place",
    "highway",
)
type Progress = Callable[[str, float], None]


class NetworkRefused(Refused):
    """A file cannot become a street network; the running one is untouched."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence, status=422, field="file")


class Cancelled(NetworkRefused):
    """The load was stopped by the person who started it."""

    def __init__(self) -> None:
        super().__init__("cancelled", _("Chargement annulé : le réseau en service n'a pas changé."))


@dataclass(frozen=True, slots=True)
class Road:
    """A street or path: one OSM way."""

    way: int
    cls: str
    ramp: bool
    name: str
    ref: str
    oneway: int
    bridge: bool
    tunnel: bool
    drivable: bool
    line: LineString


@dataclass(frozen=True, slots=True)
class Shape:
    """An area or a line that the map draws beside the streets."""

    layer: str
    cls: str
    name: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Point:
    """An element of the inventory, or a populated place (``kind`` = ``place``, ``cls`` = village …)."""

    kind: str
    cls: str
    name: str
    lon: float
    lat: float
    ref: str
    population: int
    accessible: bool | None
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class AddressPoint:
    """A house number and its street."""

    number: str
    street: str
    city: str
    postcode: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Boundary:
    """An administrative outline found in the file."""

    level: int
    name: str
    code: str
    geometry: BaseGeometry


@dataclass(slots=True)
class Extract:
    """Everything read from a file. ``bounds`` is ``(west, south, east, north)`` of its drivable streets."""

    roads: list[Road] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    addresses: list[AddressPoint] = field(default_factory=list)
    boundaries: list[Boundary] = field(default_factory=list)
    bounds: Box = (0.0, 0.0, 0.0, 0.0)

    def counts(self) -> dict[str, int]:
        """Return how many of each thing were found, by name."""
        found = Counter(point.kind for point in self.points)
        drivable = [road for road in self.roads if road.drivable]
        return {
            "roads": len(self.roads),
            "drivable": len(drivable),
            "streets": len({road.name for road in self.roads if road.name}),
            "addresses": len(self.addresses),
            **dict(sorted(found.items())),
        }


def read(
    file: Path, *, within: Box | None = None, progress: Progress | None = None, named: str = ""
) -> Extract:
    """Read an extract whose objects are in order (see :func:`put_in_order`).

    Parameters
    ----------
    file : Path
        ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.osm.pbf``.
    within : Box, optional
        Bounds of the territory it is loaded for: a file elsewhere is refused.
    progress : callable, optional
        Called with ``(step, share done)``; an exception it raises stops the reading.
    named : str, optional
        Name of the file as its owner knows it, for the sentences.

    Raises
    ------
    NetworkRefused
        ``file-missing``, ``file-type``, ``file-unreadable``, ``no-roads`` or ``outside-territory``.
    """
    check_file(file)
    named = named or file.name
    extract = Extract()
    try:
        _fill(extract, file, progress)
    except RuntimeError as error:
        raise NetworkRefused("file-unreadable", _unreadable(file, str(error))) from error
    drivable = [road.line for road in extract.roads if road.drivable]
    if not drivable:
        raise NetworkRefused(
            "no-roads",
            _(
                "« %(named)s » ne contient aucune rue ouverte aux voitures : rien ne peut y circuler. Vérifiez que l'extrait contient bien les objets « highway »."
            )
            % {"named": named},
        )
    west, south, east, north = (float(value) for value in shapely.total_bounds(drivable))
    extract.bounds = (west, south, east, north)
    if within is not None and not boxes_overlap(extract.bounds, within):
        raise NetworkRefused(
            "outside-territory",
            _(
                "« %(named)s » décrit une région (de %(west)s, %(south)s à %(east)s, %(north)s) qui ne touche pas le territoire (de %(within)s, %(within2)s à %(within3)s, %(within4)s). Chargez un extrait de ce territoire, ou chargez d'abord le bon territoire."
            )
            % {
                "named": named,
                "west": f"{west:.3f}",
                "south": f"{south:.3f}",
                "east": f"{east:.3f}",
                "north": f"{north:.3f}",
                "within": f"{within[0]:.3f}",
                "within2": f"{within[1]:.3f}",
                "within3": f"{within[2]:.3f}",
                "within4": f"{within[3]:.3f}",
            },
        )
    return extract


def put_in_order(file: Path, out: Path) -> None:
    """Write the same extract as a PBF whose objects are sorted by type and identifier.

    Editors write objects in any order, and neither the reader of areas nor the tile builder takes that; the tile
    builder does not read XML either.

    Parameters
    ----------
    file : Path
        Any extract that :func:`read` takes.
    out : Path
        ``.osm.pbf`` to write; must not exist.

    Raises
    ------
    NetworkRefused
        ``file-missing``, ``file-type`` or ``file-unreadable``.
    """
    check_file(file)
    try:
        merged = osmium.MergeInputReader()
        merged.add_file(str(file))
        with osmium.SimpleWriter(str(out)) as writer:
            merged.apply(writer)
    except RuntimeError as error:
        out.unlink(missing_ok=True)
        raise NetworkRefused("file-unreadable", _unreadable(file, str(error))) from error


def check_suffix(name: str) -> None:
    """Refuse a file that is not an extract by its name."""
    if not name.endswith(SUFFIXES):
        raise NetworkRefused(
            "file-type",
            _("« %(name)s » n'est pas un extrait OpenStreetMap reconnu : attendu %(suffixes)s.")
            % {"name": name, "suffixes": ", ".join(SUFFIXES)},
        )


def check_file(file: Path) -> None:
    """Refuse a file that is not there, is empty, or is not an extract by its name."""
    if not file.is_file():
        raise NetworkRefused("file-missing", _("Le fichier « %(file)s » n'existe pas.") % {"file": file})
    check_suffix(file.name)
    if file.stat().st_size == 0:
        raise NetworkRefused("file-unreadable", _("« %(name)s » est vide.") % {"name": file.name})


def _unreadable(file: Path, error: str) -> str:
    cut = (
        "unexpected EOF",
        "unclosed token",
        "no element found",
        "gzip error",
        "truncated",
        "bzip2 error",
        "read failed",
    )
    if any(word in error for word in cut):
        return _(
            "« %(name)s » est tronqué ou abîmé : la lecture s'arrête avant la fin (%(error)s). Téléchargez-le à nouveau."
        ) % {"name": file.name, "error": error}
    return _("« %(name)s » n'est pas un fichier OpenStreetMap lisible (%(error)s).") % {
        "name": file.name,
        "error": error,
    }


def _fill(extract: Extract, file: Path, progress: Progress | None) -> None:
    processor = (
        osmium.FileProcessor(str(file))
        .with_locations()
        .with_areas(osmium.filter.KeyFilter(*_AREA_KEYS))
        .with_filter(osmium.filter.EmptyTagFilter())
    )
    thing: Any
    for seen, thing in enumerate(processor):
        if progress is not None and seen % 20_000 == 0:
            progress("Lecture du fichier", 1 - 1 / (1 + seen / 100_000))
        if thing.is_node():
            _node(extract, thing)
        elif thing.is_way():
            _way(extract, thing)
        elif thing.is_area():
            _area(extract, thing)


def _node(extract: Extract, node: Any) -> None:
    if not node.location.valid():
        return
    tags = dict(node.tags)
    _points(extract, tags, node.location.lon, node.location.lat, f"node/{node.id}")


def _points(extract: Extract, tags: dict[str, str], lon: float, lat: float, ref: str) -> None:
    if (place := tags.get("place", "")) in PLACES and tags.get("name"):
        extract.points.append(_point("place", place, tags, lon, lat, ref))
    if kind := feature_kind(tags):
        extract.points.append(_point(kind, kind, tags, lon, lat, ref))
    number = tags.get("addr:housenumber")
    street = tags.get("addr:street") or tags.get("addr:place")
    if number and street:
        extract.addresses.append(
            AddressPoint(number, street, tags.get("addr:city", ""), tags.get("addr:postcode", ""), lon, lat)
        )


def _point(kind: str, cls: str, tags: dict[str, str], lon: float, lat: float, ref: str) -> Point:
    digits = tags.get("population", "").replace(" ", "")
    wheelchair = tags.get("wheelchair")
    return Point(
        kind=kind,
        cls=cls,
        name=tags.get("name:fr") or tags.get("name", ""),
        lon=lon,
        lat=lat,
        ref=ref,
        population=int(digits) if digits.isdecimal() else 0,
        accessible=None if wheelchair is None else wheelchair in {"yes", "limited"},
        tags={key: value for key, value in tags.items() if key not in {"name", "source"}},
    )


def _way(extract: Extract, way: Any) -> None:
    tags = dict(way.tags)
    found = road_class(tags)
    other = None if found else line_class(tags)
    if found is None and other is None:
        return
    # An extract cut by a box keeps ways whose last nodes are missing: draw and route what is there.
    places = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
    if len(places) < 2 or places.count(places[0]) == len(places):
        return
    line = LineString(places)
    bridge = tags.get("bridge", "no") != "no"
    tunnel = tags.get("tunnel", "no") != "no"
    name = tags.get("name", "")
    if found is not None:
        cls, ramp = found
        extract.roads.append(
            Road(
                way.id,
                cls,
                ramp,
                name,
                tags.get("ref", ""),
                oneway(tags),
                bridge,
                tunnel,
                is_drivable(tags, cls),
                line,
            )
        )
    elif other is not None:
        suffix = "+bridge" if bridge else "+tunnel" if tunnel else ""
        extract.shapes.append(Shape(other[0], other[1] + suffix, name, line))


def _area(extract: Extract, area: Any) -> None:
    tags = dict(area.tags)
    is_boundary = tags.get("boundary") == "administrative" and "admin_level" in tags
    drawn = area_class(tags)
    kept = is_boundary or drawn or "addr:housenumber" in tags or feature_kind(tags)
    if not kept:
        return
    polygons = [
        Polygon(
            [(node.lon, node.lat) for node in ring],
            [[(node.lon, node.lat) for node in hole] for hole in area.inner_rings(ring)],
        )
        for ring in area.outer_rings()
    ]
    if not polygons:
        return
    geometry: BaseGeometry = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    if is_boundary:
        if tags["admin_level"].isdecimal() and tags.get("name"):
            code = tags.get("ref:INSEE", "")
            extract.boundaries.append(Boundary(int(tags["admin_level"]), tags["name"], code, geometry))
        return
    if drawn:
        extract.shapes.append(Shape(drawn[0], drawn[1], tags.get("name", ""), geometry))
    inside = polygons[0].representative_point() if not polygons[0].is_valid else polygons[0].centroid
    ref = f"{'way' if area.from_way() else 'relation'}/{area.orig_id()}"
    _points(extract, tags, float(inside.x), float(inside.y), ref)
