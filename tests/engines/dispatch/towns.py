"""Small seeded problems for the tests of the dispatcher: places on a square, vans, riders."""

import random

import numpy as np

from ressort.engines.dispatch import (
    UNREACHABLE,
    Aboard,
    Anchor,
    Matrix,
    Plan,
    Problem,
    Request,
    Tour,
    Vehicle,
    Visit,
)
from ressort.units import Window


def square(rng: random.Random, places: int, side: int = 3000, *, holes: float = 0.0) -> Matrix:
    """Travel on a square, at one metre a second, Euclidean rounded up, some pairs without a way."""
    points = [(rng.uniform(0, side), rng.uniform(0, side)) for _ in range(places)]
    xy = np.array(points)
    seconds = np.ceil(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))).astype(np.int64)
    for a in range(places):
        for b in range(places):
            if a != b and rng.random() < holes:
                seconds[a, b] = UNREACHABLE
    return Matrix(seconds, seconds)


def rough(rng: random.Random, places: int, longest: int = 400) -> Matrix:
    """Travel that respects nothing, not even the triangle inequality."""
    seconds = np.array(
        [[0 if a == b else rng.randint(0, longest) for b in range(places)] for a in range(places)]
    )
    return Matrix(seconds, seconds)


def van(name: str = "van", seats: tuple[int, ...] = (4, 1), **fields) -> Vehicle:
    return Vehicle(
        **{"id": name, "start": 0, "end": 0, "shift": Window(0, 20_000), "capacity": seats, **fields}
    )


def rider(rng: random.Random, name: str, matrix: Matrix, horizon: int = 12_000, dims: int = 2) -> Request:
    """A rider who leaves after or arrives before some time, for a ride of at most 1.5 times the direct one."""
    up, off = rng.sample(range(matrix.size), 2)
    direct = int(matrix.seconds[up, off])
    revealed = rng.randint(0, horizon)
    earliest = revealed + rng.randint(600, 5000)
    ride = max(direct + 300, direct * 3 // 2)
    pickup = Window(earliest, earliest + rng.randint(300, 1500))
    dropoff = Window(earliest, pickup.latest + 60 + ride)
    load = (rng.randint(1, 2), int(rng.random() < 0.1), *([0] * (dims - 2)))
    return Request(name, up, off, pickup, dropoff, load[:dims], ride, 30, 20, revealed)


def day(seed: int, vans: int = 3, riders: int = 25, places: int = 15) -> Problem:
    rng = random.Random(seed)
    matrix = square(rng, places)
    fleet = tuple(van(f"van-{v}", shift=Window(0, 40_000)) for v in range(vans))
    requests = [rider(rng, f"r{k}", matrix) for k in range(riders)]
    return Problem(matrix, fleet, {request.id: request for request in requests})


def tangled(rng: random.Random) -> tuple[Problem, Tour, int]:
    """One tour in a random valid order, often impossible to drive: windows, rides, loads, durations, riders aboard,
    frozen visits, unreachable pairs. Returns it with a time of the question."""
    places = rng.randint(2, 6)
    matrix = (
        rough(rng, places, rng.choice([20, 60, 400]))
        if rng.random() < 0.9
        else square(rng, places, 300, holes=0.1)
    )
    tightness = rng.choice([100, 400, 1000, 3000])
    duration = rng.choice([None, None, rng.randint(200, 4000)])
    vehicle = van(
        shift=Window(0, rng.choice([2500, 6000])), start=rng.randrange(places), end=rng.randrange(places),
        max_duration=duration,
    )  # fmt: skip
    requests: dict[str, Request] = {}
    for k in range(rng.randint(1, 6)):
        name = f"r{k}"
        begin, end = rng.randint(0, 2500), rng.randint(0, 3500)
        requests[name] = Request(
            name, rng.randrange(places), rng.randrange(places), Window(begin, begin + rng.randint(0, tightness)),
            Window(end, end + rng.randint(0, tightness)), (rng.randint(0, 2), rng.randint(0, 1)),
            rng.randint(0, tightness), rng.randint(0, 60), rng.randint(0, 60),
        )  # fmt: skip
    problem = Problem(matrix, (vehicle,), requests)
    order = order_of(rng, list(requests))
    anchor = Anchor(vehicle.start, rng.randint(0, 300))
    cut = rng.choice([0, 0, rng.randint(0, len(order))])
    aboard: list[Aboard] = []
    if cut:  # what lies before the cut is past: keep those still aboard, forget those dropped off
        past, order = order[:cut], order[cut:]
        time = rng.randint(0, 1500)
        ahead = {name for name, _ in order}
        aboard = [Aboard(name, rng.randint(0, time)) for name, pickup in past if pickup and name in ahead]
        anchor = Anchor(rng.randrange(places), time)
    visits = [Visit(name, pickup) for name, pickup in order]
    frozen = rng.choice([0, rng.randint(0, len(visits))])
    time, place = anchor.time, anchor.place
    for k in range(frozen):
        there = visits[k].place(problem)
        time += min(int(matrix.seconds[place, there]), 500) + rng.randint(0, 50)
        visits[k] = Visit(visits[k].request, visits[k].pickup, time)
        time, place = time + visits[k].service(problem), there
    begun = rng.randint(0, anchor.time) if cut else None
    return (
        problem,
        Tour("van", anchor, tuple(visits), frozen, tuple(aboard), begun),
        rng.choice([0, rng.randint(0, 900)]),
    )


def order_of(rng: random.Random, names: list[str]) -> list[tuple[str, bool]]:
    """A random order of visits, each pick-up before its drop-off."""
    visits = [(name, True) for name in names] + [(name, False) for name in names]
    while True:
        rng.shuffle(visits)
        if rng.random() < 0.3:  # short rides have a chance to be possible
            visits = [
                (name, up) for name in dict.fromkeys(name for name, _ in visits) for up in (True, False)
            ]
        if all(visits.index((name, True)) < visits.index((name, False)) for name in names):
            return visits


def unneeded(problem: Problem, vehicle: str, request: Request) -> float:
    """How rare the rarest thing is that a vehicle has and a rider does not need, by the book."""
    rare = 0.0
    for d, room in enumerate(problem.fleet[vehicle].capacity):
        without = [other for other in problem.vehicles if other.capacity[d] == 0]
        if room > 0 and request.load[d] == 0:
            rare = max(rare, len(without) / len(problem.vehicles))
    return rare


def serve(problem: Problem, plan: Plan) -> dict[str, int]:
    """Planned pick-up of everyone in the plan."""
    return {v.request: v.at for tour in plan.tours.values() for v in tour.visits if v.pickup}
