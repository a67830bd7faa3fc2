"""Tables of the control room, by part."""

from ressort.services.controlroom.incidents.models import (
    Attachment,
    Incident,
    Involved,
    Line,
    Numbering,
    Todo,
)
from ressort.services.controlroom.incidents.playbook_models import Playbook, Run, StepDone
from ressort.services.controlroom.incidents.situation_models import Alert, Situation

__all__ = [
    "Alert",
    "Attachment",
    "Incident",
    "Involved",
    "Line",
    "Numbering",
    "Playbook",
    "Run",
    "Situation",
    "StepDone",
    "Todo",
]
