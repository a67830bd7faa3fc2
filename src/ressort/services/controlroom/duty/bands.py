"""The roster drawn: one band per rank, a box per turn, what is empty left empty. The list below says the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from django.utils.timezone import get_default_timezone, localtime

from ressort.engines import rota
from ressort.services.controlroom.duty.queries import Roster

WIDE = 1000
"""Units of a band, from one end of the time shown to the other."""
TALL = 44


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a band: where, and whose (its number among the people shown, for its tone)."""

    x: str
    width: str
    tone: int
    kind: str
    y: int = 2
    height: int = TALL - 4


@dataclass(frozen=True, slots=True)
class Band:
    """A rank drawn."""

    rank: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Bands:
    """The ranks of a line drawn, with a mark at the start of each week, and the tone of each person."""

    bands: tuple[Band, ...]
    marks: tuple[str, ...]
    people: tuple[tuple[int, str], ...]


def drawn(roster: Roster) -> Bands:
    """Return the bands of a roster."""
    whole = (roster.end - roster.start).total_seconds()

    def place(at: float) -> float:
        return WIDE * max(0.0, min(whole, at)) / whole

    people: dict[int, int] = {}
    names: dict[int, str] = {}
    bands = []
    for rank in roster.ranks:
        boxes = []
        for one in rank.shown:
            start = place((one.start - roster.start).total_seconds())
            width = place((one.end - roster.start).total_seconds()) - start
            tone = people.setdefault(one.contact.pk, len(people) % 6)
            names[one.contact.pk] = one.contact.name
            kind = "over" if one.replacement else "turn"
            boxes.append(Box(f"{start:.1f}", f"{max(width - 2, 1):.1f}", tone, kind))
        for hole in rank.holes:
            start = place((hole.start - roster.start).total_seconds())
            width = place((hole.end - roster.start).total_seconds()) - start
            boxes.append(Box(f"{start:.1f}", f"{max(width - 2, 1):.1f}", 0, "hole"))
        for double in rank.overlaps:
            start = place((double.start - roster.start).total_seconds())
            width = place((double.end - roster.start).total_seconds()) - start
            boxes.append(Box(f"{start:.1f}", f"{max(width - 2, 1):.1f}", 0, "double", TALL - 10, 8))
        bands.append(Band(rank.number, tuple(boxes)))
    legend = tuple((tone, names[pk]) for pk, tone in people.items())
    return Bands(tuple(bands), _marks(roster, whole), legend)


def _marks(roster: Roster, whole: float) -> tuple[str, ...]:
    """Return where the Mondays of the time shown are; fewer when many weeks are shown."""
    first = localtime(roster.start).date()
    monday = first + timedelta(days=(7 - first.weekday()) % 7)
    step = 7 if whole <= 9 * 7 * 86400 else 28
    found = []
    while (at := rota.instant(monday, time(), get_default_timezone())) < roster.end:
        x = WIDE * (at - roster.start).total_seconds() / whole
        if x >= 0:
            found.append(f"{x:.1f}")
        monday += timedelta(days=step)
    return tuple(found)
