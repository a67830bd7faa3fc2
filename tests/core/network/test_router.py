from __future__ import annotations

import datetime as dt
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely

from ressort.core.network.edges import Speed
from ressort.core.network.router import UNREACHABLE, Route, Router, Unreachable
from tests.core.network import village

LATER = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def _street(row: int, start: float = 0, end: float = 5) -> shapely.LineString:
    return shapely.LineString([village.at(start, row), village.at(end, row)])


def test_a_route_has_time_length_geometry_and_french_words(router: Router) -> None:
    found = router.route([village.at(0, 0), village.at(3, 3)])
    assert isinstance(found, Route)
    assert found.metres == pytest.approx(1_200, rel=0.02)
    assert 60 < found.seconds < 400
    assert found.geometry[0] == pytest.approx(village.at(0, 0), abs=1e-4)
    assert found.geometry[-1] == pytest.approx(village.at(3, 3), abs=1e-4)
    words = " ".join(step.text for step in found.legs[0].instructions)
    assert "Tournez à" in words
    assert any(step.street.startswith("Rue ") for step in found.legs[0].instructions)


def test_legs_follow_one_another_along_the_geometry(router: Router) -> None:
    found = router.route([village.at(0, 0), village.at(2, 0), village.at(2, 1)])
    assert isinstance(found, Route)
    first, second = found.legs
    assert first.metres + second.metres == pytest.approx(found.metres, abs=3)
    assert found.geometry[second.begin] == pytest.approx(village.at(2, 0), abs=1e-4)


def test_one_point_is_a_mistake(router: Router) -> None:
    with pytest.raises(ValueError, match="deux points"):
        router.route([village.at(0, 0)])
    with pytest.raises(ValueError, match="inconnu"):
        router.route([village.at(0, 0), village.at(1, 1)], "licorne")


def test_what_cannot_be_reached_is_a_value(router: Router) -> None:
    pocket, nowhere = village.at(9.2, 9), (2.0, 48.0)
    assert isinstance(router.route([village.at(0, 0), pocket]), Unreachable)
    away = router.route([village.at(0, 0), nowhere])
    assert isinstance(away, Unreachable)
    assert away.code == "no-street"
    seconds, metres = router.matrix([village.at(0, 0), nowhere], [village.at(3, 0), pocket])
    assert seconds[0, 0] > 0
    assert seconds[0, 1] == seconds[1, 0] == metres[1, 1] == UNREACHABLE
    assert router.snap(nowhere) is None
    assert router.isochrone(nowhere, [5]) is None


def test_a_point_is_brought_to_its_street(router: Router) -> None:
    found = router.snap(village.at(1.5, 3.1))
    assert found is not None
    assert found.street == "Rue du Nord 3"
    assert found.distance == pytest.approx(20, abs=2)


def test_bollards_stop_cars_but_not_walkers_nor_ambulances(router: Router) -> None:
    ends = [village.at(2.2, 2), village.at(2.8, 2)]
    lengths = {}
    for profile in ("car", "van", "emergency", "foot"):
        found = router.route(ends, profile)
        assert isinstance(found, Route)
        lengths[profile] = found.metres
    assert lengths["foot"] == pytest.approx(120, abs=5)
    assert lengths["emergency"] == pytest.approx(120, abs=5)
    assert lengths["car"] > 400
    assert lengths["van"] > 400


def test_matrix_and_routes_agree(router: Router) -> None:
    points = [village.at(0.3, 0), village.at(4.6, 5), village.at(1, 4.4), village.at(5, 1.7)]
    seconds, metres = router.matrix(points, points)
    assert (np.diag(seconds) == 0).all()
    for i, source in enumerate(points):
        for j, target in enumerate(points):
            if i != j:
                found = router.route([source, target], at=LATER)
                assert isinstance(found, Route)
                assert seconds[i, j] == pytest.approx(found.seconds, abs=0.1 * found.seconds + 5)
                assert metres[i, j] == pytest.approx(found.metres, rel=0.15, abs=10)


def test_many_sources_to_one_target_is_the_same_question(router: Router) -> None:
    points = [village.at(c * 0.7 % 5, r) for c in range(8) for r in range(6)]
    whole, _ = router.matrix(points, points)
    column, _ = router.matrix(points, points[:1])
    assert (column[:, 0] == whole[:, 0]).all()


