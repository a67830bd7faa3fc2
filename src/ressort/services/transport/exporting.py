"""What the service keeps of a person, in words: for « Mes données »."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from ressort.services.transport.models import Booking, Demand

type Rows = list[dict[str, Any]]


def export(pid: str) -> dict[str, Rows]:
    """Return a person's trips, their contact details and their demands."""
    trips = list(
        Booking.objects.filter(owner_pid=pid)
        .select_related("promise__pickup", "promise__dropoff", "contact")
        .order_by("created")
    )
    demands = Demand.objects.filter(Q(actor=pid) | Q(bookings__in=trips)).distinct().order_by("at")
    return {
        "transport.Booking": [_trip(trip) for trip in trips],
        "transport.Contact": [_contact(trip) for trip in trips if hasattr(trip, "contact")],
        "transport.Demand": [_demand(demand) for demand in demands],
    }


def _trip(trip: Booking) -> dict[str, Any]:
    promise = trip.promise
    return {
        _("Code de suivi"): trip.code,
        _("Montée"): promise.pickup.name,
        _("Descente"): promise.dropoff.name,
        _("Monter à partir de"): promise.pickup_from,
        _("Arriver au plus tard"): promise.dropoff_until,
        _("Voyageurs"): promise.seats + promise.wheelchairs,
        _("Fauteuils"): promise.wheelchairs,
        _("Bagages"): promise.luggage,
        _("État"): trip.get_state_display(),
        _("Prix en centimes"): trip.price_cents,
        _("Demandé par"): trip.get_mandate_display() if trip.mandate else "",
        _("Réservé"): trip.created,
    }


def _contact(trip: Booking) -> dict[str, Any]:
    contact = trip.contact
    return {
        _("Trajet"): trip.code,
        _("Nom"): contact.name,
        _("Téléphone"): contact.phone,
        _("Adresse électronique"): contact.email,
        _("Depuis"): contact.from_label,
        _("Jusqu'à"): contact.to_label,
        _("Précision pour le conducteur"): contact.note,
        _("Référence du mandat"): contact.reference,
        _("Adresse postale"): contact.postal,
    }


def _demand(demand: Demand) -> dict[str, Any]:
    wish = demand.wish
    return {
        _("Demandé"): demand.at,
        _("Départ (longitude, latitude)"): _point(wish["from"]),
        _("Arrivée (longitude, latitude)"): _point(wish["to"]),
        _("Pour"): wish["at"],
        _("Voyageurs"): wish["passengers"],
        _("Réponse"): demand.get_answer_display(),
        _("Reçu de décision"): demand.receipt,
    }


def _point(end: list[Any]) -> str:
    return "" if end[0] is None else f"{end[0]:.3f}, {end[1]:.3f}"
