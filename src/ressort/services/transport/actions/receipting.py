"""Sending a confirmation again, or another way: the SMS did not come, the person would rather have a letter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.actions import clean_email, clean_phone
from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.core.notify.models import Channel
from ressort.core.notify.sending import Recipient
from ressort.services.transport.actions import writing
from ressort.services.transport.actions.booking import check_post, clean_postal, find, no_address
from ressort.services.transport.models import Booking, Contact, ReceiptWay

SENT = (ReceiptWay.SMS, ReceiptWay.EMAIL, ReceiptWay.LETTER)


def send_again(user: Any, code: str, way: str, to: str = "", *, key: str) -> Booking:
    """Send the confirmation of a trip by SMS, e-mail or letter.

    Parameters
    ----------
    way : str
        A :class:`ReceiptWay` that is sent.
    to : str
        Where, for this time only; empty: what was given for the trip.
    key : str
        Drawn by the page, so that pressing twice sends once.
    """
    authorise(user, "transport.trip.book_for")
    booking = find(code)
    if booking.state not in {Booking.State.ACCEPTED, Booking.State.ABOARD}:
        raise Refused(
            "trip-over", _("Ce trajet n'attend plus rien : il n'y a pas de reçu à envoyer."), status=409
        )
    where = _where(booking, way, to)
    if way == ReceiptWay.LETTER:
        check_post(booking.promise.pickup_from, "way")
    with transaction.atomic():
        sent = writing.confirm(booking, f"{booking.pid}:{key}", where)
        if not sent:
            raise Refused(
                "no-address",
                _("Rien ne joint cette personne ainsi : choisissez un autre moyen."),
                field="way",
            )
        record(
            "transport.receipt.sent", actor=user.pid, subject=booking.pid, payload={"way": str(Channel(way))}
        )
    return booking


def _where(booking: Booking, way: str, to: str) -> Recipient:
    """Return whom to send to, by this way alone."""
    if way not in SENT:
        raise Refused("no-receipt-way", _("Dites comment remettre le reçu."), field="way")
    contact = getattr(booking, "contact", None) or Contact()
    given = to.strip()
    guest = Recipient.guest(language=contact.language)
    match way:
        case ReceiptWay.SMS:
            made = replace(guest, phone=clean_phone(given) if given else contact.phone)
            reached = made.phone
        case ReceiptWay.EMAIL:
            made = replace(guest, email=clean_email(given) if given else contact.email)
            reached = made.email
        case _:
            postal = clean_postal(given or contact.postal, "to")
            made = replace(guest, postal=f"{contact.name}\n{postal}" if postal else "")
            reached = postal
    if not reached:
        raise Refused("no-address", no_address(way), field="to")
    return replace(made, only=(way,))
