"""What this part keeps of a person, in words: for « Mes données »."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ressort.services.controlroom.duty.cascade_models import Cascade, CascadeStep
from ressort.services.controlroom.duty.models import DutyContact, DutyReplacement, DutyTurn
from ressort.services.controlroom.duty.shift_models import Handover, Presence

type Rows = list[dict[str, Any]]


def export(pid: str) -> dict[str, Rows]:
    """Return a person's turns, what they were called for and answered, their desks and handovers."""
    mine = DutyContact.objects.filter(user__pid=pid)
    return {
        "controlroom.DutyContact": [
            {_("Nom"): one.name, _("Téléphone"): one.phone, _("Adresse électronique"): one.email,
             _("Prévenu par"): str(one.get_by_display())}
            for one in mine
        ],
        "controlroom.DutyTurn": [
            {_("Astreinte"): one.line.name, _("Rang"): one.rank, _("Du"): one.starts, _("Au"): one.ends}
            for one in DutyTurn.objects.filter(contact__in=mine).select_related("line")
        ],
        "controlroom.DutyReplacement": [
            {_("Astreinte"): one.turn.line.name, _("Du"): one.starts, _("Au"): one.ends}
            for one in DutyReplacement.objects.filter(contact__in=mine).select_related("turn__line")
        ],
        "controlroom.Cascade": [
            {_("Astreinte"): one.line.name, _("Appelée"): one.started, _("Pourquoi"): one.why}
            for one in Cascade.objects.filter(started_by__pid=pid).select_related("line")
        ],
        "controlroom.CascadeStep": [
            {_("Astreinte"): one.cascade.line.name, _("Appelé"): one.told,
             _("Réponse"): str(one.get_state_display()), _("Précision"): one.note}
            for one in CascadeStep.objects.filter(contact__in=mine).select_related("cascade__line")
        ],
        "controlroom.Presence": [
            {_("Pupitre"): one.desk, _("Arrivée"): one.came, _("Départ"): one.left}
            for one in Presence.objects.filter(user__pid=pid)
        ],
        "controlroom.Handover": [
            {_("Consignes"): one.notes if one.by and one.by.pid == pid else "", _("Écrites"): one.written,
             _("Relève prise"): one.taken}
            for one in (Handover.objects.filter(by__pid=pid) | Handover.objects.filter(taken_by__pid=pid)).select_related("by")
        ],
    }  # fmt: skip
