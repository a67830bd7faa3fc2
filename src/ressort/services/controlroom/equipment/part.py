"""What the equipment tells the house: its share of the service's manifest."""

from __future__ import annotations

from typing import Any

from ressort.core.accounts.policy import ADMINISTRATOR, OPERATOR, STAFF
from ressort.core.registry import MapLayer, MenuItem, Periodic, Watch
from ressort.services.controlroom.equipment import events as events  # noqa: PLC0414 - declares the kinds

POLICY: dict[str, dict[str, str]] = {
    "controlroom.equipment.see": dict.fromkeys(STAFF, "any"),
    "controlroom.equipment.manage": {ADMINISTRATOR: "organisation"},
    "controlroom.equipment.maintain": {OPERATOR: "organisation", ADMINISTRATOR: "organisation"},
    "controlroom.command.see": {OPERATOR: "any", ADMINISTRATOR: "any"},
    "controlroom.command.ask": {OPERATOR: "organisation"},
    "controlroom.command.approve": {OPERATOR: "organisation"},
    "controlroom.emergency.declare": {OPERATOR: "any"},
}

MENU: tuple[MenuItem, ...] = ()
LAYERS: tuple[MapLayer, ...] = ()
TOPICS = {
    "latest:controlroom.equipment": "controlroom.equipment.see",
    "kind:controlroom.command": "controlroom.command.see",
    "kind:controlroom": "controlroom.equipment.see",
}


def _tick() -> None:
    from ressort.services.controlroom.equipment import holding

    holding.tick()


def _confirm(arrivals: Any) -> None:
    from ressort.services.controlroom.equipment import sending

    sending.confirm(arrivals)


WATCHES = (Watch("controlroom.commands", _confirm),)
PERIODIC = (Periodic("controlroom.commands", 1.0, _tick),)
