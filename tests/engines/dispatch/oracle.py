"""A naive oracle: one tour as difference constraints, solved by Bellman-Ford over every constraint."""

from ressort.engines.dispatch import UNREACHABLE, Problem, Tour


def least_times(problem: Problem, tour: Tour, now: int = 0) -> list[int] | None:
    """Least possible times of all visits of a tour (frozen ones as they are), or None if no times keep every rule."""
    vehicle = problem.fleet[tour.vehicle]
    seconds, visits, n = problem.matrix.seconds, tour.visits, len(tour.visits)
    frozen = tour.frozen
    if not _loads_fit(problem, tour):
        return None
    start, end = 0, n + 1  # variable k + 1 is the visit k
    lower = [0] * (n + 2)
    upper = [2**60] * (n + 2)
    arcs: list[tuple[int, int, int]] = []  # (a, b, w): t[b] >= t[a] + w
    place, before, served = tour.anchor.place, start, 0
    lower[start] = max(tour.anchor.time, vehicle.shift.earliest)
    for k, visit in enumerate(visits):
        leg = int(seconds[place, visit.place(problem)])
        place = visit.place(problem)
        if k < frozen:
            lower[k + 1] = upper[k + 1] = visit.at
        else:
            if leg >= UNREACHABLE:
                return None
            window = visit.window(problem)
            lower[k + 1], upper[k + 1] = max(window.earliest, now + leg), window.latest
            arcs.append((before, k + 1, served + leg))
        before, served = k + 1, visit.service(problem)
    leg = int(seconds[place, vehicle.end])
    if leg >= UNREACHABLE:
        return None
    arcs.append((before, end, served + leg))
    lower[end], upper[end] = now + leg, vehicle.shift.latest
    _rides(problem, tour, upper, arcs)
    _duration(problem, tour, upper, arcs)
    return _solve(lower, upper, arcs)


def _rides(problem: Problem, tour: Tour, upper: list[int], arcs: list[tuple[int, int, int]]) -> None:
    visits = tour.visits
    since = {rider.request: rider.since for rider in tour.aboard}
    for k, visit in enumerate(visits):
        if visit.pickup or k < tour.frozen:
            continue
        request = problem.requests[visit.request]
        if visit.request in since:
            upper[k + 1] = min(upper[k + 1], since[visit.request] + request.max_ride)
        else:
            up = next(m for m, other in enumerate(visits) if other.pickup and other.request == visit.request)
            arcs.append((k + 1, up + 1, -(request.max_ride + request.pickup_service)))


def _duration(problem: Problem, tour: Tour, upper: list[int], arcs: list[tuple[int, int, int]]) -> None:
    vehicle, visits, seconds = problem.fleet[tour.vehicle], tour.visits, problem.matrix.seconds
    start, end = 0, len(visits) + 1
    if vehicle.max_duration is not None:
        begun = tour.begun
        if begun is None and tour.frozen:
            begun = max(
                tour.anchor.time, visits[0].at - int(seconds[tour.anchor.place, visits[0].place(problem)])
            )
        if begun is not None:
            upper[end] = min(upper[end], begun + vehicle.max_duration)
        else:
            arcs.append((end, start, -vehicle.max_duration))


def _solve(lower: list[int], upper: list[int], arcs: list[tuple[int, int, int]]) -> list[int] | None:
    times = list(lower)
    for _ in range(len(times) + 1):
        changed = False
        for a, b, w in arcs:
            if times[a] + w > times[b]:
                times[b] = times[a] + w
                changed = True
        if any(time > limit for time, limit in zip(times, upper, strict=True)):
            return None
        if not changed:
            return times[1:-1]
    return None  # still rising: a cycle that gains time


def _loads_fit(problem: Problem, tour: Tour) -> bool:
    capacity = problem.fleet[tour.vehicle].capacity
    held = [0] * len(capacity)
    for rider in tour.aboard:
        held = [a + b for a, b in zip(held, problem.requests[rider.request].load, strict=True)]
    for k, visit in enumerate(tour.visits):
        sign = 1 if visit.pickup else -1
        held = [a + sign * b for a, b in zip(held, problem.requests[visit.request].load, strict=True)]
        if visit.pickup and k >= tour.frozen and any(a > b for a, b in zip(held, capacity, strict=True)):
            return False
    return True
