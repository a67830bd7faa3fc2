"""What the house writes to people about their appeals: that one is received, that it is answered."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ressort.core.appeals.models import Appeal, Statement
from ressort.core.notify import erasure
from ressort.core.notify.kinds import MessageKind, Text, register
from ressort.core.notify.models import Channel
from ressort.core.notify.sending import Recipient, send
from ressort.web import words


def _received(made: Appeal) -> Text:
    due = words.day(made.due.astimezone(ZoneInfo(settings.TIME_ZONE)), (get_language() or "fr")[:2])
    return _text(
        made,
        _("Votre demande de réexamen %(code)s") % {"code": made.code},
        _("Votre demande est reçue. Une personne vous répond au plus tard le %(day)s.") % {"day": due},
        _("Suivre ma demande"),
    )


def _answered(made: Appeal) -> Text:
    """Say that an answer is there; the message holds nothing of it."""
    return _text(
        made,
        _("Réponse à votre demande de réexamen %(code)s") % {"code": made.code},
        _("Une personne a répondu à votre demande."),
        _("Lire la réponse"),
    )


def _text(made: Appeal, title: str, body: str, call: str) -> Text:
    link = reverse("web:appeal", args=[made.code])
    return Text(words.typo(title), words.typo(body), words.typo(body), link, call, made.code)


_FAMILY = gettext_lazy("Vos demandes de réexamen")
RECEIVED, ANSWERED = (
    MessageKind(name, "appeal", _FAMILY, write, by=(Channel.EMAIL,), always=True)
    for name, write in (("appeal.received", _received), ("appeal.answered", _answered))
)
for _kind in (RECEIVED, ANSWERED):
    register(_kind)


@receiver(post_delete, sender=Statement, dispatch_uid="appeal.messages")
def _statement_gone(instance: Statement, **_: Any) -> None:
    """Blank what was written about an appeal when its letter goes, whoever erases it and why."""
    erasure.forget_subject(instance.appeal.pid)


def tell(kind: MessageKind, made: Appeal) -> None:
    """Write to whoever asked for an answer by mail; each answer once."""
    statement = Statement.objects.filter(appeal=made).first()
    if statement is None or not statement.email:
        return
    key = f"{kind.name}:{made.pid}:{made.answers.count()}"
    guest = Recipient.guest(email=statement.email, language=(get_language() or "fr")[:2])
    send(kind.name, key=key, to=guest, subject=made.pid, context=made, awake=kind is RECEIVED)
