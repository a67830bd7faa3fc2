"""A straight street with three junctions and a post, which answers; two operators and a declared emergency or not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.accounts.models import Organisation
from ressort.core.intake import watching
from ressort.services.controlroom.corridors import planning, working
from ressort.services.controlroom.corridors.models import Corridor
from ressort.services.controlroom.equipment import holding, playing, registering, sending
from ressort.services.controlroom.equipment.models import Command
from tests import worlds
from tests.services.controlroom.equipment.conftest import Street

ON = (
    ("feux-a", "signal_junction", 2, 0),
    ("feux-b", "signal_junction", 4, 0),
    ("feux-c", "signal_junction", 6, 0),
)
POST = ("poteau", "bollard", 5, 0)


class Way(Street):
    """The street of the equipment, with more on it, and the loop of corridors beside that of commands."""

    def __init__(self) -> None:
        super().__init__()
        town = Organisation.objects.get(pid="o_valmont")
        added = [
            (town, {"code": code, "kind": kind, "name": code, "lon": worlds.at(x, y)[0], "lat": worlds.at(x, y)[1],
                    "device": code, "driver": "simulated"})
            for code, kind, x, y in (*ON, POST)
        ]  # fmt: skip
        registering.take(worlds.person("adele"), added, source="test")
        playing.install()
        self.play()
        self.watched: str = ""

    def later(self, seconds: float = 1.0) -> None:
        while seconds > 0:
            part = min(1.0, seconds)
            seconds -= part
            self.wall += timedelta(seconds=part)
            self.service += timedelta(seconds=part)
            clock.simulate(self.service, rate=0)
            if self.watched:
                from ressort.services.controlroom.corridors import opening

                found = Corridor.objects.get(pid=self.watched)
                if found.state == Corridor.State.OPEN:
                    opening.renew(self.oscar, self.watched, now=self.wall)
            working.tick(self.wall)
            holding.tick(self.wall)
            self.play()

    def play(self) -> None:
        playing.play(self.service, lambda asset: asset.code in self.busy, wall=self.wall)
        watching.deliver("controlroom.commands", lambda arrivals: sending.confirm(arrivals, self.wall))

    def end(self, x: float, y: float) -> planning.End:
        lon, lat = worlds.at(x, y)
        return planning.End(f"{x}, {y}", lon, lat)

    def plan(self, **more) -> Corridor:
        draft = planning.Draft(self.end(0, 0), self.end(7, 0), "Feu d'appartement", **more)
        return planning.plan(self.oscar, draft, now=self.wall)

    def loop(self, **more) -> Corridor:
        """Plan a way that passes feux-b twice: along the street, round the block, and across it."""
        from ressort.engines import corridor as engine

        line = [worlds.at(*one) for one in ((2, 0), (6, 0), (6, 2), (4, 2), (4, -2))]
        made = self.plan(**more)
        way = engine.paced(line, [(0, 120)])
        made.items.all().delete()
        found = planning.on_the_way(way)
        for number, one in enumerate(found, 1):
            one.corridor, one.number = made, number
            one.save()
        made.line = [[*point, round(at, 1)] for point, at in zip(way.line, way.seconds, strict=True)]
        made.seconds, made.metres = 120, 99_999
        made.save()
        return made

    def item(self, corridor: Corridor, code: str):
        return corridor.items.select_related("command", "asset").get(asset__code=code)

    def commands(self, corridor: Corridor):
        return Command.objects.filter(within=corridor.pid)


@pytest.fixture
def way(db, still_clock) -> Way:
    return Way()
