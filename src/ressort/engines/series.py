"""Series of observations as bytes: one hour of one series in a few hundred bytes, and curves thin enough to draw.

Instants are whole milliseconds, stored as differences; values that have at most four decimals are stored as differences of
whole numbers, others as they are; then zlib. Nothing is lost: ``unpack(pack(x)) == x``.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

type Instants = NDArray[np.int64]
type Values = NDArray[np.float64]
type Qualities = NDArray[np.uint8]
type Points = tuple[Instants, Values, Qualities]

_DIGITS = (0, 1, 2, 3, 4)
_RAW = 255


def empty() -> Points:
    """Return no observation."""
    return np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint8)


def pack(at: Instants, values: Values, qualities: Qualities) -> bytes:
    """Return observations as bytes.

    Parameters
    ----------
    at : array of int64
        Milliseconds, growing.
    values : array of float64
        Finite.
    qualities : array of uint8
    """
    digits, body = _values(values)
    steps = np.diff(at, prepend=0).astype("<i8")
    parts = steps.tobytes() + body + (qualities.astype(np.uint8).tobytes() if qualities.any() else b"")
    head = bytes([1, digits]) + len(at).to_bytes(4, "little")
    return head + zlib.compress(parts, 6)


def _values(values: Values) -> tuple[int, bytes]:
    if len(values) and np.abs(values).max() < 1e9:
        for digits in _DIGITS:
            scaled = np.rint(values * 10**digits)
            if np.array_equal(scaled / 10**digits, values) and not np.signbit(values[values == 0]).any():
                return digits, np.diff(scaled.astype("<i8"), prepend=0).tobytes()
    return _RAW, values.astype("<f8").tobytes()


def unpack(body: bytes) -> Points:
    """Return the observations of :func:`pack`.

    Raises
    ------
    ValueError
        If the bytes are of another making.
    """
    if body[0] != 1:
        raise ValueError(f"series packed as version {body[0]}, which this version does not read")
    digits, count = body[1], int.from_bytes(body[2:6], "little")
    parts = zlib.decompress(body[6:])
    at = np.cumsum(np.frombuffer(parts, "<i8", count))
    if digits == _RAW:
        values = np.frombuffer(parts, "<f8", count, 8 * count).copy()
    else:
        values = np.cumsum(np.frombuffer(parts, "<i8", count, 8 * count)) / 10**digits
    rest = parts[16 * count :]
    qualities = np.frombuffer(rest, np.uint8).copy() if rest else np.zeros(count, np.uint8)
    return at, values, qualities


def last(body: bytes, limit: int) -> tuple[int, float, int] | None:
    """Return the last observation of packed bytes up to an instant, None when all are later.

    The same as unpacking and looking, several times faster: a map of the past asks it of every series.
    """
    digits, count = body[1], int.from_bytes(body[2:6], "little")
    if body[0] != 1:
        raise ValueError(f"series packed as version {body[0]}, which this version does not read")
    parts = zlib.decompress(body[6:])
    at = np.frombuffer(parts, "<i8", count).cumsum()
    found = int(at.searchsorted(limit, "right"))
    if not found:
        return None
    if digits == _RAW:
        value = float(np.frombuffer(parts, "<f8", found, 8 * count)[-1])
    else:
        value = int(np.frombuffer(parts, "<i8", found, 8 * count).sum()) / 10**digits
    quality = parts[16 * count + found - 1] if len(parts) > 16 * count else 0
    return int(at[found - 1]), value, quality


def merge(one: Points, other: Points) -> Points:
    """Return two sets of observations in order; at the same instant the one of ``one`` stays."""
    at = np.concatenate([one[0], other[0]])
    _, first = np.unique(at, return_index=True)
    return (
        at[first],
        np.concatenate([one[1], other[1]])[first],
        np.concatenate([one[2], other[2]])[first],
    )


def between(points: Points, start: int, end: int) -> Points:
    """Return the observations of ``[start, end)``."""
    low, high = np.searchsorted(points[0], [start, end])
    return points[0][low:high], points[1][low:high], points[2][low:high]


def thin(points: Points, most: int) -> tuple[Instants, Values, Values, Values]:
    """Return at most ``most`` instants with the mean, lowest and highest value around each.

    Spans are equal in time; those without an observation are left out.
    """
    at, values, _ = points
    if len(at) <= most:
        return at, values, values, values
    edges = np.linspace(at[0], at[-1] + 1, most + 1)
    span = np.searchsorted(edges, at, side="right") - 1
    starts = np.flatnonzero(np.diff(span, prepend=-1))
    counts = np.diff(np.append(starts, len(at)))
    mean = np.add.reduceat(values / np.repeat(counts, counts), starts)  # shared first: no sum overflows
    return at[starts], mean, np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
