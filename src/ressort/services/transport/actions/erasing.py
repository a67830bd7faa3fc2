"""Erasing what the service keeps of a person. Trips stay, as counts and stops; who travelled is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.appeals import actions as appeals
from ressort.core.errors import Refused
from ressort.core.journal import receipts, record
from ressort.core.notify import erasure
from ressort.services.transport.actions.asking import actor_of
from ressort.services.transport.actions.booking import find
from ressort.services.transport.models import Booking, Contact, Demand

NOWHERE = [None, None, None]
OPEN = (Booking.State.ACCEPTED, Booking.State.ABOARD)


def erase(pid: str) -> None:
    """Erase the names, numbers, addresses and notes of a person's trips, and where they wished to go.

    Called inside the transaction that erases the account; the event is that action's.
    """
    mine = Booking.objects.filter(owner_pid=pid)
    Contact.objects.filter(booking__in=mine).delete()
    forget_demands([*Demand.objects.filter(actor=pid), *Demand.objects.filter(bookings__in=mine)])
    mine.update(rider=None, owner_pid="", walk_from_s=0, walk_to_s=0)


def forget_demands(demands: Iterable[Demand]) -> int:
    """Erase where demands went from and to, what was proposed, who asked, and what the engine received for them."""
    rows = list({demand.pk: demand for demand in demands}.values())
    for demand in rows:
        demand.wish = {**demand.wish, "from": NOWHERE, "to": NOWHERE}
        demand.actor, demand.offers, demand.nearest = "", [], []
    Demand.objects.bulk_update(rows, ["wish", "actor", "offers", "nearest"], batch_size=200)
    receipts.forget(demand.pid for demand in rows)
    return len(rows)


def erase_trip(user: Any, code: str) -> Booking:
    """Erase who made a trip, at the wish of somebody without an account: whoever has the code may, and agents.

    Raises
    ------
    Refused
        While the trip is to come or under way: the driver needs a name.
    """
    authorise(user, "transport.trip.erase")
    booking = find(code)
    if booking.state in OPEN:
        raise Refused(
            "trip-ahead",
            _("Ce trajet n'est pas terminé : annulez-le d'abord, puis effacez vos coordonnées."),
            status=409,
        )
    with transaction.atomic():
        Contact.objects.filter(booking=booking).delete()
        forget_demands([booking.demand])
        Booking.objects.filter(pk=booking.pk).update(rider=None, owner_pid="", walk_from_s=0, walk_to_s=0)
        appeals.forget_receipt(booking.demand.receipt)
        record("transport.booking.forgotten", actor=actor_of(user), subject=booking.pid)
    return find(code)


@receiver(post_delete, sender=Contact, dispatch_uid="transport.messages")
def _contact_gone(instance: Contact, **_: Any) -> None:
    """Blank what was written about a trip when its contact goes, whoever erases it and why."""
    pid = Booking.objects.filter(pk=instance.booking_id).values_list("pid", flat=True).first()
    if pid:
        erasure.forget_subject(pid)
