"""Seeing a past moment again: which one is meant, what stands out, and that it is what was shown at that time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ressort.core import clock
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.services.transport.actions import replanning
from ressort.web import replay
from tests import worlds
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"
PAGE = "/console/rejeu/"


def at(hour: int, minute: int = 0, day: str = "2026-10-25") -> datetime:
    return replay.moment({"jour": day, "heure": f"{hour:02}:{minute:02}"})


def test_a_moment_is_a_day_and_an_hour_of_the_territory_or_an_instant(still_clock):
    eve = (worlds.TUESDAY - timedelta(days=1)).date().isoformat()
    assert replay.moment({"jour": eve, "heure": "07:30"}) == worlds.TUESDAY - timedelta(days=1)
    assert replay.moment({"a": str(int(worlds.TUESDAY.timestamp()) - 60)}) == worlds.TUESDAY - timedelta(
        minutes=1
    )


def test_nothing_is_after_now(still_clock):
    assert replay.moment({}) == worlds.TUESDAY
    assert replay.moment({"a": str(worlds.TUESDAY.timestamp() + 1e6)}) == worlds.TUESDAY


@pytest.mark.parametrize(
    "asked",
    [{"a": "x"}, {"a": "nan"}, {"a": "inf"}, {"a": "1e300"}, {"jour": "hier"}, {"jour": "2026-02-30"},
     {"jour": "2026-10-01", "heure": "25:00"}],
)  # fmt: skip
def test_what_is_not_a_moment_is_refused_with_an_example(client, still_clock, asked):
    with pytest.raises(Refused, match="08:15"):
        replay.moment(asked)
    client.force_login(worlds.person("diane"), backend=BACKEND)
    page = client.get(PAGE, asked)
    check(page, 422)
    assert "08:15" in page.content.decode()


@pytest.mark.parametrize(
    ("day", "minutes"), [("2026-03-29", 1380), ("2026-10-25", 1500), ("2026-03-01", 1440)]
)
def test_the_line_of_a_day_is_as_long_as_the_day(still_clock, day, minutes):
    clock.simulate(datetime(2026, 12, 1, tzinfo=UTC), rate=0)
    noon = at(12, 0, day)
    found = replay.day_of(noon)
    assert found.minutes == minutes
    assert found.last == minutes - 1
    assert found.minute(noon) == minutes - 720


def test_the_line_ends_now(still_clock):
    assert replay.day_of(worlds.TUESDAY).last == 7 * 60 + 30


def test_what_stands_out_is_marked_and_jumped_to(still_clock):
    diane = worlds.person("diane")
    clock.simulate(worlds.TUESDAY + timedelta(minutes=5), rate=0)
    record("transport.tour.broken_down", actor=diane.pid, subject="t_1", payload={})
    clock.simulate(worlds.TUESDAY + timedelta(minutes=30), rate=0)
    day = replay.day_of(worlds.TUESDAY)
    assert [(int(mark.minute), mark.tone) for mark in day.marks] == [(455, "bad")]
    assert (
        sum(1 for minute, top, height in day.bars if minute == 450 and top == 0 and height == replay.TALL)
        == 1
    )
    right_after = worlds.TUESDAY + timedelta(minutes=6)
    assert replay.neighbours(day, worlds.TUESDAY) == (None, right_after)
    assert replay.neighbours(day, worlds.TUESDAY + timedelta(minutes=20)) == (right_after, None)


def test_the_page_says_what_happened_just_before(client, still_clock):
    from tests.services.transport.test_booking import book
    from tests.services.transport.test_driving import own

    made = own(book())
    replanning.delay(worlds.person("diane"), made.promise.tour_id, 10)
    client.force_login(worlds.person("diane"), backend=BACKEND)
    page = client.get(PAGE)
    check(page)
    assert "Retard annoncé" in page.content.decode()
    early = client.get(PAGE, {"a": int(worlds.TUESDAY.timestamp()) - 3600}, headers={"HX-Request": "true"})
    assert "<html" not in early.content.decode()
    assert "Le journal ne dit rien" in early.content.decode()


def test_a_moment_costs_the_same_whatever_happened(client, still_clock, django_assert_max_num_queries):
    from tests.services.transport.test_booking import book

    client.force_login(worlds.person("diane"), backend=BACKEND)
    client.get(PAGE)
    for _ in range(5):
        book()
    with django_assert_max_num_queries(30):
        client.get(PAGE)


def test_it_is_for_those_who_read_the_journal(client, still_clock):
    client.force_login(worlds.person("rosa"), backend=BACKEND)
    assert client.get(PAGE).status_code == 403
