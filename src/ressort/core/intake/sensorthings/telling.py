"""Rows as entities of SensorThings: their properties, links, and what is expanded inside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from ressort.core.intake.keeping import HOUR
from ressort.core.intake.models import Series
from ressort.core.intake.reading import AGGREGATED
from ressort.core.intake.readings import instant, spoken
from ressort.core.intake.sensorthings.model import PROPERTIES, RELATIONS, link
from ressort.core.intake.sensorthings.observed import Seen
from ressort.core.intake.sensorthings.rows import Row, World
from ressort.core.intake.sensorthings.selecting import OBSERVATION_TYPES

QUALITIES = {0: "good", 1: "doubtful", 2: "bad", AGGREGATED: "mean"}
GEOJSON = "application/geo+json"
_UNITS = {
    "°C": ("degree Celsius", "Cel"), "%": ("percent", "%"), "µg/m³": ("microgram per cubic metre", "ug/m3"),
    "dB": ("decibel", "dB"), "dB(A)": ("decibel", "dB"), "V": ("volt", "V"), "A": ("ampere", "A"), "W": ("watt", "W"),
    "kWh": ("kilowatt hour", "kW.h"), "km/h": ("kilometre per hour", "km/h"), "m/s": ("metre per second", "m/s"),
    "hPa": ("hectopascal", "hPa"), "ppm": ("part per million", "[ppm]"), "mm": ("millimetre", "mm"), "m": ("metre", "m"),
    "lx": ("lux", "lx"), "s": ("second", "s"), "min": ("minute", "min"), "h": ("hour", "h"),
}  # fmt: skip
"""Unit as it is written -> name, code of UCUM."""


def key_of(kind: str, row: Row) -> str | int:
    """Return the ``@iot.id`` of a row."""
    match kind:
        case "Datastreams":
            return int(row["pk"])
        case "Observations":
            return f"{row['series']}-{row['at']}"
        case "ObservedProperties":
            return str(row["observed"])
        case "Locations":
            return str(row["device__code"])
        case _:
            return str(row["code"])


def moment(at: int) -> str:
    """Return milliseconds since 1970 as an instant."""
    found = instant(at)
    return f"{found:%Y-%m-%dT%H:%M:%S}.{found.microsecond // 1000:03d}Z"


def _date(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _point(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    return None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}


def _thing(row: Row) -> Row:
    told = {
        "device": row["code"], "gateway": row["gateway__code"], "created": _date(row["created"]),
        "firstSeen": _date(row["first_seen"]), "retired": _date(row["retired"]),
    }  # fmt: skip
    return {
        "name": row["called"],
        "description": _("Équipement entendu par le capteur %(code)s") % {"code": row["code"]},
        "properties": {name: value for name, value in told.items() if value is not None},
    }


def _location(row: Row) -> Row:
    return {
        "name": row["name"],
        "description": _("Où se trouve %(name)s") % {"name": row["name"]},
        "encodingType": GEOJSON,
        "location": _point(row["lon"], row["lat"]),
    }


def _sensor(row: Row) -> Row:
    return {
        "name": row["code"],
        "description": _("Capteur %(code)s") % {"code": row["code"]},
        "encodingType": "text/html",
        "metadata": f"{row['home']}/console/capteurs/{row['code']}/",
    }


def _feature(row: Row) -> Row:
    return {
        "name": row["called"],
        "description": _("Ce qui est observé autour de %(name)s") % {"name": row["called"]},
        "encodingType": GEOJSON,
        "feature": {"type": "Feature", "properties": {}, "geometry": _point(row["at_lon"], row["at_lat"])},
    }


def _property(row: Row) -> Row:
    return {
        "name": row["observed"],
        "definition": f"{row['home']}/sta/v1.1/ObservedProperties('{row['observed']}')",
        "description": _("Grandeur « %(observed)s », telle que les capteurs la déclarent")
        % {"observed": row["observed"]},
    }


def _stream(row: Row) -> Row:
    number = row["kind"] == Series.Kind.NUMBER
    name, code = _UNITS.get(row["unit"], (row["unit"], ""))
    unit = {
        "name": name or None,
        "symbol": row["unit"] or None,
        "definition": f"urn:ogc:def:uom:UCUM::{quote(code, safe='/%.[]')}" if code else None,
    }
    told = {"device": row["device__code"], "property": row["observed"], "kind": row["kind"], "low": row["low"],
            "high": row["high"], "choices": row["choices"] or None}  # fmt: skip
    made = {
        "name": f"{row['device__code']}/{row['observed']}",
        "description": _("%(observed)s de %(name)s") % {"observed": row["observed"], "name": row["called"]},
        "observationType": OBSERVATION_TYPES[row["kind"]],
        "unitOfMeasurement": unit if number else dict.fromkeys(unit),
        "properties": {name: value for name, value in told.items() if value is not None},
    }
    if place := _point(row["at_lon"], row["at_lat"]):
        made["observedArea"] = place
    if row["last"] is not None:
        began = min(row["began"] if row["began"] is not None else row["last"], row["last"])
        made["phenomenonTime"] = made["resultTime"] = f"{moment(began)}/{moment(row['last'])}"
    return made


def _observation(row: Row) -> Row:
    at, quality = row["at"], row["quality"]
    when, known = moment(at), moment(at)
    if quality == AGGREGATED:  # what is left of an hour
        start = at // HOUR * HOUR
        when, known = f"{moment(start)}/{moment(start + HOUR)}", moment(start + HOUR)
    return {
        "phenomenonTime": when,
        "resultTime": known,
        "result": spoken(row["kind"], row["choices"], row["value"]),
        "resultQuality": QUALITIES.get(quality, "bad"),
    }


_TOLD: Mapping[str, Callable[[Row], Row]] = {
    "Things": _thing,
    "Locations": _location,
    "Sensors": _sensor,
    "FeaturesOfInterest": _feature,
    "ObservedProperties": _property,
    "Datastreams": _stream,
    "Observations": _observation,
}


def observation_row(seen: Seen, stream: Row) -> Row:
    """Return an observation with what its series tells of it."""
    return {
        "series": seen.series, "at": seen.at, "value": seen.value, "quality": seen.quality,
        "device": stream["device"], "observed": stream["observed"], "kind": stream["kind"], "choices": stream["choices"],
    }  # fmt: skip


def properties(kind: str, row: Row, world: World) -> Row:
    """Return the properties of an entity, by their names in the standard."""
    return _TOLD[kind]({**row, "home": world.base.removesuffix("/sta/v1.1")})


def entity(kind: str, row: Row, world: World, select: tuple[str, ...] = ()) -> Row:
    """Return an entity with its links."""
    key = key_of(kind, row)
    here = link(world.base, kind, key)
    found: Row = {"@iot.id": key, "@iot.selfLink": here}
    told = properties(kind, row, world)
    found |= {name: told[name] for name in PROPERTIES[kind] if name in told}
    found |= {f"{name}@iot.navigationLink": f"{here}/{name}" for name in RELATIONS[kind]}
    if select:
        names = {*select, *(f"{name}@iot.navigationLink" for name in select)}
        return {name: value for name, value in found.items() if name in names}
    return found
