"""A tour in the hands of a driver: in order, with absences, delays and breakdowns, and nobody forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from ressort.core import clock
from ressort.core.errors import Forbidden, Refused
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.core.journal.models import Event
from ressort.services.transport.actions import booking, driving, replanning, telling
from ressort.services.transport.models import Booking
from tests import worlds
from tests.services.transport.test_booking import book, spot

pytestmark = pytest.mark.django_db


def go(at: datetime) -> None:
    clock.simulate(at, rate=0)


def own(made: Booking) -> Booking:
    """Put the trip's tour into Denis's hands."""
    shift = made.promise.tour.shift
    shift.driver = worlds.person("denis")
    shift.save()
    return made


@pytest.fixture
def denis(still_clock):
    return worlds.person("denis")


def up_and_off(made: Booking) -> tuple[Visit, Visit]:
    up, off = made.promise.visits.order_by("sequence")
    return up, off


def test_a_ride_from_leaving_to_alighting(denis):
    made = own(book())
    tour = made.promise.tour_id
    up, off = up_and_off(made)
    go(up.planned - timedelta(minutes=4))
    driving.depart(denis, tour)
    go(up.planned)
    driving.arrive(denis, tour)
    driving.serve(denis, tour, up.pk)
    made.refresh_from_db()
    assert (made.state, made.promise.state) == (Booking.State.ABOARD, Promise.State.ABOARD)
    driving.depart(denis, tour)
    go(off.planned)
    driving.arrive(denis, tour)
    driving.serve(denis, tour, off.pk)
    made.refresh_from_db()
    assert (made.state, made.promise.state) == (Booking.State.DONE, Promise.State.KEPT)
    told = list(Event.objects.filter(subject=made.pid).order_by("seq").values_list("kind", flat=True))
    assert told == ["transport.booking.accepted", "transport.rider.boarded", "transport.rider.alighted"]
    driving.end(denis, tour)
    assert Tour.objects.get(pk=tour).state == Tour.State.DONE


def test_only_the_driver_of_a_tour_or_its_dispatcher_drives_it(denis):
    made = own(book())
    for name in ("rosa", "agathe"):
        with pytest.raises(Forbidden):
            driving.depart(worlds.person(name), made.promise.tour_id)
    with pytest.raises(Forbidden):
        driving.depart(AnonymousUser(), made.promise.tour_id)
    assert driving.depart(worlds.person("diane"), made.promise.tour_id).state == Visit.State.UNDER_WAY


def test_what_is_not_next_is_refused_and_done_things_are_not_done_twice(denis):
    made = own(book())
    tour = made.promise.tour_id
    up, off = up_and_off(made)
    for visit, code in ((off, "not-next"),):
        with pytest.raises(Refused) as refused:
            driving.serve(denis, tour, visit.pk)
        assert refused.value.code == code
    driving.depart(denis, tour)
    with pytest.raises(Refused, match="déjà en route"):
        driving.depart(denis, tour)
    driving.arrive(denis, tour)
    with pytest.raises(Refused, match="déjà à cet arrêt"):
        driving.arrive(denis, tour)
    driving.serve(denis, tour, up.pk)
    with pytest.raises(Refused, match="déjà traité"):
        driving.serve(denis, tour, up.pk)
    with pytest.raises(Refused, match="comptent encore"):
        driving.end(denis, tour)


def test_an_absence_is_noted_only_after_the_promised_time_and_a_wait(denis):
    made = own(book())
    up, _ = up_and_off(made)
    go(up.planned - timedelta(minutes=2))
    driving.arrive(denis, made.promise.tour_id)
    go(made.promise.pickup_from)
    with pytest.raises(Refused, match="Attendez encore"):
        driving.no_show(denis, made.promise.tour_id, up.pk)
    go(max(made.promise.pickup_from, up.planned) + driving.WAIT_BEFORE_NO_SHOW)
    driving.no_show(denis, made.promise.tour_id, up.pk)
    made.refresh_from_db()
    assert made.state == Booking.State.NO_SHOW
    assert not made.promise.visits.exclude(state=Visit.State.SKIPPED).exists()


def test_a_small_delay_keeps_every_promise(denis):
    made = own(book())
    outcome = replanning.delay(denis, made.promise.tour_id, 2)
    assert outcome.broken == ()
    made.refresh_from_db()
    assert made.overrun_s == 0


def test_a_long_delay_moves_riders_to_other_vans_inside_their_promises(denis):
    made = own(book())
    tour = made.promise.tour_id
    up, _ = up_and_off(made)
    go(up.planned - timedelta(minutes=3))
    events = Event.objects.count()
    outcome = replanning.delay(denis, tour, 60)
    assert Event.objects.count() == events + 1
    made.promise.refresh_from_db()
    if outcome.moved:
        assert made.promise.tour_id != tour
        assert made.promise.visits.get(is_pickup=True).planned <= made.promise.pickup_until
    else:
        assert outcome.broken == (made.pid,)


def test_a_breakdown_leaves_nobody_on_the_broken_van(denis):
    trips = [own(book(passengers=4, at=worlds.TUESDAY + timedelta(minutes=45 + 7 * n))) for n in range(4)]
    tour = trips[0].promise.tour_id
    outcome = replanning.break_down(worlds.person("diane"), tour)
    assert Tour.objects.get(pk=tour).state == Tour.State.BROKEN
    assert not Promise.objects.filter(tour=tour, state=Promise.State.PLANNED).exists()
    for trip in trips:
        trip.refresh_from_db()
        if trip.pid in outcome.moved:
            assert trip.promise.visits.get(is_pickup=True).planned <= trip.promise.pickup_until
    event = Event.objects.order_by("-seq").first()
    assert event.kind == "transport.tour.broken_down"
    assert all(pid in event.payload for pid in (*outcome.moved, *outcome.broken))


def test_riders_aboard_a_broken_van_are_picked_up_where_it_stands(denis):
    made = own(book())
    tour = made.promise.tour_id
    up, _ = up_and_off(made)
    go(up.planned)
    driving.arrive(denis, tour)
    driving.serve(denis, tour, up.pk)
    driving.depart(denis, tour)
    go(up.planned + timedelta(minutes=1))
    replanning.break_down(denis, tour)
    made.refresh_from_db()
    promise = Promise.objects.get(pk=made.promise_id)
    assert promise.tour_id != tour
    assert promise.state == Promise.State.PLANNED
    assert promise.visits.exclude(state=Visit.State.SKIPPED).count() == 2


def test_a_rider_told_of_later_times_keeps_the_trip_or_leaves_it(denis):
    made = book()
    Booking.objects.filter(pk=made.pk).update(overrun_s=900)
    telling.agree(AnonymousUser(), made.code)
    made.refresh_from_db()
    assert made.agreed is True
    with pytest.raises(Refused, match="Aucun nouvel horaire"):
        telling.agree(AnonymousUser(), made.code)
    booking.cancel(AnonymousUser(), made.code)


def test_improving_changes_no_promise_and_loses_nobody(denis):
    trips = [
        book(
            origin=spot(n % 7 + 0.1, 0),
            destination=spot((3 * n) % 7 + 0.9, 7),
            at=worlds.TUESDAY + timedelta(minutes=40 + 3 * n),
        )
        for n in range(8)
    ]
    before = {
        t.promise_id: (t.promise.pickup_from, t.promise.pickup_until, t.promise.dropoff_until) for t in trips
    }
    replanning.improve(0.3, seed=4)
    for promise in Promise.objects.filter(pk__in=before):
        assert (promise.pickup_from, promise.pickup_until, promise.dropoff_until) == before[promise.pk]
        for visit in promise.visits.all():
            assert visit.planned <= visit.due
            assert visit.tour_id == promise.tour_id


def test_the_clock_passing_by_is_repaired_without_a_word_when_nothing_is_late(denis):
    book()
    assert replanning.repair_all("clock") == replanning.Outcome()
