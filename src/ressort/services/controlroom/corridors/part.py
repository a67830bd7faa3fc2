"""What corridors bring to the manifest of the control room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR, OPERATOR
from ressort.core.registry import MapLayer, MenuItem, Periodic, Task, Watch
from ressort.services.controlroom.corridors import events as events  # noqa: PLC0414 - declares the kinds

POLICY: dict[str, dict[str, str]] = {
    "controlroom.corridor.see": {OPERATOR: "any", ADMINISTRATOR: "any"},
    "controlroom.corridor.open": {OPERATOR: "any"},  # each command then asks its own right on its equipment
    "controlroom.corridor.approve": {OPERATOR: "any"},
    "controlroom.corridor.release": {OPERATOR: "any"},
}

MENU = (MenuItem(_("Couloirs d'urgence"), "controlroom:corridors", "controlroom.corridor.see", "route"),)

LAYERS = (
    MapLayer(
        "corridors",
        _("Couloirs d'urgence"),
        "/api/v1/controlroom/corridors.geojson",
        "controlroom.corridor.see",
        "line",
        "ok",
        "kind:controlroom.corridor",
        past=True,
    ),
)
TOPICS = {"kind:controlroom.corridor": "controlroom.corridor.see"}


def _tick() -> None:
    from ressort.services.controlroom.corridors import working

    working.tick()


def _hear(arrivals: Any) -> None:
    from ressort.services.controlroom.corridors import following

    following.hear(arrivals)


WATCHES = (Watch("controlroom.corridors", _hear),)
PERIODIC = (Periodic("controlroom.corridors", 1.0, _tick),)


def tasks(user: Any) -> Iterable[Task]:
    """Yield the corridors that wait for somebody's agreement."""
    from django.urls import reverse

    from ressort.core.accounts import policy
    from ressort.services.controlroom.corridors.models import Corridor

    if not policy.allowed(user, "controlroom.corridor.approve"):
        return
    for one in Corridor.objects.filter(state=Corridor.State.WAITING).exclude(actor=user.pid)[:10]:
        yield Task(
            str(_("Approuver un couloir d'urgence")),
            reverse("controlroom:corridor", args=[one.pid]),
            note=one.destination,
            icon="route",
            tone="bad",
        )


def then(user: Any, at: datetime) -> Iterable[Task]:
    """Return the corridors that were open at a past moment."""
    from ressort.services.controlroom.corridors import past

    return past.then(user, at)


def erase(pid: str) -> None:
    """Erase what is kept of a person."""
    from ressort.services.controlroom.corridors import queries

    queries.erase(pid)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what is kept of a person."""
    from ressort.services.controlroom.corridors import queries

    return queries.export(pid)
