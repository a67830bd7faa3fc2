"""Packed series against a plain list: nothing lost, small, thin enough to draw."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ressort.engines import series

VALUE = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**6), 10**6).map(lambda n: n / 100),
    st.sampled_from([0.0, 1.0, -0.0, 21.5]),
)
POINTS = st.lists(
    st.tuples(st.integers(0, 2**45), VALUE, st.integers(0, 3)), max_size=60, unique_by=lambda p: p[0]
)


def arrays(points):
    at, values, qualities = zip(*sorted(points), strict=True) if points else ((), (), ())
    return np.array(at, np.int64), np.array(values, float), np.array(qualities, np.uint8)


def plain(points):
    return [(int(a), float(v), int(q)) for a, v, q in zip(*points, strict=True)]


@given(POINTS)
def test_nothing_is_lost(points):
    packed = arrays(points)
    assert plain(series.unpack(series.pack(*packed))) == plain(packed)


@given(POINTS, POINTS)
def test_merging_is_a_dictionary_where_the_first_wins(one, other):
    merged = plain(series.merge(arrays(one), arrays(other)))
    naive = {p[0]: p for p in [*other, *one]}
    assert merged == [naive[at] for at in sorted(naive)]


@given(POINTS, st.integers(0, 2**45), st.integers(0, 2**45))
def test_between_is_half_open(points, start, end):
    found = plain(series.between(arrays(points), start, end))
    assert found == [p for p in sorted(points) if start <= p[0] < end]


@given(POINTS, st.integers(0, 2**45), st.integers(0, 60))
def test_the_last_before_an_instant_is_read_without_the_rest(points, limit, which):
    if points and which < len(points):
        limit = sorted(points)[which][0]  # exactly at an observation
    packed = series.pack(*arrays(points))
    naive = [p for p in plain(series.unpack(packed)) if p[0] <= limit]
    assert series.last(packed, limit) == (naive[-1] if naive else None)


@given(POINTS.filter(bool), st.integers(1, 20))
def test_a_thin_curve_keeps_its_extremes(points, most):
    at, mean, low, high = series.thin(arrays(points), most)
    assert len(at) <= max(most, 1)
    values = [p[1] for p in points]
    assert (low.min(), high.max()) == (min(values), max(values))
    assert len(mean) == len(at)


def test_an_hour_of_a_sensor_is_small():
    at = 1_790_000_000_000 + np.arange(60) * 60_000
    values = np.round(20 + np.sin(np.arange(60) / 9), 1)
    assert len(series.pack(at, values, np.zeros(60, np.uint8))) < 150
