"""Accepting an offer, cancelling, and changing one's mind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ressort.core import codes
from ressort.core.accounts.actions import clean_email, clean_name, clean_phone
from ressort.core.accounts.mandate import OnBehalf
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now, wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet import planning
from ressort.core.fleet.kept import instant, to_request
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.core.fleet.planning import Board
from ressort.core.journal import record
from ressort.core.notify.sending import POST
from ressort.engines.dispatch import insertion, squeeze
from ressort.engines.dispatch.insertion import Offer
from ressort.engines.dispatch.problem import Request
from ressort.services.transport import closed
from ressort.services.transport.actions.asking import EFFORT, actor_of
from ressort.services.transport.models import Booking, Contact, Demand, ReceiptWay
from ressort.units import Window

TRIES = 4
"""How often acceptance is tried again when another booking changes the same tour at the same instant."""


SEEDS = 4
"""How often room is sought again for a promise whose place has gone, each time differently."""


@dataclass(frozen=True, slots=True)
class Rider:
    """Who travels, as typed; ``note`` is for the driver."""

    name: str
    phone: str = ""
    email: str = ""
    note: str = ""
    from_label: str = ""
    to_label: str = ""
    receipt_by: str = ""
    postal: str = ""

    def checked(self) -> Rider:
        """Return the same with every field cleaned, or refuse with a sentence."""
        note = " ".join(self.note.split())
        if len(note) > 200:
            raise Refused(
                "long-note", _("La précision pour le conducteur tient en 200 caractères."), field="note"
            )
        postal = clean_postal(self.postal, "postal")
        if self.receipt_by not in {"", *ReceiptWay.values}:
            raise Refused("no-receipt-way", _("Dites comment remettre le reçu."), field="receipt_by")
        return replace(
            self,
            postal=postal,
            name=clean_name(self.name),
            phone=clean_phone(self.phone),
            email=clean_email(self.email) if self.email.strip() else "",
            note=note,
            from_label=self.from_label[:200],
            to_label=self.to_label[:200],
        )


def find_demand(pid: str) -> Demand:
    """Return a demand by its public id."""
    found = Demand.objects.select_related("offering").filter(pid=pid).first()
    if found is None:
        raise Unknown("demand", _("Cette demande n'existe pas : recommencez la recherche."))
    return found


def accept(
    user: Any,
    demand_pid: str,
    rank: int,
    rider: Rider,
    *,
    key: str | None = None,
    behalf: OnBehalf | None = None,
) -> Booking:
    """Accept an offer: from now on it is a promise.

    The offer's stops and windows are what is promised; which vehicle keeps it is decided on the plan as it is now.

    Parameters
    ----------
    rank : int
        Which of the demand's offers, from 0; offers at the nearest times follow those asked for.
    key : str, optional
        Idempotency key: the same key gives the same booking, never a second one.
    behalf : OnBehalf, optional
        Given by an agent who types for somebody else.

    Raises
    ------
    Refused
        ``offer-gone`` if the plan can no longer keep it, ``offer-expired`` after ten minutes.
    """
    authorise(user, "transport.trip.book")
    if key and (known := Booking.objects.filter(key=key).first()):
        return known
    demand, rider = find_demand(demand_pid), rider.checked()
    if demand.origin in Demand.FOR_SOMEBODY:
        authorise(user, "transport.trip.book_for")
    behalf = behalf.checked(user) if behalf else None
    if demand.bookings.exists():
        raise Refused("already-booked", _("Cette demande a déjà donné une réservation."), status=409)
    if demand.expires < wall_now():
        raise Refused(
            "offer-expired", _("Cette proposition a plus de dix minutes : relancez la recherche."), status=409
        )
    choices = [*demand.offers, *demand.nearest]
    if not 0 <= rank < len(choices):
        raise Refused("no-such-offer", _("Cette proposition n'existe pas."), status=404, field="rank")
    chosen = choices[rank]
    if demand.offering:  # a stop may be closed since the offer was made
        ends = (chosen["pickup"], chosen["dropoff"])
        closed.check(demand.offering.pauses, ends, instant(chosen["pickup_from"]))
    _check_receipt(rider, chosen)
    for attempt in range(TRIES):
        try:
            return _promise(user, demand, chosen, rider, key, behalf)
        except planning.Stale:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _check_receipt(rider: Rider, chosen: dict[str, Any]) -> None:
    """Refuse a confirmation that could not reach the person."""
    field = {ReceiptWay.SMS: "phone", ReceiptWay.EMAIL: "email", ReceiptWay.LETTER: "postal"}
    if rider.receipt_by in field and not getattr(rider, name := field[ReceiptWay(rider.receipt_by)]):
        raise Refused("no-address", no_address(rider.receipt_by), field=name)
    if rider.receipt_by == ReceiptWay.LETTER:
        check_post(instant(chosen["pickup_from"]), "receipt_by")


def clean_postal(text: str, field: str) -> str:
    """Return a postal address without blank lines and doubled spaces."""
    postal = "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
    if len(postal) > 400:
        raise Refused("long-address", _("L'adresse postale tient en 400 caractères."), field=field)
    return postal


def no_address(way: str) -> str:
    """Return the sentence for a receipt that has nowhere to go."""
    return {
        ReceiptWay.SMS: _("Écrivez le numéro où envoyer le SMS, ou choisissez un autre reçu."),
        ReceiptWay.EMAIL: _(
            "Écrivez l'adresse électronique où envoyer le reçu, ou choisissez un autre reçu."
        ),
        ReceiptWay.LETTER: _("Écrivez l'adresse où poster la lettre."),
    }[ReceiptWay(way)]


def check_post(pickup: datetime, field: str) -> None:
    """Refuse a letter that would come after the trip."""
    if pickup - service_now() < POST:
        raise Refused(
            "letter-too-late",
            _(
                "Une lettre n'arriverait pas avant le trajet, dans moins de quatre jours : imprimez le reçu, ou dites-le."
            ),
            field=field,
        )


def _promise(
    user: Any,
    demand: Demand,
    chosen: dict[str, Any],
    rider: Rider,
    key: str | None,
    behalf: OnBehalf | None,
) -> Booking:
    promise = Promise(service="transport", **_terms(chosen))
    board, offer = _place(demand, promise, chosen)
    with transaction.atomic():
        if key and (known := Booking.objects.filter(key=key).first()):
            return known
        planning.lock(board, [offer.vehicle, *(tour.vehicle for tour in offer.others)])
        promise.tour_id = int(offer.vehicle)
        promise.save(force_insert=True)
        planning.write({tour.vehicle: tour for tour in (offer.tour, *offer.others)})
        if demand.replaces and demand.replaces.state != Booking.State.BROKEN:
            _release(demand.replaces)
        booking = _book(user, demand, chosen, promise, key, behalf, rider.receipt_by)
        Contact.objects.create(
            booking=booking,
            language=_language(demand),
            reference=behalf.reference if behalf else "",
            **{
                name: getattr(rider, name)
                for name in ("name", "phone", "email", "note", "from_label", "to_label", "postal")
            },
        )
        payload = {
            "promise": promise.pid,
            "demand": demand.pid,
            "tour": promise.tour_id,
            "passengers": promise.seats + promise.wheelchairs,
            "wheelchairs": promise.wheelchairs,
            "origin": booking.origin,
            "typed_by": booking.typed_by,
            "mandate": booking.mandate,
            "pickup": promise.pickup_id,
            "dropoff": promise.dropoff_id,
            "receipt": demand.receipt,
            "replaces": demand.replaces.pid if demand.replaces else "",
            "others": len(offer.others),
        }
        record("transport.booking.accepted", actor=actor_of(user), subject=booking.pid, payload=payload)
    return booking


def _language(demand: Demand) -> str:
    """Return the language in which a guest is written to: that of the page they booked on, not an agent's."""
    agent = demand.origin in Demand.FOR_SOMEBODY
    return settings.LANGUAGE_CODE if agent else (get_language() or settings.LANGUAGE_CODE)[:2]


