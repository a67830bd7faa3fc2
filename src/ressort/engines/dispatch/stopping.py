"""When a search stops: small objects to be combined."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is.

    Parameters
    ----------
    moves, since_best
        Moves tried, in all and since the best plan was found.
    cpu
        CPU seconds of this thread.
    cost, unserved
        Of the best plan so far.
    """

    moves: int
    since_best: int
    cpu: float
    cost: float
    unserved: int


class Stop(Protocol):
    """A stopping criterion: stateless, so that it can be shared."""

    def fraction(self, progress: Progress) -> float:
        """Return how much of the search is behind, 1.0 or more when it is over."""

    def moves(self, progress: Progress) -> int:
        """Return how many moves may be tried before asking again."""


_UNLIMITED = 1 << 30


@dataclass(frozen=True, slots=True)
class Iterations:
    """Stop after so many moves: the same seed gives the same plan."""

    count: int

    def fraction(self, progress: Progress) -> float:
        """Return the share of the moves tried."""
        return progress.moves / self.count if self.count else 1.0

    def moves(self, progress: Progress) -> int:
        """Return the moves left."""
        return self.count - progress.moves


@dataclass(frozen=True, slots=True)
class CpuSeconds:
    """Stop after so much CPU time: the plan depends on the speed of the machine."""

    seconds: float

    def fraction(self, progress: Progress) -> float:
        """Return the share of the time spent."""
        return progress.cpu / self.seconds if self.seconds > 0 else 1.0

    def moves(self, progress: Progress) -> int:  # noqa: ARG002 - the protocol's signature
        """Return no limit of its own."""
        return _UNLIMITED


@dataclass(frozen=True, slots=True)
class NoImprovement:
    """Stop after so many moves without a better plan."""

    count: int

    def fraction(self, progress: Progress) -> float:
        """Return the share of the moves without a better plan."""
        return progress.since_best / self.count if self.count else 1.0

    def moves(self, progress: Progress) -> int:
        """Return the moves left."""
        return self.count - progress.since_best


class WhenTold:
    """Stop as soon as somebody says so: what Ctrl-C does."""

    def __init__(self) -> None:
        self.told = False

    def tell(self, *_: object) -> None:
        """Say so; takes what a signal handler is given."""
        self.told = True

    def fraction(self, progress: Progress) -> float:  # noqa: ARG002 - the protocol's signature
        """Return 1.0 once told."""
        return 1.0 if self.told else 0.0

    def moves(self, progress: Progress) -> int:  # noqa: ARG002 - the protocol's signature
        """Return no limit of its own."""
        return _UNLIMITED


class FirstOf:
    """Stop as soon as one of several criteria does."""

    def __init__(self, *stops: Stop) -> None:
        self.stops = stops

    def fraction(self, progress: Progress) -> float:
        """Return the largest share."""
        return max(stop.fraction(progress) for stop in self.stops)

    def moves(self, progress: Progress) -> int:
        """Return the smallest limit."""
        return min(stop.moves(progress) for stop in self.stops)
