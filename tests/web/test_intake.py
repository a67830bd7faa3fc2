"""Devices by their token, and the console's pages of the intake."""

from __future__ import annotations

import html
import json
from datetime import timedelta

import pytest

from ressort.core.clock import wall_now
from ressort.core.intake import carrying, catalogue
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.messages import Message
from ressort.core.intake.models import Device, Latest, Link, Quarantine, Sample
from ressort.core.journal.models import Event
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


def as_administrator(client):
    client.force_login(worlds.person("adele"), backend="ressort.core.accounts.backends.EmailBackend")


def test_a_decoder_is_tried_then_chosen_with_what_it_says(client, token):
    as_administrator(client)
    address = "/console/capteurs/air-1/decodeur/"
    sent = {"decoder": "milesight-em300", "payload": "01755C 03673401", "port": "", "declare": "on"}
    tried = client.post(address, {**sent, "deed": "essayer"})
    check(tried)
    said = tried.content.decode()
    assert "30,8" in said
    assert "temperature" in said
    assert not Device.objects.get(code="air-1").decoder
    assert Device.objects.get(code="air-1").series.count() == 1
    answer = client.post(address, {**sent, "eui": "70-B3-D5-7E-D0-00-00-01", "deed": "enregistrer"})
    assert answer.status_code == 302
    device = Device.objects.get(code="air-1")
    assert (device.decoder, device.eui) == ("milesight-em300", "70b3d57ed0000001")
    assert {one.observed: one.unit for one in device.series.all()} == {
        "no2": "µg/m³", "battery": "%", "temperature": "°C",
    }  # fmt: skip
    assert Event.objects.filter(kind="intake.decoder.chosen").count() == 1
    check(client.get("/console/capteurs/air-1/"))


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"payload": "zz"}, "hexadécimal"),
        ({"payload": ""}, "hexadécimal"),
        ({"payload": "01 75"}, "longueur"),
        ({"payload": "09 99 01"}, "ne connaît pas"),
        ({"payload": "01755C", "port": "3"}, "port"),
        ({"payload": "01755C", "port": "300"}, "0 à 255"),
        ({"payload": "01755C", "port": "x"}, "0 à 255"),
        ({"payload": "01755C", "decoder": "none-such"}, "de la liste"),
        ({"payload": "01755C", "decoder": ""}, "à essayer"),
        ({"deed": "enregistrer", "eui": "70b3"}, "seize chiffres"),
        ({"deed": "enregistrer", "eui": "70b3d57ed0000009"}, "Un autre capteur"),
    ],
)
def test_what_is_typed_wrong_is_said_beside_its_field(client, token, more, word):
    Device.objects.create(code="other", eui="70b3d57ed0000009", created=wall_now())
    as_administrator(client)
    answer = client.post(
        "/console/capteurs/air-1/decodeur/", {"decoder": "milesight-em300", "deed": "essayer", **more}
    )
    assert answer.status_code in {409, 422}
    assert word in html.unescape(answer.content.decode())
    assert not Device.objects.get(code="air-1").decoder


def test_a_frame_in_quarantine_is_read_once_its_device_has_a_decoder(client, token):
    at = wall_now().isoformat()
    uplink = {
        "end_device_ids": {"device_id": "x", "dev_eui": "70B3D57ED0000001"},
        "uplink_message": {"f_port": 85, "frm_payload": "A2c0AQ==", "received_at": at},
    }
    carrying.keep([Message("v3/a/devices/x/up", json.dumps(uplink).encode(), wall_now())])
    assert (Quarantine.objects.get().reason, Quarantine.objects.get().code) == (
        "unknown-device", "eui-70b3d57ed0000001",
    )  # fmt: skip
    as_administrator(client)
    client.post(
        "/console/capteurs/air-1/decodeur/",
        {"decoder": "milesight-em300", "eui": "70B3D57ED0000001", "payload": "03673401", "declare": "on"},
    )
    client.post(f"/console/capteurs/quarantaine/{Quarantine.objects.get().pk}/reprendre/")
    assert not Quarantine.objects.exists()
    assert Latest.objects.get(series__observed="temperature").value == 30.8


@pytest.mark.parametrize(
    ("state", "ago", "word"), [(True, 1, "Connectée"), (False, 1, "Coupée"), (True, 300, "Personne")]
)
def test_the_state_of_the_broker_is_shown(client, token, state, ago, word):
    Link.objects.create(
        name="ressort-1", address="mqtt://broker:1883", up=state, tried=wall_now() - timedelta(seconds=ago),
        error="" if state else "Connection refused", messages=3, kept=2, apart=1,
    )  # fmt: skip
    as_administrator(client)
    page = client.get("/console/capteurs/")
    check(page)
    assert word in page.content.decode()
