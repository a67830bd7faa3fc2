from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ressort.twin.demand import flows, requests, weights_of

STOPS = [(5.00, 47.30), (5.04, 47.32), (5.05, 47.33), (5.10, 47.31), (5.12, 47.28)]
COMMUNES = [(5.04, 47.32, 160_000), (5.11, 47.30, 8_000), (5.0, 47.30, 900)]
PLACES = [(5.05, 47.33, "hospital"), (5.10, 47.31, "school")]


def _weights():
    return weights_of(STOPS, COMMUNES, PLACES)


def test_people_send_and_places_draw() -> None:
    sends, draws = _weights()
    assert sends.sum() == pytest.approx(1)
    assert draws.sum() == pytest.approx(1)
    assert sends[1] > sends[3] > 0
    assert draws[2] > sends[2]


def test_flows_fall_with_distance_and_nobody_rides_to_the_same_stop() -> None:
    even = np.full(len(STOPS), 1 / len(STOPS))
    shares = flows(STOPS, even, even)
    assert shares.sum() == pytest.approx(1)
    assert (np.diag(shares) == 0).all()
    assert shares[1, 2] > shares[1, 4]


def test_the_same_seed_gives_the_same_trips() -> None:
    assert requests(STOPS, _weights(), 200, seed=3) == requests(STOPS, _weights(), 200, seed=3)
    assert requests(STOPS, _weights(), 200, seed=3) != requests(STOPS, _weights(), 200, seed=4)


@given(
    n=st.integers(0, 200),
    seed=st.integers(0, 10_000),
    start=st.integers(0, 70_000),
    length=st.integers(60, 20_000),
)
@settings(max_examples=40, deadline=None)
def test_every_trip_makes_sense(n: int, seed: int, start: int, length: int) -> None:
    trips = requests(STOPS, _weights(), n, day=(start, start + length), seed=seed)
    assert len(trips) == n
    assert [trip.revealed for trip in trips] == sorted(trip.revealed for trip in trips)
    for trip in trips:
        assert 0 <= trip.origin < len(STOPS)
        assert 0 <= trip.destination < len(STOPS)
        assert trip.origin != trip.destination
        assert start <= trip.desired < start + length
        assert trip.revealed <= trip.desired - 1_800
        assert 1 <= trip.passengers <= 4


def test_days_have_two_peaks_and_people_come_home() -> None:
    trips = requests(STOPS, _weights(), 20_000, day=(0, 86_400), seed=1)
    hours = np.bincount([trip.desired // 3600 for trip in trips], minlength=24)
    assert hours[8] > 1.5 * hours[10]
    assert hours[17] > 1.5 * hours[14]
    assert hours[3] < 0.05 * hours[8]
    out = sum(trip.origin == 3 for trip in trips if trip.desired < 43_200) / sum(
        t.desired < 43_200 for t in trips
    )
    back = sum(trip.destination == 3 for trip in trips if trip.desired >= 43_200) / sum(
        t.desired >= 43_200 for t in trips
    )
    assert out == pytest.approx(back, abs=0.05)


def test_shares_are_those_asked_for() -> None:
    trips = requests(STOPS, _weights(), 5_000, seed=1, prebooked=1.0, wheelchairs=0.5)
    assert np.mean([trip.wheelchair for trip in trips]) == pytest.approx(0.5, abs=0.05)
    assert all(trip.desired - trip.revealed >= 43_200 for trip in trips)


@pytest.mark.parametrize(("stops", "day"), [(STOPS[:1], (0, 10)), (STOPS, (10, 10))])
def test_impossible_days_are_refused(stops, day) -> None:
    with pytest.raises(ValueError, match=r"arrêts|journée"):
        requests(stops, (np.ones(len(stops)), np.ones(len(stops))), 3, day=day)
