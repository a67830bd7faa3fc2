"""The console's pages for those who watch over the service."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.errors import Unknown
from ressort.core.fleet.models import Promise, Tour
from ressort.core.journal import receipts
from ressort.core.retold import retold_words
from ressort.services.transport import aboard, asked, equity, pausing, picture, queries, tourplan, words
from ressort.services.transport.access import local, noon
from ressort.services.transport.actions.booking import find_demand
from ressort.services.transport.actions.driving import Wheel
from ressort.services.transport.api import offers_out
from ressort.services.transport.models import Demand, Hours, Offering
from ressort.web import charts
from ressort.web.context import Shell
from ressort.web.doors import door
from ressort.web.words import clock_face
from ressort.web.words import hour as hour_words

PAGE = 60
LATEST = 6


@door("transport.board.see")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the map with the vehicles moving, and what needs doing now."""
    if request.GET.get("couche") == "trajets":
        return JsonResponse(picture.legs_geojson())
    layers = picture.board_layers(Shell(request).layers)
    return render(request, "transport/board.html", {**summary_context(), "layers": layers})


@door("transport.board.see")
@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """Return the panel of the board, refreshed as events come."""
    if not request.headers.get("HX-Request"):
        return redirect("transport:board")
    return render(request, "transport/board_summary.html", summary_context())


def summary_context() -> dict[str, Any]:
    """Return the counters of the day and the tours that need an eye."""
    now = service_now()
    bars = tourplan.under_way()
    tight = [
        (bar, visit, margin)
        for bar in bars
        if (visit := bar.pressing(now)) and (margin := queries.slack(visit, now)) < tourplan.TIGHT
    ]
    broken = Tour.objects.filter(state=Tour.State.BROKEN, shift__starts__lte=now, shift__ends__gt=now)
    return {
        "now": queries.indicators(queries.today()),
        "vehicles": len(bars),
        "aboard": sum(bar.aboard for bar in bars),
        "tight": sorted(tight, key=lambda watched: watched[2])[:LATEST],
        "more_tight": max(0, len(tight) - LATEST),
        "broken": broken.select_related("shift__vehicle"),
        "recent": asked.tell(queries.demands(limit=LATEST)),
    }


def _panel(request: HttpRequest, template: str, context: dict[str, Any], title: str) -> HttpResponse:
    """Return a panel alone for the page that asked for it, else as a page of its own."""
    if request.headers.get("HX-Request"):
        return render(request, template, context)
    return render(request, "transport/board_panel.html", {**context, "fragment": template, "title": title})


@door("transport.tour.see")
@require_safe
def vehicle(request: HttpRequest, tour: int) -> HttpResponse:
    """Return the panel of a vehicle: its riders and its coming stops."""
    tours = Tour.objects.filter(pk=tour).select_related("shift__driver", "shift__vehicle__depot")
    bar = next(iter(tourplan.bars(tours)), None)
    if bar is None:
        raise Unknown("tour", _("Cette tournée n'existe pas."))
    now = service_now()
    calls = queries.calls(queries.visits_of(bar.tour))
    coming = [call for call in calls if call.state != "done"]
    pressing = bar.pressing(now)
    context = {
        "bar": bar,
        "margin": queries.slack(pressing, now) if pressing else None,
        "tour": bar.tour,
        "vehicle": bar.tour.shift.vehicle,
        "calls": [(call, call.slack(now)) for call in coming],
        "done": len(calls) - len(coming),
        "aboard": queries.aboard(bar.tour),
        # names are for those who may take this very wheel, not for every driver
        "may_drive": policy.allowed(request.user, "transport.tour.drive", Wheel(bar.tour)).ok,
    }
    return _panel(request, "transport/vehicle.html", context, bar.tour.shift.vehicle.name)


def _day(request: HttpRequest) -> date:
    """Return the day asked for; today for none, for what is not a date, and for one without neighbours."""
    try:
        day = date.fromisoformat(request.GET.get("jour", ""))
    except ValueError:
        return queries.today()
    return day if 2000 <= day.year <= 2200 else queries.today()


def _days(day: date) -> dict[str, Any]:
    """Return what the navigation between days needs."""
    step = timedelta(days=1)
    today = queries.today()
    return {
        "day": day,
        "noon": noon(day),
        "before": day - step,
        "after": day + step,
        "is_today": day == today,
        "is_past": day < today,
    }


@door("transport.board.see")
@require_safe
def tours(request: HttpRequest) -> HttpResponse:
    """Show the tours of a day on one hour scale, with their slack."""
    day = _day(request)
    bars = tourplan.of_day(day)
    context = {**_days(day), "plan": tourplan.draw(bars, day, service_now()), "bars": bars}
    return render(request, "transport/tours.html", context)


@door("transport.demand.see")
@require_safe
def demands(request: HttpRequest) -> HttpResponse:
    """List what was asked and answered, and why."""
    answer = request.GET.get("reponse", "")
    search = request.GET.get("recu", "")[:20].strip()
    before = _number(request)
    found = queries.demands(answer=answer, search=search, limit=PAGE + 1, before=before)
    context = {
        "demands": asked.tell(found[:PAGE]),
        "answer": answer,
        "answers": (("", _("Toutes")), ("offered", _("Proposées")), ("refused", _("Refusées"))),
        "search": search,
        "kept": urlencode({key: value for key, value in (("reponse", answer), ("recu", search)) if value}),
        "before": before,
        "more": found[PAGE - 1].pk if len(found) > PAGE else None,
    }
    return render(request, "transport/demands.html", context)


