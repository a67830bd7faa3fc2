"""How the cells of exchanged tables are read and written: numbers, yes and no, choices, days, hours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _

from ressort.core.errors import Words
from ressort.core.tables import folded, in_both


def line(most: int) -> Callable[[str], str]:
    """Read words on one line, at most so many characters."""

    def read(text: str) -> str:
        words = " ".join(text.split())
        if len(words) > most or not words.isprintable():
            raise ValueError(_("Écrivez %(most)s caractères au plus, sur une ligne.") % {"most": most})
        return words

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """Read a whole number between two bounds."""

    def read(text: str) -> int:
        digits = re.sub(r"[\s\u202f\u00a0]", "", text)
        if not re.fullmatch(r"\d{1,9}", digits) or not low <= int(digits) <= high:
            raise ValueError(
                _("Écrivez un nombre entier de %(low)s à %(high)s.") % {"low": low, "high": high}
            )
        return int(digits)

    return read


def degrees(limit: float) -> Callable[[str], float]:
    """Read a longitude or latitude in degrees, with a comma or a point."""

    def read(text: str) -> float:
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = limit + 1
        if not -limit <= value <= limit:
            raise ValueError(
                _("Écrivez des degrés entre −%(limit)s et %(limit)s, par exemple 5,041470.")
                % {"limit": f"{limit:.0f}"}
            )
        return round(value, 6)

    return read


def degrees_words(value: float) -> str:
    """Write degrees to six decimals (about ten centimetres)."""
    return f"{value:.6f}".replace("-0.000000", "0.000000")


_YES = {"oui", "o", "yes", "y", "1", "vrai", "true", "x"}
_NO = {"non", "n", "no", "0", "faux", "false"}


def yes_no(text: str) -> bool:
    """Read yes or no."""
    word = folded(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError(_("Écrivez « oui » ou « non »."))


def yes_no_words(value: bool) -> str:  # noqa: FBT001 - a cell has one value
    """Write yes or no."""
    return _("oui") if value else _("non")


def choice(words: Mapping[Any, Words]) -> Callable[[str], Any]:
    """Read one of some words, in the reader's language or in French, whatever their case and accents."""

    def read(text: str) -> Any:
        known = {folded(word): value for value, said in words.items() for word in in_both(said)}
        if (word := folded(text)) not in known:
            raise ValueError(
                _("Écrivez l'un de ces mots : %(values)s.") % {"values": ", ".join(map(str, words.values()))}
            )
        return known[word]

    return read


def choice_words(words: Mapping[Any, Words]) -> Callable[[Any], str]:
    """Write one of some words."""
    return lambda value: str(words[value]).replace("'", "’")


def choices_words(words: Mapping[Any, Words]) -> Words:
    """Return the list of the words, for the help of a column."""
    return lazy(lambda: ", ".join(str(word).replace("'", "’") for word in words.values()), str)()


def day(text: str) -> date:
    """Read a day: 2026-09-15 or 15/09/2026."""
    try:
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("Écrivez la date ainsi : 15/09/2026.")) from None


def day_words(value: date) -> str:
    """Write a day: 15/09/2026."""
    return f"{value:%d/%m/%Y}"


def hour(text: str) -> time:
    """Read an hour: 06:30 or 6h30."""
    found = re.fullmatch(r"(\d{1,2})\s*[:hH]\s*(\d{2})?(?::00)?", text)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise ValueError(_("Écrivez l'heure ainsi : 06:30."))
    return time(int(found[1]), int(found[2] or 0))


def hour_words(value: time) -> str:
    """Write an hour: 06:30."""
    return f"{value:%H:%M}"
