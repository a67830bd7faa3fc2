"""What clearances bring to the manifest of the control room."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR
from ressort.core.registry import MenuItem
from ressort.services.controlroom.clearances import events as events  # noqa: PLC0414 - declares the kinds

POLICY: dict[str, dict[str, str]] = {
    "controlroom.clearance.manage": {ADMINISTRATOR: "organisation"},
}

MENU = (
    MenuItem(
        _("Habilitations"), "controlroom:clearances", "controlroom.clearance.manage", "lock", daily=False
    ),
)


def erase(pid: str) -> None:
    """Erase what is kept of a person."""
    from ressort.services.controlroom.clearances import queries

    queries.erase(pid)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what is kept of a person."""
    from ressort.services.controlroom.clearances import queries

    return queries.export(pid)
