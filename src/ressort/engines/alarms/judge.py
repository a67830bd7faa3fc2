"""Judges observations by rules as they come: a state machine per rule and subject, and a heap of what falls due."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Literal

from ressort.engines.alarms.rules import OPERATORS, Id, Leaf, Rate, Rule, Silent, Threshold, leaves, truth

type Kind = Literal["raised", "risen", "cleared"]


_FIRST = {"silent": 0, "schedule": 0, "look": 1, "rise": 2}
"""At one instant: all that changes is known before it is judged, and an alarm ends before it could rise."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an alarm.

    Parameters
    ----------
    at : float
        When, in seconds since 1970.
    rule, subject : int or str
        Whose alarm.
    kind : {"raised", "risen", "cleared"}
    severity : int
        From now on; of a cleared alarm, its last.
    """

    at: float
    rule: Id
    subject: Id
    kind: Kind
    severity: int


@dataclass(slots=True)
class _Series:
    """What is remembered of a series: its last value, and the past that rates need."""

    heard: float  # when, on the judge's clock
    stamp: float = float("-inf")  # what the observation itself says
    value: float | None = None
    keep: float = 0.0
    past: deque[tuple[float, float]] = field(default_factory=deque)
    watches: list[tuple[_Watch, int]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Watch:
    """One rule on one subject."""

    key: tuple[Id, Id]
    rule: Rule
    leaves: tuple[Leaf, ...]
    series: tuple[_Series, ...]
    states: list[bool]
    looks: bool = True
    holds: bool = False
    since: float = 0.0  # when ``holds`` last changed
    raised: float | None = None
    severity: int = 0
    turn: int = 0  # what was put in the heap before the last change no longer counts
    gone: bool = False


class Judge:
    """Rules at work on the series of some subjects.

    Time goes forward only: :meth:`advance` moves it. A value that is older than the last one of its series is left
    out and counted (``late``); one that comes late but in order counts from now.

    Parameters
    ----------
    now : float
        When watching begins.
    """

    def __init__(self, now: float) -> None:
        self.now = now
        self.late = 0
        self._series: dict[Id, _Series] = {}
        self._watches: dict[tuple[Id, Id], _Watch] = {}
        self._due: list[tuple[float, int, int, _Watch, str, int]] = []
        self._order = count()

    def seed(self, series: Id, at: float, value: float) -> None:
        """Tell the newest value of a series before anything watches it: after a restart."""
        one = self._series[series] = _Series(min(at, self.now), at, value)
        one.past.append((one.heard, value))

    def watch(
        self,
        rule_id: Id,
        subject: Id,
        rule: Rule,
        series: Mapping[str, Id],
        raised: tuple[float, int] | None = None,
    ) -> None:
        """Set a rule on a subject.

        Parameters
        ----------
        series : mapping of name -> series
            What each name of the condition's leaves stands for.
        raised : (instant, severity), optional
            The alarm that is open already: after a restart.

        Raises
        ------
        KeyError
            If a name of the condition has no series.
        ValueError
            If this rule already watches this subject.
        """
        key = (rule_id, subject)
        if key in self._watches:
            raise ValueError(f"{key} is watched already")
        parts = tuple(leaves(rule.condition))
        used = tuple(self._of(series[leaf.name]) for leaf in parts)
        was = raised is not None
        watch = _Watch(key, rule, parts, used, [was and not isinstance(p, Silent) for p in parts])
        watch.since, watch.holds = self.now, was
        if raised:
            watch.raised, watch.severity = raised
        for index, (leaf, one) in enumerate(zip(parts, used, strict=True)):
            one.watches.append((watch, index))
            if isinstance(leaf, Rate):
                one.keep = max(one.keep, leaf.over)
            if isinstance(leaf, Silent):
                self._put(max(one.heard + leaf.after, self.now), watch, "silent", index)
            elif one.value is not None:
                watch.states[index] = self._leaf(leaf, one, before=watch.states[index])
        self._watches[key] = watch
        if rule.schedule:
            watch.looks = rule.schedule.looks(self.now)
            self._put(rule.schedule.next_change(self.now), watch, "schedule", 0)
        self._put(self.now, watch, "look", 0)
        if watch.raised is not None:
            self._put_rise(watch)

    def forget(self, rule_id: Id, subject: Id) -> None:
        """Take a rule off a subject; nothing is said of an alarm that is open."""
        watch = self._watches.pop((rule_id, subject), None)
        if watch is None:
            return
        watch.gone = True
        for one in set(map(id, watch.series)):
            found = next(s for s in watch.series if id(s) == one)
            found.watches = [pair for pair in found.watches if pair[0] is not watch]

    def advance(self, at: float, values: Iterable[tuple[Id, float, float]] = ()) -> list[Change]:
        """Move time to ``at`` and take in the values that came.

        Parameters
        ----------
        at : float
            Now; an instant before the last one is taken as the last one.
        values : iterable of (series, instant, value)
            Instants are those of observation; a value is a number.

        Returns
        -------
        list of Change
            In order of time.
        """
        at = max(at, self.now)
        changes: list[Change] = []
        for moment, batch in self._batches(at, values):
            self._fall_due(moment, changes, before=True)
            touched: dict[_Watch, None] = {}
            for name, value in batch:
                self._take(self._series[name], moment, value, touched)
            for watch in touched:
                self._put(moment, watch, "look", 0)
            self._fall_due(moment, changes, before=False)
        return changes

    def _batches(
        self, at: float, values: Iterable[tuple[Id, float, float]]
    ) -> Iterable[tuple[float, list[tuple[Id, float]]]]:
        found: dict[float, list[tuple[Id, float]]] = {}
        for name, instant, value in sorted(values, key=lambda v: v[1]):
            one = self._series.get(name)
            if one is None:
                continue  # no rule looks at it
            if instant <= one.stamp:
                self.late += 1
                continue
            one.stamp = instant
            found.setdefault(min(max(instant, self.now), at), []).append((name, value))
        found.setdefault(at, [])
        return sorted(found.items())

    def _of(self, name: Id) -> _Series:
        return self._series.setdefault(name, _Series(self.now))

    def _take(self, one: _Series, at: float, value: float, touched: dict[_Watch, None]) -> None:
        one.heard, one.value = at, value
        if one.keep:
            one.past.append((at, value))
            while len(one.past) > 1 and one.past[1][0] <= at - one.keep:
                one.past.popleft()
        for watch, index in one.watches:
            leaf = watch.leaves[index]
            before = watch.states[index]
            if isinstance(leaf, Silent):
                watch.states[index] = False
                if before:  # otherwise its turn in the heap moves on by itself when it comes
                    self._put(at + leaf.after, watch, "silent", index)
            else:
                watch.states[index] = self._leaf(leaf, one, before=before)
            if before != watch.states[index]:
                touched[watch] = None

    @staticmethod
    def _leaf(leaf: Leaf, one: _Series, *, before: bool) -> bool:
        assert one.value is not None
        if isinstance(leaf, Threshold):
            return leaf.holds(one.value, before=before)
        assert isinstance(leaf, Rate)
        then = next((v for t, v in reversed(one.past) if t <= one.heard - leaf.over), None)
        return then is not None and OPERATORS[leaf.operator](one.value - then, leaf.level)

    def _put(self, at: float, watch: _Watch, what: str, turn: int) -> None:
        heappush(self._due, (at, _FIRST[what], next(self._order), watch, what, turn))

    def _put_rise(self, watch: _Watch) -> None:
        assert watch.raised is not None
        following = next((r for r in watch.rule.rises if r[1] > watch.severity), None)
        if following:
            self._put(watch.raised + following[0], watch, "rise", watch.turn)

    def _fall_due(self, until: float, changes: list[Change], *, before: bool) -> None:
        """Do what falls due before an instant, or at it once its values are known."""
        while self._due and (self._due[0][0] < until or (not before and self._due[0][0] <= until)):
            at, _late, _order, watch, what, turn = heappop(self._due)
            at = max(at, self.now)
            if watch.gone:
                continue
            self.now = at
            if what == "silent":
                self._silence(watch, turn, at)
            elif what == "schedule":
                assert watch.rule.schedule
                watch.looks = watch.rule.schedule.looks(at)
                self._put(watch.rule.schedule.next_change(at), watch, "schedule", 0)
                self._put(at, watch, "look", 0)
            elif what == "look":
                self._look(watch, at, changes)
            elif turn == watch.turn and watch.raised is not None:
                watch.severity = next(s for _t, s in watch.rule.rises if s > watch.severity)
                changes.append(Change(at, *watch.key, "risen", watch.severity))
                self._put_rise(watch)
        self.now = max(self.now, until)

    def _silence(self, watch: _Watch, index: int, at: float) -> None:
        leaf, one = watch.leaves[index], watch.series[index]
        assert isinstance(leaf, Silent)
        if watch.states[index]:
            return
        if one.heard + leaf.after <= at:
            watch.states[index] = True
            self._put(at, watch, "look", 0)
        else:
            self._put(one.heard + leaf.after, watch, "silent", index)

    def _look(self, watch: _Watch, at: float, changes: list[Change]) -> None:
        """Say what follows from the states of the leaves at an instant."""
        holds = watch.looks and truth(watch.rule.condition, iter(watch.states))
        if holds != watch.holds:
            watch.holds, watch.since = holds, at
        rule = watch.rule
        if holds == (watch.raised is not None):
            return
        wait = rule.lasts if holds else rule.clears
        if at < watch.since + wait:
            if watch.since == at:
                self._put(at + wait, watch, "look", 0)
            return
        watch.turn += 1
        if holds:
            watch.raised, watch.severity = at, rule.severity
            changes.append(Change(at, *watch.key, "raised", watch.severity))
            self._put_rise(watch)
        else:
            watch.raised = None
            changes.append(Change(at, *watch.key, "cleared", watch.severity))
