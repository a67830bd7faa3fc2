"""The whole plan at once: everyone known ahead, as few vehicles or as few kilometres as time allows.

First everybody is placed; then, when vehicles count first, one is kept at home as long as the others can take over its
riders; the time left goes to the distance.

Sources: Christiaens & Vanden Berghe 2020 (ruin and recreate by adjacent strings, absence counters).
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from ressort.engines.dispatch import kernels_state
from ressort.engines.dispatch import kernels_static as kernels
from ressort.engines.dispatch.arrays import PlanArrays
from ressort.engines.dispatch.kernels import NONE, Ints
from ressort.engines.dispatch.kernels_search import Seed
from ressort.engines.dispatch.kernels_state import ABSENT, BEST_ABSENT, MOVES, SINCE, Narrow, State
from ressort.engines.dispatch.plan import Plan
from ressort.engines.dispatch.problem import Matrix, Objective, Problem, Request, Vehicle
from ressort.engines.dispatch.stopping import Iterations, Progress, Stop
from ressort.units import Window

NEIGHBOURS = 100
"""Requests alike that are known of each."""
SIZE, LONGEST = 10, 10
"""Visits that a move takes out on average, and from one tour at most."""
HOT, COLD = 2.0, 0.01
"""First temperature, in shares of the mean cost of a request, and what is left of it at the end."""
CALM = 0.02
"""The same while somebody is absent: cost only decides between moves that leave the same people aside."""
FLEET = 0.5
"""Share of the time that may go to serving everybody and to needing fewer vehicles."""
BATCH = 200
"""Moves between two looks at the stopping criterion."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A whole plan.

    Parameters
    ----------
    plan
        Tours with planned times; who could not be served is in ``plan.unserved``.
    vehicles
        Number of vehicles used.
    cost
        By the objective, without the vehicles.
    iterations
        Moves tried.
    cpu
        CPU seconds of the search.
    """

    plan: Plan
    vehicles: int
    cost: float
    iterations: int
    cpu: float


def solve(
    problem: Problem,
    stop: Stop,
    seed: int,
    *,
    objective: Objective | None = None,
    fewest_vehicles: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Solved:
    """Plan every request of a problem.

    Parameters
    ----------
    problem
        Everybody is known, nobody is on the way.
    stop
        See :mod:`stopping`.
    seed
        Same seed and same number of moves, same plan.
    objective
        What a plan costs; the number of unserved comes first.
    fewest_vehicles
        Whether vehicles count before the cost.
    progress
        Called every few moves.
    """
    return _Session(problem, seed, objective or Objective(ride=0.0, reserve=0.0), stop, progress).run(
        fewest_vehicles=fewest_vehicles
    )


def solve_seeds(
    problem: Problem,
    stop: Stop,
    seeds: Sequence[int],
    executor: Executor,
    *,
    objective: Objective | None = None,
    fewest_vehicles: bool = False,
) -> Solved:
    """Plan every request with several seeds, wherever the executor runs them, and keep the best plan.

    Parameters
    ----------
    problem, stop, objective, fewest_vehicles
        See :func:`solve`; each seed has its own time or number of moves.
    seeds
        Under a limit of moves, the same seeds give the same plan, whatever the number of workers.
    executor
        Threads (the kernels let go of the interpreter's lock), processes, or what offers the same interface. A stop
        that is told from outside reaches threads only.

    Returns
    -------
    Solved
        The best plan; the first of ``seeds`` among equals. Moves and CPU seconds are those of all.
    """
    tasks = [
        executor.submit(solve, problem, stop, seed, objective=objective, fewest_vehicles=fewest_vehicles)
        for seed in seeds
    ]
    found = [task.result() for task in tasks]

    def worth(one: Solved) -> tuple[int, int, float]:
        return len(one.plan.unserved), one.vehicles if fewest_vehicles else 0, one.cost

    return replace(
        min(found, key=worth),
        iterations=sum(one.iterations for one in found),
        cpu=sum(one.cpu for one in found),
    )


def warm() -> None:
    """Compile the kernels of whole plans, or load them from the cache."""
    table = (np.abs(np.subtract.outer(np.arange(5), np.arange(5))) * 60).astype(np.int32)
    vans = tuple(Vehicle(name, 0, 0, Window(0, 10_000), (1,)) for name in "vw")
    # one seat, and twice the same minute: two vans are needed, so that keeping one at home is tried too
    asked = (
        Request(str(k), k, k + 1, Window(late - 60, late), Window(0, 9_000), (1,))
        for k, late in ((1, 300), (2, 300), (3, 5_000))
    )
    problem = Problem(Matrix(table, table), vans, {request.id: request for request in asked})
    solve(problem, Iterations(20), 1, fewest_vehicles=True)


class _Session:
    """One search: the arrays, the state of the kernels, how far it is."""

    def __init__(
        self,
        problem: Problem,
        seed: int,
        objective: Objective,
        stop: Stop,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.problem, self.stop, self.progress = problem, stop, progress
        self.arrays = arrays = PlanArrays()
        plan = Plan.empty(problem.vehicles)
        arrays.load(problem, plan, 0, room=2 * len(problem.requests))
        rows = [arrays.row(request) for request in problem.requests.values()]
        arrays.load(problem, plan, 0, room=2 * len(problem.requests))
        self.s = _state(arrays, rows, objective)
        self.seed: Seed = np.array([seed], np.uint64)
        self.started = time.thread_time()
        self.best = float("inf")
        for v in range(len(arrays.tours.length)):
            kernels_state.refresh(arrays.ground, arrays.tours, arrays.scratch, self.s, v)

    def fraction(self) -> float:
        """Return how much of the search is behind."""
        counts = self.s.counts
        state = Progress(
            int(counts[MOVES]), int(counts[SINCE]), time.thread_time() - self.started, self.best, int(counts[BEST_ABSENT])
        )  # fmt: skip
        if self.progress:
            self.progress(state)
        self._allowed = self.stop.moves(state)
        return self.stop.fraction(state) if self._allowed > 0 else 1.0

    def moves(self, hot: float, *, until_served: bool = False) -> None:
        """Try a batch of moves at a temperature."""
        a = self.arrays
        self.best = kernels.search(
            a.ground, a.tours, a.scratch, self.s, self.seed, min(BATCH, self._allowed), SIZE, LONGEST, hot, self.best,
            until_served,
        )  # fmt: skip

    def run(self, *, fewest_vehicles: bool) -> Solved:
        """Place everybody, then need fewer vehicles if that is asked, then less distance."""
        a, s = self.arrays, self.s
        if not len(s.movable):
            return self._solved()
        self._construct()
        while s.counts[ABSENT] and self.fraction() < FLEET:
            self.moves(self._scale() * CALM, until_served=True)
        if fewest_vehicles and not s.counts[ABSENT]:
            self._fewer()
        start = self.fraction()
        while (done := self.fraction()) < 1.0:
            self.moves(self._scale() * HOT * COLD ** ((done - start) / (1 - start)))
        kernels_state.restart(a.ground, a.tours, a.scratch, s)
        return self._solved()

    def _scale(self) -> float:
        """Return the mean cost of a request."""
        return float(self.s.cost.sum()) / max(len(self.s.movable), 1)

    def _construct(self) -> None:
        a, s = self.arrays, self.s
        rows = s.movable.copy()
        keys = np.empty(len(rows), np.float64)
        missing = kernels.recreate(a.ground, a.tours, a.scratch, s, self.seed, rows, len(rows), keys, 0.0)
        kernels_state.settle_move(s)
        s.counts[ABSENT] = missing
        s.absent[:missing] = rows[:missing]
        self.best = float(s.cost.sum())
        kernels_state.note_best(a.tours, s)

    def _fewer(self) -> None:
        """Keep one vehicle after the other at home, as long as the others can take over its riders."""
        a, s = self.arrays, self.s
        s.closed[a.tours.length == 0] = 1  # whatever comes next, distance opens no vehicle again
        while self.fraction() < FLEET:
            used = np.flatnonzero(a.tours.length).tolist()
            if len(used) <= 1:
                return
            least = min(used, key=lambda v: (self._missed(v), a.tours.length[v]))
            kernels_state.vacate(a.ground, a.tours, a.scratch, s, least)
            self.best = float("inf")
            s.counts[BEST_ABSENT] = len(s.movable) + 1
            keep = s.best_order.copy(), s.best_length.copy(), s.best_absent.copy()
            while s.counts[ABSENT] and self.fraction() < FLEET:
                self.moves(self._scale() * CALM, until_served=True)
            if s.counts[ABSENT]:  # out of time: back to the plan with one vehicle more
                s.best_order[:], s.best_length[:], s.best_absent[:] = keep
                s.counts[BEST_ABSENT] = 0
                s.closed[least] = 0
                kernels_state.restart(a.ground, a.tours, a.scratch, s)
                self.best = float(s.cost.sum())
                return
            self.best = float(s.cost.sum())
            kernels_state.note_best(a.tours, s)

    def _missed(self, v: int) -> int:
        a = self.arrays
        nodes = a.tours.order[v, : int(a.tours.length[v])]
        return int(self.s.missed[nodes[nodes % 2 == 0] // 2].sum())

    def _solved(self) -> Solved:
        a, s = self.arrays, self.s
        tours = [a.tour(v) for v in range(len(a.tours.length))]
        unserved = tuple(a.request(int(r)).id for r in s.absent[: int(s.counts[ABSENT])])
        used = sum(1 for tour in tours if tour.visits)
        return Solved(
            Plan({tour.vehicle: tour for tour in tours}, unserved), used, float(s.cost.sum() - s.weights[2] * used),
            int(s.counts[MOVES]), time.thread_time() - self.started,
        )  # fmt: skip


def _near(arrays: PlanArrays, rows: list[int]) -> Narrow:
    """Return for each request the rows of those alike, nearest first: by distance, by distance and time."""
    g = arrays.ground
    n = np.array(rows, np.int64)
    up, off = 2 * n, 2 * n + 1
    seconds = g.seconds.astype(np.int64)

    def apart(one: Ints, other: Ints) -> Ints:
        there = seconds[g.place[one][:, None], g.place[other][None]]
        return cast("Ints", np.minimum(there, seconds[g.place[other][:, None], g.place[one][None]].T))

    def gap(one: Ints) -> Ints:
        return cast(
            "Ints",
            np.maximum(
                np.maximum(g.early[one][:, None], g.early[one][None])
                - np.minimum(g.late[one][:, None], g.late[one][None]),
                0,
            ),
        )

    closest = np.minimum(
        np.minimum(apart(up, up), apart(off, off)), np.minimum(apart(up, off), apart(off, up))
    )
    alike = apart(up, up) + apart(off, off) + gap(up) + gap(off)
    count = min(NEIGHBOURS, len(rows) - 1) if len(rows) > 1 else 0
    near = np.zeros((2, len(g.ride), count), np.int32)
    for kind, table in enumerate((closest.astype(float), alike.astype(float))):
        np.fill_diagonal(table, np.inf)
        near[kind, n] = n[np.argsort(table, axis=1, kind="stable")[:, :count]]
    return near


def _state(arrays: PlanArrays, rows: list[int], objective: Objective) -> State:
    ground, tours = arrays.ground, arrays.tours
    size, (vehicles, columns) = len(ground.ride), tours.order.shape
    places = ground.place.reshape(-1, 2)
    groups: dict[tuple[object, ...], int] = {}
    alike = []
    for v in range(vehicles):
        one = arrays.vehicle(v)
        key = (one.start, one.end, one.shift, one.capacity, one.max_duration)
        alike.append(groups.setdefault(key, v))
    return State(
        owner=np.full(size, NONE, np.int64),
        fixed=np.zeros(size, np.int64),
        movable=np.array(sorted(rows), np.int64),
        absent=np.zeros(size, np.int64),
        missed=np.ones(size, np.int64),
        near=_near(arrays, rows),
        weights=objective.weights,
        cost=np.zeros(vehicles),
        closed=np.zeros(vehicles, np.int64),
        alike=np.array(alike, np.int64),
        stamp=np.zeros(vehicles, np.int64),
        memo=np.full((size, vehicles), NONE, np.int64),
        memo_cost=np.zeros((size, vehicles), np.int64),
        memo_i=np.zeros((size, vehicles), np.int32),
        memo_j=np.zeros((size, vehicles), np.int32),
        mark=np.zeros(vehicles, np.int64),
        ask=np.zeros(vehicles, np.int64),
        gone=np.zeros(size, np.int64),
        touched=np.zeros(vehicles, np.int64),
        saved_order=np.zeros((vehicles, columns), np.int64),
        saved_length=np.zeros(vehicles, np.int64),
        saved_cost=np.zeros(vehicles),
        saved_stamp=np.full(vehicles, NONE, np.int64),
        best_order=np.zeros((vehicles, columns), np.int64),
        best_length=np.zeros(vehicles, np.int64),
        best_absent=np.zeros(size, np.int64),
        counts=np.zeros(8, np.int64),
        times=np.zeros(columns + 2, np.int64),
        direct=ground.seconds[places[:, 0], places[:, 1]].astype(np.int64),
    )
