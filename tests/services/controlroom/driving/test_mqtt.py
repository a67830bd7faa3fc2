"""Commands by a broker that is one: published once acknowledged, never too late, done when the device says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.config.settings import _broker
from ressort.core.clock import wall_now
from ressort.core.intake import links, mqtt, outgoing
from ressort.core.intake.models import Outgoing
from ressort.services.controlroom.driving import wiring as wirings
from ressort.services.controlroom.equipment.models import Command
from tests.core.intake.broker import MOSQUITTO, PUBLISH, WHY_NOT, Broker, until
from tests.services.controlroom.driving.device import Listener

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(not (MOSQUITTO and PUBLISH), reason=WHY_NOT),
]
State = Command.State


class Street:
    """A broker, the link to it, and a device behind it."""

    def __init__(self, folder, yard, settings, version="5"):
        self.broker, self.yard = Broker(folder), yard
        self.broker.start()
        settings.MQTT = _broker(self.broker.url(f"?version={version}"))
        self.link = mqtt.Intake()
        until(lambda: self.link.round() or self.link._fresh)
        self.device = Listener(self.broker.port, "borne-1")
        wirings.wire(yard.adele, yard.asset().pid, "mqtt", {"words": "lower = ABAISSER\nraise = MONTER"})
        yard.real()

    def goes(self, true):
        """Let the link and the rounds go on until something is so."""

        def turn():
            self.link._look = 0.0
            self.link.round()
            self.yard.turn()
            return true()

        return until(turn, 30)

    def close(self):
        try:
            self.device.close()
            self.link.close()
        finally:
            self.broker.stop()


@pytest.fixture(params=["5", "3.1.1"])
def street(request, tmp_path, yard, settings, monkeypatch):
    monkeypatch.setattr(mqtt, "PATIENCE", (0.05,))
    monkeypatch.setattr(links, "EVERY", 0.0)
    made = Street(tmp_path, yard, settings, request.param)
    made.version = request.param
    yield made
    made.close()


def test_a_command_is_published_answered_and_confirmed(street, yard):
    command = yard.ask()
    street.goes(lambda: yard.now(command).state == State.ACCEPTED)
    said, message = street.device.got[0]
    assert (said["id"], said["order"], message.qos) == (command.pid, "ABAISSER", 1)
    assert not message.retain
    if street.version == "5":
        assert message.properties.CorrelationData == command.pid.encode()
        assert message.properties.ResponseTopic == said["answer"]
        assert 0 < message.properties.MessageExpiryInterval <= 600
    street.device.say()
    street.goes(lambda: yard.now(command).state == State.CONFIRMED)
    assert Outgoing.objects.get().published is not None


def test_a_device_that_lies_or_answers_for_another_is_not_believed(street, yard):
    street.device.post.fault = "wrong"
    command = yard.ask()
    street.goes(lambda: street.device.got)
    street.goes(lambda: Outgoing.objects.get().published)
    for _ in range(3):
        street.link.round()
    assert yard.now(command).state == State.SENT
    street.device.post.fault = "lies"
    street.broker.publish(outgoing.where(command.pid), "not json")
    street.broker.publish(outgoing.where(command.pid), '{"accepted": true}')
    street.goes(lambda: yard.now(command).state == State.ACCEPTED)
    yard.turn(30)
    assert yard.now(command).state == State.TIMED_OUT


def test_a_refusal_ends_the_command(street, yard):
    street.device.post.fault = "refuses"
    command = yard.ask()
    street.goes(lambda: yard.now(command).state == State.REFUSED)
    assert command.why == "device"


def test_a_command_waits_for_the_broker_and_never_leaves_too_late(street, yard):
    street.broker.stop()
    until(lambda: street.link.round() or not street.link.standing.up)
    first = yard.ask()
    yard.turn()
    assert Outgoing.objects.get(key=first.pid).published is None
    Outgoing.objects.update(expires=wall_now() - timedelta(seconds=1))
    street.device.ready.clear()
    street.broker.start()
    assert street.device.ready.wait(20)
    until(lambda: street.link.round() or street.link.standing.up)
    second = yard.ask()
    street.goes(lambda: street.device.got)
    assert [said["id"] for said, _ in street.device.got] == [second.pid]


def test_twice_is_once(street, yard):
    command = yard.ask()
    street.goes(lambda: street.device.got)
    until(lambda: street.link.round() or Outgoing.objects.get().published)
    Outgoing.objects.update(published=None)  # as after a crash between the broker's word and ours
    street.goes(lambda: len(street.device.got) == 2)
    assert street.device.post.deeds == 1
    street.device.say()
    street.goes(lambda: yard.now(command).state == State.CONFIRMED)
