"""The layouts of frames we know, as their makers publish them. To add one, add a row: no line of code changes.

Names are ours, so that a temperature is called the same whoever made the sensor.
"""

from __future__ import annotations

from ressort.core.intake.decoders import Decoder, Field, Fixed, Frame, Record, Records


def _one(observed: str, size: int = 1, **more: object) -> Record:
    return Record(size, (Field(observed, 0, size, **more),))  # type: ignore[arg-type]


def _little(observed: str, size: int = 2, **more: object) -> Record:
    return _one(observed, size, little=True, **more)


_AXES = ("x", "y", "z")

_LPP = {
    0x00: _one("digital_in_{channel}"),
    0x01: _one("digital_out_{channel}"),
    0x02: _one("analog_in_{channel}", 2, signed=True, per=100),
    0x03: _one("analog_out_{channel}", 2, signed=True, per=100),
    0x65: _one("illuminance_{channel}", 2, unit="lx"),
    0x66: _one("presence_{channel}", flag=True),
    0x67: _one("temperature_{channel}", 2, signed=True, per=10, unit="°C"),
    0x68: _one("humidity_{channel}", per=2, unit="%"),
    0x71: Record(
        6,
        tuple(
            Field(f"acceleration_{axis}_{{channel}}", 2 * rank, 2, signed=True, per=1000, unit="g")
            for rank, axis in enumerate(_AXES)
        ),
    ),
    0x73: _one("pressure_{channel}", 2, per=10, unit="hPa"),
    0x86: Record(
        6,
        tuple(
            Field(f"rotation_{axis}_{{channel}}", 2 * rank, 2, signed=True, per=100, unit="°/s")
            for rank, axis in enumerate(_AXES)
        ),
    ),
    0x88: Record(
        9,
        (
            Field("latitude_{channel}", 0, 3, signed=True, per=10_000, unit="°"),
            Field("longitude_{channel}", 3, 3, signed=True, per=10_000, unit="°"),
            Field("altitude_{channel}", 6, 3, signed=True, per=100, unit="m"),
        ),
    ),
}

# Milesight gives the same channel and type to different things in different families: one table each.
_MILESIGHT = {
    (0x01, 0x75): _one("battery", unit="%"),
    (0xFF, 0x01): Record(1),  # what a device says of itself when it joins: versions, class, serial number
    (0xFF, 0x09): Record(2),
    (0xFF, 0x0A): Record(2),
    (0xFF, 0x0B): Record(1),
    (0xFF, 0x0F): Record(1),
    (0xFF, 0x16): Record(8),
    (0xFF, 0xFF): Record(2),
}
_MILESIGHT_CLIMATE = _MILESIGHT | {
    (0x03, 0x67): _little("temperature", signed=True, per=10, unit="°C"),
    (0x04, 0x68): _one("humidity", per=2, unit="%"),
}
_MILESIGHT_ROOM = _MILESIGHT_CLIMATE | {
    (0x05, 0x00): _one("occupied", flag=True),
    (0x05, 0x6A): _little("activity"),
    (0x06, 0x65): Record(
        6,
        (
            Field("illuminance", 0, 2, little=True, unit="lx"),
            Field("light_all", 2, 2, little=True),
            Field("light_infrared", 4, 2, little=True),
        ),
    ),
    (0x06, 0xCB): _one("light_level"),
    (0x07, 0x7D): _little("co2", unit="ppm"),
    (0x08, 0x7D): _little("tvoc"),
    (0x09, 0x73): _little("pressure", per=10, unit="hPa"),
    (0x0A, 0x7D): _little("formaldehyde", per=100, unit="mg/m³"),
    (0x0B, 0x7D): _little("pm2_5", unit="µg/m³"),
    (0x0C, 0x7D): _little("pm10", unit="µg/m³"),
    (0x0D, 0x7D): _little("ozone", per=100, unit="ppm"),
}
_MILESIGHT_EM300 = _MILESIGHT_CLIMATE | {
    (0x05, 0x00): _one("leak", flag=True),
    (0x05, 0xC8): _little("count", 4),
    (0x06, 0x00): _one("open", flag=True),
}
_MILESIGHT_CO2 = _MILESIGHT_CLIMATE | {
    (0x05, 0x7D): _little("co2", unit="ppm"),
    (0x06, 0x73): _little("pressure", per=10, unit="hPa"),
}
_MILESIGHT_LEVEL = _MILESIGHT | {
    (0x03, 0x67): _little("temperature", signed=True, per=10, unit="°C"),
    (0x03, 0x82): _little("distance", unit="mm"),
    (0x04, 0x00): _one("tilted", flag=True),
    (0x04, 0x82): _little("distance", unit="mm"),
    (0x05, 0x00): _one("tilted", flag=True),
}

