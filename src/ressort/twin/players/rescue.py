"""The rescue vehicles of the demonstration: they wait at their station, and drive the corridors that are opened for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ressort.core.clock import wall_now
from ressort.core.intake.observing import observe
from ressort.core.network.models import Feature, NetworkVersion
from ressort.engines import corridor as engine
from ressort.services.controlroom.corridors.models import Corridor

VEHICLES = 2
PACE = 0.92
"""Of the speed that the plan expects: the corridor finds out by itself that they are late."""
EVERY = timedelta(seconds=1)


class Rescue:
    """Drives, and knows when positions were last told."""

    def __init__(self) -> None:
        self.told: datetime | None = None

    def drive(self, now: datetime, wall: datetime | None = None) -> None:
        """Tell where the vehicles of open corridors are, once a second of the world's clock: corridors live on it."""
        wall = wall or wall_now()
        if self.told is not None and self.told <= wall < self.told + EVERY:
            return
        self.told = wall
        opened = Corridor.objects.filter(
            state=Corridor.State.OPEN, vehicle__source="twin", vehicle__device__isnull=False
        )
        items = [item for one in opened.select_related("vehicle__device") for item in _said(one, wall, now)]
        if items:
            observe(items)


rescue = Rescue()


def _said(corridor: Corridor, wall: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    assert corridor.vehicle is not None
    assert corridor.vehicle.device is not None
    if corridor.opened is None or not corridor.line:
        return
    spent = (wall - corridor.opened).total_seconds() - corridor.delay
    lon, lat = engine.reached(corridor.way, max(0.0, spent * PACE))
    for name, value in (("lon", round(lon, 6)), ("lat", round(lat, 6))):
        yield {"device": corridor.vehicle.device.code, "property": name, "value": value, "at": now}


def stations(version: NetworkVersion, otherwise: tuple[float, float]) -> list[tuple[float, float]]:
    """Return where the vehicles wait: at fire stations, or in the middle of a map that shows none."""
    rows = Feature.objects.filter(version=version, kind="fire_station").order_by("number")
    found = list(rows.values_list("lon", "lat")[:VEHICLES]) or [otherwise]
    return [found[number % len(found)] for number in range(VEHICLES)]
