"""Commands by HTTP, to a server that is one: done when the device says so, whatever it answers."""

from __future__ import annotations

import json

import pytest

from ressort.core import clock
from ressort.core.errors import Refused
from ressort.core.intake.models import Latest
from ressort.services.controlroom.driving import calling, rounds, sealing
from ressort.services.controlroom.driving import wiring as wirings
from ressort.services.controlroom.driving.calling import Call, Forbidden, Unreachable
from ressort.services.controlroom.driving.models import Address, Wiring
from ressort.services.controlroom.equipment.models import Command
from tests.core.intake.test_mqtt import certificate
from tests.services.controlroom.driving.conftest import HTTP
from tests.services.controlroom.driving.device import Server

pytestmark = pytest.mark.django_db
State = Command.State


def test_a_command_leaves_is_received_and_confirmed_by_what_the_device_is(yard, server):
    yard.by_http(server.url, token="")
    command = yard.ask()
    yard.turn()
    assert yard.now(command).state in {State.ACCEPTED, State.CONFIRMED}
    path, headers = server.seen[0]
    assert path == "/bornes/borne-1/ordres"
    assert headers["Idempotency-Key"] == command.pid
    assert server.post.asked[0]["order"] == "ABAISSER"
    Wiring.objects.update(read=None)
    yard.turn()
    assert yard.now(command).state == State.CONFIRMED
    assert server.post.deeds == 1


def test_a_device_that_lies_is_received_and_never_confirmed(yard, server):
    server.post.fault = "lies"
    yard.by_http(server.url)
    command = yard.ask()
    for _ in range(3):
        Wiring.objects.update(read=None)
        yard.turn()
    assert yard.now(command).state == State.ACCEPTED
    yard.turn(30)
    assert (yard.now(command).state, command.why) == (State.TIMED_OUT, "silent")


def test_a_lost_link_is_tried_again_until_it_is_too_late(yard, server):
    server.post.fault = "lost"
    yard.by_http(server.url)
    command = yard.ask()
    yard.turn()
    assert yard.now(command).state == State.SENT
    assert "closed" in Wiring.objects.get().trouble.lower()
    yard.turn(5)
    assert len(server.seen) == 2
    assert {headers["Idempotency-Key"] for _, headers in server.seen} == {command.pid}
    server.post.fault = ""
    yard.turn(10)
    assert server.post.deeds == 1
    Wiring.objects.update(read=None)
    yard.turn()
    assert yard.now(command).state == State.CONFIRMED


def test_a_device_that_is_off_is_never_said_to_have_done_it(yard, server):
    yard.by_http(server.url)
    server.close()
    command = yard.ask()
    yard.turn()
    assert yard.now(command).state == State.SENT
    yard.turn(30)
    assert yard.now(command).state == State.TIMED_OUT


def test_a_slow_answer_is_asked_again_and_done_once(yard, server):
    server.post.fault = "slow"
    yard.by_http(server.url)
    command = yard.ask()
    yard.turn()
    assert yard.now(command).state in {State.SENT, State.CONFIRMED}
    server.post.fault = ""
    server.post.go.set()
    yard.turn(5)
    Wiring.objects.update(read=None)
    yard.turn()
    assert yard.now(command).state == State.CONFIRMED
    assert server.post.deeds == 1


def test_an_answer_about_another_command_is_no_receipt(yard, server):
    server.post.fault = "wrong"
    yard.by_http(server.url)
    Wiring.objects.update(status_path="")
    command = yard.ask()
    yard.turn()
    assert yard.now(command).state == State.SENT


@pytest.mark.parametrize(("fault", "why"), [("refuses", "device"), ("closed", "credentials")])
def test_a_refusal_ends_the_command_with_its_reason(yard, server, fault, why):
    server.post.fault = fault
    yard.by_http(server.url)
    command = yard.ask()
    yard.turn()
    assert (yard.now(command).state, command.why) == (State.REFUSED, why)


def test_a_redirection_leads_nowhere(yard, server, caplog):
    server.post.fault = "redirect"
    yard.by_http(server.url)
    Wiring.objects.update(status_path="")
    command = yard.ask()
    yard.turn()
    assert yard.now(command).state == State.SENT
    assert "redirection" in caplog.text


def test_nothing_real_leaves_while_the_clock_is_simulated(yard, server):
    yard.by_http(server.url)
    clock.simulate(clock.wall_now(), rate=10)
    command = yard.ask()
    yard.turn()
    assert (yard.now(command).state, command.why) == (State.REFUSED, "simulated-clock")
    assert server.seen == []


