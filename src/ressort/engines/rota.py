"""Turns of duty: who is on when, where nobody is, where two are. Weeks are told in local days, instants in UTC.

A *span* is half-open: it holds its start, not its end. Everything here is a pure function; the zone is an argument, so
that a week with a change of the clocks lasts 167 or 169 hours and still begins and ends at the same hour of the day.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody, from an instant until another.

    Attributes
    ----------
    who : hashable
        Whoever is on.
    start, end : datetime
        Aware; ``start`` is held, ``end`` is not.
    of : hashable
        What the span comes from: the id of a turn, of a replacement.
    """

    who: Hashable
    start: datetime
    end: datetime
    of: Hashable = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time during which the same people are on: nobody in a hole, several in an overlap."""

    start: datetime
    end: datetime
    on: tuple[Span, ...]

    @property
    def who(self) -> tuple[Hashable, ...]:
        """Whoever is on, each once, in order of arrival."""
        return tuple(dict.fromkeys(one.who for one in self.on))


def instant(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the instant (UTC) of an hour of a local day.

    An hour that the spring change skips is the one shown after it; an hour that the autumn change repeats is the first.
    """
    return datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)


def weekly(people: Sequence[Hashable], first: date, at: time, weeks: int, zone: tzinfo) -> list[Span]:
    """Return turns of a week each, people taking theirs one after the other, again and again.

    Parameters
    ----------
    people : sequence of hashable
        In the order in which they take turns.
    first, at : date, time
        Local day and hour at which the first turn begins; every turn is handed over at that hour of that day of the week.
    weeks : int
        How many turns.
    """
    edges = [instant(first + timedelta(days=7 * number), at, zone) for number in range(weeks + 1)]
    return [
        Span(people[number % len(people)], start, end)
        for number, (start, end) in enumerate(itertools.pairwise(edges))
    ]


def overlaid(turn: Span, replacements: Iterable[Span]) -> list[Span]:
    """Return a turn once its replacements are laid over it; where two cross, the last given has it."""
    over = [one for one in replacements if one.start < turn.end and one.end > turn.start]
    edges = sorted(
        {turn.start, turn.end}
        | {edge for one in over for edge in (one.start, one.end) if turn.start < edge < turn.end}
    )
    found: list[Span] = []
    for start, end in itertools.pairwise(edges):
        has = next((one for one in reversed(over) if one.start <= start < one.end), turn)
        if found and (found[-1].who, found[-1].of) == (has.who, has.of):
            found[-1] = Span(has.who, found[-1].start, end, has.of)
        else:
            found.append(Span(has.who, start, end, has.of))
    return found


def on_at(spans: Iterable[Span], at: datetime) -> list[Span]:
    """Return the spans that hold an instant, the first begun first."""
    return sorted((one for one in spans if one.start <= at < one.end), key=lambda one: one.start)


def stretches(spans: Iterable[Span], start: datetime, end: datetime) -> list[Stretch]:
    """Cut a time into stretches during which the same people are on; holes are stretches too."""
    near = sorted((one for one in spans if one.start < end and one.end > start), key=lambda one: one.start)
    edges = sorted(
        {start, end} | {edge for one in near for edge in (one.start, one.end) if start < edge < end}
    )
    found: list[Stretch] = []
    for begins, ends in itertools.pairwise(edges):
        on = tuple(one for one in near if one.start <= begins < one.end)
        if found and found[-1].on == on:
            found[-1] = Stretch(found[-1].start, ends, on)
        else:
            found.append(Stretch(begins, ends, on))
    return found


def holes(spans: Iterable[Span], start: datetime, end: datetime) -> list[Stretch]:
    """Return the times at which nobody is on."""
    return [one for one in stretches(spans, start, end) if not one.on]


def overlaps(spans: Iterable[Span], start: datetime, end: datetime) -> list[Stretch]:
    """Return the times at which several people are on at once; the same person twice is none."""
    return [one for one in stretches(spans, start, end) if len(one.who) > 1]
