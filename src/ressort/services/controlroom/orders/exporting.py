"""What this part keeps of a person, in words: for « Mes données »."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ressort.services.controlroom.orders import words
from ressort.services.controlroom.orders.models import CrewMember, WorkOrder, WorkPhoto, WorkStep

type Rows = list[dict[str, Any]]


def export(pid: str) -> dict[str, Rows]:
    """Return the crews of a person, the orders they made, what they did and photographed."""
    return {
        "controlroom.CrewMember": [
            {_("Équipe"): one.crew.name, _("Depuis"): one.since}
            for one in CrewMember.objects.filter(user__pid=pid).select_related("crew")
        ],
        "controlroom.WorkOrder": [
            {_("Numéro"): one.number, _("Intervention"): one.title, _("Préparée"): one.created}
            for one in WorkOrder.objects.filter(created_by__pid=pid).order_by("pk")
        ],
        "controlroom.WorkStep": [
            {
                _("Intervention"): one.order.number,
                _("Étape"): words.step(one.deed, one.crew.name if one.crew else ""),
                _("Le"): one.at,
                _("Texte"): one.text,
            }
            for one in WorkStep.objects.filter(by__pid=pid).select_related("order", "crew")
        ],
        "controlroom.WorkPhoto": [
            {_("Intervention"): one.order.number, _("Photo"): one.name, _("Le"): one.at}
            for one in WorkPhoto.objects.filter(by__pid=pid, removed=None).select_related("order")
        ],
    }
