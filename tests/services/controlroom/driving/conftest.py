"""A yard where commands really leave: on the world's clock, to devices behind real servers on this machine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core.accounts.models import Organisation
from ressort.core.clock import wall_now
from ressort.core.intake import watching
from ressort.services.controlroom.driving import rounds
from ressort.services.controlroom.driving import wiring as wirings
from ressort.services.controlroom.equipment import asking, holding, registering, sending
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.shadow.models import Trial
from tests import worlds
from tests.services.controlroom.driving.device import Server
from tests.services.controlroom.equipment.conftest import operator

HTTP = {
    "method": "POST",
    "path": "/bornes/{device}/ordres",
    "status_path": "/bornes/{device}/etat",
    "words": "lower = ABAISSER\nraise = MONTER",
    "readings": "position = etat.pos (BAS: down, HAUT: up)\nloop = etat.boucle",
}


class Yard:
    """Two posts, their administrator and an operator."""

    def __init__(self):
        self.adele, self.oscar, self.odile = worlds.person("adele"), operator("oscar"), operator("odile")
        town = Organisation.objects.get(pid="o_valmont")
        added = [
            (town, {"code": code, "kind": "bollard", "name": code, "lon": 5.0, "lat": 47.0, "device": code})
            for code in ("borne-1", "borne-2")
        ]
        registering.take(self.adele, added, source="test")
        watching.deliver("controlroom.commands", sending.confirm)

    def asset(self, code="borne-1"):
        return Asset.objects.get(code=code)

    def declare(self, base, **more):
        fields = {"name": "Passerelle", "base": base, "timeout": 1, **more}
        return wirings.declare(self.adele, fields)

    def by_http(self, base, code="borne-1", **more):
        address = self.declare(base, **more)
        wirings.wire(self.adele, self.asset(code).pid, "http", {**HTTP, "address": address.pid})
        self.real()

    @staticmethod
    def real():
        """Let every driver act: trials are tested elsewhere."""
        Trial.objects.update(real=True)

    def ask(self, verb="lower", code="borne-1", **more):
        return asking.ask(self.oscar, self.asset(code).pid, verb, reason="Convoi", **more)

    def turn(self, seconds=0.0):
        """Let a round pass, as if so many seconds had."""
        now = wall_now() + timedelta(seconds=seconds)
        holding.tick(now)
        rounds.tick()
        self.look()

    def look(self):
        watching.deliver("controlroom.commands", sending.confirm)

    def now(self, command):
        command.refresh_from_db()
        return command


@pytest.fixture
def yard(db, settings):
    settings.DEVICE_LOOPBACK, settings.DRIVER_THREADS = True, 0
    return Yard()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()
