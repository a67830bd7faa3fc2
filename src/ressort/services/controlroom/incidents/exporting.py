"""What this part keeps of a person, in words: for « Mes données »."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ressort.services.controlroom.incidents.models import Attachment, Incident, Line, Todo
from ressort.services.controlroom.incidents.playbook_models import StepDone

type Rows = list[dict[str, Any]]


def export(pid: str) -> dict[str, Rows]:
    """Return the incidents a person took, and what they wrote, joined and did on incidents."""
    return {
        "controlroom.Incident": [
            {_("Numéro"): one.number, _("Titre"): one.title, _("Pris en charge"): one.taken}
            for one in Incident.objects.filter(taken_by__pid=pid).order_by("pk")
        ],
        "controlroom.Line": [
            {_("Incident"): one.incident.number, _("Écrit"): one.written, _("Texte"): one.text}
            for one in Line.objects.filter(by__pid=pid).select_related("incident")
        ],
        "controlroom.Todo": [
            {_("Incident"): one.incident.number, _("Tâche"): one.text, _("Fait"): one.done}
            for one in Todo.objects.filter(done_by__pid=pid).select_related("incident")
        ],
        "controlroom.Attachment": [
            {_("Incident"): one.incident.number, _("Fichier"): one.name, _("Joint"): one.at}
            for one in Attachment.objects.filter(by__pid=pid).select_related("incident")
        ],
        "controlroom.StepDone": [
            {
                _("Incident"): one.incident.number,
                _("Étape"): one.step + 1,
                _("Fait"): one.at,
                _("Précision"): one.note,
            }
            for one in StepDone.objects.filter(by__pid=pid).select_related("incident")
        ],
    }
