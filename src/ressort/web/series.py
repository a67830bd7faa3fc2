"""Series that grow while one looks: drawn in the browser (uPlot), with the table that says the same.

The page carries the figures it was made with, and their table: without scripts it is complete, only still. With them,
the curve is drawn, and read again from ``source`` when an event of ``topic`` arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ressort.web import words
from ressort.web.charts import Series

ROWS = 12


@dataclass(frozen=True)
class LiveChart:
    """Figures at moments, ready for ``{% live_chart %}``.

    Parameters
    ----------
    title, unit : str
        What is shown, in what unit.
    moments : sequence of datetime
        Aware, in order, in the territory's zone.
    series : sequence of Series
        A value per moment. The first is drawn full, the second dashed.
    source : str
        Address that gives :meth:`data` again.
    topic : str
        What, when it arrives on the live stream, makes the page read again.
    """

    title: str
    moments: Sequence[datetime]
    series: Sequence[Series]
    source: str
    topic: str
    unit: str = ""
    hue: str = "accent"

    def data(self) -> dict[str, Any]:
        """Return what the browser draws and writes: moments as seconds, hours in words, one row per series."""
        return {
            "at": [round(moment.timestamp()) for moment in self.moments],
            "hours": [words.hour(moment) for moment in self.moments],
            "rows": [list(one.values) for one in self.series],
        }

    @property
    def table(self) -> list[tuple[str, list[str]]]:
        """The latest moments, newest first: hour, then the values in words."""
        last = range(len(self.moments) - 1, max(-1, len(self.moments) - 1 - ROWS), -1)
        return [
            (
                words.hour(self.moments[i]),
                ["–" if (v := one.values[i]) is None else words.number(v) for one in self.series],
            )
            for i in last
        ]
