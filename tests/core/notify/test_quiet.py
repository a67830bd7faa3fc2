"""Quiet hours by the clock on the wall, on the nights when it changes too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ressort.core.notify.quiet import quiet_end

PARIS = ZoneInfo("Europe/Paris")
NIGHT = (21 * 60, 7 * 60)


def paris(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-09-15T20:59:59", None),
        ("2026-09-15T21:00:00", "2026-09-16T07:00:00"),
        ("2026-09-15T23:30:00", "2026-09-16T07:00:00"),
        ("2026-09-16T06:59:59", "2026-09-16T07:00:00"),
        ("2026-09-16T07:00:00", None),
        # clocks go back in the night of 25 October 2026: ten hours of night become eleven
        ("2026-10-24T21:00:00", "2026-10-25T07:00:00"),
        ("2026-10-25T02:30:00", "2026-10-25T07:00:00"),
        ("2026-10-25T07:00:00", None),
        # clocks go forward in the night of 28 March 2027: they become nine
        ("2027-03-27T21:00:00", "2027-03-28T07:00:00"),
        ("2027-03-28T03:00:00", "2027-03-28T07:00:00"),
        ("2027-03-28T07:00:00", None),
    ],
)
def test_a_night_ends_at_seven_on_the_wall(now, end):
    found = quiet_end(paris(now), *NIGHT, PARIS)
    assert found == (paris(end) if end else None)


def test_a_night_lasts_what_the_clock_change_makes_of_it():
    for eve, hours in (("2026-10-24", 11), ("2027-03-27", 9), ("2026-09-15", 10)):
        start = paris(f"{eve}T21:00:00").astimezone(UTC)
        end = quiet_end(start, *NIGHT, PARIS)
        assert end is not None
        assert end - start == timedelta(hours=hours)


def test_an_end_in_the_hour_lived_twice_is_the_second_and_one_that_does_not_exist_comes_after():
    twice = quiet_end(paris("2026-10-24T23:00:00"), 22 * 60, 150, PARIS)
    assert twice == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 2:30 winter time
    skipped = quiet_end(paris("2027-03-27T23:00:00"), 22 * 60, 150, PARIS)
    assert skipped == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # 3:30 summer time


def test_hours_of_the_day_and_no_hours_at_all():
    assert quiet_end(paris("2026-09-15T13:00:00"), 12 * 60, 14 * 60, PARIS) == paris("2026-09-15T14:00:00")
    assert quiet_end(paris("2026-09-15T11:00:00"), 12 * 60, 14 * 60, PARIS) is None
    assert quiet_end(paris("2026-09-15T23:00:00"), 420, 420, PARIS) is None


@given(
    st.integers(0, 186 * 1440).map(
        lambda minutes: datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.integers(0, 1439),
    st.integers(0, 1439),
)
def test_an_end_is_after_now_within_a_day_and_is_no_longer_quiet(now, start, end):
    found = quiet_end(now, start, end, PARIS)
    if found is not None:
        assert now < found <= now + timedelta(hours=26)
        assert quiet_end(found, start, end, PARIS) is None or (end - start) % 1440 > 1435 or _changes(found)


def _changes(at: datetime) -> bool:
    """Tell whether clocks change that night: an end and a start may then fall on the same instant."""
    here = at.astimezone(PARIS)
    return (here - timedelta(hours=4)).utcoffset() != (here + timedelta(hours=4)).utcoffset()
