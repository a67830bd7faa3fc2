"""The demonstration's own controls: advance the clock to what one waits for."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.jobs import queue
from ressort.services.transport.actions.booking import find
from ressort.services.transport.models import Booking
from ressort.twin import day
from ressort.web.doors import door


@door("clock.advance")
@require_POST
def advance(request: HttpRequest) -> HttpResponse:
    """Advance to just before a trip's van comes, or before its arrival for a rider aboard."""
    trip = find(request.POST.get("code", "")[:20])
    try:
        job = day.advance(request.user, _moment(trip), trip.code)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _back(request, trip)
    if request.headers.get("HX-Request"):
        return render(request, "twin/advancing.html", {"job": job, "trip": trip})
    return redirect(f"{reverse('twin:progress', args=[job.pid])}?code={trip.code}")


def _moment(trip: Booking) -> datetime:
    to = day.passage(trip.code)
    if to is None:
        raise Refused("nothing-to-wait-for", _("Ce trajet n'attend plus de véhicule."), status=409)
    if to <= service_now():
        raise Refused("nearly-there", _("C'est pour tout de suite : le minibus arrive."), status=409)
    return to


def _back(request: HttpRequest, trip: Booking) -> HttpResponse:
    address = reverse("transport:trip", args=[trip.code])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


@door("clock.advance")
@require_safe
def progress(request: HttpRequest, pid: str) -> HttpResponse:
    """Show how far the clock is; back to the trip once it is there."""
    job = queue.find(pid)
    trip = find(request.GET.get("code", "")[:20])
    if job.state not in {"queued", "running"}:
        return _back(request, trip)
    template = "twin/advancing.html" if request.headers.get("HX-Request") else "twin/advancing_page.html"
    return render(request, template, {"job": job, "trip": trip})