def _terms(chosen: dict[str, Any]) -> dict[str, Any]:
    asked = Request.from_json(chosen["request"])
    return {
        "pickup_id": chosen["pickup"],
        "dropoff_id": chosen["dropoff"],
        "pickup_from": instant(chosen["pickup_from"]),
        "pickup_until": instant(chosen["pickup_until"]),
        "dropoff_from": instant(chosen["dropoff_from"]),
        "dropoff_until": instant(chosen["dropoff_until"]),
        "ride_max": chosen["ride_max"],
        "pickup_service": asked.pickup_service,
        "dropoff_service": asked.dropoff_service,
        "seats": asked.load[0],
        "wheelchairs": asked.load[1],
        "luggage": asked.load[2],
        "direct_s": chosen["direct_s"],
        "direct_m": chosen["direct_m"],
    }


def _place(demand: Demand, promise: Promise, chosen: dict[str, Any]) -> tuple[Board, Offer]:
    """Find the vehicle that keeps these very windows on the plan as it is now."""
    now = service_now()
    assert demand.offering is not None
    span = (promise.pickup_from - timedelta(hours=1), promise.dropoff_until + timedelta(hours=1))
    vehicles = list(demand.offering.vehicles.filter(active=True).values_list("pk", flat=True))
    board = planning.read(now, span=span, vehicles=vehicles, at=promise.pickup_from)
    request = replace(
        to_request(promise, board.ground.index),
        pickup_window=Window(max(chosen["pickup_from"], board.now), max(chosen["pickup_until"], board.now)),
    )
    answer = insertion.offers(board.problem, board.plan, [request], board.now, 1)
    offer = answer.offers[0] if answer.offers else _among_others(board, request, chosen)
    if offer is None:
        gone = (
            _("Le plan a changé depuis cette proposition, qui ne tient plus : relancez la recherche.")
            if chosen.get("squeezed")
            else _("Cette proposition vient d'être prise par un autre voyage : relancez la recherche.")
        )
        raise Refused("offer-gone", gone, status=409)
    return board, offer


