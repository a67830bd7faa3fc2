"""A rule that asks whether a counter is usual: the hours kept by the intake, one verdict an hour, an alarm and its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ressort.core import clock
from ressort.core.intake import catalogue
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.models import Block, Series
from ressort.services.controlroom.alarms import usual, working
from ressort.services.controlroom.alarms.models import Alarm, Rule
from tests.engines.alarms.test_usual import week

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def counter(still_clock):
    """A counter of bicycles with five weeks behind it, silent since six this Tuesday morning."""
    working.forget()
    catalogue.enrol({"velo-1": (Spec("passages", low=0, high=100_000),)})
    series = Series.objects.get(observed="passages")
    here = still_clock.astimezone(PARIS).replace(hour=0, minute=0)
    rows = []
    for back in range(35, -1, -1):
        day = here - timedelta(days=back)
        for hour, count in enumerate(week(3)[day.weekday()]):
            at = day + timedelta(hours=hour)
            if at < here + timedelta(hours=6):
                rows.append(_block(series, at, count))
    Block.objects.bulk_create(rows)
    Rule.objects.create(
        name="Compteur muet", lines="passages inhabituels", devices="velo-*", changed=still_clock
    )
    yield series, here
    working.forget()


def _block(series, at: datetime, count: float) -> Block:
    hour = int(at.timestamp() // 3600)
    return Block(
        series=series, hour=hour, first=hour * 3_600_000, count=4, mean=count / 4, low=0, high=count, body=b""
    )


def look(at: datetime) -> None:
    clock.simulate(at, rate=0)
    working.look_at_habits()


def test_a_morning_that_does_not_come_is_an_alarm_and_ends_with_it(counter):
    series, here = counter
    look(here + timedelta(hours=7, minutes=5))
    assert not Alarm.objects.exists(), "an hour without bicycles at six means nothing"
    look(here + timedelta(hours=11, minutes=5))
    alarm = Alarm.objects.get()
    assert (alarm.device.code, alarm.ended) == ("velo-1", None)
    look(here + timedelta(hours=11, minutes=40))
    Block.objects.bulk_create([_block(series, here + timedelta(hours=11), 6)])
    look(here + timedelta(hours=12, minutes=5))
    alarm.refresh_from_db()
    assert alarm.ended is not None


def test_hours_are_read_once_an_hour_in_few_queries(counter, django_assert_max_num_queries):
    _series, here = counter
    look(here + timedelta(hours=7, minutes=5))
    clock.simulate(here + timedelta(hours=7, minutes=30), rate=0)
    with django_assert_max_num_queries(1):  # the clock, which was moved
        working.look_at_habits()
    clock.simulate(here + timedelta(hours=8, minutes=5), rate=0)
    with django_assert_max_num_queries(6):
        working.look_at_habits()


def test_a_rule_is_tried_on_the_day_before(counter):
    _series, here = counter
    rule = Rule.objects.get()
    changes = working.rehearse(rule, here, here + timedelta(hours=14))
    assert [change.kind for change in changes] == ["raised"]
    assert 8 <= (changes[0].at - here.timestamp()) / 3600 <= 12
    assert working.rehearse(rule, here - timedelta(days=2), here) == []


def test_a_counter_without_a_past_is_usual(still_clock):
    catalogue.enrol({"velo-2": (Spec("passages", low=0, high=100_000),)})
    assert usual.last(Series.objects.get(device__code="velo-2").pk, still_clock) == 0
