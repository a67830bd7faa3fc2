"""Tables of the control room, by part."""

from ressort.services.controlroom.alarms.models import Alarm, Rule
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
    "Alarm",
    "Alert",
    "Attachment",
    "Incident",
    "Involved",
    "Line",
    "Numbering",
    "Playbook",
    "Rule",
    "Run",
    "Situation",
    "StepDone",
    "Todo",
]
