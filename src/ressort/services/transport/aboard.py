"""Who is aboard, minute by minute: the curve that grows on the page of indicators."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, timedelta
from itertools import accumulate

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.fleet.models import Visit
from ressort.services.transport.access import local
from ressort.services.transport.queries import span_of
from ressort.web.charts import Series
from ressort.web.series import LiveChart

STEP = timedelta(minutes=5)
QUIET = timedelta(minutes=30)
"""Shown before the first ride, and after the last of a day gone by."""


def chart(day: date) -> LiveChart:
    """Return the riders aboard and the minibuses that carry somebody, every five minutes of a day so far."""
    start, end = span_of(day)
    rows = Visit.objects.filter(state=Visit.State.DONE, left__gte=start, left__lt=end).order_by("left")
    fields = ("left", "is_pickup", "tour", "promise__seats", "promise__wheelchairs")
    calls = [(left, *call) for left, *call in rows.values_list(*fields) if left is not None]
    moments = _moments([call[0] for call in calls], min(end, service_now()))
    riders = [
        (at, people if on else -people)
        for at, on, _tour, seats, chairs in calls
        for people in (seats + chairs,)
    ]
    return LiveChart(
        _("À bord, en ce moment"),
        [local(moment) for moment in moments],
        [
            Series(_("voyageurs à bord"), _at(riders, moments)),
            Series(_("minibus occupés"), _at(_busy(calls), moments)),
        ],
        source=f"{reverse('transport:aboard')}?jour={day.isoformat()}",
        topic="kind:transport.",
        hue="transport",
    )


def _moments(calls: list[datetime], until: datetime) -> list[datetime]:
    """Return every five minutes from before the first call to now, or to after the last of a day that is over."""
    if not calls:
        return []
    first = calls[0] - QUIET
    first = first.replace(minute=first.minute - first.minute % 5, second=0, microsecond=0)
    long_over = until - calls[-1] > timedelta(hours=3)
    last = calls[-1] + QUIET if long_over else max(until, calls[-1])
    return [first + STEP * step for step in range(int((last - first) / STEP) + 1)]


def _busy(calls: list[tuple[datetime, bool, int, int, int]]) -> list[tuple[datetime, int]]:
    """Return when a minibus takes its first rider (+1) and lets its last off (−1)."""
    aboard: dict[int, int] = {}
    turns = []
    for at, on, tour, _seats, _chairs in calls:
        before = aboard.get(tour, 0)
        aboard[tour] = max(0, before + (1 if on else -1))
        if bool(before) != bool(aboard[tour]):
            turns.append((at, 1 if on else -1))
    return turns


def _at(changes: list[tuple[datetime, int]], moments: list[datetime]) -> list[float | None]:
    times = [at for at, _change in changes]
    totals = [0, *accumulate(change for _at_, change in changes)]
    return [float(max(0, totals[bisect_right(times, moment)])) for moment in moments]
