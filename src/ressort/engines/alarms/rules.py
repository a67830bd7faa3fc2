"""What a rule says: conditions on what sensors observe, and when they make an alarm.

Instants are seconds since 1970 (UTC), durations seconds. A value holds until the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne
from zoneinfo import ZoneInfo

type Id = int | str
"""What rules, subjects and series are called by."""
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": gt,
    ">=": ge,
    "<": lt,
    "<=": le,
    "=": eq,
    "!=": ne,
}
WEEK = 7 * 1440  # minutes


@dataclass(frozen=True, slots=True)
class Threshold:
    """True from a value beyond ``level`` until a value that is no longer beyond ``clear`` (hysteresis).

    Parameters
    ----------
    name : str
        Which of the subject's series: the property, as the rule calls it.
    operator : str
        One of ``OPERATORS``.
    level, clear : float
        ``clear`` is ``level`` unless given. For ``>`` it is the lower of the two, for ``<`` the higher.

    Raises
    ------
    ValueError
        If the operator is unknown, or ``clear`` lies on the wrong side of ``level``.
    """

    name: str
    operator: str
    level: float
    clear: float | None = None

    def __post_init__(self) -> None:
        _known(self.operator)
        if self.clear is None:
            return
        wrong = self.clear > self.level if self.operator[0] == ">" else self.clear < self.level
        if wrong or self.operator in {"=", "!="}:
            raise ValueError(f"clear {self.clear} is beyond level {self.level} for {self.operator}")

    def holds(self, value: float, *, before: bool) -> bool:
        """Return whether it is true of a value, given whether it was before."""
        level = self.clear if before and self.clear is not None else self.level
        return OPERATORS[self.operator](value, level)


@dataclass(frozen=True, slots=True)
class Rate:
    """Compares the change over the last ``over`` seconds, each time a value comes.

    The change is to the value that held ``over`` seconds before; false while none is known.
    """

    name: str
    over: float
    operator: str
    level: float

    def __post_init__(self) -> None:
        _known(self.operator)
        if self.over <= 0:
            raise ValueError("over must be positive")


@dataclass(frozen=True, slots=True)
class Silent:
    """True once nothing came for ``after`` seconds; a series never heard is silent since it is watched."""

    name: str
    after: float

    def __post_init__(self) -> None:
        if self.after <= 0:
            raise ValueError("after must be positive")


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """True when one part is."""

    parts: tuple[Condition, ...]


type Leaf = Threshold | Rate | Silent
type Condition = Leaf | All | Some


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield the leaves of a condition, in order."""
    if isinstance(condition, All | Some):
        for part in condition.parts:
            yield from leaves(part)
    else:
        yield condition


def truth(condition: Condition, states: Iterator[bool]) -> bool:
    """Return whether a condition holds, its leaves' states being given in the order of :func:`leaves`."""
    if isinstance(condition, All | Some):
        found = [truth(part, states) for part in condition.parts]  # every leaf is consumed: no short cut
        return all(found) if isinstance(condition, All) else any(found)
    return next(states)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Spans of the week during which a rule looks, in minutes since Monday 00:00 of the local clock.

    A span may run over Sunday midnight: its end is then smaller than its start.
    """

    spans: tuple[tuple[int, int], ...]
    zone: str = "Europe/Paris"

    def __post_init__(self) -> None:
        for start, end in self.spans:
            if not (0 <= start < WEEK and 0 < end <= WEEK and start != end):
                raise ValueError(f"not a span of the week: {start}-{end}")

    def looks(self, at: float) -> bool:
        """Return whether the rule looks at this instant."""
        here = datetime.fromtimestamp(at, ZoneInfo(self.zone))
        minute = here.weekday() * 1440 + here.hour * 60 + here.minute
        return any(s <= minute < e if s < e else minute >= s or minute < e for s, e in self.spans)

    def next_change(self, at: float) -> float:
        """Return the first instant after ``at`` when it may begin or cease to look.

        Both clock changes are met: each boundary is placed on its own local day.
        """
        zone = ZoneInfo(self.zone)
        here = datetime.fromtimestamp(at, zone)
        monday = (here - timedelta(days=here.weekday())).date()
        found = []
        for week in (0, 1):
            for minute in {m % WEEK for span in self.spans for m in span}:
                day = monday + timedelta(days=7 * week + minute // 1440)
                local = datetime(day.year, day.month, day.day, minute % 1440 // 60, minute % 60, tzinfo=zone)
                found += [local.replace(fold=fold).astimezone(UTC).timestamp() for fold in (0, 1)]
        # a local hour that comes twice begins again when clocks go back: look at the change itself too
        found += _clock_changes(at, zone)
        return min(instant for instant in found if instant > at)


def _clock_changes(at: float, zone: ZoneInfo) -> list[float]:
    """Return the clock change of the fortnight after an instant, to the quarter of an hour."""
    quarter = (at // 900 + 1) * 900
    before = datetime.fromtimestamp(at, zone).utcoffset()
    if datetime.fromtimestamp(at + 14 * 86400, zone).utcoffset() == before:
        return []
    low, high = 0, 14 * 96
    while low < high:
        middle = (low + high) // 2
        if datetime.fromtimestamp(quarter + middle * 900, zone).utcoffset() == before:
            low = middle + 1
        else:
            high = middle
    return [quarter + low * 900]


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, how long it must last, and how grave it is.

    Parameters
    ----------
    condition : Condition
    lasts, clears : float
        How long the condition must hold before the alarm, and not hold before it ends; seconds.
    severity : int
        1 (minor) to 4 (critical).
    rises : tuple of (seconds, severity)
        Severity after so long an alarm, in order of time and severity.
    schedule : Schedule, optional
        When it looks; always by default. Outside, the condition counts as false.
    """

    condition: Condition
    lasts: float = 0.0
    clears: float = 0.0
    severity: int = 2
    rises: tuple[tuple[float, int], ...] = ()
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        steps = [(0.0, self.severity), *self.rises]
        if any(b[0] <= a[0] or b[1] <= a[1] for a, b in pairwise(steps)):
            raise ValueError("rises must grow in time and in severity")
        if self.lasts < 0 or self.clears < 0 or not next(leaves(self.condition), None):
            raise ValueError("a rule needs a condition and durations that are not negative")


def _known(operator: str) -> None:
    if operator not in OPERATORS:
        raise ValueError(f"unknown operator {operator!r}: one of {' '.join(OPERATORS)}")
