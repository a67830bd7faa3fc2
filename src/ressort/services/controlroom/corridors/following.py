"""A vehicle whose device says where it is moves its own corridor; a position that cannot be is let go, with a word.

Positions are observations, told in service time; a corridor lives on the wall clock: the age of a position carries it over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.clock import service_now, wall_now
from ressort.core.errors import Refused
from ressort.core.intake.models import Latest, Series
from ressort.core.intake.readings import GOOD, milliseconds
from ressort.engines import corridor as engine
from ressort.services.controlroom.corridors.models import Corridor, CorridorItem
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.equipment.sending import SYSTEM

OFF_THE_WAY = 250.0
"""Metres from the way beyond which a position says nothing of it."""
STALE = timedelta(seconds=30)
"""Older than that a position says nothing; after so long without one, the next is believed wherever it is on the way."""
FASTEST = 60.0
"""Metres a second along the way that no vehicle exceeds."""
_SLACK = 60.0  # metres by which two positions may be wrong together
_TOGETHER = 2_000  # milliseconds: longitude and latitude of one position
_AT_HOME = 30.0  # metres: before it was to leave, a vehicle that stands there has not left
_ARRIVED = 5.0  # seconds before the end of the way at which a vehicle is there
_STEADY = 2  # seconds of shift that are not worth an event
WHY = {
    "stale": gettext_lazy("trop ancienne"),
    "off": gettext_lazy("à plus de 250 m du chemin"),
    "jump": gettext_lazy("trop loin de la précédente pour être vraie"),
    "bad": gettext_lazy("dite douteuse par le véhicule"),
}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a device says that it is: observed ``age`` ago."""

    lon: float
    lat: float
    age: timedelta
    good: bool


def vehicles() -> list[Asset]:
    """Return the vehicles that can move a corridor: in service, and heard."""
    rows = Asset.objects.filter(kind="vehicle", upkeep=Asset.Upkeep.IN_SERVICE).exclude(device=None)
    return list(rows.order_by("name")[:100])


def find(pid: str) -> Asset:
    """Return a vehicle that can move a corridor."""
    asset = Asset.objects.filter(pid=pid, kind="vehicle").exclude(device=None).first()
    if asset is None:
        raise Refused(
            "bad-vehicle",
            _("Ce véhicule n'est pas au registre, ou rien ne dit où il est : choisissez-en un de la liste."),
            field="vehicle",
        )
    return asset


def hear(arrivals: Any, now: datetime | None = None) -> None:
    """Move the corridors whose vehicle has just said where it is: a watcher of the intake, in its transaction."""
    followed = Corridor.objects.filter(state=Corridor.State.OPEN).exclude(vehicle=None)
    devices = dict(followed.values_list("pk", "vehicle__device"))
    if not devices:
        return
    rows = Series.objects.filter(device__in=set(devices.values()), observed__in=("lon", "lat"))
    series = dict(rows.values_list("pk", "device"))
    spoke = {series[int(pk)] for pk in np.unique(arrivals["series"]) if int(pk) in series}
    for pk, device in devices.items():
        if device in spoke and (position := _position(device)) is not None:
            _follow(pk, position, now or wall_now())


def _position(device: int) -> Position | None:
    rows = Latest.objects.filter(series__device=device, series__observed__in=("lon", "lat"))
    said = {
        name: (at, value, quality)
        for name, at, value, quality in rows.values_list("series__observed", "at", "value", "quality")
    }
    if len(said) < 2 or abs(said["lon"][0] - said["lat"][0]) > _TOGETHER:
        return None  # the other half is on its way
    age = milliseconds(service_now()) - min(at for at, *__ in said.values())
    good = all(quality == GOOD for *__, quality in said.values())
    return Position(said["lon"][1], said["lat"][1], timedelta(milliseconds=max(0, age)), good)


def place(corridor: Corridor) -> tuple[float, float] | None:
    """Return where the vehicle of a corridor last said that it was."""
    device = corridor.vehicle.device_id if corridor.vehicle else None
    position = _position(device) if device else None
    return (position.lon, position.lat) if position else None


def _follow(pk: int, position: Position, now: datetime) -> None:
    rows = Corridor.objects.select_for_update(of=("self",)).select_related("incident", "vehicle")
    corridor = rows.filter(pk=pk, state=Corridor.State.OPEN).first()
    if corridor is None or not corridor.line:
        return
    at = now - position.age
    if corridor.heard is not None and at <= corridor.heard:
        return
    where = engine.located(corridor.way, position.lon, position.lat, corridor.elapsed(at))
    if why := _not_believed(corridor, position, where, at):
        _ignore(corridor, why, now)
        return
    corridor.heard, corridor.heard_metres = at, round(where.metres)
    corridor.ignored, corridor.ignored_at = "", None
    corridor.save(update_fields=["heard", "heard_metres", "ignored", "ignored_at"])
    if corridor.elapsed(at) < 0 and where.metres <= _AT_HOME:
        return
    _move(corridor, where, at)


def _not_believed(corridor: Corridor, position: Position, where: engine.Met, at: datetime) -> str:
    if not position.good:
        return "bad"
    if position.age > STALE:
        return "stale"
    if where.aside > OFF_THE_WAY:
        return "off"
    if corridor.heard is not None and corridor.heard_metres is not None and at - corridor.heard <= STALE:
        gone = abs(where.metres - corridor.heard_metres)
        if gone > FASTEST * (at - corridor.heard).total_seconds() + _SLACK:
            return "jump"
    return ""


def _ignore(corridor: Corridor, why: str, now: datetime) -> None:
    corridor.ignored, corridor.ignored_at = why, now
    corridor.save(update_fields=["ignored", "ignored_at"])


def _move(corridor: Corridor, where: engine.Met, at: datetime) -> None:
    """Move the corridor when that changes something: a position a second is not an event a second."""
    from ressort.services.controlroom.corridors import opening

    metres = round(where.metres)
    shift = corridor.elapsed(at) - where.seconds
    ahead = CorridorItem.objects.filter(corridor=corridor, metres__lte=metres, chosen=True, passed=None)
    there = (
        where.seconds >= corridor.seconds - _ARRIVED and shift >= 0
    )  # it stays there: time goes on without it
    if ahead.exists() or (abs(shift) >= _STEADY and not there):
        assert corridor.vehicle is not None
        opening.anchor(corridor, at, where.seconds, metres, SYSTEM, vehicle=corridor.vehicle.pid)


@dataclass(frozen=True, slots=True)
class Following:
    """What is known of the vehicle that moves a corridor, for its page."""

    name: str
    pid: str
    ago: float | None
    lost: bool
    ignored: str
    ignored_at: datetime | None


def shown(corridor: Corridor, now: datetime) -> Following | None:
    """Return how the vehicle of a corridor is followed, None when none is."""
    if corridor.vehicle is None:
        return None
    ago = max(0.0, (now - corridor.heard).total_seconds()) if corridor.heard else None
    return Following(
        corridor.vehicle.name,
        corridor.vehicle.pid,
        ago,
        ago is None or ago > STALE.total_seconds(),
        str(WHY.get(corridor.ignored, "")),
        corridor.ignored_at,
    )
