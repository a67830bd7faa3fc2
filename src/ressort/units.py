"""Units and conventions, stated once and used everywhere.

- Positions are ``[lon, lat]`` in degrees, WGS 84.
- Times and durations are whole seconds, UTC. Inside the engines any origin will do (the Unix epoch in service).
- Distances are metres; masses are grams.
- A :class:`Window` says when something may *start*: at ``t`` with ``earliest <= t <= latest``. In whole seconds this
  is the half-open interval ``[earliest, latest + 1)``.
"""

from dataclasses import dataclass

Seconds = int
Metres = int
LonLat = tuple[float, float]

MINUTE: Seconds = 60
HOUR: Seconds = 3_600
DAY: Seconds = 86_400

FAR_FUTURE: Seconds = 2**40
"""A time no plan reaches (about 34,000 years after the origin); the latest instant a window may hold."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Span of time in which something may start, both ends included.

    Parameters
    ----------
    earliest, latest
        Seconds, ``0 <= earliest <= latest <= FAR_FUTURE``.

    Raises
    ------
    TypeError
        If an end is not a whole number.
    ValueError
        If the ends are out of order or out of range.
    """

    earliest: Seconds
    latest: Seconds

    def __post_init__(self) -> None:
        for end in (self.earliest, self.latest):
            if not isinstance(end, int) or isinstance(end, bool):
                raise TypeError(f"A window holds whole seconds, not {end!r}.")
        if not 0 <= self.earliest <= self.latest <= FAR_FUTURE:
            raise ValueError(f"Window [{self.earliest}, {self.latest}] is out of order or out of range.")

    def __contains__(self, time: Seconds) -> bool:
        return self.earliest <= time <= self.latest

    @property
    def width(self) -> Seconds:
        """Seconds between the two ends."""
        return self.latest - self.earliest

    def shifted(self, seconds: Seconds) -> "Window":
        """Return the window moved by ``seconds`` (negative: earlier), never before the origin."""
        return Window(max(0, self.earliest + seconds), max(0, self.latest + seconds))

    def common(self, other: "Window") -> "Window | None":
        """Return the part shared with ``other``, or None when there is none."""
        earliest, latest = max(self.earliest, other.earliest), min(self.latest, other.latest)
        return Window(earliest, latest) if earliest <= latest else None
