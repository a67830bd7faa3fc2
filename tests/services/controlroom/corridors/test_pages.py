"""The console's pages of corridors, and what programs read and say."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from ressort.core import clock
from ressort.services.controlroom.corridors import opening, working
from ressort.services.controlroom.corridors.models import Corridor
from ressort.services.controlroom.equipment.models import Emergency
from ressort.services.controlroom.incidents.actions import opening as incident_opening
from tests import worlds
from tests.services.controlroom.equipment.test_pages import sign_in
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
ROOT = "/console/poste/couloirs/"


def posted(x, y, **more):
    lon, lat = worlds.at(x, y)
    return {
        "origin": "Rue Alpha", "origin_lon": str(worlds.at(0, 0)[0]), "origin_lat": str(worlds.at(0, 0)[1]),
        "destination": "Rue Alpha, au bout", "destination_lon": str(lon), "destination_lat": str(lat),
        "reason": "Feu", "lead": "30", "margin": "20", "delay": "0", **more,
    }  # fmt: skip


def test_an_operator_prepares_opens_and_another_agrees(client, way):
    sign_in(client, way.oscar)
    check(client.get(ROOT))
    page = client.get(f"{ROOT}nouveau/")
    check(page)
    assert "Centre de secours" in page.content.decode()
    answer = client.post(f"{ROOT}nouveau/", posted(7, 0))
    assert answer.status_code == 302
    found = Corridor.objects.get()
    path = f"{ROOT}{found.pid}/"
    page = client.get(path)
    check(page)
    assert page.content.decode().count('name="item-') == 6
    assert "à vérifier" in page.content.decode()
    wrong = client.post(f"{path}ouvrir/", {"item-2": "1", "approach-2": "zz"})
    check(wrong, 422)
    check(client.post(f"{path}ouvrir/", {}), 409)
    assert client.post(f"{path}ouvrir/", {"item-2": "1", "approach-2": "2", "item-3": "1"}).status_code == 302
    page = client.get(path)
    check(page)
    assert "Une autre personne doit" in page.content.decode()
    assert client.post(f"{path}accord/approuver/").status_code == 409
    sign_in(client, way.odile)
    check(client.get(path))
    check(client.get(ROOT))
    check(client.get("/console/"))
    check(client.get("/console/poste/"))
    assert client.post(f"{path}accord/approuver/").status_code == 302
    found.refresh_from_db()
    assert found.state == "open"
    page = client.get(path, headers={"HX-Request": "true"})
    assert "Relâcher tout" in page.content.decode()
    check(client.get(path))
    assert client.post(f"{path}tenir/", headers={"HX-Request": "true"}).status_code == 204
    assert client.post(f"{path}passe/", {"item": "2"}).status_code == 302
    assert "Passage noté" in client.get(path).content.decode()
    assert client.post(f"{path}passe/", {"item": "x"}).status_code == 409
    assert client.post(f"{path}pas-passe/", {"item": "2", "shift": "x"}).status_code == 409
    assert client.post(f"{path}pas-passe/", {"item": "2", "shift": "-20"}).status_code == 302
    assert client.post(f"{path}pas-passe/", {"item": "2", "shift": "-20"}).status_code == 409
    assert client.post(f"{path}zzz/").status_code == 404
    for layer in ("way", "open", "ahead", "wrong", "zzz"):
        assert client.get(f"{path}carte/?couche={layer}").status_code == 200
    way_drawn = client.get(f"{path}carte/?couche=way").json()
    assert way_drawn["features"][0]["geometry"]["type"] == "LineString"
    assert client.post(f"{path}relacher/").status_code == 302
    assert client.post(f"{path}relacher/").status_code == 409
    check(client.get(path))
    check(client.get(ROOT))
    assert client.post(f"{path}tenir/", headers={"HX-Request": "true"}).status_code == 204


def test_what_is_wrong_is_said_beside_the_field(client, way):
    sign_in(client, way.oscar)
    for more, words in (
        ({"lead": "2"}, "de 15 à 90"),
        ({"lead": "x"}, "nombre entier de secondes"),
        ({"reason": ""}, "Dites pourquoi"),
        ({"destination": "", "destination_lon": "", "destination_lat": ""}, "Dites où va"),
        ({"destination_lon": "999"}, "pas sur la carte"),
        ({"destination_lon": "nan"}, "pas sur la carte"),
    ):
        page = client.post(f"{ROOT}nouveau/", posted(7, 0, **more))
        check(page, 422)
        assert words in page.content.decode().replace("\u00a0", " "), more
    assert client.get(f"{ROOT}k_nothing/").status_code == 404
    assert client.get(f"{ROOT}nouveau/?incident=INC-1").status_code == 404


def test_from_an_incident_the_way_ends_there(client, way):
    lon, lat = worlds.at(6, 5)
    draft = incident_opening.Draft("Feu", "safety", "high", address="Rue Foxtrot", lon=lon, lat=lat)
    incident = incident_opening.open_incident(way.oscar, draft)
    sign_in(client, way.oscar)
    page = client.get(reverse("controlroom:incident", args=[incident.number]))
    check(page)
    assert "Ouvrir la voie à un véhicule" in page.content.decode()
    page = client.get(f"{ROOT}nouveau/?incident={incident.number}")
    check(page)
    text = page.content.decode()
    assert "Rue Foxtrot" in text
    base = text.split('name="base"')[1].split("selected")[0].rsplit('value="', 1)[1].split('"')[0]
    answer = client.post(
        f"{ROOT}nouveau/",
        posted(6, 5, base=base, incident=incident.number, origin="", origin_lon="", origin_lat=""),
    )
    assert answer.status_code == 302
    found = Corridor.objects.get()
    assert found.incident == incident
    assert found.origin


def test_a_page_asks_the_same_number_of_questions_however_long_the_way(
    client, way, django_assert_max_num_queries
):
    found = way.plan()
    Emergency.objects.create(by="p_oscar", reason="x", since=way.wall, until=way.wall + timedelta(minutes=60))
    opening.open_corridor(way.oscar, found.pid, now=way.wall)
    working.tick(way.wall)
    sign_in(client, way.oscar)
    with django_assert_max_num_queries(40):
        check(client.get(f"{ROOT}{found.pid}/"))
    with django_assert_max_num_queries(25):
        client.get(f"{ROOT}{found.pid}/", headers={"HX-Request": "true"})


def test_a_program_draws_the_open_ways_and_says_where_the_vehicle_is(client, way):
    found = way.plan()
    at = clock.wall_now()
    Emergency.objects.create(by="p_oscar", reason="x", since=at, until=at + timedelta(minutes=60))
    opening.open_corridor(way.oscar, found.pid)
    sign_in(client, way.oscar)
    drawn = client.get("/api/v1/controlroom/corridors.geojson").json()
    assert [one["properties"]["id"] for one in drawn["features"]] == [found.pid]
    lon, lat = worlds.at(3, 0)
    path = f"/api/v1/controlroom/corridors/{found.pid}/position"
    answer = client.post(path, json.dumps({"lon": lon, "lat": lat}), content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["start"] != answer.json()["opened"]
    assert client.post(path, "{}", content_type="application/json").status_code == 422
