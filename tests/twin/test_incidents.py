"""The demonstration's control room: there once, whatever is asked; with a clock that runs out."""

from __future__ import annotations

import pytest

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.services.controlroom.incidents import queries
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Playbook, Run
from ressort.twin.players import incidents

pytestmark = pytest.mark.django_db


def test_the_morning_is_lived_once_and_in_order(still_clock):
    home = Organisation.objects.get(pid="o_valmont")
    for name, role in (("Oscar", "operator"), ("Odile", "operator"), ("Ada", "administrator")):
        user = User.objects.create_user(f"{name}@demo.ressort", None, name=name, is_demo=True)
        Membership.objects.create(user=user, organisation=home, role=role)
    moments = []
    for at, happens in incidents.morning(still_clock):
        clock.simulate(at, rate=0)
        happens()
        moments.append(at)
    clock.simulate(still_clock, rate=0)
    assert moments == sorted(moments)
    assert moments[-1] < still_clock
    assert list(incidents.morning(still_clock)) == []
    assert Incident.objects.count() == len(incidents.INCIDENTS)
    assert Playbook.objects.filter(state="published").count() == len(incidents.BOOKS)
    assert all(not one.procedure.faults for one in Playbook.objects.all())
    oscar = User.objects.get(name="Oscar")
    board = queries.board(oscar)
    assert board[0].incident.category == "safety"
    assert {one.clock.state for one in board} >= {"running", "soon"}
    assert Run.objects.get().current.kind == "wait"
    assert Incident.objects.filter(state="closed").count() == 1
