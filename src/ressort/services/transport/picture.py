"""What the maps of the service show: stops, vehicles, ways, as GeoJSON and layers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ressort.core.clock import service_now
from ressort.core.fleet.models import Tour, Visit
from ressort.core.live.latest import hub
from ressort.core.live.tokens import sign
from ressort.core.network import closures
from ressort.core.network.answers import Unreachable
from ressort.core.network.router import Router
from ressort.services.transport import closed, pausing
from ressort.services.transport.models import Booking, Offering

CHANNEL = "transport.vehicles"
"""Live channel of positions: tour number -> what :func:`moving` returns."""
_STATES = {
    "waiting": gettext_lazy("à l'arrêt"),
    "serving": gettext_lazy("montée ou descente"),
    "moving": gettext_lazy("en route"),
    "late": gettext_lazy("en retard"),
}


def own_channel(tour: int) -> str:
    """Return the channel of one vehicle, for the riders who wait for it."""
    return f"transport.tour.{tour}"


def stops_geojson() -> dict[str, Any]:
    """Return the stops of the published offerings as GeoJSON points."""
    places: dict[int, Any] = {}
    for offering in Offering.objects.filter(state=Offering.State.PUBLISHED).prefetch_related("places"):
        for place in offering.places.all():
            if place.active:
                places[place.pk] = place
    real = [one for one in pausing.standing() if not one.exercise]
    shut = closed.of(real, list(places.values()), service_now())
    return points((place.lon, place.lat, _stop(place, shut=place.pk in shut)) for place in places.values())


def _stop(place: Any, *, shut: bool) -> dict[str, Any]:
    label = _("%(stop)s · fermé") % {"stop": place.name} if shut else place.name
    return {
        "id": str(place.public_id),
        "name": place.name,
        "label": label,
        "kind": place.kind,
        "closed": shut,
    }


def vehicles_geojson() -> dict[str, Any]:
    """Return the vehicles on shift at their last known position."""
    now = service_now()
    moving_of = hub.snapshot(CHANNEL)
    rows = (
        Tour.objects.filter(shift__starts__lte=now, shift__ends__gt=now)
        .exclude(state=Tour.State.DONE)
        .select_related("shift__vehicle__depot", "shift__vehicle__last")
    )
    return points(_position(moving_of.get(str(tour.pk)), tour) for tour in rows)


def moving(
    tour: Tour, lon: float, lat: float, bearing: float, aboard: int, state: str
) -> dict[str, float | int | str | bool]:
    """Return what the map needs of a vehicle, whole: one that goes on shift later is not in the first document.

    Parameters
    ----------
    tour : Tour
        With its vehicle.
    lon, lat, bearing : float
        Where it is, and its heading in degrees from the north.
    aboard : int
        Riders in the vehicle.
    state : str
        ``waiting``, ``serving``, ``moving`` or ``late``.
    """
    vehicle = tour.shift.vehicle
    people = ngettext("%(n)d à bord", "%(n)d à bord", aboard) % {"n": aboard}
    return {
        "lon": round(lon, 6),
        "lat": round(lat, 6),
        "heading": round(bearing),
        "resting": state in {"waiting", "serving"},
        "state": state,
        "aboard": aboard,
        "seats": vehicle.seats,
        "name": vehicle.name,
        "label": f"{vehicle.name} · {people} · {_STATES.get(state, state)}",
        "panel": reverse("transport:vehicle", args=[tour.pk]),
    }


def for_riders(value: dict[str, Any]) -> dict[str, Any]:
    """Return the position of a vehicle as its riders may see it: no panel of the console, nobody counted."""
    kept = {key: value[key] for key in ("lon", "lat", "heading", "resting", "state", "name")}
    return {**kept, "label": value["name"]}


def _position(seen: Any, tour: Tour) -> tuple[float, float, dict[str, Any]]:
    """Return a vehicle's point: where it was last seen moving, else where it stood, else its depot."""
    last = getattr(tour.shift.vehicle, "last", None) or tour.shift.vehicle.depot
    value: dict[str, Any] = seen or moving(
        tour, last.lon, last.lat, getattr(last, "bearing", 0.0), 0, "waiting"
    )
    properties = {key: kept for key, kept in value.items() if key not in {"lon", "lat"}}
    return value["lon"], value["lat"], {"id": str(tour.pk), **properties}