_ELSYS = {
    0x01: _one("temperature", 2, signed=True, per=10, unit="°C"),
    0x02: _one("humidity", unit="%"),
    0x03: Record(
        3,
        tuple(
            Field(f"acceleration_{axis}", rank, 1, signed=True, per=63, unit="g")
            for rank, axis in enumerate(_AXES)
        ),
    ),
    0x04: _one("illuminance", 2, unit="lx"),
    0x05: _one("motion"),
    0x06: _one("co2", 2, unit="ppm"),
    0x07: _one("battery", 2, per=1000, unit="V"),
    0x08: _one("analog_1", 2, unit="mV"),
    0x09: Record(
        6,
        (
            Field("latitude", 0, 3, signed=True, little=True, per=10_000, unit="°"),
            Field("longitude", 3, 3, signed=True, little=True, per=10_000, unit="°"),
        ),
    ),
    0x0A: _one("pulses_1", 2),
    0x0B: _one("count_1", 4),
    0x0C: _one("outside_temperature", 2, signed=True, per=10, unit="°C"),
    0x0D: _one("digital_1", flag=True),
    0x0E: _one("distance", 2, unit="mm"),
    0x0F: _one("shaken"),
    0x10: Record(
        4,
        (
            Field("inside_infrared", 0, 2, signed=True, per=10, unit="°C"),
            Field("outside_infrared", 2, 2, signed=True, per=10, unit="°C"),
        ),
    ),
    0x11: _one("occupancy"),
    0x12: _one("leak", flag=True),
    0x13: Record(65),  # a picture of temperatures: nothing that a series holds
    0x14: _one("pressure", 4, signed=True, per=1000, unit="hPa"),
    0x15: Record(2, (Field("sound_peak", 0, unit="dB"), Field("sound", 1, unit="dB"))),
    0x16: _one("pulses_2", 2),
    0x17: _one("count_2", 4),
    0x18: _one("analog_2", 2, unit="mV"),
    0x19: _one("probe_temperature", 2, signed=True, per=10, unit="°C"),
    0x1A: _one("digital_2", flag=True),
    0x1B: _one("microvolts", 4, signed=True, unit="µV"),
    0x1C: _one("tvoc", 2, unit="ppb"),
    0x3D: Record(4),
}

_DRAGINO_BATTERY = Field("battery", 0, 2, mask=0x3FFF, per=1000, unit="V")

_LHT65N = Fixed(
    11,
    (
        _DRAGINO_BATTERY,
        Field("temperature", 2, 2, signed=True, per=100, unit="°C", none=0x7FFF),
        Field("humidity", 4, 2, per=10, unit="%"),
        Field("probe_temperature", 7, 2, signed=True, per=100, unit="°C", none=0x7FFF, when=(6, 0x7F, 0x01)),
        Field("illuminance", 7, 2, unit="lx", when=(6, 0x7F, 0x05)),
    ),
)
_LDDS75 = Fixed(
    8,
    (
        _DRAGINO_BATTERY,
        Field(
            "distance", 2, 2, unit="mm", none=0
        ),  # 0: no sensor; under 280 the manual trusts nothing: a low bound
        Field("interrupted", 4, flag=True),
        Field("probe_temperature", 5, 2, signed=True, per=10, unit="°C", when=(7, 0x01, 0x01)),
    ),
)
_LSE01 = Fixed(
    11,
    (
        _DRAGINO_BATTERY,
        Field("probe_temperature", 2, 2, signed=True, per=10, unit="°C", none=0x7FFF),
        Field("soil_moisture", 4, 2, per=100, unit="%"),
        Field("soil_temperature", 6, 2, signed=True, per=100, unit="°C"),
        Field("soil_conductivity", 8, 2, unit="µS/cm"),
        Field("interrupted", 10, mask=0x01, flag=True),
    ),
)
_LDS02 = Fixed(
    10,
    (
        _DRAGINO_BATTERY,
        Field("open", 0, mask=0x80, flag=True, when=(2, 0xFF, 0x01)),
        Field("count", 3, 3, when=(2, 0xFF, 0x01)),
        Field("last_open", 6, 3, unit="min", when=(2, 0xFF, 0x01)),
        Field("leak", 0, mask=0x40, flag=True, when=(2, 0xFF, 0x02)),
        Field("leaks", 3, 3, when=(2, 0xFF, 0x02)),
        Field("last_leak", 6, 3, unit="min", when=(2, 0xFF, 0x02)),
    ),
)

_MILESIGHT_SOURCE = "https://github.com/Milesight-IoT/SensorDecoders"
_DRAGINO_SOURCE = "https://wiki.dragino.com/"

KNOWN = {
    one.code: one
    for one in (
        Decoder(
            "cayenne-lpp",
            "Cayenne LPP",
            "https://docs.mydevices.com/docs/lorawan/cayenne-lpp",
            (Frame(Records({(-1, kind): record for kind, record in _LPP.items()})),),
        ),
        *(
            Decoder(
                f"milesight-{code}", f"Milesight {title}", _MILESIGHT_SOURCE, (Frame(Records(types), (85,)),)
            )
            for code, title, types in (
                ("am", "AM100, AM300", _MILESIGHT_ROOM),
                ("em300", "EM300, EM320", _MILESIGHT_EM300),
                ("em500-co2", "EM500-CO2", _MILESIGHT_CO2),
                ("udl", "EM310-UDL, EM400-UDL", _MILESIGHT_LEVEL),
            )
        ),
        Decoder(
            "elsys",
            "Elsys ERS, ELT, EMS",
            "https://www.elsys.se/en/elsys-payload/",
            (Frame(Records({(-1, kind): record for kind, record in _ELSYS.items()}, channel=False), (5,)),),
        ),
        Decoder(
            "dragino-lht65n",
            "Dragino LHT65, LHT65N",
            _DRAGINO_SOURCE,
            (Frame(_LHT65N, (2,)),),
        ),
        Decoder("dragino-ldds75", "Dragino LDDS75", _DRAGINO_SOURCE, (Frame(_LDDS75, (2,)),)),
        Decoder("dragino-lse01", "Dragino LSE01", _DRAGINO_SOURCE, (Frame(_LSE01, (2,)),)),
        Decoder("dragino-lds02", "Dragino LDS02, LWL02", _DRAGINO_SOURCE, (Frame(_LDS02, (10,)),)),
    )
}
"""Decoders by code: the code stands in ``Device.decoder``."""
