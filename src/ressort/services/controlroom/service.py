"""What the control room tells the house about itself: the sum of its parts.

A part is a module that declares what it brings, under the names below; what it leaves out, it does not bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.registry import Service, Task
from ressort.services.controlroom.alarms import part as alarms
from ressort.services.controlroom.bundles import part as bundles
from ressort.services.controlroom.clearances import part as clearances
from ressort.services.controlroom.contacts import part as contacts
from ressort.services.controlroom.corridors import part as corridors
from ressort.services.controlroom.driving import part as driving
from ressort.services.controlroom.duty import part as duty
from ressort.services.controlroom.equipment import part as equipment
from ressort.services.controlroom.incidents import part as incidents
from ressort.services.controlroom.orders import part as orders
from ressort.services.controlroom.plan import part as plan
from ressort.services.controlroom.reports import house as reports
from ressort.services.controlroom.shadow import part as shadow
from ressort.services.controlroom.tours import TOURS

PARTS = (
    incidents, alarms, equipment, corridors, reports, orders, contacts, duty, plan, bundles, driving, shadow,
    clearances,
)  # fmt: skip
"""In the order in which the rail shows them."""


def _brought(name: str) -> Iterator[Any]:
    return (getattr(part, name) for part in PARTS if hasattr(part, name))


def _all(name: str) -> tuple[Any, ...]:
    return tuple(one for brought in _brought(name) for one in brought)


def _merged(name: str) -> dict[str, Any]:
    return {key: value for brought in _brought(name) for key, value in brought.items()}


def _tasks(user: Any) -> Iterable[Task]:
    return (task for tasks in _brought("tasks") for task in tasks(user))


def _follow(user: Any) -> list[dict[str, Any]]:
    return [one for follow in _brought("follow") for one in follow(user)]


def _then(user: Any, at: datetime) -> Iterable[Task]:
    return (task for then in _brought("then") for task in then(user, at))


def _find_by_code(code: str) -> str | None:
    return next((url for find in _brought("find_by_code") if (url := find(code))), None)


def _erase(pid: str) -> None:
    for erase in _brought("erase"):
        erase(pid)


def _export(pid: str) -> dict[str, list[dict[str, Any]]]:
    return {table: rows for export in _brought("export") for table, rows in export(pid).items()}


manifest = Service(
    name="controlroom",
    label=_("Poste de commandement"),
    icon="shield",
    hue="controlroom",
    door=reports.DOOR,
    menu=_all("MENU"),
    layers=_all("LAYERS"),
    topics=_merged("TOPICS"),
    policy=_merged("POLICY"),
    messages=_all("MESSAGES"),
    watches=_all("WATCHES"),
    reactions=_all("REACTIONS"),
    periodic=_all("PERIODIC"),
    capabilities={
        "crew.of": orders.crew,
        "controlroom.find_by_code": _find_by_code,
        "duty.call": duty.call_line,
        "equipment.command_link": equipment.command_link,
        "equipment.places": equipment.places,
        "situation.presets": incidents.presets,
    },
    follow=_follow,
    tasks=_tasks,
    then=_then,
    tours=TOURS,
    marks={
        "controlroom.alarm.raised": "warn",
        "controlroom.incident.opened": "bad",
        "controlroom.command.confirmed": "info",
        "controlroom.command.timed_out": "bad",
        "controlroom.corridor.opened": "warn",
        "controlroom.cascade.exhausted": "bad",
    },
    now=reports.now,
    banner=incidents.banner,
    erase=_erase,
    export=_export,
)
