"""The clocks of an incident, against what somebody would say with a watch in hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ressort.services.controlroom.incidents import clocks
from ressort.services.controlroom.incidents.models import Incident

START = datetime(2026, 9, 15, 5, 30, tzinfo=UTC)


def said(now, allowed, done):
    """Say how a clock stands, second by second."""
    if done is not None:
        return "kept" if done <= allowed else "missed"
    if now > allowed:
        return "over"
    return "soon" if 4 * (allowed - now) <= allowed else "running"


@given(st.integers(0, 10_000), st.integers(1, 5_000), st.none() | st.integers(0, 10_000))
def test_a_clock_says_what_a_watch_says(now, allowed, done):
    at = [START + timedelta(seconds=s) if s is not None else None for s in (now, allowed, done)]
    clock = clocks.read(at[0], START, at[1], at[2])
    assert clock.state == said(now, allowed, done)
    assert clock.seconds == allowed - (now if done is None else done)


def test_every_priority_has_both_limits_and_what_presses_more_has_less():
    order = [str(one) for one in Incident.Priority]
    assert set(order) == set(clocks.TAKE) == set(clocks.SOLVE)
    for table in (clocks.TAKE, clocks.SOLVE):
        spans = [table[one] for one in order]
        assert spans == sorted(spans)
    assert all(clocks.TAKE[one] < clocks.SOLVE[one] for one in order)
