"""Erasing what leads to a person in their messages. That a message was sent, when and how, stays."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as noop

from ressort.core.clock import service_now
from ressort.core.notify.models import Message, Preference, Subscription

TOO_LATE = noop("Trop tard : ce message n'était plus utile.")
OPEN = (Message.State.WAITING, Message.State.SENDING)


def forget_person(pid: str) -> None:
    """Blank a person's messages and drop their preferences and devices, inside the transaction that erases them."""
    _blank(Message.objects.filter(recipient=pid))
    Preference.objects.filter(user__pid=pid).delete()
    Subscription.objects.filter(user__pid=pid).delete()


def forget_subject(subject: str) -> None:
    """Blank the messages about something whose contact was erased, such as a guest's booking."""
    _blank(Message.objects.filter(subject=subject))


def drop_vain() -> int:
    """Drop what waits in vain, such as letters that nobody printed in time; return how many."""
    vain = Message.objects.filter(state=Message.State.WAITING, useful_until__lt=service_now())
    return vain.update(state=Message.State.CANCELLED, secret="", error=TOO_LATE)


def _blank(messages: QuerySet[Message]) -> int:
    messages.filter(state__in=OPEN).update(state=Message.State.CANCELLED)
    return messages.filter(blanked=False).update(
        address="", title="", body="", link="", code="", secret="", error="", blanked=True
    )
