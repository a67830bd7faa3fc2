"""Valmont-sur-Ressort: a village of eight streets by eight avenues, small enough to load in seconds.

Blocks of 150 m, cut by a river with two bridges; a pedestrian place behind a bollard in the middle. For tutorials
and tests: nothing in it is random, so that its streets and places can be called by their names.
"""

from __future__ import annotations

WEST, SOUTH = 5.0, 47.3
STEP_LON, STEP_LAT = 0.00198, 0.00135  # about 150 m
SIZE = 8
BRIDGES = {2, 5}
ORDINALS = ("Alpha", "Bravo", "Charlie", "Delta", "Écho", "Foxtrot", "Golf", "Hôtel")
_SPECIAL = {(3, 3): "barrier=bollard", (4, 3): "highway=traffic_signals", (2, 2): "highway=crossing"}
_PLACES = (
    (3.5, 3.2, "amenity", "townhall", "Mairie de Valmont"),
    (6.5, 6.5, "amenity", "hospital", "Hôpital de Valmont"),
    (0.5, 0.5, "amenity", "fire_station", "Centre de secours"),
    (3.5, 3.5, "place", "town", "Valmont-sur-Ressort"),
)


def at(column: float, row: float) -> tuple[float, float]:
    """Return the [lon, lat] of a crossing of the grid."""
    return WEST + column * STEP_LON, SOUTH + row * STEP_LAT


def osm() -> str:
    """Return the village as OpenStreetMap XML."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="ressort">']
    lines += [
        _point(_number(column, row), column, row, (_SPECIAL.get((column, row), ""),))
        for row in range(SIZE)
        for column in range(SIZE)
    ]
    lines += [
        _point(500 + index, column, row, (f"{key}={value}", f"name={name}"))
        for index, (column, row, key, value, name) in enumerate(_PLACES)
    ]
    lines += [
        _point(
            600 + index,
            0.1 + index * 0.6,
            0.1,
            (f"addr:housenumber={2 * index + 1}", f"addr:street=Rue {ORDINALS[0]}"),
        )
        for index in range(10)
    ]
    lines += [_way(1001 + number, *way) for number, way in enumerate(_streets())]
    lines.append("</osm>")
    return "\n".join(lines)


def _streets() -> list[tuple[list[int], str, str]]:
    """Return every street as its points, its name and its class."""
    found = [
        ([_number(column, row) for column in range(SIZE)], f"Rue {ORDINALS[row]}", "residential")
        for row in range(SIZE)
    ]
    for column in range(SIZE):
        found += [
            ([_number(column, row) for row in rows], f"Avenue {ORDINALS[column]}", "tertiary")
            for rows in (range(4), range(4, SIZE))
        ]
        if column in BRIDGES:
            found.append(([_number(column, 3), _number(column, 4)], f"Pont {ORDINALS[column]}", "tertiary"))
    return found


def _number(column: int, row: int) -> int:
    return 1 + row * SIZE + column


def _point(number: int, column: float, row: float, tags: tuple[str, ...]) -> str:
    lon, lat = at(column, row)
    inner = "".join('<tag k="{}" v="{}"/>'.format(*tag.split("=")) for tag in tags if tag)
    return f'<node id="{number}" lat="{lat:.6f}" lon="{lon:.6f}" version="1">{inner}</node>'


def _way(number: int, points: list[int], name: str, kind: str) -> str:
    refs = "".join(f'<nd ref="{point}"/>' for point in points)
    tags = f'<tag k="highway" v="{kind}"/><tag k="name" v="{name}"/><tag k="maxspeed" v="30"/>'
    return f'<way id="{number}" version="1">{refs}{tags}</way>'
