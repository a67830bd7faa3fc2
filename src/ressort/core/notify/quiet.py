"""Quiet hours: when a person is left in peace, by the clock on their wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def quiet_end(now: datetime, start: int, end: int, zone: tzinfo) -> datetime | None:
    """Return when the quiet hours that hold ``now`` end, or None if somebody may be disturbed.

    Parameters
    ----------
    now : datetime
        Aware.
    start, end : int
        Minutes after local midnight; an end before the start is the next morning, the same means no quiet hours.
    zone : tzinfo
        Where the person lives. On the nights when clocks change, hours are those that the wall shows: an end in the
        hour that does not exist comes at the hour after, one in the hour lived twice at the second of the two.
    """
    if start == end:
        return None
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        begins = min(_moments(day, start, zone))
        ends = max(_moments(day if end > start else day + timedelta(days=1), end, zone))
        if begins <= now < ends:
            return ends
    return None


def _moments(day: date, minutes: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return both instants that a local time can mean; they differ on the nights when clocks change."""
    local = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