def test_an_encrypted_device_with_its_own_authority(yard, tmp_path):
    ca, key = certificate(tmp_path)
    server = Server((ca, key))
    try:
        yard.by_http(server.url, token="s3cret", authority=ca.read_text())
        yard.ask()
        yard.turn()
        assert server.seen[0][1]["Authorization"] == "Bearer s3cret"
        address = Address.objects.get()
        assert "s3cret" not in address.sealed
        assert sealing.unseal(address.sealed) == "s3cret"
        address.authority = ""
        with pytest.raises(Unreachable, match="certificate"):
            calling.send(Call("GET", server.url, "/"))
    finally:
        server.close()


def test_a_token_sealed_under_another_key_is_no_token(settings):
    sealed = sealing.seal("secret")
    settings.SECRET_KEY = "another"
    assert sealing.unseal(sealed) == ""
    assert sealing.seal("") == sealing.unseal("") == ""


@pytest.mark.parametrize(
    ("base", "code"),
    [
        ("http://127.0.0.1:80", "forbidden-address"),
        ("http://[::1]", "forbidden-address"),
        ("http://169.254.169.254", "forbidden-address"),
        ("http://[::ffff:127.0.0.1]", "forbidden-address"),
        ("http://0.0.0.0", "forbidden-address"),
        ("http://224.0.0.1", "forbidden-address"),
        ("ftp://gate", "bad-address"),
        ("gate", "bad-address"),
        ("http://a:b@gate", "bad-address"),
        ("http://gate:x", "bad-address"),
        ("http://gate/#x", "bad-address"),
    ],
)
def test_addresses_that_cannot_be_declared(yard, settings, base, code):
    settings.DEVICE_LOOPBACK = False
    with pytest.raises(Refused) as caught:
        yard.declare(base)
    assert caught.value.code == code


def test_numbers_are_checked_when_called_not_only_when_declared(settings):
    settings.DEVICE_LOOPBACK = False
    for path in ("/x", "//other", "/../x", "x", "/a b", "/a\r\nb"):
        with pytest.raises(Forbidden):
            calling.send(Call("GET", "http://localhost:9", path))


def test_a_token_never_leaves_in_clear(yard):
    with pytest.raises(Refused) as caught:
        yard.declare("http://10.0.0.9", token="s")
    assert caught.value.field == "token"


def test_an_address_in_use_is_not_taken_back(yard, server):
    yard.by_http(server.url)
    with pytest.raises(Refused) as caught:
        wirings.remove(yard.adele, Address.objects.get().pid)
    assert caught.value.code == "in-use"
    wirings.wire(yard.adele, yard.asset().pid, "", {})
    wirings.remove(yard.adele, Address.objects.get().pid)
    assert not Address.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"path": ""}, "path"),
        ({"path": "x"}, "path"),
        ({"path": "/{what}"}, "path"),
        ({"address": ""}, "address"),
        ({"body": "{"}, "body"),
        ({"words": "dance = X"}, "words"),
        ({"words": "lower"}, "words"),
        ({"readings": "x = y"}, "readings"),
        ({"readings": "position = y (BAS: under)"}, "readings"),
        ({"readings": ""}, "readings"),
    ],
)
def test_what_is_wrong_in_a_wiring_is_said_beside_its_field(yard, change, field):
    address = yard.declare("https://10.0.0.9")
    with pytest.raises(Refused) as caught:
        wirings.wire(yard.adele, yard.asset().pid, "http", {**HTTP, "address": address.pid, **change})
    assert caught.value.field == field


def test_a_rehearsal_shows_what_would_leave_and_hides_the_token(yard):
    address = yard.declare("https://10.0.0.9", token="s3cret")
    found = wirings.rehearse(yard.asset(), "http", {**HTTP, "address": address.pid})
    assert found[0].where == "POST https://10.0.0.9/bornes/borne-1/ordres"
    assert json.loads(found[0].body)["order"] == "ABAISSER"
    assert "s3cret" not in str(found)
    assert not Wiring.objects.exists()


def test_what_a_device_says_of_other_things_is_not_believed(yard, server):
    yard.by_http(server.url)
    server.post.position = "TORDU"
    rounds.read(Wiring.objects.get().pk)
    assert not Latest.objects.filter(series__observed="position").exists()
    assert Latest.objects.filter(series__observed="loop").exists()
