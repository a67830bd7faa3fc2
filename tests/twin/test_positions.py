"""Where a driver is, is shown while people wait, and kept nowhere once the shift is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.fleet.models import Shift, Tour, VehicleState, Visit
from ressort.core.live.latest import hub
from ressort.core.territory.models import Place
from ressort.services.transport.actions import driving, positions
from ressort.services.transport.picture import CHANNEL, own_channel
from ressort.twin.players.drivers import Drivers
from tests import worlds
from tests.services.transport.test_booking import book
from tests.services.transport.test_driving import own
from tests.traces import cells

pytestmark = pytest.mark.django_db


def seen(tour: int) -> set[str]:
    """Return the coordinates now on screens and in the table of last positions."""
    shown = [hub.snapshot(CHANNEL).get(str(tour)), hub.snapshot(own_channel(tour)).get(str(tour))]
    found = {f"{value['lon']:.6f}" for value in shown if value}
    return found | {f"{row.lon:.6f}" for row in VehicleState.objects.filter(vehicle__shifts__tour=tour)}


@pytest.fixture
def driven(still_clock, django_capture_on_commit_callbacks):
    """A ride is driven to its end, its positions shown and remembered on the way; yields the tour and where it was."""
    made = own(book())
    tour, drivers, where = made.promise.tour_id, Drivers(), set()
    Shift.objects.exclude(tour=tour).update(driver=None)
    end = made.promise.tour.shift.ends
    now = worlds.TUESDAY
    while not Visit.objects.filter(promise=made.promise_id, is_pickup=False, state=Visit.State.DONE).exists():
        now += timedelta(seconds=20)
        assert now < end
        clock.simulate(now, rate=0)
        drivers.play(now)
        drivers.remember(now)
        where |= seen(tour)
    stops = {f"{lon:.6f}" for lon in Place.objects.values_list("lon", flat=True)}
    between = {lon for lon in where if lon not in stops}
    assert len(between) > 3, "the van was seen between stops"
    return tour, drivers, between, end, django_capture_on_commit_callbacks


def kept(coordinates: set[str]) -> list[str]:
    short = {lon.rstrip("0") for lon in coordinates}
    return [
        where
        for where, text in cells()
        if where.split(".")[0] not in STREETS and any(lon in text for lon in short)
    ]


STREETS = {"network_street", "network_feature", "network_address", "network_networkversion"}
"""Drawings of the streets themselves, which were there before any van."""


def test_while_on_shift_only_the_last_position_is_kept(driven):
    tour, *_ = driven
    assert VehicleState.objects.filter(vehicle__shifts__tour=tour).distinct().count() == 1


def test_after_the_shift_nothing_is_kept_anywhere(driven):
    tour, drivers, between, end, committed = driven
    clock.simulate(end, rate=0)
    with committed(execute=True):
        drivers.play(end)
    drivers.remember(end)
    assert Tour.objects.get(pk=tour).state == Tour.State.DONE
    drivers.play(end + timedelta(seconds=1))
    drivers.remember(end + timedelta(seconds=1))
    assert seen(tour) == set()
    assert not VehicleState.objects.filter(vehicle__shifts__tour=tour).exists()
    assert kept(between) == []


def test_a_shift_that_never_said_it_ended_is_tidied(driven):
    tour, _drivers, between, end, _ = driven
    clock.simulate(end + positions.OVERTIME, rate=0)
    positions.tidy()
    from ressort.core.fleet.positions import forget_stale

    assert forget_stale() == VehicleState.objects.count() + 1 or forget_stale() == 0
    assert seen(tour) == set()
    assert kept(between) == []


def test_ending_by_hand_forgets_at_once(driven):
    tour, _drivers, between, _end, committed = driven
    with committed(execute=True):
        driving.end(worlds.person("denis"), tour)
    assert seen(tour) == set()
    assert kept(between) == []
