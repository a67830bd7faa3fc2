"""Write the street tiles of the map from an extract (layers and attributes: :mod:`ressort.core.network.tiles`).

Everything is projected once to the unit square; each zoom clips and simplifies what it shows with vectorised
shapely, and the tiles are encoded here: the format (Mapbox Vector Tile 2.1) is forty lines, and a general encoder
spends ten times longer re-checking geometry that is already clean.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from ressort.core.network.mvt import EXTENT, encode_layer
from ressort.core.network.osm import Extract, Point, Progress, Shape
from ressort.core.network.tiles import MAX_ZOOM, MIN_ZOOM
from ressort.engines.geodesy import mercator

BUFFER = 64 / EXTENT  # what is drawn beyond the tile's edge, so that thick lines are not cut
ROAD_ZOOM = {
    "motorway": 8,
    "trunk": 8,
    "primary": 9,
    "secondary": 10,
    "tertiary": 11,
    "residential": 12,
    "service": 13,
    "track": 13,
    "pedestrian": 13,
    "path": 14,
}
PLACE_ZOOM = {"city": 8, "town": 9, "village": 10, "suburb": 12, "hamlet": 12}
POI_ZOOM = {"hospital": 12, "fire_station": 12, "town_hall": 12, "station": 11}
DRAWN_POIS = frozenset(
    {
        "hospital",
        "fire_station",
        "police",
        "town_hall",
        "pharmacy",
        "school",
        "station",
        "stop",
        "signal",
        "bollard",
        "crossing",
    }
)
LAYERS = ("landuse", "water", "waterway", "boundary", "building", "rail", "road", "place", "poi")
# Pixels of 1/4096 of a tile: an area smaller than this is not drawn at this zoom.
_SMALL = 40.0


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One thing to draw, from a zoom on."""

    layer: str
    attributes: dict[str, Any]
    zoom: int
    geometry: BaseGeometry


def write_tiles(
    extract: Extract, out: Path, *, ids: dict[str, int] | None = None, progress: Progress | None = None
) -> dict[str, int]:
    """Write ``streets.mbtiles``.

    Parameters
    ----------
    extract : Extract
        What was read.
    out : Path
        File to write; must not exist.
    ids : dict, optional
        Inventory reference (``node/12``) -> row of ``Feature``, put in the ``poi`` layer.
    progress : callable, optional
        Called with ``(step, share done)``.

    Returns
    -------
    dict
        ``tiles`` and ``bytes`` written.
    """
    things = list(_everything(extract, ids or {}))
    shapes = np.array([thing.geometry for thing in things], dtype=object)
    crossed = ~shapely.is_valid(shapes)  # hand-drawn areas cross themselves; clipping would stop on them
    shapes[crossed] = shapely.make_valid(shapes[crossed])
    projected = shapely.transform(shapes, mercator)
    with closing(sqlite3.connect(out)) as base:
        base.execute("PRAGMA journal_mode=OFF")
        base.execute("PRAGMA synchronous=OFF")
        base.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        base.execute(
            "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)"
        )
        for zoom in range(MIN_ZOOM, MAX_ZOOM + 1):
            if progress is not None:
                progress("Dessin de la carte", (zoom - MIN_ZOOM) / (MAX_ZOOM - MIN_ZOOM + 1))
            base.executemany("INSERT INTO tiles VALUES (?,?,?,?)", _zoom_tiles(things, projected, zoom))
        base.execute("CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)")
        base.executemany("INSERT INTO metadata VALUES (?,?)", _metadata(extract).items())
        base.commit()
        count, size = base.execute(
            "SELECT count(*), coalesce(sum(length(tile_data)),0) FROM tiles"
        ).fetchone()
    return {"tiles": int(count), "bytes": int(size)}


def _metadata(extract: Extract) -> dict[str, str]:
    return {
        "name": "streets",
        "format": "pbf",
        "minzoom": str(MIN_ZOOM),
        "maxzoom": str(MAX_ZOOM),
        "bounds": ",".join(f"{value:.6f}" for value in extract.bounds),
        "attribution": "© OpenStreetMap contributors (ODbL)",
        "json": json.dumps({"vector_layers": [{"id": layer, "fields": {}} for layer in LAYERS]}),
    }


