from __future__ import annotations

from pathlib import Path

import pytest

from ressort.core.network import graph, osm
from ressort.core.network.build import load
from ressort.core.network.models import NetworkVersion
from ressort.core.network.router import Router
from tests.core.network import village


@pytest.fixture(scope="session")
def village_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The village, as a sorted PBF."""
    return village.write(tmp_path_factory.mktemp("village") / "villebois.osm.pbf")


@pytest.fixture(scope="session")
def village_graph(village_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its routing tiles, built once for the session."""
    folder = tmp_path_factory.mktemp("graph")
    pbf = folder / "source.osm.pbf"
    osm.put_in_order(village_file, pbf)
    graph.build_graph(pbf, folder)
    return folder


@pytest.fixture
def router(village_graph: Path) -> Router:
    """A router on the village, without closures."""
    return Router(village_graph)


@pytest.fixture
def network(db: None, settings, tmp_path: Path, village_file: Path) -> NetworkVersion:
    """The village loaded and in service, in a folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return load(village_file, name="Villebois")
