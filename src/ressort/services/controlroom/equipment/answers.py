"""What every driver is: the one small interface behind which any way to reach devices fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ressort.services.controlroom.equipment.kinds import Words
from ressort.services.controlroom.equipment.models import Asset, Command

SILENT, ACCEPTED, REFUSED = "silent", "accepted", "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a carried command: ``silent`` (handed over, no word yet), ``accepted``, ``refused``."""

    state: str = SILENT
    why: str = ""


class Driver(Protocol):
    """A way to reach devices.

    Attributes
    ----------
    real : bool
        It moves real things: it begins in shadow, and never carries anything while the clock is simulated.
    waits : bool
        Carrying or reading waits for somebody far away: it is done apart, never in the thread of whoever asked.
    """

    label: Words
    real: bool
    waits: bool

    def describe(self, asset: Asset) -> list[str]:
        """Return the verbs it can carry to this equipment, none when it is not set up for it."""

    def observe(self, asset: Asset) -> Iterable[Any]:
        """Ask the device what it is, and return observations as ``intake.observing`` takes them.

        Devices that speak by themselves give nothing here. Raise when the line is broken.
        """

    def command(self, command: Command) -> Answer:
        """Carry a command; raise when the line is broken: it is tried again until it expires.

        It may be called several times for one command: the device lets the second of the same id go by.
        """

    def feedback(self, command: Command) -> Answer:
        """Return what has been said of a carried command since; a receipt, never a confirmation."""
