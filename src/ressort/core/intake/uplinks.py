"""Uplinks of LoRaWAN network servers: which device, when, and what it says, by its decoder or by the server's own."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from ressort.core.intake.decoders import Undecodable, decode
from ressort.core.intake.formats import KNOWN
from ressort.core.intake.readings import CODE, PROPERTY, Unfit

EUI = re.compile(r"[0-9a-f]{16}")
_DEEPEST = 4
_MOST = 250
_LONGEST = 900


@dataclass(frozen=True, slots=True)
class Radio:
    """What must be known of devices to read their messages.

    Attributes
    ----------
    codes : mapping of DevEUI -> code
    decoders : mapping of code -> decoder
    gateways : mapping of code -> code of its gateway
    """

    codes: Mapping[str, str] = field(default_factory=dict)
    decoders: Mapping[str, str] = field(default_factory=dict)
    gateways: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Uplink:
    """One uplink: the names of its device, its port and frame, and what the network server read of it."""

    name: str
    eui: str
    port: int
    frame: bytes
    at: str
    read: Mapping[str, Any] | None = None

    def kept(self) -> dict[str, Any]:
        """Return it as quarantine keeps it."""
        about = {"device": self.name, "eui": self.eui, "port": self.port, "at": self.at}
        kept = {**about, "frame": self.frame.hex()}
        small = self.read is not None and len(json.dumps(self.read)) <= _LONGEST
        return {**kept, "read": self.read} if small else kept

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> Self:
        """Return an uplink that quarantine kept."""
        try:
            return cls(
                str(kept["device"]),
                str(kept["eui"]),
                int(kept["port"]),
                bytes.fromhex(kept["frame"]),
                str(kept["at"]),
                _read(kept.get("read")),
            )
        except (KeyError, TypeError, ValueError):
            raise Unfit("malformed") from None


def things_stack(name: str, body: Any, received: datetime) -> Uplink:
    """Read an uplink of The Things Stack v3; fields that are empty or zero are left out by it."""
    ids, up = _object(body, "end_device_ids"), _object(body, "uplink_message")
    at = up.get("received_at") or body.get("received_at")
    return Uplink(
        name,
        _eui(ids.get("dev_eui")),
        _port(up.get("f_port", 0)),
        _frame(up.get("frm_payload", "")),
        _at(at, received),
        _read(up.get("decoded_payload")),
    )


def chirpstack(eui: str, body: Any, received: datetime) -> Uplink:
    """Read an uplink of ChirpStack v4."""
    about = _object(body, "deviceInfo")
    name = about.get("deviceName")
    return Uplink(
        name if isinstance(name, str) else "",
        _eui(about.get("devEui") or eui),
        _port(body.get("fPort", 0)),
        _frame(body.get("data", "")),
        _at(body.get("time"), received),
        _read(body.get("object")),
    )


def device(uplink: Uplink, radio: Radio) -> str:
    """Return the code of its device: the one that has its DevEUI, else of its name on the network server."""
    if code := radio.codes.get(uplink.eui):
        return code
    if uplink.name in radio.known or not uplink.eui:
        return uplink.name if CODE.fullmatch(uplink.name) else _unfit()
    return f"eui-{uplink.eui}"  # what can be enrolled as it is, and is shown in quarantine by this name


def _unfit() -> str:
    raise Unfit("malformed")


def values(uplink: Uplink, code: str, radio: Radio) -> Iterator[tuple[str, Any]]:
    """Return property and value of what it says.

    Raises
    ------
    Unfit
        ``undecoded`` where neither a decoder nor the network server read its frame.
    """
    if code not in radio.known:
        raise Unfit("unknown-device", code)
    if chosen := radio.decoders.get(code):
        decoder = KNOWN.get(chosen)
        if decoder is None:  # chosen when another version knew it
            raise Unfit("undecoded", code)
        try:
            found = decode(decoder, uplink.port, uplink.frame)
        except Undecodable:
            raise Unfit("undecoded", code) from None
        return iter([(one.observed, one.value) for one in found])
    if uplink.read is None:
        if not uplink.frame:  # a device that only says that it is there
            return iter(())
        raise Unfit("undecoded", code)
    return iter(list(_flat(uplink.read))[:_MOST])


def _flat(body: Mapping[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Return numbers, flags and words of an object; names are made ours: ``TempC_SHT`` is ``tempc_sht``."""
    for name, value in body.items():
        own = before + re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_")
        if isinstance(value, Mapping):
            if depth < _DEEPEST:
                yield from _flat(value, f"{own}_", depth + 1)
        elif isinstance(value, bool | int | float | str) and PROPERTY.fullmatch(own):
            yield own, value


# ------------------------------------------------------------------ the parts of an uplink


def _object(body: Any, name: str) -> dict[str, Any]:
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, dict):
        raise Unfit("malformed")
    return found


def _eui(value: Any) -> str:
    text = value.lower() if isinstance(value, str) else ""
    return text if EUI.fullmatch(text) else ""


def _port(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 255:
        raise Unfit("malformed")
    return value


def _frame(value: Any) -> bytes:
    try:
        found = base64.b64decode(value or "", validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Unfit("malformed") from None
    if len(found) > 255:
        raise Unfit("malformed")
    return found


def _at(value: Any, received: datetime) -> str:
    return value if isinstance(value, str) and value else received.isoformat()


def _read(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) and value else None
