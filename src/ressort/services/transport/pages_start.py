"""The service's step of the set-up: stops, vehicles, hours, and a first offering."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ressort.core import decoding, tables
from ressort.core.accounts import people
from ressort.core.errors import Refused
from ressort.core.network import build, loading
from ressort.core.territory.models import Place
from ressort.core.territory.tables import stops
from ressort.services.transport.actions import starting
from ressort.services.transport.actions.offerings import STOPS
from ressort.services.transport.forms_offering import FirstService
from ressort.services.transport.models import Offering
from ressort.web.administration.pages_stops import from_network
from ressort.web.beginning.pages import of_setup, page
from ressort.web.exchanging import TableFile
from ressort.web.forms import among, refuse

FAULTS = 30


@of_setup
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask for what a first service takes, and publish it."""
    form = _form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            starting.begin(request.user, people.managed(request.user)[0], _first(given))
        except Refused as error:
            refuse(form, error)
        else:
            messages.success(request, _("L'offre est publiée : les premiers trajets peuvent se réserver."))
            return redirect("transport:start")
    return _page(request, form, TableFile())


def _form(data: Any) -> FirstService:
    form = FirstService(data, initial={"name": _("Transport à la demande")})
    among(form, "depot", Place.objects.filter(kind__in=STOPS, active=True).order_by("name"))
    return form


def _first(given: dict[str, Any]) -> starting.First:
    opens, closes = given["opens"], given["closes"]
    return starting.First(
        given["name"],
        given["vehicles"],
        given["seats"],
        given["wheelchairs"],
        6,
        given["depot"],
        tuple(given["days"]),
        opens.hour * 60 + opens.minute,
        closes.hour * 60 + closes.minute,
        round(given["price"] * 100),
    )


def _page(request: HttpRequest, form: FirstService, file_form: TableFile, faults: Any = ()) -> HttpResponse:
    job = loading.latest()
    context = {
        "form": form,
        "file_form": file_form,
        "faults": faults,
        "network": build.active_version(),
        "job": job if job and job.state in {"queued", "running"} else None,
        "stops": Place.objects.filter(kind__in=STOPS, active=True).count(),
        "offering": Offering.objects.filter(state=Offering.State.PUBLISHED).first(),
    }
    wrong = bool(form.errors or file_form.errors or faults)
    return page(request, "transport/start.html", "transport", context, wrong=wrong)


@of_setup
@require_POST
def take_stops(request: HttpRequest) -> HttpResponse:
    """Take the stops of a file, or those found in the street network."""
    form = TableFile(request.POST, request.FILES)
    if request.POST.get("deed") == "network":
        count = from_network(request.user)
        messages.success(request, _("%(count)d arrêts pris dans le réseau.") % {"count": count})
        return redirect("transport:start")
    if form.is_valid():
        data = form.cleaned_data["file"].read(decoding.MOST_BYTES + 1)
        try:
            found = tables.read(stops(request.user), data)
            if found.faults:
                return _page(request, _form(None), TableFile(), found.faults[:FAULTS])
            done = tables.apply(stops(request.user), data)
        except Refused as error:
            refuse(form, error)
        else:
            messages.success(request, _("%(count)d arrêts ajoutés.") % {"count": len(done.of("new"))})
            return redirect("transport:start")
    return _page(request, _form(None), form)
