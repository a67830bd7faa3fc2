"""What alarms bring to the manifest of the control room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR, ONLOOKERS, OPERATOR
from ressort.core.registry import MenuItem, Periodic, Task, Watch
from ressort.services.controlroom.alarms import events as events  # noqa: PLC0414 - declares them
from ressort.services.controlroom.alarms import words as words  # noqa: PLC0414 - declares the states

POLICY: dict[str, dict[str, str]] = {
    "controlroom.alarm.see": dict.fromkeys(ONLOOKERS, "any"),
    "controlroom.alarm.treat": {OPERATOR: "any", ADMINISTRATOR: "any"},
    "controlroom.rule.see": dict.fromkeys(ONLOOKERS, "any"),
    "controlroom.rule.write": {OPERATOR: "any", ADMINISTRATOR: "any"},
}

MENU = (
    MenuItem(_("Alarmes"), "controlroom:alarms", "controlroom.alarm.see", "bell"),
    MenuItem(_("Règles d'alarme"), "controlroom:rules", "controlroom.rule.see", "filter", daily=False),
)

TOPICS = {"kind:controlroom.alarm": "controlroom.alarm.see"}


def _observed(arrivals: Any) -> None:
    from ressort.services.controlroom.alarms import working

    working.observed(arrivals)


def _tick() -> None:
    from ressort.services.controlroom.alarms import working

    working.tick()


def tasks(user: Any) -> Iterable[Task]:
    """Yield the alarms that nobody has taken."""
    from ressort.services.controlroom.alarms import queries

    return queries.waiting(user)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what this part keeps of a person."""
    from ressort.services.controlroom.alarms import exporting

    return exporting.export(pid)


def _habits() -> None:
    from ressort.services.controlroom.alarms import working

    working.look_at_habits()


WATCHES = (Watch("controlroom.alarms", _observed),)
PERIODIC = (
    Periodic("controlroom.alarms", 2.0, _tick),
    Periodic("controlroom.habits", 30.0, _habits),
)


def then(user: Any, at: datetime) -> Iterable[Task]:
    """Return the alarms that were raised and not over at a past moment."""
    from ressort.services.controlroom.alarms import past

    return past.then(user, at)
