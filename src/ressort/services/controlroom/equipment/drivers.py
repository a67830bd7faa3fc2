"""How commands leave: one small interface per way to reach devices, and the simulated one.

A driver says what it can carry (``describe``) and carries a command (``command``). What devices say comes back by the
intake, as any observation; a receipt by :func:`ressort.services.controlroom.equipment.sending.feedback`.

A driver for DIASER or NTCIP fits here: ``command`` turns verb and parameters into frames, its listener calls
``feedback`` on an acknowledgement and ``intake.observing.observe`` on a state. A command may be carried several times
with the same id, after a crash for one: the driver or the device lets the second go by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from ressort.core.clock import wall_now
from ressort.services.controlroom.equipment.kinds import Words
from ressort.services.controlroom.equipment.models import Asset, Command, Order

SILENT, ACCEPTED, REFUSED = "silent", "accepted", "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What carrying a command gave at once: ``silent`` (handed over, no word yet), ``accepted``, ``refused``."""

    state: str = SILENT
    why: str = ""


class Driver(Protocol):
    """A way to reach devices."""

    label: Words

    def describe(self, asset: Asset) -> list[str]:
        """Return the verbs it can carry to this equipment."""

    def command(self, command: Command) -> Answer:
        """Carry a command; raise when the line is broken: it is tried again until it expires."""


class Simulated:
    """Hands commands to the simulated town, by a table: the town may live in another process."""

    label: Words = _("Simulé")

    def describe(self, asset: Asset) -> list[str]:
        """Return everything the class can do."""
        return [one.verb for one in asset.declared.can]

    def command(self, command: Command) -> Answer:
        """Put the command where the simulated device finds it; twice is once."""
        Order.objects.get_or_create(command=command, defaults={"at": wall_now()})
        return Answer()


DRIVERS: dict[str, Driver] = {"simulated": Simulated()}


def driver_of(asset: Asset) -> Driver | None:
    """Return what carries commands to some equipment."""
    return DRIVERS.get(asset.driver)


def choices() -> Mapping[str, Any]:
    """Return the names of the drivers."""
    return {name: driver.label for name, driver in DRIVERS.items()}
