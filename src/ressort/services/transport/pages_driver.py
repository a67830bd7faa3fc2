"""The driver's page: the next stop, who gets on and off, and what goes wrong. Made for a phone in a holder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet.models import Tour, Visit
from ressort.services.transport import picture, queries
from ressort.services.transport.actions import driving, replanning
from ressort.services.transport.actions.driving import Wheel
from ressort.web.doors import door

_OVER = {Visit.State.DONE}


@door("transport.tour.drive")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Open the tour one is on, or say when the next one starts."""
    tour = queries.current_tour(request.user)
    if tour is not None:
        return redirect("transport:sheet", tour=tour.pk)
    return render(request, "transport/driver_none.html", {"tours": queries.tours_of(request.user)})


def _tour(request: HttpRequest, number: int) -> Tour:
    tour = Tour.objects.select_related("shift__vehicle__depot", "shift__driver").filter(pk=number).first()
    if tour is None:
        raise Unknown("tour", "Cette tournée n'existe pas.")
    authorise(request.user, "transport.tour.drive", Wheel(tour))
    return tour


@door("transport.tour.drive")
@require_safe
def sheet(request: HttpRequest, tour: int) -> HttpResponse:
    """Show a tour: the call at hand, then those to come, then those done."""
    found = _tour(request, tour)
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
        "layers": picture.driver_layers(tour),
        "bounds": picture.bounds_of(
            [call.place for call in coming[:1]] or [tour.shift.vehicle.depot], tour.pk
        ),
    }


@door("transport.tour.drive")
@require_safe
def way(request: HttpRequest, tour: int) -> HttpResponse:
    """Return the way to the next stop, and the stop, as GeoJSON."""
    return JsonResponse(picture.way_geojson(_tour(request, tour), request.GET.get("part", "")))


def _delay(user: Any, tour: int, data: Any) -> str:
    try:
        minutes = int(data.get("minutes", ""))
    except ValueError:
        raise Refused("bad-delay", "Écrivez le retard en minutes.", field="minutes") from None
    outcome = replanning.delay(user, tour, minutes)
    return _told(_("Retard annoncé."), outcome)


def _breakdown(user: Any, tour: int, data: Any) -> str:
    del data
    return _told(_("Panne déclarée : la régulation est prévenue."), replanning.break_down(user, tour))


def _told(first: str, outcome: replanning.Outcome) -> str:
    said = [first]
    if outcome.moved:
        said.append(_("%(n)d voyage(s) confié(s) à d'autres véhicules.") % {"n": len(outcome.moved)})
    if outcome.broken:
        said.append(
            _("%(n)d voyageur(s) prévenu(s), avec une nouvelle proposition.") % {"n": len(outcome.broken)}
        )
    return " ".join(said)


def _visit(data: Any) -> int:
    try:
        return int(data.get("visit", ""))
    except ValueError:
        raise Refused("no-visit", "Dites de quel voyageur il s'agit.", field="visit") from None


def _depart(user: Any, tour: int, data: Any) -> str:
    del data
    driving.depart(user, tour)
    return ""


def _arrive(user: Any, tour: int, data: Any) -> str:
    del data
    driving.arrive(user, tour)
    return ""


def _serve(user: Any, tour: int, data: Any) -> str:
    driving.serve(user, tour, _visit(data))
    return ""


def _no_show(user: Any, tour: int, data: Any) -> str:
    driving.no_show(user, tour, _visit(data))
    return _("Absence notée.")


def _end(user: Any, tour: int, data: Any) -> str:
    del data
    driving.end(user, tour)
    return _("Service terminé. Bonne fin de journée.")


def _let_go(user: Any, tour: int, data: Any) -> str:
    del data
    driving.let_go(user, tour)
    return _("Le pilote de la démonstration reprend le volant.")


DEEDS: dict[str, Callable[[Any, int, Any], str]] = {
    "partir": _depart,
    "arriver": _arrive,
    "servir": _serve,
    "absent": _no_show,
    "retard": _delay,
    "panne": _breakdown,
    "fin": _end,
    "lacher": _let_go,
}


@door("transport.tour.drive")
@require_POST
def act(request: HttpRequest, tour: int, deed: str) -> HttpResponse:
    """Do one of the deeds of a driver; the page comes back as it then is."""
    if deed not in DEEDS:
        raise Unknown("deed", "Cette action n'existe pas.")
    try:
        said = DEEDS[deed](request.user, tour, request.POST)
    except Refused as refused:
        if refused.status == 403 or refused.code == "unknown-tour":
            raise
        messages.error(request, refused.sentence)
    else:
        if said:
            messages.success(request, said)
    if request.headers.get("HX-Request"):
        return render(request, "transport/driver_live.html", sheet_context(_tour(request, tour)))
    return redirect("transport:sheet", tour=tour)
