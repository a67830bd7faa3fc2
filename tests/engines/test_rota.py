"""Turns of duty against somebody who looks at every hour; weeks across both changes of the clocks."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ressort.engines import rota
from ressort.engines.rota import Span

PARIS = ZoneInfo("Europe/Paris")
ZERO = datetime(2026, 3, 27, tzinfo=UTC)
HOURS = 60


def at(hour):
    return ZERO + timedelta(hours=hour)


@st.composite
def spans(draw, most=8):
    found = []
    for of in range(draw(st.integers(0, most))):
        start = draw(st.integers(-5, HOURS))
        end = draw(st.integers(start + 1, HOURS + 5))
        found.append(Span(draw(st.sampled_from("abc")), at(start), at(end), of))
    return found


def looked_at(found, hour):
    """Whoever is on at an hour, as one reads it from the list."""
    return {one.of for one in found if one.start <= at(hour) < one.end}


@given(spans())
def test_stretches_say_hour_by_hour_what_the_turns_say(turns):
    cut = rota.stretches(turns, at(0), at(HOURS))
    assert (cut[0].start, cut[-1].end) == (at(0), at(HOURS))
    assert all(one.end == two.start and one.on != two.on for one, two in itertools.pairwise(cut))
    for hour in range(HOURS):
        here = next(one for one in cut if one.start <= at(hour) < one.end)
        assert {one.of for one in here.on} == looked_at(turns, hour)
        assert {one.of for one in rota.on_at(turns, at(hour))} == looked_at(turns, hour)


@given(spans())
def test_holes_and_overlaps_are_where_one_sees_them(turns):
    empty = rota.holes(turns, at(0), at(HOURS))
    twice = rota.overlaps(turns, at(0), at(HOURS))
    for hour in range(HOURS):
        on = {one.who for one in turns if one.start <= at(hour) < one.end}
        assert any(one.start <= at(hour) < one.end for one in empty) == (not on)
        assert any(one.start <= at(hour) < one.end for one in twice) == (len(on) > 1)


@given(st.integers(0, 20), st.integers(1, 30), spans(5))
def test_the_last_replacement_has_it_and_the_turn_has_the_rest(start, hours, over):
    turn = Span("z", at(start), at(start + hours), "turn")
    laid = rota.overlaid(turn, over)
    assert (laid[0].start, laid[-1].end) == (turn.start, turn.end)
    assert all(one.end == two.start for one, two in itertools.pairwise(laid))
    for hour in range(start, start + hours):
        here = next(one for one in laid if one.start <= at(hour) < one.end)
        last = [one for one in over if one.start <= at(hour) < one.end]
        assert here.of == (last[-1].of if last else "turn")


@given(
    st.lists(st.text("abc", min_size=1), min_size=1, max_size=4),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.times(),
    st.integers(1, 60),
)
def test_weeks_follow_one_another_in_turn_at_the_same_local_hour(people, first, hour, weeks):
    hour = hour.replace(minute=0, second=0, microsecond=0)
    found = rota.weekly(people, first, hour, weeks, PARIS)
    assert [one.who for one in found] == [people[n % len(people)] for n in range(weeks)]
    assert all(one.end == two.start for one, two in itertools.pairwise(found))
    for number, one in enumerate(found):
        local = one.start.astimezone(PARIS)
        assert local.date() == first + timedelta(days=7 * number)
        if hour.hour not in {2, 3}:
            assert local.time() == hour
            assert one.end - one.start in {timedelta(hours=n) for n in (167, 168, 169)}


def test_the_week_of_each_change_is_shorter_or_longer_by_an_hour():
    spring = rota.weekly("a", date(2026, 3, 27), time(17), 1, PARIS)[0]
    autumn = rota.weekly("a", date(2026, 10, 23), time(17), 1, PARIS)[0]
    assert (spring.end - spring.start, autumn.end - autumn.start) == (
        timedelta(hours=167),
        timedelta(hours=169),
    )


def test_an_hour_that_is_skipped_and_one_that_comes_twice():
    skipped = rota.instant(date(2026, 3, 29), time(2, 30), PARIS)
    assert skipped.astimezone(PARIS).time() == time(3, 30)
    twice = rota.instant(date(2026, 10, 25), time(2, 30), PARIS)
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
