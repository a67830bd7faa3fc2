from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from ressort.core.journal.models import Event
from ressort.core.network import build
from ressort.core.network.build import activate, active_version, load, retire_unreferenced
from ressort.core.network.models import Address, Feature, NetworkVersion, Street
from ressort.core.network.osm import Cancelled, NetworkRefused
from ressort.core.network.router import NoNetwork, Route, Router
from ressort.core.network.tiles import read_tile
from ressort.core.territory.models import Scale, Territory
from ressort.engines.geodesy import tile_of
from tests.core.network import village

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "osm"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data/osm beside the checkout")


def _territory(lon: float, lat: float) -> Territory:
    return Territory.objects.create(code="x", name="Ailleurs", scale=Scale.EPCI, lon=lon, lat=lat)


def test_a_load_puts_a_version_in_service_with_all_it_found(network: NetworkVersion) -> None:
    assert active_version() == network
    assert network.counts["drivable"] == 13
    assert Feature.objects.filter(version=network, kind="signal").count() == 1
    assert Feature.objects.get(version=network, kind="village").name == "Villebois"
    street = Street.objects.get(version=network, name="Rue du Nord 3")
    assert street.commune == "Villebois"
    assert len(street.lines[0]) == village.SIZE
    assert Address.objects.filter(version=network, street="Rue du Nord 3").count() == 3
    assert isinstance(Router.of(network).route([village.at(0, 0), village.at(1, 1)]), Route)
    x, y = (int(value) for value in tile_of(*village.at(2, 2), 14))
    assert read_tile(str(network.pk), 14, x, y)[:2] == b"\x1f\x8b"
    assert Event.objects.filter(kind="network.version.loaded", subject=str(network.pk)).count() == 1


def test_tiles_of_nowhere_are_nothing(network: NetworkVersion) -> None:
    assert read_tile(str(network.pk), 14, 0, 0) is None
    assert read_tile(str(network.pk), 3, 0, 0) is None
    assert read_tile(str(uuid.uuid4()), 14, 0, 0) is None
    with pytest.raises(ValueError, match="inconnu"):
        read_tile("../../etc/passwd", 14, 0, 0)


def test_numbers_of_the_map_are_those_of_the_inventory(network: NetworkVersion) -> None:
    numbers = list(
        Feature.objects.filter(version=network).values_list("number", flat=True).order_by("number")
    )
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.django_db
def test_no_network_is_said(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    NetworkVersion.objects.update(state=NetworkVersion.State.READY)
    with pytest.raises(NoNetwork):
        Router.active()


def test_a_refused_file_leaves_the_running_network_untouched(network: NetworkVersion, tmp_path: Path) -> None:
    bad = tmp_path / "bad.osm"
    bad.write_text("<html></html>")
    folders = set(network.folder.parent.iterdir())
    count = NetworkVersion.objects.count()
    with pytest.raises(NetworkRefused):
        load(bad)
    assert active_version() == network
    assert set(network.folder.parent.iterdir()) == folders
    assert NetworkVersion.objects.count() == count


def test_a_cancelled_load_leaves_nothing(network: NetworkVersion, village_file: Path) -> None:
    folders = set(network.folder.parent.iterdir())
    for word in ("Lecture", "Dessin", "Inventaire"):

        def stop(step: str, _done: float, word: str = word) -> None:
            if step.startswith(word):
                raise Cancelled

        with pytest.raises(Cancelled):
            load(village_file, progress=stop)
    assert active_version() == network
    assert set(network.folder.parent.iterdir()) == folders


def test_progress_goes_from_none_to_all(db: None, settings, tmp_path: Path, village_file: Path) -> None:
    settings.DATA_DIR = tmp_path
    seen: list[float] = []
    load(village_file, progress=lambda _step, done: seen.append(done))
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0


def test_a_file_of_elsewhere_is_refused_for_a_territory(network: NetworkVersion, village_file: Path) -> None:
    with pytest.raises(NetworkRefused) as refused:
        load(village_file, territory=_territory(7.75, 48.58))
    assert refused.value.code == "outside-territory"
    assert active_version() == network


def test_communes_of_the_territory_name_the_streets(
    settings, db: None, tmp_path: Path, village_file: Path
) -> None:
    settings.DATA_DIR = tmp_path
    whole = _territory(*village.at(2, 2))
    for name, place in (("Basse", village.at(2, 0)), ("Haute", village.at(2, 5))):
        Territory.objects.create(
            code=name,
            name=name,
            scale=Scale.COMMUNE,
            parent=whole,
            lon=place[0],
            lat=place[1],
            population=500,
        )
    version = load(village_file, territory=whole)
    assert Street.objects.get(version=version, name="Rue du Nord 0").commune == "Basse"
    assert Street.objects.get(version=version, name="Rue du Nord 5").commune == "Haute"


def test_the_old_version_stays_until_nothing_refers_to_it(
    network: NetworkVersion, village_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = list(NetworkVersion.objects.exclude(pk=network.pk).values_list("pk", flat=True))
    held = [network.pk, *others]
    monkeypatch.setattr(build, "in_use", [lambda: held])
    newer = load(village_file)
    network.refresh_from_db()
    assert active_version() == newer
    assert network.state == NetworkVersion.State.READY
    assert retire_unreferenced() == []
    assert isinstance(Router.of(network).route([village.at(0, 0), village.at(1, 1)]), Route)
    held.remove(network.pk)
    assert retire_unreferenced() == [network.pk]
    network.refresh_from_db()
    assert network.state == NetworkVersion.State.RETIRED
    assert not network.folder.exists()
    assert not network.features.exists()
    assert active_version() == newer


def test_an_older_version_can_come_back(network: NetworkVersion, village_file: Path) -> None:
    newer = load(village_file)
    activate(network, actor="p_1")
    assert active_version() == network
    newer.refresh_from_db()
    assert newer.state == NetworkVersion.State.READY


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "source", "target"),
    [
        ("monaco_2021.osm.pbf", (7.4120, 43.7290), (7.4270, 43.7400)),
        ("liechtenstein_2015.osm.pbf", (9.5209, 47.1410), (9.5200, 47.2100)),
        ("redon_centre_35.osm.gz", None, None),
    ],
)
def test_real_extracts_are_loaded_and_routed(
    db: None, settings, tmp_path: Path, name: str, source, target
) -> None:
    settings.DATA_DIR = tmp_path
    version = load(SHARED / name)
    router = Router.of(version)
    if source is None:
        street = Street.objects.filter(version=version).first()
        snapped = router.snap((street.lon, street.lat))
        assert snapped is not None
        return
    assert isinstance(router.route([source, target]), Route)
    assert (router.matrix([source], [target])[0] > 0).all()
