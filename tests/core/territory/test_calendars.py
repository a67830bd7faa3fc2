from __future__ import annotations

import datetime as dt

import pytest

from ressort.core.territory.calendars import day_type, holiday_name, is_working_day


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (dt.date(2026, 11, 24), "working"),
        (dt.date(2026, 11, 28), "saturday"),
        (dt.date(2026, 11, 29), "sunday"),
        (dt.date(2026, 7, 14), "holiday"),
        (dt.date(2026, 4, 6), "holiday"),  # Easter Monday
    ],
)
def test_days(day: dt.date, kind: str) -> None:
    assert day_type(day) == kind
    assert is_working_day(day) == (kind == "working")


def test_holidays_have_french_names() -> None:
    assert holiday_name(dt.date(2026, 7, 14)) == "Fête nationale"
    assert holiday_name(dt.date(2026, 7, 15)) == ""
