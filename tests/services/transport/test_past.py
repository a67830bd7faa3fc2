"""Where vehicles were: at their depot, on their way, at a stop, as drivers noted it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ressort.core import clock
from ressort.core.fleet.models import Visit
from ressort.services.transport import past
from ressort.services.transport.actions import driving
from tests import worlds
from tests.services.transport.test_booking import book
from tests.services.transport.test_driving import own

WAY = st.lists(st.tuples(st.floats(4.9, 5.1), st.floats(47.2, 47.4)), min_size=1, max_size=8)


@given(WAY, st.floats(-1, 2))
def test_a_point_along_a_way_is_on_it(way, share):
    lon, lat, heading = past.along(way, share)
    assert min(p[0] for p in way) - 1e-9 <= lon <= max(p[0] for p in way) + 1e-9
    assert min(p[1] for p in way) - 1e-9 <= lat <= max(p[1] for p in way) + 1e-9
    assert 0 <= heading < 360


def test_half_of_a_straight_way_is_its_middle():
    assert past.along([(5.0, 47.0), (5.0, 47.2), (5.0, 47.4)], 0.5)[:2] == pytest.approx((5.0, 47.2))
    assert past.along([(5.0, 47.0), (5.0, 47.4)], 0.25) == pytest.approx((5.0, 47.1, 0.0))


@pytest.mark.django_db
def test_a_vehicle_is_seen_again_where_it_was(still_clock):
    made = own(book())
    tour, diane = made.promise.tour, worlds.person("diane")
    depot = tour.shift.vehicle.depot

    def where(at):
        found = past.vehicles_geojson(at)["features"]
        (one,) = [f for f in found if f["properties"]["id"] == str(tour.pk)]
        return one["geometry"]["coordinates"], one["properties"]["state"], one["properties"]["aboard"]

    start = worlds.TUESDAY
    visit = driving.depart(diane, tour.pk)
    clock.simulate(start + timedelta(minutes=4), rate=0)
    driving.arrive(diane, tour.pk)
    clock.simulate(start + timedelta(minutes=5), rate=0)
    driving.serve(diane, tour.pk, Visit.objects.get(pk=visit.pk).pk)
    stop = [round(made.promise.pickup.lon, 6), round(made.promise.pickup.lat, 6)]
    assert where(start - timedelta(minutes=1)) == ([depot.lon, depot.lat], "waiting", 0)
    at, state, aboard = where(start + timedelta(minutes=2))
    assert (state, aboard) == ("moving", 0)
    assert at not in (stop, [depot.lon, depot.lat])
    assert where(start + timedelta(minutes=4, seconds=30)) == (stop, "serving", 0)
    assert where(start + timedelta(minutes=6)) == (stop, "waiting", 1)
