"""Simulated junctions: their plan, holds and flashing from the control room, and the picture of their lamps."""

from __future__ import annotations

import pytest

from ressort.engines import signals
from ressort.services.controlroom.equipment import asking, junctions, stages, states
from ressort.services.controlroom.equipment.models import Command
from tests.services.controlroom.equipment.test_commands import ask
from tests.services.controlroom.equipment.test_pages import sign_in
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
State = Command.State


def agreed(street, verb, params=None):
    command = ask(street, "feux-1", verb, params)
    return asking.approve(street.odile, command.pid, now=street.wall)


def test_the_crossing_has_no_fault():
    assert signals.faults(junctions.CROSSING) == []


def test_a_plan_is_changed_by_one_person(street):
    command = ask(street, "feux-1", "plan", {"plan": 3})
    street.later(5)
    assert street.now(command).state == State.CONFIRMED
    assert "de nuit" in stages.picture(street.asset("feux-1"), street.service).plan


def test_priority_is_confirmed_when_the_green_is_given_not_before(street):
    street.later(31)
    command = agreed(street, "priority", {"approach": 2})
    street.later(2)
    assert street.now(command).state == State.ACCEPTED
    street.later(30)
    assert street.now(command).state == State.CONFIRMED
    shown = stages.picture(street.asset("feux-1"), street.service)
    assert shown.rows[1].lamp == "green"
    street.later(130)
    assert states.of(street.asset("feux-1"))["mode"].value == "normal"


def test_a_phase_is_held_and_let_go(street):
    command = agreed(street, "hold")
    street.later(30)
    assert street.now(command).state == State.CONFIRMED
    back = ask(street, "feux-1", "normal")
    street.later(10)
    assert street.now(back).state == State.CONFIRMED


def test_the_monitor_of_the_junction_keeps_the_last_word(street):
    street.later(31)
    street.fault("feux-1", "conflict")
    street.later(90)
    seen = states.of(street.asset("feux-1"))
    assert (seen["mode"].value, seen["fault"].value) == ("flashing", True)
    shown = stages.picture(street.asset("feux-1"), street.service)
    assert shown.tripped
    assert {row.lamp for row in shown.rows} == {"flashing"}
    street.fault("feux-1", "")
    ask(street, "feux-1", "normal")
    street.later(30)
    assert states.of(street.asset("feux-1"))["fault"].value is False


def test_the_page_draws_the_lamps_with_words(client, street):
    sign_in(client, street.oscar)
    page = client.get(f"/console/poste/equipements/{street.asset('feux-1').pid}/")
    check(page)
    text = page.content.decode()
    assert "Voie principale" in text
    assert "<rect" in text
    assert "Plan" in text
