"""What is usual: the learner says what a naive reading of the whole history says, day after day."""

from __future__ import annotations

import math
from statistics import median

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ressort.engines.alarms.usual import Habits, Usual, Verdict, judged

NAN = float("nan")
COUNT = st.one_of(st.just(NAN), st.just(0.0), st.integers(0, 60).map(float))


def naive(days: list[list[float]], weekdays: list[int], habits: Habits) -> list[list[int]]:  # noqa: C901, PLR0912 - one reading, from top to bottom
    """Judge by going through the whole past again for each day."""
    said: list[list[int]] = []
    learnt: list[int] = []  # days that teach
    ratios: list[float] = []
    spreads: list[float] = []
    unheard, mute, unusual = 0.0, 0, 0
    for number, counts in enumerate(days):
        same = [d for d in learnt if weekdays[d] == weekdays[number]][-habits.weeks :]
        every = learnt[-7 * habits.weeks :]
        chosen = same if len(same) >= habits.same else every if len(every) >= habits.other else []
        verdicts = [0] * len(counts)
        if not chosen:
            for slot, count in enumerate(counts):
                mute = 0 if count > 0 else mute + 1
                if mute >= len(counts) > 1:
                    verdicts[slot] = Verdict.SILENT
        else:
            base = []
            for slot in range(len(counts)):
                heard = [days[d][slot] for d in chosen if not math.isnan(days[d][slot])]
                base.append(median(heard) if heard else NAN)
            level = 1.0
            if len(ratios[-14:]) >= 5:
                level = min(max(math.exp(median(ratios[-14:])), 0.1), 10.0)
            expected = [b * level for b in base]
            for slot, count in enumerate(counts):
                if count > 0:
                    unheard = 0.0
                    continue
                unheard += 0.0 if math.isnan(expected[slot]) else expected[slot]
                if unheard >= habits.silence:
                    verdicts[slot] = Verdict.SILENT
            both = [
                s for s in range(len(counts)) if not math.isnan(counts[s]) and not math.isnan(expected[s])
            ]
            if not any(verdicts) and both:
                total, wanted = sum(counts[s] for s in both), sum(expected[s] for s in both)
                away = math.log((total + 1) / (wanted + 1))
                seen = 1.4826 * median(spreads[-60:]) if len(spreads) >= 14 else 3 * habits.floor
                spread = math.hypot(max(seen, habits.floor), 1 / math.sqrt(max(1.0, wanted)))
                far = bool(habits.beyond) and abs(away) > habits.beyond * spread
                unusual = unusual + 1 if far else 0
                if far and unusual <= habits.patience:
                    verdicts[-1] = Verdict.LOW if away < 0 else Verdict.HIGH
                else:
                    spreads.append(abs(away))
                    ratios.append(math.log((total + 1) / (sum(base[s] for s in both) + 1)))
        busy = [c for c in counts if c > 0]
        if (
            not any(verdicts)
            and len(busy) >= min(habits.least_slots, len(counts))
            and sum(busy) >= habits.least_count
        ):
            learnt.append(number)
        said.append(verdicts)
    return said


@given(
    st.lists(st.lists(COUNT, min_size=3, max_size=3), min_size=1, max_size=70),
    st.integers(0, 6),
    st.sampled_from([0.0, 1.0, 3.0]),
    st.sampled_from([5.0, 40.0, 1e9]),
)
@settings(max_examples=150, deadline=None)
def test_the_learner_says_what_the_whole_history_says(days, first, beyond, silence):
    habits = Habits(
        weeks=3, beyond=beyond, silence=silence, patience=2, other=3, least_count=2, least_slots=2
    )
    weekdays = [(first + n) % 7 for n in range(len(days))]
    assert [day.verdicts.tolist() for day in judged(days, first, habits)] == naive(days, weekdays, habits)


def week(level: float = 1.0) -> np.ndarray:
    """A week of a counter: two peaks on working days, one at the week-end."""
    hours = np.arange(24)
    work = 40 * np.exp(-((hours - 8) ** 2) / 4) + 40 * np.exp(-((hours - 18) ** 2) / 6) + 2
    rest = 20 * np.exp(-((hours - 15) ** 2) / 12) + 1
    return np.round(level * np.array([work] * 5 + [rest] * 2))


def test_a_counter_that_dies_is_told_in_hours_by_day_and_in_the_morning_after_a_night():
    usual = Usual(Habits(silence=100))
    for _ in range(3):
        for weekday, values in enumerate(week()):
            assert not usual.day(values, weekday).unusual
    dead = week()[0].copy()
    dead[20:] = 0
    assert not usual.day(dead, 0).unusual, "an evening without bicycles means nothing yet"
    verdicts = usual.day(np.zeros(24), 1).verdicts
    assert verdicts.argmax() in {7, 8}, "the morning peak did not come"
    assert set(verdicts[8:]) == {Verdict.SILENT}


def test_hours_that_never_came_count_as_silence():
    usual = Usual()
    for _ in range(2):
        for weekday, values in enumerate(week()):
            usual.day(values, weekday)
    assert usual.day([NAN] * 24, 0).unusual


def test_a_dead_counter_teaches_nothing_and_comes_back_as_it_was():
    usual = Usual()
    for _ in range(4):
        for weekday, values in enumerate(week()):
            usual.day(values, weekday)
    before = usual.expect(2)
    for n in range(60):
        assert usual.day(np.zeros(24), n % 7).unusual
    assert np.array_equal(usual.expect(2), before)
    assert not usual.day(week()[4], 4).unusual


def test_a_season_moves_the_level_without_an_alarm():
    habits = Habits(beyond=4)
    days = [week(1 + 0.1 * n)[d] for n in range(12) for d in range(7)]
    assert not any(day.unusual for day in judged(days, 0, habits))


def test_a_level_that_stays_is_believed():
    habits = Habits(beyond=4, patience=5, silence=1e9)
    days = [*week(), *week(), *week(), *[week(0.2)[d % 7] for d in range(14)]]
    unusual = [day.unusual for day in judged(days, 0, habits)][21:]
    assert sum(unusual) == 5
    assert not any(unusual[5:])


def test_nothing_is_expected_of_a_counter_nobody_knows():
    usual = Usual()
    assert usual.expect(0) is None
    assert not usual.day(week()[0], 0).unusual
    assert Usual().day(np.zeros(24), 0).unusual, "but a whole day without a word is told"


def test_a_day_that_has_begun_is_judged_without_being_learnt():
    usual = Usual()
    for _ in range(3):
        for weekday, values in enumerate(week()):
            usual.day(values, weekday)
    before = usual.expect(0)
    assert usual.begun(np.zeros(10), 0)[-1] == Verdict.SILENT
    assert not usual.begun(week()[0][:10], 0).any()
    assert np.array_equal(usual.expect(0), before)
    assert usual.day(np.zeros(24), 0).verdicts[9] == Verdict.SILENT, "the same, once it is over"
