"""Rules as people write them, in French or in English: one condition a line, spans of the week as days and hours."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ressort.core.errors import Refused
from ressort.engines.alarms import All, Condition, Rate, Schedule, Silent, Some, Threshold
from ressort.services.controlroom.alarms import contradicted
from ressort.services.controlroom.alarms.usual import DERIVED

MOST = 12
UNITS = {"s": 1, "min": 60, "h": 3600, "j": 86400, "d": 86400}
DAYS = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
_ENGLISH = dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), DAYS, strict=True))
_NUMBER = r"[-+]?\d{1,9}(?:[.,]\d{1,6})?"
_PROPERTY = r"[a-z][a-z0-9_]{0,39}"
_LASTING = r"(\d{1,5})\s*(s|min|h|j|d)"
_THRESHOLD = re.compile(
    rf"({_PROPERTY})\s*(>=|<=|!=|>|<|=|≥|≤|≠)\s*({_NUMBER})(?:\s+(?:fin|until)\s+({_NUMBER}))?"
)
_RATE = re.compile(
    rf"({_PROPERTY})\s+(monte\s+de\s+plus\s+de|baisse\s+de\s+plus\s+de|rises\s+by\s+more\s+than|falls\s+by\s+more\s+than)"
    rf"\s+({_NUMBER})\s+(?:en|in)\s+{_LASTING}"
)
_SILENT = re.compile(
    rf"({_PROPERTY})\s+(?:(?:silencieux|silencieuse|muet|muette)\s+depuis|silent\s+for)\s+{_LASTING}"
)
_UNUSUAL = re.compile(rf"({_PROPERTY})\s+(?:inhabituel(?:le)?s?|unusual)")
_CONTRADICTED = re.compile(r"contredite?(?:\s+par\s+son\s+témoin)?|contradicted(?:\s+by\s+its\s+witness)?")
_SPAN = re.compile(r"([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_SIGNS = {"≥": ">=", "≤": "<=", "≠": "!="}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, counted from 1."""

    line: int
    text: str
    sentence: str


class Unreadable(Refused):
    """Lines that could not be read, each with its fault."""

    def __init__(self, faults: list[Fault], field: str) -> None:
        self.faults = faults
        told = " ".join(
            _("Ligne %(n)d : %(why)s") % {"n": one.line, "why": one.sentence} for one in faults[:3]
        )
        super().__init__("unreadable-rule", told, field=field)


def lasting(text: str) -> float:
    """Return ``10 min`` in seconds.

    Raises
    ------
    ValueError
        If it is not a duration.
    """
    found = re.fullmatch(_LASTING, text.strip().lower())
    if not found:
        raise ValueError(text)
    return float(int(found[1]) * UNITS[found[2]])


def condition(text: str, *, every: bool) -> Condition:
    """Read the lines of a rule; ``every`` of them must hold, or one is enough.

    Raises
    ------
    Unreadable
        With the fault of each line.
    """
    parts: list[Condition] = []
    faults: list[Fault] = []
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise Unreadable(
            [Fault(1, "", _("écrivez au moins une condition, par exemple : no2 > 200 fin 180."))], "lines"
        )
    if len(lines) > MOST:
        raise Unreadable([Fault(MOST + 1, "", _("douze conditions au plus."))], "lines")
    for number, line in lines:
        try:
            parts.append(_line(line.lower()))
        except ValueError as error:
            faults.append(Fault(number, line[:80], str(error)))
    if faults:
        raise Unreadable(faults, "lines")
    if len(parts) == 1:
        return parts[0]
    return All(tuple(parts)) if every else Some(tuple(parts))


def speaks_of_witnesses(text: str) -> bool:
    """Tell whether a rule speaks of equipment that its witness contradicts."""
    return any(_CONTRADICTED.fullmatch(line.strip().lower()) for line in text.splitlines())


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _line(line: str) -> Condition:
    if found := _THRESHOLD.fullmatch(line):
        sign = _SIGNS.get(found[2], found[2])
        clear = _number(found[4]) if found[4] else None
        try:
            return Threshold(found[1], sign, _number(found[3]), clear)
        except ValueError:
            raise ValueError(
                _("la fin doit être en deçà du seuil (no2 > 200 fin 180), et ne va pas avec = ou ≠.")
            ) from None
    if found := _RATE.fullmatch(line):
        over = float(int(found[4]) * UNITS[found[5]])
        if not over:
            raise ValueError(_("la durée ne peut pas être nulle."))
        change = _number(found[3])
        return (
            Rate(found[1], over, ">", change)
            if found[2].startswith(("monte", "rises"))
            else Rate(found[1], over, "<", -change)
        )
    if found := _SILENT.fullmatch(line):
        after = float(int(found[2]) * UNITS[found[3]])
        if not after:
            raise ValueError(_("la durée ne peut pas être nulle."))
        return Silent(found[1], after)
    if found := _UNUSUAL.fullmatch(line):
        return Threshold(f"{found[1]}{DERIVED}", ">", 0.0)
    if _CONTRADICTED.fullmatch(line):
        return Threshold(contradicted.NAME, ">", 0.0)
    raise ValueError(
        _(
            "elle n'est pas comprise. Écrivez « no2 > 200 fin 180 », « niveau monte de plus de 20 en 10 min », "
            "« passages silencieux depuis 1 h », « passages inhabituels » ou « contredit par son témoin »."
        )
    )


def schedule(text: str, zone: str) -> Schedule | None:
    """Read spans of the week (``lun-ven 08:00-18:00``), one a line; nothing is always.

    Raises
    ------
    Unreadable
        With the fault of each line.
    """
    spans: list[tuple[int, int]] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            spans += _spans(line.strip().lower())
        except ValueError:
            faults.append(
                Fault(number, line[:80], _("écrivez des jours et des heures : lun-ven 08:00-18:00."))
            )
    if faults:
        raise Unreadable(faults, "spans")
    return Schedule(tuple(spans[:70]), zone) if spans else None


def _spans(line: str) -> list[tuple[int, int]]:
    found = _SPAN.fullmatch(line)
    if not found:
        raise ValueError(line)
    first = DAYS.index(_ENGLISH.get(found[1], found[1]))
    last = DAYS.index(_ENGLISH.get(found[2], found[2])) if found[2] else first
    start, end = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
    if start >= 1440 or end > 1440 or start == end or int(found[4]) > 59 or int(found[6]) > 59:
        raise ValueError(line)
    days = range(first, last + 1) if first <= last else (*range(first, 7), *range(last + 1))
    length = end - start if end > start else end + 1440 - start
    return [(day * 1440 + start, (day * 1440 + start + length) % (7 * 1440) or 7 * 1440) for day in days]


def rises(text: str, severity: int) -> tuple[tuple[float, int], ...]:
    """Read how severity rises: ``30 min : 3``, one a line.

    Raises
    ------
    Unreadable
        With the fault of each line.
    """
    found: list[tuple[float, int]] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        after, _colon, to = line.partition(":")
        try:
            step = (lasting(after), int(to))
        except ValueError:
            step = (0.0, 0)
        before = found[-1] if found else (0.0, severity)
        if step[0] > before[0] and before[1] < step[1] <= 4:
            found.append(step)
        else:
            faults.append(
                Fault(number, line[:80], _("écrivez une durée et une gravité plus haute : 30 min : 3."))
            )
    if faults:
        raise Unreadable(faults, "rises")
    return tuple(found)
