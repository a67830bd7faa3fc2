"""What is kept of a person by the alarms."""

from __future__ import annotations

from typing import Any

from ressort.services.controlroom.alarms.models import Alarm


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return the alarms that a person took."""
    rows = Alarm.objects.filter(taken_by__pid=pid).select_related("rule", "device").order_by("pk")
    return {
        Alarm._meta.label: [  # noqa: SLF001
            {"rule": one.rule.name, "device": one.device.code, "taken": one.taken, "why": one.why} for one in rows
        ]
    }
