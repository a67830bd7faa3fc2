"""A way through the streets for a rescue vehicle: what stands on it, when it is reached, when each thing must be open.

``[lon, lat]``, seconds, metres. Distances are measured on the plane of the way, exact to a thousandth within fifty
kilometres. Nothing here reads a clock: instants are seconds since the vehicle left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ressort.engines.geodesy import METRES_PER_DEGREE

type Lonlat = tuple[float, float]

REACH = 30.0
"""Metres from the way within which something stands on it: half a large junction."""
APART = 60.0
"""Metres that a way goes out of reach before it passes a spot again: less is the same passage."""
_LOOK = 30.0  # metres before a spot from which the vehicle's heading is read
_TURN = 60.0  # degrees by which a heading may miss that of an approach


@dataclass(frozen=True, slots=True)
class Way:
    """A line, and the seconds at which each of its points is reached."""

    line: tuple[Lonlat, ...]
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """Something that stands somewhere."""

    key: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Met:
    """A spot on the way: how far along, when, how far aside, and the heading with which it is reached (degrees)."""

    key: int
    metres: float
    seconds: float
    aside: float
    heading: float


class Want(StrEnum):
    """What is wanted of something on the way now."""

    WAIT = "wait"
    OPEN = "open"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds before the passage from which something is open, and after it until it is given back."""

    lead: int
    margin: int


def paced(line: Sequence[Lonlat], stretches: Sequence[tuple[int, float]]) -> Way:
    """Return a way whose time is shared by length inside each stretch.

    Parameters
    ----------
    line : sequence of (lon, lat)
        Two points or more.
    stretches : sequence of (begin, seconds)
        First point of each stretch, in order, and how long the stretch takes; the first begins at 0.
    """
    along = _Plane(line).along
    seconds = np.zeros(len(line))
    begins = [min(begin, len(line) - 1) for begin, __ in stretches]
    spent = 0.0
    for (begin, end), (__, took) in zip(
        zip(begins, [*begins[1:], len(line) - 1], strict=True), stretches, strict=True
    ):
        length = along[end] - along[begin]
        share = np.ones(end + 1 - begin)
        share[0] = 0.0
        if length > 0:
            share = (along[begin : end + 1] - along[begin]) / length
        seconds[begin : end + 1] = np.maximum(seconds[begin], spent + took * share)
        spent += took
    seconds[-1] = max(seconds[-1], spent)
    return Way(tuple(line), tuple(np.maximum.accumulate(seconds).tolist()))


def meets(way: Way, spots: Iterable[Spot], reach: float = REACH) -> list[Met]:
    """Return the spots within ``reach`` metres of a way, in the order in which they are met.

    A spot that the way passes twice is met twice, each time where the way comes nearest.
    """
    plane = _Plane(way.line)
    found = [one for spot in spots for one in plane.passages(way, spot, reach)]
    return sorted(found, key=lambda one: (one.metres, one.key))


def located(way: Way, lon: float, lat: float, expected: float | None = None) -> Met:
    """Return where a vehicle is on a way: the nearest point of it.

    Parameters
    ----------
    expected : float, optional
        Seconds at which it should be there: where the way comes as near twice, the passage nearest to that counts.
    """
    plane, spot = _Plane(way.line), Spot(0, lon, lat)
    nearest = plane.met(way, spot)
    if expected is None:
        return nearest
    found = plane.passages(way, spot, nearest.aside + REACH)
    return min(found, key=lambda one: (abs(one.seconds - expected), one.metres), default=nearest)


def reached(way: Way, seconds: float) -> Lonlat:
    """Return where a vehicle is after some seconds: the ends of the way before it leaves and once it is there."""
    lon = np.interp(seconds, way.seconds, [one[0] for one in way.line])
    lat = np.interp(seconds, way.seconds, [one[1] for one in way.line])
    return float(lon), float(lat)


def approach(heading: float, headings: Iterable[tuple[int, float]]) -> int | None:
    """Return the approach by which a vehicle comes, None when no known one fits within sixty degrees.

    Parameters
    ----------
    heading : float
        Of the vehicle, degrees.
    headings : iterable of (approach, degrees)
        With which headings vehicles arrive by each approach; one that serves both ways of a road has two.
    """
    gaps = [(abs((heading - one + 180) % 360 - 180), number) for number, one in headings]
    gap, number = min(gaps, default=(math.inf, 0))
    return number if gap <= _TURN else None


