"""Situations: announced everywhere while they last, published as CAP and Atom, an exercise said on every side."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from ressort.core.clock import service_now
from ressort.core.errors import Forbidden, Refused
from ressort.core.journal.models import Event
from ressort.core.territory.models import Area
from ressort.services.controlroom.incidents import cap, runs
from ressort.services.controlroom.incidents.actions import handling, situations
from ressort.services.controlroom.incidents.situation_models import Alert, Situation
from tests import worlds
from tests.services.controlroom.incidents import cap_rules
from tests.services.controlroom.incidents.conftest import BACKEND, later
from tests.services.controlroom.incidents.test_pages import page, text_of

pytestmark = pytest.mark.django_db(transaction=False)
NS = cap_rules.NS
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.4], [5.0, 47.3]]],
}


@pytest.fixture
def declare(oscar, django_capture_on_commit_callbacks):
    """Return a function that declares a situation, announcements done."""

    def make(**more):
        given = {
            "kind": "flood",
            "level": "alert",
            "headline": "Crue de l'Ouche",
            "instruction": "Montez à l'étage.",
            **more,
        }
        with django_capture_on_commit_callbacks(execute=True):
            return situations.declare(oscar, situations.Declaration(**given))

    return make


def parsed(alert):
    assert cap_rules.faults(alert.xml) == []
    return ET.fromstring(alert.xml)  # noqa: S314 - ours


def values(root, *names):
    return [next(root.iter(f"{NS}{name}")).text for name in names]


def test_declared_changed_and_ended_each_is_one_event_and_one_message(declare, oscar):
    before = Event.objects.count()
    made = declare(until=service_now() + timedelta(hours=6))
    later(minutes=30)
    situations.change(oscar, made.pid, level="crisis", headline="Crue de l'Ouche", instruction="Évacuez.")
    later(hours=1)
    situations.close(oscar, made.pid)
    events = list(Event.objects.filter(seq__gt=before).order_by("seq"))
    assert [event.kind for event in events] == [
        f"controlroom.situation.{deed}" for deed in ("opened", "changed", "closed")
    ]
    assert json.loads(events[1].payload)["fields"] == ["instruction", "level"]
    first, second, third = Alert.objects.order_by("pk")
    names = ("status", "msgType", "urgency", "severity", "certainty", "responseType", "category")
    assert values(parsed(first), *names) == [
        "Actual",
        "Alert",
        "Immediate",
        "Severe",
        "Observed",
        "Prepare",
        "Met",
    ]
    assert values(parsed(second), *names) == [
        "Actual",
        "Update",
        "Immediate",
        "Extreme",
        "Observed",
        "Execute",
        "Met",
    ]
    assert values(parsed(third), *names) == [
        "Actual",
        "Cancel",
        "Past",
        "Minor",
        "Observed",
        "AllClear",
        "Met",
    ]
    assert parsed(third).findtext(f"{NS}references").count(made.pid) == 2
    assert values(parsed(first), "sent", "expires") == [
        "2026-09-15T07:30:00+02:00",
        "2026-09-15T13:30:00+02:00",
    ]
    with pytest.raises(Refused, match="terminée"):
        situations.close(oscar, made.pid)


def test_the_area_goes_along(declare, oscar):
    area = Area.objects.create(kind="district", name="Bords de l'Ouche", geometry=json.dumps(SQUARE))
    made = declare(area=str(area.public_id))
    root = parsed(made.alerts.get())
    assert values(root, "areaDesc") == ["Bords de l'Ouche"]
    assert next(root.iter(f"{NS}polygon")).text.startswith("47.30000,5.00000 ")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "ufo"}, "kind"),
        ({"level": "ufo"}, "level"),
        ({"headline": ""}, "headline"),
        ({"headline": "x" * 161}, "headline"),
        ({"headline": "a\u202eb"}, "headline"),
        ({"instruction": "x" * 501}, "instruction"),
        ({"area": "nowhere"}, "area"),
        ({"until": datetime(2020, 1, 1, tzinfo=UTC)}, "until"),
        ({"until": datetime(2036, 1, 1, tzinfo=UTC)}, "until"),
    ],
)
def test_what_cannot_be_declared(declare, given, field):
    with pytest.raises(Refused) as refused:
        declare(**given)
    assert refused.value.field == field
    assert not Alert.objects.exists()


def test_one_of_a_kind_at_once_but_an_exercise_beside(declare):
    declare()
    with pytest.raises(Refused, match="déjà ouverte"):
        declare()
    declare(exercise=True)
    assert Situation.objects.count() == 2


def test_who_may_declare(still_clock, town):
    for name in ("agathe", "diane", "rosa"):
        with pytest.raises(Forbidden):
            situations.declare(worlds.person(name), situations.Declaration("flood", "alert", "x"))


def test_every_page_announces_it_until_it_ends(client, declare, oscar, django_capture_on_commit_callbacks):
    assert 'class="banner' not in client.get("/").content.decode()
    made = declare(headline="<b>Crue</b>")
    home = client.get("/").content.decode()
    assert "Inondation, alerte" in home
    assert "&lt;b&gt;Crue" in home
    assert "Montez à l" in text_of(page(client, "situations_public"))
    client.force_login(oscar, backend=BACKEND)
    assert 'class="banner' in client.get("/console/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        situations.close(oscar, made.pid)
    assert 'class="banner' not in client.get("/").content.decode()
    assert "Rien de particulier" in text_of(page(client, "situations_public"))


def test_an_exercise_says_so_on_every_side(client, declare, oscar, opened):
    made = declare(exercise=True)
    assert "EXERCICE · Inondation" in text_of(client.get("/"))
    root = parsed(made.alerts.get())
    assert values(root, "status", "note")[0] == "Exercise"
    assert all(one.startswith("EXERCICE") for one in values(root, "note", "event", "headline"))
    number = opened(situation=made.pid).number
    client.force_login(oscar, backend=BACKEND)
    for name, args in (
        ("incident", [number]),
        ("incidents", []),
        ("incident_list", []),
        ("situation", [made.pid]),
    ):
        assert "EXERCICE" in text_of(page(client, name, *args)), name
    csv = client.get(reverse("controlroom:incident_list") + "?format=csv").content.decode("utf-8-sig")
    assert "EXERCICE" in csv
    assert client.get(reverse("controlroom:incident_pdf", args=[number])).content.startswith(b"%PDF-")
    event = Event.objects.get(kind="controlroom.incident.opened")
    assert json.loads(event.payload)["exercise"] is True
    step = cap_rules  # any object: an exercise never asks what the step is
    assert runs.command_link(step, type("I", (), {"exercise": True})())[0] == ""


def test_a_real_incident_does_not_become_an_exercise(declare, oscar, opened):
    real, play = declare(), declare(exercise=True, kind="heat")
    number = opened(situation=real.pid).number
    handling.take(oscar, number)
    with pytest.raises(Refused, match="exercice"):
        handling.attach(oscar, number, play.pid)
    handling.attach(oscar, number, "")
    with pytest.raises(Refused):
        handling.attach(oscar, number, "")


def test_the_feed_and_its_messages(client, declare, oscar):
    empty = ET.fromstring(client.get("/alertes/").content)  # noqa: S314 - ours
    assert empty.tag == "{http://www.w3.org/2005/Atom}feed"
    made = declare()
    situations.close(oscar, made.pid)
    answer = client.get("/alertes/")
    assert answer["Content-Type"].startswith("application/atom+xml")
    atom = "{http://www.w3.org/2005/Atom}"
    root = ET.fromstring(answer.content)  # noqa: S314 - ours
    for name in ("id", "title", "updated", "author"):
        assert root.find(f"{atom}{name}") is not None
    entries = root.findall(f"{atom}entry")
    assert len(entries) == 2
    for entry in entries:
        for name in ("id", "title", "updated", "summary"):
            assert entry.findtext(f"{atom}{name}")
        link = entry.find(f"{atom}link").get("href")
        told = client.get(re.sub(r"https?://[^/]+", "", link))
        assert told["Content-Type"].startswith("application/cap+xml")
        assert cap_rules.faults(told.content.decode()) == []
    assert client.get("/alertes/cap/nothing.xml").status_code == 404


def test_declared_and_ended_from_the_console(client, oscar):
    client.force_login(oscar, backend=BACKEND)
    assert "Aucune situation en cours" in text_of(page(client, "situations"))
    url = reverse("controlroom:situations")
    given = {"kind": "heat", "level": "watch", "headline": "Forte chaleur", "until": "2026-09-16T20:00"}
    unsure = client.post(url, given)
    assert unsure.status_code == 422
    assert "Cochez la case" in text_of(unsure)
    assert client.post(url, {**given, "sure": "on"}).status_code == 302
    made = Situation.objects.get()
    its = reverse("controlroom:situation", args=[made.pid])
    assert client.post(its, {**given, "headline": "", "sure": "on"}).status_code == 422
    assert client.post(its, {**given, "headline": "Très forte chaleur", "sure": "on"}).status_code == 302
    page(client, "situation", made.pid)
    assert client.post(its, {"do": "close"}).status_code == 422
    assert client.post(its, {"do": "close", "sure": "on"}).status_code == 302
    assert "Terminée" in text_of(page(client, "situation", made.pid))
    assert "Situations terminées" in text_of(page(client, "situations"))
    assert Alert.objects.count() == 3


words = st.text(
    st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), min_size=1, max_size=60
).filter(str.strip)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).flatmap(  # noqa: DTZ001 - zones come after
    lambda at: st.integers(-14 * 4, 14 * 4).map(
        lambda q: at.replace(tzinfo=timezone(timedelta(minutes=15 * q)))
    )
)
rings = st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=300)


@example(
    kind="air", level="alert", type_="Alert", exercise=False, texts=("0", "0", "0", "0"), ring=[], codes=[],
    sent=datetime(2000, 1, 1, tzinfo=UTC), onset=datetime(2000, 1, 1, tzinfo=UTC),
    expires=datetime(2000, 1, 1, 1, 0, 0, 1, tzinfo=timezone(timedelta(hours=1))),
)  # fmt: skip
@given(
    kind=st.sampled_from(sorted(cap.CATEGORY)),
    level=st.sampled_from(sorted(cap.SEVERITY)),
    type_=st.sampled_from(("Alert", "Update", "Cancel")),
    exercise=st.booleans(),
    texts=st.tuples(words, words, words, words),
    sent=moments,
    onset=moments,
    expires=st.none() | moments,
    ring=rings,
    codes=st.lists(st.from_regex(r"\A[0-9AB]{5}\Z"), max_size=4),
)
def test_whatever_is_said_the_message_keeps_to_the_standard(
    kind, level, type_, exercise, texts, sent, onset, expires, ring, codes
):
    headline, instruction, area, name = texts
    message = cap.Message(
        identifier="s_1.1", sender=cap.name_of(name), sent=sent, type=type_, exercise=exercise, kind=kind, level=level,
        event="Crue", headline=headline, instruction=instruction, onset=onset, expires=expires, sender_name=name,
        web="https://exemple.fr/situations/", area=area,
        geometry=json.dumps({"type": "Polygon", "coordinates": [ring]}) if ring else "", codes=codes,
        references=[] if type_ == "Alert" else [("a", "s_1.0", onset)], note="EXERCICE" if exercise else "",
    )  # fmt: skip
    text = cap.write(message)
    assert cap_rules.faults(text) == []
    root = ET.fromstring(text)  # noqa: S314 - ours
    assert values(root, "headline") == [headline.strip()]


def test_every_kind_and_level_has_its_words_in_cap():
    assert set(cap.CATEGORY) == set(Situation.Kind.values)
    assert set(cap.SEVERITY) == set(cap.RESPONSE) == set(cap.CERTAINTY) == set(Situation.Level.values)
    assert cap.stamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00-00:00"
