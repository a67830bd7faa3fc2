"""On-demand transport and deliveries: who is driven by whom, when, within every promise made.

The usual way in::

    answer = offers(problem, plan, [request], now)
    offer = answer.offers[0]
    problem = problem.with_requests(offer.promised())
    plan = plan.with_tours(offer.tour)

Functions that bear the name of their module (``improve``, ``repair``, ``schedule``) are imported from it, so that
``dispatch.schedule`` always means the module.
"""

from ressort.engines.dispatch.arrays import PlanArrays
from ressort.engines.dispatch.improve import reinsert, serve
from ressort.engines.dispatch.insertion import Answer, Offer, Reason, Refusal, nearest, offers, record, replay
from ressort.engines.dispatch.online import RollingPlan, StaleOfferError
from ressort.engines.dispatch.plan import Aboard, Anchor, Plan, Tour, Visit, due, fold, freeze, progressed
from ressort.engines.dispatch.problem import (
    UNREACHABLE,
    Matrix,
    Objective,
    Problem,
    ProblemError,
    Request,
    Vehicle,
)
from ressort.engines.dispatch.repair import Repair
from ressort.engines.dispatch.schedule import (
    Rule,
    Schedule,
    Violation,
    audit,
    delayed,
    retimed,
    violations,
    without,
)
from ressort.engines.dispatch.simulate import Answered, DayResult, Played, play
from ressort.engines.dispatch.static import Solved, solve, solve_seeds
from ressort.engines.dispatch.stopping import (
    CpuSeconds,
    FirstOf,
    Iterations,
    NoImprovement,
    Progress,
    Stop,
    WhenTold,
)
from ressort.engines.dispatch.warming import warm

__all__ = [
    "UNREACHABLE",
    "Aboard",
    "Anchor",
    "Answer",
    "Answered",
    "CpuSeconds",
    "DayResult",
    "FirstOf",
    "Iterations",
    "Matrix",
    "NoImprovement",
    "Objective",
    "Offer",
    "Plan",
    "PlanArrays",
    "Played",
    "Problem",
    "ProblemError",
    "Progress",
    "Reason",
    "Refusal",
    "Repair",
    "Request",
    "RollingPlan",
    "Rule",
    "Schedule",
    "Solved",
    "StaleOfferError",
    "Stop",
    "Tour",
    "Vehicle",
    "Violation",
    "Visit",
    "WhenTold",
    "audit",
    "delayed",
    "due",
    "fold",
    "freeze",
    "nearest",
    "offers",
    "play",
    "progressed",
    "record",
    "reinsert",
    "replay",
    "retimed",
    "serve",
    "solve",
    "solve_seeds",
    "violations",
    "warm",
    "without",
]
