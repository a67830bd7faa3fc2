"""What the control room tells the house about itself: the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.registry import Service, Task
from ressort.services.controlroom.alarms import part as alarms
from ressort.services.controlroom.equipment import part as equipment
from ressort.services.controlroom.incidents import part as incidents
from ressort.services.controlroom.reports import house as reports


def _tasks(user: Any) -> Iterable[Task]:
    yield from alarms.tasks(user)
    yield from incidents.tasks(user)
    yield from reports.tasks(user)


def _erase(pid: str) -> None:
    for part in (equipment, incidents, reports):
        part.erase(pid)


def _export(pid: str) -> dict[str, list[dict[str, Any]]]:
    return {
        table: rows
        for part in (alarms, equipment, incidents, reports)
        for table, rows in part.export(pid).items()
    }


manifest = Service(
    name="controlroom",
    label=_("Poste de commandement"),
    icon="shield",
    hue="controlroom",
    door=reports.DOOR,
    menu=(*equipment.MENU, *alarms.MENU, *incidents.MENU, *reports.MENU),
    layers=(*equipment.LAYERS, *incidents.LAYERS, *reports.LAYERS),
    topics={**equipment.TOPICS, **alarms.TOPICS, **reports.TOPICS, **incidents.TOPICS},
    policy={**equipment.POLICY, **alarms.POLICY, **reports.POLICY, **incidents.POLICY},
    messages=(*reports.MESSAGES,),
    watches=(*equipment.WATCHES, *alarms.WATCHES),
    reactions=(*reports.REACTIONS,),
    periodic=(*equipment.PERIODIC, *alarms.PERIODIC, *incidents.PERIODIC, *reports.PERIODIC),
    capabilities={
        "controlroom.find_by_code": reports.find_by_code,
        "equipment.command_link": equipment.command_link,
    },
    follow=reports.follow,
    tasks=_tasks,
    now=reports.now,
    banner=incidents.banner,
    erase=_erase,
    export=_export,
)
