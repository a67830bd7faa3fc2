"""Whether something may act, and what it would have done when it may not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ressort.core.clock import service_now
from ressort.services.controlroom.equipment.kinds import Capability
from ressort.services.controlroom.equipment.models import Asset, Command
from ressort.services.controlroom.shadow.models import Proposal, Reflex, Trial

SHADOW = "shadow"
"""Why a command that a driver on trial would have carried ends."""


def of_driver(driver: str, kind: str) -> Trial:
    """Return the trial of a driver for a class; it begins the first time somebody asks."""
    now = service_now()
    return Trial.objects.get_or_create(
        driver=driver, kind=kind, reflex=None, defaults={"began": now, "settled": now}
    )[0]


def of_reflex(reflex: Reflex) -> Trial:
    """Return the trial of a reflex."""
    now = service_now()
    return Trial.objects.get_or_create(reflex=reflex, defaults={"began": now, "settled": now})[0]


def is_shadow(asset: Asset) -> bool:
    """Tell whether what carries commands to some equipment is still only observed."""
    return not Trial.objects.filter(driver=asset.driver, kind=asset.kind, reflex=None, real=True).exists()


def makes(capability: Capability, params: Mapping[str, Any]) -> str:
    """Return what a command makes of its equipment, as it is compared: « position=down »."""
    wanted = params.get(capability.observed) if capability.value is None else capability.value
    return as_made(capability.observed, wanted)


def as_made(observed: str, value: Any) -> str:
    """Return a property and its value, in one word."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{float(value):g}"
    return f"{observed}={value}"[:60]


def propose(
    trial: Trial, asset: Asset, capability: Capability, params: Mapping[str, Any], source: str, at: datetime
) -> bool:
    """Note what would have been done; once for each source. Return whether it is new."""
    return Proposal.objects.get_or_create(
        source=source,
        defaults={
            "trial": trial,
            "asset": asset,
            "verb": capability.verb,
            "made": makes(capability, params),
            "at": at,
            "dangerous": capability.dangerous,
        },
    )[1]


def withhold(command: Command, capability: Capability) -> None:
    """Note the command that a driver on trial would have carried."""
    trial = of_driver(command.asset.driver, command.asset.kind)
    propose(trial, command.asset, capability, command.params, command.pid, service_now())
