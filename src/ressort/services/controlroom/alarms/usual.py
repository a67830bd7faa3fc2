"""Counters beside their own habits: hours of counts read from what the intake kept, judged by ``engines/alarms/usual``.

What an hour is (usual or not) is a series of its own, derived: the judge knows it as the series' number with a minus, rules
as « passages inhabituels ».
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ressort.core.intake.keeping import HOUR
from ressort.core.intake.models import Block, Sample
from ressort.core.intake.readings import milliseconds
from ressort.engines.alarms.usual import Habits, Usual

DERIVED = "~usual"
"""Ends the name of a derived series: no property can be called so."""
LEARNT = timedelta(weeks=10)
HABITS = Habits(silence=150.0)
"""As chosen on half of the counters of ``benchmarks/baselines.py``."""


def derived(series: Iterable[tuple[int, int, str, str]]) -> list[tuple[int, int, str, str]]:
    """Return, for each series, the derived one that says whether it is usual."""
    return [(-pk, device, code, f"{observed}{DERIVED}") for pk, device, code, observed in series]


def history(series: int, end: datetime, since: datetime | None = None) -> list[tuple[float, float]]:
    """Return the verdict of each whole hour of a counter: the instant at which the hour was over, and the verdict.

    Parameters
    ----------
    end : datetime
        The last hour returned is over by then.
    since : datetime, optional
        The first is over after it; by default, everything that is read.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    here = end.astimezone(zone)
    counts = _counts(series, end - LEARNT, end)
    days = _days(counts, (here - LEARNT).date(), here)
    usual = Usual(HABITS)
    found: list[tuple[float, float]] = []
    for day, values in days:
        today = day == here.date()
        verdicts = (
            usual.begun(values[: here.hour], day.weekday())
            if today
            else usual.day(values, day.weekday()).verdicts
        )
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        for slot, verdict in enumerate(verdicts):
            over = (midnight + timedelta(hours=slot + 1)).timestamp()
            if since is None or over > since.timestamp():
                found.append((over, float(verdict)))
    return found


def last(series: int, now: datetime) -> float:
    """Return the verdict of the last whole hour."""
    found = history(series, now, now - timedelta(hours=2))
    return found[-1][1] if found else 0.0


def _counts(series: int, start: datetime, end: datetime) -> dict[int, float]:
    """Return what was counted in each hour since 1970 that has anything: hours closed, then those still open."""
    low, high = milliseconds(start), milliseconds(end)
    blocks = Block.objects.filter(series=series, hour__gte=low // HOUR, hour__lt=high // HOUR)
    found: dict[int, float] = defaultdict(float)
    for hour, count, mean in blocks.values_list("hour", "count", "mean"):
        found[hour] += count * mean
    fresh = Sample.objects.filter(series=series, at__gte=low, at__lt=high - high % HOUR)
    for at, value in fresh.values_list("at", "value"):
        found[at // HOUR] += value
    return found


def _days(counts: dict[int, float], first: date, end: datetime) -> Iterator[tuple[date, NDArray[np.float64]]]:
    """Yield local days of 24 hours, from the first that counted anything; NaN where nothing came.

    The hour that a change of clock repeats is one hour here, the one it skips came with nothing.
    """
    zone = end.tzinfo
    slots: dict[tuple[date, int], float] = defaultdict(float)
    for hour, total in counts.items():
        here = datetime.fromtimestamp(hour * 3600, zone)
        slots[here.date(), here.hour] += total
    if not slots:
        return
    day = max(first, min(slots)[0])
    while day <= end.date():
        yield day, np.array([slots.get((day, hour), np.nan) for hour in range(24)])
        day += timedelta(days=1)
