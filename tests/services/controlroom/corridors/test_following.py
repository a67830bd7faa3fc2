"""A vehicle that says where it is moves its corridor; what cannot be true moves nothing, and the page says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core.accounts.models import Organisation
from ressort.core.errors import Refused
from ressort.core.intake import watching
from ressort.core.intake.observing import observe
from ressort.core.journal.models import Event
from ressort.services.controlroom.corridors import following, opening, queries
from ressort.services.controlroom.corridors.models import Corridor
from ressort.services.controlroom.equipment import registering
from ressort.services.controlroom.equipment.models import Asset, Emergency
from ressort.twin.players.rescue import Rescue
from tests import worlds
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"


@pytest.fixture
def car(way):
    town = Organisation.objects.get(pid="o_valmont")
    lon, lat = worlds.at(0, 0)
    fields = {
        "code": "vsav-1",
        "kind": "vehicle",
        "name": "VSAV 1",
        "lon": lon,
        "lat": lat,
        "device": "vsav-1",
    }
    registering.take(worlds.person("adele"), [(town, fields)], source="twin")
    watching.deliver("controlroom.corridors", following.hear)
    return Asset.objects.get(code="vsav-1")


def opened(way, car, **more):
    Emergency.objects.create(by="p_oscar", reason="x", since=way.wall, until=way.wall + timedelta(minutes=60))
    found = way.plan(**more)
    opening.open_corridor(way.oscar, found.pid, vehicle=car.pid, now=way.wall)
    way.watched = found.pid
    return found


def says(way, x, y, ago=0.0, **more):
    at = way.service - timedelta(seconds=ago)
    lon, lat = worlds.at(x, y)
    observe(
        [{"device": "vsav-1", "property": name, "value": value, "at": at, **more}
         for name, value in (("lon", lon), ("lat", lat))]
    )  # fmt: skip
    watching.deliver("controlroom.corridors", lambda rows: following.hear(rows, way.wall))


def now(found):
    return Corridor.objects.select_related("vehicle").get(pk=found.pk)


def moves():
    return Event.objects.filter(kind="controlroom.corridor.moved").count()


def test_positions_move_the_corridor_and_pass_what_is_behind(way, car):
    found = opened(way, car)
    way.later(5)
    says(way, 0.3, 0)
    first = now(found)
    assert first.heard == way.wall
    assert first.ignored == ""
    before = moves()
    way.later(2)
    says(way, 2.2, 0)
    assert now(found).ignored == "jump"  # no vehicle goes so far in two seconds
    assert moves() == before
    way.later(35)  # long silent: the next is believed
    says(way, 2.2, 0)
    second = now(found)
    assert second.ignored == ""
    item = way.item(found, "feux-a")
    assert item.passed is not None
    assert moves() == before + 1
    event = Event.objects.filter(kind="controlroom.corridor.moved").order_by("-seq")[0]
    assert event.actor == "system:controlroom"
    assert car.pid in event.payload
    way.later(1)
    says(way, 2.2, 0.001)
    assert moves() == before + 1  # a second of difference is no event


@pytest.mark.parametrize(
    ("where", "ago", "more", "why"),
    [((3, 3), 0, {}, "off"), ((0.3, 0), 40, {}, "stale"), ((0.3, 0), 0, {"quality": "doubtful"}, "bad")],
)
def test_what_cannot_be_is_ignored_with_a_word(way, car, client, where, ago, more, why):
    found = opened(way, car)
    way.later(3)
    start = now(found).start
    says(way, *where, ago=ago, **more)
    seen = now(found)
    assert (seen.ignored, seen.start, seen.heard) == (why, start, None)
    client.force_login(way.oscar, backend=BACKEND)
    page = client.get(f"/console/poste/couloirs/{found.pid}/")
    check(page)
    assert "Position ignorée" in page.content.decode()
    assert str(following.WHY[why]) in page.content.decode()
    says(way, 0.2, 0, ago=0)
    way.later(1)
    says(way, 0.2, 0)
    assert now(found).ignored == ""
    assert "Position ignorée" not in client.get(f"/console/poste/couloirs/{found.pid}/").content.decode()


def test_half_a_position_an_older_one_and_another_corridor_move_nothing(way, car):
    found = opened(way, car)
    way.later(3)
    says(way, 0.3, 0)
    start = now(found).start
    observe(
        [{"device": "vsav-1", "property": "lon", "value": 5.0, "at": way.service + timedelta(seconds=10)}]
    )
    watching.deliver("controlroom.corridors", lambda rows: following.hear(rows, way.wall))
    assert now(found).start == start
    assert now(found).ignored == ""
    opening.release(way.oscar, found.pid, now=way.wall)
    says(way, 3, 0)
    assert now(found).start == start


def test_a_vehicle_at_home_before_it_is_to_leave_has_not_left(way, car):
    found = opened(way, car, delay=120)
    start = now(found).start
    way.later(3)
    says(way, 0, 0)
    assert now(found).start == start
    assert now(found).heard is not None


def test_only_a_vehicle_that_is_heard_can_be_chosen(way, car, client):
    found = way.plan()
    for pid in ("e_none", Asset.objects.get(code="feux-a").pid):
        with pytest.raises(Refused) as refused:
            opening.open_corridor(way.oscar, found.pid, vehicle=pid, now=way.wall)
        assert refused.value.code == "bad-vehicle"
    client.force_login(way.oscar, backend=BACKEND)
    page = client.get(f"/console/poste/couloirs/{found.pid}/")
    check(page)
    assert "VSAV 1" in page.content.decode()
    wrong = client.post(f"/console/poste/couloirs/{found.pid}/ouvrir/", {"item-1": "1", "vehicle": "e_none"})
    assert wrong.status_code == 422
    assert "de la liste" in wrong.content.decode()


def test_the_town_drives_the_corridor_that_was_opened_for_its_vehicle(way, car):
    found = opened(way, car)
    town, moved = Rescue(), 0
    while now(found).state == Corridor.State.OPEN and moved < found.seconds * 2 + 120:
        way.later(3)
        moved += 3
        town.drive(way.service, way.wall)
        watching.deliver("controlroom.corridors", lambda rows: following.hear(rows, way.wall))
    ended = now(found)
    assert ended.why == "passed"
    assert not found.items.filter(chosen=True, passed=None).exists()
    drawn = queries.drawn(ended, "vehicle", way.wall)
    assert drawn["features"] == []
