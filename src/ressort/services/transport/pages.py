"""Pages for riders: ask, choose, follow."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.fleet.models import Visit
from ressort.core.tables import folded
from ressort.services.transport import access, closed, pausing, picture, queries
from ressort.services.transport.actions import asking, booking, erasing, telling
from ressort.services.transport.api import offers_out
from ressort.services.transport.forms import NOW, Traveller, Trip, spot_of
from ressort.services.transport.models import Booking, Offering
from ressort.services.transport.wishes import Spot, Wish
from ressort.web.doors import door
from ressort.web.forms import refuse

KEPT = 5  # wishes kept in a session: their addresses are nobody else's business


@door("transport.offering.see")
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Ask for a trip: the form, and what the service is."""
    replaces = _replaced(request)
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = Trip(request.POST)
        if form.is_valid():
            ends: dict[str, Spot] = {}
            for field in ("origin", "destination"):
                try:
                    ends[field] = spot_of(request.POST, field)
                except Refused as refused:
                    errors[field] = refused.sentence
            if not errors:
                try:
                    return _answered(request, form.wish(**ends), replaces)
                except Refused as refused:
                    if refused.field in ends:
                        errors[refused.field] = refused.sentence
                    else:
                        refuse(form, _moved(refused))
    else:
        form = Trip(initial=_initial(request, replaces))
    context = {"form": form, "errors": errors, "spots": _spots(request, replaces), "replaces": replaces}
    status = 422 if errors or form.errors else 200
    return render(request, "transport/home.html", context | _service(), status=status)


def _moved(refused: Refused) -> Refused:
    """Show what is wrong with the moment at the hour: on the form it is two fields."""
    if refused.field == "at":
        return Refused(refused.code, refused.sentence, field="hour")
    return refused


def _answered(request: HttpRequest, wish: Wish, replaces: Booking | None) -> HttpResponse:
    demand = asking.ask(request.user, wish, replaces=replaces)
    kept = request.session.get("wishes", {})
    kept[demand.pid] = wish.to_session()
    request.session["wishes"] = dict(list(kept.items())[-KEPT:])
    return redirect("transport:demand", pid=demand.pid)


def _replaced(request: HttpRequest) -> Booking | None:
    code = request.POST.get("replaces") or request.GET.get("remplace") or ""
    return booking.find(code[:20]) if code else None


def _initial(request: HttpRequest, replaces: Booking | None) -> dict[str, Any]:
    here = access.local(service_now())
    initial: dict[str, Any] = {"day": here.date(), "hour": here.replace(minute=0).time(), "mode": NOW}
    if request.user.is_authenticated and getattr(request.user, "wheelchair", False):
        initial["wheelchairs"] = 1
    if replaces:
        promise = replaces.promise
        initial |= {
            "passengers": promise.seats + promise.wheelchairs,
            "wheelchairs": promise.wheelchairs,
            "luggage": promise.luggage,
        }
    return initial


def _spots(request: HttpRequest, replaces: Booking | None) -> dict[str, dict[str, str]]:
    """Return what the two pickers show: what was typed, what the link says, or the trip being changed."""
    data = request.POST if request.method == "POST" else request.GET
    found = {}
    for field in ("origin", "destination"):
        found[field] = {
            "text": data.get(field, "")[:200],
            "place": data.get(f"{field}_id", "")[:40],
            "lon": data.get(f"{field}_lon", "")[:20],
            "lat": data.get(f"{field}_lat", "")[:20],
        }
    if replaces and request.method != "POST":
        for field, place in (("origin", replaces.promise.pickup), ("destination", replaces.promise.dropoff)):
            found[field] = {"text": place.name, "place": str(place.public_id), "lon": "", "lat": ""}
    for spot in found.values():
        for axis in ("lon", "lat"):
            try:
                float(spot[axis] or 0)
            except ValueError:
                spot[axis] = ""
    return found


def _service() -> dict[str, Any]:
    """Return what the page says of the service itself."""
    now = service_now()
    try:
        offering = access.in_force(now)
    except Refused:
        return {"offering": None}
    day = access.local(now).date()
    standing = pausing.standing()
    offering.pauses = [one for one in standing if not one.exercise]  # read once for both
    return {
        "offering": offering,
        "openings": access.openings(offering, day),
        "holiday": access.school_holiday(offering, day),
        "pauses": [pausing.sentence(one) for one in standing],
    }


@door("transport.trip.ask")
@require_safe
def demand(request: HttpRequest, pid: str) -> HttpResponse:
    """Show the answer: offers to choose from, or the refusal and the nearest times."""
    found = booking.find_demand(pid)
    if made := found.bookings.first():
        return redirect("transport:trip", code=made.code)
    wish = request.session.get("wishes", {}).get(pid)
    offers = offers_out(found.offers)
    context = {
        "demand": found,
        "wish": Wish.from_session(wish) if wish else None,
        "offers": offers,
        "nearest": offers_out(found.nearest, len(offers)),
    }
    return render(request, "transport/demand.html", context)


