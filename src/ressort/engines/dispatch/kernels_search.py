"""Compiled ruin and recreate over the tours of :mod:`kernels`.

Randomness is a splitmix64 state in an array: no global state, the same on every machine.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ressort.engines.dispatch.kernels import (
    BIG,
    NONE,
    Ground,
    Ints,
    Scratch,
    Tours,
    jit,
    lay,
    plan_times,
    travel,
)
from ressort.engines.dispatch.kernels_place import best_place, put, take

Seed = NDArray[np.uint64]
Floats = NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S11, _S27, _S30, _S31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)


class Search(NamedTuple):
    """State of a search. R rows of requests, V vehicles, C columns."""

    owner: Ints  # (R) vehicle of each request that may move, NONE for others
    bank: Ints  # (R) requests nobody serves; the first banked[0] count
    banked: Ints  # (1)
    cost: Floats  # (V) cost of each tour as it stands
    movable: Ints  # rows of the requests that may move
    weights: Floats  # travel, ride, vehicle, reserve
    saved_order: Ints  # (V, C) tours touched by the move under way, as they were
    saved_length: Ints  # (V)
    touched: Ints  # (V) 1 when saved
    best_order: Ints  # (V, C)
    best_length: Ints  # (V)
    best_bank: Ints  # (R)
    counts: Ints  # (3) banked in the best, moves tried, moves accepted
    times: Ints  # (C + 2) scratch
    direct: Ints  # (R) direct ride


@jit
def uniform(state: Seed) -> float:
    """Return the next number in [0, 1)."""
    state[0] += _STEP
    z = state[0]
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    z ^= z >> _S31
    return float(z >> _S11) / 9007199254740992.0


@jit
def below(state: Seed, count: int) -> int:
    """Return the next whole number in 0..count - 1."""
    return int(uniform(state) * count)


@jit
def spared(g: Ground, v: int, r: int) -> float:
    """Return how rare what vehicle ``v`` has and request ``r`` does not need is; see ``Problem.spared``."""
    rare = 0.0
    for d in range(g.load.shape[1]):
        if g.load[r, d] == 0:
            rare = max(rare, g.scarce[v, d])
    return rare


@jit
def plan_cost(g: Ground, tours: Tours, weights: Floats, times: Ints, direct: Ints, v: int) -> float:
    """Return the cost of tour ``v``, laid out and feasible; see ``problem.Objective``."""
    n = tours.length[v]
    cost = weights[0] * travel(tours, v)
    if n > 0 or g.begun[v] >= 0:
        cost += weights[2]
    if weights[1] > 0.0 and n > 0:
        plan_times(tours, v, times)
        for k in range(1, n + 1):
            r = tours.order[v, k - 1] // 2
            p = tours.pick[v, k]
            if p > 0:
                cost += weights[1] * (times[k] - times[p] - tours.service[v, p] - direct[r])
            elif tours.order[v, k - 1] % 2 == 1:
                cost += weights[1] * (times[k] - g.since[r] - direct[r])
    if weights[3] > 0.0:
        for k in range(n):
            if tours.order[v, k] % 2 == 1:
                cost += weights[3] * spared(g, v, tours.order[v, k] // 2)
    return float(cost)


@jit
def tour_cost(g: Ground, tours: Tours, s: Search, v: int) -> float:
    """Return the cost of tour ``v`` in a search."""
    return plan_cost(g, tours, s.weights, s.times, s.direct, v)


@jit
def save(tours: Tours, s: Search, v: int) -> None:
    """Keep tour ``v`` as it is, once per move, to bring it back if the move is refused."""
    if not s.touched[v]:
        s.touched[v] = 1
        s.saved_length[v] = tours.length[v]
        for k in range(tours.length[v]):
            s.saved_order[v, k] = tours.order[v, k]


@jit
def restore(g: Ground, tours: Tours, scratch: Scratch, s: Search) -> None:
    """Bring every touched tour back."""
    for v in range(len(tours.length)):
        if s.touched[v]:
            tours.length[v] = s.saved_length[v]
            for k in range(tours.length[v]):
                node = s.saved_order[v, k]
                tours.order[v, k] = node
                if node % 2 == 0:  # riders aboard have no pick-up left, and no owner: they never move
                    s.owner[node // 2] = v
            lay(g, tours, scratch, v)
            s.cost[v] = tour_cost(g, tours, s, v)
            s.touched[v] = 0


@jit
def nearness(g: Ground, a: int, b: int) -> float:
    """Return how unrelated two requests are: travel between their stops and time between their windows."""
    up_a, up_b, off_a, off_b = 2 * a, 2 * b, 2 * a + 1, 2 * b + 1
    apart = min(g.seconds[g.place[up_a], g.place[up_b]], g.seconds[g.place[up_b], g.place[up_a]])
    apart += min(g.seconds[g.place[off_a], g.place[off_b]], g.seconds[g.place[off_b], g.place[off_a]])
    gap = max(g.early[up_a], g.early[up_b]) - min(g.late[up_a], g.late[up_b])
    gap_off = max(g.early[off_a], g.early[off_b]) - min(g.late[off_a], g.late[off_b])
    return float(apart + max(gap, 0) + max(gap_off, 0))


@jit
def choose(
    g: Ground, tours: Tours, s: Search, state: Seed, wanted: int, focus: float, out: Ints, keys: Floats
) -> int:
    """Write in ``out`` at most ``wanted`` served movable requests to remove; return how many.

    ``focus`` is the share of moves that look around a request nobody serves.
    """
    served = 0
    for r in s.movable:
        if s.owner[r] >= 0:
            out[served] = r
            served += 1
    if served == 0:
        return 0
    wanted = min(wanted, served)
    kind = uniform(state)
    centre = out[below(state, served)]
    if s.banked[0] > 0 and uniform(state) < focus:
        centre = s.bank[below(state, s.banked[0])]
    for k in range(served):
        r = out[k]
        if kind < 0.15:  # anyone
            keys[k] = uniform(state)
        elif kind < 0.65:  # those like one of them
            keys[k] = nearness(g, centre, r) * (0.3 + uniform(state))
        elif kind < 0.8:  # those whose detour is long
            keys[k] = -detour(g, tours, s.owner[r], r) * uniform(state)
        else:  # neighbours on one tour, then those like them
            same = s.owner[centre] >= 0 and s.owner[r] == s.owner[centre]
            keys[k] = nearness(g, centre, r) * (0.2 if same else 1.0) * (0.8 + 0.4 * uniform(state))
    for k in range(wanted):  # partial selection sort: wanted is small
        least = k
        for m in range(k + 1, served):
            if keys[m] < keys[least]:
                least = m
        keys[k], keys[least] = keys[least], keys[k]
        out[k], out[least] = out[least], out[k]
    return wanted


@jit
def detour(g: Ground, tours: Tours, v: int, r: int) -> float:
    """Return the travel that removing request ``r`` from tour ``v`` saves."""
    gain = 0
    n = tours.length[v]
    k = 1
    while k <= n:
        if tours.order[v, k - 1] // 2 == r:
            before = tours.place[v, k - 1]
            gain += tours.leg[v, k]
            if k < n and tours.order[v, k] // 2 == r:
                gain += tours.leg[v, k + 1]
                k += 1
            gain += tours.leg[v, k + 1] - g.seconds[before, tours.place[v, k + 1]]
        k += 1
    return float(gain)


@jit
def remove(g: Ground, tours: Tours, scratch: Scratch, s: Search, rows: Ints, count: int) -> bool:
    """Take requests out of their tours; False if a tour left behind cannot be driven (no triangle inequality)."""
    for k in range(count):
        r = rows[k]
        v = s.owner[r]
        save(tours, s, v)
        take(tours, v, r)
        s.owner[r] = NONE
    for v in range(len(tours.length)):
        if s.touched[v]:
            if not lay(g, tours, scratch, v):
                return False
            s.cost[v] = tour_cost(g, tours, s, v)
    return True


@jit
def evaluate(
    g: Ground,
    tours: Tours,
    scratch: Scratch,
    reserve: float,
    r: int,
    v: int,
    state: Seed,
    blink: float,
    found: Ints,
) -> None:
    """Write the best place of ``r`` in tour ``v``; sometimes look away, so that greed does not repeat itself."""
    found[0] = BIG
    if blink > 0.0 and uniform(state) < blink:
        return
    found[0], found[1], found[2] = best_place(g, tours, scratch, v, r, BIG)
    if reserve > 0.0 and found[0] < BIG:
        found[0] += int(reserve * spared(g, v, r))


@jit
def recreate(
    g: Ground,
    tours: Tours,
    scratch: Scratch,
    s: Search,
    state: Seed,
    rows: Ints,
    count: int,
    blink: float,
    found: Ints,
) -> int:
    """Insert ``rows[:count]``, each time the one that would regret most to wait; return how many found no place.

    Those that did not are the first of ``rows`` on return. ``found`` (count, V, 3) keeps the best place of each in
    every tour; only the column of the tour that has just changed is computed again.
    """
    vehicles = len(tours.length)
    regretful = uniform(state) < 0.6
    for k in range(count):
        for v in range(vehicles):
            evaluate(g, tours, scratch, s.weights[3], rows[k], v, state, blink, found[k, v])
    missing = 0
    while count > missing:
        pick, where, urgency = NONE, NONE, -1.0
        for k in range(missing, count):
            first, second, best_v = BIG, BIG, NONE
            for v in range(vehicles):
                cost = found[k, v, 0]
                if cost < first:
                    first, second, best_v = cost, first, v
                elif cost < second:
                    second = cost
            if best_v == NONE:  # nowhere: aside
                pick, where = k, NONE
                break
            key = float(second - first) if regretful else 1e15 - first
            key += uniform(state)
            if key > urgency:
                pick, where, urgency = k, best_v, key
        if where == NONE:
            for v in range(vehicles):
                for c in range(3):
                    found[pick, v, c] = found[missing, v, c]
            rows[pick], rows[missing] = rows[missing], rows[pick]
            missing += 1
            continue
        r = rows[pick]
        save(tours, s, where)
        put(tours, where, r, found[pick, where, 1], found[pick, where, 2])
        lay(g, tours, scratch, where)
        s.cost[where] = tour_cost(g, tours, s, where)
        s.owner[r] = where
        count -= 1
        rows[pick] = rows[count]
        for v in range(vehicles):
            for c in range(3):
                found[pick, v, c] = found[count, v, c]
        for k in range(missing, count):
            evaluate(g, tours, scratch, s.weights[3], rows[k], where, state, blink, found[k, where])
    return missing


@jit
def total_cost(s: Search) -> float:
    """Return the cost of all tours."""
    return float(s.cost.sum())


@jit
def keep_best(tours: Tours, s: Search) -> None:
    """Note the tours as the best so far."""
    for v in range(len(tours.length)):
        s.best_length[v] = tours.length[v]
        for k in range(tours.length[v]):
            s.best_order[v, k] = tours.order[v, k]
    s.counts[0] = s.banked[0]
    for k in range(s.banked[0]):
        s.best_bank[k] = s.bank[k]


@jit
def search(
    g: Ground,
    tours: Tours,
    scratch: Scratch,
    s: Search,
    state: Seed,
    moves: int,
    largest: int,
    focus: float,
    hot: float,
    best: float,
) -> float:
    """Try ``moves`` ruins and recreations; return the cost of the best plan seen, kept in ``s``.

    A move that leaves a served request aside is refused; so is, with a probability that ``hot`` (a temperature)
    governs, one that costs more. Fewer in the bank always wins.
    """
    room = largest + 8
    rows, ruined = np.empty(len(s.owner) + room, np.int64), np.empty(len(s.owner), np.int64)
    keys = np.empty(len(s.owner), np.float64)
    found = np.empty((room, len(tours.length), 3), np.int64)
    for _ in range(moves):
        s.counts[1] += 1
        before = total_cost(s)
        wanted = 1 + below(state, largest)
        count = choose(g, tours, s, state, wanted, focus, ruined, keys)
        removed = count
        ok = remove(g, tours, scratch, s, ruined, count)
        if ok:
            for k in range(count):
                rows[k] = ruined[k]
            tried = min(s.banked[0], 8)  # some of those nobody serves get their chance
            for k in range(tried):
                m = k + below(state, s.banked[0] - k)
                s.bank[k], s.bank[m] = s.bank[m], s.bank[k]
                rows[count] = s.bank[k]
                count += 1
            missing = recreate(g, tours, scratch, s, state, rows, count, 0.02, found)
            for k in range(removed):
                ok = ok and s.owner[ruined[k]] >= 0
            gained = tried - missing
            after = total_cost(s)
            ok = ok and (gained > 0 or after < before - hot * np.log(max(uniform(state), 1e-300)))
        if not ok:
            restore(g, tours, scratch, s)
            for k in range(s.banked[0]):
                s.owner[s.bank[k]] = NONE
            continue
        s.counts[2] += 1
        for v in range(len(tours.length)):
            s.touched[v] = 0
        kept = 0
        for k in range(s.banked[0]):
            if s.owner[s.bank[k]] == NONE:
                s.bank[kept] = s.bank[k]
                kept += 1
        s.banked[0] = kept
        now = total_cost(s)
        if kept < s.counts[0] or (kept == s.counts[0] and now < best - 1e-6):
            best = now
            keep_best(tours, s)
    return best
