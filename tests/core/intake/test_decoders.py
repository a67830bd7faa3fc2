"""Frames of LoRaWAN sensors: what their makers publish, and every table read back from frames written from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ressort.core.intake.decoders import Decoder, Field, Fixed, Frame, Record, Records, Undecodable, decode
from ressort.core.intake.formats import KNOWN
from ressort.core.intake.readings import CODE, PROPERTY

# by hand, from the layouts their makers publish; most are the makers' own examples
GOLDEN = [
    ("cayenne-lpp", 1, "03670110 056700FF", {"temperature_3": 27.2, "temperature_5": 25.5}),
    ("cayenne-lpp", 2, "0167FFD7", {"temperature_1": -4.1}),
    (
        "cayenne-lpp",
        2,
        "067104D2FB2E0000",
        {"acceleration_x_6": 1.234, "acceleration_y_6": -1.234, "acceleration_z_6": 0},
    ),
    (
        "cayenne-lpp",
        2,
        "018806765FF2960A0003E8",
        {"latitude_1": 42.3519, "longitude_1": -87.9094, "altitude_1": 10},
    ),
    ("cayenne-lpp", 9, "0068A0 016601 0273 2710".replace(" ", ""), {"humidity_0": 80, "presence_1": True, "pressure_2": 1000}),
    ("milesight-em300", 85, "01755C 03673401 046865", {"battery": 92, "temperature": 30.8, "humidity": 50.5}),
    ("milesight-em300", 85, "0367F6FF 060001 050000", {"temperature": -1.0, "open": True, "leak": False}),
    (
        "milesight-am",
        85,
        "017564 03671801 04686D 077DC501",
        {"battery": 100, "temperature": 28, "humidity": 54.5, "co2": 453},
    ),
    (
        "milesight-am",
        85,
        "01755C 03673401 046865 056A4900 06651C0079001400 077DE704 087D0700 09733F27",
        {
            "battery": 92, "temperature": 30.8, "humidity": 50.5, "activity": 73, "illuminance": 28,
            "light_all": 121, "light_infrared": 20, "co2": 1255, "tvoc": 7, "pressure": 1004.7,
        },
    ),
    (
        "milesight-em500-co2",
        85,
        "017564 03671901 046873 057D6704 06736827",
        {"battery": 100, "temperature": 28.1, "humidity": 57.5, "co2": 1127, "pressure": 1008.8},
    ),
    ("milesight-udl", 85, "017564 0382 1E00 040001", {"battery": 100, "distance": 30, "tilted": True}),
    ("milesight-em300", 85, "FF0101 FFFF0100", {}),
    (
        "elsys",
        5,
        "0100E2 0229 040027 0506 060308 070D62",
        {"temperature": 22.6, "humidity": 41, "illuminance": 39, "motion": 6, "co2": 776, "battery": 3.426},
    ),
    ("elsys", 5, "01FFF6 14000F7314 1900C8 1900D2", {
        "temperature": -1.0, "pressure": 1012.5, "probe_temperature": 20.0, "probe_temperature_2": 21.0,
    }),
    (
        "dragino-lht65n",
        2,
        "CBF6 0B0D 0376 01 0ADD 7FFF",
        {"battery": 3.062, "temperature": 28.29, "humidity": 88.6, "probe_temperature": 27.81},
    ),
    ("dragino-lht65n", 2, "CBF6 FF9C 0376 05 0123 7FFF", {
        "battery": 3.062, "temperature": -1.0, "humidity": 88.6, "illuminance": 291,
    }),
    ("dragino-ldds75", 2, "0B45 0B05 00 0105 01", {
        "battery": 2.885, "distance": 2821, "interrupted": False, "probe_temperature": 26.1,
    }),
    ("dragino-lse01", 2, "0D01 7FFF 05DC 0A34 00C8 00", {
        "battery": 3.329, "soil_moisture": 15, "soil_temperature": 26.12, "soil_conductivity": 200,
        "interrupted": False,
    }),
    ("dragino-lds02", 10, "8BB8 01 00000A 000003 00", {"battery": 3.0, "open": True, "count": 10, "last_open": 3}),
    ("dragino-lds02", 10, "4BB8 02 000002 000001 00", {"battery": 3.0, "leak": True, "leaks": 2, "last_leak": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "port", "text", "expected"), GOLDEN)
def test_frames_as_their_makers_publish_them(code, port, text, expected):
    found = decode(KNOWN[code], port, bytes.fromhex(text.replace(" ", "")))
    assert {one.observed: one.value for one in found} == expected


@pytest.mark.parametrize(
    ("code", "port", "text", "why"),
    [
        ("dragino-lht65n", 3, "CBF60B0D0376010ADD7FFF", "port"),
        ("dragino-lht65n", 2, "CBF60B0D0376", "size"),
        ("dragino-lht65n", 2, "", "empty"),
        ("milesight-em300", 85, "0175", "size"),
        ("milesight-em300", 85, "01755C 03", "size"),
        ("milesight-em300", 85, "01755C 099901", "type"),
        ("elsys", 5, "FE00", "type"),
    ],
)
def test_what_cannot_be_read_says_why(code, port, text, why):
    with pytest.raises(Undecodable) as caught:
        decode(KNOWN[code], port, bytes.fromhex(text.replace(" ", "")))
    assert caught.value.code == why


def test_every_table_is_sound():
    """Codes and names fit where they are kept; a field stands inside its record; a mask inside its field."""
    for decoder in KNOWN.values():
        assert CODE.fullmatch(decoder.code)
        assert len(decoder.code) <= 40
        for size, fields in shapes(decoder):
            for one in fields:
                assert PROPERTY.fullmatch(one.observed.format(channel=255)), one.observed
                assert one.at + one.size <= size
                assert one.mask < 1 << 8 * one.size
                assert len(one.unit) <= 16
                assert one.when is None or one.when[0] < size


def shapes(decoder: Decoder):
    for frame in decoder.frames:
        if isinstance(frame.body, Fixed):
            yield frame.body.size, frame.body.fields
        else:
            for record in frame.body.types.values():
                yield record.size, record.fields


# ------------------------------------------------------------------ written from the table, read back


def placed(draw, size: int, fields: tuple[Field, ...]) -> tuple[bytes, dict[str, int]]:
    """Write a body bit by bit, the way a maker's firmware would; return it with the number of each field."""
    bits = draw(st.integers(0, (1 << 8 * size) - 1))
    numbers = {}
    for one in fields:
        mask = one.mask or (1 << 8 * one.size) - 1
        low = (mask & -mask).bit_length() - 1
        raw = draw(st.integers(0, mask >> low))
        for place in range(8 * one.size):
            if not mask >> place & 1:
                continue
            byte = one.at + (place // 8 if one.little else one.size - 1 - place // 8)
            at = 8 * (size - 1 - byte) + place % 8
            bits = bits & ~(1 << at) | (raw >> (place - low) & 1) << at
        numbers[one.observed] = raw
    return bits.to_bytes(size, "big"), numbers


def meant(one: Field, raw: int):
    if one.signed and raw >= 1 << 8 * one.size - 1:
        raw -= 1 << 8 * one.size
    return bool(raw) if one.flag else raw / one.per


def shown(body: bytes, one: Field, raw: int) -> bool:
    if one.when is not None and body[one.when[0]] & one.when[1] != one.when[2]:
        return False
    return one.none is None or meant(Field("x", size=one.size, signed=one.signed), raw) != one.none


@given(st.data())
def test_records_written_from_a_table_are_read_back(data):
    decoder = data.draw(
        st.sampled_from([one for one in KNOWN.values() if isinstance(one.frames[0].body, Records)])
    )
    frame = decoder.frames[0]
    payload, expected = b"", []
    for _ in range(data.draw(st.integers(1, 6))):
        (channel, kind), record = data.draw(
            st.sampled_from(sorted(frame.body.types.items(), key=lambda one: one[0]))
        )
        channel = data.draw(st.integers(0, 255)) if channel < 0 else channel
        body, numbers = placed(data.draw, record.size, record.fields)
        payload += (bytes([channel]) if frame.body.channel else b"") + bytes([kind]) + body
        expected += [
            (one.observed.format(channel=channel), meant(one, numbers[one.observed])) for one in record.fields
        ]
    port = frame.ports[0] if frame.ports else data.draw(st.integers(0, 255))
    found = [(name, value) for name, value, _ in decode(decoder, port, payload)]
    assert [value for _, value in found] == [value for _, value in expected]
    assert len({name for name, _ in found}) == len(found), "each value has a name of its own"


@given(st.data())
def test_fixed_frames_written_from_a_table_are_read_back(data):
    decoder = data.draw(
        st.sampled_from([one for one in KNOWN.values() if isinstance(one.frames[0].body, Fixed)])
    )
    frame = decoder.frames[0]
    # fields may share bytes (a battery and its flags): one of them is written, and that one is looked at
    one = data.draw(st.sampled_from(frame.body.fields))
    body, numbers = placed(data.draw, frame.body.size, (one,))
    found = {name: value for name, value, _ in decode(decoder, frame.ports[0], body)}
    if shown(body, one, numbers[one.observed]):
        assert found[one.observed] == meant(one, numbers[one.observed])
    else:
        assert one.observed not in found


@given(st.sampled_from(sorted(KNOWN)), st.integers(0, 255), st.binary(max_size=300))
def test_random_bytes_give_values_or_a_refusal(code, port, payload):
    try:
        found = decode(KNOWN[code], port, payload)
    except Undecodable:
        return
    assert all(isinstance(one.value, float | bool) for one in found)


def test_a_mask_with_a_shift_and_a_little_end():
    field = Field("level", 0, 2, little=True, mask=0x0FF0)
    decoder = Decoder(
        "x", "x", "", (Frame(Fixed(2, (field,)), (1,)), Frame(Records({(1, 1): Record(1)}), (2,)))
    )
    assert decode(decoder, 1, bytes.fromhex("5A03")) == [("level", 0x35, "")]
    assert decode(decoder, 2, bytes.fromhex("010100")) == []
