"""Erasing what the service keeps of a person. Trips stay, as counts and stops; who travelled is gone."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from ressort.core.notify import erasure
from ressort.services.transport.models import Booking, Contact, Demand


def erase(pid: str) -> None:
    """Erase the names, numbers, addresses and notes of a person's trips, and where they wished to go.

    Called inside the transaction that erases the account; the event is that action's.
    """
    mine = Booking.objects.filter(owner_pid=pid)
    Contact.objects.filter(booking__in=mine).delete()
    wished = Demand.objects.filter(actor=pid)
    for demand in wished.only("pk", "wish"):
        demand.wish = {**demand.wish, "from": [None, None, None], "to": [None, None, None]}
        demand.save(update_fields=["wish"])


@receiver(post_delete, sender=Contact, dispatch_uid="transport.messages")
def _contact_gone(instance: Contact, **_: Any) -> None:
    """Blank what was written about a trip when its contact goes, whoever erases it and why."""
    pid = Booking.objects.filter(pk=instance.booking_id).values_list("pid", flat=True).first()
    if pid:
        erasure.forget_subject(pid)