@door("transport.trip.book")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, pid: str, rank: int) -> HttpResponse:
    """Say who travels, and accept an offer."""
    found = booking.find_demand(pid)
    if made := found.bookings.first():
        return redirect("transport:trip", code=made.code)
    offers = offers_out([*found.offers, *found.nearest])
    if rank >= len(offers):
        raise Refused("no-such-offer", _("Cette proposition n'existe pas."), status=404)
    form = Traveller(request.POST or None, initial=_self(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            made = booking.accept(request.user, pid, rank, _rider(request, pid, form), key=f"page:{pid}")
        except Refused as refused:
            refuse(form, refused)
        else:
            _forget_wish(request, pid)
            messages.success(request, _("C'est réservé : le minibus passera vous prendre."))
            return redirect("transport:trip", code=made.code)
    context = {"demand": found, "offer": offers[rank], "form": form}
    return render(request, "transport/accept.html", context, status=422 if form.errors else 200)


def _self(user: Any) -> dict[str, str]:
    return {"name": user.name, "phone": user.phone} if user.is_authenticated else {}


def _rider(request: HttpRequest, pid: str, form: Traveller) -> booking.Rider:
    wish = request.session.get("wishes", {}).get(pid)
    labels = {"from_label": wish["origin"]["label"], "to_label": wish["destination"]["label"]} if wish else {}
    return booking.Rider(**form.cleaned_data, **labels)


def _forget_wish(request: HttpRequest, pid: str) -> None:
    """Drop from the session a wish that became a trip, and the same trip asked for at other times.

    Its places stand with the trip from now on, where they can be erased; a session is out of reach.
    """
    kept = request.session.get("wishes", {})
    done = kept.pop(pid, None)
    if done is None:
        return
    ends = (done["origin"], done["destination"])
    request.session["wishes"] = {
        other: wish for other, wish in kept.items() if (wish["origin"], wish["destination"]) != ends
    }


@door("transport.trip.follow")
@require_safe
def trip(request: HttpRequest, code: str) -> HttpResponse:
    """Follow a trip by its code; the page updates itself while the van comes."""
    template = "transport/trip_live.html" if request.headers.get("HX-Request") else "transport/trip.html"
    return render(request, template, trip_context(booking.find(code)))


def trip_context(found: Booking) -> dict[str, Any]:
    """Return what the page of a trip shows."""
    promise = found.promise
    visits = {v.is_pickup: v for v in promise.visits.exclude(state=Visit.State.SKIPPED)}
    now = service_now()
    coming = found.state in {Booking.State.ACCEPTED, Booking.State.ABOARD}
    soon = coming and (promise.pickup_from - now).total_seconds() < 3600
    return {
        "trip": found,
        "promise": promise,
        "up": visits.get(True),
        "off": visits.get(False),
        "coming": coming,
        "soon": soon,
        "ahead": queries.stops_before(visits[True]) if soon and True in visits else None,
        "layers": picture.trip_layers(found, soon=soon),
        "bounds": picture.bounds_of([promise.pickup, promise.dropoff], promise.tour_id if soon else None),
        "known": not coming and hasattr(found, "contact"),
        "can_cancel": found.state == Booking.State.ACCEPTED,
        "asks_agreement": found.overrun_s > 0
        and found.agreed is None
        and found.state == Booking.State.ACCEPTED,
    }


@door("transport.trip.follow")
@require_safe
def trip_map(request: HttpRequest, code: str) -> HttpResponse:
    """Return a part of a trip's map as GeoJSON."""
    return JsonResponse(picture.trip_geojson(booking.find(code), request.GET.get("part", "ends")))


@door("transport.trip.follow")
@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Cancel a trip."""
    try:
        booking.cancel(request.user, code)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Votre trajet est annulé. Merci de nous avoir prévenus."))
    return redirect("transport:trip", code=code)


@door("transport.trip.erase")
@require_POST
def forget(request: HttpRequest, code: str) -> HttpResponse:
    """Erase who made a trip: for whoever has its code, and for agents on the phone with them."""
    if request.POST.get("sure") != "yes":
        raise Refused(
            "not-sure", _("Cochez la case pour confirmer que vous voulez tout effacer."), field="sure"
        )
    try:
        erasing.erase_trip(request.user, code)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Nom, téléphone, adresses et précisions de ce trajet sont effacés."))
    return redirect("transport:trip", code=code)


@door("transport.trip.follow")
@require_POST
def agree(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a trip whose times have become later."""
    telling.agree(request.user, code)
    messages.success(request, _("C'est noté : nous gardons votre trajet aux nouvelles heures."))
    return redirect("transport:trip", code=code)


@door("transport.trip.list")
@require_safe
def trips(request: HttpRequest) -> HttpResponse:
    """List one's own trips."""
    found = (
        Booking.objects.filter(owner_pid=request.user.pid)  # type: ignore[union-attr]
        .select_related("promise__pickup", "promise__dropoff")
        .order_by("-promise__pickup_from")[:100]
    )
    return render(request, "transport/trips.html", {"trips": found})


@door("transport.offering.see")
@require_safe
def stops(request: HttpRequest) -> HttpResponse:
    """List the stops and hours in words: all that the map says."""
    offering = Offering.objects.filter(state=Offering.State.PUBLISHED).order_by("-version").first()
    found = list(offering.places.filter(active=True)) if offering else []
    found.sort(key=lambda stop: (folded(stop.commune), folded(stop.name)))
    shut = closed.of(offering.pauses, found, service_now()) if offering else {}
    context = {
        "offering": offering,
        "stops": [(stop, stop.pk in shut) for stop in found],
        "all_accessible": bool(found) and all(stop.accessible for stop in found),
        "pauses": list(dict.fromkeys(pausing.sentence(one) for one in shut.values())),
    }
    return render(request, "transport/stops.html", context)


def find_by_code(code: str) -> str | None:
    """Return the page of a trip by its code, for « Mes suivis »."""
    try:
        return reverse("transport:trip", args=[booking.find(code).code])
    except Refused:
        return None


def place_link(hit: Any) -> str:
    """Return the booking page with a place as destination, for the product's search."""
    from urllib.parse import urlencode

    known = {"destination": hit.label, "destination_id": hit.place}
    if not hit.place:
        known |= {"destination_lon": hit.lon, "destination_lat": hit.lat}
    return f"{reverse('transport:home')}?{urlencode(known)}"
