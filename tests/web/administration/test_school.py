"""School holidays by the administration: tried out, applied, replaced; bad files change nothing. Dates are made up."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ressort.core.journal.models import Event
from ressort.core.territory.models import SchoolHoliday
from tests.web.administration.conftest import ROOT
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
PAGE = f"{ROOT}/vacances/"


def calendar(*events):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//FR"]
    for number, (summary, start, end) in enumerate(events):
        lines += [
            "BEGIN:VEVENT", f"UID:{number}", f"SUMMARY:{summary}", f"DTSTART;VALUE=DATE:{start}",
            f"DTEND;VALUE=DATE:{end}", "END:VEVENT",
        ]  # fmt: skip
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


WINTER = ("Vacances d'hiver - Zones A et B", "20300209", "20300225")


def tried(client, data, zone="", name="zones.ics"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, data), "zone": zone})


def text(answer):
    return answer.content.decode().replace("&#x27;", "'").replace("\u00a0", " ")


def applied(client, answer):
    hidden = dict(re.findall(r'type="hidden" name="(data|zone|name)" value="([^"]*)"', text(answer)))
    return client.post(PAGE, {"deed": "apply", **hidden}, follow=True)


def test_the_empty_page_says_where_the_file_is(client, adele):
    page = client.get(PAGE)
    check(page)
    assert "data.gouv.fr/fr/datasets/le-calendrier-scolaire" in text(page)
    assert "RESSORT_SCHOOL_ZONE" in text(page)


def test_a_file_is_tried_out_then_applied_once_confirmed(client, adele, settings):
    settings.SCHOOL_ZONE = "B"
    answer = tried(client, calendar(WINTER))
    check(answer)
    assert "rien n'est encore changé" in text(answer)
    assert not SchoolHoliday.objects.exists()
    page = applied(client, answer)
    check(page)
    assert "2 périodes sont chargées" in text(page)
    assert "celle de ce territoire" in text(page)
    event = Event.objects.get(kind="territory.calendar.loaded")
    assert (event.actor, event.payload) == (adele.pid, '{"periods":2}')
    again = tried(client, calendar(WINTER))
    assert "rien à appliquer" in text(again)


def test_what_a_new_file_takes_away_is_shown(client, adele):
    applied(client, tried(client, calendar(("Hiver", "20300209", "20300225")), "A"))
    answer = tried(client, calendar(("Hiver", "20300208", "20300225")), "A")
    assert "Retrait" in text(answer)
    applied(client, answer)
    assert SchoolHoliday.objects.get().first.day == 8


@pytest.mark.parametrize(
    ("data", "zone", "words"),
    [
        (b"", "", "vide"),
        (b"bonjour", "A", "lisible"),
        (b"\xff\xfe\x00", "A", "lisible"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "A", ""),
        (b"x" * 1_000_001, "A", "lisible"),
        (calendar(), "", "aucune période"),
        (calendar(("Hiver", "20300209", "20300225")), "", "ne dit pas sa zone"),
        (calendar(("Hiver Zone A", "20300225", "20300209")), "", "dates possibles"),
        (calendar(WINTER), "D", "A, B et C"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(client, adele, data, zone, words):
    answer = tried(client, data, zone)
    check(answer, 422)
    assert words in text(answer)
    assert not SchoolHoliday.objects.exists()


@pytest.mark.parametrize("data", ["", "é", "aGVsbG8=", "####"])
def test_a_confirmation_that_is_not_whole_changes_nothing(client, adele, data):
    check(client.post(PAGE, {"deed": "apply", "data": data, "zone": "A", "name": "x.ics"}), 422)
    assert not SchoolHoliday.objects.exists()
