"""Faults put on simulated devices from the screen."""

from __future__ import annotations

import pytest

from ressort.core.errors import Refused
from ressort.services.controlroom.driving import faults
from ressort.services.controlroom.equipment.models import Command, SimulatedDevice
from tests import worlds
from tests.services.controlroom.equipment.conftest import street  # noqa: F401 - a fixture
from tests.services.controlroom.equipment.test_commands import ask
from tests.services.controlroom.equipment.test_pages import sign_in
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db


def test_an_administrator_spoils_a_device_and_puts_it_right(client, street):  # noqa: F811
    sign_in(client, worlds.person("adele"))
    lamp = street.asset("lampe-1")
    check(client.get("/console/poste/pannes/"))
    assert client.post(f"/console/poste/pannes/{lamp.pid}/", {"fault": "off"}).status_code == 302
    check(client.get("/console/poste/pannes/"))
    command = ask(street, "lampe-1", "dim", {"level": 50})
    street.later(30)
    assert street.now(command).state == Command.State.TIMED_OUT
    assert client.post(f"/console/poste/pannes/{lamp.pid}/", {"fault": ""}).status_code == 302
    assert not SimulatedDevice.objects.exclude(fault="").exists()
    assert client.post("/console/poste/pannes/e_x/", {"fault": ""}).status_code == 404
    sign_in(client, street.oscar)
    assert client.get("/console/poste/pannes/").status_code == 403


@pytest.mark.parametrize("fault", ["conflict", "mute_loop", "x"])
def test_a_class_has_its_own_faults(street, fault):  # noqa: F811
    with pytest.raises(Refused):
        faults.spoil(worlds.person("adele"), street.asset("lampe-1").pid, fault)


def test_without_a_simulated_device_the_page_teaches(client, db):
    sign_in(client, worlds.person("adele"))
    assert "simulé" in client.get("/console/poste/pannes/").content.decode()
