"""Vehicles and their shifts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import people
from ressort.core.accounts.models import User
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.fleet import actions, shifts
from ressort.core.fleet.models import Shift, Vehicle
from ressort.core.territory.models import Place
from ressort.web import undo
from ressort.web.administration.forms import ShiftForm, VehicleForm
from ressort.web.context import Shell
from ressort.web.doors import door
from ressort.web.forms import among, refuse

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _fleet(user: Any) -> Any:
    return (
        Vehicle.objects.filter(organisation__in=people.managed(user))
        .select_related("organisation", "depot")
        .order_by("name")
    )


@door("fleet.manage")
@require_safe
def vehicle_list(request: HttpRequest) -> HttpResponse:
    """List the vehicles of one's organisations."""
    context = {
        "vehicles": list(_fleet(request.user)),
        "depots": Place.objects.filter(kind=Place.Kind.DEPOT, active=True).exists(),
        "several": people.managed(request.user).count() > 1,
    }
    return render(request, "web/administration/vehicles.html", context)


@door("fleet.manage")
@get_or_post
def vehicle(request: HttpRequest, pid: str = "") -> HttpResponse:
    """Add a vehicle, or change one."""
    present = actions.find(request.user, pid) if pid else None
    mine = people.managed(request.user)
    if request.method == "POST":
        form = VehicleForm(request.POST, organisations=mine)
        if form.is_valid():
            given = form.cleaned_data
            home, given["range_m"] = given.pop("organisation"), given.pop("range_km") * 1000
            try:
                if present:
                    actions.change(request.user, pid, **given)
                else:
                    actions.add(request.user, home, **given)
            except Refused as error:
                refuse(form, error)
            else:
                sentence = _("« %(name)s » est enregistré.") % {"name": given["name"]}
                if present:
                    undo.said(
                        request,
                        sentence,
                        request.path,
                        undo.before(VehicleForm.of(present, organisations=mine)),
                    )
                else:
                    messages.success(request, sentence)
                return redirect("web:vehicles")
    else:
        form = VehicleForm.of(present, organisations=mine) if present else VehicleForm(organisations=mine)
    if present:
        form.fields["organisation"].disabled = True
    context = {
        "form": form,
        "vehicle": present,
        "promised": actions.promised(present) if present else 0,
        "depots": Place.objects.filter(kind=Place.Kind.DEPOT, active=True).exists(),
    }
    return render(request, "web/administration/vehicle.html", context, status=422 if form.errors else 200)


def _day(request: HttpRequest) -> date:
    """Return the day asked for; today for none and for what is not a date."""
    today = Shell(request).here.date()
    try:
        day = date.fromisoformat(request.GET.get("jour", "") or request.POST.get("day", ""))
    except ValueError:
        return today
    return day if 2000 <= day.year <= 2200 else today


@door("fleet.manage")
@get_or_post
def shift_list(request: HttpRequest) -> HttpResponse:
    """Show the shifts of a week, a day at a time; add some."""
    day = _day(request)
    monday = day - timedelta(days=day.weekday())
    form = _shift_form(request, request.POST or None, day)
    if request.method == "POST" and form.is_valid():
        try:
            made = shifts.add(request.user, _wanted(form.cleaned_data))
        except Refused as error:
            refuse(form, error)
        else:
            messages.success(request, _("Services ajoutés : %(count)d.") % {"count": len(made)})
            return _to_day(form.cleaned_data["first"])
    mine = list(people.managed(request.user).values_list("pk", flat=True))
    held = _by_day(shifts.of_week(mine, monday))
    context = {
        "form": form,
        "day": day,
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "days": [(one, len(held.get(one, []))) for one in (monday + timedelta(days=n) for n in range(7))],
        "shifts": held.get(day, []),
        "total": sum(map(len, held.values())),
        "drivers": list(_drivers(mine)),
        "now": service_now(),
        "vehicles": _fleet(request.user).filter(active=True).exists(),
    }
    return render(request, "web/administration/shifts.html", context, status=422 if form.errors else 200)


def _shift_form(request: HttpRequest, data: Any, day: date) -> ShiftForm:
    today = Shell(request).here.date()
    form = ShiftForm(data, initial={"first": max(day, today), "opens": "06:30", "closes": "19:30"})
    among(form, "vehicle", _fleet(request.user).filter(active=True))
    among(form, "driver", _drivers(list(people.managed(request.user).values_list("pk", flat=True))))
    return form


def _drivers(mine: list[int]) -> Any:
    held = User.objects.filter(memberships__organisation__in=mine, memberships__role="driver", is_active=True)
    return held.distinct().order_by("name")


def _wanted(given: dict[str, Any]) -> list[shifts.Wanted]:
    first, last = given["first"], given["last"] or given["first"]
    if not timedelta() <= last - first <= timedelta(days=62):
        raise Refused("bad-span", _("Du premier au dernier jour, deux mois au plus."), field="last")
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        (given["vehicle"], *shifts.span(day, given["opens"], given["closes"]), given["driver"])
        for day in days
    ]


def _by_day(found: Any) -> dict[date, list[Shift]]:
    zone = Shell.zone()
    held: dict[date, list[Shift]] = {}
    for shift in found:
        held.setdefault(shift.starts.astimezone(zone).date(), []).append(shift)
    return held


def _to_day(day: date) -> HttpResponse:
    return redirect(f"{reverse('web:shifts')}?jour={day.isoformat()}")


@door("fleet.manage")
@require_POST
def copy_week(request: HttpRequest) -> HttpResponse:
    """Copy the shifts of a week to the next ones."""
    day = _day(request)
    text = request.POST.get("weeks", "")
    count = shifts.copy_week(
        request.user,
        day - timedelta(days=day.weekday()),
        int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0,
    )
    messages.success(request, _("Services copiés : %(count)d.") % {"count": count})
    return _to_day(day)


@door("fleet.manage")
@require_POST
def change_shift(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who drives a shift, or remove it."""
    if request.POST.get("deed") == "remove":
        shifts.remove(request.user, pk)
        messages.success(request, _("Le service est retiré."))
    else:
        pid = request.POST.get("driver", "")
        driver = User.objects.filter(pid=pid).first() if pid else None
        if pid and driver is None:
            raise Refused("not-a-driver", _("Choisissez un conducteur de la liste."), field="driver")
        shifts.assign(request.user, pk, driver)
        messages.success(request, _("C'est enregistré."))
    return _to_day(_day(request))
