"""Street tiles for the map: what they hold, where they are kept, how one is read.

Each network version keeps its own ``streets.mbtiles`` (MBTiles 1.3: SQLite, gzip-compressed Mapbox Vector
Tiles 2.1, zooms 8 to 14; the map over-zooms beyond). Extent 4096, WGS 84 / web Mercator.

=============  ========  =======================================================================================
layer          geometry  attributes
=============  ========  =======================================================================================
``landuse``    polygon   ``class``: residential, industrial, retail, farmland, vineyard, wood, park, grass,
                         pitch, cemetery, school, hospital, parking, pedestrian
``water``      polygon,  ``class``: water, river, wetland; named lakes have one point each, with ``name``
               point
``waterway``   line      ``class``: river, canal, stream; ``name``
``building``   polygon   none (zoom 14 only; zoom 13 for large ones)
``rail``       line      ``class``: rail, tram, subway; ``bridge`` 0/1, ``tunnel`` 0/1
``road``       line      ``class``: motorway, trunk, primary, secondary, tertiary, residential (also
                         unclassified and living streets), service, track, pedestrian, path (footway, cycleway,
                         steps, bridleway); ``ramp`` 0/1 (links), ``oneway`` 1/-1/0, ``bridge`` 0/1,
                         ``tunnel`` 0/1, ``name`` (zoom >= 12), ``ref``
``boundary``   line      ``level`` (8 = commune, 6 = département …), ``name``
``place``      point     ``class``: city, town, village, hamlet, suburb; ``name``, ``rank`` (1 = most populous)
``poi``        point     ``class``: hospital, fire_station, police, town_hall, pharmacy, school, station, stop,
                         signal, bollard, crossing; ``name``, ``id`` (``Feature.number``; zoom 14, and from zoom
                         12 for hospital, fire_station, town_hall, station)
=============  ========  =======================================================================================

Roads by zoom: motorway and trunk from 8, primary 9, secondary 10, tertiary 11, residential 12, service, track and
pedestrian 13, path 14.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from pathlib import Path
from threading import local

from ressort.core.network.folders import folder_of

TILES_FILE = "streets.mbtiles"
MIN_ZOOM = 8
MAX_ZOOM = 14

_connections = local()


@lru_cache(maxsize=16)
def _tiles_path(version: str) -> Path:
    return folder_of(version) / TILES_FILE


def read_tile(version: str, z: int, x: int, y: int) -> bytes | None:
    """Return one street tile of a network version.

    Parameters
    ----------
    version : str
        Identifier of the network version (the UUID in its address).
    z, x, y : int
        Web Mercator tile, y counted from the north (XYZ, as MapLibre asks).

    Returns
    -------
    bytes or None
        **Gzip-compressed** vector tile: answer it with ``Content-Encoding: gzip`` and
        ``Content-Type: application/vnd.mapbox-vector-tile``. None when the tile is empty, out of the bounds,
        or the version is unknown (answer 204). A tile of a version never changes: cache it for ever.
    """
    path = _tiles_path(str(version))
    if not (MIN_ZOOM <= z <= MAX_ZOOM) or not (0 <= x < 1 << z) or not (0 <= y < 1 << z) or not path.exists():
        return None
    kept: dict[Path, sqlite3.Connection] = _connections.__dict__.setdefault("kept", {})
    if path not in kept:
        kept[path] = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    row = (
        kept[path]
        .execute(
            "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?",
            (z, x, (1 << z) - 1 - y),
        )
        .fetchone()
    )
    return bytes(row[0]) if row else None
