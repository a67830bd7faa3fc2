"""Compiled kernels: the arrays of a search, and the times of a tour.

Everything is whole numbers in flat arrays. Request ``r`` has two nodes, ``2 r`` (pick-up) and ``2 r + 1`` (drop-off).
Vehicle ``v`` has a row in every array of :class:`Tours`; in a laid-out row, position 0 is where the vehicle is free,
positions 1..n are its visits, position n + 1 is the end of its shift.

The times of a fixed order form a system of difference constraints: along the chain (``t[k] >= t[k-1] + service + leg``)
and, for every ride, from the drop-off back to the pick-up (``t[pick] >= t[drop] - limit - service``). Its least solution
is found by sweeps (Bellman-Ford on a chain with a few arcs back): at most one sweep more than there are rides, one or
two in practice. The order is feasible exactly when the least solution respects every ``late``. The greatest solution,
swept the other way, gives the slack of each visit. Both bound the times of every tour made by adding visits that
do not shorten the way, which is what makes the screen of a position O(1) and never wrong about a feasible one
(:mod:`kernels_place`).

Kernels may be split over files: the cache folder is keyed by all sources (see :mod:`ressort.engines`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ressort.engines.dispatch.problem import UNREACHABLE
from ressort.units import FAR_FUTURE

Ints = NDArray[np.int64]

FAR = FAR_FUTURE
NONE = -1
BIG = 2**60
"""Cost of what cannot be done."""


class Ground(NamedTuple):
    """What a search does not change. Shapes: L places, R requests, V vehicles, D dimensions; int64 but ``seconds``."""

    seconds: NDArray[np.int32]  # (L, L)
    place: Ints  # (2 R)
    early: Ints  # (2 R)
    late: Ints  # (2 R)
    service: Ints  # (2 R)
    load: Ints  # (R, D)
    ride: Ints  # (R) longest ride
    since: Ints  # (R) end of the pick-up of a rider aboard, NONE for others
    capacity: Ints  # (V, D)
    scarce: NDArray[np.float64]  # (V, D) how rare what the vehicle has is, see Problem.scarcity
    held: Ints  # (V, D) load at position 0
    anchor: Ints  # (V) place of position 0
    free: Ints  # (V) time of position 0
    begun: Ints  # (V) when the vehicle left its start, NONE if it has not
    end: Ints  # (V) place of the last position
    close: Ints  # (V) end of the shift
    longest: Ints  # (V) longest duration, FAR for none


class Tours(NamedTuple):
    """The tours, and what is known of each once laid out (columns = positions)."""

    order: Ints  # (V, C) nodes
    length: Ints  # (V) number of visits
    feasible: Ints  # (V) 1 when the tour as it stands can be driven
    plain: Ints  # (V) 1 when nothing but windows binds its times: then the screen of a position is exact
    place: Ints  # (V, C + 2)
    leg: Ints  # (V, C + 2) travel from the position before
    early: Ints  # (V, C + 2)
    late: Ints  # (V, C + 2)
    service: Ints  # (V, C + 2)
    pick: Ints  # (V, C + 2) position of the pick-up of a drop-off, NONE
    drop: Ints  # (V, C + 2) position of the drop-off of a pick-up, NONE
    limit: Ints  # (V, C + 2) longest ride, on drop-offs
    first: Ints  # (V, C + 2) least solution
    last: Ints  # (V, C + 2) greatest solution
    load: Ints  # (V, C + 2, D) load on leaving


class Scratch(NamedTuple):
    """Room for one candidate tour (columns = positions) and for look-ups by request."""

    leg: Ints
    late: Ints
    service: Ints
    pick: Ints
    limit: Ints
    time: Ints
    off: Ints  # extra travel of a drop-off after each position
    least: Ints  # the least of those from each position on
    where: Ints  # (R) position of the pick-up


def jit[F: Callable[..., Any]](function: F) -> F:
    """Compile a kernel: kept on disk, without the interpreter's lock."""
    return cast("F", njit(cache=True, nogil=True)(function))


@jit
def settle(
    size: int,
    start: int,
    touched: int,
    leg: Ints,
    late: Ints,
    service: Ints,
    pick: Ints,
    limit: Ints,
    time: Ints,
) -> bool:
    """Raise ``time`` to the least solution; return whether it respects every ``late``.

    ``time`` comes in holding lower bounds that already satisfy every constraint outside start..touched, so that a
    sweep may stop as soon as it changes nothing beyond the last position touched.
    """
    low = start
    for _ in range(size + 1):
        again = size
        reach = touched
        for k in range(low, size):
            moved = False
            if k > 0:
                soonest = time[k - 1] + service[k - 1] + leg[k]
                if soonest > time[k]:
                    time[k] = soonest
                    moved = True
            if time[k] > late[k]:
                return False
            p = pick[k]
            if p >= 0:
                soonest = time[k] - limit[k] - service[p]
                if soonest > time[p]:
                    if soonest > late[p]:
                        return False
                    time[p] = soonest
                    again = min(again, p + 1)
            if not moved and k > reach:
                break
        if again == size:
            return True
        # positions raised in this sweep lie at or after the lowest of them and before where the sweep ended
        touched = max(touched, k)
        low = again
    return False


