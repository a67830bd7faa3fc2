"""Rehearsals on the engine alone: a day, and answers on a plan already full."""

from __future__ import annotations

import pytest

from ressort.core.errors import Refused
from ressort.twin import rehearsal

pytestmark = pytest.mark.django_db


def _nothing(_step: str, _done: float) -> None:
    pass


def test_a_day_keeps_its_promises_and_is_the_same_again():
    once, again = (rehearsal.day("", 2, 40, 12, 3, 0, _nothing) for _ in range(2))
    assert once["broken_promises"] == 0
    assert 0 < once["accepted"] <= once["requests"] == 40
    told = {"cpu_seconds", "ms_median", "ms_p99"}
    assert {k: v for k, v in once.items() if k not in told} == {
        k: v for k, v in again.items() if k not in told
    }


def test_answers_are_timed_on_a_plan_of_the_size_asked_for():
    found = rehearsal.answers("", 2, 10, 15, 12, 3, _nothing)
    assert (found["open"], found["questions"]) == (10, 15)
    assert 0 < found["ms_median"] <= found["ms_p99"]
    assert 0 < found["ms_median_choices"] <= found["ms_p99_choices"]


def test_a_fleet_that_cannot_hold_so_many_says_how_many_it_holds():
    with pytest.raises(Refused, match=r"pleine à \d+ réservations"):
        rehearsal.answers("", 1, 500, 5, 12, 3, _nothing)
