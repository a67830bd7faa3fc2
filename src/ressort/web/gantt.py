"""Rows of timed spans on one hour scale, placed by the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from ressort.web import words


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in a lane.

    ``kind``: ``shift`` (neutral ground), ``drive`` (with people or goods), ``empty`` (hatched), ``slack`` (thin
    line: room left), ``late``; add ``done`` for what is past. ``title`` is its hover text, ``url`` its panel.
    """

    start: datetime
    end: datetime
    kind: str = "shift"
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in time in a lane: ``kind`` ``on`` (full) or ``off`` (hollow)."""

    at: datetime
    kind: str = "on"
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One row: who, and what happens when."""

    name: str
    spans: Sequence[Span] = ()
    marks: Sequence[Mark] = ()
    icon: str = "van"
    url: str = ""
    hue: str = "transport"


@dataclass(frozen=True)
class Plan:
    """A gantt ready for ``{% gantt %}``: lanes between ``start`` and ``end``, with a line at ``now``."""

    lanes: Sequence[Lane]
    start: datetime
    end: datetime
    now: datetime | None = None
    target: str = "#panel"
    per_hour: float = field(default=5.0)  # rem

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"gantt: it ends ({self.end}) before it starts ({self.start})")

    def place(self, at: datetime) -> float:
        """Return where a moment falls, in per cent of the width, kept inside."""
        share = (at.timestamp() - self.start.timestamp()) / self.seconds
        return max(0.0, min(100.0, share * 100))

    @property
    def seconds(self) -> float:
        """Time lived from start to end, on the days of a clock change too."""
        return self.end.timestamp() - self.start.timestamp()

    @property
    def width(self) -> float:
        """Least width of the drawing, in rem, the names included."""
        return 8.5 + self.per_hour * self.seconds / 3600

    @property
    def hour_step(self) -> float:
        """Width of an hour in per cent."""
        return 100 * 3600 / self.seconds

    @property
    def hours(self) -> list[tuple[float, str]]:
        """Labelled hours: place in per cent and words."""
        zone = ZoneInfo(settings.TIME_ZONE)
        at = self.start.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        found = []
        while at <= self.end:
            if at > self.start:
                found.append((self.place(at), words.clock_face(at.astimezone(zone).hour)))
            at += timedelta(hours=1)
        return found

    @property
    def now_at(self) -> float | None:
        """Place of the present, None when it is outside."""
        return self.place(self.now) if self.now and self.start <= self.now <= self.end else None

    @property
    def rows(self) -> list[dict[str, object]]:
        """Lanes with every span and mark placed, for the template."""
        return [
            {
                "lane": lane,
                "spans": [
                    {
                        "span": s,
                        "left": self.place(s.start),
                        "width": max(0.05, self.place(s.end) - self.place(s.start)),
                    }
                    for s in lane.spans
                    if s.end > self.start and s.start < self.end
                ],
                "marks": [
                    {"mark": m, "left": self.place(m.at)}
                    for m in lane.marks
                    if self.start <= m.at <= self.end
                ],
            }
            for lane in self.lanes
        ]
