"""Messages of a broker, without one: every shape, and whatever bytes come, something is said of them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ressort.core.clock import wall_now
from ressort.core.intake import carrying, catalogue
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.messages import LARGEST, Message, again, read
from ressort.core.intake.models import Device, Quarantine, Sample
from ressort.core.intake.uplinks import Radio

NOW = datetime(2026, 9, 15, 5, 30, tzinfo=UTC)
EUI = "70b3d57ed0000001"
RADIO = Radio(
    codes={EUI: "room-1"},
    decoders={"room-1": "milesight-em300"},
    gateways={"leaf-1": "gw-1"},
    known=frozenset({"room-1", "by-name", "gw-1", "leaf-1"}),
)


def said(topic, body, **more):
    payload = (
        body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    )
    return read(Message(topic, payload, NOW, **more), RADIO)


def values(found):
    return {one["property"]: one["value"] for one in found.items}


def reasons(found):
    return [(unfit.reason, unfit.code) for unfit, _ in found.faults]


def stack(name="room", frame=b"", port=85, **more):
    about = {"device_id": name, **({"dev_eui": more.pop("eui")} if "eui" in more else {})}
    up = {
        "f_port": port,
        "frm_payload": base64.b64encode(frame).decode(),
        "received_at": "2026-09-15T05:29:58.123456789Z",
    }
    return {"end_device_ids": about, "uplink_message": up | more}


def test_a_gateway_speaks_for_those_behind_it_and_for_nobody_else():
    body = [{"device": name, "property": "no2", "value": 1} for name in ("gw-1", "leaf-1", "room-1")]
    found = said("ressort/gw-1", body)
    assert [one["device"] for one in found.items] == ["gw-1", "leaf-1"]
    assert reasons(found) == [("unknown-device", "room-1")]
    other = said("ressort/gw-1", {"result": 1, "Datastream": {"@iot.id": "room-1/no2"}})
    assert reasons(other) == [("unknown-device", "room-1")]


def test_what_waited_is_doubted_unless_it_says_when():
    assert said("ressort/a/no2", "1").items[0].get("quality") is None
    assert said("ressort/a/no2", "1", fresh=False).items[0]["quality"] == "doubtful"
    assert said("ressort/a/no2", {"value": 1, "quality": "bad"}, fresh=False).items[0]["quality"] == "bad"
    dated = said("ressort/a/no2", {"value": 1, "at": "2026-09-15T05:29:00Z"}, fresh=False, retained=True)
    assert "quality" not in dated.items[0]
    shaped = said("ressort/a", {"result": 1, "Datastream": {"@iot.id": "a/no2"}}, fresh=False)
    assert shaped.items[0]["resultQuality"] == "doubtful"
    assert reasons(said("ressort/a", [{"property": "x", "value": 1}], retained=True)) == [("undated", "a")]


@pytest.mark.parametrize("name", ["room", "EUI-1", "9 odd name"])
def test_a_device_is_found_by_its_eui(name):
    found = said("v3/app@tenant/devices/room/up", stack(name, bytes.fromhex("03673401"), eui=EUI.upper()))
    assert values(found) == {"temperature": 30.8}
    assert found.items[0]["device"] == "room-1"
    assert found.items[0]["at"] == "2026-09-15T05:29:58.123456789Z"


def test_a_device_is_found_by_its_name_else_shown_by_its_eui():
    read_by_server = {"TempC_SHT": 21.5, "Door Open": True, "deep": {"inner": 3}, "list": [1], "": 4}
    found = said(
        "v3/a/devices/by-name/up", stack("by-name", b"\1", eui="0" * 16, decoded_payload=read_by_server)
    )
    assert values(found) == {"tempc_sht": 21.5, "door_open": True, "deep_inner": 3}
    assert reasons(said("v3/a/devices/x/up", stack("x", b"\1", eui="a" * 16))) == [
        ("unknown-device", "eui-" + "a" * 16)
    ]
    chirp = {"deviceInfo": {"deviceName": "by-name", "devEui": "b" * 16}, "fPort": 2, "object": {"t": 1}}
    assert said("application/1/device/" + "b" * 16 + "/event/up", chirp).items == [
        {"device": "by-name", "property": "t", "value": 1, "at": NOW.isoformat()}
    ]


def test_a_frame_that_nobody_reads_is_kept_whole_and_read_later():
    found = said("v3/a/devices/by-name/up", stack("by-name", bytes.fromhex("03673401")))
    assert reasons(found) == [("undecoded", "by-name")]
    ((_, item),) = found.faults
    later = again(item, Radio(decoders={"by-name": "milesight-em300"}, known=frozenset({"by-name"})))
    assert values(later) == {"temperature": 30.8}
    assert again({"uplink": {"port": "x"}}, RADIO).faults
    assert again("anything", RADIO).items == ["anything"]
    gone = Radio(decoders={"by-name": "of-another-version"}, known=frozenset({"by-name"}))
    assert again(item, gone).faults[0][0].reason == "undecoded"


def test_a_frame_of_another_model_is_put_apart():
    found = said("v3/a/devices/room/up", stack("room", b"\x99\x99\x99", eui=EUI))
    assert reasons(found) == [("undecoded", "room-1")]
    assert not said("v3/a/devices/by-name/up", stack("by-name", b"", 0)).faults, (
        "it only says that it is there"
    )


# ------------------------------------------------------------------ whatever comes

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["value", "at", "quality", "device", "property", "result", "Datastream", "@iot.id", "phenomenonTime",
             "end_device_ids", "uplink_message", "dev_eui", "f_port", "frm_payload", "decoded_payload", "deviceInfo",
             "devEui", "deviceName", "fPort", "data", "object", "no2"]
        ) | st.text(max_size=5),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip
TOPICS = st.sampled_from(
    ["ressort/air-1/no2", "ressort/air-1", "ressort/gw-1", "ressort//", "", "/", "v3/a/devices/air-1/up",
     f"application/1/device/{EUI}/event/up", "other/topic"]
) | st.text(max_size=20)  # fmt: skip


@given(
    TOPICS,
    st.binary(max_size=60) | JUNK.map(lambda body: json.dumps(body).encode()),
    st.booleans(),
    st.booleans(),
)
def test_no_message_raises(topic, payload, fresh, retained):
    found = read(Message(topic, payload, NOW, fresh=fresh, retained=retained), RADIO)
    json.dumps([body for _, body in found.faults])
    for item in found.items:
        assert isinstance(item, dict)


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TOPICS, JUNK), max_size=6))
def test_no_batch_stumbles(caplog, messages):
    caplog.clear()
    if not Device.objects.filter(code="air-1").exists():
        catalogue.enrol({"air-1": [Spec("no2", low=0)]})
    before = Sample.objects.count()
    good = Message(
        "ressort/air-1/no2",
        json.dumps({"value": before, "at": (wall_now() - timedelta(seconds=before)).isoformat()}).encode(),
        wall_now(),
    )
    batch = [Message(topic, json.dumps(body).encode(), wall_now()) for topic, body in messages]
    carrying.keep([*batch, good])
    assert "stumbled" not in caplog.text
    assert Sample.objects.count() > before, "the others did not stop it"


@pytest.mark.django_db
def test_a_large_message_is_counted_with_little_of_it():
    carrying.keep([Message("ressort/air-1", b"x" * (LARGEST + 1), wall_now())])
    group = Quarantine.objects.get()
    assert group.reason == "too-large"
    assert len(group.held.get().body) < 2_000
