"""The days of 23 and 25 hours, and the day that comes every four years: nothing is lost, twice, or an hour off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from ressort.core import clock
from ressort.core.errors import Refused
from ressort.core.fleet import shifts
from ressort.core.fleet.models import Shift, Tour, Vehicle
from ressort.core.jobs import queue
from ressort.core.jobs.models import Job
from ressort.core.territory.calendars import day_type
from ressort.services.transport import access, queries
from ressort.services.transport.actions import asking, booking
from ressort.services.transport.models import Demand, Hours, Offering
from ressort.web.gantt import Plan
from ressort.web.templatetags.ressort import window
from tests import worlds
from tests.services.transport.test_booking import NOBODY, wish

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
BACK, FORWARD, LEAP = date(2026, 10, 25), date(2027, 3, 28), date(2028, 2, 29)
CHANGES = [(BACK, 25), (FORWARD, 23), (date(2027, 10, 31), 25), (LEAP, 24)]
BACKEND = "ressort.core.accounts.backends.EmailBackend"


def at(day: date, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    """Return what the clocks of the territory show, as an instant."""
    return datetime.combine(day, time(hour, minute, fold=fold), PARIS).astimezone(UTC)


def running(day: date, opens: int = 0, closes: int = 1440) -> Offering:
    """Open the service on a day, with a van on shift from midnight to the evening; the clock is the evening before."""
    clock.simulate(at(day - timedelta(days=1), 20), rate=0)
    offering = Offering.objects.get()
    Hours.objects.filter(offering=offering, day=day.weekday()).delete()
    Hours.objects.create(offering=offering, day=day.weekday(), opens=opens, closes=closes)
    shift = Shift.objects.create(
        vehicle=Vehicle.objects.get(pid="v_0"),
        starts=at(day, 0),
        ends=at(day, 18),
        driver=worlds.person("denis"),
    )
    Tour.objects.create(shift=shift)
    return offering


@pytest.mark.parametrize(("day", "hours"), CHANGES)
def test_a_day_lasts_from_midnight_to_midnight(day, hours):
    start, end = queries.span_of(day)
    assert end - start == timedelta(hours=hours)
    assert queries.span_of(day + timedelta(days=1))[0] == end


@pytest.mark.parametrize(("day", "hours"), CHANGES)
def test_the_service_opens_and_closes_by_the_clocks_people_see(day, hours):
    offering = running(day, opens=60, closes=300)
    ((start, end),) = access.openings(offering, day)
    assert (start.astimezone(PARIS).hour, end.astimezone(PARIS).hour) == (1, 5)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours - 20)
    for hour, is_open in ((0, False), (1, True), (4, True), (6, False)):
        assert access.is_open(offering, at(day, hour)) is is_open


def test_an_hour_that_is_skipped_is_refused_and_one_lived_twice_is_the_first():
    with pytest.raises(Refused, match="avancent d'une heure"):
        access.at_home(datetime.fromisoformat("2027-03-28T02:30"))
    assert access.at_home(datetime.fromisoformat("2026-10-25T02:30")).astimezone(UTC) == at(BACK, 2, 30)
    assert at(BACK, 2, 30, fold=1) - at(BACK, 2, 30) == timedelta(hours=1)


@pytest.mark.parametrize("day", [BACK, FORWARD, LEAP])
@pytest.mark.parametrize("arrive_by", [False, True])
def test_a_trip_across_the_change_is_promised_in_the_right_order(day, arrive_by):
    running(day)
    asked = at(day, 3, 10) if arrive_by else at(day, 1, 55)
    demand = asking.ask(NOBODY, wish(at=asked, arrive_by=arrive_by))
    assert demand.answer == Demand.Answer.OFFERED, demand.sentence
    made = booking.accept(NOBODY, demand.pid, 0, booking.Rider("Rosa Martin"))
    promise = made.promise
    assert promise.pickup_from <= promise.pickup_until < promise.dropoff_until
    assert promise.pickup_until - promise.pickup_from <= timedelta(minutes=15)
    if arrive_by:
        assert demand.offers[0]["arrival_at"] <= asked.timestamp()
        assert asked - promise.pickup_from < timedelta(hours=1)
    else:
        assert asked <= promise.pickup_from < asked + timedelta(minutes=30)


def test_the_same_wall_time_is_two_trips_when_it_is_lived_twice():
    running(BACK)
    first = asking.ask(NOBODY, wish(at=at(BACK, 2, 30)))
    again = asking.ask(NOBODY, wish(at=at(BACK, 2, 30, fold=1)))
    apart = again.offers[0]["pickup_at"] - first.offers[0]["pickup_at"]
    assert abs(apart - 3600) < 300


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (at(FORWARD, 1, 55), at(FORWARD, 3, 5), "entre 1 h 55 et 3 h 05"),
        (at(BACK, 2, 55), at(BACK, 2, 10, fold=1), "entre 2 h 55 et 2 h 10"),
        (at(LEAP, 7, 30), at(LEAP, 7, 40), "entre 7 h 30 et 7 h 40"),
    ],
)
def test_windows_are_told_by_the_clocks_people_see(start, end, said):
    assert said in window(start, end).replace("\u00a0", " ")
    assert start < end
    with translation.override("en"):
        assert "between" in window(start, end)


@pytest.mark.parametrize(("sunday", "length"), [(BACK, 9), (FORWARD, 7)])
def test_a_week_of_shifts_is_copied_across_a_change_by_the_clock(sunday, length):
    before = sunday - timedelta(days=7)
    monday = before - timedelta(days=6)
    clock.simulate(at(monday - timedelta(days=3), 8), rate=0)
    adele, van = worlds.person("adele"), Vehicle.objects.get(pid="v_0")
    night = (at(before - timedelta(days=1), 22), at(before, 6))
    morning = (at(before, 7), at(before, 12))
    shifts.add(adele, [(van, *night, None), (van, *morning, None)])
    assert shifts.copy_week(adele, monday, 1) == 2
    copied = Shift.objects.filter(vehicle=van, starts__gte=at(sunday - timedelta(days=1), 12)).order_by(
        "starts"
    )
    over_night, day_shift = copied
    assert over_night.ends - over_night.starts == timedelta(hours=length)
    assert [one.astimezone(PARIS).hour for one in (over_night.starts, over_night.ends, day_shift.starts)] == [
        22,
        6,
        7,
    ]


def test_a_shift_that_no_clock_shows_is_too_short():
    clock.simulate(at(FORWARD - timedelta(days=3), 8), rate=0)
    skipped = [datetime.combine(FORWARD, time(hour), PARIS) for hour in (2, 3)]
    with pytest.raises(Refused, match="15 minutes"):
        shifts.add(worlds.person("adele"), [(Vehicle.objects.get(pid="v_0"), *skipped, None)])


def test_a_week_is_copied_onto_the_29th_of_february():
    monday = date(2028, 2, 21)
    clock.simulate(at(monday - timedelta(days=3), 8), rate=0)
    adele, van = worlds.person("adele"), Vehicle.objects.get(pid="v_0")
    shifts.add(adele, [(van, at(monday + timedelta(days=1), 6), at(monday + timedelta(days=1), 14), None)])
    shifts.copy_week(adele, monday, 2)
    days = [one.starts.astimezone(PARIS).date() for one in Shift.objects.filter(starts__gt=at(monday, 0))]
    assert sorted(days) == [date(2028, 2, 22), LEAP, date(2028, 3, 7)]
    assert day_type(LEAP) == "working"


@pytest.mark.parametrize("day", [BACK, FORWARD, LEAP])
def test_the_days_of_the_board_follow_each_other_and_count_each_trip_once(client, day):
    running(day)
    made = [
        booking.accept(NOBODY, asking.ask(NOBODY, wish(at=moment)).pid, 0, booking.Rider("Rosa Martin"))
        for moment in (at(day, 0, 5), at(day, 16))
    ]
    client.force_login(worlds.person("diane"), backend=BACKEND)
    days = [day - timedelta(days=1), day, day + timedelta(days=1)]
    assert [queries.indicators(one).booked for one in days] == [0, len(made), 0]
    for before, after in pairwise(days):
        page = client.get(f"/console/transport/tournees/?jour={before}").content.decode()
        assert f"?jour={after}" in page
        assert f"?jour={before}" in client.get(f"/console/transport/tournees/?jour={after}").content.decode()
    assert client.get(f"/console/transport/indicateurs/?jour={day}").status_code == 200


@pytest.mark.parametrize(("day", "hours"), [(BACK, 19), (FORWARD, 17), (LEAP, 18)])
def test_hours_on_shift_are_hours_lived(day, hours):
    running(day)
    clock.simulate(at(day, 23), rate=0)
    others = Shift.objects.filter(starts__lt=at(day, 23), ends__gt=at(day, 0)).exclude(starts=at(day, 0))
    assert not others.exists()
    assert queries.indicators(day).shift_hours == hours


def test_a_job_waits_for_its_moment_not_for_its_clock_face(monkeypatch):
    queue.work("test.waits")(lambda running: None)
    job = queue.enqueue("test.waits", delay=3600)
    Job.objects.filter(pk=job.pk).update(not_before=at(BACK, 2, 30, fold=1))
    for moment, taken in (
        (at(BACK, 2, 40), False),
        (at(BACK, 2, 29, fold=1), False),
        (at(BACK, 2, 30, fold=1), True),
    ):
        monkeypatch.setattr(queue, "wall_now", lambda moment=moment: moment)
        assert (queue.take("w") is not None) is taken


@pytest.mark.parametrize(("day", "hours"), CHANGES)
def test_the_drawing_of_a_day_is_as_long_as_the_day(day, hours):
    start, end = queries.span_of(day)
    plan = Plan([], start.astimezone(PARIS), end.astimezone(PARIS))
    assert plan.place(end) == pytest.approx(100)
    places = [place for place, _ in plan.hours]
    assert len(places) == hours
    assert all(after - before == pytest.approx(plan.hour_step) for before, after in pairwise(places))