def points(items: Any) -> dict[str, Any]:
    """Return (lon, lat, properties) as GeoJSON points."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": index + 1,
                "geometry": {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]},
                "properties": properties,
            }
            for index, (lon, lat, properties) in enumerate(items)
        ],
    }


def trip_geojson(booking: Booking, part: str) -> dict[str, Any]:
    """Return a part of a trip's map: its two ``ends``, the direct ``way``, or the ``van``."""
    promise = booking.promise
    up, off = promise.pickup, promise.dropoff
    if part == "van":
        return _van(str(promise.tour_id))
    if part == "way":
        return {"type": "FeatureCollection", "features": [_way(up, off)]}
    return {"type": "FeatureCollection", "features": _ends(up, off)}


def _van(tour: str) -> dict[str, Any]:
    """Return one vehicle, as its riders may see it."""
    shown = [f for f in vehicles_geojson()["features"] if f["properties"]["id"] == tour]
    for feature in shown:
        lon, lat = feature["geometry"]["coordinates"]
        kept = for_riders({**feature["properties"], "lon": lon, "lat": lat})
        feature["properties"] = {"id": tour, **{k: v for k, v in kept.items() if k not in {"lon", "lat"}}}
    return {"type": "FeatureCollection", "features": shown}


def way_geojson(tour: Tour, part: str = "") -> dict[str, Any]:
    """Return the ``way`` from where a vehicle last stood to its next stop, the ``stop``, or both."""
    visits = Visit.objects.filter(tour=tour).select_related("promise__pickup", "promise__dropoff")
    last = visits.filter(state=Visit.State.DONE).order_by("-sequence").first()
    coming = visits.exclude(state__in=(Visit.State.DONE, Visit.State.SKIPPED)).order_by("sequence").first()
    start = last.place if last else tour.shift.vehicle.depot
    end = coming.place if coming else tour.shift.vehicle.depot
    features = [] if part == "stop" else [_way(start, end)]
    return {"type": "FeatureCollection", "features": features if part == "way" else [*features, *_ends(end)]}


def _way(start: Any, end: Any) -> dict[str, Any]:
    line = _line(Router.active(), start.lon, start.lat, end.lon, end.lat)
    return {"type": "Feature", "id": 1, "geometry": line, "properties": {}}


def _line(router: Router, *ends: float) -> dict[str, Any]:
    """Return the way between two points; a straight line when the router knows none."""
    straight = (ends[:2], ends[2:])
    route = router.route([(ends[0], ends[1]), (ends[2], ends[3])], "van")
    points = straight if isinstance(route, Unreachable) else route.geometry
    return {"type": "LineString", "coordinates": [[round(x, 6), round(y, 6)] for x, y in points]}


def _ends(*places: Any) -> list[dict[str, Any]]:
    return list(
        points((p.lon, p.lat, {"id": p.pk, "name": p.name, "label": p.name}) for p in places)["features"]
    )


def trip_layers(found: Booking, *, soon: bool) -> list[dict[str, Any]]:
    """Return the layers of a trip's own map: its way, its two stops, and its van when it is on the road."""
    url = reverse("transport:trip_map", args=[found.code])
    layers = [
        _layer("way", _("Trajet"), f"{url}?part=way", "line"),
        _layer("ends", _("Montée et descente"), f"{url}?part=ends", "circle", hue="stop"),
    ]
    if soon and found.promise.tour_id:
        channel = own_channel(found.promise.tour_id)
        layers.append(_layer("van", _("Votre minibus"), f"{url}?part=van", "arrow", channel=channel))
    return layers


