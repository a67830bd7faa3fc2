"""The map's style: complete, local, painted with the tokens."""

import json

import pytest

from ressort.web.mapstyle import FONT, ROADS, style

DOCUMENTED = {"landuse", "water", "waterway", "building", "rail", "road", "boundary", "place"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_style_draws_every_documented_layer_and_asks_nobody_else(theme):
    made = style(theme, "0b8f", "Rues fictives")
    assert {layer["source-layer"] for layer in made["layers"] if "source-layer" in layer} == DOCUMENTED
    assert "glyphs" not in made
    assert "sprite" not in made
    assert "http" not in json.dumps(made)
    names = [layer["id"] for layer in made["layers"]]
    assert len(names) == len(set(names))


def test_every_label_uses_the_local_font():
    fonts = [
        layer["layout"]["text-font"]
        for layer in style("light", "v", "")["layers"]
        if layer["type"] == "symbol"
    ]
    assert fonts
    assert all(font == FONT for font in fonts)


def test_wider_roads_are_drawn_above_narrower_ones():
    ranks = [row[3] for row in ROADS.values()]
    widths = [row[1][2] for name, row in ROADS.items() if name not in {"path", "track", "pedestrian"}]
    assert ranks == sorted(ranks)
    assert widths == sorted(widths)


def test_without_a_network_only_the_ground_is_painted():
    made = style("dark", "", "")
    assert made["sources"] == {}
    assert [layer["type"] for layer in made["layers"]] == ["background"]


def test_the_two_themes_differ():
    assert style("light", "v", "") != style("dark", "v", "")
