"""What a message of a broker says: from its topic and its bytes to observations, or to why it cannot be read.

``ressort/<device>/<property>`` holds one value, ``ressort/<device>`` several; network servers of LoRaWAN speak under
``v3/<application>/devices/<name>/up`` (The Things Stack) and ``application/<id>/device/<DevEUI>/event/up`` (ChirpStack).
Nothing here reads a clock or writes a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ressort.core.intake import uplinks
from ressort.core.intake.readings import CODE, PROPERTY, Unfit
from ressort.core.intake.uplinks import Radio, Uplink

LARGEST = 256 * 1024
"""Bytes of a message; a LoRaWAN uplink has about two thousand."""
MOST = 10_000
"""Observations in one message."""
_SHOWN = 1_500  # characters kept of what cannot be read
_TTS = re.compile(r"v3/[^/]+/devices/([^/]+)/up")
_CHIRPSTACK = re.compile(r"application/[^/]+/device/([^/]+)/event/up")
_ABOUT = {"at", "quality"}


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came.

    Attributes
    ----------
    received : datetime
        Wall clock.
    fresh : bool
        It was sent just now, as far as can be known: not kept by the broker while nobody listened, nor sent again.
    retained : bool
        It is the last value the broker remembers, from nobody knows when.
    """

    topic: str
    payload: bytes
    received: datetime
    fresh: bool = True
    retained: bool = False


@dataclass(slots=True)
class Said:
    """What was read: observations in the shape of ``readings.py``, and what is put apart with its reason."""

    items: list[dict[str, Any]] = field(default_factory=list)
    faults: list[tuple[Unfit, Any]] = field(default_factory=list)


def read(message: Message, radio: Radio) -> Said:
    """Return what a message says; never raises, whatever its bytes are."""
    said = Said()
    try:
        _read(message, radio, said)
    except Unfit as unfit:
        said.faults.append((unfit, _specimen(message)))
    return said


def again(item: Any, radio: Radio) -> Said:
    """Return what a kept item says now: an uplink may have found its decoder since."""
    kept = item.get("uplink") if isinstance(item, Mapping) else None
    if not isinstance(kept, Mapping):
        return Said(items=[item])
    said = Said()
    try:
        _uplink(Uplink.from_kept(kept), radio, said)
    except Unfit as unfit:
        said.faults.append((unfit, item))
    return said


def _read(message: Message, radio: Radio, said: Said) -> None:
    parts = message.topic.split("/")
    code = parts[1] if parts[0] == "ressort" and len(parts) in {2, 3} else ""
    if len(message.payload) > LARGEST:
        raise Unfit("too-large", code if CODE.fullmatch(code) else "")
    if found := _TTS.fullmatch(message.topic):
        _uplink(uplinks.things_stack(found[1], _json(message), message.received), radio, said)
    elif found := _CHIRPSTACK.fullmatch(message.topic):
        _uplink(uplinks.chirpstack(found[1], _json(message), message.received), radio, said)
    elif not CODE.fullmatch(code):
        raise Unfit("malformed")
    elif len(parts) == 3:
        _one(message, code, parts[2], said)
    else:
        _several(message, code, radio, said)


def _json(message: Message) -> Any:
    try:
        return json.loads(message.payload)
    except (ValueError, RecursionError):
        raise Unfit("malformed") from None


def _one(message: Message, code: str, observed: str, said: Said) -> None:
    """``ressort/air-1/no2``: 21.5, true, a word as it is, or ``{"value": …, "at": …, "quality": …}``."""
    if not PROPERTY.fullmatch(observed):
        raise Unfit("malformed", code)
    try:
        value: Any = json.loads(message.payload)
    except (ValueError, RecursionError):
        value = message.payload.decode("utf-8", "replace").strip()
        if not PROPERTY.fullmatch(value):  # the word of a list is one word
            raise Unfit("malformed", code, observed) from None
    if isinstance(value, dict) and "value" not in value:
        raise Unfit("malformed", code, observed)
    _add(message, said, code, observed, value)


