"""What people who got in touch are told, in words. Who writes is added by the house."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ressort.core.notify.kinds import MessageKind, Text
from ressort.core.notify.models import Channel
from ressort.services.controlroom.contacts.models import Enquiry
from ressort.web import words


@dataclass(frozen=True, slots=True)
class Told:
    """A contact as a message tells it."""

    enquiry: Enquiry
    subject: str
    answer: str = ""


def noted(told: Told) -> Text:
    """Confirm: the number, before when an answer comes."""
    named = {
        "code": told.enquiry.code,
        "what": told.subject,
        "day": words.day(told.enquiry.due.astimezone(ZoneInfo(settings.TIME_ZONE))),
    }
    return _text(
        _("Nous avons noté votre demande"),
        [
            _("Votre demande : %(what)s") % named,
            _("Numéro à nous redire si vous rappelez : %(code)s.") % named,
            _("Vous aurez une réponse avant le %(day)s.") % named,
        ],
        _("demande notée, numéro %(code)s. Réponse avant le %(day)s.") % named,
    )


def answered(told: Told) -> Text:
    """Give the answer."""
    named = {"code": told.enquiry.code, "what": told.subject, "answer": told.answer}
    return _text(
        _("Réponse à votre demande"),
        [
            _("Votre demande : %(what)s") % named,
            _("Réponse :\n%(answer)s") % named,
            _("Numéro : %(code)s.") % named,
        ],
        _("réponse à votre demande %(code)s : %(answer)s") % named,
    )


def _text(title: str, lines: list[str], short: str) -> Text:
    if (get_language() or "fr").startswith("fr"):
        title, short, lines = words.typo(title), words.typo(short), [words.typo(line) for line in lines]
    return Text(title, "\n\n".join(lines), short)


_FAMILY = gettext_lazy("Vos demandes à l'accueil : notées, répondues")
_BY = (Channel.EMAIL, Channel.SMS, Channel.LETTER)

MESSAGES = (
    MessageKind("controlroom.enquiry_noted", "controlroom.enquiry", _FAMILY, noted, by=_BY),
    MessageKind("controlroom.enquiry_answered", "controlroom.enquiry", _FAMILY, answered, by=_BY),
)
