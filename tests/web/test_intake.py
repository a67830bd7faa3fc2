"""Devices by their token, and the console's pages of the intake."""

from __future__ import annotations

import json

import pytest

from ressort.core.clock import wall_now
from ressort.core.intake import catalogue
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.models import Device, Quarantine, Sample
from tests import worlds
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
PATH = "/api/v1/intake/observations"


@pytest.fixture
def token(still_clock):
    adele = worlds.person("adele")
    _, secret = catalogue.provision(adele, "air-1")
    catalogue.declare_series(adele, "air-1", [Spec("no2", unit="µg/m³", low=0, high=500)])
    return secret


def send(client, body, token="", **more):
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post(PATH, text, content_type="application/json", headers=headers, **more)


def said(value=12, **more):
    return {"device": "air-1", "property": "no2", "value": value, "at": wall_now().isoformat(), **more}


def test_a_device_sends_a_batch_and_is_told_what_became_of_it(client, token):
    batch = [said(), said(12.5, device="air-9"), said(9999), "x"]
    answer = send(client, batch, token)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["accepted"], found["duplicates"], found["quarantined"]) == (1, 0, 3)
    assert [(one["rank"], one["reason"]) for one in found["faults"]] == [
        (1, "unknown-device"),
        (2, "absurd"),
        (3, "malformed"),
    ]
    assert Sample.objects.count() == 1


def test_one_observation_of_sensorthings_is_heard(client, token):
    one = {"result": 3, "phenomenonTime": wall_now().isoformat(), "Datastream": {"@iot.id": "air-1/no2"}}
    assert send(client, one, token).json()["accepted"] == 1


@pytest.mark.parametrize("given", ["", "dev_wrong", "é"])
def test_a_wrong_token_is_refused(client, token, given):
    answer = send(client, [said()], given.encode().decode("latin-1"))
    assert (answer.status_code, answer.json()["code"]) == (401, "bad-token")


def test_what_is_no_json_or_too_much_is_refused(client, token):
    assert send(client, "{", token).json()["code"] == "unreadable"
    assert send(client, "[" * 200_000, token).status_code == 400
    assert send(client, [1] * 10_001, token).json()["code"] == "too-many"
    assert send(client, b"\xff", token).status_code == 400


def test_a_series_is_read_again(client, token):
    send(client, [said(n) for n in range(3)], token)
    client.force_login(worlds.person("adele"), backend="ressort.core.accounts.backends.EmailBackend")
    found = client.get("/api/v1/intake/series/air-1/no2?since=2026-09-15T00:00:00Z").json()
    assert found["unit"] == "µg/m³"
    assert 1 <= len(found["points"]) <= 3
    bad = client.get("/api/v1/intake/series/air-1/no2?since=2020-09-15T00:00:00Z")
    assert bad.json()["code"] == "bad-span"
    assert client.get("/api/v1/intake/series/air-1/ozone?since=2026-09-15T00:00:00Z").status_code == 404


def test_an_administrator_enrols_declares_and_settles_the_quarantine(client, token):
    client.force_login(worlds.person("adele"), backend="ressort.core.accounts.backends.EmailBackend")
    send(client, [said(n, device="air-2") for n in range(2)], token)
    page = client.get("/console/capteurs/quarantaine/")
    check(page)
    assert "Capteur inconnu" in page.content.decode()
    shown = client.post("/console/capteurs/nouveau/", {"code": "air-2"})
    check(shown)
    assert "dev_" in shown.content.decode()
    assert "dev_" not in client.get("/console/capteurs/air-2/").content.decode()
    declared = client.post(
        "/console/capteurs/air-2/grandeurs/", {"observed": "no2", "kind": "number", "low": "0", "high": "90"}
    )
    assert declared.status_code == 302
    group = Quarantine.objects.get()
    assert client.post(f"/console/capteurs/quarantaine/{group.pk}/reprendre/").status_code == 302
    assert not Quarantine.objects.exists()
    for address in ("/console/capteurs/", "/console/capteurs/air-2/", "/console/capteurs/?etat=muets", "/console/capteurs/?code=air-1"):  # fmt: skip
        check(client.get(address))
    assert client.post("/console/capteurs/air-2/retirer/").status_code == 302
    assert Device.objects.get(code="air-2").retired
    check(client.post("/console/capteurs/nouveau/", {"code": "a b"}), 422)
    check(client.post("/console/capteurs/air-2/grandeurs/", {"observed": "É", "kind": "number"}), 422)
    assert client.post("/console/capteurs/air-2/rien/").status_code == 404


def test_pages_bound_their_queries(client, token, django_assert_max_num_queries):
    catalogue.enrol({f"many-{n}": [Spec("x")] for n in range(80)})
    client.force_login(worlds.person("adele"), backend="ressort.core.accounts.backends.EmailBackend")
    client.get("/console/capteurs/")
    with django_assert_max_num_queries(14):
        assert client.get("/console/capteurs/").status_code == 200


def test_others_do_not_see_it(client, token):
    client.force_login(worlds.person("denis"), backend="ressort.core.accounts.backends.EmailBackend")
    assert client.get("/console/capteurs/").status_code == 403
