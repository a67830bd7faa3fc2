"""State of a search for a whole plan, and its moves made, taken back or kept (see :mod:`kernels_static`)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ressort.engines.dispatch.kernels import NONE, Ground, Ints, Scratch, Tours, jit, lay
from ressort.engines.dispatch.kernels_search import Floats, plan_cost

Narrow = NDArray[np.int32]


class State(NamedTuple):
    """State of a search. R rows of requests, V vehicles, C columns, K neighbours."""

    owner: Ints  # (R) vehicle of each request, NONE for those nobody serves
    fixed: Ints  # (R) 1 for a request that stays where it is
    movable: Ints  # rows of the requests that may move
    absent: Ints  # (R) those nobody serves; the first counts[ABSENT] count
    missed: Ints  # (R) how often each was left aside
    near: Narrow  # (2, R, K) those alike: by distance between stops, by distance and time
    weights: Floats  # travel, ride, vehicle, reserve
    cost: Floats  # (V) cost of each tour as it stands
    closed: Ints  # (V) 1 for a vehicle that stays home
    alike: Ints  # (V) number of the group of vehicles that are the same while they are idle
    stamp: Ints  # (V) version of each tour
    memo: Ints  # (R, V) version of the tour for which the next three hold
    memo_cost: Ints  # (R, V) extra travel; where memo_i is NONE, what it is at least
    memo_i: Narrow  # (R, V)
    memo_j: Narrow  # (R, V)
    mark: Ints  # (V) scratch
    ask: Ints  # (V) scratch
    gone: Ints  # (R) scratch, 1 while out of its tour
    touched: Ints  # (V) tours touched by the move under way; the first counts[TOUCHED] count
    saved_order: Ints  # (V, C) as they were
    saved_length: Ints  # (V)
    saved_cost: Floats  # (V)
    saved_stamp: Ints  # (V)
    best_order: Ints  # (V, C)
    best_length: Ints  # (V)
    best_absent: Ints  # (R)
    counts: Ints  # see below
    times: Ints  # (C + 2) scratch
    direct: Ints  # (R) direct ride


ABSENT, BEST_ABSENT, TOUCHED, MOVES, ACCEPTED, STAMP, MARK, SINCE = range(8)
"""Places in ``counts``: absent now, absent in the best, tours touched, moves tried, accepted, last stamp and mark given,
moves since the best."""


@jit
def touch(tours: Tours, s: State, v: int) -> None:
    """Keep tour ``v`` as it is, once per move."""
    if s.saved_stamp[v] == NONE:
        s.saved_stamp[v] = s.stamp[v]
        s.saved_cost[v] = s.cost[v]
        n = tours.length[v]
        s.saved_length[v] = n
        for k in range(n):
            s.saved_order[v, k] = tours.order[v, k]
        s.touched[s.counts[TOUCHED]] = v
        s.counts[TOUCHED] += 1


@jit
def refresh(g: Ground, tours: Tours, scratch: Scratch, s: State, v: int) -> bool:
    """Lay a changed tour out, under a new version; return whether it can be driven."""
    s.counts[STAMP] += 1
    s.stamp[v] = s.counts[STAMP]
    if not lay(g, tours, scratch, v):
        return False
    s.cost[v] = plan_cost(g, tours, s.weights, s.times, s.direct, v)
    return True


@jit
def undo(g: Ground, tours: Tours, scratch: Scratch, s: State) -> None:
    """Bring every touched tour back."""
    for t in range(s.counts[TOUCHED]):
        v = s.touched[t]
        n = s.saved_length[v]
        tours.length[v] = n
        for k in range(n):
            node = s.saved_order[v, k]
            tours.order[v, k] = node
            if node % 2 == 0:
                s.owner[node // 2] = v
        lay(g, tours, scratch, v)
        s.cost[v], s.stamp[v] = s.saved_cost[v], s.saved_stamp[v]
        s.saved_stamp[v] = NONE
    s.counts[TOUCHED] = 0


@jit
def settle_move(s: State) -> None:
    """Make the move under way a fact."""
    for t in range(s.counts[TOUCHED]):
        s.saved_stamp[s.touched[t]] = NONE
    s.counts[TOUCHED] = 0


@jit
def total(s: State) -> float:
    """Return the cost of all tours."""
    return float(s.cost.sum())


@jit
def note_best(tours: Tours, s: State) -> None:
    """Note the tours as the best so far."""
    for v in range(len(tours.length)):
        n = tours.length[v]
        s.best_length[v] = n
        for k in range(n):
            s.best_order[v, k] = tours.order[v, k]
    s.counts[BEST_ABSENT] = s.counts[ABSENT]
    for k in range(s.counts[ABSENT]):
        s.best_absent[k] = s.absent[k]
    s.counts[SINCE] = 0


@jit
def vacate(g: Ground, tours: Tours, scratch: Scratch, s: State, v: int) -> None:
    """Keep vehicle ``v`` at home: everyone on its tour becomes absent."""
    for k in range(tours.length[v]):
        node = tours.order[v, k]
        if node % 2 == 0:
            s.owner[node // 2] = NONE
            s.absent[s.counts[ABSENT]] = node // 2
            s.counts[ABSENT] += 1
    tours.length[v] = 0
    s.closed[v] = 1
    refresh(g, tours, scratch, s, v)


@jit
def restart(g: Ground, tours: Tours, scratch: Scratch, s: State) -> None:
    """Go back to the best plan."""
    for r in s.movable:
        s.owner[r] = NONE
    for v in range(len(tours.length)):
        n = s.best_length[v]
        tours.length[v] = n
        for k in range(n):
            node = s.best_order[v, k]
            tours.order[v, k] = node
            if node % 2 == 0:
                s.owner[node // 2] = v
        refresh(g, tours, scratch, s, v)
    s.counts[ABSENT] = s.counts[BEST_ABSENT]
    for k in range(s.counts[ABSENT]):
        s.absent[k] = s.best_absent[k]
