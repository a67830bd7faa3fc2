"""Observations posted as SensorThings says: believed, kept once, put apart with a sentence; and nothing is ever a 500."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ressort.core.clock import wall_now
from ressort.core.intake.models import Latest, Quarantine, Sample
from ressort.core.intake.sensorthings import model

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(sta):
    client = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {sta.gateway}"})

    def sent(path, body, expected=201):
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        answer = client.post(f"/sta/v1.1/{path}", text, content_type="application/json")
        assert answer.status_code == expected, answer.content
        return answer

    sent.client = client
    return sent


def one(value=12.5, key="air-1/no2", **more):
    return {"result": value, "phenomenonTime": wall_now().isoformat(), "Datastream": {"@iot.id": key}, **more}


def test_one_observation_by_any_of_its_addresses(send, sta):
    key = sta.series["air-1/no2"]
    first = one(key=key)
    answer = send("Observations", first)
    made = answer.json()
    assert (made["result"], made["resultQuality"]) == (12.5, "good")
    assert answer.headers["Location"] == made["@iot.selfLink"]
    assert send.client.get(answer.headers["Location"]).json() == made
    assert Latest.objects.get(series=key).value == 12.5
    again = send(
        f"Datastreams({key})/Observations", {"result": 99, "phenomenonTime": first["phenomenonTime"]}
    )
    assert again.json() == made, "the same instant is the same observation"
    temperature = {"result": 3, "resultTime": wall_now().isoformat(), "resultQuality": "doubtful"}
    assert (
        send("Datastreams('air-1/temperature')/Observations", temperature).json()["resultQuality"]
        == "doubtful"
    )
    assert send("Datastreams('air-1/door')/Observations", {"result": True}).json()["result"] is True


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (one(5000), "absurd"),
        (one("12"), "wrong-type"),
        (one(key="air-9/no2"), "unknown-device"),
        (one(key="air-2/no2"), "unknown-device"),
        (one(key=424242), "malformed"),
        (one(key=True), "malformed"),
        ({"result": 1}, "malformed"),
        ([1], "malformed"),
        (None, "malformed"),
        ({**one(), "phenomenonTime": "hier"}, "malformed"),
    ],
)
def test_what_is_not_believed_is_said_and_kept_apart(send, body, code):
    answer = send("Observations", body, 400).json()
    assert answer["code"] == code
    assert "mise à l'écart" in answer["message"]
    assert Quarantine.objects.get().count == 1
    assert not Sample.objects.exists()


def test_arrays(send, sta):
    key, now = sta.series["air-1/no2"], wall_now().isoformat()
    other = sta.series["air-1/temperature"]
    tables = [
        {
            "Datastream": {"@iot.id": key},
            "components": ["phenomenonTime", "result"],
            "dataArray": [[now, 1], [now, "x"], [now]],
        },
        {"Datastream": {"@iot.id": other}, "components": ["result"], "dataArray": [[7]]},
    ]
    links = send("CreateObservations", tables).json()
    assert [link == "error" for link in links] == [False, True, True, False]
    assert send.client.get(links[3]).json()["result"] == 7
    assert Quarantine.objects.count() == 2
    for wrong in ({}, [1], [{"components": 1}], [{"components": []}]):
        assert send("CreateObservations", wrong, 400).json()["code"] == "bad-array"
    many = [{"Datastream": {"@iot.id": key}, "components": ["result"], "dataArray": [[1]] * 10_001}]
    assert send("CreateObservations", many, 400).json()["code"] == "too-many"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("Things", 405), ("Datastreams", 405), ("", 405), ("Things('air-1')/Datastreams", 405), ("Things('air-1')/Observations", 404),
     ("Datastreams(424242)/Observations", 404), ("Datastreams('x')/Observations", 404), ("Observations('1-1')", 405)],
)  # fmt: skip
def test_nothing_else_is_created(send, path, expected):
    answer = send(path, {"name": "x"}, expected)
    assert answer.json()["message"]
    if expected == 405:
        assert "POST" in answer.headers["Allow"]


def test_bodies_that_cannot_be_read(send):
    for body in ("{", b"\xff", "[" * 200_000, "x" * 2_600_000):
        assert send("Observations", body, 400).json()["code"] == "unreadable"


def test_a_session_or_a_persons_key_sends_nothing(sta):
    client = Client()
    client.force_login(sta.oscar, backend="ressort.core.accounts.backends.EmailBackend")
    body = json.dumps(one())
    assert client.post("/sta/v1.1/Observations", body, content_type="application/json").status_code == 401
    key = {"authorization": f"Bearer {sta.key}"}
    assert (
        Client(headers=key).post("/sta/v1.1/Observations", body, content_type="application/json").status_code
        == 401
    )
    assert not Sample.objects.exists()


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | st.sampled_from(["air-1/no2", "2026-09-15T05:30:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["result", "Datastream", "@iot.id", "phenomenonTime", "resultQuality", "components", "dataArray", "FeatureOfInterest"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@given(JSON, st.sampled_from(["Observations", "CreateObservations", "Datastreams('air-1/no2')/Observations"]))
@FUZZ
def test_nothing_posted_is_a_server_error(send, body, path):
    answer = send.client.post(f"/sta/v1.1/{path}", json.dumps(body), content_type="application/json")
    assert answer.status_code in {201, 400}, answer.content


VALUES = st.text(max_size=20) | st.sampled_from(
    ["1", "5", "true", "name", "name desc", "id", "phenomenonTime desc", "result", "Datastreams", "Thing", "Observations($top=2)",
     "Datastreams($expand=Observations($top=1;$orderby=phenomenonTime desc);$count=true)", "result gt 3", "name eq 'x'",
     "id gt 'a' and not (name ne null)", "phenomenonTime gt 1e300", "phenomenonTime lt now() add duration'P999999D'",
     "st_within(location,geography'POLYGON((0 0,9 0,9 50))')", "properties/low div 0 gt 1", "properties/low mul 1e308 mul 1e308 gt 1",
     "Datastream/id eq 1e30", "id eq 9e99", "1e999 eq id", "length(name) mod 0 eq 1", "9" * 300 + " lt id", "0.0", "9999999999999999999.1", "-1.-1"]
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["$top", "$skip", "$count", "$orderby", "$select", "$filter", "$expand", "$skiptoken", "resultFormat"]), VALUES, max_size=4
    ),
    st.sampled_from([*model.KINDS, "Datastreams(1)/Observations", "Things('air-1')/Datastreams", "Datastreams('air-1/no2')/Observations",
                     "Datastreams(1)/Thing", "Observations/$ref", "Things/$count"]),
)  # fmt: skip
@FUZZ
def test_nothing_asked_is_a_server_error(ask, history, query, path):
    answer = ask.client.get(f"/sta/v1.1/{path}", query)
    assert answer.status_code in {200, 400, 404}, (query, answer.content)
    if answer.status_code != 200:
        assert answer.json()["message"]


@given(st.text(max_size=60))
@FUZZ
def test_no_address_is_a_server_error(ask, path):
    assert ask.client.get(f"/sta/v1.1/{quote(path, safe='/.()')}").status_code in {200, 301, 302, 400, 404}
