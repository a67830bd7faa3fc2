"""The judge against an oracle that computes everything again at every second."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ressort.engines.alarms import All, Change, Judge, Rate, Rule, Schedule, Silent, Some, Threshold, storms
from ressort.engines.alarms.rules import leaves
from tests.engines.alarms.oracle import judged

END = 90
NAMES = "ab"


def utc(*day: int) -> float:
    return datetime(*day, tzinfo=UTC).timestamp()


numbers = st.integers(-3, 3).map(float)
names = st.sampled_from(NAMES)


@st.composite
def thresholds(draw):
    operator = draw(st.sampled_from([">", ">=", "<", "<=", "=", "!="]))
    level = draw(numbers)
    gap = draw(st.none() | st.integers(0, 2))
    if gap is None or operator in {"=", "!="}:
        return Threshold(draw(names), operator, level)
    return Threshold(draw(names), operator, level, level - gap if operator[0] == ">" else level + gap)


rates = st.builds(Rate, names, st.integers(1, 20).map(float), st.sampled_from([">", "<"]), numbers)
silences = st.builds(Silent, names, st.integers(1, 20).map(float))
plain = thresholds() | rates | silences


def groups(parts):
    return st.builds(All, parts) | st.builds(Some, parts)


conditions = plain | groups(
    st.tuples(plain) | st.tuples(plain, plain) | st.tuples(plain, groups(st.tuples(plain, plain)))
)
MINUTES = st.sampled_from([None, 0, 1]).map(
    lambda m: (
        m if m is None else Schedule(((3 * 1440 + m, 3 * 1440 + m + 1),), "UTC")
    )  # 1970 began a Thursday
)


@st.composite
def rules(draw):
    times = sorted(draw(st.sets(st.integers(1, 30), max_size=2)))
    return Rule(
        draw(conditions),
        lasts=float(draw(st.integers(0, 8))),
        clears=float(draw(st.integers(0, 8))),
        severity=1,
        rises=tuple((float(t), 2 + n) for n, t in enumerate(times)),
        schedule=draw(MINUTES),
    )


histories = st.fixed_dictionaries({name: st.dictionaries(st.integers(0, END), numbers) for name in NAMES})


@settings(max_examples=400, deadline=None)
@given(rules(), histories, st.sets(st.integers(0, END)))
def test_it_says_what_the_oracle_says(rule, history, stops):
    """However the calls are cut."""
    plain = {name: sorted(values.items()) for name, values in history.items()}
    judge = Judge(0)
    judge.watch("rule", "subject", rule, {name: name for name in NAMES})
    said: list[Change] = []
    flat = [(name, float(at), value) for name, values in plain.items() for at, value in values]
    for start, stop in pairwise([-1, *sorted({*stops, END})]):
        said += judge.advance(stop, [one for one in flat if start < one[1] <= stop])
    assert said == judged(rule, plain, END)
    assert judge.late == 0


@settings(deadline=None)
@given(rules(), histories)
@example(Rule(Silent("a", 5.0)), {"a": {}, "b": {}})
def test_a_stop_in_the_middle_changes_nothing_of_a_rule_of_thresholds(rule, history):
    """Taken up again with its open alarm and the last values, a rule without a past goes on as if never stopped."""
    if (
        rule.lasts
        or rule.clears
        or rule.rises
        or any(not isinstance(p, Threshold) for p in leaves(rule.condition))
    ):
        return
    if any(leaf.clear is not None for leaf in leaves(rule.condition)):
        return
    flat = [(n, float(at), v) for n, values in history.items() for at, v in sorted(values.items())]
    whole = Judge(0)
    whole.watch("rule", "subject", rule, {name: name for name in NAMES})
    first = whole.advance(30, [one for one in flat if one[1] <= 30])
    raised = (first[-1].at, first[-1].severity) if first and first[-1].kind != "cleared" else None
    rest = whole.advance(END, [one for one in flat if one[1] > 30])
    again = Judge(30)
    again.watch("rule", "subject", rule, {name: name for name in NAMES}, raised)
    last = {
        name: max((o for o in flat if o[0] == name and o[1] <= 30), key=lambda o: o[1], default=None)
        for name in NAMES
    }
    assert again.advance(30, [one for one in last.values() if one]) == []
    assert again.advance(END, [one for one in flat if one[1] > 30]) == rest


def test_late_values_are_left_out_and_counted():
    judge = Judge(0)
    judge.watch(1, "s", Rule(Threshold("x", ">", 10)), {"x": "x"})
    assert judge.advance(10, [("x", 10, 5)]) == []
    assert judge.advance(11, [("x", 4, 50), ("unwatched", 11, 50)]) == []
    assert judge.late == 1
    assert [c.kind for c in judge.advance(20, [("x", 11, 50)])] == [
        "raised"
    ]  # in order, though it comes late


def test_a_rule_taken_off_is_silent():
    judge = Judge(0)
    judge.watch(1, "s", Rule(Silent("x", 5)), {"x": "x"})
    judge.forget(1, "s")
    assert judge.advance(100, [("x", 50, 1)]) == []
    judge.watch(1, "s", Rule(Silent("x", 5)), {"x": "x"})
    assert [c.at for c in judge.advance(200)] == [100]  # silent since long: at once
    with pytest.raises(ValueError, match="already"):
        judge.watch(1, "s", Rule(Silent("x", 5)), {"x": "x"})


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Threshold("x", "~", 1),
        lambda: Threshold("x", ">", 1, 2),
        lambda: Threshold("x", "=", 1, 1),
        lambda: Rate("x", 0, ">", 1),
        lambda: Silent("x", 0),
        lambda: Rule(All(())),
        lambda: Rule(Silent("x", 1), lasts=-1),
        lambda: Rule(Silent("x", 1), severity=3, rises=((10, 3),)),
        lambda: Schedule(((10, 10),)),
    ],
)
def test_rules_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError):  # noqa: PT011 - each has its words
        wrong()


HOURS = st.integers(int(utc(2026, 1, 1)) // 3600, int(utc(2028, 1, 1)) // 3600)
SPANS = st.tuples(st.integers(0, 10079), st.integers(1, 10080)).filter(lambda p: p[0] != p[1])
NIGHT = (6 * 1440 + 120, 6 * 1440 + 180)  # Sunday, 2 to 3 o'clock: the hour that goes away and comes twice


@settings(deadline=None)
@given(HOURS, st.lists(SPANS, min_size=1, max_size=3))
@example(int(utc(2026, 3, 28)) // 3600 + 23, [NIGHT])
@example(int(utc(2026, 10, 24)) // 3600 + 23, [NIGHT])
def test_between_two_changes_a_schedule_keeps_to_itself(hour, spans):
    schedule = Schedule(tuple(spans))
    at = float(hour * 3600)
    following = schedule.next_change(at)
    assert following > at
    here = schedule.looks(at)
    step = max(60, int((following - at) // 40) // 60 * 60)
    assert all(schedule.looks(t) == here for t in range(int(at), int(following), step))
    assert all(
        schedule.looks(t) == here for t in range(max(int(at), int(following) - 7200), int(following), 60)
    )


def test_a_cabinet_down_is_one_storm():
    parents = {f"lamp{n}": "cabinet" for n in range(10)} | {"alone": None}
    alarms = [(n, f"lamp{n}", 100.0 + n) for n in range(6)] + [(99, "alone", 100.0), (50, "lamp9", 5000.0)]
    (storm,) = storms(alarms, parents, {"cabinet": 10})
    assert (storm.parent, storm.since, storm.members) == ("cabinet", 100.0, (0, 1, 2, 3, 4, 5))
    assert storms(alarms[:4], parents, {"cabinet": 10}) == []
    assert storms([(n, "lamp1", 1.0) for n in range(9)], parents, {"cabinet": 2}) == []
