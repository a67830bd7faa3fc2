"""The programs' interface: its document, its verbs, and that nothing typed into it is ever a 500."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings

from ressort.config.api import api
from ressort.core.accounts import actions as accounts
from ressort.core.accounts import policy
from tests import worlds

SNAPSHOT = Path(__file__).with_name("openapi.json")
pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_dict(api.get_openapi_schema())


def test_the_document_is_the_one_reviewed():
    """Run with ``--update-snapshots`` in the environment (UPDATE_SNAPSHOTS=1) after a wanted change."""
    import os

    text = json.dumps(api.get_openapi_schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert SNAPSHOT.read_text(encoding="utf-8") == text


def test_every_route_names_a_verb_of_the_policy_table():
    routes = [
        (path, operation)
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
    ]
    assert routes
    for path, operation in routes:
        assert operation.view_func.verb in policy.table(), path


@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_nothing_sent_is_ever_a_server_error(case, still_clock):
    response = case.call(app=get_wsgi_application(), base_url="http://localhost")
    assert response.status_code < 500 or response.status_code == 503, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == ["application/problem+json"]
        problem = response.json()
        assert problem["title"]
        assert problem["status"] == response.status_code


WISH = {
    "origin": {"lon": worlds.at(0.2, 0)[0], "lat": worlds.at(0.2, 0)[1], "text": "chez moi"},
    "destination": {"lon": worlds.at(6.9, 7)[0], "lat": worlds.at(6.9, 7)[1], "text": "là-bas"},
    "at": "2026-09-15T08:15:00",
}


def send(client, path, body, **headers):
    return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_a_program_asks_accepts_follows_and_cancels(client, still_clock):
    demand = send(client, "/transport/demands", WISH).json()
    assert demand["answer"] == "offered"
    body = {"rank": 0, "name": "Rosa <b>Martin</b>", "phone": "06 12 34 56 78"}
    path = f"/transport/demands/{demand['pid']}/accept"
    trip = send(client, path, body, **{"Idempotency-Key": "k1"}).json()
    again = send(client, path, body, **{"Idempotency-Key": "k1"}).json()
    assert again == trip
    assert client.get(f"/api/v1/transport/trips/{trip['code']}").json()["state"] == "accepted"
    page = client.get(f"/transport/trajets/{trip['code']}/").content.decode()
    assert "<b>Martin" not in page
    assert send(client, f"/transport/trips/{trip['code']}/cancel", {}).json()["state"] == "cancelled"
    receipt = client.get(f"/api/v1/receipts/{demand['receipt']}").json()
    assert receipt["decision"].endswith(".")
    assert send(client, f"/receipts/{demand['receipt']}/replay", {}).json()["same"] is True


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"at": "2026-09-15T05:00:00"}, 422, "past-time"),
        ({"at": "0001-01-01T00:00:00"}, 422, "past-time"),
        ({"at": "9999-12-31T23:59:59"}, 422, "past-time"),
        ({"at": "2027-03-28T02:30:00"}, 422, "no-such-time"),
        ({"at": "demain"}, 422, "malformed"),
        ({"passengers": 0}, 422, "bad-passengers"),
        ({"passengers": 99}, 422, "bad-passengers"),
        ({"passengers": 10**30}, 422, "bad-passengers"),
        ({"origin": {"text": "zzzzqqq inconnue"}}, 422, "unknown-place"),
        ({"origin": {"text": ""}}, 422, "no-place"),
        ({"origin": {"place": "1"}}, 422, "unknown-place"),
        ({"origin": {"lon": 999, "lat": 0}}, 422, "malformed"),
        ({"origin": {"text": "<script>alert(1)</script>"}}, 422, "unknown-place"),
        ({"replaces": "ZZZ-ZZZ-ZZZ"}, 404, "unknown-booking"),
    ],
)
def test_bad_wishes_get_a_sentence(client, still_clock, change, status, code):
    answer = send(client, "/transport/demands", {**WISH, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "null", b"\xff\xfe", '{"origin": {}}'])
def test_malformed_json_gets_a_sentence(client, still_clock, body):
    answer = client.post("/api/v1/transport/demands", body, content_type="application/json")
    assert 400 <= answer.status_code < 500
    assert answer.json()["title"]


def test_a_token_of_another_role_is_refused(client, still_clock):
    secret = accounts.make_token(worlds.person("rosa"), "essai")
    for path in ("/transport/tours/1/depart", "/transport/tours/1/breakdown", "/jobs/j_x/cancel"):
        answer = send(client, path, {}, Authorization=f"Bearer {secret}")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    answer = client.get("/api/v1/transport/vehicles.geojson", headers={"Authorization": "Bearer rst_wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad-token")


def test_a_session_without_csrf_proof_cannot_act(still_clock):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(worlds.person("diane"), backend="ressort.core.accounts.backends.EmailBackend")
    answer = send(client, "/transport/tours/1/depart", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
