from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import mapbox_vector_tile
import pytest
import shapely

from ressort.core.network import osm
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
