"""What waits for the people of the control room, on the board that the console opens on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.registry import Task
from ressort.services.controlroom.incidents import queries
from ressort.services.controlroom.incidents.actions import holding

MOST = 8


def waiting(user: Any) -> Iterator[Task]:
    """Yield the incidents that press, and what to do on each."""
    if policy.only_looks(user):
        yield from _followed(user)
    if not policy.allowed(user, holding.HANDLE):
        return
    for one in queries.board(user)[:MOST]:
        incident = one.incident
        yield Task(
            f"{one.deed} : {incident.title}"
            if not incident.exercise
            else f"EXERCICE · {one.deed} : {incident.title}",
            reverse("controlroom:incident", args=[incident.number]),
            one.step or one.clock_words,
            one.icon,
            one.tone,
            one.due,
        )


def _followed(user: Any) -> Iterator[Task]:
    """Yield what an observer follows: the open incidents of theirs, then those given them to read."""
    now = service_now()
    shared = [queries.told(one, now) for one in queries.with_all(queries.shared(user))[:MOST]]
    for one in [*queries.board(user)[:MOST], *shared]:
        incident = one.incident
        title = incident.title if not incident.exercise else f"EXERCICE · {incident.title}"
        url = reverse("controlroom:incident", args=[incident.number])
        yield Task(title, url, one.clock_words, "alert", one.tone, incident.opened)
