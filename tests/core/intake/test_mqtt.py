"""Observations through a real broker: kept before they are acknowledged, waited for, put apart when unreadable."""

from __future__ import annotations

import base64
import ipaddress
import json
from datetime import timedelta
from threading import Event

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import OperationalError

from ressort.config.settings import _broker
from ressort.core.clock import wall_now
from ressort.core.intake import carrying, catalogue, links, mqtt, outgoing
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.models import Device, Latest, Link, Quarantine, Sample
from tests.core.intake.broker import MOSQUITTO, PUBLISH, WHY_NOT, Broker, until

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (MOSQUITTO and PUBLISH), reason=WHY_NOT),
]
AIR = (Spec("no2", unit="µg/m³", low=0, high=1000), Spec("door", "flag"), Spec("temperature"))
POST = Spec("position", "choice", choices=("up", "down"))


@pytest.fixture
def broker(tmp_path):
    made = Broker(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def known(monkeypatch):
    catalogue.enrol({"air-1": AIR, "post-1": (POST,)})
    monkeypatch.setattr(mqtt, "PATIENCE", (0.05,))
    monkeypatch.setattr(links, "EVERY", 0.0)
    monkeypatch.setattr(mqtt, "close_old_connections", lambda: None)  # it is the test's, in its transaction


def intake(url, **more):
    return mqtt.Intake(_broker(url), topics=more.pop("topics", None))


def after(listener, true, seconds=30):
    """Let the listener go round until something is so."""

    def turn():
        listener.round()
        return true()

    return until(turn, seconds)


def listening(broker, url="", **more):
    listener = intake(broker.url(url), **more)
    after(listener, lambda: listener._fresh)
    return listener


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_message_is_kept(broker, version):
    listener = listening(broker, f"?version={version}")
    broker.publish("ressort/air-1/no2", "21.5")
    after(listener, lambda: Sample.objects.count() == 1)
    newest = Latest.objects.get(series__observed="no2")
    assert (newest.value, newest.quality) == (21.5, 0)
    after(listener, lambda: Link.objects.get().messages == 1)
    link = Link.objects.get()
    assert (link.up, link.kept, link.apart, link.error) == (True, 1, 0, "")
    assert link.address == broker.url()
    listener.close()
    assert not Link.objects.get().up
    assert not Link.objects.get().error


def test_each_shape_is_heard(broker):
    listener = listening(broker)
    at = (wall_now() - timedelta(minutes=5)).isoformat()
    earlier = (wall_now() - timedelta(minutes=6)).isoformat()
    broker.publish("ressort/air-1/no2", json.dumps({"value": 3, "at": at, "quality": "bad"}))
    broker.publish("ressort/post-1/position", "down")
    broker.publish("ressort/air-1", json.dumps({"no2": 4, "door": True, "at": earlier}))
    broker.publish(
        "ressort/air-1",
        json.dumps(
            [
                {"property": "temperature", "value": 20, "at": at},
                {"result": 21, "phenomenonTime": earlier, "Datastream": {"@iot.id": "air-1/temperature"}},
            ]
        ),
    )
    after(listener, lambda: Sample.objects.count() == 6)
    assert not Quarantine.objects.exists()
    assert Latest.objects.get(series__observed="no2").quality == 2
    assert Latest.objects.get(series__observed="position").value == 1
    assert Latest.objects.get(series__observed="temperature").value == 20
    listener.close()


def test_what_is_sent_while_nobody_listens_arrives_when_somebody_does(broker):
    listening(broker).close()
    at = (wall_now() - timedelta(seconds=30)).isoformat()
    broker.publish("ressort/air-1/no2", json.dumps({"value": 7, "at": at}))
    broker.publish("ressort/post-1/position", "up")
    broker.stop()  # the broker too may be started again meanwhile
    broker.start()
    listener = listening(broker)
    after(listener, lambda: Sample.objects.count() == 2)
    assert Latest.objects.get(series__observed="no2").quality == 0
    assert Latest.objects.get(series__observed="position").quality == 1, "nobody knows how old it is"
    broker.publish("ressort/post-1/position", "down")
    after(listener, lambda: Latest.objects.get(series__observed="position").quality == 0)
    listener.close()


def test_a_retained_value_without_an_instant_is_not_taken_for_a_fresh_one(broker):
    broker.publish("ressort/air-1/no2", "5", "-r")
    at = (wall_now() - timedelta(seconds=30)).isoformat()
    broker.publish("ressort/air-1/temperature", json.dumps({"value": 5, "at": at}), "-r")
    listener = listening(broker)
    after(listener, lambda: Quarantine.objects.exists() and Sample.objects.exists())
    assert Quarantine.objects.get().reason == "undated"
    assert Latest.objects.get().series.observed == "temperature"
    listener.close()


UNREADABLE = [
    ("ressort/air-1/no2", b"\xff\xfe\x00", "malformed", "air-1"),
    ("ressort/air-1/no2", b"{", "malformed", "air-1"),
    ("ressort/air-1/no2", b"", "malformed", "air-1"),
    ("ressort/air-1/no2", b'{"at": "2026"}', "malformed", "air-1"),
    ("ressort/air-1/no2", b"9999", "absurd", "air-1"),
    ("ressort/air-1/NO2", b"1", "malformed", "air-1"),
    ("ressort/air-1/a/b", b"1", "malformed", ""),
    ("ressort/air-1", b"[" * 100_000, "malformed", ""),
    ("ressort/air-1", b"3", "malformed", "air-1"),
    ("ressort/air-1", b"{}", "malformed", "air-1"),
    ("ressort/air-1", b"[1]", "malformed", "air-1"),
    ("ressort/air-1", b"[" + b"0," * 10_000 + b"0]", "too-large", "air-1"),
    ("ressort/air-1/no2", b" " * 300_000, "too-large", "air-1"),
    ("ressort/air-9/no2", b"1", "unknown-device", "air-9"),
    ("ressort/air-1/ozone", b"1", "unknown-property", "air-1"),
    ("ressort/air-1", b'[{"device": "post-1", "property": "position", "value": "up"}]', "unknown-device", "post-1"),
    ("v3/a/devices/x/up", b"{", "malformed", ""),
    ("application/a/device/x/event/up", b'{"deviceInfo": 1}', "malformed", ""),
]  # fmt: skip


def test_what_cannot_be_read_is_put_apart_with_its_reason_and_acknowledged(broker):
    listener = listening(broker)
    for topic, body, _, _ in UNREADABLE:
        broker.publish(topic, body)
    after(listener, lambda: sum(one.count for one in Quarantine.objects.all()) == len(UNREADABLE))
    found = sorted((one.reason, one.code) for one in Quarantine.objects.all() for _ in range(one.count))
    assert found == sorted((reason, code) for _, _, reason, code in UNREADABLE)
    assert not Sample.objects.exists()
    after(listener, lambda: not listener._pending)
    listener.close()
    again = listening(broker)
    assert not again._pending, "the broker has nothing left to send again"
    again.close()


def test_nothing_is_acknowledged_that_could_not_be_kept(broker, monkeypatch):
    listener = listening(broker)
    keep = carrying.keep
    tried = Event()

    def full(batch):
        tried.set()
        raise OperationalError("database is locked")

    monkeypatch.setattr(carrying, "keep", full)
    broker.publish("ressort/air-1/no2", "8")
    after(listener, tried.is_set)
    assert broker.said(f"Received PUBACK from {listener._name}") <= 1, "at most the marker was acknowledged"
    monkeypatch.setattr(carrying, "keep", keep)
    after(listener, lambda: Sample.objects.count() == 1)
    listener.close()


def test_a_message_that_nothing_foresaw_stops_no_other(broker, monkeypatch, caplog):
    listener = listening(broker)
    observe = carrying.observe

    def stumbling(items, **more):
        if any(one["value"] == 13 for one in items):
            raise ZeroDivisionError
        return observe(items, **more)

    monkeypatch.setattr(carrying, "observe", stumbling)
    for n, value in enumerate((12, 13, 14)):
        at = (wall_now() - timedelta(seconds=9 - n)).isoformat()
        broker.publish("ressort/air-1/no2", json.dumps({"value": value, "at": at}))
    after(listener, lambda: Sample.objects.count() == 2 and Quarantine.objects.count() == 1)
    assert Quarantine.objects.get().reason == "malformed"
    listener.close()


def test_a_broker_that_does_not_answer_is_said_and_waited_for(broker):
    broker.stop()
    listener = intake(broker.url())
    after(listener, lambda: Link.objects.filter(up=False).exclude(error="").exists())
    broker.start()
    after(listener, lambda: Link.objects.get().up)
    assert Link.objects.get().error == ""
    broker.stop()
    after(listener, lambda: not Link.objects.get().up and Link.objects.get().error)
    broker.start()
    after(listener, lambda: listener._fresh)
    broker.publish("ressort/air-1/no2", "1")
    after(listener, lambda: Sample.objects.count() == 1)
    listener.close()


def test_a_wrong_password_is_said(tmp_path):
    broker = Broker(tmp_path, "allow_anonymous false")
    broker.start()
    try:
        listener = intake(broker.url().replace("://", "://somebody:secret@"))
        after(listener, lambda: Link.objects.filter(up=False).exclude(error="").exists())
        link = Link.objects.get()
        assert "authorized" in link.error.lower() or "authorised" in link.error.lower()
        assert "secret" not in link.address + link.error
    finally:
        broker.stop()


def test_a_thread_listens_and_ends_when_asked(broker, settings, monkeypatch):
    settings.MQTT = _broker(broker.url())
    took = Event()
    monkeypatch.setattr(carrying, "keep", lambda batch: took.set() or (len(batch), 0))
    # no database in this thread
    monkeypatch.setattr(links.Standing, "_write", lambda *_, **__: None)
    monkeypatch.setattr(outgoing, "waiting", lambda *_: [])
    monkeypatch.setattr(outgoing, "keep", lambda *_: None)
    (thread,) = mqtt.parts()
    (other,) = mqtt.parts()
    thread.start()
    until(lambda: thread._fresh)
    other.start()  # stands by, as another process would
    broker.publish("ressort/air-1/no2", "1")
    assert took.wait(30)
    assert other._client is None
    for one in (other, thread):
        one.stop()
        one.join(10)
        assert not one.is_alive()


def test_an_uplink_is_read_by_the_decoder_of_its_device(broker):
    adele_less = Device.objects.get(code="air-1")
    adele_less.eui, adele_less.decoder = "70b3d57ed0000001", "milesight-em300"
    adele_less.save()
    catalogue.forget()
    listener = listening(broker)
    frame = base64.b64encode(bytes.fromhex("03673401")).decode()
    at = (wall_now() - timedelta(seconds=20)).isoformat()
    stack = {
        "end_device_ids": {"device_id": "salle-12", "dev_eui": "70B3D57ED0000001"},
        "uplink_message": {"f_port": 85, "frm_payload": frame, "received_at": at},
    }
    broker.publish("v3/app@ttn/devices/salle-12/up", json.dumps(stack))
    after(listener, lambda: Sample.objects.count() == 1)
    assert Latest.objects.get().value == 30.8
    at = (wall_now() - timedelta(seconds=10)).isoformat()
    chirp = {
        "deviceInfo": {"deviceName": "Salle 12", "devEui": "70b3d57ed0000001"},
        "time": at,
        "fPort": 85,
        "data": base64.b64encode(bytes.fromhex("0367F6FF")).decode(),
        "object": {"temperature": 99},
    }
    broker.publish("application/a/device/70b3d57ed0000001/event/up", json.dumps(chirp))
    after(listener, lambda: Sample.objects.count() == 2)
    assert Latest.objects.get().value == -1, "its decoder, not what the server read"
    listener.close()


def test_topics_that_the_broker_refuses_are_said(tmp_path):
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite ressort/#\n", encoding="utf-8")
    rules.chmod(0o700)
    broker = Broker(tmp_path, "allow_anonymous true", f"acl_file {rules}")
    broker.start()
    try:
        listener = intake(broker.url(), topics=["ressort/#", "secret/#"])
        after(listener, lambda: listener._fresh)
        broker.publish("ressort/air-1/no2", "1")
        after(listener, lambda: Sample.objects.count() == 1)
        (shown,) = links.shown()
        assert shown.state == "up"
        if shown.link.error:  # some versions grant a subscription and send nothing
            assert "secret/#" in shown.trouble
        listener.close()
    finally:
        broker.stop()


def certificate(folder):
    """Make an authority that is its own server, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(wall_now() - timedelta(days=1))
        .not_valid_after(wall_now() + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "ca.pem", folder / "key.pem"


# paho leaves the socket of a failed handshake to the collector
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")
def test_an_encrypted_connection_asks_for_a_certificate_it_can_trust(tmp_path):
    ca, key = certificate(tmp_path)
    broker = Broker(tmp_path, "allow_anonymous true", f"certfile {ca}", f"keyfile {key}")
    broker.start()
    secure = broker.url().replace("mqtt://", "mqtts://")
    try:
        wrong = intake(secure)
        after(wrong, lambda: Link.objects.filter(up=False, error__icontains="certificate").exists())
        listener = intake(f"{secure}?ca={ca}")
        after(listener, lambda: listener._fresh)
        for n in range(30):
            at = (wall_now() - timedelta(seconds=n)).isoformat()
            broker.publish("ressort/air-1/no2", json.dumps({"value": n, "at": at}), "--cafile", str(ca))
        after(listener, lambda: Sample.objects.count() == 30)
        assert Link.objects.filter(up=True, error="").exists()
        assert Sample.objects.count() == 30
        listener.close()
    finally:
        broker.stop()
