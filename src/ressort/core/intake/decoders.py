"""Reads the frames of LoRaWAN sensors from a table: what a decoder is, and the one function that interprets it.

A decoder is data (``formats.py`` holds those we know). Nothing here reads a clock, a row or a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_READINGS = 250
"""A LoRaWAN frame has 242 bytes at most."""


class Undecodable(Exception):  # noqa: N818 - an answer, not a fault
    """A frame that its decoder cannot read: ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Value(NamedTuple):
    """One value of a frame."""

    observed: str
    value: float | bool
    unit: str


@dataclass(frozen=True, slots=True)
class Field:
    """A number in a frame: ``size`` bytes at ``at``, of which the bits of ``mask`` count; divided by ``per``.

    Attributes
    ----------
    observed : str
        The property. In a record with a channel, ``{channel}`` is replaced by it.
    none : int, optional
        The number, as read, by which the device says that it has no value.
    when : (int, int, int), optional
        ``(at, mask, value)``: the field is there only where that byte, masked, has that value.
    flag : bool
        It is a yes or no.
    """

    observed: str
    at: int = 0
    size: int = 1
    signed: bool = False
    little: bool = False
    mask: int = 0
    per: int = 1
    unit: str = ""
    none: int | None = None
    when: tuple[int, int, int] | None = None
    flag: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What follows a type in a frame of records: so many bytes, and the fields in them."""

    size: int
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Fixed:
    """A frame in which every field has its place."""

    size: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """A frame of records one after the other, each announced by a type, after a channel when there is one.

    ``types`` is keyed by ``(channel, type)``; a channel of −1 stands for any.
    """

    types: Mapping[tuple[int, int], Record]
    channel: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """How frames on some ports are laid out; no port named stands for every port."""

    body: Fixed | Records
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoder:
    """A decoder: its code, what people choose it by, where the layout is published, its frames by port."""

    code: str
    title: str
    source: str
    frames: tuple[Frame, ...] = field(default=())


def decode(decoder: Decoder, port: int, payload: bytes) -> list[Value]:
    """Return what a frame says.

    Raises
    ------
    Undecodable
        ``port``: nothing is known of that port; ``size``: too short or too long; ``type``: a record of an
        unknown type, after which nothing can be trusted; ``empty``.
    """
    frame = next((one for one in decoder.frames if not one.ports or port in one.ports), None)
    if frame is None:
        raise Undecodable("port")
    if not payload:
        raise Undecodable("empty")
    if isinstance(frame.body, Fixed):
        if len(payload) != frame.body.size:
            raise Undecodable("size")
        found = _read(frame.body.fields, payload, 0)
    else:
        found = _records(frame.body, payload)
    if len(found) > MOST_READINGS:
        raise Undecodable("size")
    return _apart(found)


def _records(body: Records, payload: bytes) -> list[Value]:
    found: list[Value] = []
    place, head = 0, 2 if body.channel else 1
    while place < len(payload):
        if place + head > len(payload):
            raise Undecodable("size")
        channel = payload[place] if body.channel else 0
        kind = payload[place + head - 1]
        record = body.types.get((channel, kind)) or body.types.get((-1, kind))
        if record is None:
            raise Undecodable("type")
        place += head
        if place + record.size > len(payload):
            raise Undecodable("size")
        found += _read(record.fields, payload[place : place + record.size], channel)
        place += record.size
    return found


def _read(fields: tuple[Field, ...], body: bytes, channel: int) -> list[Value]:
    found = []
    for one in fields:
        if one.when is not None and body[one.when[0]] & one.when[1] != one.when[2]:
            continue
        part = body[one.at : one.at + one.size]
        number = int.from_bytes(part, "little" if one.little else "big", signed=one.signed)
        if number == one.none:
            continue
        if one.mask:
            number = (number & one.mask) >> ((one.mask & -one.mask).bit_length() - 1)
        value = bool(number) if one.flag else number / one.per
        found.append(Value(one.observed.format(channel=channel), value, one.unit))
    return found


def _apart(found: list[Value]) -> list[Value]:
    """Give a second value of the same property a name of its own: several probes of one type on one device."""
    seen: dict[str, int] = {}
    named = []
    for one in found:
        rank = seen[one.observed] = seen.get(one.observed, 0) + 1
        named.append(one if rank == 1 else one._replace(observed=f"{one.observed}_{rank}"))
    return named
