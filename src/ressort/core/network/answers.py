"""What the router answers: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

type Lonlat = tuple[float, float]

UNREACHABLE = -1
"""In a matrix: no way from this source to this target."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One manoeuvre, in French. ``begin`` is an index into the geometry of the whole route."""

    text: str
    street: str
    seconds: int
    metres: int
    begin: int


@dataclass(frozen=True, slots=True)
class Leg:
    """The way between two consecutive points. ``begin`` is its first index in the geometry."""

    seconds: int
    metres: int
    begin: int
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """A way found: duration, length, ``(lon, lat)`` along it, and its legs."""

    seconds: int
    metres: int
    geometry: tuple[Lonlat, ...]
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Unreachable:
    """There is no way. ``code`` is ``no-street`` or ``no-path``; ``sentence`` says it in French."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Snapped:
    """A point brought to the nearest street: where, its name (may be empty), how far in metres."""

    lon: float
    lat: float
    street: str
    distance: float
