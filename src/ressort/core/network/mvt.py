"""Encode layers of Mapbox Vector Tiles 2.1 (github.com/mapbox/vector-tile-spec), nothing more."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

EXTENT = 4096
_POINT, _LINE, _POLYGON = 1, 2, 3


def encode_layer(
    name: str, features: Sequence[tuple[BaseGeometry, dict[str, Any]]], corner: tuple[int, int]
) -> bytes:
    """Return the bytes of one layer, ready to be joined with others into a tile.

    Parameters
    ----------
    name : str
        Layer name.
    features : sequence of (geometry, attributes)
        Geometries in units of tiles, y towards the south; attributes are str, int, float or bool.
    corner : (int, int)
        Tile column and row, subtracted from the geometries.
    """
    keys: dict[str, int] = {}
    values: dict[tuple[type, Any], int] = {}
    body = bytearray(_field(15, 0) + _varint(2) + _text(1, name))
    for geometry, attributes in features:
        tags = bytearray()
        for key, value in attributes.items():
            tags += _varint(keys.setdefault(key, len(keys)))
            tags += _varint(values.setdefault((type(value), value), len(values)))
        for kind, commands in _geometries(geometry, corner):
            feature = _bytes(2, bytes(tags)) + _field(3, 0) + _varint(kind) + _bytes(4, commands)
            body += _bytes(2, feature)
    for key in keys:
        body += _text(3, key)
    for _, value in values:
        body += _bytes(4, _value(value))
    body += _field(5, 0) + _varint(EXTENT)
    return _bytes(3, bytes(body))


def _geometries(geometry: BaseGeometry, corner: tuple[int, int]) -> Iterator[tuple[int, bytes]]:
    """Yield ``(type, commands)``; a collection left by clipping gives several features."""
    by_kind: dict[int, list[BaseGeometry]] = {}
    for part in shapely.get_parts(geometry):
        dimension = shapely.get_dimensions(part)
        if dimension >= 0:
            by_kind.setdefault(int(dimension) + 1, []).append(part)
    if len(by_kind) > 1:  # clipping a polygon may leave slivers of lines: keep what has the most dimensions
        top = max(by_kind)
        by_kind = {top: by_kind[top]}
    for kind, parts in by_kind.items():
        commands = bytearray()
        cursor = (0, 0)
        for path, ring in _paths(kind, parts):
            points = _quantised(path, corner, closed=ring)
            if points is None:
                continue
            data, cursor = _draw(points, cursor, ring=ring)
            commands += data
        if commands:
            yield kind, bytes(commands)


def _paths(kind: int, parts: Iterable[BaseGeometry]) -> Iterator[tuple[NDArray[np.float64], bool]]:
    for part in parts:
        if kind != _POLYGON:
            yield shapely.get_coordinates(part), False
            continue
        # y grows southwards in a tile, where the outer ring must have a positive area: orient(-1) seen from here.
        for number, ring in enumerate(shapely.get_rings(part)):
            path = shapely.get_coordinates(ring)
            if (_signed_area(path) > 0) != (number == 0):
                path = path[::-1]
            yield path, True


def _signed_area(path: NDArray[np.float64]) -> float:
    x, y = path[:, 0], path[:, 1]
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))


def _quantised(
    path: NDArray[np.float64], corner: tuple[int, int], *, closed: bool
) -> NDArray[np.int64] | None:
    points = np.rint((path - np.asarray(corner)) * EXTENT).astype(np.int64)
    if len(points) == 1:
        return points
    kept = np.ones(len(points), dtype=bool)
    kept[1:] = (points[1:] != points[:-1]).any(axis=1)
    points = points[kept]
    if closed:
        points = points[:-1] if (points[0] == points[-1]).all() else points
        return points if len(points) >= 3 else None
    return points if len(points) >= 2 else None


def _draw(points: NDArray[np.int64], cursor: tuple[int, int], *, ring: bool) -> tuple[bytes, tuple[int, int]]:
    steps = np.diff(points, axis=0, prepend=np.asarray([cursor]))
    zigzag = ((steps << 1) ^ (steps >> 63)).ravel().tolist()
    out = bytearray(_varint(1 | 1 << 3))
    for value in zigzag[:2]:
        out += _varint(value)
    if len(points) > 1:
        out += _varint(2 | (len(points) - 1) << 3)
        for value in zigzag[2:]:
            out += _varint(value)
    if ring:
        out += _varint(7 | 1 << 3)
    return bytes(out), (int(points[-1, 0]), int(points[-1, 1]))


def _varint(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _bytes(number: int, data: bytes) -> bytes:
    return _field(number, 2) + _varint(len(data)) + data


def _text(number: int, text: str) -> bytes:
    return _bytes(number, text.encode())


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return _field(7, 0) + _varint(int(value))
    if isinstance(value, int):
        return (
            _field(6, 0) + _varint((value << 1) ^ (value >> 63))
            if value < 0
            else _field(5, 0) + _varint(value)
        )
    if isinstance(value, float):
        return _field(3, 1) + struct.pack("<d", value)
    return _text(1, str(value))
