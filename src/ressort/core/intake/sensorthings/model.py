"""The eight kinds of entities and how they lead to one another; addresses of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ressort.core.errors import Unknown
from ressort.core.errors import translated as _

VERSION = "v1.1"
LONGEST = 12
"""Segments of an address."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A way from entities to others: those whose ``key`` is the same."""

    kind: str
    key: str
    many: bool = True


RELATIONS: Mapping[str, Mapping[str, Relation]] = {
    "Things": {
        "Locations": Relation("Locations", "device"),
        "HistoricalLocations": Relation("HistoricalLocations", "device"),
        "Datastreams": Relation("Datastreams", "device"),
    },
    "Locations": {
        "Things": Relation("Things", "device"),
        "HistoricalLocations": Relation("HistoricalLocations", "device"),
    },
    "HistoricalLocations": {
        "Thing": Relation("Things", "device", many=False),
        "Locations": Relation("Locations", "device"),
    },
    "Datastreams": {
        "Thing": Relation("Things", "device", many=False),
        "Sensor": Relation("Sensors", "device", many=False),
        "ObservedProperty": Relation("ObservedProperties", "observed", many=False),
        "Observations": Relation("Observations", "series"),
    },
    "Sensors": {"Datastreams": Relation("Datastreams", "device")},
    "ObservedProperties": {"Datastreams": Relation("Datastreams", "observed")},
    "Observations": {
        "Datastream": Relation("Datastreams", "series", many=False),
        "FeatureOfInterest": Relation("FeaturesOfInterest", "device", many=False),
    },
    "FeaturesOfInterest": {"Observations": Relation("Observations", "device")},
}
KINDS = tuple(RELATIONS)

PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "Things": ("name", "description", "properties"),
    "Locations": ("name", "description", "encodingType", "location"),
    "HistoricalLocations": ("time",),
    "Datastreams": (
        "name", "description", "observationType", "unitOfMeasurement", "observedArea", "phenomenonTime", "resultTime",
        "properties",
    ),
    "Sensors": ("name", "description", "encodingType", "metadata"),
    "ObservedProperties": ("name", "definition", "description"),
    "Observations": ("phenomenonTime", "resultTime", "result", "resultQuality"),
    "FeaturesOfInterest": ("name", "description", "encodingType", "feature"),
}  # fmt: skip

CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/iot_sensing/1.1/req/{name}"
    for name in (
        "datamodel", "resource-path/resource-path-to-entities", "request-data", "data-array/data-array",
    )
)  # fmt: skip
"""What of the standard is done here; only observations are created."""


@dataclass(frozen=True, slots=True)
class Step:
    """One segment of an address: a name, and the id between its parentheses if there is one."""

    name: str
    id: str | int | None = None


_SEGMENT = re.compile(r"(?P<name>\$?[A-Za-z]+)(?:\((?P<id>'(?:[^']|'')*'|[0-9]{1,15})\))?")
_SLASH = re.compile(r"/(?=(?:[^']*'[^']*')*[^']*$)")  # not those between quotes


def steps(path: str) -> list[Step]:
    """Return the segments of an address.

    Raises
    ------
    Unknown
        If a segment is not one of the standard.

    Examples
    --------
    >>> steps("Things('air-1')/Datastreams(3)")
    [Step(name='Things', id='air-1'), Step(name='Datastreams', id=3)]
    """
    found: list[Step] = []
    for text in filter(None, _SLASH.split(path.strip("/")) if len(path) < 500 else ["?"]):
        one = _SEGMENT.fullmatch(text)
        if one is None or len(found) >= LONGEST:
            raise nowhere(text)
        key = one["id"]
        if key is None:
            found.append(Step(one["name"]))
        elif key.startswith("'"):
            found.append(Step(one["name"], key[1:-1].replace("''", "'")))
        else:
            found.append(Step(one["name"], int(key)))
    return found


def nowhere(text: str) -> Unknown:
    """Return the refusal of an address that leads nowhere."""
    return Unknown("address", _("Cette adresse ne mène nulle part : « %(text)s ».") % {"text": text[:60]})


def link(base: str, kind: str, key: str | int) -> str:
    """Return the address of an entity."""
    return f"{base}/{kind}({key})" if isinstance(key, int) else f"{base}/{kind}('{key}')"
