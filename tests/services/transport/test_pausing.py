"""Transport pauses as a situation opens, and takes it back as it ends; an exercise only says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from ressort.core.accounts.models import Membership, User
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal.models import Event
from ressort.services.controlroom.incidents.actions import situations
from ressort.services.transport import access, pausing
from ressort.services.transport.models import Pause
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(still_clock):
    from ressort.core.accounts.models import Organisation

    found = User.objects.create_user(
        "oscar@valmont.test", worlds.PASSWORD, name="Oscar Martin", pid="p_oscar"
    )
    Membership.objects.create(
        user=found, organisation=Organisation.objects.get(pid="o_valmont"), role="operator"
    )
    return found


@pytest.fixture
def declare(operator):
    def make(**more):
        given = {
            "kind": "heat",
            "level": "alert",
            "headline": "Canicule",
            "presets": ("transport.hot_hours",),
            **more,
        }
        made = situations.declare(operator, situations.Declaration(**given))
        react()
        return made

    return make


def react():
    for event in Event.objects.filter(kind__startswith="controlroom.situation").order_by("seq"):
        pausing.react(event)
        pausing.react(event)  # at least once: twice is once


def spans(day=None):
    offering = access.in_force(service_now())
    day = day or access.local(service_now()).date()
    return [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in access.openings(offering, day)]


def kinds():
    return list(
        Event.objects.filter(kind__startswith="transport.pause")
        .order_by("seq")
        .values_list("kind", flat=True)
    )


def test_the_hot_hours_are_taken_out_and_given_back(declare, operator):
    before = spans()
    made = declare()
    assert spans() != before
    assert not any(start < "17:00" and end > "12:00" for start, end in spans())
    noon = access.local(service_now()).replace(hour=14, minute=0)
    with pytest.raises(Refused, match="de 12") as refused:
        access.check_open(access.in_force(noon), noon)
    assert refused.value.code == "paused"
    situations.close(operator, made.pid)
    react()
    assert spans() == before
    assert kinds() == ["transport.pause.began", "transport.pause.ended"]


def test_an_exercise_pauses_nothing_and_says_so(declare, client):
    before = spans()
    declare(exercise=True)
    assert spans() == before
    said = client.get(reverse("transport:home")).content.decode()
    assert "EXERCICE" in said
    assert "réservez comme d" in said


def test_without_an_expected_end_it_holds_a_day_ahead_with_one_until_then(declare, operator):
    week = access.local(service_now()).date() + timedelta(days=7)
    before = spans(week)
    made = declare()
    assert spans(week) == before
    situations.change(operator, made.pid, level="alert", headline="Canicule", instruction="",
                      until=service_now() + timedelta(days=8))  # fmt: skip
    react()
    assert Pause.objects.get().until is not None
    assert kinds()[-1] == "transport.pause.changed"
    assert spans(week) != before


def test_a_standstill_leaves_nothing_to_book(declare):
    declare(kind="flood", presets=("transport.standstill",))
    later = service_now() + timedelta(hours=2)
    with pytest.raises(Refused, match="tant que la situation dure"):
        access.check_open(access.in_force(later), later)


def test_a_preset_that_nobody_offers_is_refused(declare):
    with pytest.raises(Refused, match="liste"):
        declare(presets=("transport.fly",))


def test_the_page_of_the_situation_says_what_stands_and_that_it_was_taken_back(declare, operator, client):
    made = declare(exercise=True)
    client.force_login(operator, backend="ressort.core.accounts.backends.EmailBackend")
    address = reverse("controlroom:situation", args=[made.pid])
    assert "aucun trajet" in client.get(address).content.decode()
    situations.close(operator, made.pid)
    react()
    assert "Repris : tout est comme avant." in client.get(address).content.decode().replace(
        "\u202f", " "
    ).replace("\xa0", " ")
