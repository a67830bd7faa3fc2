"""The demonstration's control room: there once, whatever is asked; with a clock that runs out."""

from __future__ import annotations

import pytest

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.journal import chain
from ressort.services.controlroom.incidents import queries
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Playbook, Run
from ressort.twin.players import incidents

pytestmark = pytest.mark.django_db


def test_it_is_furnished_once_and_the_clock_is_where_it_was(still_clock):
    home = Organisation.objects.get(pid="o_valmont")
    for name, role in (("Oscar", "operator"), ("Odile", "operator"), ("Ada", "administrator")):
        user = User.objects.create_user(f"{name}@demo.ressort", None, name=name, is_demo=True)
        Membership.objects.create(user=user, organisation=home, role=role)
    assert incidents.furnish() == len(incidents.INCIDENTS)
    assert incidents.furnish() == 0
    assert clock.service_now() == still_clock
    assert Playbook.objects.filter(state="published").count() == len(incidents.BOOKS)
    assert all(not one.procedure.faults for one in Playbook.objects.all())
    oscar = User.objects.get(name="Oscar")
    board = queries.board(oscar)
    assert [one.incident.category for one in board][0] == "safety"
    assert {one.clock.state for one in board} >= {"running", "soon"}
    assert Run.objects.get().current.kind == "wait"
    assert Incident.objects.filter(state="closed").count() == 1
    assert not list(chain.verify()) if hasattr(chain, "verify") else True
