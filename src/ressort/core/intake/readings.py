"""What an observation is as it is sent, in either of its two shapes, and what can be believed of it.

Ours is ``{device, property, value, at, quality?}``; that of OGC SensorThings is ``{result, phenomenonTime, Datastream:
{"@iot.id": "device/property"}, resultQuality?}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

GOOD, DOUBTFUL, BAD = 0, 1, 2
QUALITIES = {"good": GOOD, "doubtful": DOUBTFUL, "bad": BAD, 0: GOOD, 1: DOUBTFUL, 2: BAD, "": GOOD}
CODE = re.compile(
    r"[A-Za-z][A-Za-z0-9._:-]{0,59}"
)  # a letter first: figures alone could be somebody's telephone
PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,39}")
AHEAD = 60_000
"""Milliseconds by which a device's clock may be ahead of ours."""
_LARGEST = 1e300
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLI = timedelta(milliseconds=1)


class Point(NamedTuple):
    """One observation of a series: instant in milliseconds, value, quality."""

    at: int
    value: float
    quality: int


class Unfit(Exception):  # noqa: N818 - an answer, not a fault
    """An observation that cannot be believed: ``reason`` is one of ``Quarantine.Reason``."""

    def __init__(self, reason: str, code: str = "", observed: str = "") -> None:
        super().__init__(reason)
        self.reason, self.code, self.observed = reason, code, observed


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue knows of a series."""

    series: int
    device: int
    kind: str
    low: float | None
    high: float | None
    ranks: Mapping[str, int]
    choices: tuple[str, ...]
    retired: bool
    seen: bool


def milliseconds(at: datetime) -> int:
    """Return an instant as whole milliseconds since 1970."""
    return (at - _EPOCH) // _MILLI


def instant(at: int) -> datetime:
    """Return the instant of some milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=at)


def parsed(item: Any) -> tuple[str, str, Any, int, int]:
    """Return device, property, value, instant and quality as they were sent.

    Raises
    ------
    Unfit
        ``malformed`` when it is no observation at all.
    """
    if not isinstance(item, Mapping):
        raise Unfit("malformed")
    if "result" in item or "Datastream" in item:
        code, observed, value, at, quality = _sensorthings(item)
    else:
        code, observed, value = item.get("device"), item.get("property"), item.get("value")
        at, quality = item.get("at"), item.get("quality", GOOD)
    if not (isinstance(code, str) and CODE.fullmatch(code)):
        raise Unfit("malformed")
    if not (isinstance(observed, str) and PROPERTY.fullmatch(observed)):
        raise Unfit("malformed", code)
    try:
        rank = QUALITIES[quality if quality is not None else GOOD]
    except (KeyError, TypeError):
        raise Unfit("malformed", code, observed) from None
    return code, observed, value, _instant(at, code, observed), rank


def _sensorthings(item: Mapping[str, Any]) -> tuple[Any, Any, Any, Any, Any]:
    stream = item.get("Datastream")
    name = stream.get("@iot.id") if isinstance(stream, Mapping) else None
    code, __, observed = name.rpartition("/") if isinstance(name, str) else ("", "", "")
    at = item.get("phenomenonTime") or item.get("resultTime")
    if isinstance(at, str):
        at = at.rpartition("/")[2]  # of a span, its end: the moment from which the result is known
    return code, observed, item.get("result"), at, item.get("resultQuality", GOOD)


def _instant(at: Any, code: str, observed: str) -> int:
    if isinstance(at, str) and len(at) <= 40:
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            at = None
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise Unfit("malformed", code, observed)
    return milliseconds(at)


def believed(known: Known, value: Any) -> float | str:
    """Return the number by which a value is kept, or the reason why it cannot be."""
    if known.kind == "choice":
        return float(known.ranks[value]) if isinstance(value, str) and value in known.ranks else "wrong-type"
    if known.kind == "flag":
        return float(value) if isinstance(value, bool) else "wrong-type"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "wrong-type"
    low = -_LARGEST if known.low is None else known.low
    high = _LARGEST if known.high is None else known.high
    return float(value) if low <= value <= high else "absurd"  # no number is within bounds when it is NaN


def spoken(kind: str, choices: tuple[str, ...] | list[str], value: float) -> float | bool | str:
    """Return a kept number as the value that was sent."""
    if kind == "flag":
        return value >= 0.5
    if kind == "choice":
        rank = round(value)
        return choices[rank] if 0 <= rank < len(choices) else ""
    return value
