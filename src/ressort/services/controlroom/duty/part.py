"""What people on duty bring to the manifest of the control room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR, AGENT, DISPATCHER, OPERATOR, PUBLIC
from ressort.core.registry import MenuItem, Periodic, Reaction, Task
from ressort.services.controlroom.duty import events as events  # noqa: PLC0414 - declares them
from ressort.services.controlroom.duty import words as words  # noqa: PLC0414 - declares the states
from ressort.services.controlroom.duty.messages import MESSAGES as MESSAGES  # noqa: PLC0414

_OURS = dict.fromkeys((AGENT, DISPATCHER, OPERATOR, ADMINISTRATOR), "organisation")
_CALLERS = dict.fromkeys((DISPATCHER, OPERATOR, ADMINISTRATOR), "organisation")
_ROOM = dict.fromkeys((OPERATOR, ADMINISTRATOR), "organisation")

POLICY: dict[str, dict[str, str]] = {
    # verb                        role: scope
    "controlroom.duty.see": _OURS,
    "controlroom.duty.plan": _ROOM,
    "controlroom.duty.manage": {ADMINISTRATOR: "organisation"},
    "controlroom.duty.call": _CALLERS,
    "controlroom.duty.answer": {PUBLIC: "any"},  # whoever has the code of a call
    "controlroom.floor.see": _OURS,
    "controlroom.floor.take": _OURS,
    "controlroom.handover.see": _CALLERS,
    "controlroom.handover.write": _ROOM,
}

MENU = (
    MenuItem(_("Astreintes"), "controlroom:duty", "controlroom.duty.see", "phone"),
    MenuItem(_("En salle, relève"), "controlroom:floor", "controlroom.floor.see", "people"),
)

TOPICS = {
    "kind:controlroom.cascade": "controlroom.duty.see",
    "kind:controlroom.duty": "controlroom.duty.see",
    "kind:controlroom.floor": "controlroom.floor.see",
    "kind:controlroom.handover": "controlroom.handover.see",
}


def _ring() -> None:
    from ressort.services.controlroom.duty.actions import calling

    calling.ring()


def _escalated(event: Any) -> None:
    from ressort.services.controlroom.duty.actions import calling

    calling.alarm_escalated(event)


PERIODIC = (Periodic("controlroom.duty", 3.0, _ring),)
REACTIONS = (Reaction("controlroom.duty_alarms", "controlroom.alarm.escalated", _escalated),)


def call_line(line: str, *, incident: str = "", alarm: int | None = None, why: str = "") -> str:
    """Call a line of duty by its name or id; return the id of the call, nothing if it is not called."""
    from ressort.services.controlroom.duty.actions import calling

    return calling.call_line(line, incident=incident, alarm=alarm, why=why)


def find_by_code(code: str) -> str | None:
    """Return the page on which somebody called answers."""
    from ressort.services.controlroom.duty import pages_answer

    return pages_answer.find_by_code(code)


def tasks(user: Any) -> Iterable[Task]:
    """Yield the calls that nobody answered, and the handover that waits."""
    from ressort.services.controlroom.duty import glance

    return glance.waiting(user)


def then(user: Any, at: datetime) -> Iterable[Task]:
    """Yield the calls that were under way at a past moment."""
    from ressort.services.controlroom.duty import glance

    return glance.then(user, at)


def erase(pid: str) -> None:
    """Erase what this part keeps of a person."""
    from ressort.services.controlroom.duty.actions import erasing

    erasing.erase(pid)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what this part keeps of a person."""
    from ressort.services.controlroom.duty import exporting

    return exporting.export(pid)
