"""What a driver's device tells after the fact: in order, once, and true even where the plan has changed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ressort.core import clock
from ressort.core.errors import Forbidden, Refused
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.core.journal.models import Event
from ressort.services.transport.actions import booking, driving, reporting
from ressort.services.transport.actions.reporting import Deed
from ressort.services.transport.models import Booking, Report
from tests import worlds
from tests.services.transport.test_booking import NOBODY, book, spot
from tests.services.transport.test_driving import own, up_and_off

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"


@pytest.fixture
def denis(still_clock):
    return worlds.person("denis")


def ride(made: Booking, start, keys: str = "a") -> list[Deed]:
    """Return what a driver does for a ride, a minute apart."""
    up, off = up_and_off(made)
    steps = (("depart", up), ("arrive", up), ("serve", up), ("depart", off), ("arrive", off), ("serve", off))
    return [
        Deed(kind, visit.pk, key=f"{keys}-key-{n:04}", at=start + timedelta(minutes=n))
        for n, (kind, visit) in enumerate(steps)
    ]


def test_a_ride_told_after_the_fact_happened_when_it_was_done(denis, still_clock):
    made = own(book())
    clock.simulate(still_clock + timedelta(hours=3), rate=0)
    start = still_clock + timedelta(hours=1)
    answers = reporting.catch_up(denis, made.promise.tour_id, ride(made, start))
    assert [answer.state for answer in answers] == ["done"] * 6
    up, off = up_and_off(made)
    assert (up.departed, up.arrived, up.left) == tuple(start + timedelta(minutes=n) for n in range(3))
    assert off.left == start + timedelta(minutes=5)
    made.refresh_from_db()
    assert made.state == Booking.State.DONE
    done_at = json.loads(Event.objects.filter(kind="transport.rider.boarded").latest("seq").payload)[
        "done_at"
    ]
    assert done_at == int((start + timedelta(minutes=2)).timestamp())


def test_what_is_told_twice_is_done_once(denis, still_clock):
    made = own(book())
    deeds = ride(made, still_clock)
    reporting.catch_up(denis, made.promise.tour_id, deeds[:4])
    count = Event.objects.count()
    answers = reporting.catch_up(denis, made.promise.tour_id, deeds)
    assert [answer.state for answer in answers] == ["known"] * 4 + ["done"] * 2
    assert Event.objects.count() == count + 2
    assert Report.objects.count() == 6


def test_a_deed_of_now_under_a_known_key_is_not_done_again(denis, still_clock):
    made = own(book())
    up, _ = up_and_off(made)
    for _ in range(2):
        reporting.do(denis, made.promise.tour_id, Deed("depart", up.pk, key="one-and-the-same"))
    assert Event.objects.filter(kind="transport.visit.departed").count() == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=6))
def test_however_the_sending_is_cut_the_day_ends_the_same(denis, still_clock, rounds):
    """A device tells some of what it has kept; when the answer is lost, it tells the same again."""
    with transaction.atomic():
        made = own(book())
        kept = ride(made, still_clock)
        for number, answered in rounds:
            reporting.catch_up(denis, made.promise.tour_id, kept[:number])
            kept = kept[number:] if answered else kept
        reporting.catch_up(denis, made.promise.tour_id, kept)
        assert Promise.objects.get(pk=made.promise_id).state == Promise.State.KEPT
        assert Report.objects.filter(code="").count() == 6
        transaction.set_rollback(True)


def test_a_rider_given_to_another_van_meanwhile_comes_back_with_the_fact(denis, still_clock):
    made = own(book())
    here, up_off = made.promise.tour, up_and_off(made)
    there = Tour.objects.exclude(pk=here.pk).first()
    Visit.objects.filter(promise=made.promise).update(tour=there)
    Promise.objects.filter(pk=made.promise_id).update(tour=there)
    version = there.version
    answers = reporting.catch_up(denis, here.pk, ride(made, still_clock))
    assert [answer.state for answer in answers] == ["done"] * 6
    assert {visit.tour_id for visit in made.promise.visits.all()} == {here.pk}
    assert Promise.objects.get(pk=made.promise_id).tour_id == here.pk
    assert Tour.objects.get(pk=there.pk).version > version, "a plan made before must not be written over it"
    assert up_off[0].pk in {visit.pk for visit in here.visits.all()}


def test_at_once_the_plan_holds_and_the_driver_is_told(denis, still_clock):
    made = own(book())
    up, off = up_and_off(made)
    with pytest.raises(Refused, match="vient de changer"):
        driving.depart(denis, made.promise.tour_id, off.pk)
    driving.depart(denis, made.promise.tour_id, up.pk)
    with pytest.raises(Refused, match=r"prochain arrêt|notée à bord"):
        driving.serve(denis, made.promise.tour_id, off.pk)


def test_an_order_changed_meanwhile_yields_to_what_was_done(denis, still_clock):
    one = own(book())
    other = book(at=still_clock + timedelta(minutes=45), origin=spot(6.9, 0), destination=spot(0.1, 7))
    tour = one.promise.tour
    Visit.objects.filter(promise=other.promise).update(tour=tour)
    Promise.objects.filter(pk=other.promise_id).update(tour=tour)
    for sequence, visit in enumerate((*up_and_off(one), *up_and_off(other)), start=1):
        Visit.objects.filter(pk=visit.pk).update(sequence=sequence)
    answers = reporting.catch_up(denis, tour.pk, ride(other, still_clock))
    assert [answer.state for answer in answers] == ["done"] * 6
    answers = reporting.catch_up(denis, tour.pk, ride(one, still_clock + timedelta(minutes=10), "b"))
    assert [answer.state for answer in answers] == ["done"] * 6
    left = list(tour.visits.order_by("sequence").values_list("left", flat=True))
    assert left == sorted(left)


def test_a_contradiction_is_refused_kept_and_told_to_the_dispatchers(denis, still_clock):
    made = own(book())
    deeds = ride(made, still_clock)
    booking.cancel(NOBODY, made.code)
    answers = reporting.catch_up(denis, made.promise.tour_id, deeds[2:3])
    assert answers[0].state == "refused"
    assert "déjà traité" in answers[0].sentence
    assert Report.objects.get().code == "visit-over"
    event = Event.objects.latest("seq")
    assert event.kind == "transport.deed.conflicted"
    assert reporting.catch_up(denis, made.promise.tour_id, deeds[2:3])[0].state == "known"


def test_an_absence_noted_too_soon_is_taken_once_the_van_has_left(denis, still_clock):
    made = own(book())
    up, _ = up_and_off(made)
    early = made.promise.pickup_from - timedelta(minutes=5)
    clock.simulate(early, rate=0)
    driving.arrive(denis, made.promise.tour_id)
    with pytest.raises(Refused, match="Attendez encore"):
        driving.no_show(denis, made.promise.tour_id, up.pk)
    deed = Deed("no_show", up.pk, key="absent-1", at=early)
    assert reporting.catch_up(denis, made.promise.tour_id, [deed])[0].state == "done"


@pytest.mark.parametrize(
    ("shift", "state"),
    [(timedelta(days=2), "done"), (-timedelta(hours=25), "refused"), (timedelta(0), "done")],
)
def test_a_device_clock_is_believed_within_reason(denis, still_clock, shift, state):
    made = own(book())
    up, _ = up_and_off(made)
    deed = Deed("depart", up.pk, key="clock-of-device", at=still_clock + shift)
    assert reporting.catch_up(denis, made.promise.tour_id, [deed])[0].state == state
    up.refresh_from_db()
    assert up.departed is None or up.departed <= still_clock, "never in the future"


def test_only_who_drives_the_tour_may_tell(still_clock):
    made = own(book())
    for name in ("rosa", "agathe"):
        with pytest.raises(Forbidden):
            reporting.catch_up(worlds.person(name), made.promise.tour_id, ride(made, still_clock))
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"deeds": [{"key": "k", "kind": "depart", "at": "2026-09-15T08:00:00+02:00"}]},
        {"deeds": [{"key": "long-enough", "kind": "fly", "at": "2026-09-15T08:00:00+02:00"}]},
        {"deeds": [{"key": "long-enough", "kind": "depart", "at": "hier"}]},
        {"deeds": [{"key": "<b>long</b>", "kind": "depart", "at": "2026-09-15T08:00:00+02:00"}]},
        {"deeds": "all"},
        [],
    ],
)
def test_what_is_malformed_is_said_and_nothing_is_done(client, still_clock, body):
    made = own(book())
    client.force_login(worlds.person("denis"), backend=BACKEND)
    url = f"/api/v1/transport/tours/{made.promise.tour_id}/deeds"
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == 422
    assert not Report.objects.exists()


def test_the_device_is_given_what_it_needs_to_stand_alone(client, still_clock):
    for n in range(4):
        made = own(book(at=worlds.TUESDAY + timedelta(minutes=45 + 30 * n)))
    client.force_login(worlds.person("denis"), backend=BACKEND)
    page = client.get(f"/transport/conducteur/{made.promise.tour_id}/").content.decode()
    assert page.count("data-call ") == page.count('data-deed="depart"')
    assert page.count("data-call ") > 1
    assert 'rel="manifest"' in page
    app = client.get("/transport/conducteur/app.webmanifest")
    assert app.json()["scope"] == "/transport/conducteur/"
    worker = client.get("/transport/conducteur/hors-reseau.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
