"""Contrast of the design tokens, computed (WCAG 2.2 AA)."""

import itertools
import re

import pytest

from ressort.web import tokens

GROUNDS = ("paper", "surface", "raised", "sunken")
WORDS = ("ink", "ink-2", "ink-3", "accent", "accent-strong", "ok", "warn", "bad", "info", "idle")
HUES = ("controlroom", "transport", "producers", "initiatives", "making", "observatory")
THEMES = ("light", "dark")


@pytest.mark.parametrize(("theme", "word", "ground"), list(itertools.product(THEMES, WORDS, GROUNDS)))
def test_words_read_on_every_ground(theme, word, ground):
    colours = tokens.colours(theme)
    assert tokens.contrast(colours[word], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "tone", ["accent", "ok", "warn", "bad", "info", "idle", *(f"hue-{hue}" for hue in HUES)]
)
def test_a_tone_reads_on_its_own_soft_ground(theme, tone):
    colours = tokens.colours(theme)
    assert tokens.contrast(colours[tone], colours[f"{tone}-soft"]) >= 4.5
    assert tokens.contrast(colours["ink"], colours[f"{tone}-soft"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_and_focus_are_seen(theme):
    colours = tokens.colours(theme)
    for ground in ("surface", "paper", "raised"):
        assert tokens.contrast(colours["line-strong"], colours[ground]) >= 3
        assert tokens.contrast(colours["focus"], colours[ground]) >= 3
    assert tokens.contrast(colours["accent-ink"], colours["accent"]) >= 4.5
    assert tokens.contrast(colours["accent-ink"], colours["accent-strong"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_map_labels_read_on_their_halo(theme):
    colours = tokens.colours(theme)
    for label in ("map-label", "map-label-2", "map-water-label", "map-park-label"):
        assert tokens.contrast(colours[label], colours["map-halo"]) >= 4.5


@pytest.mark.parametrize("accent", ["#0a6266", "#ffdd00", "#ff66aa", "#102a83", "#ffffff", "#000000"])
def test_any_accent_of_an_authority_is_made_readable(accent):
    pairs = dict(re.findall(r"--([\w-]+):light-dark\((#\w+,#\w+)\)", tokens.accent_style(accent)))
    for index, theme in enumerate(THEMES):
        colours = tokens.colours(theme)
        shown = {name: value.split(",")[index] for name, value in pairs.items()}
        for ground in GROUNDS:
            assert tokens.contrast(shown["accent"], colours[ground]) >= 4.5
        assert tokens.contrast(shown["accent-ink"], shown["accent"]) >= 4.5


def test_an_accent_that_is_not_a_colour_is_refused():
    with pytest.raises(ValueError, match="write it as"):
        tokens.accent_style("red;background:url(x)")


def test_the_fallback_of_older_browsers_says_the_same_as_the_light_theme():
    text = tokens.FILE.read_text(encoding="utf-8")
    fallback = text[text.index("@supports not") :]
    light = tokens.colours("light")
    said = re.findall(r"--([\w-]+): (#[0-9a-f]{6})", fallback)
    assert len(said) > 15
    assert all(light[name] == value for name, value in said)