def board_layers(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the layers of the live map: those of every service, stops as plain dots, and the legs being driven.

    Bubbles that count stops would hide the vehicles, which are what this map is for.
    """
    legs = _layer("legs", _("Trajets en cours"), f"{reverse('transport:board')}?couche=trajets", "line")
    services = {layer["key"]: layer["service"] for layer in layers}
    legs |= {
        "topic": "kind:transport.visit",
        "token": sign("kind:transport"),
        "service": services.get("vehicles", ""),
    }
    shown = [{**layer, "shape": "dot"} if layer["key"] == "stops" else layer for layer in layers]
    return [*shown, legs]


def legs_geojson() -> dict[str, Any]:
    """Return the way that each vehicle under way is driving: from where it last stood to its next stop."""
    done = Visit.objects.filter(tour=OuterRef("tour"), state=Visit.State.DONE).order_by("-sequence")
    ends = ("promise__pickup", "promise__dropoff")
    under_way = (
        Visit.objects.filter(state=Visit.State.UNDER_WAY)
        .select_related(*ends, "tour__shift__vehicle__depot")
        .annotate(last=Subquery(done.values("pk")[:1]))
        .order_by("tour")
    )
    next_of = {visit.tour_id: visit for visit in under_way}
    last = Visit.objects.filter(pk__in=[visit.last for visit in next_of.values()]).select_related(*ends)
    stood = {visit.tour_id: visit.place for visit in last}
    router, closed = Router.active(), closures.revision()
    features = []
    for number, (tour, visit) in enumerate(next_of.items(), 1):
        vehicle = visit.tour.shift.vehicle
        label = _("%(van)s, en route vers %(stop)s") % {"van": vehicle.name, "stop": visit.place.name}
        properties = {"id": f"leg-{tour}", "label": label, "panel": reverse("transport:vehicle", args=[tour])}
        start = stood.get(tour, vehicle.depot)
        line = _leg(router, closed, visit.pk, start.lon, start.lat, visit.place.lon, visit.place.lat)
        features.append({"type": "Feature", "id": number, "geometry": line, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def way(router: Router, start: Any, end: Any) -> list[list[float]]:
    """Return the points of the way between two places, asked of the router once."""
    line = _leg(router, closures.revision(), 0, start.lon, start.lat, end.lon, end.lat)
    return [list(point) for point in line["coordinates"]]


@lru_cache(maxsize=500)
def _leg(router: Router, closed: str, visit: int, *ends: float) -> dict[str, Any]:
    """Return the way of a leg: asked of the router once per visit, and again when a street closes."""
    del closed, visit
    return _line(router, *ends)


def driver_layers(tour: Tour) -> list[dict[str, Any]]:
    """Return the layers of a driver's map: the way, the next stop, and their own vehicle among all others."""
    url = reverse("transport:way", args=[tour.pk])
    fresh = {"topic": "kind:transport", "token": sign(tour.topic)}  # read again at each event of this tour
    van = _layer("van", _("Votre véhicule"), "", "arrow", channel=own_channel(tour.pk))
    return [
        {**_layer("way", _("Trajet"), f"{url}?part=way", "line"), **fresh},
        {**_layer("next", _("Prochain arrêt"), f"{url}?part=stop", "circle", hue="stop"), **fresh},
        {**van, "data": _van(str(tour.pk))},
    ]


def _layer(
    key: str, label: str, source: str, shape: str, *, hue: str = "transport", channel: str = ""
) -> dict[str, Any]:
    return {
        "key": key,
        "label": label,
        "service": "",
        "source": source,
        "shape": shape,
        "hue": hue,
        "visible": True,
        "channel": channel,
        "token": sign(f"latest:{channel}") if channel else "",
    }


def bounds_of(places: list[Any], tour: int | None = None) -> list[float]:
    """Return ``[west, south, east, north]`` around some places and, if a tour is given, its vehicle, with a margin."""
    points = [(place.lon, place.lat) for place in places]
    if seen := hub.snapshot(CHANNEL).get(str(tour)):
        points.append((seen["lon"], seen["lat"]))
    lons, lats = zip(*points, strict=True)
    return [min(lons) - 0.004, min(lats) - 0.003, max(lons) + 0.004, max(lats) + 0.003]
