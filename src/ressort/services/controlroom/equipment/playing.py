"""The simulated devices' side of the street: they take their orders, live, answer, and say what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ressort.core.intake.models import Latest
from ressort.core.intake.observing import observe
from ressort.core.intake.readings import instant, milliseconds
from ressort.services.controlroom.equipment import sending, simulation
from ressort.services.controlroom.equipment.drivers import ACCEPTED, REFUSED, Answer
from ressort.services.controlroom.equipment.models import Asset, Order, SimulatedDevice
from ressort.services.controlroom.equipment.witness_models import Witness


def install() -> int:
    """Give a simulated device to each piece of equipment that the simulated driver serves; return how many."""
    bare = Asset.objects.filter(
        driver="simulated", simulated=None, device__isnull=False, kind__in=simulation.PLAYED
    )
    made = [SimulatedDevice(asset=one, state=simulation.first(one.kind)) for one in bare]
    SimulatedDevice.objects.bulk_create(made, batch_size=500)
    return len(made)


def play(
    now: datetime,
    occupied: Callable[[Asset], bool] = lambda _asset: False,
    *,
    wall: datetime | None = None,
    heard: Callable[[list[dict[str, Any]]], Any] = observe,
) -> int:
    """Let every simulated device live until ``now``; return how many said something.

    Answers are given, then observations: what a device says of itself always comes after its receipt.
    """
    orders, asked = _orders()
    items: list[dict[str, Any]] = []
    looks = _witnesses()
    changed: list[SimulatedDevice] = []
    answers: list[tuple[str, bool, str]] = []
    taken: list[str] = []
    last = _last_words()
    here = milliseconds(now)
    local = timezone.localtime(now)
    minute = local.hour * 60 + local.minute
    for device in SimulatedDevice.objects.select_related("asset__device"):
        asset = device.asset
        lived = simulation.step(
            asset.kind,
            device.state,
            orders.get(asset.pk, []),
            here,
            fault=device.fault,
            occupied=occupied(asset),
            minute=minute,
        )
        if one := looks.get(asset.pk):
            items += _looked(one, lived.state, here)
        if lived.state != device.state:
            device.state = lived.state
            changed.append(device)
        answers += lived.answers
        taken += lived.taken
        if lived.said and asset.device is not None:
            # also while the clock stands still, and never before the order that it answers
            at = instant(max(here, last.get(asset.device.pk, 0), asked.get(asset.pk, 0)) + 1)
            items += [
                {"device": asset.device.code, "property": name, "value": value, "at": at}
                for name, value in lived.said.items()
            ]
    with transaction.atomic():
        SimulatedDevice.objects.bulk_update(changed, ["state"], batch_size=300)
        Order.objects.filter(command__pid__in=taken).delete()
    for command, accepted, why in answers:
        sending.feedback(command, Answer(ACCEPTED if accepted else REFUSED, why), now=wall)
    if items:
        heard(items)
    return len({one["device"] for one in items})


def _witnesses() -> dict[int, Witness]:
    """Return the witnesses that the town plays: those that nobody else can speak for."""
    rows = Witness.objects.filter(series__device__digest=None, series__device__gateway=None)
    return {one.asset_id: one for one in rows.select_related("asset", "series__device")}


def _looked(one: Witness, state: dict[str, Any], now: int) -> list[dict[str, Any]]:
    """Return what a witness says of a simulated device, and note it in the device's state."""
    said = simulation.seen(one.asset.kind, state, state.get("looked", {}), now)
    if not said:
        return []
    state["looked"] = said
    at = instant(max(now, one.sight_at) + 1)
    code, observed = one.series.device.code, one.series.observed
    return [{"device": code, "property": observed, "value": said["seen"], "at": at}]


def is_asked() -> bool:
    """Tell whether an order waits for a simulated device."""
    return Order.objects.exists()


def is_moving() -> bool:
    """Tell whether a simulated device is on its way to what was asked of it."""
    return SimulatedDevice.objects.exclude(state__goal=None).exists()


def _orders() -> tuple[dict[int, list[tuple[str, str, Mapping[str, Any]]]], dict[int, int]]:
    """Return what is asked of each equipment, and when the last of it was sent."""
    found: dict[int, list[tuple[str, str, Mapping[str, Any]]]] = {}
    sent: dict[int, int] = {}
    rows = Order.objects.order_by("command").values_list(
        "command__asset_id", "command__pid", "command__verb", "command__params", "command__sent_at"
    )
    for asset, pid, verb, params, at in rows:
        found.setdefault(asset, []).append((pid, verb, params))
        sent[asset] = max(at or 0, sent.get(asset, 0))
    return found, sent


def _last_words() -> dict[int, int]:
    rows = Latest.objects.filter(series__device__asset__simulated__isnull=False)
    found: dict[int, int] = {}
    for device, at in rows.values_list("series__device_id", "at"):
        found[device] = max(at, found.get(device, 0))
    return found
