"""The curve of those aboard: what was driven, told every five minutes, and again as a document."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from ressort.core import clock
from ressort.services.transport import aboard, queries
from ressort.services.transport.actions import driving
from tests import worlds
from tests.services.transport.test_booking import book

pytestmark = pytest.mark.django_db


def test_a_day_without_a_ride_has_no_curve(still_clock):
    assert aboard.chart(queries.today()).moments == []


def test_a_ride_rises_and_falls(client, still_clock):
    made = book()
    tour, diane = made.promise.tour, worlds.person("diane")
    for is_pickup, at in ((True, made.promise.pickup_from), (False, made.promise.dropoff_from)):
        clock.simulate(at + timedelta(minutes=1 if is_pickup else 12), rate=0)  # a ride longer than a step
        driving.depart(diane, tour.pk)
        driving.arrive(diane, tour.pk)
        driving.serve(diane, tour.pk, tour.visits.get(is_pickup=is_pickup).pk)
    clock.simulate(at + timedelta(minutes=20), rate=0)
    chart = aboard.chart(queries.today())
    people, vans = (list(one.values) for one in chart.series)
    assert people[0] == 0
    assert max(people) == made.promise.seats
    assert people[-1] == 0, "everybody got off"
    assert max(vans) <= 1
    assert len(people) == len(vans) == len(chart.moments)
    steps = {later - sooner for sooner, later in zip(chart.moments, chart.moments[1:], strict=False)}
    assert steps <= {timedelta(minutes=5)}
    assert len(chart.table) <= 12
    client.force_login(worlds.person("diane"))
    found = client.get(chart.source).json()
    assert found["rows"][0] == people
    assert len(found["hours"]) == len(people)
    assert "data-live-chart" in client.get(reverse("transport:indicators")).content.decode()


def test_the_changes_count_from_the_moment_they_happen():
    start = worlds.TUESDAY
    moments = [start + timedelta(minutes=5 * step) for step in range(4)]
    changes = [(start + timedelta(minutes=5), 2), (start + timedelta(minutes=11), -2)]
    assert aboard._at(changes, moments) == [0.0, 2.0, 2.0, 0.0]


def test_a_van_is_busy_from_its_first_rider_to_its_last():
    at = [worlds.TUESDAY + timedelta(minutes=step) for step in range(4)]
    calls = [(at[0], True, 7, 1, 0), (at[1], True, 7, 1, 0), (at[2], False, 7, 1, 0), (at[3], False, 7, 1, 0)]
    assert aboard._busy(calls) == [(at[0], 1), (at[3], -1)]


def test_only_those_who_watch_over_the_service_read_it(client, still_clock):
    client.force_login(worlds.person("rosa"))
    assert client.get(reverse("transport:aboard")).status_code == 403
