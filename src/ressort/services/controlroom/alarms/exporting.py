"""What is kept of a person by the alarms."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ressort.services.controlroom.alarms.models import Alarm


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return the alarms that a person took."""
    rows = Alarm.objects.filter(taken_by__pid=pid).select_related("rule", "device").order_by("pk")
    return {
        "controlroom.Alarm": [
            {
                _("Règle"): one.rule.name,
                _("Capteur"): one.device.code,
                _("Prise"): one.taken,
                _("Pourquoi"): one.why,
            }
            for one in rows
        ]
    }
