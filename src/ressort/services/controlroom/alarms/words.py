"""Alarms as people see them: states and severities."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.web import states
from ressort.web.states import State

STATES = {
    "alarm.open": State(_("À prendre"), "warn", "ring-dashed", outline=True),
    "alarm.taken": State(_("Prise"), "info", "half"),
    "alarm.shelved": State(_("De côté"), "idle", "hourglass", outline=True),
    "alarm.over": State(_("Finie"), "idle", "check"),
    "severity.1": State(_("Mineure"), "idle", "chevron-down"),
    "severity.2": State(_("Normale"), "info", "dot"),
    "severity.3": State(_("Majeure"), "warn", "chevron-up"),
    "severity.4": State(_("Critique"), "bad", "alert"),
    "rule.active": State(_("Au travail"), "ok", "dot"),
    "rule.shadow": State(_("À l'essai"), "info", "eye", outline=True),
    "rule.off": State(_("Arrêtée"), "idle", "minus"),
}
states.declare(STATES)
