"""Two clocks: the wall's, and the service's that may run fast, stand still, jump and survive a stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ressort.core import clock
from ressort.core.clock.models import ClockState

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 9, 15, 10, tzinfo=UTC)


def test_service_time_is_wall_time_unless_simulated():
    assert abs(clock.service_now() - clock.wall_now()) < timedelta(seconds=5)
    assert not clock.reading().simulated
    with pytest.raises(ValueError, match="cannot be moved"):
        clock.jump(NOON)


def test_a_simulated_clock_runs_at_its_rate():
    clock.simulate(NOON, rate=0)
    assert clock.service_now() == NOON
    clock.simulate(NOON, rate=10)
    ClockState.objects.update(wall_anchor=clock.wall_now() - timedelta(seconds=6))
    clock.simulation.forget()
    assert timedelta(seconds=60) <= clock.service_now() - NOON < timedelta(seconds=90)


def test_a_jump_keeps_the_rate():
    clock.simulate(NOON, rate=7)
    clock.jump(NOON + timedelta(hours=1))
    assert clock.reading().rate == 7
    assert clock.service_now() >= NOON + timedelta(hours=1)


def test_time_stands_still_while_nothing_runs():
    clock.simulate(NOON, rate=10)
    past = clock.wall_now() - timedelta(hours=5)
    ClockState.objects.update(wall_anchor=past, beat=past + timedelta(seconds=30))
    clock.simulation.forget()
    down = clock.resume()
    assert down > timedelta(hours=4)
    assert timedelta(minutes=5) <= clock.service_now() - NOON < timedelta(minutes=6)


def test_the_clock_waits_for_what_is_played_and_goes_on_from_there():
    clock.simulate(NOON, rate=60)
    clock.heartbeat(NOON + timedelta(seconds=45))
    ClockState.objects.update(wall_anchor=clock.wall_now() - timedelta(seconds=9))
    clock.simulation.forget()
    assert clock.service_now() == NOON + timedelta(seconds=45)
    clock.heartbeat(NOON + timedelta(hours=2))
    assert timedelta(seconds=45) <= clock.service_now() - NOON < timedelta(seconds=300)
    assert clock.reading().rate == 60


def test_a_stop_while_the_clock_waits_loses_and_gains_nothing():
    clock.simulate(NOON, rate=60)
    clock.heartbeat(NOON + timedelta(seconds=45))
    past = clock.wall_now() - timedelta(hours=1)
    ClockState.objects.update(wall_anchor=past, beat=past + timedelta(seconds=30))
    clock.resume()
    assert timedelta(seconds=45) <= clock.service_now() - NOON < timedelta(seconds=300)


def test_a_heartbeat_means_nothing_to_a_real_clock():
    clock.heartbeat(NOON)
    assert not clock.reading().simulated


@pytest.mark.parametrize("rate", [-1, 4000])
def test_an_absurd_rate_is_refused(rate):
    with pytest.raises(ValueError, match="clock rate"):
        clock.simulate(NOON, rate=rate)
