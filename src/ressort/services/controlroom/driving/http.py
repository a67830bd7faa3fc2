"""Devices that speak HTTP: a command is a request with an idempotency key; the state is asked for, again and again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.clock import wall_now
from ressort.services.controlroom.driving import calling, sealing, templates
from ressort.services.controlroom.driving.calling import Call, Unreachable
from ressort.services.controlroom.driving.models import Address, Wiring
from ressort.services.controlroom.equipment.answers import ACCEPTED, REFUSED, Answer
from ressort.services.controlroom.equipment.kinds import Words
from ressort.services.controlroom.equipment.models import Asset, Command

_LATER = {408, 425, 429}
HIDDEN = "•••"


def wiring_of(asset: Asset) -> Wiring | None:
    """Return how some equipment is reached."""
    return Wiring.objects.select_related("address", "asset__device").filter(asset=asset).first()


class Http:
    """Carries commands by HTTP to declared addresses."""

    label: Words = _("HTTP")
    real = True
    waits = True

    def describe(self, asset: Asset) -> list[str]:
        """Return everything the class can do, once an address and a path are given."""
        wiring = wiring_of(asset)
        if wiring is None or wiring.address is None or not wiring.path:
            return []
        return [one.verb for one in asset.declared.can]

    def command(self, command: Command) -> Answer:
        """Ask the device; its answer is a receipt at most, and only when it speaks of this very command."""
        wiring = wiring_of(command.asset)
        if wiring is None or wiring.address is None:
            return Answer(REFUSED, "cannot")
        reply = calling.send(request_of(command, wiring))
        if reply.status in _LATER or reply.status >= 500:
            raise Unreachable(f"status {reply.status}")
        if reply.status >= 400:
            return Answer(REFUSED, "credentials" if reply.status in {401, 403} else "device")
        named = reply.body.get("id") if isinstance(reply.body, dict) else None
        if named is not None and named != command.pid:  # it speaks of something else: nothing was heard
            raise Unreachable("the answer is about another command")
        if isinstance(reply.body, dict) and reply.body.get("accepted") is False:
            return Answer(REFUSED, "device")
        return Answer(ACCEPTED)

    def feedback(self, command: Command) -> Answer:
        """Return nothing: the receipt came with the answer."""
        del command
        return Answer()

    def observe(self, asset: Asset) -> Iterable[Any]:
        """Read the device's status address; dated when the reading began, as it was so at least since then."""
        wiring = wiring_of(asset)
        if wiring is None or wiring.address is None or not wiring.status_path or asset.device is None:
            return []
        began = wall_now()
        reply = calling.send(reading_of(wiring))
        if reply.status != 200:
            raise Unreachable(f"status {reply.status}")
        found = read(reply.body, wiring)
        return [
            {"device": asset.device.code, "property": name, "value": value, "at": began}
            for name, value in found.items()
        ]


def _headers(address: Address, *, shown: bool) -> dict[str, str]:
    token = sealing.unseal(address.sealed)
    return {"Authorization": f"Bearer {HIDDEN if shown else token}"} if token else {}


def request_of(command: Command, wiring: Wiring, *, shown: bool = False) -> Call:
    """Return the request of a command; ``shown`` hides the token."""
    assert wiring.address is not None
    known = templates.values(command, wiring)
    headers = {
        **_headers(wiring.address, shown=shown),
        "Content-Type": "application/json",
        "Idempotency-Key": command.pid,
    }
    return Call(
        wiring.method,
        wiring.address.base,
        templates.path(wiring.path, known),
        headers,
        templates.body(wiring.body, known),
        wiring.address.timeout,
        wiring.address.authority,
    )


def reading_of(wiring: Wiring) -> Call:
    """Return the request that reads a device."""
    assert wiring.address is not None
    asset = wiring.asset
    known = {"device": asset.device.code if asset.device else asset.code}
    address = wiring.address
    where = templates.path(wiring.status_path, known)
    return Call(
        "GET", address.base, where, _headers(address, shown=False), b"", address.timeout, address.authority
    )


def read(body: Any, wiring: Wiring) -> dict[str, Any]:
    """Return the properties found in an answer, in our words; what is not there is not said."""
    found = {}
    for observed, (where, words) in wiring.asks().items():
        part = body
        for name in str(where).split("."):
            part = part.get(name) if isinstance(part, dict) else None
        if isinstance(part, str | bool | int | float):
            found[observed] = words.get(str(part), part)
    return found


def is_due(wiring: Wiring, now: datetime, *, busy: bool) -> bool:
    """Tell whether a device is to be read: every second or so while something is asked of it, else at its own pace."""
    every = timedelta(seconds=0.9 if busy else wiring.every)
    return wiring.read is None or now - wiring.read >= every
