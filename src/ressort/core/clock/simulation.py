"""Reading, running and stopping the service clock."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_REFRESH = 1.0  # seconds: another process may have moved the clock


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the clock shows: ``now`` (UTC), ``rate`` and whether it is ``simulated``."""

    now: datetime
    rate: float
    simulated: bool


State = tuple[datetime, datetime, float, datetime | None]
"""Service anchor, wall anchor, rate and horizon."""


class _Kept:
    """The last known state, so that reading the time costs no query."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.read_at = float("-inf")
        self.state: State | None = None


_kept = _Kept()


def wall_now() -> datetime:
    """Return the real time (UTC)."""
    return datetime.now(UTC)


def _state(*, fresh: bool = False) -> State | None:
    with _kept.lock:
        due = fresh or time.monotonic() - _kept.read_at > _REFRESH
    if not due or not _may_query():
        return _kept.state
    from ressort.core.clock.models import ClockState

    fields = ("service_anchor", "wall_anchor", "rate", "horizon")
    row = ClockState.objects.filter(id=1).values_list(*fields).first()
    with _kept.lock:
        _kept.state = row
        _kept.read_at = time.monotonic()
    return row


def _may_query() -> bool:
    """Tell whether the ORM may be used here: never inside an event loop."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


def forget() -> None:
    """Drop the kept state (tests, and after a change)."""
    with _kept.lock:
        _kept.read_at = float("-inf")
        _kept.state = None


def service_now() -> datetime:
    """Return the time in which bookings live (UTC)."""
    return reading().now


def reading() -> ClockReading:
    """Return the service time with its rate."""
    state = _state()
    if state is None:
        return ClockReading(wall_now(), 1.0, simulated=False)
    service_anchor, wall_anchor, rate, horizon = state
    now = service_anchor + (wall_now() - wall_anchor) * rate
    return ClockReading(now if horizon is None else min(now, horizon), rate, simulated=True)


def simulate(start: datetime | None = None, rate: float = 1.0) -> None:
    """Run the service clock from ``start`` (default: where it is) at ``rate`` service seconds per second."""
    from ressort.core.clock.models import ClockState

    if not 0 <= rate <= 3600:
        raise ValueError(f"clock rate {rate}: expected 0 to 3600")
    here = wall_now()
    ClockState.objects.update_or_create(
        id=1,
        defaults={
            "service_anchor": start or service_now(),
            "wall_anchor": here,
            "rate": rate,
            "beat": here,
            "horizon": None,
        },
    )
    forget()


def jump(to: datetime) -> None:
    """Move a simulated clock to ``to``, keeping its rate. A real clock cannot be moved.

    Raises
    ------
    ValueError
        If the clock is not simulated.
    """
    read = reading()
    if not read.simulated:
        raise ValueError("the service clock is the wall clock and cannot be moved")
    simulate(to, read.rate)


def heartbeat(horizon: datetime) -> None:
    """Note that the simulation is alive and may run until ``horizon``, where the clock waits for the next note.

    So what a slow machine plays is late on the wall, never in the service: nobody is late because the simulation is.
    :func:`resume` starts again from the last note.
    """
    from ressort.core.clock.models import ClockState

    state, here = _state(fresh=True), wall_now()
    if state is None:
        return
    service_anchor, wall_anchor, rate, limit = state
    changed: dict[str, datetime] = {"beat": here, "horizon": horizon}
    if (
        limit is not None and service_anchor + (here - wall_anchor) * rate > limit
    ):  # it waited: go on from there
        changed |= {"service_anchor": limit, "wall_anchor": here}
    same = {"service_anchor": service_anchor, "wall_anchor": wall_anchor, "rate": rate}
    if ClockState.objects.filter(id=1, **same).update(
        **changed
    ):  # else it was moved meanwhile: as it was told to
        forget()


def resume() -> timedelta:
    """Continue a simulated clock where it was when its process stopped.

    Returns
    -------
    timedelta
        How long the simulation was down (wall time); zero when the clock is real.
    """
    from ressort.core.clock.models import ClockState

    state = ClockState.objects.filter(id=1).first()
    if state is None:
        return timedelta(0)
    down = wall_now() - state.beat
    then = state.service_anchor + (state.beat - state.wall_anchor) * state.rate
    simulate(min(then, state.horizon or then), state.rate)
    return down
