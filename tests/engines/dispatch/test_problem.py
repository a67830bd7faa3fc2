"""The problem as data: validation, round trips, windows."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from ressort.engines.dispatch import (
    UNREACHABLE,
    Aboard,
    Anchor,
    Matrix,
    Plan,
    Problem,
    ProblemError,
    Request,
    Tour,
    Vehicle,
    Visit,
)
from ressort.units import FAR_FUTURE, Window
from tests.engines.dispatch.towns import day, square, tangled


def test_windows_hold_both_ends():
    window = Window(10, 20)
    assert 10 in window
    assert 20 in window
    assert 21 not in window
    assert window.width == 10
    assert window.shifted(-15) == Window(0, 5)
    assert window.common(Window(20, 30)) == Window(20, 20)
    assert window.common(Window(21, 30)) is None


@pytest.mark.parametrize("ends", [(2, 1), (-1, 3), (0, FAR_FUTURE + 1)])
def test_windows_out_of_order_or_range_are_refused(ends):
    with pytest.raises(ValueError, match="out of"):
        Window(*ends)


@pytest.mark.parametrize("ends", [(0.5, 1), (True, 2), ("0", 1)])
def test_windows_hold_whole_seconds(ends):
    with pytest.raises(TypeError, match="whole seconds"):
        Window(*ends)


def test_a_matrix_is_read_only_whole_and_bounded():
    table = np.array([[0, 5_000_000_000], [7, 0]])
    matrix = Matrix(table, table)
    assert matrix.seconds[0, 1] == UNREACHABLE
    assert matrix.seconds.dtype == np.int32
    table[1, 0] = 8
    assert matrix.seconds[1, 0] == 7, "a later change of the caller's table changes nothing"
    with pytest.raises(ValueError, match="read-only"):
        matrix.seconds[0, 0] = 1
    same = Matrix.from_json(json.loads(json.dumps(matrix.to_json())))
    assert (same.seconds == matrix.seconds).all()
    assert same.digest == matrix.digest


@pytest.mark.parametrize(
    ("seconds", "metres", "message"),
    [
        ([[0, 1]], [[0, 1]], "not square"),
        ([[0, -1], [1, 0]], [[0, 1], [1, 0]], "negative"),
        ([[0, 1], [1, 0]], [[0]], "differ in shape"),
        ([[0.0, 1.5], [1.0, 0.0]], [[0, 1], [1, 0]], "whole numbers"),
    ],
)
def test_bad_matrices_are_refused(seconds, metres, message):
    with pytest.raises(ProblemError, match=message):
        Matrix(np.array(seconds), np.array(metres))


def test_problems_plans_and_tours_survive_json():
    rng = random.Random(5)
    problem = day(1)
    again = Problem.from_json(json.loads(json.dumps(problem.to_json())))
    assert (again.vehicles, again.requests) == (problem.vehicles, problem.requests)
    for _ in range(50):
        _, tour, _ = tangled(rng)
        plan = Plan({"van": tour}, ("x", "y"))
        assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pickup": 99}, "outside the matrix"),
        ({"load": (1,)}, "dimensions differ"),
        ({"load": (-1, 0)}, "bad load"),
        ({"max_ride": -1}, "out of range"),
        ({"penalty": -1}, "out of range"),
    ],
)
def test_requests_that_make_no_sense_are_refused(change, message):
    problem = day(1)
    request = problem.requests["r0"]
    with pytest.raises(ProblemError, match=message):
        problem.with_requests(replace(request, **change))


def test_fleets_that_make_no_sense_are_refused():
    matrix = square(random.Random(1), 3)
    one = Vehicle("a", 0, 0, Window(0, 10), (4,))
    for fleet in [(one, one), (one, replace(one, id="b", capacity=(4, 1))), (replace(one, start=3),)]:
        with pytest.raises(ProblemError):
            Problem(matrix, fleet)
    for bad in [{"capacity": ()}, {"capacity": (-1,)}, {"max_duration": -1}]:
        with pytest.raises(ProblemError):
            replace(one, **bad)
    asks = Request("r", 0, 1, Window(0, 10), Window(0, 10), (1,))
    with pytest.raises(ProblemError, match="filed under"):
        Problem(matrix, (one,), {"other": asks})


def test_a_plan_knows_who_serves_whom():
    tour = Tour(
        "v", Anchor(0, 0), (Visit("a", True), Visit("a", False), Visit("b", False)), 0, (Aboard("b", 3),)
    )
    plan = Plan({"v": Tour("v", Anchor(0, 0))}, ("a", "c")).with_tours(tour)
    assert plan.owners() == {"a": "v", "b": "v"}
    assert plan.unserved == ("c",)
    assert tour.requests == ("b", "a")
    with pytest.raises(ProblemError, match="frozen"):
        replace(tour, frozen=4)
