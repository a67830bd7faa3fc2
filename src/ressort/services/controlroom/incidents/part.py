"""What incidents, playbooks and situations bring to the manifest of the control room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import (
    ADMINISTRATOR,
    AGENT,
    DISPATCHER,
    DRIVER,
    OBSERVER,
    ONLOOKERS,
    OPERATOR,
    PUBLIC,
)
from ressort.core.registry import MapLayer, MenuItem, Periodic, Reaction, Task
from ressort.services.controlroom.incidents import events as events  # noqa: PLC0414 - declares them
from ressort.services.controlroom.incidents import words as words  # noqa: PLC0414 - declares the states

_OURS = {
    AGENT: "organisation",
    DISPATCHER: "organisation",
    OPERATOR: "organisation",
    ADMINISTRATOR: "organisation",
}
_HANDLERS = {OPERATOR: "organisation", ADMINISTRATOR: "organisation"}

POLICY: dict[str, dict[str, str]] = {
    # verb                        role: scope
    "controlroom.incident.see": {OBSERVER: "organisation", **_OURS},
    "controlroom.incident.open": _OURS,
    "controlroom.incident.read": dict.fromkeys(
        (DRIVER, *ONLOOKERS), "any"
    ),  # and what is shared, checked one by one
    "controlroom.incident.handle": _HANDLERS,
    "controlroom.playbook.see": _OURS,
    "controlroom.playbook.write": {ADMINISTRATOR: "organisation"},
    "controlroom.situation.see": dict.fromkeys(ONLOOKERS, "any"),
    "controlroom.situation.declare": _HANDLERS,
    "controlroom.situation.report": _OURS,
    "controlroom.alert.see": {PUBLIC: "any"},
}

MENU = (
    MenuItem(_("Incidents"), "controlroom:incidents", "controlroom.incident.see", "alert"),
    MenuItem(_("Procédures"), "controlroom:playbooks", "controlroom.playbook.see", "book", daily=False),
    MenuItem(_("Situations"), "controlroom:situations", "controlroom.situation.see", "bell"),
)

LAYERS = (
    MapLayer(
        "incidents",
        _("Incidents ouverts"),
        "/api/v1/controlroom/incidents.geojson",
        "controlroom.incident.see",
        "square",
        "bad",
        "kind:controlroom.incident",
    ),
)

TOPICS = {
    "kind:controlroom": "controlroom.incident.see",
    "kind:controlroom.incident": "controlroom.incident.see",
}


def tasks(user: Any) -> Iterable[Task]:
    """Yield what waits for this person of the control room."""
    from ressort.services.controlroom.incidents import tasks as waiting

    return waiting.waiting(user)


def erase(pid: str) -> None:
    """Erase what this part keeps of a person."""
    from ressort.services.controlroom.incidents.actions import erasing

    erasing.erase(pid)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what this part keeps of a person."""
    from ressort.services.controlroom.incidents import exporting

    return exporting.export(pid)


def banner() -> dict[str, Any] | None:
    """Return what every page announces."""
    from ressort.services.controlroom.incidents import announced

    return announced.banner()


def _ring() -> None:
    from ressort.services.controlroom.incidents.actions import running

    running.ring()


def _launch(event: Any) -> None:
    from ressort.services.controlroom.incidents import launching

    launching.react(event)


def presets() -> Any:
    """Return the playbooks that begin with a situation."""
    from ressort.services.controlroom.incidents import launching

    return launching.presets()


REACTIONS = (Reaction("controlroom.playbooks_of_situations", "controlroom.situation.opened", _launch),)
PERIODIC = (Periodic("controlroom.playbooks", 3.0, _ring),)


def then(user: Any, at: datetime) -> Iterable[Task]:
    """Return the incidents that were open at a past moment."""
    from ressort.services.controlroom.incidents import past

    return past.then(user, at)
