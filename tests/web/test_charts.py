"""Charts and gantt drawn by the server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ressort.web.charts import Chart, Series, nice
from ressort.web.gantt import Lane, Mark, Plan, Span

START = datetime(2026, 11, 24, 5, tzinfo=UTC)


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_a_scale_ends_above_its_values_but_not_far(value):
    assert value * (1 - 1e-9) <= nice(value) <= value * 2


def test_a_chart_says_the_same_in_its_table():
    chart = Chart("Demandes", ["7 h", "8 h"], [Series("acceptées", [3, 1200]), Series("refusées", [None, 2])])
    assert [label for label, _ in chart.rows] == ["7 h", "8 h"]
    assert chart.rows[0][1] == ["3", "–"]
    assert chart.svg.count("<rect") == 3  # nothing is drawn where there is no figure


def test_a_hole_in_the_figures_is_a_hole_in_the_line():
    chart = Chart("Attente", list("abcde"), [Series("min", [1, 2, None, 3, 4])], kind="lines")
    assert chart.svg.count("<polyline") == 2


def test_a_chart_of_nothing_still_draws_its_scale():
    assert "<line" in Chart("Vide", [], [Series("rien", [])]).svg


def test_figures_that_do_not_match_their_labels_are_refused():
    with pytest.raises(ValueError, match="3 values for 2 labels"):
        Chart("Faux", ["a", "b"], [Series("x", [1, 2, 3])])


def test_labels_are_escaped():
    assert "<script>" not in Chart("x", ["<script>"], [Series("y", [1])]).svg


def test_a_gantt_places_time_in_per_cent_and_clips_the_rest():
    span = Span(START - timedelta(hours=1), START + timedelta(hours=1))
    outside = Span(START - timedelta(hours=3), START - timedelta(hours=2))
    mark = Mark(START + timedelta(hours=2))
    plan = Plan(
        [Lane("Navette 1", [span, outside], [mark])],
        START,
        START + timedelta(hours=4),
        START + timedelta(hours=1),
    )
    row = plan.rows[0]
    assert [(s["left"], s["width"]) for s in row["spans"]] == [(0.0, 25.0)]
    assert row["marks"][0]["left"] == 50.0
    assert plan.now_at == 25.0
    assert plan.hour_step == 25.0


def test_the_hours_of_a_gantt_are_those_of_the_territory():
    hours = Plan([], START, START + timedelta(hours=2)).hours
    assert [words.replace("\u00a0", " ") for _, words in hours] == ["7 h", "8 h"]  # 5 h UTC is 6 h in winter


def test_a_gantt_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends"):
        Plan([], START, START)
