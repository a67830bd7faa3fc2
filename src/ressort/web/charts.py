"""Small charts drawn by the server as SVG, each with the table that says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ressort.web import words

WIDTH, HEIGHT = 560, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 16, 26


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures: its name and a value per label (None = no figure, left blank)."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """A chart ready for ``{% chart %}``.

    Parameters
    ----------
    title, unit : str
        What is shown, in what unit.
    labels : sequence of str
        One per value, along the axis.
    series : sequence of Series
        The first is drawn full, the second lighter or dashed; more than two are hard to read.
    kind : str
        ``bars`` or ``lines``.
    hue : str
        A hue of the house.
    digits : int
        Decimals shown in the table.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    kind: str = "bars"
    unit: str = ""
    hue: str = "accent"
    digits: int = 0
    _: None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for one in self.series:
            if len(one.values) != len(self.labels):
                raise ValueError(
                    f"chart {self.title!r}: {len(one.values)} values for {len(self.labels)} labels"
                )

    @property
    def top(self) -> float:
        """Upper end of the scale: a round number above every value."""
        return nice(max((v for one in self.series for v in one.values if v is not None), default=0.0))

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """Lines of the table: label, then the values in words."""
        return [
            (
                label,
                [
                    "–" if one.values[i] is None else words.number(one.values[i] or 0, self.digits)
                    for one in self.series
                ],
            )
            for i, label in enumerate(self.labels)
        ]

    @property
    def svg(self) -> SafeString:
        """The picture, silent for screen readers (the table speaks)."""
        drawn = self._bars() if self.kind == "bars" else self._lines()
        return format_html(
            '<svg viewBox="0 0 {} {}" aria-hidden="true" focusable="false">{}{}{}</svg>',
            WIDTH,
            HEIGHT,
            self._scale(),
            drawn,
            self._labels(),
        )

    def _x(self, index: float) -> float:
        return LEFT + (index + 0.5) * (WIDTH - LEFT - RIGHT) / max(1, len(self.labels))

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - max(0.0, value) / self.top * (HEIGHT - TOP - BOTTOM)

    def _scale(self) -> SafeString:
        marks = [self.top * part for part in (0, 0.5, 1)]
        digits = 0 if self.top >= 4 or self.top == 2 else 1
        return format_html_join(
            "",
            '<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
            (
                (
                    LEFT,
                    WIDTH - RIGHT,
                    f"{self._y(v):.1f}",
                    f"{self._y(v):.1f}",
                    LEFT - 6,
                    f"{self._y(v) + 4:.1f}",
                    words.number(v, digits),
                )
                for v in marks
            ),
        )

    def _labels(self) -> SafeString:
        step = max(1, math.ceil(len(self.labels) / 9))
        return format_html_join(
            "",
            '<text x="{}" y="{}" text-anchor="middle">{}</text>',
            (
                (f"{self._x(i):.1f}", HEIGHT - 8, label)
                for i, label in enumerate(self.labels)
                if i % step == 0
            ),
        )

    def _bars(self) -> SafeString:
        slot = (WIDTH - LEFT - RIGHT) / max(1, len(self.labels))
        wide = min(38.0, slot * 0.72) / len(self.series)
        pieces = []
        for rank, one in enumerate(self.series):
            for i, value in enumerate(one.values):
                if value is None:
                    continue
                x = self._x(i) + (rank - len(self.series) / 2) * wide
                y = self._y(value)
                pieces.append(
                    f'<rect class="bar{" second" if rank else ""}" x="{x:.1f}" y="{y:.1f}" width="{wide - 1.5:.1f}" '
                    f'height="{HEIGHT - BOTTOM - y:.1f}" rx="2"/>'
                )
        return mark_safe("".join(pieces))

    def _lines(self) -> SafeString:
        pieces = []
        for rank, one in enumerate(self.series):
            runs: list[list[tuple[float, float]]] = [[]]
            for i, value in enumerate(one.values):
                if value is None:  # a hole in the figures is a hole in the line
                    runs.append([])
                else:
                    runs[-1].append((self._x(i), self._y(value)))
            for run in filter(None, runs):
                path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
                if rank == 0:
                    base = HEIGHT - BOTTOM
                    pieces.append(
                        f'<polygon class="under" points="{run[0][0]:.1f},{base} {path} {run[-1][0]:.1f},{base}"/>'
                    )
                pieces.append(f'<polyline class="curve{" second" if rank else ""}" points="{path}"/>')
                if len(run) == 1:
                    pieces.append(f'<circle class="dot" cx="{run[0][0]:.1f}" cy="{run[0][1]:.1f}" r="4"/>')
        return mark_safe("".join(pieces))


def nice(value: float) -> float:
    """Return a round number (1, 2, 2.5, 5 × 10ⁿ) at or above a value; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        power * step for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if power * step >= value * (1 - 1e-9)
    )
