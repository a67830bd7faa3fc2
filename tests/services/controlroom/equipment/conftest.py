"""A street: a bollard, a junction, a light, a siren and a counter; two operators."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.intake import watching
from ressort.services.controlroom.equipment import holding, playing, registering, sending
from ressort.services.controlroom.equipment.models import Asset, Command, SimulatedDevice
from tests import worlds

ROWS = (
    ("borne-1", "bollard", 0, 0),
    ("feux-1", "signal_junction", 3, 0),
    ("lampe-1", "street_light", 1, 2),
    ("sirene-1", "siren", 5, 2),
    ("comptage-1", "traffic_counter", 7, 3),
)


def operator(name: str) -> User:
    town = Organisation.objects.get(pid="o_valmont")
    user, made = User.objects.get_or_create(
        email=f"{name}@valmont.test", defaults={"name": f"{name.capitalize()} Martin", "pid": f"p_{name}"}
    )
    if made:
        Membership.objects.create(user=user, organisation=town, role="operator")
    return user


class Street:
    """The street, its operators, and two clocks that the test moves together."""

    def __init__(self) -> None:
        self.oscar, self.odile = operator("oscar"), operator("odile")
        self.wall = clock.wall_now()
        self.service = worlds.TUESDAY
        self.busy: set[str] = set()
        clock.simulate(self.service, rate=0)
        town = Organisation.objects.get(pid="o_valmont")
        added = [
            (town, {"code": code, "kind": kind, "name": code, "lon": worlds.at(x, y)[0], "lat": worlds.at(x, y)[1],
                    "device": code, "driver": "" if kind == "traffic_counter" else "simulated"})
            for code, kind, x, y in ROWS
        ]  # fmt: skip
        registering.take(worlds.person("adele"), added, source="test")
        playing.install()
        watching.deliver("controlroom.commands", sending.confirm)
        self.play()

    def asset(self, code: str) -> Asset:
        return Asset.objects.get(code=code)

    def play(self) -> None:
        playing.play(self.service, lambda asset: asset.code in self.busy, wall=self.wall)
        watching.deliver("controlroom.commands", lambda arrivals: sending.confirm(arrivals, self.wall))

    def later(self, seconds: float = 1.0) -> None:
        """Let time pass, in steps of a second at most."""
        while seconds > 0:
            part = min(1.0, seconds)
            seconds -= part
            self.wall += timedelta(seconds=part)
            self.service += timedelta(seconds=part)
            clock.simulate(self.service, rate=0)
            holding.tick(self.wall)
            self.play()

    def fault(self, code: str, fault: str) -> None:
        SimulatedDevice.objects.filter(asset__code=code).update(fault=fault)

    def now(self, command: Command) -> Command:
        command.refresh_from_db()
        return command


@pytest.fixture
def street(db, still_clock) -> Street:
    return Street()
