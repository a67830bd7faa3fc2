"""A morning of the small town: riders and drivers play through the actions, nothing is doubled, no promise forgotten."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.errors import Refused
from ressort.core.fleet import planning
from ressort.core.fleet.kept import read_tours
from ressort.core.fleet.models import Promise, Shift, Tour, Visit
from ressort.core.jobs import queue
from ressort.core.journal import chain
from ressort.core.journal.models import Event
from ressort.services.transport import queries
from ressort.services.transport.actions import booking, replanning
from ressort.services.transport.models import Booking, Demand
from ressort.twin import day
from ressort.twin.models import TwinState
from ressort.twin.players import riders
from tests import worlds
from tests.services.transport.test_booking import NOBODY, book

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(still_clock):
    """Every shift has a driver, and a day of riders is about to begin."""
    home = Organisation.objects.get()
    for shift in Shift.objects.filter(driver=None).select_related("vehicle"):
        user, _ = User.objects.get_or_create(
            email=f"{shift.vehicle.pid}@valmont.test",
            defaults={"name": "Chauffeur", "pid": f"p_{shift.vehicle.pid}"},
        )
        Membership.objects.get_or_create(user=user, organisation=home, role="driver")
        shift.driver = user
        shift.save()
    TwinState.objects.create(id=1, day=worlds.TUESDAY.date(), riders=60, rate=10, source="tests", ready=True)
    riders.trips.cache_clear()
    day.drivers.__init__()
    return still_clock


def forward(minutes: int) -> None:
    day.fast_forward(clock.service_now() + timedelta(minutes=minutes), lambda *_: None)


def test_a_morning_lives(town):
    forward(120)
    assert Booking.objects.filter(state=Booking.State.DONE).count() >= 3
    shown = queries.indicators(queries.today())
    assert shown.punctuality is None or shown.punctuality > 0.9
    assert shown.broken == 0
    assert list(chain.faults()) == []
    keys = Counter(Booking.objects.exclude(key=None).values_list("key", flat=True))
    assert max(keys.values()) == 1
    for promise in Promise.objects.filter(state=Promise.State.KEPT):
        assert promise.visits.filter(state=Visit.State.DONE).count() == 2
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"transport.visit.departed", "transport.rider.boarded", "transport.rider.alighted"} <= kinds


def test_a_tour_that_changes_says_so_by_its_version(town):
    """What the plan remembers of a tour is right as long as its version stands: whatever happens to it, it moves on."""
    before, moved = {}, set()

    def look() -> None:
        versions = dict(Tour.objects.values_list("pk", "version"))
        now = read_tours(versions, planning.ground().index)
        for pk, kept in now.items():
            if pk in before and kept != before[pk]:
                assert kept.version != before[pk].version, (
                    f"tour {pk} changed and kept version {kept.version}"
                )
                moved.add(pk)
        before.update(now)

    for _ in range(20):
        forward(3)
        look()
    denis = User.objects.get(pid="p_denis")
    tour = Tour.objects.filter(shift__driver=denis, shift__starts__lt=clock.service_now()).latest(
        "shift__starts"
    )
    replanning.delay(denis, tour.pk, 15)
    look()
    booking.cancel(NOBODY, book(at=clock.service_now() + timedelta(minutes=60)).code)
    look()
    replanning.improve(seed=1, cpu_seconds=0.2)
    look()
    replanning.break_down(denis, tour.pk)
    look()
    assert tour.pk in moved
    assert len(moved) > 1


def test_a_plan_is_written_again_only_when_it_is_better(town):
    forward(30)
    now = clock.service_now()

    def cost() -> float:
        board = planning.read(now, span=(now, now + replanning.LOOK_AHEAD))
        keys = list(board.plan.tours)
        return replanning._travel(board.problem, board.plan, keys) + 0.2 * replanning._aboard(
            board.plan, keys
        )

    for seed in range(5):
        before, told = cost(), Event.objects.filter(kind="transport.plan.improved").count()
        written = replanning.improve(cpu_seconds=0.2, seed=seed)
        news = Event.objects.filter(kind="transport.plan.improved").count() - told
        assert bool(news) == bool(written)
        assert cost() <= before - news
        assert written or cost() == before


def test_playing_a_moment_again_doubles_nothing(town):
    forward(30)
    counts = (Demand.objects.count(), Booking.objects.count(), Event.objects.count())
    TwinState.objects.update(played=0)
    day.step(clock.service_now())
    assert (Demand.objects.count(), Booking.objects.count(), Event.objects.count()) == counts


def test_the_day_of_a_seed_is_always_the_same(town):
    first = riders.trips(worlds.TUESDAY.date(), 1, 60)
    riders.trips.cache_clear()
    assert riders.trips(worlds.TUESDAY.date(), 1, 60) == first
    assert riders.trips(worlds.TUESDAY.date(), 2, 60) != first


def test_a_tour_in_a_persons_hands_is_left_alone(town):
    forward(60)
    tour = Tour.objects.filter(visits__state=Visit.State.PENDING).distinct().first()
    assert tour is not None
    Tour.objects.filter(pk=tour.pk).update(by_hand=True)
    open_before = set(tour.visits.filter(state=Visit.State.PENDING).values_list("pk", flat=True))
    forward(30)
    assert open_before <= set(
        Visit.objects.filter(state__in=(Visit.State.PENDING, Visit.State.SKIPPED)).values_list(
            "pk", flat=True
        )
    )


def test_the_night_is_passed_over_but_never_somebody_waiting(town):
    assert day.quiet(worlds.TUESDAY) is None
    night = worlds.TUESDAY.replace(hour=21, minute=30)
    morning = day.quiet(night)
    assert morning is not None
    assert morning > night + timedelta(hours=5)


def test_the_clock_is_advanced_by_a_job_and_only_a_simulated_one(town):
    job = day.advance(NOBODY, clock.service_now() + timedelta(minutes=5))
    assert queue.run_one("w")
    job.refresh_from_db()
    assert job.state == "done"
    assert clock.reading().rate == 10
    with pytest.raises(Refused, match="24 heures"):
        day.advance(NOBODY, clock.service_now() + timedelta(days=3))
    from ressort.core.clock.models import ClockState

    ClockState.objects.all().delete()
    clock.simulation.forget()
    with pytest.raises(Refused, match="réelle"):
        day.advance(NOBODY, clock.service_now() + timedelta(minutes=5))


def test_plans_stay_within_their_promises_all_morning(town):
    for _ in range(4):
        forward(15)
        live = Tour.objects.filter(
            shift__starts__lte=clock.service_now(), shift__ends__gt=clock.service_now()
        )
        assert live.exists()
    late = Event.objects.filter(kind__in=("transport.tour.delayed", "transport.plan.repaired")).exists()
    if not late:
        check_tours_so_far()


def check_tours_so_far() -> None:
    """Done visits may be a few seconds off the plan; open ones keep every promise."""
    for visit in Visit.objects.filter(state=Visit.State.PENDING).select_related("promise"):
        eased = visit.promise.pickup_eased if visit.is_pickup else visit.promise.dropoff_eased
        assert visit.planned <= visit.due + timedelta(seconds=eased)


def test_an_advance_to_a_trip_stops_before_its_van_even_if_it_comes_sooner(town):
    made = book(at=worlds.TUESDAY + timedelta(minutes=60))
    day.advance(NOBODY, clock.service_now() + timedelta(hours=3), made.code)
    assert queue.run_one("w")
    up = made.promise.visits.get(is_pickup=True)
    ahead = up.planned - clock.service_now()
    assert ahead >= timedelta(0)
    assert up.state == Visit.State.UNDER_WAY or ahead <= day.BEFORE + timedelta(seconds=day.STRIDE)
    made.refresh_from_db()
    assert made.state == Booking.State.ACCEPTED
