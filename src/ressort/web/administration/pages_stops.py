"""Stops and depots."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core import cells
from ressort.core.errors import Refused
from ressort.core.network import build, stops
from ressort.core.network.geocoder import Geocoder
from ressort.core.territory import actions
from ressort.core.territory.models import Place
from ressort.web import undo
from ressort.web.administration.forms import StopForm
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 60
WANTED = 300
"""Stops taken from a street network, at most."""

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@door("stop.manage")
@require_safe
def stop_list(request: HttpRequest) -> HttpResponse:
    """List the stops and depots, with a search."""
    asked = {key: request.GET.get(key, "").strip()[:100] for key in ("q", "kind")}
    every = Place.objects.filter(kind__in=actions.KINDS)
    found = every
    if asked["q"]:
        found = found.filter(name__icontains=asked["q"])
    if asked["kind"] in {str(kind) for kind in actions.KINDS}:
        found = found.filter(kind=asked["kind"])
    page = Paginator(found.order_by("-active", "name", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "page": page,
        "kinds": [(str(kind), str(kind.label).capitalize()) for kind in actions.KINDS],
        "filtered": any(asked.values()),
        "network": build.active_version(),
    }
    return render(request, "web/administration/stops.html", context)


@door("stop.manage")
@get_or_post
def stop(request: HttpRequest, public_id: str = "") -> HttpResponse:
    """Add a stop, or change one."""
    present = actions.find(public_id) if public_id else None
    where = {"value": "", "error": ""}
    if request.method == "POST":
        form = StopForm(request.POST)
        where["value"] = request.POST.get("where", "")[:200]
        if form.is_valid():
            try:
                values = _values(form.cleaned_data, request.POST, present)
                if present:
                    actions.change(request.user, public_id, **values)
                else:
                    actions.add(request.user, **values)
            except Refused as error:
                if error.field == "where":
                    where["error"] = error.sentence
                refuse(form, error)
            else:
                sentence = _("« %(name)s » est enregistré.") % {"name": values["name"]}
                if present:
                    undo.said(request, sentence, request.path, undo.before(StopForm.of(present)))
                else:
                    messages.success(request, sentence)
                return redirect("web:stops")
    else:
        form = (
            StopForm.of(present) if present else StopForm(initial={"kind": request.GET.get("kind") or "stop"})
        )
    context = {"form": form, "stop": present, "where": where, "network": build.active_version()}
    return render(request, "web/administration/stop.html", context, status=422 if form.errors else 200)


def _values(given: dict[str, Any], data: Any, present: Place | None) -> dict[str, Any]:
    """Return the fields of a stop: an address chosen or typed comes before coordinates."""
    words = " ".join(data.get("where", "").split())[:200]
    lon, lat, commune = given["lon"], given["lat"], present.commune if present else ""
    if words and data.get("where_lon") and data.get("where_lat"):
        lon, lat = data["where_lon"], data["where_lat"]
    elif words:
        hits = Geocoder.active().search(words, limit=1)
        if not hits:
            raise Refused(
                "unknown-place",
                _("« %(words)s » n'a pas été trouvé. Essayez une rue et une commune, ou des coordonnées.")
                % {"words": words[:60]},
                field="where",
            )
        lon, lat, commune = str(hits[0].lon), str(hits[0].lat), hits[0].commune
    if not (lon and lat):
        raise Refused("no-point", _("Indiquez une adresse, ou une longitude et une latitude."), field="where")
    return {
        "name": given["name"],
        "kind": given["kind"],
        "lon": _degrees(lon, 180, "lon"),
        "lat": _degrees(lat, 90, "lat"),
        "commune": commune,
        "accessible": {"yes": True, "no": False}.get(given["accessible"]),
        "active": given["active"],
    }


def _degrees(text: str, limit: float, field: str) -> float:
    try:
        return cells.degrees(limit)(text.strip())
    except ValueError as error:
        raise Refused("bad-point", str(error), field=field) from None


@door("stop.manage")
@require_POST
def take_stops(request: HttpRequest) -> HttpResponse:
    """Take the stops found in the street network in service."""
    taken = from_network(request.user)
    messages.success(request, _("%(count)d arrêts pris dans le réseau.") % {"count": taken})
    return redirect("web:stops")


def from_network(user: Any) -> int:
    """Add the stops found in the street network that are not there yet; return how many.

    Raises
    ------
    Refused
        If there is no network, or nothing to add.
    """
    version = build.active_version()
    if version is None:
        raise Refused("no-network", _("Chargez d'abord un réseau de rues."), status=409)
    known = {
        (place.name, round(place.lon, 4), round(place.lat, 4))
        for place in Place.objects.filter(kind__in=actions.KINDS)
    }
    added = [
        {"name": name, "lon": round(lon, 6), "lat": round(lat, 6), "kind": kind, "commune": commune}
        for name, lon, lat, kind, commune in stops.chosen(version, WANTED)
        if (name, round(lon, 4), round(lat, 4)) not in known
    ]
    if not added:
        raise Refused("no-new-stops", _("Les arrêts du réseau sont déjà tous là."), status=409)
    return len(actions.take(user, added, source="network"))
