"""The design tokens, read from ``tokens.css`` so that the map and the tests use the same figures as the pages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

type Theme = Literal["light", "dark"]

FILE = Path(__file__).parent / "static" / "web" / "tokens.css"
_COLOUR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-fA-F]{6}),\s*(#[0-9a-fA-F]{6})\)")


@cache
def colours(theme: Theme) -> dict[str, str]:
    """Return every colour token of a theme: name (without ``--``) -> ``#rrggbb``."""
    found = _COLOUR.findall(FILE.read_text(encoding="utf-8"))
    return {name: light if theme == "light" else dark for name, light, dark in found}


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """Return ``one`` with ``share`` (0 to 1) of ``other``."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02x}" for a, b in pairs)


def _readable(colour: str, ground: str, towards: str) -> str:
    """Return the colour nearest to ``colour``, on the way to ``towards``, that reads on ``ground`` (4.5:1)."""
    for step in range(21):
        tried = mix(colour, towards, step / 20)
        if contrast(tried, ground) >= 4.8:
            return tried
    return towards


@cache
def accent_style(colour: str) -> str:
    """Return the ``style`` of the root element for an installation's accent colour, readable in both themes.

    Parameters
    ----------
    colour : str
        ``#rrggbb`` chosen by the authority, or empty for the house's own accent.

    Raises
    ------
    ValueError
        If it is not a six-figure colour.
    """
    if not colour:
        return ""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"accent {colour!r}: write it as #0a6266")
    light, dark = colours("light"), colours("dark")
    day = _readable(colour, light["sunken"], "#000000")
    night = _readable(colour, dark["raised"], "#ffffff")
    pairs = {
        "accent": (day, night),
        "accent-strong": (mix(day, "#000000", 0.25), mix(night, "#ffffff", 0.3)),
        "accent-ink": ("#ffffff", _readable(mix(night, "#000000", 0.8), night, "#000000")),
        "accent-soft": (mix(light["surface"], day, 0.13), mix(dark["surface"], night, 0.16)),
    }
    return ";".join(f"--{name}:light-dark({one},{two})" for name, (one, two) in pairs.items())