def want(
    elapsed: float, seconds: float, timing: Timing, *, opened: bool = False, since: float | None = None
) -> Want:
    """Return what is wanted of something on the way.

    Parameters
    ----------
    elapsed : float
        Seconds since the vehicle left.
    seconds : float
        When it is expected there, in the same seconds.
    opened : bool
        It is already asked for: it then stays so until twice the lead, so that a time that wavers does not flicker.
    since : float, optional
        Seconds since somebody said that the vehicle passed; this then counts rather than what was expected.
    """
    if since is not None:
        return Want.FREE if since >= timing.margin else Want.OPEN
    if elapsed < seconds - timing.lead * (2 if opened else 1):
        return Want.WAIT
    return Want.OPEN if elapsed < seconds + timing.margin else Want.FREE


class _Plane:
    """A line in metres on its own plane."""

    def __init__(self, line: Sequence[Lonlat]) -> None:
        degrees = np.asarray(line, dtype=np.float64)
        if len(degrees) < 2:
            raise ValueError("a way has two points or more")
        middle = math.radians(float((degrees[:, 1].min() + degrees[:, 1].max()) / 2))
        self.scale = np.array([METRES_PER_DEGREE * math.cos(middle), METRES_PER_DEGREE])
        self.points: NDArray[np.float64] = degrees * self.scale
        self.steps = np.diff(self.points, axis=0)
        self.lengths = np.hypot(self.steps[:, 0], self.steps[:, 1])
        self.along = np.concatenate([[0.0], np.cumsum(self.lengths)])

    def met(self, way: Way, spot: Spot) -> Met:
        shares, asides = self._asides(spot)
        return self._met(way, spot, shares, asides, int(np.argmin(asides)))

    def passages(self, way: Way, spot: Spot, reach: float) -> list[Met]:
        """Return each passage by a spot: stretches within reach, those less than ``APART`` from one another as one."""
        shares, asides = self._asides(spot)
        close = np.flatnonzero(asides <= reach)
        if not len(close):
            return []
        steps, lengths = self.steps[close], np.where(self.lengths[close] > 0, self.lengths[close], 1.0)
        gaps = np.array([spot.lon, spot.lat]) * self.scale - self.points[close]
        along = (gaps * steps).sum(axis=1) / lengths
        across = (gaps[:, 0] * steps[:, 1] - gaps[:, 1] * steps[:, 0]) / lengths
        half = np.sqrt(np.maximum(reach**2 - across**2, 0.0))
        starts = self.along[close] + np.clip(along - half, 0.0, self.lengths[close])
        ends = self.along[close] + np.clip(along + half, 0.0, self.lengths[close])
        breaks = np.flatnonzero(starts[1:] - ends[:-1] >= APART) + 1
        runs = [run[np.argmin(asides[run])] for run in np.split(close, breaks)]
        return [self._met(way, spot, shares, asides, int(best)) for best in runs]

    def _asides(self, spot: Spot) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return, for each segment, the share of it at which it comes nearest to a spot, and how near."""
        gaps = np.array([spot.lon, spot.lat]) * self.scale - self.points[:-1]
        squares = np.where(self.lengths > 0, self.lengths**2, 1.0)
        shares = np.clip((gaps * self.steps).sum(axis=1) / squares, 0.0, 1.0)
        away = gaps - self.steps * shares[:, None]
        return shares, np.hypot(away[:, 0], away[:, 1])

    def _met(
        self, way: Way, spot: Spot, shares: NDArray[np.float64], asides: NDArray[np.float64], best: int
    ) -> Met:
        metres = float(self.along[best] + shares[best] * self.lengths[best])
        start, end = way.seconds[best], way.seconds[best + 1]
        seconds = start + (end - start) * float(shares[best])
        return Met(spot.key, metres, seconds, float(asides[best]), self._heading(metres))

    def _heading(self, metres: float) -> float:
        """Return the heading over the last metres before a point, of the first metres at the very start."""
        one, other = self._at(metres - _LOOK), self._at(max(metres, min(_LOOK, float(self.along[-1]))))
        east, north = other - one
        return math.degrees(math.atan2(east, north)) % 360

    def _at(self, metres: float) -> NDArray[np.float64]:
        return np.array([np.interp(metres, self.along, self.points[:, axis]) for axis in (0, 1)])
