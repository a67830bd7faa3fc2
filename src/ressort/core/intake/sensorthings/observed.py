"""Observations a page at a time, from the rows of the last hours and the packed hours before: never all of them.

Two orders: by instant, over a few series; by series and then instant, over all of them. A page is read in rounds, each a
little larger, and each knows up to where it has seen everything (the horizon). When what is asked for is rare, a page
ends before it is full, and its token says where to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.db.models import BigIntegerField, Case, Count, F, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from ressort.core.errors import translated as _
from ressort.core.intake.keeping import HOUR
from ressort.core.intake.models import Block, Sample
from ressort.core.intake.reading import points_of
from ressort.core.intake.sensorthings.language import wrong

FEW = 30
"""Series that can be read together in the order of time."""
ROUNDS = 4
_SAMPLES = 4_000
_POINTS = 150_000  # of packed hours opened in one round
LOOKED = 60_000
"""Observations that a condition on results is tried on, for one page."""
FIRST, LAST = -(2**52), 2**52  # instants, milliseconds: before and after everything
HOURS_INSIDE = 3


class Seen(NamedTuple):
    """One observation."""

    series: int
    at: int
    value: float
    quality: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which observations.

    Attributes
    ----------
    series : sequence of int or queryset
        Few: by instant. A queryset of keys: by series, then instant.
    low, high : int
        Milliseconds, half-open.
    matches : callable, optional
        What else must be true of one.
    after : (instant, series), optional
        Where the page before ended.
    """

    series: Sequence[int] | QuerySet[Any]
    low: int = FIRST
    high: int = LAST
    descending: bool = False
    matches: Callable[[Seen], bool] | None = None
    after: tuple[int, int] | None = None

    @property
    def by_time(self) -> bool:
        """Whether the order is that of time."""
        return not isinstance(self.series, QuerySet)


@dataclass(slots=True)
class _Round:
    """What a round found: complete up to the horizon, a key of the order, None when everything was seen."""

    rows: np.ndarray[Any, Any]
    horizon: tuple[int, int] | None


_ROW = np.dtype([("series", "<i8"), ("at", "<i8"), ("value", "<f8"), ("quality", "u1")])


def page(asked: Asked, most: int, skip: int = 0) -> tuple[list[Seen], str]:
    """Return a page of observations, and the token by which the next one starts, empty at the end.

    At most ``3 * ROUNDS`` queries, whatever is kept.
    """
    sought = _Sought(asked, most, skip)
    position = asked.after
    if most == 0 or (asked.by_time and not asked.series):
        return [], ""
    for number in range(ROUNDS):
        seen = (_by_time if asked.by_time else _by_series)(asked, position, number)
        if end := sought.take(seen):
            return sought.found, end
        if seen.horizon is None:
            return sought.found, ""
        position = seen.horizon
    if sought.skip:
        wrong(
            "far-skip", _("$skip va trop loin ici : suivez plutôt @iot.nextLink, ou bornez phenomenonTime.")
        )
    assert position is not None
    return sought.found, _token(*position)


class _Sought:
    """A page as it fills."""

    def __init__(self, asked: Asked, most: int, skip: int) -> None:
        self.matches, self.most, self.skip = asked.matches, most, skip
        self.found: list[Seen] = []
        self.looked = 0

    def take(self, seen: _Round) -> str:
        """Take what a round found; return the token at which the page ends, if it does."""
        for row in seen.rows.tolist():
            one = Seen(*row)
            self.looked += 1
            if self.matches is None or self.matches(one):
                if self.skip:
                    self.skip -= 1
                elif len(self.found) == self.most:
                    return _token(self.found[-1].at, self.found[-1].series)
                else:
                    self.found.append(one)
            if self.matches is not None and self.looked >= LOOKED:
                return _token(one.at, one.series)
        full = len(self.found) == self.most and seen.horizon is not None  # the rest begins behind the horizon
        return _token(self.found[-1].at, self.found[-1].series) if full else ""


def _token(at: int, series: int) -> str:
    return f"{at}.{series}"


def position_of(token: str) -> tuple[int, int] | None:
    """Return where a page starts again."""
    if not token:
        return None
    at, mark, series = token.partition(".")
    if (
        not mark
        or not at.removeprefix("-").isdecimal()
        or not series.removeprefix("-").isdecimal()
        or len(token) > 40
    ):
        wrong("bad-token", _("Ce $skiptoken n'est pas de ceux que @iot.nextLink donne."))
    return max(FIRST, min(int(at), LAST)), max(-1, min(int(series), LAST))