def _among_others(board: Board, request: Request, chosen: dict[str, Any]) -> Offer | None:
    """Make room for a promise by moving others inside theirs: first as it was done when the offer was made."""
    if chosen.get("squeezed"):
        asked = Request.from_json(chosen["request"])
        wider = replace(request, pickup_window=asked.pickup_window, dropoff_window=asked.dropoff_window)
        offer = squeeze.room(board.problem, board.plan, [wider], board.now, effort=EFFORT)
        if offer is not None and (kept := squeeze.narrowed(board.problem, offer, request, board.now)):
            return kept
    efforts = (replace(EFFORT, moves=2 * EFFORT.moves, seed=seed) for seed in range(SEEDS))
    tried = (squeeze.room(board.problem, board.plan, [request], board.now, effort=one) for one in efforts)
    return next((offer for offer in tried if offer is not None), None)


def _book(
    user: Any,
    demand: Demand,
    chosen: dict[str, Any],
    promise: Promise,
    key: str | None,
    behalf: OnBehalf | None,
    receipt_by: str,
) -> Booking:
    signed_in = bool(getattr(user, "pid", ""))
    for_self = signed_in and demand.origin not in Demand.FOR_SOMEBODY
    assert demand.offering is not None
    return Booking.objects.create(
        offering=demand.offering,
        promise=promise,
        demand=demand,
        rider=user if for_self and user.pk else None,
        owner_pid=user.pid if for_self else "",
        typed_by=user.pid if signed_in and not for_self else "",
        origin=behalf.origin if behalf else demand.origin,
        mandate=behalf.mandate if behalf else "",
        receipt_by=receipt_by,
        price_cents=chosen["price_cents"],
        walk_from_s=chosen["walk_from_s"],
        walk_to_s=chosen["walk_to_s"],
        asked=demand.wish["at"],
        asked_arrival=demand.wish["arrive_by"],
        key=key,
        created=service_now(),
    )


def find(code: str) -> Booking:
    """Return a booking by its follow code, however it was typed."""
    found = (
        Booking.objects.select_related(
            "promise__pickup",
            "promise__dropoff",
            "promise__tour__shift__vehicle",
            "contact",
            "offering",
            "demand",
        )
        .filter(code=codes.typed(code))
        .first()
    )
    if found is None:
        raise Unknown("booking", _("Aucun trajet ne porte ce code. Vérifiez les neuf caractères."))
    return found


def cancel(user: Any, code: str) -> Booking:
    """Cancel a trip. Whoever has the code may: it was given to the rider alone.

    Raises
    ------
    Refused
        If it is over or under way. A late cancellation is accepted and noted.
    """
    authorise(user, "transport.trip.follow")
    booking = find(code)
    with transaction.atomic():
        _release(booking)
        promise = booking.promise
        late = promise.pickup_from - service_now() < timedelta(minutes=booking.offering.cancel_minutes)
        by = "rider" if actor_of(user) in {booking.owner_pid, "public"} else "staff"
        payload = {"tour": promise.tour_id, "by": by, "late": late}
        record("transport.booking.cancelled", actor=actor_of(user), subject=booking.pid, payload=payload)
    booking.refresh_from_db()
    return booking


def _release(booking: Booking) -> None:
    """Give a promise back: its visits no longer stand, and the tour is free of them."""
    promise = booking.promise
    if booking.state != Booking.State.ACCEPTED:
        raise Refused(
            "trip-over",
            _("Ce trajet est déjà « %(state)s ».") % {"state": booking.get_state_display()},
            status=409,
        )
    taken = Booking.objects.filter(pk=booking.pk, state=Booking.State.ACCEPTED).update(
        state=Booking.State.CANCELLED
    )
    if not taken:
        raise Refused("trip-over", _("Ce trajet vient de changer d'état : rechargez la page."), status=409)
    Promise.objects.filter(pk=promise.pk).update(state=Promise.State.CANCELLED)
    Visit.objects.filter(promise=promise.pk).exclude(state=Visit.State.DONE).update(state=Visit.State.SKIPPED)
    Tour.objects.filter(promises=promise).update(version=F("version") + 1)
