"""French typography and the way times and figures are said.

Everything here is a pure function of its arguments (the time is one of them), in the interface's two languages:
``language`` is ``fr`` or ``en``; left empty, it is the reader's.
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

NARROW: Final = "\N{NARROW NO-BREAK SPACE}"
NBSP: Final = "\N{NO-BREAK SPACE}"
MINUS: Final = "\N{MINUS SIGN}"

_DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),  # noqa: SIM905
    "en": "January February March April May June July August September October November December".split(),  # noqa: SIM905
}


def _spoken(language: str) -> str:
    return language or ("en" if (get_language() or "fr").startswith("en") else "fr")


def number(value: float, digits: int = 0, language: str = "") -> str:
    """Return ``1 234,5`` (French) or ``1,234.5`` (English); halves are rounded to even, as Python does."""
    text = f"{abs(value):,.{digits}f}"
    if _spoken(language) == "fr":
        text = text.replace(",", NARROW).replace(".", ",")
    return f"{MINUS}{text}" if value < 0 and text.strip(f"0,.{NARROW}") else text


def percent(share: float, digits: int = 0, language: str = "") -> str:
    """Return a share (0 to 1) as ``40 %``."""
    return f"{number(share * 100, digits, language)}{NARROW if _spoken(language) == 'fr' else ''}%"


def duration(seconds: float, language: str = "") -> str:
    """Return a length of time as people say it: ``45 s``, ``12 min``, ``1 h 05``, ``2 j 3 h`` (``2 d 3 h``)."""
    sign = MINUS if seconds < 0 else ""
    whole = round(abs(seconds))
    if whole < 60:
        return f"{sign}{whole}{NBSP}s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{sign}{minutes}{NBSP}min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{sign}{hours}{NBSP}h{NBSP}{rest:02}" if rest else f"{sign}{hours}{NBSP}h"
    days, hours = divmod(hours, 24)
    unit = "j" if _spoken(language) == "fr" else "d"
    return f"{sign}{days}{NBSP}{unit}{NBSP}{hours}{NBSP}h" if hours else f"{sign}{days}{NBSP}{unit}"


def distance(metres: float, language: str = "") -> str:
    """Return a length as people say it: ``350 m``, ``1,2 km``, ``34 km``."""
    if metres < 995:
        step = 10 if metres >= 100 else 1
        return f"{round(metres / step) * step}{NBSP}m"
    return f"{number(metres / 1000, 1 if metres < 9950 else 0, language)}{NBSP}km"


def euros(cents: int, language: str = "") -> str:
    """Return an amount given in cents: ``2,50 €`` (``€2.50``), ``gratuit`` (``free``)."""
    french = _spoken(language) == "fr"
    if cents == 0:
        return "gratuit" if french else "free"
    amount = number(cents / 100, 0 if cents % 100 == 0 else 2, language)
    return f"{amount}{NBSP}€" if french else f"€{amount}"


def hour(at: datetime, language: str = "") -> str:
    """Return ``18 h 05`` (French) or ``18:05``; the caller has put ``at`` in its zone."""
    return (
        f"{at.hour}{NBSP}h{NBSP}{at.minute:02}" if _spoken(language) == "fr" else f"{at.hour}:{at.minute:02}"
    )


def clock_face(hour: int) -> str:
    """Return a whole hour for the axis of a drawing: ``18 h`` (French) or ``18:00``."""
    return f"{hour}{NBSP}h" if _spoken("") == "fr" else f"{hour}:00"


def day(at: datetime, language: str = "", *, year: bool = False) -> str:
    """Return ``mardi 14 novembre``."""
    if _spoken(language) == "fr":
        date = "1er" if at.day == 1 else str(at.day)
        text = f"{_DAYS['fr'][at.weekday()]}{NBSP}{date}{NBSP}{_MONTHS['fr'][at.month - 1]}"
    else:
        text = f"{_DAYS['en'][at.weekday()]} {at.day}{NBSP}{_MONTHS['en'][at.month - 1]}"
    return f"{text}{NBSP}{at.year}" if year else text


def exactly(at: datetime, zone: tzinfo, language: str = "") -> str:
    """Return the whole date and time, for the hover text."""
    here, language = at.astimezone(zone), _spoken(language)
    joint = " à " if language == "fr" else " at "
    return f"{day(here, language, year=True)}{joint}{hour(here, language)}"


def when(at: datetime, now: datetime, zone: tzinfo | None = None, language: str = "") -> str:  # noqa: PLR0911
    """Return a moment as people say it, seen from ``now``.

    Parameters
    ----------
    at, now : datetime
        Aware moments.
    zone : tzinfo
        Zone in which days begin and hours are told (default Europe/Paris).

    Returns
    -------
    str
        « maintenant », « dans 12 min », « il y a 3 min », « à 18 h 05 », « hier à 18 h 05 »,
        « mardi à 7 h 30 », « le 3 mars à 9 h 00 », « le 3 mars 2025 ».
    """
    zone = zone or ZoneInfo("Europe/Paris")
    here, there = now.astimezone(zone), at.astimezone(zone)
    gap = (at - now).total_seconds()
    language = _spoken(language)
    french = language == "fr"
    if abs(gap) < 45:
        return "maintenant" if french else "now"
    if abs(gap) < 55 * 60:
        said = duration(max(60, abs(gap)), language)
        if gap > 0:
            return f"dans {said}" if french else f"in {said}"
        return f"il y a {said}" if french else f"{said} ago"
    clock = f"{'à' if french else 'at'}{NBSP}{hour(there, language)}"
    days = (there.date() - here.date()).days
    named = {0: ("", ""), 1: ("demain ", "tomorrow "), -1: ("hier ", "yesterday ")}
    if days in named:
        return f"{named[days][not french]}{clock}"
    if 1 < days < 7:
        return f"{_DAYS[language if french else 'en'][there.weekday()]} {clock}"
    year = there.year != here.year
    date = day(there, language, year=year).split(NBSP if french else " ", 1)[1]
    if year:
        return f"le {date}" if french else date
    return f"le {date} {clock}" if french else f"{date} {clock}"


_BEFORE = re.compile(r"[ \u00a0\u202f]?([;!?])(?=\s|$|[)\]»])")
_COLON = re.compile(r"[ \u00a0](:)(?=\s)")
_OPEN, _CLOSE = re.compile(r"«[ \u00a0\u202f]?"), re.compile(r"[ \u00a0\u202f]?»")
_UNIT = re.compile(r"(?<=\d) (?=(?:%|€|h|min|s|km|m|kg|g|j|places?|ans?|jours?)\b|[%€])")


def typo(text: str, language: str = "") -> str:
    """Return a French sentence with its non-breaking spaces where typography wants them; an English one as it is."""
    if _spoken(language) != "fr":
        return text
    text = _CLOSE.sub(f"{NBSP}»", _OPEN.sub(f"«{NBSP}", text))
    text = _BEFORE.sub(rf"{NARROW}\1", text)
    text = _COLON.sub(rf"{NBSP}\1", text)
    return _UNIT.sub(NBSP, text)


def phone(number: str) -> str:
    """Return a telephone number as people read it: ``+33612345678`` is « 06 12 34 56 78 »."""
    if re.fullmatch(r"\+33[1-9]\d{8}", number):
        digits = f"0{number[3:]}"
        return "\u00a0".join(digits[i : i + 2] for i in range(0, 10, 2))
    return number
