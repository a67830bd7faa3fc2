from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ressort.core.network import mvt, osm
from ressort.core.network.draw import write_tiles
from ressort.core.network.mvt import encode_layer
from ressort.engines.geodesy import tile_of
from tests.core.network import village


def _tile(file: Path, z: int, lonlat: tuple[float, float]) -> dict:
    x, y = (int(value) for value in tile_of(*lonlat, z))
    with closing(sqlite3.connect(file)) as base:
        row = base.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?",
            (z, x, 2**z - 1 - y),
        ).fetchone()
    return mapbox_vector_tile.decode(gzip.decompress(row[0]))


def test_tiles_hold_streets_water_and_places(village_file: Path, tmp_path: Path) -> None:
    extract = osm.read(village_file)
    out = tmp_path / "streets.mbtiles"
    done = write_tiles(extract, out, ids={"node/122": 7})
    assert done["tiles"] > 0
    tile = _tile(out, 14, village.at(0.5, 3))
    names = {feature["properties"].get("name") for feature in tile["road"]["features"]}
    assert "Rue du Nord 3" in names
    stop = next(f for f in tile["poi"]["features"] if f["properties"]["class"] == "stop")
    assert stop["properties"]["id"] == 7
    assert _tile(out, 14, village.at(7.5, 2))["water"]["features"][0]["geometry"]["type"] == "Polygon"
    water = _tile(out, 14, village.at(7.5, 2))["water"]["features"]
    assert [f["properties"].get("name") for f in water if f["geometry"]["type"] == "Point"] == ["Étang"]
    assert set(_tile(out, 10, village.at(2, 2))) == {"road", "place", "water"}


def test_the_same_extract_gives_the_same_bytes(village_file: Path, tmp_path: Path) -> None:
    files = [tmp_path / "a.mbtiles", tmp_path / "b.mbtiles"]
    for file in files:
        write_tiles(osm.read(village_file), file)
    contents = []
    for file in files:
        with closing(sqlite3.connect(file)) as base:
            contents.append(base.execute("SELECT * FROM tiles ORDER BY 1, 2, 3").fetchall())
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(0.25, 0.5),
        shapely.LineString([(0, 0), (0.5, 0.25), (1, 1)]),
        shapely.Polygon(
            [(0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)], [[(0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2)]]
        ),
    ],
)
def test_what_is_encoded_is_decoded_alike(shape) -> None:
    tile = encode_layer("things", [(shape, {"name": "Été", "n": -3, "share": 0.5, "yes": True})], (0, 0))
    layer = mapbox_vector_tile.decode(tile)["things"]
    found = layer["features"][0]
    assert found["properties"] == {"name": "Été", "n": -3, "share": 0.5, "yes": True}
    decoded = shapely.geometry.shape(found["geometry"])
    flipped = shapely.transform(decoded, lambda xy: (xy * [1, -1] + [0, 4096]) / 4096)
    assert flipped.normalize().equals_exact(shape.normalize(), 1 / 4000)
    assert shapely.area(flipped) == pytest.approx(shape.area, abs=1e-3)


@st.composite
def _mixed(draw) -> list[shapely.Geometry]:
    """Points, lines and areas with holes, some too small for the grid, some left in pieces by clipping."""
    found = []
    for _ in range(draw(st.integers(1, 8))):
        x, y = draw(st.tuples(st.floats(0, 1), st.floats(0, 1)))
        size = 10.0 ** -draw(st.integers(0, 5))
        round_ = shapely.Point(x, y).buffer(size, quad_segs=3)
        ring = round_.difference(shapely.Point(x, y).buffer(size / 2, quad_segs=2))
        line = shapely.LineString([(x, y), (x + size, y), (x, y + size)])
        shape = draw(st.sampled_from([shapely.Point(x, y), line, round_, ring]))
        pieces = shapely.GeometryCollection([shapely.Point(x, y), line, shape])
        found.append(shapely.clip_by_rect(draw(st.sampled_from([shape, pieces])), -0.1, -0.1, 1.1, 1.1))
    return found


@given(_mixed())
def test_a_feature_is_drawn_alike_alone_and_among_others(shapes) -> None:
    together = list(mvt._geometries(shapes, (0, 0)))
    alone = [
        (number, kind, commands)
        for number, shape in enumerate(shapes)
        for _, kind, commands in mvt._geometries([shape], (0, 0))
    ]
    assert together == alone


@given(st.lists(st.integers(0, 2**40), min_size=1))
def test_numbers_are_written_as_one_by_one(numbers) -> None:
    data, ends = mvt._varints(np.array(numbers))
    assert data == b"".join(mvt._varint(one) for one in numbers)
    assert ends.tolist() == np.cumsum([len(mvt._varint(one)) for one in numbers]).tolist()
