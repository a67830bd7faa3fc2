"""Compiled kernels: times of a tour, screening of positions, exact check of a candidate.

Everything is whole numbers in flat arrays. Request ``r`` has two nodes, ``2 r`` (pick-up) and ``2 r + 1`` (drop-off).
Vehicle ``v`` has a row in every array of :class:`Tours`; in a laid-out row, position 0 is where the vehicle is free,
positions 1..n are its visits, position n + 1 is the end of its shift.

The times of a fixed order form a system of difference constraints: along the chain (``t[k] >= t[k-1] + service + leg``)
and, for every ride, from the drop-off back to the pick-up (``t[pick] >= t[drop] - limit - service``). Its least solution
is found by sweeps (Bellman-Ford on a chain with a few arcs back): at most one sweep more than there are rides, one or
two in practice. The order is feasible exactly when the least solution respects every ``late``. The greatest solution,
swept the other way, gives the slack of each visit. Both bound the times of every tour made by adding visits, which is
what makes the screen of a position O(1) and never wrong about a feasible one.

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
    feasible = True
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
def splice_fits(g: Ground, tours: Tours, scratch: Scratch, v: int, r: int, i: int, j: int) -> bool:
    """Check exactly tour ``v`` with request ``r`` picked up after position ``i`` and dropped off after ``j >= i``.

    On return ``scratch.time[0 .. n+3]`` holds the least solution when it fits.
    """
    n = tours.length[v]
    leg, late, service, pick = scratch.leg, scratch.late, scratch.service, scratch.pick
    limit, time = scratch.limit, scratch.time
    up, off = 2 * r, 2 * r + 1
    m = 0
    for k in range(n + 2):
        p = tours.pick[v, k]
        if p > j:
            p += 2
        elif p > i:
            p += 1
        leg[m], late[m], service[m] = tours.leg[v, k], tours.last[v, k], tours.service[v, k]
        pick[m], limit[m], time[m] = p, tours.limit[v, k], tours.first[v, k]
        m += 1
        if k == i:
            leg[m] = g.seconds[tours.place[v, k], g.place[up]]
            late[m], service[m], pick[m], time[m] = g.late[up], g.service[up], NONE, g.early[up]
            limit[m] = FAR
            m += 1
        if k == j:
            before = g.place[up] if i == j else tours.place[v, k]
            leg[m] = g.seconds[before, g.place[off]]
            late[m], service[m], pick[m], time[m] = g.late[off], g.service[off], i + 1, g.early[off]
            limit[m] = g.ride[r]
            m += 1
    leg[j + 3] = g.seconds[g.place[off], tours.place[v, j + 1]]
    if i < j:
        leg[i + 2] = g.seconds[g.place[up], tours.place[v, i + 1]]
    if max(leg[i + 1], leg[i + 2], leg[j + 2], leg[j + 3]) >= UNREACHABLE:
        return False
    return settle(m, i + 1, j + 3, leg, late, service, pick, limit, time)


@jit
def best_place(g: Ground, tours: Tours, scratch: Scratch, v: int, r: int, bound: int) -> tuple[int, int, int]:
    """Return (extra travel, i, j) of the cheapest exact insertion of ``r`` in tour ``v`` below ``bound``.

    (BIG, NONE, NONE) when there is none. Every pair of positions is screened; a pair is checked exactly only when it
    passes the screen and is cheaper than the best so far. Ties go to the first pair.
    """
    best, best_i, best_j = BIG, NONE, NONE
    if not tours.feasible[v]:
        return best, best_i, best_j
    seconds = g.seconds
    n = tours.length[v]
    up, off = g.place[2 * r], g.place[2 * r + 1]
    late_up, late_off, serve_up, serve_off = (
        g.late[2 * r],
        g.late[2 * r + 1],
        g.service[2 * r],
        g.service[2 * r + 1],
    )
    early_up, early_off, ride = g.early[2 * r], g.early[2 * r + 1], g.ride[r]
    place, leg, service, load = tours.place[v], tours.leg[v], tours.service[v], tours.load[v]
    first, last = tours.first[v], tours.last[v]
    dims = load.shape[1]
    direct = seconds[up, off]
    for i in range(n + 1):
        ready = first[i] + service[i]
        if ready > late_up:
            break
        fits = True
        for d in range(dims):
            fits &= load[i, d] + g.load[r, d] <= g.capacity[v, d]
        to_up = seconds[place[i], up]
        t_up = max(early_up, ready + to_up)
        if not fits or t_up > late_up or to_up >= UNREACHABLE:
            continue
        t_off = max(early_off, t_up + serve_up + direct)
        cost = to_up + direct + seconds[off, place[i + 1]] - leg[i + 1]
        if (
            cost < min(best, bound)
            and t_off <= late_off
            and t_off - serve_up - ride <= late_up
            and t_off + serve_off + seconds[off, place[i + 1]] <= last[i + 1]
            and splice_fits(g, tours, scratch, v, r, i, i)
        ):
            best, best_i, best_j = cost, i, i
        from_up = seconds[up, place[i + 1]]
        base = to_up + from_up - leg[i + 1]
        time = t_up + serve_up + from_up
        for j in range(i + 1, n + 1):
            time = max(time, first[j])
            if time > last[j]:
                break
            for d in range(dims):
                fits &= load[j, d] + g.load[r, d] <= g.capacity[v, d]
            leaves = time + service[j]
            if not fits or leaves > late_off or leaves - serve_up - ride > late_up:
                break
            to_off = seconds[place[j], off]
            from_off = seconds[off, place[j + 1]]
            cost = base + to_off + from_off - leg[j + 1]
            if cost < min(best, bound):
                t_off = max(early_off, leaves + to_off)
                if (
                    t_off <= late_off
                    and t_off - serve_up - ride <= late_up
                    and t_off + serve_off + from_off <= last[j + 1]
                    and splice_fits(g, tours, scratch, v, r, i, j)
                ):
                    best, best_i, best_j = cost, i, j
            time = leaves + leg[j + 1]
    return best, best_i, best_j


@jit
def screen(g: Ground, tours: Tours, scratch: Scratch, rows: Ints, found: Ints) -> None:
    """Write in ``found[a, v]`` the (extra travel, i, j) of the best place of request ``rows[a]`` in every tour."""
    for a in range(len(rows)):
        for v in range(len(tours.length)):
            cost, i, j = best_place(g, tours, scratch, v, rows[a], BIG)
            found[a, v, 0] = cost
            found[a, v, 1] = i
            found[a, v, 2] = j


@jit
def travel(tours: Tours, v: int) -> int:
    """Return the travel left on tour ``v``, return to the end included; tour laid out."""
    total = 0
    for k in range(1, tours.length[v] + 2):
        total += tours.leg[v, k]
    return total


@jit
def put(tours: Tours, v: int, r: int, i: int, j: int) -> None:
    """Insert request ``r`` in tour ``v`` after positions ``i <= j``; the caller lays the tour out again."""
    order = tours.order[v]
    n = tours.length[v]
    for k in range(n - 1, j - 1, -1):
        order[k + 2] = order[k]
    order[j + 1] = 2 * r + 1
    for k in range(j - 1, i - 1, -1):
        order[k + 1] = order[k]
    order[i] = 2 * r
    tours.length[v] = n + 2


@jit
def take(tours: Tours, v: int, r: int) -> None:
    """Remove request ``r`` from tour ``v``; the caller lays the tour out again."""
    order = tours.order[v]
    kept = 0
    for k in range(tours.length[v]):
        if order[k] // 2 != r:
            order[kept] = order[k]
            kept += 1
    tours.length[v] = kept
