"""Carrying what was written: claim under a lease, hand over outside any transaction, write the outcome.

At least once: a worker that dies between the hand-over and the outcome leaves a row whose lease runs out, and another
worker hands the same parcel over again, under the same key. Leases and back-off are wall time; whether somebody may
be disturbed, and whether the message is still worth having, are service time (see :mod:`ressort.core.notify.sending`).
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models import Q
from django.utils.translation import gettext_noop as noop

from ressort.core.clock import reading, service_now, wall_now
from ressort.core.journal import correlated, declare, record
from ressort.core.notify import kinds, sending
from ressort.core.notify.channels import NotSent, Parcel, carrier
from ressort.core.notify.erasure import TOO_LATE
from ressort.core.notify.models import Attempt, Channel, Message, Preference, Subscription
from ressort.core.notify.quiet import quiet_end

LEASE = timedelta(minutes=2)
"""Longer than any carrier may take: a claim that outlives it is taken for lost."""
TRIES = 6
PAUSE = timedelta(seconds=30)
GROWTH = 4
FRESH = timedelta(minutes=15)
"""How long the decision taken when a message was written, to go at once or not, stands."""
ROUND = 50
LOOK = 1.0  # wall seconds between two looks at the outbox
CARRIED = (Channel.EMAIL, Channel.SMS, Channel.PUSH)
_log = logging.getLogger(__name__)

declare(
    "notify.message.sent",
    "Message envoyé ({message_kind}, {channel}).",
    "message_kind",
    "channel",
    "about",
    "attempts",
)
declare(
    "notify.message.failed",
    "Message non envoyé ({message_kind}, {channel}) : {reason}.",
    "message_kind", "channel", "about", "attempts", "reason",
)  # fmt: skip
declare(
    "notify.message.bounced",
    "Message refusé par l'adresse ({message_kind}, {channel}).",
    "message_kind", "channel", "about", "reason",
)  # fmt: skip


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after the n-th failed try: 30 s, 2 min, 8 min, 32 min, 2 h."""
    return PAUSE * GROWTH ** (attempts - 1)


def claim(channel: str, worker: str) -> Message | None:
    """Take the next message of a channel that is due, urgent ones first; drop those that have become useless."""
    while (message := _next(channel, worker)) is not None:
        if message.state == Message.State.SENDING:
            return message
    return None


def _next(channel: str, worker: str) -> Message | None:
    """Take one message, or put it aside if it is not to go now; None if nothing is due."""
    wall, now = wall_now(), service_now()
    quiet = Q(quiet_until=None) | Q(quiet_until__lte=now)
    due = Q(state=Message.State.WAITING, not_before__lte=wall) & quiet
    lost = Q(state=Message.State.SENDING, lease_until__lt=wall)
    mine = Message.objects.filter(due | lost, channel=channel)
    if not mine.exists():  # no write lock for an empty outbox
        return None
    with transaction.atomic():
        query = mine.order_by("-urgent", "pk")
        if connection.features.has_select_for_update_skip_locked:
            query = query.select_for_update(skip_locked=True)
        message = query.first()
        if message is None:
            return None
        if message.useful_until and message.useful_until < now:
            message.state, message.secret = Message.State.CANCELLED, ""
            message.error = TOO_LATE
        elif end := _asleep(message):
            message.state, message.quiet_until = Message.State.WAITING, end
        else:
            message.state, message.worker, message.lease_until = Message.State.SENDING, worker, wall + LEASE
            message.attempts += 1
        message.save(
            update_fields=["state", "worker", "lease_until", "attempts", "quiet_until", "secret", "error"]
        )
    return message


def _asleep(message: Message) -> Any:
    """Return when the person may be disturbed, for a message that quiet hours have overtaken; else None."""
    now = service_now()
    if message.urgent or (message.quiet_until is None and now - message.created < FRESH):
        return None
    wished = sending.wishes(message.recipient)
    return quiet_end(now, *wished.quiet, ZoneInfo(settings.TIME_ZONE))


def deliver(channel: str, worker: str = "", *, most: int = ROUND) -> int:
    """Carry what is due on a channel; return how many messages were tried."""
    worker = worker or f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(3)}"
    done = 0
    while done < most and (message := claim(channel, worker)) is not None:
        with correlated(message.pid):
            _try(message)
        done += 1
    return done


def deliver_all() -> int:
    """Carry what is due on every channel, once."""
    return sum(deliver(channel) for channel in CARRIED)


