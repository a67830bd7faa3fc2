"""Alerts as machines read them: CAP 1.2 (OASIS, 2010) and an Atom feed (RFC 4287). Pure: rows in, text out.

CAP wants its elements in one order, its dates with an offset and never ``Z`` (section 3.3.2), its polygons as
``lat,lon`` pairs that close (section 3.2.4), and no space, comma, ``<`` nor ``&`` in identifiers (section 3.2.1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
ATOM = "http://www.w3.org/2005/Atom"
MOST_POINTS = 100
ILLEGAL = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
"""Code points that no XML document may hold (XML 1.0, section 2.2)."""
_ILLEGAL = re.compile(f"[{ILLEGAL}]")
CATEGORY = {
    "heat": "Met", "cold": "Met", "flood": "Met", "storm": "Met", "snow": "Met", "blackout": "Infra", "water": "Infra",
    "air": "Env", "industrial": "CBRNE", "fire": "Fire", "event": "Safety", "other": "Other",
}  # fmt: skip
SEVERITY = {"watch": "Moderate", "alert": "Severe", "crisis": "Extreme"}
RESPONSE = {"watch": "Monitor", "alert": "Prepare", "crisis": "Execute"}
CERTAINTY = {"watch": "Likely", "alert": "Observed", "crisis": "Observed"}


@dataclass(frozen=True, slots=True)
class Message:
    """What one message says.

    Attributes
    ----------
    type : str
        ``Alert``, ``Update`` or ``Cancel``; a cancel says that the situation is over.
    references : sequence of (sender, identifier, sent)
        The messages before it about the same situation.
    geometry : str
        GeoJSON of the area, empty when it has none.
    codes : sequence of str
        INSEE codes of the communes concerned.
    """

    identifier: str
    sender: str
    sent: datetime
    type: str
    exercise: bool
    kind: str
    level: str
    event: str
    headline: str
    instruction: str
    onset: datetime
    expires: datetime | None
    sender_name: str
    web: str
    area: str
    geometry: str = ""
    codes: Sequence[str] = ()
    references: Sequence[tuple[str, str, datetime]] = ()
    note: str = ""


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def stamp(at: datetime) -> str:
    """Return a moment as CAP writes it: seconds, with its offset; the one of UTC is ``-00:00``."""
    text = _second(at).isoformat()
    return f"{text[:-6]}-00:00" if text.endswith("+00:00") else text


def write(message: Message) -> str:
    """Return a message as XML."""
    root = ET.Element("alert", {"xmlns": CAP})
    _put(root, "identifier", message.identifier)
    _put(root, "sender", message.sender)
    _put(root, "sent", stamp(message.sent))
    _put(root, "status", "Exercise" if message.exercise else "Actual")
    _put(root, "msgType", message.type)
    _put(root, "scope", "Public")
    _put(root, "note", message.note)
    _put(root, "references", " ".join(f"{who},{what},{stamp(at)}" for who, what, at in message.references))
    _info(ET.SubElement(root, "info"), message)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _put(parent: ET.Element, name: str, text: str, otherwise: str = "") -> None:
    """Add an element; without words it is left out, unless the standard wants one: ``otherwise`` is said then."""
    if told := _ILLEGAL.sub("", text).strip() or otherwise:
        ET.SubElement(parent, name).text = told


def _info(info: ET.Element, message: Message) -> None:
    over = message.type == "Cancel"
    _put(info, "language", "fr-FR")
    _put(info, "category", CATEGORY[message.kind])
    _put(info, "event", message.event, CATEGORY[message.kind])
    _put(info, "responseType", "AllClear" if over else RESPONSE[message.level])
    _put(info, "urgency", "Past" if over else "Future" if message.onset > message.sent else "Immediate")
    _put(info, "severity", "Minor" if over else SEVERITY[message.level])
    _put(info, "certainty", "Observed" if over else CERTAINTY[message.level])
    _put(info, "onset", stamp(message.onset))
    # compared as they are written: to the second
    if message.expires and _second(message.expires) > _second(message.sent) and not over:
        _put(info, "expires", stamp(message.expires))
    _put(info, "senderName", message.sender_name)
    _put(info, "headline", message.headline)
    _put(info, "instruction", message.instruction)
    _put(info, "web", message.web)
    area = ET.SubElement(info, "area")
    _put(area, "areaDesc", message.area, message.identifier)
    for ring in rings(message.geometry):
        _put(area, "polygon", " ".join(f"{lat:.5f},{lon:.5f}" for lon, lat in ring))
    for code in message.codes:
        held = ET.SubElement(area, "geocode")
        _put(held, "valueName", "INSEE")
        _put(held, "value", code)


def rings(geometry: str) -> list[list[tuple[float, float]]]:
    """Return the outer rings of a GeoJSON area, each closed and of a bounded number of points."""
    if not geometry:
        return []
    found = json.loads(geometry)
    kind = found.get("type")
    polygons = {"Polygon": [found.get("coordinates")], "MultiPolygon": found.get("coordinates")}.get(
        kind
    ) or []
    return [ring for polygon in polygons if polygon and (ring := _ring(polygon[0]))]


def _ring(points: Sequence[Any]) -> list[tuple[float, float]]:
    step = max(1, -(-len(points) // MOST_POINTS))  # every nth: an area told to people, not a survey
    kept = [(float(one[0]), float(one[1])) for one in points[::step]]
    if kept and kept[0] != kept[-1]:
        kept.append(kept[0])
    return kept if len(kept) >= 4 else []


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in the feed."""

    identifier: str
    title: str
    summary: str
    sent: datetime
    link: str
    exercise: bool


def feed(title: str, address: str, home: str, entries: Iterable[Entry], empty: datetime) -> str:
    """Return the Atom feed of the messages, newest first; ``empty`` dates a feed without any."""
    every = list(entries)
    root = ET.Element("feed", {"xmlns": ATOM})
    _put(root, "id", address)
    _put(root, "title", title, address)
    _put(root, "updated", stamp(max((one.sent for one in every), default=empty)))
    ET.SubElement(root, "link", {"rel": "self", "href": address, "type": "application/atom+xml"})
    ET.SubElement(root, "link", {"rel": "alternate", "href": home, "type": "text/html"})
    author = ET.SubElement(root, "author")
    _put(author, "name", title, address)
    for one in every:
        entry = ET.SubElement(root, "entry")
        _put(entry, "id", one.link)
        _put(entry, "title", one.title, one.identifier)
        _put(entry, "updated", stamp(one.sent))
        _put(entry, "published", stamp(one.sent))
        ET.SubElement(entry, "link", {"rel": "alternate", "href": one.link, "type": "application/cap+xml"})
        ET.SubElement(entry, "category", {"term": "Exercise" if one.exercise else "Actual"})
        _put(entry, "summary", one.summary)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def name_of(host: str) -> str:
    """Return a sender or identifier without what CAP forbids in one."""
    return re.sub(rf"[\s,<&{ILLEGAL}]", "-", host) or "ressort"
