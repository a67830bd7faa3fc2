"""Ruin and recreate between events: the same promises, kept for less.

A move takes a few riders out (at random, alike, those of long detours, neighbours on a tour) and puts them back, the
one with most regret first, sometimes looking away from a tour; simulated annealing decides. The windows of the
requests *are* the promises: no move breaks one, drops a served rider or touches what has begun.

Sources: Shaw 1998 (related removal), Ropke & Pisinger 2006 (regret, worst removal), Christiaens & Vanden Berghe 2020
(blinks).
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ressort.engines.dispatch import kernels, kernels_search
from ressort.engines.dispatch.arrays import PlanArrays
from ressort.engines.dispatch.kernels import NONE
from ressort.engines.dispatch.kernels_search import Search, Seed
from ressort.engines.dispatch.plan import Plan, Tour, exchanges
from ressort.engines.dispatch.problem import Objective, Problem, Request
from ressort.engines.dispatch.stopping import Iterations, Progress, Stop
from ressort.units import Seconds

BATCH = 50
"""Moves between two looks at the stopping criterion."""

HOT, COLD = 0.2, 0.01
"""First temperature, in shares of the mean cost of a rider, and what is left of it at the end."""


def improve(
    problem: Problem,
    plan: Plan,
    stop: Stop,
    seed: int,
    *,
    now: Seconds = 0,
    objective: Objective | None = None,
    progress: Callable[[Progress], None] | None = None,
    largest: int = 10,
) -> Plan:
    """Return a plan that costs no more, serves everyone served before and, if it can, some of the unserved.

    Parameters
    ----------
    problem
        Holds every request of the plan, the unserved included.
    plan
        Visits begun or due at ``now`` stay as they are. Tours that cannot be driven as they stand are left alone.
    stop
        See :mod:`stopping`.
    seed
        Same seed and same number of moves, same plan.
    objective
        What a plan costs; the number of unserved comes first.
    progress
        Called every few moves.
    largest
        Number of riders that a move takes out, at most.

    Returns
    -------
    Plan
        Tours that did not change are the same objects.
    """
    return _Session(problem, plan, now, seed, objective or Objective()).run(stop, progress, largest)


def reinsert(
    problem: Problem,
    plan: Plan,
    request: Request,
    now: Seconds,
    *,
    seed: int = 0,
    stop: Stop | None = None,
    objective: Objective | None = None,
) -> Plan | None:
    """Make room for a request that fits nowhere: a few riders not yet picked up move inside their promises.

    Returns
    -------
    Plan or None
        The plan that serves it, with only the tours concerned changed; None if the search found none.
    """
    known = problem.with_requests(request)
    others = tuple(name for name in plan.unserved if name != request.id)
    asked = Plan(plan.tours, (*others, request.id))
    session = _Session(known, asked, now, seed, objective or Objective(), only=[request.id])
    better = session.run(stop or Iterations(300), None, largest=3, focus=1.0, until_served=True)
    vehicle = better.owners().get(request.id)
    if vehicle is None:
        return None
    concerned = next(group for group in exchanges(plan, better) if vehicle in group)
    return replace(plan.with_tours(*(better.tours[key] for key in concerned)), unserved=others)


def serve(
    problem: Problem,
    plan: Plan,
    now: Seconds,
    *,
    seed: int = 0,
    stop: Stop | None = None,
    objective: Objective | None = None,
) -> Plan:
    """Find places for the unserved of a plan, others moving inside their promises; stop when all have one."""
    session = _Session(problem, plan, now, seed, objective or Objective())
    return session.run(stop or Iterations(300), None, largest=4, focus=0.8, until_served=True)


class _Session:
    """One search: the arrays, the state of the kernels and the way back to a plan."""

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        now: Seconds,
        seed: int,
        objective: Objective,
        only: Sequence[str] | None = None,
    ) -> None:
        self.plan = plan
        self.arrays = arrays = PlanArrays()
        waiting = plan.unserved if only is None else only
        open_visits = sum(len(tour.visits) for tour in plan.tours.values())
        arrays.load(problem, plan, now, room=2 * len(waiting) + open_visits)
        bank = [arrays.row(problem.requests[name]) for name in waiting]
        self.search = _new_search(arrays, bank, objective)
        self.state: Seed = np.array([seed], np.uint64)
        for v in range(len(arrays.tours.length)):
            if arrays.tours.feasible[v]:
                self.search.cost[v] = kernels_search.tour_cost(arrays.ground, arrays.tours, self.search, v)
        kernels_search.keep_best(arrays.tours, self.search)

    def run(
        self,
        stop: Stop,
        progress: Callable[[Progress], None] | None,
        largest: int,
        focus: float = 0.3,
        *,
        until_served: bool = False,
    ) -> Plan:
        arrays, search = self.arrays, self.search
        first = best = float(search.cost.sum())
        waiting = int(search.counts[0])
        started, since = time.thread_time(), 0
        while len(search.movable) and not (until_served and search.counts[0] == 0):
            state = Progress(
                int(search.counts[1]), int(search.counts[1]) - since, time.thread_time() - started, best,
                int(search.counts[0]),
            )  # fmt: skip
            if progress:
                progress(state)
            done = stop.fraction(state)
            moves = min(BATCH, stop.moves(state))
            if done >= 1.0 or moves <= 0:
                break
            before = best, int(search.counts[0])
            # when the aim is to serve, a plan that is only cheaper would move riders for nothing
            found = kernels_search.search(
                arrays.ground, arrays.tours, arrays.scratch, search, self.state, moves, largest, focus,
                _temperature(best, len(search.movable), done), -math.inf if until_served else best,
            )  # fmt: skip
            best = max(found, first) if until_served else found
            if (best, int(search.counts[0])) != before:
                since = int(search.counts[1])
        if int(search.counts[0]) == waiting and (until_served or best >= first - 1e-6):
            return self.plan
        return self._best_plan()

    def _best_plan(self) -> Plan:
        arrays, search = self.arrays, self.search
        changed: list[Tour] = []
        for v in range(len(arrays.tours.length)):
            count = int(search.best_length[v])
            arrays.tours.length[v] = count
            arrays.tours.order[v, :count] = search.best_order[v, :count]
            before = arrays.plan.tours[arrays.vehicle(v).id]
            ids = [
                (arrays.request(node >> 1).id, not node & 1) for node in search.best_order[v, :count].tolist()
            ]
            if ids != [(visit.request, visit.pickup) for visit in before.visits[arrays.heads[v] :]]:
                kernels.lay(arrays.ground, arrays.tours, arrays.scratch, v)
                changed.append(arrays.tour(v))
        return self.plan.with_tours(*changed)


def _temperature(cost: float, riders: int, done: float) -> float:
    """Return how bad a move may be: from a part of what one rider costs on average down to nearly nothing."""
    return float(HOT * cost / riders * COLD**done)


def _new_search(arrays: PlanArrays, bank: list[int], objective: Objective) -> Search:
    ground, tours = arrays.ground, arrays.tours
    rows, (vehicles, columns) = len(ground.ride), tours.order.shape
    owner = np.full(rows, NONE, np.int64)
    served: list[int] = []
    for v in range(vehicles):
        nodes = tours.order[v, : int(tours.length[v])] if tours.feasible[v] else tours.order[v, :0]
        picked = (nodes[nodes % 2 == 0] // 2).tolist()
        owner[picked] = v
        served += picked
    waiting = np.zeros(rows, np.int64)
    waiting[: len(bank)] = bank
    places = ground.place.reshape(-1, 2)
    direct = ground.seconds[places[:, 0], places[:, 1]].astype(np.int64)
    return Search(
        owner=owner,
        bank=waiting,
        banked=np.array([len(bank)], np.int64),
        cost=np.zeros(vehicles),
        movable=np.array(sorted([*served, *bank]), np.int64),
        weights=objective.weights,
        saved_order=np.zeros((vehicles, columns), np.int64),
        saved_length=np.zeros(vehicles, np.int64),
        touched=np.zeros(vehicles, np.int64),
        best_order=np.zeros((vehicles, columns), np.int64),
        best_length=np.zeros(vehicles, np.int64),
        best_bank=np.zeros(rows, np.int64),
        counts=np.zeros(3, np.int64),
        times=np.zeros(columns + 2, np.int64),
        direct=direct,
    )
