"""A post on the way that lies: the vehicle is not told that it is open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core.intake import watching
from ressort.services.controlroom.corridors import opening, past, queries
from ressort.services.controlroom.corridors.models import Corridor
from ressort.services.controlroom.equipment import witnesses, witnessing
from ressort.services.controlroom.equipment.models import Asset, Command, Emergency
from tests import worlds

pytestmark = pytest.mark.django_db


def test_what_its_witness_contradicts_is_not_said_to_be_open(way):
    asset = Asset.objects.get(code="poteau")
    witnesses.tie(worlds.person("adele"), asset.pid, "oeil-1")
    watching.deliver("controlroom.witnesses", witnessing.judge)
    way.fault("poteau", "lying")
    Emergency.objects.create(by="p_oscar", reason="x", since=way.wall, until=way.wall + timedelta(minutes=60))
    found = way.plan(lead=90, margin=120)
    opening.open_corridor(way.oscar, found.pid, now=way.wall)
    way.watched = found.pid
    for _second in range(60):
        way.later(1)
        watching.deliver("controlroom.witnesses", witnessing.judge)
    now = Corridor.objects.get(pk=found.pk)
    (post,) = [one for one in queries.shown(now, way.wall) if one.name == "poteau"]
    assert (post.code, post.word) == ("failed", "Contredite par le témoin")
    assert way.item(found, "poteau").command.state == Command.State.CONFIRMED
    (was,) = past.open_at(way.service, found.pid)
    (then,) = [one for one in past.shown(was, way.service)[1] if one.name == "poteau"]
    assert then.code == "failed"
