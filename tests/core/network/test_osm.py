from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ressort.core.network import osm
from tests.core.network import village

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "osm"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data/osm beside the checkout")


def test_the_village_is_read_whole(village_file: Path) -> None:
    extract = osm.read(village_file)
    counts = extract.counts()
    assert counts["drivable"] == 13
    assert counts["streets"] == 13
    assert counts["addresses"] == 3
    assert (counts["signal"], counts["bollard"], counts["stop"], counts["pharmacy"]) == (1, 1, 1, 1)
    stop = next(point for point in extract.points if point.kind == "stop")
    assert (stop.name, stop.accessible) == ("Lavoir", True)
    assert [shape.name for shape in extract.shapes if shape.layer == "water"] == ["Étang"]
    assert next(road for road in extract.roads if road.name == "Rue du Nord 4").oneway == 1


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_every_format_says_the_same(tmp_path: Path, village_file: Path, suffix: str) -> None:
    other = village.write(tmp_path / f"v{suffix}")
    ordered = tmp_path / "ordered.osm.pbf"
    osm.put_in_order(other, ordered)
    assert osm.read(ordered).counts() == osm.read(village_file).counts()


def test_objects_out_of_order_are_put_in_order(tmp_path: Path, village_file: Path) -> None:
    shuffled = village.write(tmp_path / "v.osm", reverse=True)
    ordered = tmp_path / "ordered.osm.pbf"
    osm.put_in_order(shuffled, ordered)
    assert osm.read(ordered).counts() == osm.read(village_file).counts()


def _truncated(tmp_path: Path) -> Path:
    whole = village.write(tmp_path / "whole.osm").read_bytes()
    file = tmp_path / "cut.osm"
    file.write_bytes(whole[: len(whole) // 2])
    return file


def _truncated_pbf(tmp_path: Path) -> Path:
    whole = village.write(tmp_path / "whole.osm.pbf").read_bytes()
    file = tmp_path / "cut.osm.pbf"
    file.write_bytes(whole[:-40])
    return file


def _truncated_gz(tmp_path: Path) -> Path:
    whole = gzip.compress(village.write(tmp_path / "whole.osm").read_bytes())
    file = tmp_path / "cut.osm.gz"
    file.write_bytes(whole[: len(whole) // 2])
    return file


def _html(tmp_path: Path) -> Path:
    file = tmp_path / "page.osm"
    file.write_text("<html><body>404</body></html>")
    return file


def _empty(tmp_path: Path) -> Path:
    file = tmp_path / "empty.osm.pbf"
    file.touch()
    return file


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (_truncated, "file-unreadable", "tronqué"),
        (_truncated_pbf, "file-unreadable", "tronqué"),
        (_truncated_gz, "file-unreadable", "tronqué"),
        (_html, "file-unreadable", "n'est pas un fichier OpenStreetMap"),
        (_empty, "file-unreadable", "vide"),
        (lambda p: p / "absent.osm", "file-missing", "n'existe pas"),
        (lambda p: village.write(p / "v.osm.pbf").rename(p / "v.txt"), "file-type", ".osm.pbf"),
    ],
)
def test_bad_files_are_refused_with_a_sentence(tmp_path: Path, make, code: str, words: str) -> None:
    file = make(tmp_path)
    with pytest.raises(osm.NetworkRefused) as refused:
        osm.put_in_order(file, tmp_path / "out.osm.pbf")
    assert refused.value.code == code
    assert words in refused.value.sentence
    assert not (tmp_path / "out.osm.pbf").exists()


def test_a_file_without_streets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(osm.NetworkRefused) as refused:
        osm.read(village.write(tmp_path / "v.osm.pbf", roads=False))
    assert refused.value.code == "no-roads"


def test_a_file_of_elsewhere_is_refused(village_file: Path) -> None:
    with pytest.raises(osm.NetworkRefused) as refused:
        osm.read(village_file, within=(7.6, 48.5, 7.8, 48.7))
    assert refused.value.code == "outside-territory"


def test_reading_can_be_stopped(village_file: Path) -> None:
    def stop(_step: str, _done: float) -> None:
        raise osm.Cancelled

    with pytest.raises(osm.Cancelled):
        osm.read(village_file, progress=stop)


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "least"),
    [
        (
            "monaco_2021.osm.pbf",
            {"drivable": 600, "hospital": 6, "bollard": 20, "addresses": 200, "stop": 100},
        ),
        ("liechtenstein_2015.osm.pbf", {"drivable": 1_600, "stop": 300, "bollard": 28, "fire_station": 6}),
        ("redon_centre_35.osm.gz", {"drivable": 120, "crossing": 130, "bollard": 4}),
        ("rouen_centre_2013.osm.gz", {"drivable": 200, "signal": 58}),
        ("pont_de_veyle_01.osm.gz", {"drivable": 100, "fire_station": 1}),
        ("vitry_94_signals.osm.gz", {"drivable": 390, "signal": 229}),
    ],
)
def test_real_extracts_are_read(tmp_path: Path, name: str, least: dict[str, int]) -> None:
    ordered = tmp_path / "ordered.osm.pbf"
    osm.put_in_order(SHARED / name, ordered)
    counts = osm.read(ordered).counts()
    assert {key: counts[key] for key in least if counts[key] < least[key]} == {}
