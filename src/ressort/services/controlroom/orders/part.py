"""What work orders bring to the manifest of the control room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR, AGENT, DISPATCHER, OPERATOR, RIDER
from ressort.core.registry import MapLayer, MenuItem, Reaction, Task
from ressort.services.controlroom.orders import words as words  # noqa: PLC0414 - declares the states
from ressort.services.controlroom.orders.actions import erasing as erasing  # noqa: PLC0414 - follows photos that go
from ressort.services.controlroom.orders.events import FOLLOWED, TOLD  # also declares the kinds of events
from ressort.services.controlroom.orders.messages import MESSAGES as MESSAGES  # noqa: PLC0414

_HANDLERS = {OPERATOR: "organisation", ADMINISTRATOR: "organisation"}

POLICY: dict[str, dict[str, str]] = {
    # verb                     role: scope
    "controlroom.work.see": dict.fromkeys((AGENT, DISPATCHER, OPERATOR, ADMINISTRATOR), "organisation"),
    "controlroom.work.order": _HANDLERS,
    # whoever has an account, on what is given to a crew of theirs; operators note for a crew that telephones
    "controlroom.work.do": {RIDER: "own", **_HANDLERS},
    "controlroom.crew.manage": _HANDLERS,
}

MENU = (MenuItem(_("Interventions"), "controlroom:works", "controlroom.work.see", "tools"),)

LAYERS = (
    MapLayer(
        "works",
        _("Interventions"),
        "/api/v1/controlroom/works.geojson",
        "controlroom.work.see",
        "square",
        "warn",
        "kind:controlroom.work",
        visible=False,
    ),
)
TOPICS = {"kind:controlroom.work": "controlroom.work.see"}


def tasks(user: Any) -> Iterable[Task]:
    """Yield what waits for a person of the control room."""
    from ressort.services.controlroom.orders import glance

    return glance.waiting(user)


def follow(user: Any) -> list[dict[str, Any]]:
    """Return what a person's crews have to do, for « Mes suivis »."""
    from ressort.services.controlroom.orders import glance

    return glance.mine(user)


def crew(user: Any) -> tuple[str, str]:
    """Return the crews of somebody in words, and the page of their work."""
    from ressort.services.controlroom.orders import glance

    return glance.crew(user)


def erase(pid: str) -> None:
    """Erase what this part keeps of a person."""
    erasing.erase(pid)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what this part keeps of a person."""
    from ressort.services.controlroom.orders import exporting

    return exporting.export(pid)


def _tell(event: Any) -> None:
    from ressort.services.controlroom.orders.actions import telling

    telling.react(event)


def _follow(event: Any) -> None:
    from ressort.services.controlroom.orders.actions import following

    following.react(event)


REACTIONS = (
    Reaction("controlroom.work_messages", TOLD, _tell),
    Reaction("controlroom.work_follows", FOLLOWED, _follow),
)
