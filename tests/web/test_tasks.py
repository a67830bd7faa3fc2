"""The board that the console opens on: what waits for a person, the most pressing first, at a bounded cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.notify.models import Message
from ressort.services.transport.actions import replanning
from ressort.services.transport.models import Booking
from ressort.web import tasks
from tests import worlds
from tests.services.transport.test_booking import book
from tests.services.transport.test_driving import own

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"


def labels(name: str) -> list[str]:
    return [task.label for group in tasks.waiting(worlds.person(name)) for task in group.tasks]


def test_a_calm_day_says_so(client, still_clock):
    client.force_login(worlds.person("diane"), backend=BACKEND)
    assert "Rien ne vous attend" in client.get("/console/").content.decode()


def test_a_stopped_van_and_a_rider_without_one_come_first(still_clock):
    made = own(book())
    Booking.objects.filter(pk=made.pk).update(overrun_s=600)
    replanning.break_down(worlds.person("diane"), made.promise.tour_id)
    found = [task for group in tasks.waiting(worlds.person("diane")) for task in group.tasks]
    assert found[0].tone == "bad"
    assert f"Dépanner {made.promise.tour.shift.vehicle.name}" in labels("diane")
    assert "Rappeler un voyageur" in labels("agathe")
    urgencies = [tasks.URGENCY[task.tone] for task in found]
    assert urgencies == sorted(urgencies)


def test_each_sees_what_is_theirs(still_clock):
    own(book())
    assert labels("denis") == ["Conduire ma tournée"]
    assert tasks.waiting(worlds.person("rosa")) == []


def test_messages_and_letters_wait_for_those_who_may_see_them(still_clock):
    usual = {"kind": "transport.booked", "not_before": still_clock, "created": still_clock}
    Message.objects.create(key="1", asked="1", channel="sms", state="failed", **usual)
    Message.objects.create(key="2", asked="2", channel="letter", state="waiting", **usual)
    assert labels("agathe") == ["1 message n'est pas arrivé", "1 lettre à imprimer"]
    assert labels("diane") == []


def test_the_board_costs_the_same_with_many_trips(client, still_clock, django_assert_max_num_queries):
    client.force_login(worlds.person("diane"), backend=BACKEND)
    for n in range(10):
        own(book(at=worlds.TUESDAY + timedelta(minutes=45 + 25 * n)))
    clock.simulate(still_clock + timedelta(minutes=40), rate=0)
    client.get("/console/")
    with django_assert_max_num_queries(20):
        client.get("/console/a-faire/", headers={"HX-Request": "true"})
    assert client.get("/console/a-faire/").status_code == 302
