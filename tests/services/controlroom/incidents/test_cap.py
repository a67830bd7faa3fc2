"""Every alert that the product can make, against the text of CAP 1.2; every feed, against that of RFC 4287."""

from __future__ import annotations

import json
import re
import xml.sax
from datetime import UTC, datetime, timedelta
from xml.dom import minidom
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.territory.models import Area
from ressort.services.controlroom.incidents import cap
from ressort.services.controlroom.incidents.actions import situations
from ressort.services.controlroom.incidents.situation_models import Alert, Situation
from tests.services.controlroom.incidents import cap_rules

NS = cap_rules.NS
ATOM = "{http://www.w3.org/2005/Atom}"
MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
TEXT = st.text(max_size=60) | st.sampled_from(
    ["", " ", "\x00", "\x0b", "\ufffe", "\ud800", "]]>", "<b>&amp;", "\u202e", "𝄞", "a\nb", "  a  ", "é,è"]
)
ZONES = st.sampled_from(
    [UTC, ZoneInfo("Europe/Paris"), ZoneInfo("America/Cayenne"), ZoneInfo("Indian/Reunion")]
)
MOMENT = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zone
NUMBER = st.floats(-180, 180) | st.integers(-90, 90)
POINT = st.tuples(st.floats(-180, 180), st.floats(-90, 90)) | st.tuples(
    st.floats(-180, 180), st.floats(-90, 90), NUMBER
)
RING = st.lists(POINT, max_size=8).map(lambda ring: [*ring, *ring[:1]]) | st.lists(
    POINT, min_size=300, max_size=320
)
AREA = (
    st.just("")
    | st.builds(
        lambda rings: json.dumps({"type": "Polygon", "coordinates": rings}), st.lists(RING, max_size=2)
    )
    | st.builds(
        lambda rings: json.dumps({"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}),
        st.lists(RING, max_size=3),
    )
    | st.sampled_from(
        ['{"type": "Point", "coordinates": [5, 47]}', '{"type": "Polygon", "coordinates": null}', "{}"]
    )
)
KINDS, LEVELS = st.sampled_from(Situation.Kind.values), st.sampled_from(Situation.Level.values)
NAME = TEXT.map(cap.name_of)


def read_by_others(text):
    """Parse as readers of other makings do."""
    xml.sax.parseString(text.encode(), xml.sax.ContentHandler())  # noqa: S317 - ours
    minidom.parseString(text.encode()).unlink()  # noqa: S318 - ours


@given(
    st.builds(
        cap.Message, identifier=NAME, sender=NAME, sent=MOMENT, type=st.just("Alert"), exercise=st.just(False), kind=KINDS,
        level=LEVELS, event=TEXT, headline=TEXT, instruction=TEXT, onset=MOMENT, expires=st.none() | MOMENT, sender_name=TEXT,
        web=st.just("https://ressort.exemple/situations/"), area=TEXT, geometry=AREA,
        codes=st.lists(st.sampled_from(["21231", "2A004", "97411"]), max_size=4), references=st.just(()),
    )
)  # fmt: skip
@MANY
def test_whatever_it_says_a_message_keeps_to_the_standard(message):
    text = cap.write(message)
    assert cap_rules.faults(text) == []
    read_by_others(text)


@pytest.mark.django_db
@given(
    kind=KINDS, levels=st.lists(LEVELS, min_size=1, max_size=4), headline=TEXT.filter(str.strip), instruction=TEXT, exercise=st.booleans(),
    area=st.none() | st.tuples(TEXT.filter(lambda text: "\x00" not in text and "\ud800" not in text), AREA), hours=st.none() | st.integers(1, 2000),
)  # fmt: skip
@example("heat", ["watch", "alert"], "Forte chaleur", "Buvez.", True, ("\x0b \ufffe", ""), 5)
@SOME
def test_the_life_of_a_situation_keeps_to_the_standard(
    oscar, kind, levels, headline, instruction, exercise, area, hours
):
    with transaction.atomic():
        try:
            _live(oscar, kind, levels, headline, instruction, exercise, area, hours)
        finally:
            transaction.set_rollback(True)


def _live(oscar, kind, levels, headline, instruction, exercise, area, hours):
    zone = Area.objects.create(kind="district", name=area[0], geometry=area[1]) if area else None
    until = service_now() + timedelta(hours=hours) if hours else None
    said = situations.Declaration(
        kind, levels[0], headline, instruction, str(zone.public_id) if zone else "", until, exercise
    )
    try:
        made = situations.declare(oscar, said)
    except Refused:
        assert not headline.isprintable() or not instruction.isprintable() or len(headline) > 160
        return
    for level in levels[1:]:
        try:
            situations.change(oscar, made.pid, level=level)
        except Refused as refused:
            assert refused.code == "no-change"  # noqa: PT017 - one refusal of several
    situations.close(oscar, made.pid)
    known: list[str] = []
    for alert in Alert.objects.filter(situation=made).order_by("pk"):
        assert cap_rules.faults(alert.xml) == []
        root = ET.fromstring(alert.xml)  # noqa: S314 - ours
        told = (root.findtext(f"{NS}references") or "").split()
        assert told == known, "an update names all that came before, as they were sent"
        known.append(",".join(root.findtext(f"{NS}{name}") for name in ("sender", "identifier", "sent")))
        assert root.findtext(f"{NS}status") == ("Exercise" if exercise else "Actual")


ENTRY = st.builds(
    cap.Entry, identifier=NAME, title=TEXT, summary=TEXT, sent=MOMENT, link=st.uuids().map(lambda key: f"https://ressort.exemple/{key}"),
    exercise=st.booleans(),
)  # fmt: skip
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[-+]\d\d:\d\d)")


@given(TEXT, st.lists(ENTRY, max_size=4), MOMENT)
@MANY
def test_a_feed_is_read_by_any_reader_of_xml(title, entries, empty):
    text = cap.feed(title, "https://ressort.exemple/alertes/", "https://ressort.exemple/", entries, empty)
    read_by_others(text)
    root = ET.fromstring(text)  # noqa: S314 - ours
    found = root.findall(f"{ATOM}entry")
    assert len(found) == len(entries)
    for one in [root, *found]:
        for name in ("id", "title", "updated"):
            assert len(one.findall(f"{ATOM}{name}")) == 1, name
        assert re.match(r"https://\S+$", one.findtext(f"{ATOM}id"))
        assert RFC3339.fullmatch(one.findtext(f"{ATOM}updated"))
    assert root.find(f"{ATOM}author/{ATOM}name").text.strip()
    for one in found:
        assert one.find(f"{ATOM}link").get("type") == "application/cap+xml"
        assert len(one.findall(f"{ATOM}summary")) <= 1
