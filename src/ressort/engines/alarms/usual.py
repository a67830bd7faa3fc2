"""What is usual at an hour of the week, learnt from what a counter has counted, and what is not.

A counter that dies rarely says so: it counts nothing, or its hours stop coming. How long nothing may last without
meaning anything depends on the hour, the day and the season, so it is measured in *expected counts*: silence is an alarm
once as many as :attr:`Habits.silence` should have been counted in it. Only days that were themselves usual teach
anything; a level that stays for :attr:`Habits.patience` days is believed (a street was closed, schools are over).

Expected counts are the median of the same hour of the same weekday over the last weeks, times a level: the median
ratio of the last days to what was expected of them. Medians, because a single mad day must move nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]

LEVEL_DAYS = 14
LEVEL_LEAST = 5
LEVEL_MOST = 10.0
SPREAD_DAYS = 60
SPREAD_LEAST = 14
TO_SIGMA = 1.4826
"""Median absolute deviation -> standard deviation, for what is normally spread."""


class Verdict(IntEnum):
    """What an hour is: usual, or not and how."""

    USUAL = 0
    SILENT = 1
    LOW = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Habits:
    """How what is usual is learnt.

    Parameters
    ----------
    weeks : int
        Weeks of the same weekday that are remembered.
    silence : float
        Expected counts that nothing may stand for before it is an alarm.
    beyond : float
        How many spreads the count of a whole day may be away from what is usual; 0: not looked at.
    floor : float
        Least spread, as a logarithm: 0.2 is about 20 %.
    patience : int
        Days after which an unusual level is believed.
    same, other : int
        Days of the same weekday, else days of any kind, that are needed before anything is expected.
    least_count, least_slots : int
        A day that counted less, or in fewer slots, teaches nothing.
    """

    weeks: int = 8
    silence: float = 100.0
    beyond: float = 0.0
    floor: float = 0.2
    patience: int = 7
    same: int = 2
    other: int = 7
    least_count: int = 5
    least_slots: int = 6


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was judged.

    Attributes
    ----------
    expected : ndarray, shape (slots,)
        What was expected in each slot; NaN while too little is known.
    verdicts : ndarray, shape (slots,)
        A :class:`Verdict` for each slot. ``LOW`` and ``HIGH`` are of the whole day, known with its last slot.
    """

    expected: Floats
    verdicts: NDArray[np.int8]

    @property
    def unusual(self) -> bool:
        """Whether anything in the day is."""
        return bool(self.verdicts.any())


