"""Tours as they stand, and a day of them drawn on one hour scale: one lane per vehicle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ressort.core.clock import service_now
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.services.transport import queries
from ressort.services.transport.access import local
from ressort.services.transport.queries import OPEN
from ressort.web import gantt
from ressort.web.words import duration, hour

TIGHT = 60
"""Seconds of margin under which a tour needs an eye."""
DETAILED = timedelta(hours=3)
"""How far ahead each call is marked: further, the plan will still change and its rides are enough."""
SOON = timedelta(minutes=20)
"""How far ahead a small margin is worth an eye."""
_USUAL = (6, 22)


@dataclass(frozen=True, slots=True)
class Bar:
    """A tour on the Gantt: its shift and its visits.

    Attributes
    ----------
    aboard, riders : int
        People in the vehicle now, and people of the whole tour.
    coming : Visit or None
        The next visit.
    tightest : Visit or None
        The coming visit with the smallest margin, ``slack_s`` seconds before its promise is overrun.
    """

    tour: Tour
    visits: list[Visit]
    aboard: int
    riders: int
    coming: Visit | None
    tightest: Visit | None
    slack_s: int | None

    def pressing(self, now: datetime) -> Visit | None:
        """Return the visit to worry about: the tightest of those soon due, or of all when one is overrun.

        A plan may well use the whole of a window hours ahead: that is no reason to worry yet.
        """
        if self.slack_s is not None and self.slack_s < 0:
            return self.tightest
        soon = [v for v in self.visits if v.state in OPEN and v.planned < now + SOON]
        return min(soon, key=lambda visit: queries.slack(visit, now), default=None)


def of_day(day: date) -> list[Bar]:
    """Return the tours of a day with their visits. ``slack_s`` is the smallest margin before a promise is late."""
    start, end = queries.span_of(day)
    return bars(Tour.objects.filter(shift__starts__lt=end, shift__ends__gt=start))


def under_way() -> list[Bar]:
    """Return the tours under way with what they will do in the next hours."""
    now = service_now()
    live = Tour.objects.filter(shift__starts__lte=now, shift__ends__gt=now)
    coming = Visit.objects.filter(state__in=OPEN, planned__lt=now + DETAILED)
    return bars(live.exclude(state__in=(Tour.State.DONE, Tour.State.BROKEN)), coming)


def bars(tours: QuerySet[Tour], visits: QuerySet[Visit] | None = None) -> list[Bar]:
    """Return tours with their visits (all those not skipped by default): two queries, whatever their number."""
    if visits is None:
        visits = Visit.objects.exclude(state=Visit.State.SKIPPED)
    visits = visits.select_related("promise__pickup", "promise__dropoff").order_by("sequence")
    shown = tours.select_related("shift__vehicle", "shift__driver").prefetch_related(
        Prefetch("visits", queryset=visits, to_attr="shown")
    )
    now = service_now()
    return [_bar(tour, now) for tour in sorted(shown, key=_number_last)]


def _bar(tour: Any, now: datetime) -> Bar:
    coming = [visit for visit in tour.shown if visit.state in OPEN]
    tightest = min(coming, key=lambda visit: queries.slack(visit, now), default=None)
    return Bar(
        tour,
        tour.shown,
        aboard=sum(_heads(v.promise) for v in coming if _rides_now(v)),
        riders=sum(_heads(v.promise) for v in tour.shown if v.is_pickup),
        coming=coming[0] if coming else None,
        tightest=tightest,
        slack_s=queries.slack(tightest, now) if tightest else None,
    )


def _rides_now(visit: Visit) -> bool:
    return not visit.is_pickup and visit.promise.state == Promise.State.ABOARD


def _heads(promise: Promise) -> int:
    return promise.seats + promise.wheelchairs


def _number_last(tour: Any) -> tuple[Any, ...]:
    """Sort « Minibus 2 » before « Minibus 10 »."""
    words = re.split(r"(\d+)", tour.shift.vehicle.name)
    return ([int(word) if word.isdigit() else word for word in words], tour.shift.starts)


def draw(bars: list[Bar], day: date, now: datetime) -> gantt.Plan:
    """Return the plan of a day: a vehicle that goes out twice keeps one lane."""
    start, end = _span(bars, day)
    by_vehicle = groupby(bars, key=lambda bar: bar.tour.shift.vehicle)
    lanes = [_lane(vehicle.name, list(tours), now) for vehicle, tours in by_vehicle]
    return gantt.Plan(lanes, start, end, now if start <= now <= end else None, per_hour=4.0)


def _span(bars: list[Bar], day: date) -> tuple[datetime, datetime]:
    """Return whole hours around the shifts, inside the day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.TIME_ZONE))
    if not bars:
        return midnight + timedelta(hours=_USUAL[0]), midnight + timedelta(hours=_USUAL[1])
    first = max(midnight, local(min(bar.tour.shift.starts for bar in bars)))
    last = local(max(bar.tour.shift.ends for bar in bars))
    end = last.replace(minute=0, second=0, microsecond=0)
    return first.replace(minute=0, second=0, microsecond=0), end + timedelta(hours=1 if end < last else 0)


