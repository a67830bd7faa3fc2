"""From a wish to a promise, on the real tables of the small town."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from ressort.core import clock
from ressort.core.errors import Refused
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.core.journal import receipts
from ressort.core.journal.models import Event
from ressort.core.territory.models import Place
from ressort.services.transport.actions import asking, booking
from ressort.services.transport.models import Booking, Demand, Offering
from ressort.services.transport.wishes import Spot, Wish
from tests import worlds

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def spot(column: float, row: float) -> Spot:
    lon, lat = worlds.at(column, row)
    return Spot(lon, lat, f"{column}/{row}")


def wish(**fields: object) -> Wish:
    usual = {
        "origin": spot(0.2, 0),
        "destination": spot(6.9, 7),
        "at": worlds.TUESDAY + timedelta(minutes=45),
    }
    return Wish(**{**usual, **fields})


def book(rank: int = 0, key: str | None = None, **fields: object) -> Booking:
    demand = asking.ask(NOBODY, wish(**fields))
    return booking.accept(NOBODY, demand.pid, rank, booking.Rider("Rosa Martin", "06 12 34 56 78"), key=key)


def test_an_answer_is_immediate_with_up_to_three_offers_inside_what_was_asked(still_clock):
    demand = asking.ask(NOBODY, wish())
    assert demand.answer == Demand.Answer.OFFERED
    assert 1 <= len(demand.offers) <= 3
    asked = int(wish().at.timestamp())
    for offer in demand.offers:
        assert asked + offer["walk_from_s"] <= offer["pickup_at"]
        assert offer["pickup_from"] <= offer["pickup_at"] <= offer["pickup_until"]
        assert offer["dropoff_at"] <= offer["dropoff_until"]
        assert offer["ride_s"] <= offer["ride_max"]
        assert offer["walk_from_m"] <= 400


def test_arriving_before_is_kept_with_the_walk_counted(still_clock):
    before = worlds.TUESDAY + timedelta(hours=2)
    demand = asking.ask(NOBODY, wish(at=before, arrive_by=True))
    assert demand.offers
    assert all(offer["arrival_at"] <= before.timestamp() for offer in demand.offers)


def test_accepting_freezes_the_promise_and_writes_one_event(still_clock):
    demand = asking.ask(NOBODY, wish())
    events = Event.objects.count()
    made = booking.accept(NOBODY, demand.pid, 0, booking.Rider("Rosa Martin"))
    assert Event.objects.count() == events + 1
    offer, promise = demand.offers[0], made.promise
    assert promise.pickup_from.timestamp() == offer["pickup_from"]
    assert promise.dropoff_until.timestamp() == offer["dropoff_until"]
    up, off = promise.visits.order_by("sequence")
    assert (up.is_pickup, off.is_pickup) == (True, False)
    assert promise.pickup_from <= up.planned <= promise.pickup_until
    assert up.tour_id == off.tour_id == promise.tour_id
    assert promise.tour.version == 2
    assert made.contact.name == "Rosa Martin"


def test_the_same_key_never_books_twice(still_clock):
    one = book(key="page:1")
    demand = asking.ask(NOBODY, wish())
    again = booking.accept(NOBODY, demand.pid, 0, booking.Rider("Rosa Martin"), key="page:1")
    assert again.pk == one.pk
    assert Booking.objects.count() == 1


def test_an_offer_is_accepted_once(still_clock):
    made = book()
    with pytest.raises(Refused) as refused:
        booking.accept(NOBODY, made.demand.pid, 0, booking.Rider("Rosa Martin"))
    assert refused.value.code == "already-booked"


def test_nothing_is_overbooked_and_a_refusal_explains_itself(still_clock):
    answers = []
    for _ in range(24):
        demand = asking.ask(NOBODY, wish(passengers=6))
        answers.append(demand)
        if demand.offers:
            booking.accept(NOBODY, demand.pid, 0, booking.Rider("Groupe Martin"))
    refused = [demand for demand in answers if not demand.offers]
    assert refused, "three vans cannot carry twenty-four groups of six at once"
    assert refused[-1].reason in {"CAPACITY", "NO_VEHICLE_FREE", "RIDE_TIME"}
    assert refused[-1].sentence.endswith(".")
    assert refused[-1].nearest, "a refusal offers the nearest times that work"
    check_tours()


def check_tours() -> None:
    """Walk every tour: no van ever holds more than it can, every promise is kept by the plan."""
    for tour in Tour.objects.filter(visits__isnull=False).distinct().select_related("shift__vehicle"):
        load = [0, 0, 0]
        for visit in tour.visits.exclude(state=Visit.State.SKIPPED).order_by("sequence"):
            promise = visit.promise
            sign = 1 if visit.is_pickup else -1
            load = [a + sign * b for a, b in zip(load, promise.load, strict=True)]
            assert all(
                0 <= have <= most for have, most in zip(load, tour.shift.vehicle.capacity, strict=True)
            )
            first = promise.pickup_from if visit.is_pickup else promise.dropoff_from
            assert first <= visit.planned <= visit.due
        assert load == [0, 0, 0]


def test_only_the_van_with_a_place_for_it_carries_a_wheelchair(still_clock):
    made = book(wheelchairs=1)
    assert made.promise.tour.shift.vehicle.wheelchairs == 2
    assert (made.promise.seats, made.promise.wheelchairs) == (0, 1)


def test_every_offer_and_refusal_replays_to_the_same_answer(still_clock):
    for _ in range(6):
        book(passengers=4)
    for demand in Demand.objects.all():
        assert receipts.replay(demand.receipt).same
    kept = receipts.find(demand.receipt.lower().replace("-", " "))
    assert "Rosa" not in str(receipts.inputs(kept)) + kept.words + kept.answer


def test_cancelling_frees_the_places_at_once(still_clock):
    made = book()
    booking.cancel(NOBODY, made.code)
    made.refresh_from_db()
    assert made.state == Booking.State.CANCELLED
    assert made.promise.state == Promise.State.CANCELLED
    assert set(made.promise.visits.values_list("state", flat=True)) == {Visit.State.SKIPPED}
    with pytest.raises(Refused) as refused:
        booking.cancel(NOBODY, made.code)
    assert refused.value.code == "trip-over"


def test_changing_a_trip_gives_the_old_place_back_only_once_the_new_one_is_held(still_clock):
    old = book()
    demand = asking.ask(NOBODY, wish(at=worlds.TUESDAY + timedelta(hours=3)), replaces=old)
    old.refresh_from_db()
    assert old.state == Booking.State.ACCEPTED
    new = booking.accept(NOBODY, demand.pid, 0, booking.Rider("Rosa Martin"))
    old.refresh_from_db()
    assert (old.state, new.state) == (Booking.State.CANCELLED, Booking.State.ACCEPTED)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"at": worlds.TUESDAY - timedelta(hours=1)}, "past-time"),
        ({"at": worlds.TUESDAY + timedelta(days=60)}, "too-early"),
        ({"at": worlds.TUESDAY + timedelta(minutes=1), "arrive_by": True}, "too-late"),
        ({"passengers": 0}, "bad-passengers"),
        ({"passengers": 99}, "bad-passengers"),
        ({"wheelchairs": 2}, "bad-wheelchairs"),
        ({"luggage": 50}, "bad-luggage"),
        ({"origin": spot(60, 60)}, "no-stop-near"),
        ({"destination": spot(0.1, 0)}, "same-stop"),
        ({"at": worlds.TUESDAY.replace(hour=22)}, "closed"),
        ({"at": worlds.TUESDAY + timedelta(days=5)}, "closed"),
    ],
)
def test_what_cannot_be_a_trip_is_refused_with_a_sentence_and_its_field(still_clock, fields, code):
    with pytest.raises(Refused) as refused:
        asking.ask(NOBODY, wish(**fields))
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")
    assert not Demand.objects.exists()


def test_an_old_offer_is_not_accepted(still_clock):
    demand = asking.ask(NOBODY, wish())
    Demand.objects.update(expires=clock.wall_now() - timedelta(seconds=1))
    with pytest.raises(Refused) as refused:
        booking.accept(NOBODY, demand.pid, 0, booking.Rider("Rosa Martin"))
    assert refused.value.code == "offer-expired"


@pytest.mark.parametrize(
    ("rider", "field"),
    [
        (booking.Rider(""), "name"),
        (booking.Rider("x" * 500), "name"),
        (booking.Rider("Rosa", phone="12"), "phone"),
        (booking.Rider("Rosa", email="rosa"), "email"),
        (booking.Rider("Rosa", note="x" * 300), "note"),
    ],
)
def test_a_rider_is_checked_field_by_field(still_clock, rider, field):
    demand = asking.ask(NOBODY, wish())
    with pytest.raises(Refused) as refused:
        booking.accept(NOBODY, demand.pid, 0, rider)
    assert refused.value.field == field


def test_an_offering_for_registered_people_asks_to_sign_in(still_clock):
    Offering.objects.update(riders=Offering.Riders.REGISTERED)
    with pytest.raises(Refused) as refused:
        asking.ask(NOBODY, wish())
    assert refused.value.status == 403
    assert asking.ask(worlds.person("rosa"), wish()).offers


def test_a_closed_stop_is_no_longer_offered(still_clock):
    stop = Place.objects.get(name="Arrêt Alpha 1")
    Place.objects.filter(pk=stop.pk).update(active=False)
    from ressort.core.fleet import planning
    from ressort.core.network import matrices

    matrices.rebuild([(lon, lat) for _, lon, lat in planning.planning_places()], planning.PROFILE)
    planning.forget()
    with pytest.raises(Refused, match="Aucun arrêt"):
        asking.ask(NOBODY, wish())


def test_an_erased_person_leaves_no_name_number_or_address_behind(still_clock):
    from django.apps import apps

    from ressort.core.accounts import actions as accounts
    from ressort.core.journal import chain

    rosa = worlds.person("rosa")
    demand = asking.ask(rosa, wish(origin=Spot(*worlds.at(0.2, 0), "7 impasse du Secret")))
    rider = booking.Rider(
        "Rosa Inoubliable", "06 98 76 54 32", note="sonner deux fois", from_label="7 impasse du Secret"
    )
    booking.accept(rosa, demand.pid, 0, rider)
    accounts.erase(rosa, actor=rosa)
    traces = ("Inoubliable", "698765432", "sonner", "Secret", "rosa@valmont.test")
    for model in apps.get_models():
        for row in model.objects.values():
            assert not any(trace in str(row) for trace in traces), model
    assert list(chain.faults()) == []
    assert Promise.objects.count() == 1
