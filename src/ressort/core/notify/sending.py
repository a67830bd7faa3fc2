"""Writing messages: who is told, by which channels, when.

Two clocks, each for its own thing. People live by the *service clock*: their quiet hours, and until when a message is
worth having, are read on it, so that a demonstration whose clock runs fast has its own nights. Machines live by the
*wall clock*: back-off and leases. In a real installation both show the same time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from ressort.core.accounts.models import User
from ressort.core.clock import service_now, wall_now
from ressort.core.installation import reading
from ressort.core.notify import gsm, kinds
from ressort.core.notify.kinds import MessageKind, Text
from ressort.core.notify.models import Channel, Message, Preference, Subscription
from ressort.core.notify.quiet import quiet_end

USUAL = (Channel.EMAIL, Channel.SMS, Channel.PUSH)
"""Channels of a person who has chosen nothing."""
QUICKEST = (Channel.PUSH, Channel.SMS, Channel.EMAIL)
POST = timedelta(days=4)
"""A letter is written only if it is still useful after that long."""
QUIET = (21 * 60, 7 * 60)
_SENDER = 24  # characters of the sender's name in an SMS

wake = {str(channel): threading.Event() for channel in Channel}
"""Set after commit, so that a worker of this process does not wait for its next look."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for: a person with an account, or a guest known by an address.

    ``only`` names the channels asked for on this occasion, which go before preferences; ``postal`` is an address
    given for it.
    """

    user: User | None = None
    email: str = ""
    phone: str = ""
    language: str = ""
    postal: str = ""
    only: tuple[str, ...] = ()

    @classmethod
    def person(cls, user: User, *, phone: str = "", email: str = "") -> Recipient:
        """Return somebody with an account; a phone or e-mail given for the occasion goes before the account's."""
        return cls(user, email or user.email, phone or user.phone, user.language)

    @classmethod
    def guest(cls, *, email: str = "", phone: str = "", language: str = "") -> Recipient:
        """Return somebody known only by how they can be reached."""
        return cls(None, email, phone, language)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person prefers, read once."""

    families: dict[str, list[str]]
    quiet: tuple[int, int]
    postal: str
    dead: dict[str, str]


NO_WISH = Wishes({}, QUIET, "", {})


def wishes(pid: str) -> Wishes:
    """Return what a person prefers; the usual for whoever chose nothing, and for guests."""
    found = Preference.objects.filter(user__pid=pid).first() if pid else None
    if found is None:
        return NO_WISH
    return Wishes(found.families, (found.quiet_from, found.quiet_to), found.postal, found.dead)


def send(
    kind: str,
    *,
    key: str,
    to: Recipient,
    subject: str = "",
    context: Any = None,
    urgent: bool | None = None,
    awake: bool = False,
    useful_until: datetime | None = None,
    secret: str = "",
) -> list[Message]:
    """Write a message in the caller's transaction, one row per channel; workers carry them.

    Parameters
    ----------
    kind : str
        A declared :class:`~ressort.core.notify.kinds.MessageKind`.
    key : str
        Idempotency key: the same key gives the same rows, never others.
    to : Recipient
    subject : str
        Pseudonymous id of what the message speaks of: what :func:`cancel` takes back.
    context : object
        What the kind's ``write`` needs.
    urgent : bool, optional
        Instead of the kind's own.
    awake : bool
        The person has just acted, so an answer does not wait for the end of quiet hours.
    useful_until : datetime, optional
        Service time after which the message is dropped rather than sent.
    secret : str
        Replaces :data:`~ressort.core.notify.kinds.HIDDEN` in the body as it leaves, and is erased then.

    Returns
    -------
    list of Message
        Empty if nothing known reaches the person.
    """
    declared = kinds.find(kind)
    pressing = declared.urgent if urgent is None else urgent
    with transaction.atomic():
        if known := list(Message.objects.filter(asked=key).order_by("pk")):
            return known
        pid = to.user.pid if to.user else ""
        wished = wishes(pid)
        routes = _routes(declared, to, wished, urgent=pressing, useful_until=useful_until)
        if not routes:
            return []
        now = service_now()
        language = to.language or settings.LANGUAGE_CODE
        quiet = None if pressing or awake else quiet_end(now, *wished.quiet, ZoneInfo(settings.TIME_ZONE))
        common: dict[str, Any] = {
            "asked": key,
            "kind": kind,
            "subject": subject,
            "recipient": pid,
            "language": language,
            "secret": secret,
            "had_secret": bool(secret),
            "urgent": pressing,
            "not_before": wall_now(),
            "quiet_until": quiet,
            "useful_until": useful_until,
            "created": now,
        }
        with translation.override(language):
            text = declared.write(context)
            rows = [
                Message(key=f"{key}/{channel}{place}", channel=channel, address=address,
                        **common, **compose(channel, text, account=bool(pid)))
                for channel, place, address in routes
            ]  # fmt: skip
        Message.objects.bulk_create(
            rows, ignore_conflicts=True
        )  # another process may have written them meanwhile
        for channel in {row.channel for row in rows}:
            transaction.on_commit(wake[channel].set)
        return list(Message.objects.filter(asked=key).order_by("pk"))


def _routes(
    kind: MessageKind, to: Recipient, wished: Wishes, *, urgent: bool, useful_until: datetime | None
) -> list[tuple[str, str, str]]:
    """Return channel, what tells several addresses of it apart, and address, for each way to be used."""
    chosen = set(kind.by)
    if not kind.always:
        chosen &= set(to.only or wished.families.get(kind.family, USUAL))
    reach = {
        channel: addresses
        for channel in chosen
        if (addresses := _addresses(channel, to, wished, even_dead=kind.always))
    }
    if kind.brief:
        first = next((channel for channel in QUICKEST if channel in reach), None)
        reach = {first: reach[first]} if first else {}
    elif not urgent and not to.only and len(reach.keys() - {Channel.SMS, Channel.LETTER}):
        reach.pop(
            Channel.SMS, None
        )  # it costs, and it rings: for what presses, or for whom nothing else reaches
    if useful_until and useful_until - service_now() < POST:
        reach.pop(Channel.LETTER, None)
    return [
        (channel, f":{number}" if number else "", address)
        for channel in Channel.values
        for number, address in enumerate(reach.get(channel, ()))
    ]


def _addresses(channel: str, to: Recipient, wished: Wishes, *, even_dead: bool) -> Sequence[str]:
    if channel == Channel.PUSH:
        if to.user is None:
            return ()
        return list(
            Subscription.objects.filter(user=to.user).order_by("pk").values_list("endpoint", flat=True)
        )
    address = {Channel.EMAIL: to.email, Channel.SMS: to.phone, Channel.LETTER: to.postal or wished.postal}[
        Channel(channel)
    ]
    if not address or (not even_dead and _dead(channel, address, to, wished)):
        return ()
    return (address,)


def _dead(channel: str, address: str, to: Recipient, wished: Wishes) -> bool:
    """Tell whether an address has bounced and nobody has said since that it works."""
    if to.user:
        return wished.dead.get(channel) == address
    return Message.objects.filter(address=address, channel=channel, state=Message.State.BOUNCED).exists()


def compose(channel: str, text: Text, *, account: bool) -> dict[str, str]:
    """Return the title, body, link and code of a message as a channel carries them, in the active language."""
    who = sender()
    title = " ".join(text.title.split())[:200]
    found = {"title": title, "link": text.link, "code": text.code}
    if channel == Channel.SMS:
        tail = address_of(f"/s/{text.code}") if text.code else address_of(text.link) if text.link else ""
        return {**found, "body": gsm.fitted(f"{_clipped(who)}: {text.short}", tail)}
    if channel == Channel.PUSH:
        return {**found, "body": text.short}
    parts = [_("Bonjour,"), text.body]
    if text.link:
        call = text.call or _("En savoir plus")
        parts.append(f"{call}\n{address_of(text.link)}")
    if settings.PHONE:
        parts.append(_("Une question ? Appelez-nous au %(phone)s.") % {"phone": settings.PHONE})
    parts.append(who)
    if account and channel == Channel.EMAIL:
        choose = _("Choisir quels messages vous recevez")
        parts.append(f"{choose}\n{address_of('/mon-espace/messages/')}")
    return {**found, "body": "\n\n".join(parts)}


def sender() -> str:
    """Return who writes: the installation's name, else its territory's."""
    if given := reading.name():
        return given
    from ressort.core.territory.models import Territory

    return Territory.objects.filter(parent=None).values_list("name", flat=True).first() or "Ressort"


def _clipped(name: str) -> str:
    return name if len(name) <= _SENDER else name[:_SENDER].rsplit(" ", 1)[0]


def address_of(path: str) -> str:
    """Return the whole address of a page: messages are written where there is no request to tell it."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def cancel(subject: str, *, kind: str = "", why: str = "") -> int:
    """Take back what still waits about a subject, in the caller's transaction; return how many messages."""
    waiting = Message.objects.filter(subject=subject, state=Message.State.WAITING)
    if kind:
        waiting = waiting.filter(kind=kind)
    return waiting.update(state=Message.State.CANCELLED, secret="", error=why[:300])