def _number(request: HttpRequest) -> int | None:
    text = request.GET.get("avant", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


@door("transport.demand.see")
@require_safe
def demand(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the panel of a demand: what was asked, answered, and by which rule."""
    found = find_demand(pid)
    told = asked.tell([found])[0]
    receipt = receipts.find(found.receipt)
    context = {
        "told": told,
        "demand": found,
        "receipt": receipt,
        "words": retold_words(json.loads(receipt.words)),
        "offers": offers_out(found.offers),
        "nearest": offers_out(found.nearest),
        "booking": told.booking,
    }
    return _panel(request, "transport/demand_panel.html", context, _("Demande"))


@door("transport.board.see")
@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """Show the counters of a day, each with its definition."""
    day = _day(request)
    found = queries.indicators(day)
    most = max(found.refusals.values(), default=1)
    context = {
        **_days(day),
        "now": found,
        "hours": _by_hour(day),
        "aboard": aboard.chart(day),
        "reasons": [
            (str(words.REASONS.get(code, code)), count, 100 * count / most)
            for code, count in sorted(found.refusals.items(), key=lambda x: -x[1])
        ],
        "needs": equity.compare(day),
        "needs_days": equity.DAYS,
    }
    return render(request, "transport/indicators.html", context)


@door("transport.board.see")
@require_safe
def aboard_now(request: HttpRequest) -> HttpResponse:
    """Give the curve of those aboard again, for a page that is open."""
    return JsonResponse(aboard.chart(_day(request)).data())


def _by_hour(day: date) -> charts.Chart:
    """Return the demands of a day for that same day, by the hour wished for."""
    start, end = queries.span_of(day)
    offered, refused = [0] * 24, [0] * 24
    rows = Demand.objects.filter(at__gte=start, at__lt=end).values_list("wish__at", "answer")
    for at, answer in rows:
        wished = local(datetime.fromisoformat(at))
        if wished.date() == day:
            (offered if answer == Demand.Answer.OFFERED else refused)[wished.hour] += 1
    busy = [hour for hour in range(24) if offered[hour] or refused[hour]]
    hours = range(min([6, *busy]), max([21, *busy]) + 1)
    series = (
        charts.Series(_("proposées"), [offered[h] for h in hours]),
        charts.Series(_("refusées"), [refused[h] for h in hours]),
    )
    labels = [clock_face(h) for h in hours]
    return charts.Chart(_("Demandes par heure souhaitée"), labels, series, hue="transport")


@door("transport.board.see")
@require_safe
def offering(request: HttpRequest) -> HttpResponse:
    """Show what is offered: the versions, their rules, hours, stops and vehicles."""
    found = list(
        Offering.objects.select_related("organisation")
        .prefetch_related("hours", "vehicles__depot")
        .annotate(stops=Count("places", filter=Q(places__active=True)))
        .order_by("-valid_from", "-version")
    )
    today = queries.today()
    mine = policy.roles(request.user).get(policy.ADMINISTRATOR, set())
    context = {
        "may_publish": policy.allowed(request.user, "transport.offering.publish").ok,
        "mine": mine,
        "offerings": [(one, _state_of(one, today), _week(one), _school_week(one)) for one in found],
        **queries.school_known(),
        "may_load_calendar": policy.allowed(request.user, "calendar.load").ok,
        "open": Promise.objects.filter(state=Promise.State.PLANNED).count(),
        "pauses": [pausing.sentence(one) for one in pausing.standing()],
    }
    return render(request, "transport/offering.html", context)


def _state_of(one: Offering, today: date) -> str:
    """Return where a version stands today, as a code of the house's states."""
    if one.state == Offering.State.DRAFT:
        return "draft"
    if one.state == Offering.State.WITHDRAWN or (one.valid_to and one.valid_to < today):
        return "off"
    return "active" if one.valid_from <= today else "planned"


def _week(one: Offering, *, school: bool = False) -> list[tuple[str, str]]:
    """Return the openings of each kind of day in words, in the order of the week."""
    said: dict[int, list[str]] = defaultdict(list)
    for hours in one.hours.all():
        if hours.school != school:
            continue
        said[hours.day].append(
            _("de %(opens)s à %(closes)s") % {"opens": _clock(hours.opens), "closes": _clock(hours.closes)}
        )
    return [(str(label), _(" et ").join(said[day]) or _("fermé")) for day, label in Hours.Day.choices]


def _school_week(one: Offering) -> list[tuple[str, str]]:
    """Return the openings of the school holidays, where the offering has hours of its own then."""
    if one.school != Offering.School.OTHER:
        return []
    return [
        row for row, day in zip(_week(one, school=True), Hours.Day, strict=True) if day != Hours.Day.HOLIDAY
    ]


def _clock(minutes: int) -> str:
    return hour_words(datetime(2000, 1, 1, minutes // 60 % 24, minutes % 60))  # noqa: DTZ001 - a time of day
