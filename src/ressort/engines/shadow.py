"""What was proposed compared with what people did: one to one, in time, and what may be said of it with how few cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

MATCH, OTHER, NOTHING, MISSED = "match", "other", "nothing", "missed"


@dataclass(frozen=True, slots=True)
class Seen:
    """Something proposed or done: on what, what it makes of it, and when, in seconds."""

    thing: int
    what: str
    at: float


@dataclass(frozen=True, slots=True)
class Pair:
    """A case: the rank of what was proposed, that of what was done, and how they agree."""

    proposed: int | None
    done: int | None
    outcome: str


def compare(proposed: Sequence[Seen], done: Sequence[Seen], window: float) -> list[Pair]:
    """Pair what was proposed with what was done within ``window`` seconds before or after.

    The same on the same thing is a match, and there are as many as can be; then whatever else was done there at that time
    answers a proposal by something else. A proposal that nothing answers, and a deed that nothing proposed, stand alone.
    """
    taken: dict[int, tuple[int, str]] = {}
    free = set(range(len(done)))
    by_time = sorted(range(len(done)), key=lambda rank: (done[rank].at, rank))
    order = sorted(range(len(proposed)), key=lambda rank: (proposed[rank].at, rank))
    for outcome in (MATCH, OTHER):
        for rank in order:
            if rank in taken:
                continue
            one = proposed[rank]
            for other in by_time:
                if other not in free or done[other].thing != one.thing:
                    continue
                if abs(done[other].at - one.at) > window or (
                    outcome == MATCH and done[other].what != one.what
                ):
                    continue
                taken[rank] = (other, outcome)
                free.discard(other)
                break
    found = [Pair(rank, *taken.get(rank, (None, NOTHING))) for rank in range(len(proposed))]
    return found + [Pair(None, rank, MISSED) for rank in sorted(free)]


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its uncertainty: Wilson's interval at 95 %. Without a case nothing is known."""

    of: int
    among: int

    @property
    def value(self) -> float | None:
        """Return the share, None without a case."""
        return self.of / self.among if self.among else None

    @property
    def interval(self) -> tuple[float, float]:
        """Return the bounds between which the true share lies, nineteen times in twenty."""
        if not self.among:
            return 0.0, 1.0
        z, n, p = 1.959964, self.among, self.of / self.among
        middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases of each kind; ``danger``: dangerous proposals that people did not follow."""

    match: int = 0
    other: int = 0
    nothing: int = 0
    missed: int = 0
    danger: int = 0

    @property
    def cases(self) -> int:
        """Return how many proposals were judged."""
        return self.match + self.other + self.nothing

    @property
    def precision(self) -> Share:
        """Return which share of what was proposed people did."""
        return Share(self.match, self.cases)

    @property
    def recall(self) -> Share:
        """Return which share of what people did had been proposed."""
        return Share(self.match, self.match + self.other + self.missed)


def lacking(count: Count, fewest: int, agreement: int) -> list[str]:
    """Return what is missing before it may act: ``cases``, ``agreement`` (percent), ``danger``; empty when it is ready."""
    found = []
    if count.cases < fewest:
        found.append("cases")
    if count.cases == 0 or 100 * count.match < agreement * count.cases:
        found.append("agreement")
    if count.danger:
        found.append("danger")
    return found
