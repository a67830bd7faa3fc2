"""Which points of a tile stand alone and which are told together, against counting them one by one."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ressort.engines.crowd import ALONE, CELLS, gather, mercator

POINT = st.tuples(st.floats(0, 0.999999), st.floats(0, 0.999999), st.booleans())
CROWD = st.lists(st.one_of(POINT, st.sampled_from([(0.3, 0.4, False), (0.3, 0.4, True)])), max_size=60)


def arrays(points):
    rows = np.asarray([(x, y) for x, y, _ in points], float).reshape(-1, 2)
    return rows[:, 0], rows[:, 1], np.asarray([mark for *_, mark in points], bool)


@given(CROWD, st.integers(0, 3))
def test_every_point_is_told_once_over_all_tiles_as_counted_by_hand(points, z):
    x, y, mark = arrays(points)
    cells = defaultdict(list)
    for number, (px, py, _) in enumerate(points):
        cells[int(px * 2**z * CELLS), int(py * 2**z * CELLS)].append(number)
    alone = {n for members in cells.values() if len(members) <= ALONE for n in members}
    groups = sorted(
        (len(m), sum(points[n][2] for n in m), round(sum(points[n][0] for n in m) / len(m), 9))
        for m in cells.values()
        if len(m) > ALONE
    )
    singles, found = [], []
    for column in range(2**z):
        for row in range(2**z):
            told = gather(x, y, mark, (z, column, row))
            singles += told.singles.tolist()
            found += [
                (int(c), int(m), round(float(gx), 9))
                for c, m, gx in zip(told.counts, told.marked, told.x, strict=True)
            ]
            assert len(told.singles) + len(told.counts) <= CELLS**2 * ALONE
    assert sorted(singles) == sorted(alone)
    assert len(singles) == len(set(singles))
    assert sorted(found) == groups


@given(CROWD)
def test_apart_shows_each_point_of_the_tile_by_itself(points):
    x, y, mark = arrays(points)
    told = gather(x, y, mark, (1, 0, 1), apart=True)
    assert told.singles.tolist() == [n for n, (px, py, _) in enumerate(points) if px < 0.5 <= py]
    assert not len(told.counts)


def test_the_world_is_a_square_whose_middle_is_on_the_equator():
    x, y = mercator(np.array([-180.0, 0.0, 180.0]), np.array([85.05112878, 0.0, -85.05112878]))
    assert np.allclose(x, [0, 0.5, 1])
    assert np.allclose(y, [0, 0.5, 1])