def test_a_large_matrix_is_computed_apart_with_progress_and_is_the_same(router: Router, monkeypatch) -> None:
    points = [village.at(c * 0.31 % 5, r) for c in range(10) for r in range(4)]
    here = router.matrix(points, points)
    monkeypatch.setattr("ressort.core.network.router._IN_PROCESS", 10)
    seen: list[float] = []
    apart = router.matrix(points, points, progress=lambda _step, done: seen.append(done))
    assert seen[-1] == 1.0
    assert (here[0] == apart[0]).all()
    assert (here[1] == apart[1]).all()


def test_a_closed_street_is_avoided_at_once(village_graph: Path) -> None:
    closed: list[tuple[shapely.Geometry, frozenset[str]]] = []
    router = Router(village_graph, closures=lambda _at: closed)
    ends = [village.at(0.5, 0), village.at(4.5, 0)]
    before = router.route(ends)
    closed.append((_street(0, 2, 3), frozenset({"car"})))
    after = router.route(ends)
    assert isinstance(before, Route)
    assert isinstance(after, Route)
    assert after.metres > before.metres + 300
    middle = shapely.Point(village.at(2.5, 0))
    assert shapely.LineString(before.geometry).distance(middle) < 1e-5
    assert shapely.LineString(after.geometry).distance(middle) > 1e-4
    # The matrix obeys, and those whom the closure does not stop pass.
    assert router.matrix(ends[:1], ends[1:])[1][0, 0] == pytest.approx(after.metres, rel=0.1)
    assert router.route(ends, "foot").metres == pytest.approx(before.metres, abs=5)


def test_a_closed_area_is_avoided(router: Router) -> None:
    ends = [village.at(0.5, 0), village.at(4.5, 0)]
    area = shapely.Point(village.at(2.5, 0)).buffer(0.0006)
    found = router.route(ends, closures=[area])
    assert isinstance(found, Route)
    assert not shapely.LineString(found.geometry).intersects(area)


def test_a_closure_holds_at_its_hour_only(village_graph: Path) -> None:
    noon = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)

    def at_noon(at: dt.datetime | None):
        return [(_street(0, 2, 3), frozenset({"car"}))] if at == noon else []

    router = Router(village_graph, closures=at_noon)
    ends = [village.at(0.5, 0), village.at(4.5, 0)]
    assert router.route(ends, at=noon).metres > router.route(ends, at=LATER).metres + 300


def test_live_speeds_slow_the_next_route_and_go_away(village_graph: Path) -> None:
    router = Router(village_graph)
    ends = [village.at(0.2, 0), village.at(4.8, 0)]
    usual = router.route(ends)
    try:
        touched = router.edges.write_speeds([Speed(router.edges.along(_street(r)), 6.0) for r in range(6)])
        slow = router.route(ends)
        planned = router.route(ends, at=LATER)
    finally:
        router.edges.write_speeds([])
    assert touched > 20
    assert isinstance(usual, Route)
    assert isinstance(slow, Route)
    assert slow.seconds > 1.5 * usual.seconds
    assert planned.seconds == pytest.approx(usual.seconds, rel=0.1)
    assert router.route(ends).seconds == usual.seconds


def test_threads_share_a_router(router: Router) -> None:
    expected = router.route([village.at(0, 0), village.at(5, 5)])

    def ask(_: int) -> Route | Unreachable:
        return router.route([village.at(0, 0), village.at(5, 5)])

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(200))) == {expected}


def test_isochrones_grow(router: Router) -> None:
    found = router.isochrone(village.at(2, 2), [1, 3])
    assert found is not None
    longest, shortest = (shapely.geometry.shape(feature["geometry"]).area for feature in found)
    assert [feature["properties"]["minutes"] for feature in found] == [3, 1]
    assert longest > shortest > 0


def test_edges_of_a_street_are_its_own(router: Router) -> None:
    edges = router.edges
    street = edges.along(_street(3))
    assert len(street) == 10
    heights = edges.middles[street][:, 1]
    assert np.allclose(heights, village.at(0, 3)[1], atol=1e-5)
    assert len(edges.along(shapely.Point(village.at(0.5, 3)))) == 2
    assert edges.along(shapely.Point(village.at(1, 1)).buffer(1e-5)).size == 8


def test_blocks_need_no_django() -> None:
    code = (
        "import sys; sys.modules['django'] = None\n"
        "import ressort.engines.geodesy, ressort.core.network.blocks\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
