"""Routes of on-demand transport."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Header, Path, Router, Schema
from pydantic import AwareDatetime, Field, NaiveDatetime

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.services.transport import access, past, picture, wishes
from ressort.services.transport.actions import asking, booking, driving, replanning, reporting
from ressort.services.transport.models import Booking, Demand
from ressort.web.api import PROBLEMS
from ressort.web.doors_api import verb

router = Router(tags=["transport"])
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Line = Annotated[str, Field(max_length=200)]


class SpotIn(Schema):
    """A place by its id, a point, or words."""

    place: Annotated[str, Field(max_length=60)] = ""
    text: Line = ""
    lon: Annotated[float | None, Field(ge=-180, le=180)] = None
    lat: Annotated[float | None, Field(ge=-90, le=90)] = None


class WishIn(Schema):
    """A trip asked for. A time without offset is the territory's own time."""

    origin: SpotIn
    destination: SpotIn
    at: AwareDatetime | NaiveDatetime
    arrive_by: bool = False
    passengers: int = 1
    wheelchairs: int = 0
    luggage: int = 0
    replaces: Annotated[str, Field(max_length=20)] = ""


class OfferOut(Schema):
    """A way to make the trip."""

    rank: int
    pickup_name: str
    pickup_point: list[float]
    pickup_from: datetime
    pickup_until: datetime
    walk_from_s: int
    walk_from_m: int
    dropoff_name: str
    dropoff_point: list[float]
    arrival_at: datetime
    dropoff_until: datetime
    walk_to_s: int
    walk_to_m: int
    ride_s: int
    direct_s: int
    price_cents: int


class DemandOut(Schema):
    """The immediate answer."""

    pid: str
    answer: str
    reason: str
    sentence: str
    receipt: str
    offers: list[OfferOut]
    nearest: list[OfferOut]


class AcceptIn(Schema):
    """Which offer, and for whom."""

    rank: Annotated[int, Field(ge=0, le=20)]
    name: Annotated[str, Field(max_length=200)]
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    note: Annotated[str, Field(max_length=400)] = ""


class TripOut(Schema):
    """A booked trip, as whoever has its code sees it."""

    code: str
    state: str
    pickup_name: str
    pickup_from: datetime
    pickup_until: datetime
    pickup_planned: datetime | None
    dropoff_name: str
    dropoff_until: datetime
    dropoff_planned: datetime | None
    vehicle: str
    passengers: int
    price_cents: int
    receipt: str


class VisitOut(Schema):
    """A visit after what was done to it."""

    id: int
    state: str
    is_pickup: bool
    planned: datetime


class OutcomeOut(Schema):
    """What a delay or breakdown changed: bookings kept on their tour, moved, broken."""

    kept: int
    moved: int
    broken: int


class DelayIn(Schema):
    """A delay announced."""

    minutes: int


class DeedIn(Schema):
    """Something a driver did out of reach of the network. A time without offset is refused: devices know theirs."""

    key: Annotated[str, Field(min_length=8, max_length=40, pattern=r"^[A-Za-z0-9-]+$")]
    kind: Literal["depart", "arrive", "serve", "no_show", "delay", "breakdown", "end"]
    at: AwareDatetime
    visit: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None
    minutes: Annotated[int, Field(ge=0, le=180)] = 0


class DeedsIn(Schema):
    """Deeds in the order they were done."""

    deeds: Annotated[list[DeedIn], Field(max_length=reporting.MOST)]


class DeedOut(Schema):
    """What became of a deed: done, known (already told) or refused, with a sentence."""

    key: str
    state: str
    sentence: str


def offers_out(offers: list[dict[str, Any]], first: int = 0) -> list[dict[str, Any]]:
    """Return kept offers with instants instead of engine seconds, numbered from ``first``."""
    instants = ("pickup_from", "pickup_until", "arrival_at", "dropoff_until", "pickup_at", "dropoff_at")
    return [
        {**offer, **{name: asking.instant(offer[name]) for name in instants}, "rank": first + index}
        for index, offer in enumerate(offers)
    ]


def _demand(demand: Demand) -> dict[str, Any]:
    kept = {name: getattr(demand, name) for name in ("pid", "answer", "reason", "sentence", "receipt")}
    offers = offers_out(demand.offers)
    return {**kept, "offers": offers, "nearest": offers_out(demand.nearest, len(offers))}


def _trip(found: Booking) -> dict[str, Any]:
    promise = found.promise
    planned = dict(promise.visits.exclude(state="skipped").values_list("is_pickup", "planned"))
    return {
        "code": found.code,
        "state": found.state,
        "pickup_name": promise.pickup.name,
        "pickup_from": promise.pickup_from,
        "pickup_until": promise.pickup_until,
        "pickup_planned": planned.get(True),
        "dropoff_name": promise.dropoff.name,
        "dropoff_until": promise.dropoff_until,
        "dropoff_planned": planned.get(False),
        "vehicle": promise.tour.shift.vehicle.name if promise.tour else "",
        "passengers": promise.seats + promise.wheelchairs,
        "price_cents": found.price_cents,
        "receipt": found.demand.receipt,
    }


@router.get("/stops.geojson", response={200: dict[str, Any]}, summary="Stops of the service")
@verb("transport.offering.see")
def stops(request: HttpRequest) -> Any:
    """Return the stops as GeoJSON."""
    del request
    return picture.stops_geojson()


