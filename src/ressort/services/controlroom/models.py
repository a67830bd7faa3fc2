"""Tables of the control room, by part."""

from ressort.services.controlroom.alarms.models import Alarm, Rule
from ressort.services.controlroom.equipment.models import Asset, Command, Emergency, Order, SimulatedDevice
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
from ressort.services.controlroom.reports.models import (
    Follower,
    Report,
    ReportCategory,
    ReportPhoto,
    ReportStep,
    ReportWords,
)

__all__ = [
    "Alarm",
    "Alert",
    "Asset",
    "Attachment",
    "Command",
    "Emergency",
    "Follower",
    "Incident",
    "Involved",
    "Line",
    "Numbering",
    "Order",
    "Playbook",
    "Report",
    "ReportCategory",
    "ReportPhoto",
    "ReportStep",
    "ReportWords",
    "Rule",
    "Run",
    "SimulatedDevice",
    "Situation",
    "StepDone",
    "Todo",
]
