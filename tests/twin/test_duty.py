"""The duty of the demonstration is played through the services' own actions, once."""

from __future__ import annotations

from heapq import merge

import pytest

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.services.controlroom.duty import queries
from ressort.services.controlroom.duty.cascade_models import Cascade
from ressort.services.controlroom.duty.models import DutyLine
from ressort.services.controlroom.duty.shift_models import Handover, Presence
from ressort.twin.players import duty, incidents

pytestmark = pytest.mark.django_db


def test_two_lines_one_call_of_the_night_and_a_handover(still_clock):
    home = Organisation.objects.get(pid="o_valmont")
    for name, role in (("oscar", "operator"), ("odile", "operator"), ("adele", "administrator")):
        user = User.objects.create_user(f"{name}@demo.ressort", "une-phrase", name=name.title(), is_demo=True)
        Membership.objects.create(user=user, organisation=home, role=role)
    for at, happens in merge(
        incidents.morning(still_clock), duty.morning(still_clock), key=lambda one: one[0]
    ):
        clock.simulate(at, rate=0)
        happens()
    clock.simulate(still_clock, rate=0)
    assert list(duty.morning(still_clock)) == []
    roads, elected = queries.rosters(DutyLine.objects.order_by("pk"))
    assert (roads.manned, elected.manned, roads.hole_count, elected.hole_count) == (True, True, 1, 0)
    call = Cascade.objects.get()
    assert (call.state, [step.state for step in call.steps.all()]) == ("answered", ["no", "yes"])
    assert Handover.objects.get().taken_by.name == "Oscar"
    assert Presence.objects.filter(left=None).count() == 2