@jit
def settle_last(size: int, leg: Ints, service: Ints, drop: Ints, limit: Ints, time: Ints) -> None:
    """Lower ``time`` (upper bounds) to the greatest solution of a feasible order."""
    high = size - 2
    for _ in range(size + 1):
        again = NONE
        for k in range(high, -1, -1):
            time[k] = min(time[k], time[k + 1] - leg[k + 1] - service[k])
            d = drop[k]
            if d >= 0:
                latest = time[k] + service[k] + limit[d]
                if latest < time[d]:
                    time[d] = latest
                    again = max(again, d - 1)
        if again == NONE:
            return
        high = again


@jit
def lay(g: Ground, tours: Tours, scratch: Scratch, v: int) -> bool:
    """Lay out tour ``v`` and compute its least and greatest solutions and loads; return whether it is feasible."""
    n = tours.length[v]
    where = scratch.where
    place, leg, early, late = tours.place[v], tours.leg[v], tours.early[v], tours.late[v]
    service, pick, drop, limit = tours.service[v], tours.pick[v], tours.drop[v], tours.limit[v]
    load = tours.load[v]
    tours.feasible[v] = 0
    feasible, plain = True, True
    place[0], leg[0], early[0], late[0], service[0] = g.anchor[v], 0, g.free[v], FAR, 0
    pick[0], drop[0], limit[0] = NONE, NONE, FAR
    for d in range(load.shape[1]):
        load[0, d] = g.held[v, d]
    for k in range(1, n + 1):
        node = tours.order[v, k - 1]
        r = node // 2
        place[k], early[k], late[k], service[k] = g.place[node], g.early[node], g.late[node], g.service[node]
        leg[k] = g.seconds[place[k - 1], place[k]]
        pick[k], drop[k], limit[k] = NONE, NONE, FAR
        sign = 1
        if node % 2 == 0:
            where[r] = k
        else:
            sign = -1
            if g.since[r] >= 0:
                late[k] = min(late[k], g.since[r] + g.ride[r])
            else:
                pick[k], limit[k] = where[r], g.ride[r]
                drop[where[r]] = k
                plain &= g.ride[r] >= FAR
        for d in range(load.shape[1]):
            load[k, d] = load[k - 1, d] + sign * g.load[r, d]
            feasible &= load[k, d] <= g.capacity[v, d] or sign < 0
        feasible &= leg[k] < UNREACHABLE
    k = n + 1
    place[k], early[k], late[k], service[k] = g.end[v], 0, g.close[v], 0
    leg[k] = g.seconds[place[k - 1], place[k]]
    feasible &= leg[k] < UNREACHABLE
    pick[k], drop[k], limit[k] = NONE, NONE, FAR
    if g.longest[v] < FAR:
        if g.begun[v] >= 0:
            late[k] = min(late[k], g.begun[v] + g.longest[v])
        else:
            pick[k], limit[k], drop[0] = 0, g.longest[v], k
            plain = False
    tours.plain[v] = plain
    if not feasible:
        return False
    first, last = tours.first[v], tours.last[v]
    for k in range(n + 2):
        first[k] = early[k]
        last[k] = late[k]
    if not settle(n + 2, 0, n + 1, leg, late, service, pick, limit, first):
        return False
    settle_last(n + 2, leg, service, drop, limit, last)
    tours.feasible[v] = 1
    return True


@jit
def lay_all(g: Ground, tours: Tours, scratch: Scratch) -> None:
    """Lay out every tour."""
    for v in range(len(tours.length)):
        lay(g, tours, scratch, v)


@jit
def plan_times(tours: Tours, v: int, times: Ints) -> None:
    """Write the times to drive by: drop-offs as early as possible, pick-ups as late as that allows.

    Waiting then happens before riders get on, and the vehicle leaves each place as late as it can without delaying
    anyone's arrival (wait first). Raising a pick-up within its window up to what the next visit allows only shortens
    rides, so the times stay a solution.
    """
    n = tours.length[v]
    times[n + 1] = tours.first[v, n + 1]
    for k in range(n, 0, -1):
        times[k] = tours.first[v, k]
        if tours.drop[v, k] >= 0:
            latest = times[k + 1] - tours.leg[v, k + 1] - tours.service[v, k]
            times[k] = min(tours.late[v, k], latest)
    times[0] = tours.first[v, 0]


@jit
def travel(tours: Tours, v: int) -> int:
    """Return the travel left on tour ``v``, return to the end included; tour laid out."""
    total = 0
    for k in range(1, tours.length[v] + 2):
        total += tours.leg[v, k]
    return total
