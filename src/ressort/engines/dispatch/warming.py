"""Compile every kernel ahead of the first question, so that the first rider does not wait for it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ressort.engines.dispatch.improve import improve, reinsert
from ressort.engines.dispatch.insertion import offers
from ressort.engines.dispatch.plan import Plan
from ressort.engines.dispatch.problem import Matrix, Problem, Request, Vehicle
from ressort.engines.dispatch.stopping import Iterations
from ressort.units import Window

INSERTION, SEARCH = "Compiler l'insertion", "Compiler la recherche"


def warm(progress: Callable[[str, float], None] | None = None) -> None:
    """Run the engine once on a tiny problem, which compiles its kernels or loads them from the cache.

    Parameters
    ----------
    progress
        Called with the name of each step, in French, and the share of it done.
    """
    say = progress or (lambda _step, _done: None)
    table = (np.abs(np.subtract.outer(np.arange(4), np.arange(4))) * 60).astype(np.int32)
    problem = Problem(Matrix(table, table), (Vehicle("v", 0, 0, Window(0, 10_000), (4,)),))
    request = Request("a", 1, 3, Window(500, 900), Window(500, 2_000), (1,), 600)
    say(INSERTION, 0.0)
    offer = offers(problem, Plan.empty(problem.vehicles), [request], 0).offers[0]
    problem = problem.with_requests(offer.promised())
    plan = Plan.empty(problem.vehicles).with_tours(offer.tour)
    say(INSERTION, 1.0)
    say(SEARCH, 0.0)
    improve(problem, plan, Iterations(2), 1)
    reinsert(problem, plan, replace(request, id="b", load=(5,)), 0, stop=Iterations(2))
    say(SEARCH, 1.0)
