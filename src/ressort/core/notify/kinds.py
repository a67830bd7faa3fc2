"""The declared kinds of messages: each has one place where its words are written.

Services declare theirs in their manifest; the house registers its own. A kind that nobody declared cannot be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from ressort.core.notify.models import Channel

HIDDEN = "⟨lien personnel⟩"
"""Stands in a body where the secret link goes: the outbox keeps this, the person receives the link."""


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a message, in the language that is active.

    Parameters
    ----------
    title : str
        What happened, in a few words: subject of an e-mail, title of a notification.
    body : str
        The long text, for e-mails and letters: what happened, then what to do. No greeting, no signature, no link.
    short : str
        The same for a telephone; with the sender and the link it must hold in one SMS, or it is cut.
    link : str
        Path of the page where the person goes on.
    call : str
        Words of that link: « Suivre mon trajet ».
    code : str
        Follow code, if there is one: makes the short link of an SMS.
    """

    title: str
    body: str
    short: str
    link: str = ""
    call: str = ""
    code: str = ""


def everybody(_user: Any) -> bool:
    """Whoever has an account."""
    return True


@dataclass(frozen=True, slots=True)
class MessageKind:
    """A kind of message.

    Parameters
    ----------
    name : str
        ``transport.booked``.
    family : str
        What preferences group: a person chooses channels for a family, not for each kind.
    label : str
        French words of the family, shown in the preferences (lazily translated strings are accepted).
    write : callable
        ``write(context) -> Text``, called with the recipient's language active.
    urgent : bool
        Goes at once, quiet hours or not, and by SMS too.
    brief : bool
        One way is enough, the quickest: a notification, else an SMS, else an e-mail.
    by : tuple of str
        Channels that suit it.
    always : bool
        Sent whatever the preferences say: the person has just asked for it.
    concerns : callable
        ``concerns(user) -> bool``: whether a person may ever receive it; others are not asked to choose.
    """

    name: str
    family: str
    label: str | Promise
    write: Callable[[Any], Text]
    urgent: bool = False
    brief: bool = False
    by: tuple[str, ...] = (Channel.EMAIL, Channel.SMS, Channel.PUSH)
    always: bool = False
    concerns: Callable[[Any], bool] = everybody


_kinds: dict[str, MessageKind] = {}


def register(kind: MessageKind) -> None:
    """Make a kind known.

    Raises
    ------
    ValueError
        If another kind has its name.
    """
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"message kind {kind.name} is declared twice, differently")


def known() -> Mapping[str, MessageKind]:
    """Return every kind by name."""
    return _kinds


def find(name: str) -> MessageKind:
    """Return a kind, or fail: a message must be declared by whoever sends it."""
    if name not in _kinds:
        raise LookupError(f"the message kind {name} is not declared by any manifest")
    return _kinds[name]


def families(user: Any = None) -> dict[str, MessageKind]:
    """Return the families that people (or one) may choose about, each with the kind that names it and suits most ways."""
    found: dict[str, MessageKind] = {}
    for kind in _kinds.values():
        if not kind.always and (kind.family not in found or len(kind.by) > len(found[kind.family].by)):
            found[kind.family] = kind
    if user is not None:
        return {family: kind for family, kind in found.items() if kind.concerns(user)}
    return found