def _several(message: Message, code: str, radio: Radio, said: Said) -> None:
    """``ressort/air-1``: an object of properties, one observation, or a list of them."""
    body = _json(message)
    if isinstance(body, list):
        if len(body) > MOST:
            raise Unfit("too-large", code)
        for one in body:
            _whole(message, said, code, one, radio)
    elif not isinstance(body, dict) or not body:
        raise Unfit("malformed", code)
    elif {"property", "result", "Datastream"} & body.keys():
        _whole(message, said, code, body, radio)
    else:
        about = {name: body[name] for name in _ABOUT & body.keys()}
        for observed, value in body.items():
            if observed not in _ABOUT:
                _add(message, said, code, observed, value, about)


def _whole(message: Message, said: Said, code: str, item: Any, radio: Radio) -> None:
    """Take an observation in the shape of HTTP. A device speaks for itself and for those behind it, as by HTTP."""
    if not isinstance(item, dict):
        said.faults.append((Unfit("malformed", code), item))
        return
    if "result" in item or "Datastream" in item:
        stream = item.get("Datastream")
        name = stream.get("@iot.id") if isinstance(stream, dict) else None
        about = name.rpartition("/")[0] if isinstance(name, str) else ""
        timed = item if item.get("phenomenonTime") or item.get("resultTime") else {
            **item, "phenomenonTime": _instant(message, code), "resultQuality": _quality(message, item.get("resultQuality")),
        }  # fmt: skip
        _behind(said, code, about, timed, radio)
        return
    about = item.get("device", code)
    timed = {**item, "device": about}
    if item.get("at") is None:
        timed |= {"at": _instant(message, code), "quality": _quality(message, item.get("quality"))}
    _behind(said, code, about, timed, radio)


def _behind(said: Said, code: str, about: Any, item: dict[str, Any], radio: Radio) -> None:
    if not isinstance(about, str) or about == code or radio.gateways.get(about) == code:
        said.items.append(item)
    else:
        said.faults.append((Unfit("unknown-device", about if CODE.fullmatch(about) else ""), item))


def _add(
    message: Message, said: Said, code: str, observed: str, value: Any, about: Mapping[str, Any] | None = None
) -> None:
    whole = {**(about or {}), **(value if isinstance(value, dict) else {"value": value})}
    at, quality = whole.get("at"), whole.get("quality")
    if at is None:
        at, quality = _instant(message, code, observed), _quality(message, quality)
    item = {"device": code, "property": observed, "value": whole.get("value"), "at": at}
    said.items.append(item if quality is None else {**item, "quality": quality})


def _instant(message: Message, code: str, observed: str = "") -> str:
    """Return when it was received, for what says no instant of its own."""
    if message.retained:  # believed now, it would pass for a fresh value at each connection
        raise Unfit("undated", code, observed)
    return message.received.isoformat()


def _quality(message: Message, quality: Any) -> Any:
    """Return the quality of what says no instant: nobody knows how old it is, unless it was sent just now."""
    return "doubtful" if not message.fresh and (quality is None or quality in ("good", 0, "")) else quality


def _uplink(uplink: Uplink, radio: Radio, said: Said) -> None:
    code = uplinks.device(uplink, radio)
    for observed, value in uplinks.values(uplink, code, radio):
        said.items.append({"device": code, "property": observed, "value": value, "at": uplink.at})


def _specimen(message: Message) -> Any:
    """Return what is kept of a message that could not be read; what a decoder may still read is kept whole."""
    for pattern, reader in ((_TTS, uplinks.things_stack), (_CHIRPSTACK, uplinks.chirpstack)):
        if found := pattern.fullmatch(message.topic):
            try:
                return {"uplink": reader(found[1], _json(message), message.received).kept()}
            except Unfit:
                break
    text = message.payload[:_SHOWN].decode("utf-8", "replace")
    shown = message.payload[: _SHOWN // 4].hex() if "�" in text or "\0" in text else text
    return {"topic": message.topic[:200], "payload": shown, "bytes": len(message.payload)}
