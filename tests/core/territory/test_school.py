"""School holidays are data that an administrator loads: read strictly, replaced cleanly. The dates here are made up."""

from __future__ import annotations

from datetime import date

import pytest

from ressort.core.errors import Refused
from ressort.core.journal.models import Event
from ressort.core.territory import school
from ressort.core.territory.models import SchoolHoliday

pytestmark = pytest.mark.django_db


def calendar(tmp_path, *events, name="zones.ics"):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//FR"]
    for number, (summary, start, end) in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}", f"SUMMARY:{summary}", f"DTSTART;VALUE=DATE:{start}"]
        lines += ([f"DTEND;VALUE=DATE:{end}"] if end else []) + ["END:VEVENT"]
    file = tmp_path / name
    file.write_text("\r\n".join([*lines, "END:VCALENDAR", ""]), encoding="utf-8")
    return file


def test_each_zone_has_its_days_and_the_last_is_in_them(tmp_path):
    file = calendar(
        tmp_path,
        ("Vacances d'hiver - Zone A", "20300209", "20300225"),
        ("Vacances de printemps - Zones B et C", "20300406", "20300422"),
        ("Prérentrée des enseignants", "20300830", "20300831"),
    )
    assert school.load(file) == 3
    assert (
        school.holiday(date(2030, 2, 9), "A") == school.holiday(date(2030, 2, 24), "A") == "Vacances d'hiver"
    )
    assert school.holiday(date(2030, 2, 25), "A") == school.holiday(date(2030, 2, 9), "B") == ""
    assert (
        school.holiday(date(2030, 4, 21), "B")
        == school.holiday(date(2030, 4, 6), "C")
        == "Vacances de printemps"
    )
    assert Event.objects.get(kind="territory.calendar.loaded").payload == '{"periods":3}'


def test_a_new_file_replaces_what_was_known_from_its_first_day_on(tmp_path):
    school.load(calendar(tmp_path, ("Hiver", "20290210", "20290226"), ("Hiver", "20300209", "20300225")), "a")
    school.load(calendar(tmp_path, ("Hiver", "20300216", "20300304")), "A")
    assert [one.first for one in SchoolHoliday.objects.all()] == [date(2029, 2, 10), date(2030, 2, 16)]


def test_a_day_of_29_february_is_a_day_like_any_other(tmp_path):
    school.load(calendar(tmp_path, ("Hiver Zone C", "20280228", "20280301")))
    assert [bool(school.holiday(date(2028, *day), "C")) for day in ((2, 27), (2, 29), (3, 1))] == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("events", "zone", "said"),
    [
        ([], "", "aucune période"),
        ([("Hiver", "20300209", "20300225")], "", "ne dit pas sa zone"),
        ([("Hiver", "20300209", "20300225")], "D", "A, B et C"),
        ([("Hiver Zone A", "20300225", "20300209")], "", "dates possibles"),
        ([("Hiver Zone A", "20300225", "20400209")], "", "dates possibles"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(tmp_path, events, zone, said):
    with pytest.raises(Refused, match=said):
        school.load(calendar(tmp_path, *events), zone)
    assert not SchoolHoliday.objects.exists()


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"])
def test_what_is_no_calendar_is_refused(tmp_path, data):
    file = tmp_path / "x.ics"
    file.write_bytes(data)
    with pytest.raises(Refused):
        school.load(file, "A")
    with pytest.raises(Refused, match="n'existe pas"):
        school.load(tmp_path / "none.ics")
