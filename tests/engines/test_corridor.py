"""What lies on a way, when it is reached and what is wanted of it, against a naive reading of the same."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ressort.engines import corridor
from ressort.engines.corridor import Spot, Timing, Want, Way
from ressort.engines.geodesy import METRES_PER_DEGREE, distance

LON, LAT = 5.04, 47.32
ACROSS = METRES_PER_DEGREE * math.cos(math.radians(LAT))


def at(east, north):
    return (LON + east / ACROSS, LAT + north / METRES_PER_DEGREE)


metres = st.integers(-900, 900)
places = st.tuples(metres, metres)
lines = st.lists(places, min_size=2, max_size=7).filter(lambda found: len(set(found)) > 1)


def walked(line, step=0.5):
    """Yield (metres along, point) every half metre, by nothing but straight steps."""
    along = 0.0
    for one, other in itertools.pairwise(line):
        length = distance(*one, *other)
        pieces = max(1, math.ceil(length / step))
        for piece in range(pieces + 1):
            share = piece / pieces
            yield (
                along + length * share,
                (
                    one[0] + (other[0] - one[0]) * share,
                    one[1] + (other[1] - one[1]) * share,
                ),
            )
        along += length


@given(lines, st.lists(places, max_size=4), st.integers(60, 900))
def test_what_is_met_is_what_a_walk_along_the_way_comes_near(line, spots, total):
    line = [at(*one) for one in line]
    spots = [Spot(number, *at(*one)) for number, one in enumerate(spots)]
    way = corridor.paced(line, [(0, total)])
    steps = list(walked(line))
    length = steps[-1][0]
    met = corridor.meets(way, spots)
    for spot in spots:
        mine = [one for one in met if one.key == spot.key]
        away = min(distance(spot.lon, spot.lat, *point) for __, point in steps)
        if abs(away - corridor.REACH) > 1:
            assert bool(mine) == (away < corridor.REACH)
        if mine:
            one = min(mine, key=lambda one: one.aside)
            assert one.aside == pytest.approx(away, abs=1)
            near = [along for along, point in steps if distance(spot.lon, spot.lat, *point) <= away + 1]
            assert any(abs(one.metres - along) <= 2 + length * 0.002 for along in near)
        for one in mine:
            assert one.seconds == pytest.approx(total * one.metres / length, abs=0.01 * total + 0.5)
    order = [one.metres for one in corridor.meets(way, spots)]
    assert order == sorted(order)


def strolled(line, spot, reach):
    """Return the passages by a spot: (metres of its start, of its end), by walking."""
    found = []
    for along, point in walked(line, 0.25):
        if distance(spot.lon, spot.lat, *point) <= reach:
            if found and along - found[-1][1] < corridor.APART:
                found[-1][1] = along
            else:
                found.append([along, along])
    return found


@given(lines, places)
def test_each_passage_is_met_once(line, spot):
    line, spot = [at(*one) for one in line], Spot(1, *at(*spot))
    way = corridor.paced(line, [(0, 300)])
    met = corridor.meets(way, [spot])
    less, more = (strolled(line, spot, corridor.REACH + more) for more in (-1, 1))
    if len(less) == len(more):
        sure = all(
            abs(two[0] - one[1] - corridor.APART) > 8 + way.seconds[-1] * 0.01
            for one, two in itertools.pairwise(more)
        )
        if sure and all(
            abs(a - c) < 40 and abs(b - d) < 40 for (a, b), (c, d) in zip(less, more, strict=True)
        ):
            assert len(met) == len(more)
            for one, (start, end) in zip(met, more, strict=True):
                assert start - 3 <= one.metres <= end + 3


def test_a_way_that_comes_back_meets_the_same_junction_twice():
    line = [at(0, 0), at(500, 0), at(500, 400), at(250, 400), at(250, -300)]
    way = corridor.paced(line, [(0, 100)])
    first, second = corridor.meets(way, [Spot(1, *at(250, 0))])
    assert (first.key, second.key) == (1, 1)
    assert first.metres == pytest.approx(250, abs=1)
    assert second.metres == pytest.approx(1550, abs=2)
    assert first.heading == pytest.approx(90, abs=1)
    assert second.heading == pytest.approx(180, abs=1)
    turned = corridor.paced([at(0, 0), at(250, 0), at(0, 0)], [(0, 100)])
    assert len(corridor.meets(turned, [Spot(1, *at(240, 0))])) == 1  # it never left
    assert len(corridor.meets(turned, [Spot(1, *at(100, 0))])) == 2


def test_a_vehicle_where_the_way_crosses_itself_is_where_it_is_expected():
    line = [at(0, 0), at(500, 0), at(500, 400), at(250, 400), at(250, -300)]
    way = corridor.paced(line, [(0, 185)])
    here = at(250, 4)
    assert corridor.located(way, *here, 20).metres == pytest.approx(250, abs=6)
    assert corridor.located(way, *here, 160).metres == pytest.approx(1546, abs=8)
    assert corridor.located(way, *here).aside <= 4


@given(lines, st.data())
def test_time_along_a_way_never_goes_back_and_each_stretch_takes_what_it_takes(line, data):
    line = [at(*one) for one in line]
    begins = sorted({0, *data.draw(st.lists(st.integers(0, len(line) - 1), max_size=3))})
    took = [data.draw(st.integers(0, 300)) for __ in begins]
    way = corridor.paced(line, list(zip(begins, took, strict=True)))
    assert list(way.seconds) == sorted(way.seconds)
    assert way.seconds[-1] == pytest.approx(sum(took))
    spent = 0
    for begin, seconds in zip(begins, took, strict=True):
        if begin < len(line) - 1:
            assert way.seconds[begin] == pytest.approx(spent)
        spent += seconds


@given(st.integers(0, 600), st.integers(15, 90), st.integers(5, 120), st.booleans(), st.integers(-100, 1000))
def test_something_is_open_from_its_lead_to_its_margin(seconds, lead, margin, opened, elapsed):
    wanted = corridor.want(elapsed, seconds, Timing(lead, margin), opened=opened)
    early = lead * 2 if opened else lead
    moments = dict.fromkeys(range(seconds - early, seconds + margin), Want.OPEN)
    assert wanted == moments.get(elapsed, Want.WAIT if elapsed < seconds else Want.FREE)


@given(st.integers(0, 300), st.integers(5, 120))
def test_once_passed_it_is_given_back_after_the_margin_whatever_was_expected(since, margin):
    wanted = corridor.want(0, 10_000, Timing(30, margin), since=since)
    assert wanted == (Want.FREE if since >= margin else Want.OPEN)


def test_the_vehicle_is_found_where_it_is():
    way = corridor.paced([at(0, 0), at(0, 1000)], [(0, 100)])
    here = corridor.located(way, *at(12, 400))
    assert here.metres == pytest.approx(400, abs=1)
    assert here.seconds == pytest.approx(40, abs=0.2)
    assert here.aside == pytest.approx(12, abs=0.2)


@pytest.mark.parametrize(
    ("line", "heading"),
    [([(0, 0), (0, 200)], 0), ([(0, 0), (200, 0)], 90), ([(0, 200), (0, 0)], 180), ([(0, 0), (0, 200), (1, 200)], 0)],
)  # fmt: skip
def test_the_heading_is_that_of_the_arrival(line, heading):
    way = corridor.paced([at(*one) for one in line], [(0, 60)])
    (one,) = corridor.meets(way, [Spot(1, *at(*line[-1]))])
    assert abs((one.heading - heading + 180) % 360 - 180) < 4


@given(st.floats(0, 359.9), st.lists(st.tuples(st.integers(1, 8), st.integers(0, 359)), max_size=5))
def test_an_approach_is_the_nearest_heading_or_none(heading, known):
    def gap(one):
        turn = abs(heading - one) % 360
        return min(turn, 360 - turn)

    near = [(gap(one), number) for number, one in known if gap(one) <= 60]
    found = corridor.approach(heading, known)
    if not near:
        assert found is None or min(gap(one) for __, one in known) == pytest.approx(60)
    else:
        assert any(number == found and value == pytest.approx(min(near)[0]) for value, number in near)


def test_a_way_has_two_points():
    with pytest.raises(ValueError, match="two points"):
        corridor.meets(Way(((5.0, 47.0),), (0.0,)), [])