def _try(message: Message) -> None:
    """Hand a claimed message over, outside any transaction, and write what came of it."""
    try:
        if message.attempts > TRIES:
            raise NotSent("workers-died", noop("L'envoi a été interrompu plusieurs fois."), final=True)  # noqa: TRY301
        provider = carrier(message.channel).carry(parcel(message))
    except NotSent as failure:
        _failed(message, failure)
    except Exception as error:  # an adapter's slip must not stop the round; the log keeps the trace
        _log.exception("message %s could not be carried", message.pid)
        _failed(
            message,
            NotSent("broken", noop("L'envoi a échoué : %(error)s.") % {"error": type(error).__name__}),
        )
    else:
        fields = {
            "state": Message.State.SENT,
            "sent": service_now(),
            "provider": provider,
            "error": "",
            "secret": "",
        }
        _write(message, "sent", "", fields, event="notify.message.sent", attempts=message.attempts)


def parcel(message: Message) -> Parcel:
    """Return what a carrier receives of a message."""
    life = 86400.0
    if message.useful_until:
        clock = reading()  # the carrier's own clock is the wall's
        life = (message.useful_until - clock.now).total_seconds() / (clock.rate or 1.0)
    return Parcel(
        key_of(message),
        message.address,
        message.title,
        message.body.replace(kinds.HIDDEN, message.secret) if message.secret else message.body,
        sending.address_of(message.link) if message.link else "",
        message.urgent,
        int(min(max(life, 60.0), 28 * 86400.0)),
    )


def key_of(message: Message) -> str:
    """Return the key under which a carrier knows a message: another one each time somebody sends it again."""
    return message.key if message.turn == 1 else f"{message.key}~{message.turn}"


def _failed(message: Message, failure: NotSent) -> None:
    if failure.dead:
        with transaction.atomic():
            if _write(
                message,
                "bounced",
                failure.sentence,
                {"state": Message.State.BOUNCED, "error": failure.sentence[:300], "secret": ""},
                event="notify.message.bounced",
                reason=failure.code,
            ):
                bury(message)
    elif failure.final or message.attempts >= TRIES:
        _write(
            message,
            "failed",
            failure.sentence,
            {"state": Message.State.FAILED, "error": failure.sentence[:300], "secret": ""},
            event="notify.message.failed",
            attempts=message.attempts,
            reason=failure.code,
        )
    else:
        later = wall_now() + backoff(message.attempts)
        fields = {"state": Message.State.WAITING, "not_before": later, "error": failure.sentence[:300]}
        _write(message, "again", failure.sentence, fields)


def _write(
    message: Message, outcome: str, says: str, fields: dict[str, Any], *, event: str = "", **payload: Any
) -> bool:
    """Write an outcome if the message is still this worker's; its lease may have run out meanwhile."""
    with transaction.atomic():
        mine = Message.objects.filter(
            pk=message.pk, state=Message.State.SENDING, worker=message.worker, attempts=message.attempts
        )
        if not mine.update(lease_until=None, worker="", **fields):
            return False
        Attempt.objects.create(message=message, at=wall_now(), outcome=outcome, says=says[:300])
        if event:
            tell(message, event, **payload)
    return True


def tell(message: Message, event: str, *, actor: str = "system:notify", **payload: Any) -> None:
    """Record an event about a message: ids and codes only."""
    known = {"message_kind": message.kind, "channel": message.channel, "about": message.subject}
    record(event, actor=actor, subject=message.pid, payload={**known, **payload})


def bury(message: Message) -> None:
    """Note that an address no longer works, in the caller's transaction: it is not used any more."""
    if message.channel == Channel.PUSH:
        Subscription.objects.filter(endpoint=message.address).delete()
    elif message.recipient and message.address:
        from ressort.core.accounts.models import User

        user = User.objects.filter(pid=message.recipient).first()
        if user is not None:
            preference, _ = Preference.objects.get_or_create(user=user)
            preference.dead = {**preference.dead, message.channel: message.address}
            preference.save(update_fields=["dead"])


class Postman(threading.Thread):
    """A thread that carries one channel until it is stopped: a silent gateway does not hold up the others."""

    def __init__(self, channel: str) -> None:
        super().__init__(name=f"ressort-{channel}", daemon=True)
        self._channel = str(channel)
        self._over = threading.Event()

    def run(self) -> None:
        """Carry; sleep until woken, at most :data:`LOOK` seconds."""
        wake = sending.wake[self._channel]
        while not self._over.is_set():
            wake.clear()
            try:
                if deliver(self._channel):
                    continue
            except Exception:  # a locked or restarting database: say so and go on
                _log.exception("the outbox (%s) could not be read", self._channel)
            wake.wait(LOOK)
        connections.close_all()

    def stop(self) -> None:
        """End after the message at hand."""
        self._over.set()
        sending.wake[self._channel].set()
