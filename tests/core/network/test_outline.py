"""The drawing that stands where the map waits: small, the same again, and lighter rather than whole."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ressort.core.network import osm, outline

SVG = "{http://www.w3.org/2000/svg}"


def _drawn(village_file: Path, out: Path) -> ET.Element:
    outline.write_outline(osm.read(village_file), out)
    return ET.fromstring(out.read_bytes())  # noqa: S314 - written just above


def test_it_shows_roads_within_its_frame(village_file: Path, tmp_path: Path) -> None:
    svg = _drawn(village_file, tmp_path / "a.svg")
    _, _, width, height = map(int, svg.attrib["viewBox"].split())
    paths = svg.findall(f"{SVG}path")
    assert paths
    for line in "".join(path.attrib["d"] for path in paths).split("M")[1:]:
        start, _, steps = line.partition("l")
        x, y = map(int, start.split())
        numbers = list(map(int, steps.split()))
        assert len(numbers) % 2 == 0
        assert len(numbers) >= 2
        assert -width <= x <= 2 * width
        assert -height <= y <= 2 * height


def test_the_same_extract_gives_the_same_drawing(village_file: Path, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        _drawn(village_file, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_drawing_too_heavy_leaves_small_streets_out(
    village_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _drawn(village_file, tmp_path / "whole.svg")
    monkeypatch.setattr(outline, "_BYTES", 1 + len(ET.tostring(whole.findall(f"{SVG}path")[0])))
    light = _drawn(village_file, tmp_path / "light.svg")
    assert len(light.findall(f"{SVG}path")) < len(whole.findall(f"{SVG}path"))
