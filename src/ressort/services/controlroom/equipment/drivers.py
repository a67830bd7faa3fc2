"""How commands leave: the drivers of this installation, and the simulated one.

A driver says what it can carry (``describe``), carries a command (``command``), tells its receipt (``feedback``) and,
where devices must be asked, what they are (``observe``). What devices say by themselves comes by the intake, as any
observation. What a driver is, exactly: ``answers.Driver``; how to write one: ``docs/how-to/write-a-driver.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.clock import wall_now
from ressort.services.controlroom.driving.http import Http
from ressort.services.controlroom.driving.mqtt import Mqtt
from ressort.services.controlroom.equipment.answers import ACCEPTED, REFUSED, SILENT, Answer, Driver
from ressort.services.controlroom.equipment.kinds import Words
from ressort.services.controlroom.equipment.models import Asset, Command, Order

__all__ = ["ACCEPTED", "DRIVERS", "REFUSED", "SILENT", "Answer", "Driver", "choices", "driver_of"]


class Simulated:
    """Hands commands to the simulated town, by a table: the town may live in another process."""

    label: Words = _("Simulé")
    real = False
    waits = False

    def describe(self, asset: Asset) -> list[str]:
        """Return everything the class can do."""
        return [one.verb for one in asset.declared.can]

    def observe(self, asset: Asset) -> Iterable[Any]:
        """Return nothing: simulated devices speak by themselves."""
        del asset
        return ()

    def command(self, command: Command) -> Answer:
        """Put the command where the simulated device finds it; twice is once."""
        Order.objects.get_or_create(command=command, defaults={"at": wall_now()})
        return Answer()

    def feedback(self, command: Command) -> Answer:
        """Return nothing: the simulated device answers by itself."""
        del command
        return Answer()


DRIVERS: dict[str, Driver] = {"simulated": Simulated(), "http": Http(), "mqtt": Mqtt()}


def driver_of(asset: Asset) -> Driver | None:
    """Return what carries commands to some equipment."""
    return DRIVERS.get(asset.driver)


def choices() -> Mapping[str, Any]:
    """Return the names of the drivers."""
    return {name: driver.label for name, driver in DRIVERS.items()}
