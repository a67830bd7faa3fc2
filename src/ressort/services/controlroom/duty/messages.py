"""What people on duty are told, in words. Who writes and the link are added by the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ressort.core.notify.kinds import MessageKind, Text
from ressort.core.notify.models import Channel
from ressort.services.controlroom.duty.cascade_models import Cascade, CascadeStep
from ressort.services.controlroom.duty.models import DutyContact
from ressort.web import words

_CUT = 70  # characters of what happens, in an SMS


@dataclass(frozen=True, slots=True)
class Called:
    """A call as a message tells it."""

    cascade: Cascade
    step: CascadeStep | None = None
    until: datetime | None = None
    who: str = ""


def _named(told: Called) -> dict[str, str]:
    about = told.cascade.about
    place = told.cascade.incident.address if told.cascade.incident else ""
    return {
        "line": told.cascade.line.name,
        "what": about,
        "cut": about if len(about) <= _CUT else f"{about[: _CUT - 1].rstrip()}.",
        "place": place,
        "hour": words.hour(localtime(told.until)) if told.until else "",
        "who": told.who,
    }


def _text(told: Called, title: str, lines: list[str], short: str, link: str, call: str, code: str) -> Text:
    if told.cascade.exercise:
        title, short = f"EXERCICE – {title}", f"EXERCICE {short}"
        lines = [_("EXERCICE : ceci n'est pas réel. Répondez comme si ce l'était."), *lines]
    body = "\n\n".join(line for line in lines if line)
    if (get_language() or "fr").startswith("fr"):
        title, short = words.typo(title), words.typo(short)
        body = "\n\n".join(words.typo(line) for line in body.split("\n\n"))
    return Text(title, body, short, link, call, code)


def call(told: Called) -> Text:
    """Call somebody: what happens, where, until when one waits for an answer."""
    named, step = _named(told), told.step
    code = step.code if step else ""
    more = told.cascade.why if told.cascade.why != named["what"] else ""
    return _text(
        told,
        _("Astreinte « %(line)s » : on vous appelle") % named,
        [
            _("%(what)s") % named,
            (_("Lieu : %(place)s") % named) if named["place"] else "",
            more,
            _("Dites avant %(hour)s si vous vous en chargez. Sans réponse, la personne suivante est appelée.")
            % named,
        ],
        _("%(line)s : %(cut)s. Répondez avant %(hour)s") % named,
        reverse("controlroom:duty_answer", args=[code]),
        _("Répondre : je m'en charge, ou je ne peux pas"),
        code,
    )


def exhausted(told: Called) -> Text:
    """Tell whoever called, and the chief, that nobody answered."""
    named = _named(told)
    return _text(
        told,
        _("Astreinte « %(line)s » : personne n'a répondu") % named,
        [
            _("%(what)s") % named,
            (_("Lieu : %(place)s") % named) if named["place"] else "",
            _("Tous les rangs ont été appelés, sans réponse. Joignez quelqu'un autrement, ou appelez une autre astreinte."),
        ],
        _("%(line)s : PERSONNE n'a répondu (%(cut)s)") % named,
        reverse("controlroom:cascade", args=[told.cascade.pid]),
        _("Voir l'appel"),
        "",
    )  # fmt: skip


def settled(told: Called) -> Text:
    """Tell those who were called that somebody sees to it: they may go back to sleep."""
    named = _named(told)
    return _text(
        told,
        _("Astreinte « %(line)s » : quelqu'un s'en charge") % named,
        [
            _("%(what)s") % named,
            _("%(who)s s'en charge. Vous n'avez plus rien à faire.") % named,
        ],
        _("%(line)s : quelqu'un s'en charge (%(cut)s)") % named,
        "",
        "",
        "",
    )


def _concerns(user: Any) -> bool:
    """Whoever can be called: they stand in the book of a line."""
    return DutyContact.objects.filter(user=user, left__isnull=True).exists()


_FAMILY = gettext_lazy("Vos astreintes : on vous appelle")
_BY = (Channel.EMAIL, Channel.SMS, Channel.PUSH)

MESSAGES = (
    MessageKind(
        "controlroom.duty_call", "controlroom.duty", _FAMILY, call, urgent=True, by=_BY, concerns=_concerns
    ),
    MessageKind(
        "controlroom.duty_exhausted",
        "controlroom.duty",
        _FAMILY,
        exhausted,
        urgent=True,
        by=_BY,
        concerns=_concerns,
    ),
    MessageKind(
        "controlroom.duty_settled",
        "controlroom.duty",
        _FAMILY,
        settled,
        urgent=True,
        by=_BY,
        concerns=_concerns,
    ),
)
