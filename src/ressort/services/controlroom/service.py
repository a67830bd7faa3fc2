"""What the control room tells the house about itself: the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.registry import Service, Task
from ressort.services.controlroom.alarms import part as alarms
from ressort.services.controlroom.incidents import part as incidents


def _tasks(user: Any) -> Iterable[Task]:
    yield from alarms.tasks(user)
    yield from incidents.tasks(user)


def _erase(pid: str) -> None:
    incidents.erase(pid)


def _export(pid: str) -> dict[str, list[dict[str, Any]]]:
    return {**incidents.export(pid), **alarms.export(pid)}


manifest = Service(
    name="controlroom",
    label=_("Poste de commandement"),
    icon="shield",
    hue="controlroom",
    menu=(*incidents.MENU, *alarms.MENU),
    layers=(*incidents.LAYERS,),
    topics={**incidents.TOPICS, **alarms.TOPICS},
    policy={**incidents.POLICY, **alarms.POLICY},
    periodic=(*incidents.PERIODIC, *alarms.PERIODIC),
    watches=alarms.WATCHES,
    tasks=_tasks,
    banner=incidents.banner,
    erase=_erase,
    export=_export,
)
