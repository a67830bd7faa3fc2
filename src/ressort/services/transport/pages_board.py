"""The console's pages for those who watch over the service."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ressort.core.clock import service_now
from ressort.core.errors import Unknown
from ressort.core.fleet.models import Promise, Tour
from ressort.core.journal import receipts
from ressort.services.transport import queries, words
from ressort.services.transport.access import local
from ressort.services.transport.actions.booking import find_demand
from ressort.services.transport.models import Demand, Hours, Offering
from ressort.web import charts, gantt
from ressort.web.doors import door

PAGE = 60


@door("transport.board.see")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the map with the vehicles moving, and what needs doing now."""
    return render(request, "transport/board.html", summary_context())


@door("transport.board.see")
@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """Return the panel of the board, refreshed as events come."""
    return render(request, "transport/board_summary.html", summary_context())


def summary_context() -> dict[str, Any]:
    """Return the counters of the day and the tours that need an eye."""
    bars = queries.gantt_now()
    return {
        "day": queries.indicators(queries.today()),
        "bars": bars,
        "tight": [bar for bar in bars if bar.slack_s is not None and bar.slack_s < 60][:6],
        "broken": Tour.objects.filter(state=Tour.State.BROKEN, shift__ends__gt=service_now()).select_related(
            "shift__vehicle"
        ),
        "recent": queries.demands(limit=8),
    }


@door("transport.tour.see")
@require_safe
def vehicle(request: HttpRequest, tour: int) -> HttpResponse:
    """Return the panel of a vehicle: its riders and its coming stops."""
    found = Tour.objects.select_related("shift__vehicle", "shift__driver").filter(pk=tour).first()
    if found is None:
        raise Unknown("tour", "Cette tournée n'existe pas.")
    calls = queries.calls(queries.visits_of(found))
    context = {
        "tour": found,
        "vehicle": found.shift.vehicle,
        "calls": [call for call in calls if call.state != "done"],
        "done": len([call for call in calls if call.state == "done"]),
        "aboard": queries.aboard(found),
    }
    return render(request, "transport/vehicle.html", context)


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("jour", ""))
    except ValueError:
        return queries.today()


@door("transport.board.see")
@require_safe
def tours(request: HttpRequest) -> HttpResponse:
    """Show the tours of a day on one hour scale, with their slack."""
    day = _day(request)
    bars = queries.gantt(day)
    context = {
        "day": day,
        "plan": _plan(bars, day),
        "bars": bars,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
    }
    return render(request, "transport/tours.html", context)


def _plan(bars: list[queries.Bar], day: date) -> gantt.Plan:
    now = service_now()
    zone = ZoneInfo(settings.TIME_ZONE)
    start = datetime(day.year, day.month, day.day, 5, tzinfo=zone)
    lanes = [_lane(bar, now) for bar in bars]
    end = max([start + timedelta(hours=18), *[bar.tour.shift.ends for bar in bars]])
    return gantt.Plan(lanes, start, end, now if start <= now <= end else None)


def _lane(bar: queries.Bar, now: datetime) -> gantt.Lane:
    shift = bar.tour.shift
    spans = [
        gantt.Span(shift.starts, shift.ends, "shift", _("Service de %(name)s") % {"name": shift.vehicle.name})
    ]
    marks = []
    aboard = 0
    since: datetime | None = None
    for visit in bar.visits:
        at = visit.left or visit.planned
        late = (visit.arrived or visit.planned) > visit.due
        word = _("Montée") if visit.is_pickup else _("Descente")
        title = f"{word} · {visit.place.name} · {local(at):%H:%M}"
        marks.append(gantt.Mark(visit.arrived or visit.planned, "on" if visit.is_pickup else "off", title))
        if aboard == 0 and visit.is_pickup:
            since = at
        aboard += 1 if visit.is_pickup else -1
        if aboard == 0 and since is not None:
            kind = "late" if late else "drive"
            spans.append(gantt.Span(since, at, f"{kind} done" if at < now else kind, title))
            since = None
    url = reverse("transport:vehicle", args=[bar.tour.pk])
    return gantt.Lane(shift.vehicle.name, spans, marks, url=url)


@door("transport.demand.see")
@require_safe
def demands(request: HttpRequest) -> HttpResponse:
    """List what was asked and answered, and why."""
    answer = request.GET.get("reponse", "")
    found = queries.demands(
        answer=answer, search=request.GET.get("recu", "")[:20], limit=PAGE, before=_number(request)
    )
    context = {
        "demands": found,
        "answer": answer,
        "search": request.GET.get("recu", "")[:20],
        "more": found[-1].pk if len(found) == PAGE else None,
        "reasons": words.REASONS,
    }
    return render(request, "transport/demands.html", context)


def _number(request: HttpRequest) -> int | None:
    text = request.GET.get("avant", "")
    return int(text) if text.isdigit() and len(text) < 18 else None


@door("transport.demand.see")
@require_safe
def demand(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the panel of a demand: what was asked, answered, and by which rule."""
    found = find_demand(pid)
    receipt = receipts.find(found.receipt)
    context = {
        "demand": found,
        "receipt": receipt,
        "words": json.loads(receipt.words),
        "booking": found.bookings.select_related("promise__pickup", "promise__dropoff").first(),
    }
    return render(request, "transport/demand_panel.html", context)


@door("transport.board.see")
@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """Show the counters of a day, each with its definition."""
    day = _day(request)
    found = queries.indicators(day)
    context = {
        "day": day,
        "now": found,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "hours": _by_hour(day),
        "reasons": [
            (words.REASONS.get(code, code), count)
            for code, count in sorted(found.refusals.items(), key=lambda x: -x[1])
        ],
    }
    return render(request, "transport/indicators.html", context)


def _by_hour(day: date) -> Any:
    start, end = queries.span_of(day)
    offered, refused = [0] * 24, [0] * 24
    for at, answer in Demand.objects.filter(at__gte=start, at__lt=end).values_list("at", "answer"):
        (offered if answer == Demand.Answer.OFFERED else refused)[local(at).hour] += 1
    hours = range(5, 23)
    return charts.bars(
        _("Demandes par heure"),
        [f"{hour} h" for hour in hours],
        {_("proposées"): [offered[h] for h in hours], _("refusées"): [refused[h] for h in hours]},
    )


@door("transport.board.see")
@require_safe
def offering(request: HttpRequest) -> HttpResponse:
    """Show what is offered: the versions, their rules, hours, stops and vehicles."""
    found = list(
        Offering.objects.select_related("organisation")
        .prefetch_related("hours", "vehicles")
        .order_by("-version")
    )
    context = {
        "offerings": found,
        "days": Hours.Day.choices,
        "stops": found[0].places.filter(active=True).count() if found else 0,
        "open": Promise.objects.filter(state=Promise.State.PLANNED).count(),
    }
    return render(request, "transport/offering.html", context)
