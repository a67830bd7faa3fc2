"""Devices that listen to a broker: a command is published by the one process that holds the link, at QoS 1."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ressort.core.intake import outgoing
from ressort.services.controlroom.driving import templates
from ressort.services.controlroom.driving.http import wiring_of
from ressort.services.controlroom.driving.models import Wiring
from ressort.services.controlroom.equipment.answers import ACCEPTED, REFUSED, Answer
from ressort.services.controlroom.equipment.kinds import Words
from ressort.services.controlroom.equipment.models import Asset, Command


class Mqtt:
    """Carries commands by the broker that the intake listens to."""

    label: Words = _("MQTT")
    real = True
    waits = False

    def describe(self, asset: Asset) -> list[str]:
        """Return everything the class can do, once a topic is given and a broker is set."""
        wiring = wiring_of(asset)
        if not settings.MQTT or wiring is None or not wiring.topic:
            return []
        return [one.verb for one in asset.declared.can]

    def command(self, command: Command) -> Answer:
        """Hand the command to whoever holds the link; it leaves once, and never after it has expired."""
        wiring = wiring_of(command.asset)
        if not settings.MQTT or wiring is None or not wiring.topic:
            return Answer(REFUSED, "cannot")
        topic, body = message_of(command, wiring)
        outgoing.send(command.pid, topic, body, command.expires)
        return self.feedback(command)

    def feedback(self, command: Command) -> Answer:
        """Return what the device answered of this command under its own topic, if it did."""
        said = outgoing.answer(command.pid)
        if said is None:
            return Answer()
        if said.get("accepted") is True:
            return Answer(ACCEPTED)
        return Answer(REFUSED, "device") if said.get("accepted") is False else Answer()

    def observe(self, asset: Asset) -> Iterable[Any]:
        """Return nothing: devices say what they are by the intake."""
        del asset
        return ()


def message_of(command: Command, wiring: Wiring) -> tuple[str, bytes]:
    """Return the topic and the bytes of a command; where to answer is in them, for clients of MQTT 3.1.1."""
    known = templates.values(command, wiring)
    body = json.loads(templates.body(wiring.body, known))
    if isinstance(body, dict):
        body.setdefault("answer", outgoing.where(command.pid))
    return templates.topic(wiring.topic, known), json.dumps(body, ensure_ascii=False).encode()