@router.get("/vehicles.geojson", response={200: dict[str, Any], **PROBLEMS}, summary="Vehicles on shift")
@verb("transport.tour.see")
def vehicles(request: HttpRequest, at: AwareDatetime | None = None) -> Any:
    """Return the vehicles as GeoJSON, at their last known position.

    With ``at``, where they were at that moment by what drivers noted; a moment to come is now.
    """
    del request
    return past.vehicles_geojson(at) if at and at < service_now() else picture.vehicles_geojson()


@router.post("/demands", response={200: DemandOut, **PROBLEMS}, summary="Ask for a trip")
@verb("transport.trip.ask")
def ask(request: HttpRequest, wish: WishIn) -> Any:
    """Answer at once: up to three offers, or a refusal with its reason and the nearest times that work."""
    if not 2000 <= wish.at.year <= 2200:
        raise Refused("past-time", _("Cette date n'est pas dans le calendrier du service."), field="at")
    at = wish.at if wish.at.tzinfo else access.at_home(wish.at)
    asked = wishes.Wish(
        wishes.spot("origin", **wish.origin.dict()),
        wishes.spot("destination", **wish.destination.dict()),
        at,
        wish.arrive_by,
        wish.passengers,
        wish.wheelchairs,
        wish.luggage,
    )
    replaces = booking.find(wish.replaces) if wish.replaces else None
    user = request.auth  # type: ignore[attr-defined]
    return _demand(asking.ask(user, asked, origin=Demand.Origin.API, replaces=replaces))


@router.post("/demands/{pid}/accept", response={200: TripOut, **PROBLEMS}, summary="Accept an offer")
@verb("transport.trip.book")
def accept(
    request: HttpRequest,
    pid: str,
    body: AcceptIn,
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=60)] = None,
) -> Any:
    """Turn an offer into a promise. The same ``Idempotency-Key`` gives the same trip, never a second one."""
    user = request.auth  # type: ignore[attr-defined]
    rider = booking.Rider(body.name, body.phone, body.email, body.note)
    key = f"api:{asking.actor_of(user)}:{idempotency_key}"[:80] if idempotency_key else None
    made = booking.accept(user, pid, body.rank, rider, key=key)
    return _trip(booking.find(made.code))


@router.get("/trips/{code}", response={200: TripOut, **PROBLEMS}, summary="Follow a trip")
@verb("transport.trip.follow")
def trip(request: HttpRequest, code: str) -> Any:
    """Return a trip by its code."""
    del request
    return _trip(booking.find(code))


@router.post("/trips/{code}/cancel", response={200: TripOut, **PROBLEMS}, summary="Cancel a trip")
@verb("transport.trip.follow")
def cancel(request: HttpRequest, code: str) -> Any:
    """Cancel a trip that has not begun."""
    booking.cancel(request.auth, code)  # type: ignore[attr-defined]
    return _trip(booking.find(code))


@router.post(
    "/tours/{tour}/deeds", response={200: list[DeedOut], **PROBLEMS}, summary="Tell what was done offline"
)
@verb("transport.tour.drive")
def catch_up(request: HttpRequest, tour: Number, body: DeedsIn) -> Any:
    """Do, in order, what was done out of reach of the network; the same key is never done twice."""
    deeds = [reporting.Deed(d.kind, d.visit, d.minutes, d.key, d.at) for d in body.deeds]
    return reporting.catch_up(request.auth, tour, deeds)  # type: ignore[attr-defined]


@router.post("/tours/{tour}/depart", response={200: VisitOut, **PROBLEMS}, summary="Leave for the next stop")
@verb("transport.tour.drive")
def depart(request: HttpRequest, tour: Number) -> Any:
    """Leave for the next stop."""
    return driving.depart(request.auth, tour)  # type: ignore[attr-defined]


@router.post("/tours/{tour}/arrive", response={200: VisitOut, **PROBLEMS}, summary="Arrive at the next stop")
@verb("transport.tour.drive")
def arrive(request: HttpRequest, tour: Number) -> Any:
    """Arrive at the next stop."""
    return driving.arrive(request.auth, tour)  # type: ignore[attr-defined]


@router.post(
    "/tours/{tour}/visits/{visit}/serve",
    response={200: VisitOut, **PROBLEMS},
    summary="Check a rider in or out",
)
@verb("transport.tour.drive")
def serve(request: HttpRequest, tour: Number, visit: Number) -> Any:
    """Check a rider in at a pick-up, out at a drop-off."""
    return driving.serve(request.auth, tour, visit)  # type: ignore[attr-defined]


@router.post(
    "/tours/{tour}/visits/{visit}/no-show", response={200: VisitOut, **PROBLEMS}, summary="Note an absence"
)
@verb("transport.tour.drive")
def no_show(request: HttpRequest, tour: Number, visit: Number) -> Any:
    """Note that nobody came."""
    return driving.no_show(request.auth, tour, visit)  # type: ignore[attr-defined]


@router.post("/tours/{tour}/delay", response={200: OutcomeOut, **PROBLEMS}, summary="Announce a delay")
@verb("transport.tour.drive")
def delay(request: HttpRequest, tour: Number, body: DelayIn) -> Any:
    """Announce a delay and plan again at once."""
    return replanning.delay(request.auth, tour, body.minutes).payload()  # type: ignore[attr-defined]


@router.post("/tours/{tour}/breakdown", response={200: OutcomeOut, **PROBLEMS}, summary="Declare a breakdown")
@verb("transport.tour.drive")
def breakdown(request: HttpRequest, tour: Number) -> Any:
    """Take the vehicle out; its riders go to others or are told."""
    return replanning.break_down(request.auth, tour).payload()  # type: ignore[attr-defined]
