"""What crews and those who order are told, in words. Who writes and the link are added by the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import allowed
from ressort.core.notify.kinds import MessageKind, Text
from ressort.core.notify.models import Channel
from ressort.services.controlroom.orders.models import WorkOrder
from ressort.web import words

_CUT = 50  # characters of a title in an SMS


@dataclass(frozen=True, slots=True)
class Told:
    """An order as a message tells it: what happened, and why when somebody said so."""

    order: WorkOrder
    deed: str
    why: str = ""


_CREW = {
    "assigned": gettext_lazy("Intervention à faire : %(what)s"),
    "changed": gettext_lazy("Intervention modifiée : %(what)s"),
    "returned": gettext_lazy("Intervention à reprendre : %(what)s"),
    "unassigned": gettext_lazy("Intervention qui n'est plus à vous : %(what)s"),
    "cancelled": gettext_lazy("Intervention annulée : %(what)s"),
}
_DESK = {
    "declined": gettext_lazy("Intervention refusée par l'équipe : %(what)s"),
    "failed": gettext_lazy("Intervention impossible : %(what)s"),
    "noted": gettext_lazy("Mot tardif d'une équipe : %(what)s"),
}


def to_crew(told: Told) -> Text:
    """Tell somebody of a crew."""
    order = told.order
    gone = told.deed in {"unassigned", "cancelled"}
    link = (
        reverse("controlroom:crew_today") if gone else reverse("controlroom:crew_work", args=[order.number])
    )
    lines = [] if gone else [_("À faire avant le %(when)s.") % {"when": _moment(order)}]
    if order.address and not gone:
        lines.append(_("Lieu : %(where)s") % {"where": order.address})
    return _text(_CREW[told.deed], told, lines, link)


def to_desk(told: Told) -> Text:
    """Tell whoever made the order."""
    return _text(_DESK[told.deed], told, [], reverse("controlroom:work", args=[told.order.number]))


def _moment(order: WorkOrder) -> str:
    due = localtime(order.due)
    return f"{words.day(due)}, {words.hour(due)}"


def _text(title: object, told: Told, lines: list[str], link: str) -> Text:
    order = told.order
    what = order.title if len(order.title) <= _CUT else f"{order.title[: _CUT - 1].rstrip()}."
    said = [f"{str(title) % {'what': order.title}} ({order.number}).", *lines]
    if told.why:
        said.append(_("Raison : %(why)s") % {"why": told.why})
    head, short = str(title) % {"what": order.title}, str(title) % {"what": what}
    if (get_language() or "fr").startswith("fr"):
        head, short, said = words.typo(head), words.typo(short), [words.typo(one) for one in said]
    return Text(head, "\n\n".join(said), short, link, _("Ouvrir l'intervention"))


def _concerns(user: Any) -> bool:
    """Whoever is in a crew, or may ask one to come."""
    return bool(allowed(user, "controlroom.work.order")) or user.crews.exists()


_FAMILY = gettext_lazy("Interventions confiées à votre équipe, ou que vous avez demandées")
_BY = (Channel.EMAIL, Channel.SMS, Channel.PUSH)

MESSAGES = (
    MessageKind("controlroom.work_crew", "controlroom.work", _FAMILY, to_crew, by=_BY, concerns=_concerns),
    MessageKind("controlroom.work_desk", "controlroom.work", _FAMILY, to_desk, by=_BY, concerns=_concerns),
)
