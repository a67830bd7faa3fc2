"""What the drivers bring to the manifest of the control room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR
from ressort.core.registry import MenuItem, Periodic
from ressort.services.controlroom.driving import events as events  # noqa: PLC0414 - declares the kinds

POLICY: dict[str, dict[str, str]] = {
    "controlroom.address.manage": {ADMINISTRATOR: "any"},
    "controlroom.fault.inject": {ADMINISTRATOR: "any"},
}

MENU = (
    MenuItem(
        _("Adresses d'équipements"),
        "controlroom:addresses",
        "controlroom.address.manage",
        "route",
        daily=False,
    ),
    MenuItem(_("Pannes simulées"), "controlroom:faults", "controlroom.fault.inject", "tools", daily=False),
)


def _tick() -> None:
    from ressort.services.controlroom.driving import rounds

    rounds.tick()


PERIODIC = (Periodic("controlroom.drivers", 1.0, _tick),)
