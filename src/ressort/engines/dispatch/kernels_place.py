"""Compiled kernels: where a request goes in a tour, screened in O(1) a pair of positions and checked exactly."""

from ressort.engines.dispatch.kernels import BIG, FAR, NONE, Ground, Ints, Scratch, Tours, jit, settle
from ressort.engines.dispatch.problem import UNREACHABLE


@jit
def shortens(g: Ground, tours: Tours, v: int, r: int) -> bool:
    """Whether a stop of request ``r`` could bring tour ``v`` sooner to the visit after it.

    It could only where the way by the stop, service included, is shorter than the direct one. Times of travel from a
    road network never say so; others may. The bounds of :mod:`kernels` do not hold for the tour then.
    """
    seconds, place, leg = g.seconds, tours.place[v], tours.leg[v]
    up, off = g.place[2 * r], g.place[2 * r + 1]
    serve_up, serve_off = g.service[2 * r], g.service[2 * r + 1]
    for k in range(tours.length[v] + 1):
        a, b = place[k], place[k + 1]
        to_up, from_off = seconds[a, up] + serve_up, serve_off + seconds[off, b]
        least = min(to_up + seconds[up, b], seconds[a, off] + from_off)
        if min(least, to_up + seconds[up, off] + from_off) < leg[k + 1]:
            return True
    return False


@jit
def bounds(tours: Tours, v: int, loose: int) -> tuple[Ints, Ints]:
    """Return what no visit of tour ``v`` can be before and after: if ``loose``, even where a stop shortens the way."""
    if loose:
        return tours.early[v], tours.late[v]
    return tours.first[v], tours.last[v]


@jit
def splice_fits(
    g: Ground, tours: Tours, scratch: Scratch, v: int, r: int, i: int, j: int, loose: int
) -> bool:
    """Check exactly tour ``v`` with request ``r`` picked up after position ``i`` and dropped off after ``j >= i``.

    On return ``scratch.time[0 .. n+3]`` holds the least solution when it fits. See :func:`bounds` for ``loose``.
    """
    first, last = bounds(tours, v, loose)
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
        leg[m], late[m], service[m] = tours.leg[v, k], last[k], tours.service[v, k]
        pick[m], limit[m], time[m] = p, tours.limit[v, k], first[k]
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
    if loose:
        return settle(m, 0, m, leg, late, service, pick, limit, time)
    return settle(m, i + 1, j + 3, leg, late, service, pick, limit, time)


@jit
def dropping(g: Ground, tours: Tours, scratch: Scratch, v: int, r: int, loose: int) -> None:
    """Write in ``scratch.off[j]`` the extra travel of dropping ``r`` off after position ``j >= 1``, BIG if never in time.

    ``scratch.least[j]`` is the least of those from ``j`` on: what any pair that begins before has to pay.
    """
    n = tours.length[v]
    off, late, early = g.place[2 * r + 1], g.late[2 * r + 1], g.early[2 * r + 1]
    place, leg = tours.place[v], tours.leg[v]
    first, last = bounds(tours, v, loose)
    service = g.service[2 * r + 1]
    least = BIG
    for j in range(n, 0, -1):
        to_off, from_off = g.seconds[place[j], off], g.seconds[off, place[j + 1]]
        soonest = max(early, first[j] + tours.service[v, j] + to_off)
        scratch.off[j] = BIG
        if soonest <= late and soonest + service + from_off <= last[j + 1]:
            scratch.off[j] = to_off + from_off - leg[j + 1]
            least = min(least, scratch.off[j])
        scratch.least[j] = least


@jit
def best_place(g: Ground, tours: Tours, scratch: Scratch, v: int, r: int, bound: int) -> tuple[int, int, int]:
    """Return (extra travel, i, j) of the cheapest exact insertion of ``r`` in tour ``v`` below ``bound``.

    (BIG, NONE, NONE) when there is none. Every pair of positions that may be cheaper than the best so far is screened, and
    checked exactly only when it passes; where only windows bind, the screen is exact. First of ties.
    """
    best, best_i, best_j = BIG, NONE, NONE
    if not tours.feasible[v]:
        return best, best_i, best_j
    seconds = g.seconds
    n = tours.length[v]
    up, off = g.place[2 * r], g.place[2 * r + 1]
    late_up, late_off = g.late[2 * r], g.late[2 * r + 1]
    serve_up, serve_off = g.service[2 * r], g.service[2 * r + 1]
    early_up, early_off, ride = g.early[2 * r], g.early[2 * r + 1], g.ride[r]
    place, leg, service, load = tours.place[v], tours.leg[v], tours.service[v], tours.load[v]
    loose = shortens(g, tours, v, r)
    first, last = bounds(tours, v, loose)
    dims = load.shape[1]
    direct = seconds[up, off]
    plain = tours.plain[v] == 1 and ride >= FAR and loose == 0
    dropping(g, tours, scratch, v, r, loose)
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
            and (plain or splice_fits(g, tours, scratch, v, r, i, i, loose))
        ):
            best, best_i, best_j = cost, i, i
        from_up = seconds[up, place[i + 1]]
        base = to_up + from_up - leg[i + 1]
        time = t_up + serve_up + from_up
        for j in range(i + 1, n + 1):
            time = max(time, first[j])
            if time > last[j] or base + scratch.least[j] >= min(best, bound):
                break
            for d in range(dims):
                fits &= load[j, d] + g.load[r, d] <= g.capacity[v, d]
            leaves = time + service[j]
            if not fits or leaves > late_off or leaves - serve_up - ride > late_up:
                break
            cost = base + scratch.off[j]
            if cost < min(best, bound):
                from_off = seconds[off, place[j + 1]]
                t_off = max(early_off, leaves + seconds[place[j], off])
                if (
                    t_off <= late_off
                    and t_off - serve_up - ride <= late_up
                    and t_off + serve_off + from_off <= last[j + 1]
                    and (plain or splice_fits(g, tours, scratch, v, r, i, j, loose))
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
