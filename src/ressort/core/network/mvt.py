"""Encode layers of Mapbox Vector Tiles 2.1 (github.com/mapbox/vector-tile-spec), nothing more."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

EXTENT = 4096
_AREA = 2  # dimensions of a polygon


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
    for number, kind, commands in _geometries([geometry for geometry, _ in features], corner):
        tags = bytearray()
        for key, value in features[number][1].items():
            tags += _varint(keys.setdefault(key, len(keys)))
            tags += _varint(values.setdefault((type(value), value), len(values)))
        feature = _bytes(2, bytes(tags)) + _field(3, 0) + _varint(kind) + _bytes(4, commands)
        body += _bytes(2, feature)
    for key in keys:
        body += _text(3, key)
    for _, value in values:
        body += _bytes(4, _value(value))
    body += _field(5, 0) + _varint(EXTENT)
    return _bytes(3, bytes(body))


def _geometries(
    geometries: Sequence[BaseGeometry], corner: tuple[int, int]
) -> Iterator[tuple[int, int, bytes]]:
    """Yield ``(number, type, commands)`` of each geometry that still shows something once on the tile's grid."""
    parts, owner = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    dimension = shapely.get_dimensions(parts)
    top = np.full(len(geometries), -1)
    np.maximum.at(top, owner, dimension)
    # Clipping a polygon may leave slivers of lines: keep what has the most dimensions.
    kept = (dimension == top[owner]) & (dimension >= 0)
    paths, closed, owner = _paths(parts[kept], owner[kept])
    points, path = shapely.get_coordinates(paths, return_index=True)
    points = np.rint((points - np.asarray(corner)) * EXTENT).astype(np.int64)
    shown = np.ones(len(points), dtype=bool)
    shown[1:] = (path[1:] != path[:-1]) | (points[1:] != points[:-1]).any(axis=1)
    points, path = points[shown], path[shown]
    # A ring ends where it began: its last command says so.
    size = np.bincount(path, minlength=len(paths)) - closed
    least = np.where(closed, 3, top[owner] + 1)
    long_enough = size >= least
    first = np.r_[0, np.cumsum(size + closed)[:-1]].astype(np.int64)
    within = np.arange(len(points)) - first[path]
    shown = long_enough[path] & (within < size[path])
    data, ends = _drawn(points[shown], owner[path[shown]], size[long_enough], closed[long_enough])
    owner = owner[long_enough]
    start = 0
    for last in np.flatnonzero(np.append(owner[1:] != owner[:-1], len(owner) > 0)):
        number = int(owner[last])
        yield number, int(top[number]) + 1, data[start : ends[last]]
        start = ends[last]


def _paths(
    parts: NDArray[np.object_], owner: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.int64]]:
    """Return what is drawn in one go, whether it is a ring (0 or 1), and whose it is, all in order.

    y grows southwards in a tile, where the outer ring must have a positive area: anticlockwise seen from here.
    """
    areas = shapely.get_dimensions(parts) == _AREA
    rings, ring_owner = shapely.get_rings(parts[areas], return_index=True)
    outer = np.ones(len(rings), dtype=bool)
    outer[1:] = ring_owner[1:] != ring_owner[:-1]
    wrong = shapely.is_ccw(rings) != outer
    rings[wrong] = shapely.reverse(rings[wrong])
    every = np.concatenate([parts[~areas], rings])
    whose = np.concatenate([owner[~areas], owner[areas][ring_owner]])
    closed = np.r_[np.zeros((~areas).sum(), dtype=np.int64), np.ones(len(rings), dtype=np.int64)]
    order = np.argsort(whose, kind="stable")
    return every[order], closed[order], whose[order]


def _drawn(
    points: NDArray[np.int64], owner: NDArray[np.int64], size: NDArray[np.int64], closed: NDArray[np.int64]
) -> tuple[bytes, NDArray[np.int64]]:
    """Return the commands of all paths, and where those of each end.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Points of all paths in order, a ring without the return to its first point.
    owner : ndarray, shape (n,)
        The geometry of each point: steps are counted from the point before in the same geometry, else from (0, 0).
    size, closed : ndarray, shape (paths,)
    """
    if not len(points):
        return b"", np.zeros(0, dtype=np.int64)
    steps = points.copy()
    steps[1:] -= np.where((owner[1:] == owner[:-1])[:, None], points[:-1], 0)
    zigzag = (steps << 1) ^ (steps >> 63)
    lines = size > 1
    length = 1 + 2 * size + lines + closed
    begin = np.r_[0, np.cumsum(length)[:-1]]
    numbers = np.empty(int(length.sum()), dtype=np.int64)
    numbers[begin] = 1 | 1 << 3
    numbers[(begin + 3)[lines]] = 2 | (size[lines] - 1) << 3
    numbers[(begin + length - 1)[closed == 1]] = 7 | 1 << 3
    first = np.r_[0, np.cumsum(size)[:-1]]
    path = np.repeat(np.arange(len(size)), size)
    within = np.arange(len(points)) - first[path]
    at = begin[path] + 1 + 2 * within + (within > 0)
    numbers[at], numbers[at + 1] = zigzag[:, 0], zigzag[:, 1]
    data, ends = _varints(numbers)
    return data, ends[begin + length - 1]


def _varints(numbers: NDArray[np.int64]) -> tuple[bytes, NDArray[np.int64]]:
    """Return numbers from 0 as varints one after another, and where each ends."""
    width = np.ones(len(numbers), dtype=np.int64)
    for more in range(1, 10):
        width += numbers >> 7 * more > 0
        if not (numbers >> 7 * (more + 1)).any():
            break
    ends = np.cumsum(width)
    out = np.zeros(int(ends[-1]), dtype=np.uint8)
    for rank in range(int(width.max())):
        has = width > rank
        follows = np.where(width[has] > rank + 1, 0x80, 0)
        out[(ends - width)[has] + rank] = (numbers[has] >> 7 * rank & 0x7F) | follows
    return out.tobytes(), ends


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
