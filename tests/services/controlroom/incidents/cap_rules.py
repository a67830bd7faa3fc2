"""CAP 1.2 as its text says it (OASIS, 1 July 2010, section 3.2): elements, their order, how many, and their values."""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree import ElementTree as ET

NS = "{urn:oasis:names:tc:emergency:cap:1.2}"
MANY = 10_000

# element -> fewest, most; in the order of the schema
ALERT = {
    "identifier": (1, 1), "sender": (1, 1), "sent": (1, 1), "status": (1, 1), "msgType": (1, 1), "source": (0, 1),
    "scope": (1, 1), "restriction": (0, 1), "addresses": (0, 1), "code": (0, MANY), "note": (0, 1),
    "references": (0, 1), "incidents": (0, 1), "info": (0, MANY),
}  # fmt: skip
INFO = {
    "language": (0, 1), "category": (1, MANY), "event": (1, 1), "responseType": (0, MANY), "urgency": (1, 1),
    "severity": (1, 1), "certainty": (1, 1), "audience": (0, 1), "eventCode": (0, MANY), "effective": (0, 1),
    "onset": (0, 1), "expires": (0, 1), "senderName": (0, 1), "headline": (0, 1), "description": (0, 1),
    "instruction": (0, 1), "web": (0, 1), "contact": (0, 1), "parameter": (0, MANY), "resource": (0, MANY),
    "area": (0, MANY),
}  # fmt: skip
AREA = {
    "areaDesc": (1, 1), "polygon": (0, MANY), "circle": (0, MANY), "geocode": (0, MANY), "altitude": (0, 1),
    "ceiling": (0, 1),
}  # fmt: skip
PAIR = {"valueName": (1, 1), "value": (1, 1)}
VALUES = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"},
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}  # fmt: skip
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
URI = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>\"]+")
DATE = re.compile(r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")  # never Z: section 3.3.2


def faults(text: str) -> list[str]:
    """Return what a message breaks of the standard."""
    found = ["a code point that XML forbids"] if ILLEGAL.search(text) else []
    root = ET.fromstring(text)  # noqa: S314 - ours
    if root.tag != f"{NS}alert":
        return [f"root {root.tag}"]
    _scope(root, found)
    _element(root, ALERT, found)
    for name in ("identifier", "sender"):
        value = root.findtext(f"{NS}{name}") or ""
        if re.search(r"[\s,<&]", value) or not value:
            found.append(f"{name}: {value}")
    for reference in (root.findtext(f"{NS}references") or "").split():
        parts = reference.split(",")
        if len(parts) != 3 or not DATE.fullmatch(parts[2]):
            found.append(f"reference: {reference}")
    if root.findtext(f"{NS}msgType") in {"Update", "Cancel"} and not root.findtext(f"{NS}references"):
        found.append("an update refers to nothing")
    if root.findtext(f"{NS}status") == "Exercise" and not root.findtext(f"{NS}note"):
        found.append("an exercise without a note")
    _infos(root, found)
    return found


def _scope(root: ET.Element, found: list[str]) -> None:
    """Section 3.2.1: a restriction goes with a restricted message, addresses with a private one; nothing has attributes."""
    scope = root.findtext(f"{NS}scope")
    for name, only in (("restriction", "Restricted"), ("addresses", "Private")):
        if (root.find(f"{NS}{name}") is not None) != (scope == only):
            found.append(f"{name} in a message that is {scope}")
    found += [f"attribute of {one.tag}" for one in root.iter() if one.attrib]
    if root.findtext(f"{NS}msgType") == "Error" and not root.findtext(f"{NS}note"):
        found.append("an error without a note")


def _times(root: ET.Element, info: ET.Element, found: list[str]) -> None:
    sent, expires = root.findtext(f"{NS}sent") or "", info.findtext(f"{NS}expires")
    dated = expires and DATE.fullmatch(expires) and DATE.fullmatch(sent)
    if expires and dated and datetime.fromisoformat(expires) <= datetime.fromisoformat(sent):
        found.append("it has expired when it is sent")
    web = info.findtext(f"{NS}web")
    if web is not None and not URI.fullmatch(web):
        found.append(f"web is not a full address: {web}")


def _infos(root: ET.Element, found: list[str]) -> None:
    for info in root.iter(f"{NS}info"):
        _element(info, INFO, found)
        _times(root, info, found)
        language = info.findtext(f"{NS}language") or "en-US"
        if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", language):
            found.append(f"language: {language}")
    for area in root.iter(f"{NS}area"):
        _element(area, AREA, found)
        for code in area.iter(f"{NS}geocode"):
            _element(code, PAIR, found)
        for polygon in area.iter(f"{NS}polygon"):
            _polygon(polygon.text or "", found)


def _element(parent: ET.Element, allowed: dict[str, tuple[int, int]], found: list[str]) -> None:
    names = [child.tag.removeprefix(NS) for child in parent]
    order = list(allowed)
    ranks = [order.index(name) if name in order else -1 for name in names]
    if -1 in ranks:
        found.append(f"unknown in {parent.tag}: {names}")
    if ranks != sorted(ranks):
        found.append(f"order in {parent.tag}: {names}")
    for name, (fewest, most) in allowed.items():
        if not fewest <= names.count(name) <= most:
            found.append(f"{name}: {names.count(name)} times")
    for child in parent:
        name = child.tag.removeprefix(NS)
        value = child.text or ""
        if name in VALUES and value not in VALUES[name]:
            found.append(f"{name}: {value}")
        if name in {"sent", "onset", "effective", "expires"}:
            if not DATE.fullmatch(value):
                found.append(f"{name}: {value}")
            else:
                datetime.fromisoformat(value)
        if name not in {"info", "area", "geocode"} and not value.strip():
            found.append(f"{name}: empty")


def _polygon(text: str, found: list[str]) -> None:
    pairs = text.split(" ")
    if len(pairs) < 4 or pairs[0] != pairs[-1]:
        found.append(f"polygon not closed: {text[:40]}")
    for pair in pairs:
        if not re.fullmatch(r"-?\d+(\.\d+)?,-?\d+(\.\d+)?", pair):
            found.append(f"pair: {pair}")
            continue
        lat, lon = (float(one) for one in pair.split(","))
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            found.append(f"pair: {pair}")
