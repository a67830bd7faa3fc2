"""A day that is over, or that goes on, seen again: which moment is asked for, what happened around it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from ressort.core import registry
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal.models import Event
from ressort.core.live.topics import tell
from ressort.core.registry import Task

STEP = 10
"""Minutes of one bar of the time line."""
BEFORE = timedelta(minutes=10)
TALL = 32
TOLD = 30
MARKS = 200
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that stands out: how many minutes after midnight, how grave, in words."""

    minute: float
    at: datetime
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Day:
    """The day of a moment: its bounds, how much happened, what stands out.

    Attributes
    ----------
    bars : list of (minute, top, height)
        How much happened in each :data:`STEP` minutes, in a picture :data:`TALL` high.
    last : int
        Last minute that can be asked for: the day's end, or now.
    """

    day: date
    start: datetime
    minutes: int
    last: int
    bars: list[tuple[int, float, float]]
    marks: list[Mark]

    def minute(self, at: datetime) -> int:
        """Return how many minutes after midnight a moment is."""
        return min(self.last, max(0, int((at - self.start) / _MINUTE)))


@dataclass(frozen=True, slots=True)
class Group:
    """What one service had under way."""

    label: str
    hue: str
    tasks: list[Task]


def zone() -> ZoneInfo:
    """Return the territory's time zone."""
    return ZoneInfo(settings.TIME_ZONE)


def moment(asked: Mapping[str, str]) -> datetime:
    """Return the moment asked for, never after now: ``a`` (seconds of the epoch), or ``jour`` and ``heure``.

    Raises
    ------
    Refused
        If it is not a moment.
    """
    now = service_now()
    try:
        if asked.get("a"):
            at = datetime.fromtimestamp(float(asked["a"]), UTC)
        elif asked.get("jour"):
            hour = time.fromisoformat(asked.get("heure") or "12:00")
            at = datetime.combine(
                date.fromisoformat(asked["jour"]), hour.replace(tzinfo=None), zone()
            ).astimezone(UTC)
        else:
            return now
    except (ValueError, OverflowError, OSError):
        words = _("Ce moment ne se lit pas : choisissez un jour et une heure, comme 24/11/2026 et 08:15.")
        raise Refused("bad-moment", words, field="jour") from None
    return min(at, now)


def day_of(at: datetime) -> Day:
    """Return the local day of a moment with what happened in it: two queries."""
    local = at.astimezone(zone()).date()
    start, end = (datetime.combine(local + timedelta(days=n), time(), zone()).astimezone(UTC) for n in (0, 1))
    minutes = int((end - start) / _MINUTE)
    tones = {kind: tone for service in registry.services() for kind, tone in service.marks.items()}
    events = Event.objects.filter(at__gte=start, at__lt=end)
    counts = Counter(
        int((one - start) / _MINUTE) // STEP for one in events.values_list("at", flat=True).iterator()
    )
    most = max(counts.values(), default=1)
    marks = [
        Mark((one.at - start) / _MINUTE, one.at, tones[one.kind], tell(one))
        for one in events.filter(kind__in=tones).order_by("-seq")[:MARKS]
    ]
    # by square roots: quiet hours show beside busy ones
    heights = {slot: TALL * math.sqrt(count / most) for slot, count in sorted(counts.items())}
    bars = [(slot * STEP, TALL - height, height) for slot, height in heights.items()]
    last = min(minutes - 1, int((service_now() - start) / _MINUTE))
    return Day(local, start, minutes, last, bars, marks[::-1])


def neighbours(day: Day, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the moments right after the marks before and after one: where to jump."""
    minute = int((at - day.start) / _MINUTE)
    stops = sorted({int(mark.minute) + 1 for mark in day.marks if int(mark.minute) + 1 <= day.last})
    before = [one for one in stops if one < minute]
    after = [one for one in stops if one > minute]
    return (
        day.start + before[-1] * _MINUTE if before else None,
        day.start + after[0] * _MINUTE if after else None,
    )


def under_way(user: Any, at: datetime) -> list[Group]:
    """Return what was under way at a moment, by service, as far as this person may see it."""
    asked = [one for one in registry.services() if one.then]
    groups = [Group(str(one.label), one.hue, [*one.then(user, at)]) for one in asked if one.then]
    return [group for group in groups if group.tasks]


def before(at: datetime) -> list[Event]:
    """Return the last events of the minutes before a moment, newest first."""
    return list(Event.objects.filter(at__lte=at, at__gt=at - BEFORE).order_by("-seq")[:TOLD])
