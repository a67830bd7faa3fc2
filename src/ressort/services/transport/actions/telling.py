"""What riders answer when a promise cannot be kept."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.services.transport.actions.asking import actor_of
from ressort.services.transport.actions.booking import find
from ressort.services.transport.models import Booking


def agree(user: Any, code: str) -> Booking:
    """Keep a trip at the later times that were told; refusing them is cancelling the trip.

    Raises
    ------
    Refused
        If nothing was proposed.
    """
    authorise(user, "transport.trip.follow")
    booking = find(code)
    with transaction.atomic():
        taken = Booking.objects.filter(
            pk=booking.pk, state=Booking.State.ACCEPTED, overrun_s__gt=0, agreed=None
        ).update(agreed=True)
        if not taken:
            raise Refused("nothing-to-agree", _("Aucun nouvel horaire n'attend votre réponse."), status=409)
        payload = {"overrun_s": booking.overrun_s}
        record("transport.booking.agreed", actor=actor_of(user), subject=booking.pid, payload=payload)
    booking.refresh_from_db()
    return booking
