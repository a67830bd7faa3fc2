"""Compiled ruin and recreate for whole plans: strings of visits out, the cheapest places back, annealing decides.

What makes a move cheap: only the tours it touches are laid out again, and the best place of a request in a tour is kept
with the version of the tour, so that tours brought back after a refused move are known already.

Sources: Christiaens & Vanden Berghe 2020 (adjacent strings, blinks, absence counters), Ropke & Pisinger 2006 (regret).
"""

import numpy as np

from ressort.engines.dispatch.kernels import BIG, NONE, Ground, Ints, Scratch, Tours, jit
from ressort.engines.dispatch.kernels_place import best_place, put
from ressort.engines.dispatch.kernels_search import Floats, Seed, below, uniform
from ressort.engines.dispatch.kernels_state import (
    ABSENT,
    ACCEPTED,
    BEST_ABSENT,
    MARK,
    MOVES,
    SINCE,
    TOUCHED,
    State,
    note_best,
    refresh,
    settle_move,
    total,
    touch,
    undo,
)

BLINK = 0.01
REGRET = 0.25
"""Share of the moves that put back the one with most regret rather than a sorted list."""


@jit
def ruin(
    g: Ground, tours: Tours, scratch: Scratch, s: State, state: Seed, size: int, longest: int, out: Ints
) -> int:
    """Take strings of visits out of neighbouring tours; write the requests in ``out``, return how many, -1 if stuck."""
    centre = NONE
    if s.counts[ABSENT] > 0 and uniform(state) < 0.5:
        centre = s.absent[below(state, s.counts[ABSENT])]
    else:
        for _ in range(50):
            r = s.movable[below(state, len(s.movable))]
            if s.owner[r] >= 0:
                centre = r
                break
    if centre == NONE:
        return 0
    visits, used = 0, 0
    for v in range(len(tours.length)):
        if tours.length[v] > 0:
            visits += tours.length[v]
            used += 1
    if used == 0:
        return 0
    most = min(float(longest), visits / used)
    strings = 1 + int(uniform(state) * (4.0 * size / (1.0 + most) - 1.0 + 1e-9))
    near = s.near[0] if uniform(state) < 0.5 else s.near[1]
    s.counts[MARK] += 1
    mark = s.counts[MARK]
    count = 0
    for k in range(-1, near.shape[1]):
        r = centre if k < 0 else near[centre, k]
        v = s.owner[r]
        if v < 0 or s.fixed[r] or s.mark[v] == mark:
            continue
        s.mark[v] = mark
        touch(tours, s, v)
        count = strike(tours, s, state, v, r, most, out, count)
        strings -= 1
        if strings <= 0:
            break
    for t in range(s.counts[TOUCHED]):
        v = s.touched[t]
        kept = 0
        for k in range(tours.length[v]):
            if not s.gone[tours.order[v, k] // 2]:
                tours.order[v, kept] = tours.order[v, k]
                kept += 1
        tours.length[v] = kept
    stuck = False
    for t in range(s.counts[TOUCHED]):
        stuck |= not refresh(g, tours, scratch, s, s.touched[t])
    for k in range(count):
        s.gone[out[k]] = 0
    return -1 if stuck else count


@jit
def strike(tours: Tours, s: State, state: Seed, v: int, r: int, most: float, out: Ints, count: int) -> int:
    """Mark the requests of one string of tour ``v`` around request ``r`` as gone; return how many are in ``out``."""
    n = tours.length[v]
    node = 2 * r + int(uniform(state) < 0.5)
    at = 0
    for k in range(n):
        if tours.order[v, k] == node:
            at = k
    wanted = 1 + int(uniform(state) * min(float(n), most))
    wanted = min(wanted, n)
    spared = 0
    if wanted < n and uniform(state) < 0.5:  # a string with a hole: what lies in it stays
        spared = 1
        while wanted + spared < n and uniform(state) > 0.05:
            spared += 1
    total = wanted + spared
    low, high = max(0, at - total + 1), min(at, n - total)
    start = low + below(state, high - low + 1)
    hole = start + below(state, wanted + 1)
    for k in range(start, start + total):
        if hole <= k < hole + spared:
            continue
        q = tours.order[v, k] // 2
        if s.fixed[q] or s.gone[q]:
            continue
        s.gone[q] = 1
        s.owner[q] = NONE
        out[count] = q
        count += 1
    return count


@jit
def learn(g: Ground, tours: Tours, scratch: Scratch, s: State, r: int, v: int, bound: int) -> None:
    """Note the extra travel of the best place of ``r`` in tour ``v`` as it stands, or that it is ``bound`` at least."""
    cost, i, j = best_place(g, tours, scratch, v, r, bound)
    s.memo[r, v] = s.stamp[v]
    s.memo_cost[r, v], s.memo_i[r, v], s.memo_j[r, v] = min(cost, bound), i, j


@jit
def cheapest(
    g: Ground,
    tours: Tours,
    scratch: Scratch,
    s: State,
    state: Seed,
    r: int,
    blink: float,
    deep: bool,  # noqa: FBT001 - numba takes positions
) -> tuple[int, float, float]:
    """Return the vehicle that takes ``r`` for least, what it costs, and, if ``deep``, what the second best costs.

    Tours whose answer is known come first: what they ask bounds the search of the others.
    """
    s.counts[MARK] += 1
    mark = s.counts[MARK]
    best_v, first, second = NONE, 1e18, 1e18
    unknown = 0
    for v in range(len(tours.length)):
        if s.closed[v]:
            continue
        if tours.length[v] == 0:
            if s.mark[s.alike[v]] == mark:  # one idle vehicle stands for those like it
                continue
            s.mark[s.alike[v]] = mark
        if blink > 0.0 and uniform(state) < blink:
            continue
        if s.memo[r, v] != s.stamp[v] or s.memo_i[r, v] == NONE:
            s.ask[unknown] = v
            unknown += 1
            continue
        cost = s.weights[0] * s.memo_cost[r, v] + (s.weights[2] if tours.length[v] == 0 else 0.0)
        if cost < first:
            best_v, first, second = v, cost, first
        elif cost < second:
            second = cost
    for k in range(unknown):
        v = s.ask[k]
        opened = s.weights[2] if tours.length[v] == 0 else 0.0
        limit = (second if deep else first) - opened
        bound = BIG  # where travel weighs nothing, no bound on it says anything
        if s.weights[0] > 0.0 and limit / s.weights[0] < BIG:
            bound = int(np.ceil(limit / s.weights[0]))
        known = s.memo[r, v] == s.stamp[v]
        if known and s.memo_cost[r, v] >= bound:
            continue
        learn(g, tours, scratch, s, r, v, bound)
        if s.memo_i[r, v] == NONE:
            continue
        cost = s.weights[0] * s.memo_cost[r, v] + opened
        if cost < first:
            best_v, first, second = v, cost, first
        elif cost < second:
            second = cost
    return best_v, first, second


@jit
def order_key(g: Ground, kind: float, r: int, state: Seed) -> float:
    """Return by what the requests of a move are put back: the least first."""
    up, off = 2 * r, 2 * r + 1
    far = float(g.seconds[g.anchor[0], g.place[up]] + g.seconds[g.anchor[0], g.place[off]])
    key = uniform(state)
    if kind < 0.15:  # the heaviest first
        key -= float(g.load[r, 0])
    elif kind < 0.30:  # the farthest from the first vehicle
        key = -far
    elif kind < 0.38:  # the nearest
        key = far
    elif kind < 0.55:  # those whose windows are narrow
        key = float(g.late[up] - g.early[up] + g.late[off] - g.early[off])
    elif kind < 0.65:  # the earliest
        key = float(g.early[up])
    elif kind < 0.75:  # the latest
        key = -float(g.late[off])
    return key  # and a quarter at random


@jit
def insert(g: Ground, tours: Tours, scratch: Scratch, s: State, r: int, v: int) -> None:
    """Put ``r`` at its best place of tour ``v``."""
    touch(tours, s, v)
    put(tours, v, r, s.memo_i[r, v], s.memo_j[r, v])
    refresh(g, tours, scratch, s, v)
    s.owner[r] = v


@jit
def recreate(
    g: Ground,
    tours: Tours,
    scratch: Scratch,
    s: State,
    state: Seed,
    rows: Ints,
    count: int,
    keys: Floats,
    blink: float,
) -> int:
    """Put ``rows[:count]`` back; return how many found no place: the first of ``rows`` on return."""
    missing = 0
    if count <= 40 and uniform(state) < REGRET:
        while count > missing:
            pick, where, urgency = NONE, NONE, -1.0
            for k in range(missing, count):
                v, first, second = cheapest(g, tours, scratch, s, state, rows[k], blink, True)
                if v == NONE:
                    pick, where = k, NONE
                    break
                if second - first > urgency:
                    pick, where, urgency = k, v, second - first
            if where == NONE:
                rows[pick], rows[missing] = rows[missing], rows[pick]
                missing += 1
                continue
            insert(g, tours, scratch, s, rows[pick], where)
            count -= 1
            rows[pick] = rows[count]
        return missing
    kind = uniform(state)
    for k in range(count):
        keys[k] = order_key(g, kind, rows[k], state)
    order = np.argsort(keys[:count])
    sorted_rows = rows[:count][order]
    for k in range(count):
        r = sorted_rows[k]
        v, _, _ = cheapest(g, tours, scratch, s, state, r, blink, False)
        if v == NONE:
            rows[missing] = r
            missing += 1
        else:
            insert(g, tours, scratch, s, r, v)
    return missing


@jit
def search(
    g: Ground,
    tours: Tours,
    scratch: Scratch,
    s: State,
    state: Seed,
    moves: int,
    size: int,
    longest: int,
    hot: float,
    best: float,
    until_served: bool,  # noqa: FBT001 - numba takes positions
) -> float:
    """Try ``moves`` ruins and recreations; return the cost of the best plan seen, kept in ``s``.

    The best plan is the cheapest of those with fewest absent; ``hot`` is the temperature of the annealing. With
    ``until_served`` a move is judged first by how often those it leaves aside were left aside before, then by cost, and the
    search ends as soon as nobody is absent.
    """
    rows = np.empty(len(s.owner), np.int64)
    left = np.empty(len(s.owner), np.int64)
    keys = np.empty(len(s.owner), np.float64)
    for _ in range(moves):
        s.counts[MOVES] += 1
        s.counts[SINCE] += 1
        absents = s.counts[ABSENT]
        before = total(s)
        missed = 0
        for k in range(absents):
            missed += s.missed[s.absent[k]]
            left[k] = s.absent[k]
        count = ruin(g, tours, scratch, s, state, size, longest, rows)
        if count < 0 or count + absents == 0:
            undo(g, tours, scratch, s)
            continue
        for k in range(absents):
            rows[count] = left[k]
            count += 1
        missing = recreate(g, tours, scratch, s, state, rows, count, keys, BLINK)
        after = total(s)
        now = 0
        for k in range(missing):
            now += s.missed[rows[k]]
        if (missing == 0) != (absents == 0):
            good = missing == 0
        elif until_served and now != missed:
            good = now < missed
        elif missing < absents:
            good = True
        else:
            good = missing <= absents and after < before - hot * np.log(max(uniform(state), 1e-300))
        for k in range(missing):
            s.missed[rows[k]] += 1
        if not good:
            undo(g, tours, scratch, s)
            for k in range(absents):
                s.owner[left[k]] = NONE
            continue
        s.counts[ACCEPTED] += 1
        settle_move(s)
        s.counts[ABSENT] = missing
        for k in range(missing):
            s.absent[k] = rows[k]
        if missing < s.counts[BEST_ABSENT] or (missing == s.counts[BEST_ABSENT] and after < best - 1e-6):
            best = after
            note_best(tours, s)
        if until_served and missing == 0:
            break
    return best
