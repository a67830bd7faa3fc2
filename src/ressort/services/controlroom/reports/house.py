"""What citizen reports tell the house: their part of the control room's manifest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR, AGENT, OPERATOR, PUBLIC, STAFF
from ressort.core.registry import Door, MapLayer, MenuItem, Periodic, Reaction, Task
from ressort.services.controlroom.reports import looks as looks  # noqa: PLC0414 - declares the states
from ressort.services.controlroom.reports.actions import erasing as erasing  # noqa: PLC0414 - follows photos that go
from ressort.services.controlroom.reports.events import TOLD  # also declares the kinds of events
from ressort.services.controlroom.reports.messages import MESSAGES as MESSAGES  # noqa: PLC0414

POLICY: dict[str, dict[str, str]] = {
    # verb                        role: scope
    "controlroom.report.make": {PUBLIC: "any"},
    "controlroom.report.follow": {PUBLIC: "any"},  # whoever has the code
    "controlroom.report.see_public": {PUBLIC: "any"},
    "controlroom.report.make_for": {AGENT: "any", OPERATOR: "any", ADMINISTRATOR: "any"},
    "controlroom.report.see": dict.fromkeys(STAFF, "any"),
    "controlroom.report.handle": {AGENT: "organisation", OPERATOR: "organisation", ADMINISTRATOR: "any"},
    "controlroom.category.manage": {ADMINISTRATOR: "any"},
}

DOOR = Door(
    _("Signaler un problème dans la rue"),
    _("Un trou, une lampe éteinte, un dépôt : dites où, suivez la réparation."),
    "controlroom:report_start",
    "hand",
)

MENU = (MenuItem(_("Signalements"), "controlroom:report_board", "controlroom.report.see", "hand"),)

LAYERS = (
    MapLayer(
        "reports",
        _("Signalements"),
        "/api/v1/controlroom/reports.geojson",
        "controlroom.report.see_public",
        "square",
        "controlroom",
        "kind:controlroom.report",
    ),
)
TOPICS = {"kind:controlroom.report": "controlroom.report.see"}


def find_by_code(code: str) -> str | None:
    """Return the page that a follow code opens."""
    from ressort.services.controlroom.reports import pages

    return pages.find_by_code(code)


def follow(user: Any) -> list[dict[str, Any]]:
    """Return what a person reported or follows."""
    from ressort.services.controlroom.reports import glance

    return glance.mine(user)


def now() -> list[dict[str, Any]]:
    """Return dated facts for the portal."""
    from ressort.services.controlroom.reports import glance

    return glance.facts()


def tasks(user: Any) -> Iterable[Task]:
    """Return what waits for a person of the staff."""
    from ressort.services.controlroom.reports import glance

    return glance.waiting(user)


def erase(pid: str) -> None:
    """Erase what reports keep of a person."""
    erasing.erase(pid)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what reports keep of a person."""
    from ressort.services.controlroom.reports import exporting

    return exporting.export(pid)


def _tell(event: Any) -> None:
    from ressort.services.controlroom.reports.actions import writing

    writing.react(event)


def _tidy() -> None:
    from ressort.services.controlroom.reports import photos

    photos.tidy()


REACTIONS = (Reaction("controlroom.report_messages", TOLD, _tell),)
PERIODIC = (Periodic("controlroom.photos", 3600.0, _tidy),)
