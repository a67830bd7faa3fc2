"""The contact screen: what is noted, promised, answered, and who may see it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ressort.core.accounts.models import Membership, Organisation
from ressort.core.errors import Forbidden, Refused
from ressort.core.journal.models import Event
from ressort.core.notify.models import Message
from ressort.core.retention import work as retention
from ressort.core.tables import folded
from ressort.services.controlroom.contacts import actions, part, queries
from ressort.services.controlroom.contacts.actions import Noted
from ressort.services.controlroom.contacts.matching import matching
from ressort.services.controlroom.contacts.models import Enquiry, EnquiryPerson
from ressort.services.controlroom.reports.actions import handling
from ressort.services.controlroom.reports.models import Report
from ressort.services.controlroom.reports.seen import Reach
from tests import worlds
from tests.services.controlroom.incidents.conftest import BACKEND, later
from tests.services.controlroom.orders.conftest import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(still_clock, settings, tmp_path) -> SimpleNamespace:
    settings.DATA_DIR = tmp_path
    worlds.reports()
    ours, water = (Organisation.objects.get(pid=pid) for pid in ("o_valmont", "o_eau"))
    return SimpleNamespace(
        ours=ours, water=water, oscar=worlds.person("oscar"), agathe=worlds.person("agathe")
    )


@pytest.fixture
def desk(client, town):
    client.force_login(town.agathe, backend=BACKEND)
    return client


def text_of(answer):
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain.replace("&#x27;", "'"))


def asked(**more):
    return Noted(
        **{"channel": "phone", "kind": "information", "subject": "Horaires de la déchèterie", **more}
    )


CALL = {
    "channel": "phone",
    "kind": "report",
    "mandate": "self",
    "receipt": "aloud",
    "what": "trou",
    "key": "a",
}


# ------------------------------------------------------------------ which category a few letters mean


def naive(typed, entries):
    """Read the rule word by word."""
    wanted = folded(typed).split()
    if not wanted:
        return []
    for code, name, _words in entries:
        if folded(name).split() == wanted:
            return [code]
    found = []
    for only_name in (True, False):
        for code, name, words in entries:
            text = folded(name).split() + ([] if only_name else folded(f"{code} {words}").split())
            if code not in found and all(any(one.startswith(w) for one in text) for w in wanted):
                found.append(code)
    return found


words = st.text("aéb -", max_size=6)


@given(
    words,
    st.lists(st.tuples(st.sampled_from("abcdef"), words, words), max_size=5, unique_by=lambda row: row[0]),
)
def test_the_match_is_that_of_whoever_reads_the_rule(typed, entries):
    assert matching(typed, entries) == naive(typed, entries)


def test_a_few_letters_are_enough():
    entries = [
        ("trou", "Trou dans la chaussée", "nid de poule"),
        ("eau", "Fuite d'eau", "canalisation, trou d'eau"),
    ]
    assert matching("TRO", entries) == ["trou", "eau"]
    assert matching("chausee", entries) == []
    assert matching("nid", entries) == ["trou"]
    assert matching("fuite d'eau", entries) == ["eau"]


# ------------------------------------------------------------------ actions


def test_a_contact_is_noted_answered_and_taken_back(town):
    made = actions.note(town.agathe, asked(receipt="sms"), Reach(phone="06 12 34 56 78"), key="k")
    assert actions.note(town.agathe, asked(receipt="sms"), Reach(phone="06 12 34 56 78"), key="k") == made
    assert made.due.date() == date(2026, 9, 21)  # five days later is a Sunday
    done = actions.answer(town.agathe, made.code.lower().replace("-", " "), "De 8 h à 18 h.")
    assert done.answered
    assert [one.kind for one in Message.objects.order_by("pk")] == [
        "controlroom.enquiry_noted",
        "controlroom.enquiry_answered",
    ]
    assert {one.channel for one in Message.objects.all()} == {"sms"}
    assert made.code in Message.objects.first().body
    with pytest.raises(Refused):
        actions.answer(town.agathe, made.code, "Encore.")
    assert actions.reopen(town.agathe, made.code).answered is None
    kinds = list(
        Event.objects.filter(kind__startswith="controlroom.enquiry")
        .order_by("seq")
        .values_list("kind", flat=True)
    )
    assert kinds == [f"controlroom.enquiry.{what}" for what in ("noted", "answered", "reopened")]


@pytest.mark.parametrize(
    ("given", "reach", "field"),
    [
        ({"channel": "fax"}, Reach(), "channel"),
        ({"kind": "ufo"}, Reach(), "kind"),
        ({"mandate": "ufo"}, Reach(), "mandate"),
        ({"subject": " "}, Reach(), "subject"),
        ({"receipt": "sms"}, Reach(), "phone"),
        ({"receipt": "email"}, Reach(), "email"),
        ({"receipt": "letter"}, Reach(), "postal"),
        ({"answered": True}, Reach(), "answer"),
        ({"day": date(2026, 9, 1)}, Reach(), "day"),
        ({"day": date(2027, 9, 1)}, Reach(), "day"),
        ({}, Reach(phone="12"), "phone"),
        ({"reference": "x" * 61}, Reach(), "reference"),
    ],
)
def test_what_is_typed_is_checked(town, given, reach, field):
    with pytest.raises(Refused) as refused:
        actions.note(town.agathe, asked(**given), reach)
    assert refused.value.field == field
    assert not Enquiry.objects.exists()


def test_only_the_organisation_reads_its_contacts(town):
    made = actions.note(town.agathe, asked(), Reach(phone="0612345678"))
    sam = person("Sam", town.water, "agent")
    with pytest.raises(Forbidden):
        actions.find(sam, made.code)
    assert queries.waiting(sam, whose="all") == []
    assert queries.known(sam, "0612345678", "") is None
    assert queries.known(town.oscar, "06 12 34 56 78", "").before[0].what == "Horaires de la déchèterie"
    assert queries.known(town.oscar, "5678", "") is None
    with pytest.raises(Forbidden):
        actions.note(worlds.person("denis"), asked(), Reach())


def test_after_ninety_days_nobody_is_known_and_after_a_year_no_agent(town):
    made = actions.note(
        town.agathe, asked(answered=True, answer="Dit.", receipt="sms"), Reach(phone="0612345678")
    )
    later(days=91)
    retention.apply()
    assert not EnquiryPerson.objects.exists()
    assert not Message.objects.filter(subject=made.pid).exclude(address="").exists()
    later(days=300)
    retention.apply()
    assert Enquiry.objects.get().by is None


# ------------------------------------------------------------------ pages


def test_a_report_is_made_from_a_few_letters_and_read_aloud(desk, town):
    lon, lat = worlds.at(2, 3)
    data = CALL | {
        "where": "Mairie",
        "where_lon": lon,
        "where_lat": lat,
        "phone": "0612345678",
        "receipt": "sms",
    }
    answer = desk.post(reverse("controlroom:contact_new"), data, follow=True)
    said = text_of(answer)
    report = Report.objects.get()
    assert (report.origin, report.mandate) == ("phone", "self")
    assert report.followers.get().code in said
    assert "vous répond avant" in said
    assert Enquiry.objects.get().due == report.due
    answer = desk.post(reverse("controlroom:contact_new"), data | {"key": "b"})
    assert "Est-ce l'un de ceux-ci" in text_of(answer)
    assert "Déjà venue" in text_of(answer)
    desk.post(reverse("controlroom:contact_new"), data | {"key": "b", "do": f"same:{report.pid}"})
    assert Report.objects.get().supporters == 2
    assert len(queries.waiting(town.agathe)) == 2
    handling.finish(town.oscar, report.pid)
    assert queries.waiting(town.agathe) == []


def test_several_categories_are_offered(desk, town):
    answer = desk.post(reverse("controlroom:contact_new"), CALL | {"what": "da"})
    assert answer.status_code == 422
    answer = desk.post(reverse("controlroom:contact_new"), CALL | {"what": "zzz"})
    assert "Aucune catégorie ne répond" in text_of(answer)
    answer = desk.post(reverse("controlroom:contact_new"), CALL | {"what": ""})
    assert "Écrivez ce que la personne signale" in text_of(answer)
    assert not Report.objects.exists()


def test_a_question_waits_with_its_clock_and_is_answered(desk, town):
    data = CALL | {"kind": "information", "what": "Horaires", "phone": "0612345678"}
    answer = desk.post(reverse("controlroom:contact_new"), data, follow=True)
    code = Enquiry.objects.get().code
    assert code in text_of(answer)
    assert "Horaires" in text_of(desk.get(reverse("controlroom:contacts")))
    later(days=7)
    assert "en retard de" in text_of(desk.get(reverse("controlroom:contacts")))
    assert [one.tone for one in part.tasks(town.agathe)] == ["bad"]
    url = reverse("controlroom:contact", args=[code])
    assert "Écrivez la réponse" in text_of(desk.post(url, {"answer": ""}))
    answer = desk.post(url, {"answer": "De 8 h à 18 h."}, follow=True)
    assert "Personne n'attend" in text_of(answer)
    assert "Horaires" in text_of(desk.get(reverse("controlroom:contacts") + "?qui=over"))
    desk.post(url, {"do": "reopen"})
    assert Enquiry.objects.get().answered is None
    assert desk.get(reverse("controlroom:contact_receipt", args=[code])).content.startswith(b"%PDF")
    assert desk.get(reverse("controlroom:contact", args=["AAA-AAA-AAA"])).status_code == 404


def test_a_ride_opens_the_page_of_rides(desk, town):
    answer = desk.post(reverse("controlroom:contact_new"), CALL | {"kind": "ride", "what": ""})
    assert answer.url == reverse("transport:book_for")
    assert Enquiry.objects.get().answered


def test_who_calls_is_known_without_a_number_in_an_address(desk, town):
    actions.note(town.agathe, asked(), Reach(phone="0612345678", name="Rosa Martin"))
    url = reverse("controlroom:contact_known")
    assert desk.get(url).status_code == 405
    assert "Rosa Martin" in text_of(desk.post(url, {"phone": "06 12 34 56 78"}))
    assert text_of(desk.post(url, {"phone": "1"})).strip() == ""


def test_who_may_open_it(client, town):
    url = reverse("controlroom:contact_new")
    assert client.get(url).url.startswith(reverse("web:signin"))
    client.force_login(worlds.person("denis"), backend=BACKEND)
    assert client.get(url).status_code == 403


def test_pages_cost_the_same_for_many(desk, town, django_assert_max_num_queries):
    for n in range(8):
        actions.note(town.agathe, asked(subject=f"Question {n}"), Reach(phone="0612345678"))
    Membership.objects.get_or_create(user=town.agathe, organisation=town.ours, role="agent")
    with django_assert_max_num_queries(12):
        assert desk.get(reverse("controlroom:contacts")).status_code == 200
    with django_assert_max_num_queries(12):
        assert desk.get(reverse("controlroom:contact_new")).status_code == 200
    assert (
        timedelta(0)
        < queries.waiting(town.agathe)[0].enquiry.due - queries.waiting(town.agathe)[0].enquiry.at
    )
