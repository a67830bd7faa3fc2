"""When riders are told: reactions to the journal, and the two moments that no event marks.

Everything here reads the *service clock*, the time in which trips live: « the evening before » and « ten minutes
before » mean the rider's own evening and minutes, also in a demonstration whose clock runs fast. Only how often the
two rounds look is wall time (see the manifest). What is decided becomes a row of the outbox at once; nothing is
scheduled ahead, because the clock may be moved and the plan may change until the last minute.

Each message has a key made of what it tells, so that a reaction run twice, or a round, writes it once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext_noop as noop

from ressort.core.clock import service_now
from ressort.core.fleet.models import Promise, Visit
from ressort.core.journal.reading import payload
from ressort.core.notify import sending
from ressort.core.notify.models import Channel, Message
from ressort.core.notify.sending import Recipient
from ressort.services.transport import queries
from ressort.services.transport.access import local
from ressort.services.transport.messages import Told
from ressort.services.transport.models import Booking, Contact, Demand, ReceiptWay

STALE = timedelta(hours=6)
"""An event read later than that (workers were down) is not told any more."""
AHEAD = timedelta(minutes=10)
EVENING = time(18)


def react(event: Any) -> None:
    """Write what an event means for its riders; in the transaction that moves the cursor."""
    found = payload(event)
    if found.get("origin") == Demand.Origin.TWIN or service_now() - event.at > STALE:
        return
    match event.kind:
        case "transport.booking.accepted":
            _accepted(event.subject, found)
        case "transport.booking.cancelled":
            _cancelled(event.subject, found.get("by", "staff"))
        case "transport.booking.no_show":
            for booking in _bookings([event.subject]):
                _send("no_show", booking, booking.pid, until=timedelta(days=1))
        case "transport.rider.alighted":
            for booking in _bookings([event.subject]):
                _send("arrived", booking, booking.pid, until=timedelta(hours=12))
        case _:
            for booking in _bookings(found.get("concerns", ())):
                _changed(booking, event.seq)


def _bookings(pids: Iterable[str]) -> list[Booking]:
    """Return the bookings of people: played riders are told nothing."""
    found = Booking.objects.filter(pid__in=list(pids)).exclude(origin=Demand.Origin.TWIN)
    return list(found.select_related("promise__pickup", "promise__dropoff", "offering", "rider", "contact"))


def _accepted(pid: str, found: dict[str, Any]) -> None:
    replaced = found.get("replaces", "")
    if replaced:
        sending.cancel(replaced, why=noop("Le trajet a été remplacé par un autre."))
    for booking in _bookings([pid]):
        if booking.state == Booking.State.ACCEPTED and booking.receipt_by not in _IN_HAND:
            # Whoever has just booked, alone or with an agent, is awake.
            _send("booked", booking, booking.pid, awake=True, replaces=bool(replaced))


_IN_HAND = (ReceiptWay.PRINT, ReceiptWay.NONE)
"""Confirmations that the agent gave: printed, or read aloud."""


def _cancelled(pid: str, by: str) -> None:
    sending.cancel(pid, why=noop("Le trajet a été annulé avant l'envoi."))
    for booking in _bookings([pid]):
        by_rider = by == "rider"
        _send("cancelled", booking, booking.pid, awake=by_rider, urgent=not by_rider, by=by)


def _changed(booking: Booking, seq: int) -> None:
    """Tell of a promise that is overrun or lost. One moved to another van inside its window still stands as it is."""
    overrun = booking.overrun_s > 0 and booking.agreed is None
    riding = booking.state in {Booking.State.ACCEPTED, Booking.State.ABOARD}
    if booking.state == Booking.State.BROKEN or (riding and overrun):
        sending.cancel(
            booking.pid, kind="transport.changed", why=noop("Une nouvelle plus récente le remplace.")
        )
        _send("changed", booking, f"{booking.pid}:{seq}")


def approach() -> int:
    """Tell those whose van comes in about ten minutes, by the plan in force, once; return how many."""
    now = service_now()
    visits = Visit.objects.filter(
        is_pickup=True,
        state__in=(Visit.State.PENDING, Visit.State.UNDER_WAY),
        planned__gt=now,
        planned__lte=now + AHEAD,
        promise__state=Promise.State.PLANNED,
        promise__pickup_from__gt=now - timedelta(hours=3),
        promise__pickup_from__lt=now + timedelta(minutes=30),
    )
    return _round("approaching", visits.values_list("promise__booking__pid", flat=True))


def eve() -> int:
    """Tell, from 18:00 the evening before, those who booked earlier for the next day; return how many."""
    here = local(service_now())
    if here.time() < EVENING:
        return 0
    evening = datetime.combine(here.date(), EVENING, here.tzinfo)
    start, end = queries.span_of(here.date() + timedelta(days=1))
    tomorrow = Booking.objects.filter(
        state=Booking.State.ACCEPTED,
        created__lt=evening,
        promise__state=Promise.State.PLANNED,
        promise__pickup_from__gte=start,
        promise__pickup_from__lt=end,
    ).exclude(origin=Demand.Origin.TWIN)
    return _round("eve", tomorrow.values_list("pid", flat=True))


def _round(name: str, pids: Iterable[str]) -> int:
    """Write a message for each booking that has not had it yet."""
    keys = {f"transport.{name}:{pid}": pid for pid in pids}
    if not keys:
        return 0
    known = set(Message.objects.filter(asked__in=list(keys)).values_list("asked", flat=True))
    waiting = [pid for key, pid in keys.items() if key not in known]
    found = _bookings(waiting) if waiting else []
    return sum(_send(name, booking, booking.pid) for booking in found)


def _send(
    name: str,
    booking: Booking,
    key: str,
    *,
    until: timedelta = timedelta(0),
    urgent: bool | None = None,
    awake: bool = False,
    to: Recipient | None = None,
    **told: Any,
) -> bool:
    """Write one message about a trip; it is worth having until the van has left, plus ``until``."""
    given, to = to, to or recipient(booking)
    if to and not given and name == "booked" and booking.receipt_by in Channel.values:
        to = replace(to, only=(booking.receipt_by,))
    if to is None:
        return False
    planned = {v.is_pickup: v.planned for v in booking.promise.visits.exclude(state=Visit.State.SKIPPED)}
    pickup = planned.get(True, booking.promise.pickup_from)
    arrival = planned.get(False, booking.promise.dropoff_until) + timedelta(
        seconds=booking.promise.dropoff_service
    )
    useful = max(pickup, booking.promise.pickup_until, arrival if name == "changed" else pickup)
    return bool(
        sending.send(
            f"transport.{name}",
            key=f"transport.{name}:{key}",
            to=to,
            subject=booking.pid,
            context=Told(booking, pickup, arrival, **told),
            urgent=urgent,
            awake=awake,
            useful_until=max(useful, service_now()) + until if until else useful,
        )
    )


def confirm(booking: Booking, key: str, to: Recipient) -> bool:
    """Write the confirmation again, to whom an agent says; in the caller's transaction."""
    return _send("booked", booking, key, awake=True, to=to, replaces=False)


def recipient(booking: Booking) -> Recipient | None:
    """Return whom a trip's messages go to: the rider's account, the contact given for the trip first; or a guest."""
    try:
        contact = booking.contact
    except Contact.DoesNotExist:  # erased
        return Recipient.person(booking.rider) if booking.rider else None
    if booking.rider:
        return Recipient.person(booking.rider, phone=contact.phone, email=contact.email)
    if contact.phone or contact.email or contact.postal:
        found = Recipient.guest(phone=contact.phone, email=contact.email, language=contact.language)
        return replace(found, postal=f"{contact.name}\n{contact.postal}") if contact.postal else found
    return None
