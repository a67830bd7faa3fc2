"""The demonstration's field crews: there once, one played, one left to the visitor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.services.controlroom.contacts import queries as contacts
from ressort.services.controlroom.orders import queries
from ressort.services.controlroom.orders.models import WorkOrder
from ressort.twin.players import crews

pytestmark = pytest.mark.django_db


def test_the_morning_is_lived_once_then_one_crew_goes_on_alone(still_clock):
    home = Organisation.objects.get(pid="o_valmont")
    for name, role in (("oscar", "operator"), ("agathe", "agent"), ("victor", ""), ("elodie", "")):
        user = User.objects.create_user(f"{name}@demo.ressort", None, name=name, is_demo=True)
        if role:
            Membership.objects.create(user=user, organisation=home, role=role)
    moments = []
    for at, happens in crews.morning(still_clock):
        clock.simulate(at, rate=0)
        happens()
        moments.append(at)
    clock.simulate(still_clock, rate=0)
    assert moments == sorted(moments)
    assert moments[-1] < still_clock
    assert list(crews.morning(still_clock)) == []
    states = list(WorkOrder.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["done", "accepted", "accepted", "assigned", "declined", "accepted", "drafted"]
    oscar, victor, elodie, agathe = (
        User.objects.get(name=name) for name in ("oscar", "victor", "elodie", "agathe")
    )
    assert queries.counts(oscar) == {"free": 2, "held": 4, "late": 1, "check": 1}
    assert len(queries.today(victor).waiting) == 1
    assert len(contacts.waiting(agathe)) == 1
    for _n in range(12):
        clock.simulate(clock.service_now() + timedelta(minutes=5), rate=0)
        crews.play(clock.service_now())
    assert not queries.today(elodie).going
    assert len(queries.today(victor).waiting) == 1
    assert crews.play(clock.service_now()) == 0
