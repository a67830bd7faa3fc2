"""Days as a French territory counts them: working days, week-ends and public holidays."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import holidays as _holidays
from django.utils.translation import get_language

WORKING, SATURDAY, SUNDAY, HOLIDAY = "working", "saturday", "sunday", "holiday"


@lru_cache(maxsize=64)
def public_holidays(year: int, region: str = "", language: str = "fr") -> dict[dt.date, str]:
    """Return the public holidays of a year, with their names.

    Parameters
    ----------
    year : int
    region : str
        Subdivision with days of its own (``57`` and others: Alsace-Moselle ``6AE``; overseas codes); the mainland's
        when empty.
    language : str
        ``fr`` or ``en``.

    Raises
    ------
    NotImplementedError
        For a subdivision that the library does not know.
    """
    found = _holidays.country_holidays(
        "FR", subdiv=region or None, years=year, language="en_US" if language == "en" else "fr"
    )
    return dict(found.items())


def holiday_name(day: dt.date, region: str = "") -> str:
    """Return the name of the public holiday that falls on a day, in the reader's language; '' for an ordinary one."""
    return public_holidays(day.year, region, (get_language() or "fr")[:2]).get(day, "")


def day_type(day: dt.date, region: str = "") -> str:
    """Return ``working``, ``saturday``, ``sunday`` or ``holiday``."""
    if day in public_holidays(day.year, region):
        return HOLIDAY
    return {5: SATURDAY, 6: SUNDAY}.get(day.weekday(), WORKING)


def is_working_day(day: dt.date, region: str = "") -> bool:
    """Tell whether a day is neither a week-end nor a public holiday."""
    return day_type(day, region) == WORKING
