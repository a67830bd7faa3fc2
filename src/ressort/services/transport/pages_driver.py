"""The driver's page: the next stop, who gets on and off, and what goes wrong. Made for a phone in a holder."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet.models import Tour, Visit
from ressort.services.transport import picture, queries
from ressort.services.transport.actions import reporting
from ressort.services.transport.actions.reporting import Deed
from ressort.web.doors import door

_OVER = {Visit.State.DONE}


@door("transport.tour.drive")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Open the tour one is on, or say when the next one starts."""
    tour = queries.current_tour(request.user)
    if tour is not None:
        return redirect(reverse("transport:sheet", kwargs={"tour": tour.pk}, query=request.GET))
    return render(request, "transport/driver_none.html", {"tours": queries.tours_of(request.user)})


@door("transport.tour.drive")
@require_safe
def sheet(request: HttpRequest, tour: int) -> HttpResponse:
    """Show a tour: the call at hand, then those to come, then those done."""
    found = reporting.held(request.user, tour)
    template = "transport/driver_live.html" if request.headers.get("HX-Request") else "transport/driver.html"
    return render(request, template, sheet_context(found))


def sheet_context(tour: Tour) -> dict[str, Any]:
    """Return what the driver's page shows."""
    calls = queries.calls(queries.visits_of(tour))
    coming = [call for call in calls if call.state not in _OVER]
    return {
        "tour": tour,
        "vehicle": tour.shift.vehicle,
        "call": coming[0] if coming else None,
        "coming": coming[1:],
        "done": [call for call in calls if call.state in _OVER],
        "aboard": queries.aboard(tour),
        "now": service_now(),
        "offline_words": {
            "cut": _("Pas de réseau : continuez, tout sera gardé sur cet appareil."),
            "kept_one": _("Pas de réseau : %n geste gardé sur cet appareil, il partira dès que possible."),
            "kept_many": _(
                "Pas de réseau : %n gestes gardés sur cet appareil, ils partiront dès que possible."
            ),
            "wait": _("Attendez encore %n min : l'heure promise n'est pas passée."),
            "seen": _("J'ai lu, la régulation est prévenue"),
        },
        "layers": picture.driver_layers(tour),
        "bounds": picture.bounds_of(
            [call.place for call in coming[:1]] or [tour.shift.vehicle.depot], tour.pk
        ),
    }


@door("portal.see")
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Return the script that keeps this page on the device; it must stand above the pages it serves."""
    version = hashlib.sha256(static("transport/tour.js").encode()).hexdigest()[:8]
    return render(request, "transport/driver_worker.js", {"version": version}, content_type="text/javascript")


@door("portal.see")
@require_safe
def app(request: HttpRequest) -> HttpResponse:
    """Return what a phone needs to install the page among its applications (W3C Web Application Manifest)."""
    del request
    home = reverse("transport:driver")
    sizes = {"any": "web/icon.svg", "192x192": "web/icon-192.png", "512x512": "web/icon-512.png"}
    return JsonResponse(
        {
            "name": _("Ma tournée"),
            "short_name": _("Tournée"),
            "lang": get_language(),
            "id": home,
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "background_color": "#f4f4f2",
            "theme_color": "#0a6266",
            "icons": [{"src": static(file), "sizes": size} for size, file in sizes.items()],
        },
        content_type="application/manifest+json",
    )


@door("transport.tour.drive")
@require_safe
def way(request: HttpRequest, tour: int) -> HttpResponse:
    """Return the way to the next stop, and the stop, as GeoJSON."""
    return JsonResponse(picture.way_geojson(reporting.held(request.user, tour), request.GET.get("part", "")))


DEEDS = {
    "partir": "depart",
    "arriver": "arrive",
    "servir": "serve",
    "absent": "no_show",
    "retard": "delay",
    "panne": "breakdown",
    "fin": "end",
    "lacher": "let_go",
}


def _deed(kind: str, data: Any) -> Deed:
    try:
        visit = int(data["visit"]) if data.get("visit") else None
    except ValueError:
        raise Refused("no-visit", _("Dites de quel voyageur il s'agit."), field="visit") from None
    try:
        minutes = int(data.get("minutes") or 0)
    except ValueError:
        raise Refused("bad-delay", _("Écrivez le retard en minutes."), field="minutes") from None
    return Deed(kind, visit, minutes, key=data.get("key", "")[:40])


@door("transport.tour.drive")
@require_POST
def act(request: HttpRequest, tour: int, deed: str) -> HttpResponse:
    """Do one of the deeds of a driver; the page comes back as it then is."""
    if deed not in DEEDS:
        raise Unknown("deed", _("Cette action n'existe pas."))
    try:
        said = reporting.do(request.user, tour, _deed(DEEDS[deed], request.POST))
    except Refused as refused:
        if refused.status == 403 or refused.code == "unknown-tour":
            raise
        messages.error(request, refused.sentence)
    else:
        if said:
            messages.success(request, said)
    if request.headers.get("HX-Request"):
        return render(
            request, "transport/driver_live.html", sheet_context(reporting.held(request.user, tour))
        )
    return redirect("transport:sheet", tour=tour)