@dataclass(slots=True)
class Usual:
    """What is usual for one counter, learnt day after day.

    Feed every day once, in order: its verdicts come from the days before it and from its own hours as they pass, never
    from what follows.
    """

    habits: Habits = field(default_factory=Habits)
    _same: list[deque[Floats]] = field(default_factory=list)
    _any: deque[Floats] = field(default_factory=deque)
    _levels: deque[float] = field(default_factory=lambda: deque(maxlen=LEVEL_DAYS))
    _spreads: deque[float] = field(default_factory=lambda: deque(maxlen=SPREAD_DAYS))
    _unheard: float = 0.0
    _mute: int = 0
    _unusual: int = 0

    def __post_init__(self) -> None:
        self._same = [deque(maxlen=self.habits.weeks) for _ in range(7)]
        self._any = deque(maxlen=7 * self.habits.weeks)

    def expect(self, weekday: int) -> Floats | None:
        """Return what is expected of each slot of a day to come (0 is Monday), None while too little is known."""
        base = self._base(weekday)
        return None if base is None else base * self._level()

    def day(self, values: ArrayLike, weekday: int) -> Day:
        """Judge a day, then learn from it if it was usual.

        Parameters
        ----------
        values : array_like, shape (slots,)
            Counts; NaN where nothing came.
        weekday : int
            0 is Monday.
        """
        counts = np.asarray(values, dtype=np.float64)
        base = self._base(weekday)
        if base is None:
            verdicts = self._without_habits(counts)
            expected = np.full(len(counts), np.nan)
        else:
            expected = base * self._level()
            verdicts = self._silences(counts, expected)
            if not verdicts.any():
                verdicts = self._whole(counts, base, expected)
        if not verdicts.any():
            self._learn(counts, weekday)
        return Day(expected, verdicts)

    def begun(self, values: ArrayLike, weekday: int) -> NDArray[np.int8]:
        """Judge the first slots of a day that is not over; nothing is learnt, and the day is told again once it is.

        Parameters
        ----------
        values : array_like, shape (n,)
            Counts of the slots that are over, the first of the day first; NaN where nothing came.
        """
        counts = np.asarray(values, dtype=np.float64)
        kept = self._unheard, self._mute
        expected = self.expect(weekday)
        if expected is None:
            verdicts = np.zeros(len(counts), np.int8)
        else:
            verdicts = self._silences(counts, expected[: len(counts)])
        self._unheard, self._mute = kept
        return verdicts

    def _base(self, weekday: int) -> Floats | None:
        same = self._same[weekday]
        if len(same) >= self.habits.same:
            return _median(same)
        return _median(self._any) if len(self._any) >= self.habits.other else None

    def _level(self) -> float:
        if len(self._levels) < LEVEL_LEAST:
            return 1.0
        return min(max(math.exp(float(np.median(self._levels))), 1 / LEVEL_MOST), LEVEL_MOST)

    def _without_habits(self, counts: Floats) -> NDArray[np.int8]:
        """Judge before anything is known: only a counter that says nothing at all for a day is worth a word."""
        verdicts = np.zeros(len(counts), np.int8)
        for slot, count in enumerate(counts):
            self._mute = 0 if count > 0 else self._mute + 1
            if self._mute >= len(counts) > 1:
                verdicts[slot] = Verdict.SILENT
        return verdicts

    def _silences(self, counts: Floats, expected: Floats) -> NDArray[np.int8]:
        verdicts = np.zeros(len(counts), np.int8)
        for slot, count in enumerate(counts):
            if count > 0:
                self._unheard = 0.0
                continue
            if not math.isnan(expected[slot]):
                self._unheard += expected[slot]
            if self._unheard >= self.habits.silence:
                verdicts[slot] = Verdict.SILENT
        return verdicts

    def _whole(self, counts: Floats, base: Floats, expected: Floats) -> NDArray[np.int8]:
        """Judge the count of a whole day against its spread, and note level and spread when it is believed."""
        verdicts = np.zeros(len(counts), np.int8)
        heard = ~(np.isnan(counts) | np.isnan(expected))
        if not heard.any():
            return verdicts
        total, wanted = float(counts[heard].sum()), float(expected[heard].sum())
        away = math.log((total + 1) / (wanted + 1))
        beyond = self.habits.beyond * self._spread(wanted)
        if self.habits.beyond and abs(away) > beyond:
            self._unusual += 1
            if self._unusual <= self.habits.patience:
                verdicts[-1] = Verdict.LOW if away < 0 else Verdict.HIGH
                return verdicts
        else:
            self._unusual = 0
        self._spreads.append(abs(away))
        self._levels.append(math.log((total + 1) / (float(base[heard].sum()) + 1)))
        return verdicts

    def _spread(self, wanted: float) -> float:
        """Return the spread of a day's count as a logarithm: what was seen, and what chance alone does to few counts."""
        known = len(self._spreads) >= SPREAD_LEAST
        seen = TO_SIGMA * float(np.median(self._spreads)) if known else 3 * self.habits.floor
        return math.hypot(max(seen, self.habits.floor), 1 / math.sqrt(max(1.0, wanted)))

    def _learn(self, counts: Floats, weekday: int) -> None:
        busy = int((counts > 0).sum())
        enough = min(self.habits.least_slots, len(counts))
        if busy >= enough and float(np.nansum(counts)) >= self.habits.least_count:
            self._same[weekday].append(counts)
            self._any.append(counts)


def _median(rows: deque[Floats]) -> Floats:
    """Return the median of each slot over the days where it was heard; NaN where it never was."""
    table = np.array(rows)
    if not np.isnan(table).any():
        return np.asarray(np.median(table, axis=0), dtype=np.float64)
    out = np.full(table.shape[1], np.nan)
    for slot, column in enumerate(table.T):
        heard = column[~np.isnan(column)]
        if len(heard):
            out[slot] = np.median(heard)
    return out


def judged(days: ArrayLike, first_weekday: int, habits: Habits | None = None) -> Iterator[Day]:
    """Judge days in order.

    Parameters
    ----------
    days : array_like, shape (n, slots)
        Counts; NaN where nothing came.
    first_weekday : int
        Of the first day; 0 is Monday.
    """
    usual = Usual(habits or Habits())
    for number, values in enumerate(np.asarray(days, dtype=np.float64)):
        yield usual.day(values, (first_weekday + number) % 7)
