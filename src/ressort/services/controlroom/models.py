"""Tables of the control room, by part."""

from ressort.services.controlroom.alarms.models import Alarm, Rule
from ressort.services.controlroom.bundles.models import Bundle, BundleRhythm, PaperSheet
from ressort.services.controlroom.clearances.models import Clearance, Restriction
from ressort.services.controlroom.contacts.models import Enquiry, EnquiryPerson
from ressort.services.controlroom.corridors.models import Corridor, CorridorItem
from ressort.services.controlroom.driving.models import Address, Wiring
from ressort.services.controlroom.duty.cascade_models import Cascade, CascadeStep
from ressort.services.controlroom.duty.models import (
    AutoCall,
    DutyContact,
    DutyLine,
    DutyReplacement,
    DutyTurn,
)
from ressort.services.controlroom.duty.shift_models import Handover, Presence
from ressort.services.controlroom.equipment.models import Asset, Command, Emergency, Order, SimulatedDevice
from ressort.services.controlroom.equipment.witness_models import Witness
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
from ressort.services.controlroom.orders.models import (
    Crew,
    CrewMember,
    WorkNumber,
    WorkOrder,
    WorkPhoto,
    WorkStep,
)
from ressort.services.controlroom.plan.models import PlanEntry
from ressort.services.controlroom.reports.models import (
    Follower,
    Report,
    ReportCategory,
    ReportPhoto,
    ReportStep,
    ReportWords,
)
from ressort.services.controlroom.shadow.models import Proposal, Reflex, Trial

__all__ = [
    "Address",
    "Alarm",
    "Alert",
    "Asset",
    "Attachment",
    "AutoCall",
    "Bundle",
    "BundleRhythm",
    "Cascade",
    "CascadeStep",
    "Clearance",
    "Command",
    "Corridor",
    "CorridorItem",
    "Crew",
    "CrewMember",
    "DutyContact",
    "DutyLine",
    "DutyReplacement",
    "DutyTurn",
    "Emergency",
    "Enquiry",
    "EnquiryPerson",
    "Follower",
    "Handover",
    "Incident",
    "Involved",
    "Line",
    "Numbering",
    "Order",
    "PaperSheet",
    "PlanEntry",
    "Playbook",
    "Presence",
    "Proposal",
    "Reflex",
    "Report",
    "ReportCategory",
    "ReportPhoto",
    "ReportStep",
    "ReportWords",
    "Restriction",
    "Rule",
    "Run",
    "SimulatedDevice",
    "Situation",
    "StepDone",
    "Todo",
    "Trial",
    "Wiring",
    "Witness",
    "WorkNumber",
    "WorkOrder",
    "WorkPhoto",
    "WorkStep",
]
