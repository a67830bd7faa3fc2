"""The two clocks of an incident: taken in charge within, solved within. Pure: the time is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TAKE = {
    "vital": timedelta(minutes=2),
    "high": timedelta(minutes=10),
    "normal": timedelta(hours=1),
    "low": timedelta(hours=8),
}
"""Longest time before somebody takes an incident in charge, by priority."""
SOLVE = {
    "vital": timedelta(hours=1),
    "high": timedelta(hours=4),
    "normal": timedelta(days=2),
    "low": timedelta(days=10),
}
"""Longest time before an incident is solved, by priority."""
SOON = 0.25
"""Share of the time allowed below which what is left is said to be short."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How a clock stands.

    Attributes
    ----------
    state : str
        ``running``, ``soon`` (a quarter or less is left), ``over`` (still not done), ``kept`` or ``missed`` (done).
    seconds : int
        Left before the limit, or by which it was done before it; negative: over.
    due : datetime
    """

    state: str
    seconds: int
    due: datetime

    @property
    def code(self) -> str:
        """The state as the pills of the house name it."""
        return f"controlroom.clock.{self.state}"


def read(now: datetime, start: datetime, due: datetime, done: datetime | None = None) -> Clock:
    """Read a clock that started at ``start`` and is due at ``due``, at ``now``."""
    left = int((due - (done or now)).total_seconds())
    if done is not None:
        return Clock("kept" if left >= 0 else "missed", left, due)
    if left < 0:
        return Clock("over", left, due)
    return Clock("soon" if left <= SOON * (due - start).total_seconds() else "running", left, due)


def limits(priority: str, start: datetime) -> tuple[datetime, datetime]:
    """Return until when an incident of this priority is to be taken in charge, and solved."""
    return start + TAKE[priority], start + SOLVE[priority]
