"""What the control room tells the house about itself: the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.registry import Service, Task
from ressort.services.controlroom.reports import house as reports


def _tasks(user: Any) -> Iterable[Task]:
    yield from reports.tasks(user)


def _follow(user: Any) -> list[dict[str, Any]]:
    return reports.follow(user)


def _now() -> list[dict[str, Any]]:
    return reports.now()


def _erase(pid: str) -> None:
    reports.erase(pid)


def _export(pid: str) -> dict[str, list[dict[str, Any]]]:
    return {**reports.export(pid)}


manifest = Service(
    name="controlroom",
    label=_("Poste de commandement"),
    icon="shield",
    hue="controlroom",
    door=reports.DOOR,
    menu=(*reports.MENU,),
    layers=(*reports.LAYERS,),
    topics={**reports.TOPICS},
    policy={**reports.POLICY},
    messages=(*reports.MESSAGES,),
    reactions=(*reports.REACTIONS,),
    periodic=(*reports.PERIODIC,),
    capabilities={"controlroom.find_by_code": reports.find_by_code},
    follow=_follow,
    tasks=_tasks,
    now=_now,
    erase=_erase,
    export=_export,
)
