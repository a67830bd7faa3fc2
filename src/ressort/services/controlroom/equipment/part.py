"""What the equipment tells the house: its share of the service's manifest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR, ONLOOKERS, OPERATOR
from ressort.core.registry import MapLayer, MenuItem, Periodic, Task, Watch
from ressort.services.controlroom.equipment import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.equipment import words as words  # noqa: PLC0414 - declares the states

POLICY: dict[str, dict[str, str]] = {
    "controlroom.equipment.see": dict.fromkeys(ONLOOKERS, "any"),
    "controlroom.equipment.manage": {ADMINISTRATOR: "organisation"},
    "controlroom.equipment.maintain": {OPERATOR: "organisation", ADMINISTRATOR: "organisation"},
    "controlroom.command.see": {OPERATOR: "any", ADMINISTRATOR: "any"},
    "controlroom.command.ask": {OPERATOR: "organisation"},
    "controlroom.command.approve": {OPERATOR: "organisation"},
    "controlroom.emergency.declare": {OPERATOR: "any"},
}

MENU = (
    MenuItem(_("Carte des équipements"), "controlroom:board", "controlroom.equipment.see", "map"),
    MenuItem(_("Commandes en cours"), "controlroom:commands", "controlroom.command.see", "play"),
    MenuItem(_("Équipements"), "controlroom:equipment", "controlroom.equipment.see", "list", daily=False),
    MenuItem(_("Revoir un moment"), "web:past", "journal.see", "undo", daily=False),
)
_TILES = "/tiles/equipements/{}/{{z}}/{{x}}/{{y}}.pbf"
_SOURCE = "/api/v1/controlroom/equipment.geojson?kind="


def _layer(key: str, label: Any, kinds: str, shape: str, hue: str) -> MapLayer:
    # tens of thousands of lights are read again now and then; the others move by themselves
    topic = "kind:controlroom" if key == "lights" else f"latest:controlroom.{key}"
    return MapLayer(
        f"equipment-{key}",
        label,
        _SOURCE + kinds,
        "controlroom.equipment.see",
        shape,
        hue,
        topic,
        past=True,
        tiles=_TILES.format(kinds) if key == "lights" else "",
    )


LAYERS = (
    _layer("signals", _("Carrefours à feux"), "signal_junction", "square", "service"),
    _layer("bollards", _("Bornes et sirènes"), "bollard,siren", "square", "warn"),
    _layer("lights", _("Éclairage, panneaux"), "street_light,cabinet,message_sign", "circle", "service"),
    _layer(
        "sensors",
        _("Capteurs et compteurs"),
        "traffic_counter,air_sensor,car_park,camera,vehicle,building_alarm",
        "circle",
        "info",
    ),
)
TOPICS = {
    **{layer.topic: layer.verb for layer in LAYERS},
    "kind:controlroom.command": "controlroom.command.see",
}


def _tick() -> None:
    from ressort.services.controlroom.equipment import holding

    holding.tick()


def _publish(arrivals: Any) -> None:
    from ressort.services.controlroom.equipment import queries

    queries.publish(arrivals)


def erase(pid: str) -> None:
    """Erase what is kept of a person."""
    from ressort.services.controlroom.equipment import erasing

    erasing.erase(pid)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what is kept of a person."""
    from ressort.services.controlroom.equipment import queries

    return queries.export(pid)


def command_link(asset: str, order: str, *, reason: str, back: str) -> str | None:
    """Return the address of the form that asks a piece of equipment for something."""
    from ressort.services.controlroom.equipment import linking

    return linking.link(asset, order, reason=reason, back=back)


def places() -> Any:
    """Return where devices stand: rows with ``device``, ``name``, ``lon`` and ``lat``."""
    from ressort.services.controlroom.equipment import queries

    return queries.places()


def _confirm(arrivals: Any) -> None:
    from ressort.services.controlroom.equipment import sending

    sending.confirm(arrivals)


def _judge(arrivals: Any) -> None:
    from ressort.services.controlroom.equipment import witnessing

    witnessing.judge(arrivals)


WATCHES = (
    Watch("controlroom.commands", _confirm),
    Watch("controlroom.witnesses", _judge),
    Watch("controlroom.map", _publish),
)
PERIODIC = (Periodic("controlroom.commands", 1.0, _tick),)


def then(user: Any, at: datetime) -> Iterable[Task]:
    """Return the commands that had just been asked at a past moment."""
    from ressort.services.controlroom.equipment import past

    return past.then(user, at)
