"""A way that passes the same junction twice: asked for each time by its branch, given back behind the last."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.services.controlroom.corridors import opening
from ressort.services.controlroom.corridors.models import Corridor
from ressort.services.controlroom.equipment.models import Asset, Command, Emergency
from tests import worlds

pytestmark = pytest.mark.django_db
BRANCHES = {"approaches": {"1": [90, 270], "2": [0, 180]}}


def opened(way, **more):
    Emergency.objects.create(by="p_oscar", reason="x", since=way.wall, until=way.wall + timedelta(minutes=60))
    Asset.objects.filter(code="feux-b").update(parameters=BRANCHES)
    found = way.loop(**more)
    opening.open_corridor(way.oscar, found.pid, now=way.wall)
    way.watched = found.pid
    return found


def asked(way):
    """Return what was asked of the junction, in order."""
    rows = Command.objects.filter(asset__code="feux-b").order_by("pk")
    return [(one.verb, one.params.get("approach")) for one in rows]


def both(found):
    return list(found.items.filter(asset__code="feux-b").select_related("command").order_by("number"))


def test_a_junction_passed_twice_is_two_passages_each_with_its_branch(way):
    found = opened(way, lead=15, margin=10)
    first, second = both(found)
    assert (first.params, second.params) == ({"approach": 1}, {"approach": 2})
    assert second.seconds - first.seconds == pytest.approx(80, abs=3)
    while Corridor.objects.get(pk=found.pk).state == Corridor.State.OPEN:
        way.later(2)
    assert asked(way) == [("priority", 1), ("normal", None), ("priority", 2), ("normal", None)]
    assert all(one.freed is not None for one in both(found))


def test_what_is_passed_again_soon_is_not_given_back_in_between(way):
    found = opened(way, lead=40, margin=20)
    while Corridor.objects.get(pk=found.pk).state == Corridor.State.OPEN:
        way.later(2)
        __, second = both(found)
        if second.freed is None:
            assert ("normal", None) not in asked(way)
    assert asked(way) == [("priority", 1), ("priority", 2), ("normal", None)]


def test_the_second_branch_waits_until_the_vehicle_has_passed_by_the_first(way):
    found = opened(way, lead=90, margin=120)
    way.later(60)  # the second is due already; nobody has said that the first was passed
    assert asked(way) == [("priority", 1)]
    assert both(found)[1].command is None
    opening.passed(way.oscar, found.pid, both(found)[0].number, now=way.wall)
    way.later(10)
    first, second = both(found)
    assert asked(way) == [("priority", 1), ("priority", 2)]
    assert first.passed is not None
    assert second.passed is None
    opening.not_passed(way.oscar, found.pid, first.number, 0, now=way.wall)
    way.later(10)
    assert asked(way)[-1] == ("priority", 1)
    assert both(found)[1].command is None
    opening.release(way.oscar, found.pid, now=way.wall)
    way.later(40)
    assert asked(way)[-1] == ("normal", None)
    assert not Command.objects.filter(held=True).exists()


def test_a_position_at_the_crossing_is_that_of_the_passage_that_is_due(way):
    found = opened(way, lead=15, margin=10)
    way.later(20)
    opening.observe_position(way.oscar, found.pid, *worlds.at(4, 0), now=way.wall)
    assert [one.passed is not None for one in both(found)] == [True, False]
    way.later(75)
    opening.observe_position(way.oscar, found.pid, *worlds.at(4, 0.02), now=way.wall)
    way.later(2)
    opening.observe_position(way.oscar, found.pid, *worlds.at(4, -0.05), now=way.wall)
    assert [one.passed is not None for one in both(found)] == [True, True]
