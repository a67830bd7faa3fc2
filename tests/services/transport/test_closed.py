"""The stops of a zone close while a situation lasts: nobody is sent there, and who was to go there is called."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal.models import Event
from ressort.core.territory.models import Area, Place
from ressort.services.controlroom.incidents import prepared
from ressort.services.controlroom.incidents.actions import situations
from ressort.services.transport import closed, pausing, tasks
from ressort.services.transport.actions import asking, booking
from ressort.services.transport.models import Pause
from tests import worlds
from tests.services.transport.test_booking import NOBODY, spot, wish
from tests.services.transport.test_pausing import declare, operator, react  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
ROSA = booking.Rider("Rosa Martin", "06 12 34 56 78")
CORNER = (7, 7)


def zone(west: float, south: float, east: float, north: float) -> Area:
    a, b = worlds.at(west, south), worlds.at(east, north)
    ring = [[a[0], a[1]], [b[0], a[1]], [b[0], b[1]], [a[0], b[1]], [a[0], a[1]]]
    return Area.objects.create(
        kind="flood", name="Les prés", geometry=json.dumps({"type": "Polygon", "coordinates": [ring]})
    )


@pytest.fixture
def flood(declare):  # noqa: F811
    def make(area: Area | None = None, **more):
        area = area or zone(6.5, 6.5, 7.5, 7.5)
        return declare(kind="flood", presets=("transport.closed_zone",), area=str(area.public_id), **more)

    return make


def to_the_corner(**more):
    return asking.ask(NOBODY, wish(origin=spot(0, 0), destination=spot(*CORNER), **more))


def kinds() -> list[str]:
    found = Event.objects.filter(kind__startswith="transport.pause").order_by("seq")
    return list(found.values_list("kind", flat=True))


def test_nobody_is_offered_a_closed_stop_and_the_refusal_names_the_zone(flood, operator):  # noqa: F811
    assert to_the_corner().offers
    made = flood()
    with pytest.raises(Refused, match="Les prés") as refused:
        to_the_corner()
    assert (refused.value.code, refused.value.field) == ("paused", "destination")
    situations.close(operator, made.pid)
    react()
    assert to_the_corner().offers
    assert kinds() == ["transport.pause.began", "transport.pause.ended"]


def test_a_stop_next_to_the_zone_is_walked_to(flood):
    middle = spot(6.5, 2.5)  # between two stops, 7 3 and 7 0 east of it
    before = asking.ask(NOBODY, wish(origin=spot(0, 0), destination=middle))
    shut = before.offers[0]["dropoff"]
    stop = Place.objects.get(pk=shut)
    (west, south), (east, north) = worlds.at(0, 0), worlds.at(1, 1)
    column, row = (stop.lon - west) / (east - west), (stop.lat - south) / (north - south)
    flood(zone(column - 0.3, row - 0.3, column + 0.3, row + 0.3))
    after = asking.ask(NOBODY, wish(origin=spot(0, 0), destination=middle))
    assert after.offers
    assert shut not in {offer["dropoff"] for offer in after.offers}


def test_an_offer_made_before_is_not_accepted_at_a_stop_closed_since(flood):
    demand = to_the_corner()
    flood()
    with pytest.raises(Refused, match="Les prés"):
        booking.accept(NOBODY, demand.pid, 0, ROSA)


def test_who_was_to_go_there_is_a_task_until_the_end_of_the_situation(flood, operator):  # noqa: F811
    made = booking.accept(NOBODY, to_the_corner().pid, 0, ROSA)
    booking.accept(NOBODY, asking.ask(NOBODY, wish(origin=spot(0, 0), destination=spot(4, 5))).pid, 0, ROSA)
    situation = flood()
    (task,) = [one for one in tasks.waiting(worlds.person("diane")) if one.icon == "bell"]
    assert made.code in task.url
    assert "arrêt fermé" in str(task.note)
    assert [one for one, __, __ in closed.concerned(pausing.standing())] == [made]
    situations.close(operator, situation.pid)
    react()
    assert not [one for one in tasks.waiting(worlds.person("diane")) if one.icon == "bell"]


def test_it_holds_until_the_expected_end(flood):
    flood(until=service_now() + timedelta(hours=2))
    with pytest.raises(Refused, match="Les prés"):
        to_the_corner(at=service_now() + timedelta(hours=1))
    assert to_the_corner(at=service_now() + timedelta(hours=3)).offers


def test_an_exercise_closes_nothing_and_says_so(flood, client):
    flood(exercise=True)
    assert to_the_corner().offers
    said = client.get(reverse("transport:home")).content.decode()
    assert "EXERCICE" in said
    assert "Les prés" in said


def test_it_needs_a_zone(declare):  # noqa: F811
    with pytest.raises(Refused, match="choisissez la zone") as refused:
        declare(kind="flood", presets=("transport.closed_zone",))
    assert refused.value.field == "area"
    assert not Pause.objects.exists()
    assert "transport.closed_zone" not in prepared.of("flood").initial()["presets"]


def test_the_page_of_stops_says_which_are_closed(flood, client):
    page = reverse("transport:stops")
    assert "Fermé" not in client.get(page).content.decode()
    flood()
    said = client.get(page).content.decode()
    assert said.count("Fermé") == 1
    assert "Les prés" in said


def test_the_map_says_which_are_closed(flood, client):
    flood()
    told = client.get("/api/v1/transport/stops.geojson").json()["features"]
    (shut,) = [one["properties"] for one in told if one["properties"]["closed"]]
    assert shut["label"] == f"{shut['name']} · fermé"