# ------------------------------------------------------------------ by instant


def _by_time(asked: Asked, position: tuple[int, int] | None, number: int) -> _Round:
    low, high = asked.low, asked.high
    if position is not None:  # the instant of the position is read again where other series may share it
        shared = position[1] < LAST
        low, high = (
            (low, min(high, position[0] + shared))
            if asked.descending
            else (max(low, position[0] + (not shared)), high)
        )
    if low >= high:
        return _Round(np.empty(0, _ROW), None)
    way = "-" if asked.descending else ""
    ids = list(asked.series)
    packed = Block.objects.filter(series__in=ids, hour__gte=low // HOUR, hour__lte=(high - 1) // HOUR)
    most = len(ids) + 8 * 8**number
    hours = list(packed.order_by(f"{way}hour").values_list("hour", "count")[: most + 1])
    last = _cut(hours, most)
    first_low, first_high = low, high
    if last is not None:
        low, high = (max(low, (last + 1) * HOUR), high) if asked.descending else (low, min(high, last * HOUR))
    fresh = Sample.objects.filter(series__in=ids, at__gte=low, at__lt=high).order_by(f"{way}at")
    samples = list(fresh.values_list("series_id", "at", "value", "quality")[: _SAMPLES + 1])
    if len(samples) > _SAMPLES:
        edge = samples[-1][1]
        low, high = (edge + 1, high) if asked.descending else (low, edge)
    bodies = packed.filter(hour__gte=low // HOUR, hour__lte=(high - 1) // HOUR) if hours else packed.none()
    rows = _merged(bodies.values_list("series_id", "hour", "mean", "body"), samples)
    rows = rows[(rows["at"] >= low) & (rows["at"] < high)]
    rows = rows[np.lexsort((rows["series"], -rows["at"] if asked.descending else rows["at"]))]
    if position is not None:
        at, series = position
        here = rows["at"] < at if asked.descending else rows["at"] > at
        rows = rows[here | ((rows["at"] == at) & (rows["series"] > series))]
    if (low, high) == (first_low, first_high):
        return _Round(rows, None)
    # everything of the last instant was seen: the next round starts strictly after it
    return _Round(rows, (low, LAST) if asked.descending else (high - 1, LAST))


def _cut(hours: Sequence[tuple[int, int]], most: int) -> int | None:
    """Return the first hour that is left for later: after enough hours, or enough observations."""
    total = 0
    for rank, (hour, count) in enumerate(hours):
        total += count
        if rank == most or (total > _POINTS and hour != hours[0][0]):
            return hour
    return None


# ------------------------------------------------------------------ by series


def _by_series(asked: Asked, position: tuple[int, int] | None, number: int) -> _Round:
    at, series = position or (FIRST, -1)
    packed: Any = Block.objects.filter(series__in=asked.series, series__gte=series)
    packed = packed.filter(hour__gte=asked.low // HOUR, hour__lte=(asked.high - 1) // HOUR)
    packed = packed.filter(Q(series__gt=series) | Q(hour__gte=at // HOUR)).order_by("series", "hour")
    most = 32 * 4**number
    found = list(packed.values_list("series_id", "hour", "mean", "body")[: most + 1])
    fresh: Any = Sample.objects.filter(
        series__in=asked.series, series__gte=series, at__gte=asked.low, at__lt=asked.high
    )
    fresh = fresh.filter(Q(series__gt=series) | Q(at__gt=at)).order_by("series", "at")
    samples = list(fresh.values_list("series_id", "at", "value", "quality")[: _SAMPLES + 1])
    ends = []
    if len(found) > most:
        ends.append((found[-1][0], found[-1][1] * HOUR))
    if len(samples) > _SAMPLES:
        ends.append(samples[-1][:2])
    rows = _merged(found, samples)
    rows = rows[(rows["at"] >= asked.low) & (rows["at"] < asked.high)]
    rows = rows[_after(rows, series, at)]
    if not ends:
        return _Round(rows[np.lexsort((rows["at"], rows["series"]))], None)
    end_series, end_at = min(ends)
    rows = rows[~_after(rows, end_series, end_at - 1)]
    return _Round(rows[np.lexsort((rows["at"], rows["series"]))], (end_at - 1, end_series))


def _after(rows: Any, series: int, at: int) -> Any:
    return (rows["series"] > series) | ((rows["series"] == series) & (rows["at"] > at))


def _merged(bodies: Any, samples: Sequence[tuple[int, int, float, int]]) -> np.ndarray[Any, Any]:
    """Return packed hours and rows as one table; an instant that is in both is that of the packed hour."""
    parts = []
    for series, hour, mean, body in bodies:
        at, values, qualities = points_of(hour, mean, bytes(body))
        part = np.empty(len(at), _ROW)
        part["series"], part["at"], part["value"], part["quality"] = series, at, values, qualities
        parts.append(part)
    parts.append(np.array(samples, _ROW))
    rows = np.concatenate(parts)
    if len(parts) == 1 or not samples:
        return rows
    __, first = np.unique(rows[["series", "at"]], return_index=True)
    return rows[first]


# ------------------------------------------------------------------ of each of several series


def of_each(asked: Asked, most: int) -> dict[int, tuple[list[Seen], bool]]:
    """Return the first ``most`` observations of each series and whether it has more: two queries for all of them."""
    way = "-" if asked.descending else ""
    ids = list(asked.series)
    order = {name: F(name).desc() if way else F(name).asc() for name in ("hour", "at")}
    packed = Block.objects.filter(
        series__in=ids, hour__gte=asked.low // HOUR, hour__lte=(asked.high - 1) // HOUR
    )
    rank = Window(RowNumber(), partition_by=F("series"), order_by=order["hour"])
    blocks: dict[int, list[Any]] = {}
    for row in (
        packed.annotate(rank=rank)
        .filter(rank__lte=HOURS_INSIDE)
        .values_list("series_id", "hour", "mean", "body")
    ):
        blocks.setdefault(row[0], []).append(row)
    rank = Window(RowNumber(), partition_by=F("series"), order_by=order["at"])
    fresh = Sample.objects.filter(series__in=ids, at__gte=asked.low, at__lt=asked.high).annotate(rank=rank)
    samples: dict[int, list[Any]] = {}
    for one in fresh.filter(rank__lte=most + 1).values_list("series_id", "at", "value", "quality"):
        samples.setdefault(one[0], []).append(one)
    return {one: _first_of(asked, blocks.get(one, []), samples.get(one, []), most) for one in ids}


def _first_of(asked: Asked, blocks: list[Any], samples: list[Any], most: int) -> tuple[list[Seen], bool]:
    low, high, whole = asked.low, asked.high, True
    if len(blocks) == HOURS_INSIDE:
        hours = sorted(block[1] for block in blocks)
        low, high = (
            (max(low, hours[0] * HOUR), high)
            if asked.descending
            else (low, min(high, (hours[-1] + 1) * HOUR))
        )
        whole = False
    if len(samples) > most:
        instants = sorted(sample[1] for sample in samples)
        low, high = (max(low, instants[0]), high) if asked.descending else (low, min(high, instants[-1] + 1))
        whole = False
    rows = _merged(blocks, samples)
    rows = np.sort(rows[(rows["at"] >= low) & (rows["at"] < high)], order="at")
    every = [Seen(*row) for row in (rows[::-1] if asked.descending else rows).tolist()]
    fit = [one for one in every if asked.matches is None or asked.matches(one)]
    return fit[:most], len(fit) > most or not whole


# ------------------------------------------------------------------ how many


def count(asked: Asked) -> int:
    """Return how many there are between two instants, ``matches`` left aside, in at most three queries."""
    series: Any = asked.series
    packed = Block.objects.filter(series__in=series)
    low, high = asked.low // HOUR, (asked.high - 1) // HOUR
    each = Case(When(body=b"", then=Value(1)), default=F("count"), output_field=BigIntegerField())
    inner = packed.filter(hour__gt=low, hour__lt=high)
    total = inner.aggregate(total=Sum(each))["total"] or 0
    for hour, mean, body in packed.filter(hour__in=[low, high]).values_list("hour", "mean", "body"):
        at = points_of(hour, mean, bytes(body))[0]
        total += int(((at >= asked.low) & (at < asked.high)).sum())
    fresh = Sample.objects.filter(series__in=series, at__gte=asked.low, at__lt=asked.high)
    return int(total) + int(fresh.aggregate(total=Count("at"))["total"])


def single(series: int, at: int) -> Seen | None:
    """Return one observation."""
    found, _more = page(Asked([series], low=at, high=at + 1), 1)
    return found[0] if found else None


def newest(latest: Mapping[int, Any]) -> dict[int, tuple[list[Seen], bool]]:
    """Return the newest of each series in the shape of :func:`of_each`."""
    return {key: ([Seen(key, *point)], True) for key, point in latest.items()}