def _everything(extract: Extract, ids: dict[str, int]) -> Iterator[_Drawn]:
    """Yield all that is drawn, large areas first so that small ones lie on top."""
    areas = [shape for shape in extract.shapes if shape.layer in {"landuse", "water", "building"}]
    sizes = shapely.area([shape.geometry for shape in areas]) if areas else []
    for index in np.argsort(-np.asarray(sizes), kind="stable"):
        shape = areas[index]
        if shape.layer == "building":
            yield _Drawn("building", {}, 13 if sizes[index] > 2.5e-7 else 14, shape.geometry)
        else:
            yield _Drawn(shape.layer, {"class": shape.cls}, MIN_ZOOM, shape.geometry)
    yield from _water_names(areas)
    for shape in extract.shapes:
        if shape.layer in {"rail", "waterway"}:
            cls, _, over = shape.cls.partition("+")
            attributes: dict[str, Any] = {"class": cls} | ({"name": shape.name} if shape.name else {})
            if shape.layer == "rail":
                attributes |= {"bridge": int(over == "bridge"), "tunnel": int(over == "tunnel")}
            yield _Drawn(shape.layer, attributes, 12 if cls in {"stream", "subway"} else 9, shape.geometry)
    for edge in extract.boundaries:
        lines = shapely.boundary(edge.geometry)
        yield _Drawn(
            "boundary", {"level": edge.level, "name": edge.name}, 9 if edge.level <= 8 else 12, lines
        )
    order = list(ROAD_ZOOM)
    for road in sorted(extract.roads, key=lambda road: -order.index(road.cls)):
        attributes = {"class": road.cls, "ramp": int(road.ramp), "oneway": road.oneway}
        attributes |= {"bridge": int(road.bridge), "tunnel": int(road.tunnel)}
        attributes |= {key: value for key, value in (("name", road.name), ("ref", road.ref)) if value}
        yield _Drawn("road", attributes, max(ROAD_ZOOM[road.cls], 11 if road.ramp else 0), road.line)
    yield from _points(extract.points, ids)


def _water_names(areas: Iterable[Shape]) -> Iterator[_Drawn]:
    """Yield one point per named lake: a name on the area itself would be written again in each tile."""
    for shape in areas:
        if shape.layer == "water" and shape.cls != "river" and shape.name:
            zoom = 11 if shapely.area(shape.geometry) > 2e-5 else 13
            attributes = {"class": shape.cls, "name": shape.name}
            yield _Drawn("water", attributes, zoom, shapely.point_on_surface(shape.geometry))


def _points(points: Iterable[Point], ids: dict[str, int]) -> Iterator[_Drawn]:
    places = sorted((p for p in points if p.kind == "place"), key=lambda p: -p.population)
    for rank, place in enumerate(places, 1):
        attributes = {"class": place.cls, "name": place.name, "rank": rank}
        yield _Drawn("place", attributes, PLACE_ZOOM[place.cls], shapely.Point(place.lon, place.lat))
    for point in points:
        if point.kind in DRAWN_POIS:
            attributes = {"class": point.kind, "name": point.name, "id": ids.get(point.ref, 0)}
            zoom = POI_ZOOM.get(point.kind, MAX_ZOOM)
            yield _Drawn("poi", attributes, zoom, shapely.Point(point.lon, point.lat))


def _zoom_tiles(
    things: list[_Drawn], projected: NDArray[np.object_], zoom: int
) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield ``(zoom, column, row from the south, gzip bytes)`` of every tile that shows something."""
    scale = float(1 << zoom)
    chosen = np.array([i for i, thing in enumerate(things) if thing.zoom <= zoom], dtype=np.int64)
    shapes = shapely.transform(projected[chosen], _scaled(scale))
    polygons = shapely.get_dimensions(shapes) == 2
    big = ~polygons | (shapely.area(shapes) * EXTENT * EXTENT > _SMALL)
    chosen, shapes = chosen[big], shapes[big]
    if not len(chosen):
        return
    tolerance = (2.0 if zoom < MAX_ZOOM else 0.6) / EXTENT
    shapes = shapely.simplify(shapes, tolerance)
    tree = STRtree(shapes)
    west, north, east, south = shapely.total_bounds(shapes)
    last = (1 << zoom) - 1
    for x in range(max(0, int(west)), min(last, int(east)) + 1):
        for y in range(max(0, int(north)), min(last, int(south)) + 1):
            box = (x - BUFFER, y - BUFFER, x + 1 + BUFFER, y + 1 + BUFFER)
            hits = np.sort(tree.query(shapely.box(*box)))
            if len(hits) and (data := _tile(things, chosen[hits], shapes[hits], box, (x, y), zoom)):
                yield zoom, x, last - y, gzip.compress(data, 6, mtime=0)


def _scaled(scale: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda xy: xy * scale


def _tile(
    things: list[_Drawn],
    indices: NDArray[np.int64],
    shapes: NDArray[np.object_],
    box: tuple[float, float, float, float],
    corner: tuple[int, int],
    zoom: int,
) -> bytes:
    clipped = shapely.clip_by_rect(shapes, *box)
    layers: dict[str, list[tuple[BaseGeometry, dict[str, Any]]]] = {}
    for index, shape in zip(indices, clipped, strict=True):
        if shape is None or shape.is_empty:
            continue
        thing = things[index]
        attributes = thing.attributes
        if thing.layer == "road" and zoom < 12:
            attributes = {key: value for key, value in attributes.items() if key in {"class", "ramp", "ref"}}
        layers.setdefault(thing.layer, []).append((shape, attributes))
    return b"".join(encode_layer(name, layers[name], corner) for name in LAYERS if name in layers)
