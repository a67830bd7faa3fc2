"""What paper bundles bring to the manifest of the control room."""

from __future__ import annotations

from typing import Any

from ressort.core.accounts.policy import ADMINISTRATOR, OPERATOR
from ressort.core.registry import Periodic
from ressort.services.controlroom.bundles import events as events  # noqa: PLC0414 - declares them
from ressort.services.controlroom.bundles import paper as paper  # noqa: PLC0414 - registers the work
from ressort.services.controlroom.bundles import words as words  # noqa: PLC0414 - declares the states

_ROOM = dict.fromkeys((OPERATOR, ADMINISTRATOR), "organisation")

POLICY: dict[str, dict[str, str]] = {
    "controlroom.bundle.see": _ROOM,
    "controlroom.bundle.make": _ROOM,
    "controlroom.sheet.type": _ROOM,
}

TOPICS = {"kind:controlroom.bundle": "controlroom.bundle.see"}


def _ring() -> None:
    from ressort.services.controlroom.bundles import making

    making.ring()


PERIODIC = (Periodic("controlroom.bundles", 10.0, _ring),)


def find_by_code(code: str) -> str | None:
    """Return the page on which a sheet is typed."""
    from ressort.services.controlroom.bundles import pages

    return pages.find_by_code(code)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what this part keeps of a person."""
    from ressort.services.controlroom.bundles import exporting

    return exporting.export(pid)
