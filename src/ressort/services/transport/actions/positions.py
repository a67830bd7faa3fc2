"""Forgetting where vehicles are, in the table and on screens, as soon as nobody waits for them any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from ressort.core.clock import service_now
from ressort.core.fleet.models import Tour, VehicleState
from ressort.core.live.latest import hub
from ressort.services.transport.picture import CHANNEL, own_channel

OVERTIME = timedelta(hours=1)
"""How long after its planned end a shift whose vehicle is still on the way is shown."""


def on_shift() -> set[int]:
    """Return the tours whose vehicle may be shown now: begun, not ended, at most an hour past their end."""
    now = service_now()
    tours = Tour.objects.filter(shift__starts__lte=now, shift__ends__gt=now - OVERTIME)
    return set(tours.exclude(state=Tour.State.DONE).values_list("pk", flat=True))


def hide(tours: Iterable[str]) -> None:
    """Take vehicles off every screen."""
    keys = list(tours)
    if keys:
        hub.publish(CHANNEL, dict.fromkeys(keys))
    for key in keys:
        hub.publish(own_channel(int(key)), {key: None})


def forget(tour: Tour) -> None:
    """Forget the vehicle of a tour; call inside the transaction that ends the shift."""
    VehicleState.objects.filter(vehicle=tour.shift.vehicle_id).delete()
    transaction.on_commit(lambda: hide([str(tour.pk)]))


def tidy() -> None:
    """Take off the screens every vehicle whose shift is over (a round of the service's periodic work)."""
    shown = on_shift()
    hide(key for key in hub.snapshot(CHANNEL) if int(key) not in shown)