def _lane(name: str, bars: list[Bar], now: datetime) -> gantt.Lane:
    spans: list[gantt.Span] = []
    marks: list[gantt.Mark] = []
    for bar in bars:
        spans.append(_shift(bar.tour))
        spans.extend(_empty_legs(bar, now))
        for ride in _rides(bar.visits):
            spans.extend(_ride(ride, now))
        marks.extend(_marks([v for v in bar.visits if v.state in OPEN and v.planned < now + DETAILED]))
    shown = next((bar for bar in bars if bar.tour.shift.ends > now), bars[-1])
    return gantt.Lane(name, spans, marks, url=reverse("transport:vehicle", args=[shown.tour.pk]))


def _shift(tour: Tour) -> gantt.Span:
    shift = tour.shift
    title = _("Service de %(start)s à %(end)s") % {"start": _at(shift.starts), "end": _at(shift.ends)}
    kind = "shift broken" if tour.state == Tour.State.BROKEN else "shift"
    return gantt.Span(shift.starts, shift.ends, kind, title)


def _rides(visits: list[Visit]) -> Iterator[list[Visit]]:
    """Yield the stretches during which somebody is aboard."""
    aboard = 0
    ride: list[Visit] = []
    for visit in visits:
        ride.append(visit)
        aboard += 1 if visit.is_pickup else -1
        if aboard <= 0:
            yield ride
            ride, aboard = [], 0
    if ride:
        yield ride


def _ride(visits: list[Visit], now: datetime) -> Iterator[gantt.Span]:
    """Yield a stretch with people aboard and, under it, the margin left before a promise is overrun."""
    first, last = visits[0], visits[-1]
    start, end = first.arrived or first.planned, max(last.left or last.planned, first.planned)
    coming = [visit for visit in visits if visit.state != Visit.State.DONE]
    margin = min((queries.slack(visit, now) for visit in coming), default=None)
    overrun = any((visit.arrived or visit.planned) > visit.due for visit in visits)
    late = overrun or (margin is not None and margin < 0)
    people = sum(_heads(visit.promise) for visit in visits if visit.is_pickup)
    carried = ngettext("%(n)d voyageur", "%(n)d voyageurs", people) % {"n": people}
    title = f"{_at(start)} – {_at(end)} · {carried}"
    if margin is not None:
        title += f" · {said(margin)}"
    kind = "late" if late else "drive"
    yield gantt.Span(start, end, kind if coming else f"{kind} done", title)
    if margin is not None and margin > 0:
        tight = "slack tight" if margin < TIGHT else "slack"
        yield gantt.Span(end, end + timedelta(seconds=margin), tight, title)


def said(margin: int) -> str:
    """Return a margin in words."""
    if margin < 0:
        return _("%(time)s de retard") % {"time": duration(-margin)}
    return _("marge de %(time)s") % {"time": duration(margin)}


def _empty_legs(bar: Bar, now: datetime) -> Iterator[gantt.Span]:
    """Yield the legs driven with nobody aboard that have begun."""
    aboard = 0
    for visit in bar.visits:
        if aboard == 0 and visit.departed:
            arrived = visit.arrived or max(now, visit.departed)
            if arrived > visit.departed:
                yield gantt.Span(
                    visit.departed, arrived, "empty", _("À vide vers %(stop)s") % {"stop": visit.place.name}
                )
        aboard += 1 if visit.is_pickup else -1


def _marks(visits: list[Visit]) -> Iterator[gantt.Mark]:
    """Yield one mark per call and direction, however many riders get on or off there."""
    for (place, is_pickup), together in groupby(visits, key=lambda visit: (visit.place, visit.is_pickup)):
        group = list(together)
        word = _("Montée") if is_pickup else _("Descente")
        people = sum(visit.promise.seats + visit.promise.wheelchairs for visit in group)
        at = group[0].arrived or group[0].planned
        title = f"{word} ({people}) · {place.name} · {_at(at)}"
        yield gantt.Mark(at, "on" if is_pickup else "off", title)


def _at(moment: datetime) -> str:
    return hour(local(moment))
