from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ressort.core.network import graph, osm
from ressort.core.network.answers import UNREACHABLE
from ressort.core.network.router import Route, Router
from ressort.twin.town import TownSummary, facts, grow

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> TownSummary:
    """The demo's town, grown once."""
    return grow(seed=1, out=tmp_path_factory.mktemp("town") / "town.osm.pbf")


@pytest.fixture(scope="module")
def extract(town: TownSummary) -> osm.Extract:
    """The town as it is read."""
    return osm.read(town.file)


def test_the_town_has_the_size_asked_for(town: TownSummary) -> None:
    assert 8_000 <= town.segments <= 20_000
    assert town.stops >= 300
    assert town.addresses >= 20_000
    assert town.signals >= 100
    assert town.bollards >= 30


def test_it_holds_what_a_town_holds(extract: osm.Extract) -> None:
    counts = extract.counts()
    assert counts["town_hall"] == counts["place"] == len(facts.COMMUNES)
    assert counts["hospital"] == len(facts.HOSPITALS)
    assert counts["fire_station"] == len(facts.FIRE_STATIONS)
    assert min(counts["school"], counts["pharmacy"], counts["crossing"]) > 30
    classes = {road.cls for road in extract.roads}
    assert classes >= {"trunk", "primary", "secondary", "tertiary", "residential", "pedestrian"}
    assert {boundary.code for boundary in extract.boundaries} == {commune.code for commune in facts.COMMUNES}
    layers = {(shape.layer, shape.cls.split("+")[0]) for shape in extract.shapes}
    assert layers >= {
        ("water", "river"),
        ("rail", "rail"),
        ("landuse", "wood"),
        ("landuse", "park"),
        ("building", "building"),
    }


def test_cars_get_everywhere_and_back(town: TownSummary, extract: osm.Extract, tmp_path: Path) -> None:
    graph.build_graph(town.file, tmp_path)
    router = Router(tmp_path)
    stops = [(point.lon, point.lat) for point in extract.points if point.kind == "stop"]
    rng = np.random.default_rng(0)
    some = [stops[i] for i in rng.choice(len(stops), 60, replace=False)]
    seconds, metres = router.matrix(some, some)
    assert (seconds != UNREACHABLE).all()
    assert metres.max() > 12_000
    # The old centre is closed to cars by bollards, which an ambulance passes.
    centre, outside = (facts.CENTRE[0], facts.CENTRE[1]), some[0]
    assert isinstance(router.route([outside, centre], "emergency"), Route)
    snapped = router.snap(centre)
    assert snapped is not None
    assert snapped.distance > 100


def test_streets_are_named_once_per_commune(extract: osm.Extract) -> None:
    named = sum(
        bool(road.name) for road in extract.roads if road.cls in {"residential", "tertiary", "secondary"}
    )
    assert named > 0.95 * sum(road.cls in {"residential", "tertiary", "secondary"} for road in extract.roads)
    addresses = {(a.number, a.street, a.city) for a in extract.addresses}
    assert len(addresses) == len(extract.addresses)


def test_the_same_seed_gives_the_same_bytes(town: TownSummary, tmp_path: Path) -> None:
    again = grow(seed=1, out=tmp_path / "again.osm.pbf")
    assert again.file.read_bytes() == town.file.read_bytes()


def test_growth_can_be_stopped(tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(_step: str, _done: float) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        grow(seed=1, out=tmp_path / "t.osm.pbf", progress=stop)
    assert not (tmp_path / "t.osm.pbf").exists()
