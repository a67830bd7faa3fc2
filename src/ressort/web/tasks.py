"""What waits for somebody of the staff: the house's own tasks and those of the services, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ressort.core import registry
from ressort.core.accounts import policy
from ressort.core.appeals import queries as appeals
from ressort.core.clock import service_now
from ressort.core.notify import queries as notify
from ressort.core.registry import Task

URGENCY = {"bad": 0, "warn": 1, "info": 2}
MOST = 40


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks of one service, or of the house."""

    label: str
    hue: str
    tasks: list[Task]


def waiting(user: Any) -> list[Group]:
    """Return what waits for this person, by service, those with the most pressing task first."""
    groups = [Group(str(service.label), service.hue, [*service.tasks(user)]) for service in _asked()]
    groups.append(Group(_("La maison"), "idle", [*_house(user)]))
    for group in groups:
        group.tasks.sort(key=pressing)
        del group.tasks[MOST:]
    return sorted((group for group in groups if group.tasks), key=lambda group: pressing(group.tasks[0]))


def _asked() -> Iterator[Any]:
    return (service for service in registry.services() if service.tasks)


def pressing(task: Task) -> tuple[int, float]:
    """Return the order of a task: the gravest first, then what is due first."""
    return URGENCY[task.tone], task.at.timestamp() if task.at else float("inf")


def _house(user: Any) -> Iterator[Task]:
    if policy.allowed(user, "appeal.answer"):
        yield from _appeals()
    if policy.allowed(user, "notify.see"):
        yield from _messages()


def _appeals() -> Iterator[Task]:
    count = appeals.waiting()
    first = appeals.listed().first() if count["received"] or count["taken"] else None
    if first is None:
        return
    open_ones = count["received"] + count["taken"]
    yield Task(
        ngettext("%(n)d recours attend une réponse", "%(n)d recours attendent une réponse", open_ones)
        % {"n": open_ones},
        reverse("web:appeals"),
        _("le premier est dû"),
        "hand",
        "bad" if first.due < service_now() else "warn",
        first.due,
    )


def _messages() -> Iterator[Task]:
    count = notify.troubles()
    url = reverse("web:outbox")
    if failed := count["failed"] + count["bounced"]:
        words = ngettext("%(n)d message n'est pas arrivé", "%(n)d messages ne sont pas arrivés", failed)
        yield Task(words % {"n": failed}, url, _("adresse ou transporteur à voir"), "mail", "warn")
    if letters := count["letters"]:
        words = ngettext("%(n)d lettre à imprimer", "%(n)d lettres à imprimer", letters)
        yield Task(words % {"n": letters}, reverse("web:letters"), "", "mail", "info")
