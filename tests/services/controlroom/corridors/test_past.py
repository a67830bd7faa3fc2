"""Corridors seen again: each moment is what the page showed then."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.services.controlroom.corridors import opening, past, queries
from ressort.services.controlroom.corridors.models import Corridor
from ressort.services.controlroom.equipment.models import Emergency
from tests import worlds
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"
MOVING = {"sent", "running", "waiting"}  # told within the second


def opened(way, **more):
    Emergency.objects.create(by="p_oscar", reason="x", since=way.wall, until=way.wall + timedelta(minutes=60))
    found = way.loop(**more) if more.pop("twice", False) else way.plan(**more)
    opening.open_corridor(way.oscar, found.pid, now=way.wall)
    way.watched = found.pid
    return found


def look(way, found):
    corridor = Corridor.objects.get(pk=found.pk)
    left = round(corridor.elapsed(way.wall))
    return left, [(one.name, one.code, one.word) for one in queries.shown(corridor, way.wall)]


def again(found, at):
    was = next(iter(past.open_at(at, found.pid)), None)
    if was is None:
        return None
    corridor, items = past.shown(was, at)
    return round(corridor.elapsed(at)), [(one.name, one.code, one.word) for one in items]


def same(then, now):
    """Tell whether two pictures are one, but for what was on its way within that very second."""
    if abs(then[0] - now[0]) > 1 or len(then[1]) != len(now[1]):
        return False
    return all(a == b or {a[1], b[1]} & MOVING for a, b in zip(then[1], now[1], strict=True))


@pytest.mark.parametrize("twice", [False, True])
def test_every_moment_is_shown_as_it_was(way, twice):
    found = opened(way, lead=15, margin=10, twice=twice)
    before = way.service - timedelta(seconds=1)
    way.fault("feux-a", "off")
    pictures = []
    seconds = 0
    while Corridor.objects.get(pk=found.pk).state == Corridor.State.OPEN and seconds < 200:
        way.later(4)
        seconds += 4
        if seconds == 24 and not twice:
            opening.passed(way.oscar, found.pid, way.item(found, "borne-1").number, now=way.wall)
            way.later(1)
        if seconds == 40 and not twice:
            item = way.item(found, "borne-1")
            if item.passed:
                opening.not_passed(way.oscar, found.pid, item.number, 5, now=way.wall)
                way.later(1)
        if Corridor.objects.get(pk=found.pk).state == Corridor.State.OPEN:
            pictures.append((way.service, look(way, found)))
    if Corridor.objects.get(pk=found.pk).state == Corridor.State.OPEN:
        opening.release(way.oscar, found.pid, now=way.wall)
    way.later(30)
    assert len({str(one[1]) for __, one in pictures}) > 5
    wrong = [
        (at, picture, again(found, at))
        for at, picture in pictures
        if not same(again(found, at) or (0, []), picture)
    ]
    assert wrong == []
    assert again(found, before) is None
    assert again(found, way.service) is None


def test_the_map_the_list_and_the_panel_ask_for_a_moment(way, client):
    found = opened(way)
    way.later(20)
    during = way.service
    way.later(1)
    opening.release(way.oscar, found.pid, now=way.wall)
    way.later(20)
    clock.simulate(way.service, rate=0)
    client.force_login(way.oscar, backend=BACKEND)
    path = "/api/v1/controlroom/corridors.geojson"
    then = json.loads(client.get(path, {"at": during.isoformat()}).content)["features"]
    now = json.loads(client.get(path).content)["features"]
    assert [one["properties"]["id"] for one in then] == [found.pid]
    assert now == []
    (task,) = past.then(way.oscar, during)
    assert task.label == found.destination
    assert [*past.then(way.oscar, way.service)] == []
    assert [*past.then(worlds.person("rosa"), during)] == []
    panel = client.get(task.url)
    check(panel)
    assert "feux-a" in panel.content.decode()
    assert b"<html" not in client.get(task.url, headers={"HX-Request": "true"}).content
    gone = client.get(task.url.split("?")[0] + f"?a={way.service.timestamp()}")
    check(gone)
    assert "n'était pas ouvert" in gone.content.decode()
    check(client.get(task.url.split("?")[0] + "?a=x"), 422)
    check(client.get(f"/console/rejeu/?a={during.timestamp():.0f}"))
