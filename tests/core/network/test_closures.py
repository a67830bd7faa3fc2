from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import shapely

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.network.build import load
from ressort.core.network.closures import announce_speed, apply_speeds, close, in_force, reopen, revision
from ressort.core.network.models import LiveSpeed, NetworkVersion
from ressort.core.network.router import Route, Router
from tests.core.network import village

HOUR = dt.timedelta(hours=1)


def _ends() -> list[tuple[float, float]]:
    return [village.at(0.5, 0), village.at(4.5, 0)]


def test_a_closure_is_obeyed_by_the_next_route_and_lifted_as_fast(network: NetworkVersion) -> None:
    router = Router.of(network)
    before = router.route(_ends())
    closure = close("Rue de l'Est 2", starts=service_now(), actor="p_1")
    also = close(
        shapely.LineString([village.at(2, 0), village.at(3, 0)]),
        starts=service_now(),
        ends=service_now() + HOUR,
        actor="p_1",
    )
    after = router.route(_ends())
    assert isinstance(before, Route)
    assert isinstance(after, Route)
    assert after.metres > before.metres + 300
    reopen(also, actor="p_1")
    reopen(also, actor="p_1")
    reopen(closure, actor="p_1")
    assert router.route(_ends()).metres == before.metres


def test_a_future_closure_bothers_only_the_future(network: NetworkVersion) -> None:
    router = Router.of(network)
    tomorrow = service_now() + dt.timedelta(days=1)
    usual = router.route(_ends()).metres
    line = shapely.LineString([village.at(2, 0), village.at(3, 0)])
    close(line, starts=tomorrow, ends=tomorrow + HOUR, actor="p_1")
    assert router.route(_ends()).metres == usual
    assert router.route(_ends(), at=tomorrow).metres > usual + 300
    assert router.route(_ends(), at=tomorrow + HOUR).metres == usual
    assert router.matrix(_ends()[:1], _ends()[1:], at=tomorrow)[1][0, 0] > usual + 300


def test_walkers_pass_works_by_default(network: NetworkVersion) -> None:
    close("Rue du Nord 0", starts=service_now(), actor="p_1")
    (_, profiles), *_ = in_force()
    assert profiles == {"car", "van", "emergency"}
    assert Router.of(network).route(_ends(), "foot").metres == pytest.approx(800, abs=5)


def test_the_revision_follows_closures(network: NetworkVersion) -> None:
    empty = revision()
    closure = close("Rue du Nord 1", starts=service_now() - HOUR, actor="p_1")
    assert revision() != empty
    assert revision(service_now() - 2 * HOUR) == empty
    reopen(closure, actor="p_1")
    assert revision() == empty


@pytest.mark.parametrize(
    ("where", "changes", "code"),
    [
        ("Rue Inconnue", {}, "unknown-street"),
        ({"type": "Cube"}, {}, "closure-geometry"),
        (
            {"type": "Polygon", "coordinates": [[[5, 47], [5.1, 47.1], [5.1, 47], [5, 47.1], [5, 47]]]},
            {},
            "closure-geometry",
        ),
        ("Rue du Nord 1", {"profiles": ["licorne"]}, "closure-profile"),
        ("Rue du Nord 1", {"ends": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "closure-dates"),
    ],
)
def test_bad_closures_are_refused_in_words(network: NetworkVersion, where, changes: dict, code: str) -> None:
    with pytest.raises(Refused) as refused:
        close(where, **({"starts": service_now(), "actor": "p_1"} | changes))
    assert refused.value.code == code
    assert refused.value.sentence.endswith((".", "emergency, foot, bike."))


def test_a_live_speed_slows_routes_until_it_runs_out(network: NetworkVersion) -> None:
    router = Router.of(network)
    usual = router.route(_ends()).seconds
    area = shapely.box(*village.at(-1, -1), *village.at(6, 6))
    announce_speed(area, until=service_now() + HOUR, factor=0.25)
    assert router.route(_ends()).seconds > 2 * usual
    assert apply_speeds(service_now() + 2 * HOUR) == 0
    assert router.route(_ends()).seconds == usual
    announce_speed(area, until=service_now() + HOUR, kmh=5)
    assert router.route(_ends()).seconds > 300
    LiveSpeed.objects.all().delete()
    assert apply_speeds() == 0
    with pytest.raises(Refused):
        announce_speed(area, until=service_now() + HOUR, factor=0)


def test_live_speeds_follow_a_new_version(network: NetworkVersion, village_file: Path) -> None:
    area = shapely.box(*village.at(-1, -1), *village.at(6, 6))
    usual = Router.of(network).route(_ends()).seconds
    announce_speed(area, until=service_now() + HOUR, factor=0.25)
    newer = load(village_file)
    assert Router.active() is Router.of(newer)
    assert Router.active().route(_ends()).seconds > 2 * usual
