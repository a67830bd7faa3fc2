"""On-demand transport and deliveries: who is driven by whom, when, within every promise made.

The usual way in::

    answer = offers(problem, plan, [request], now)
    offer = answer.offers[0]
    problem = problem.with_requests(offer.promised())
    plan = plan.with_tours(offer.tour)
"""

from ressort.engines.dispatch.arrays import PlanArrays
from ressort.engines.dispatch.insertion import Answer, Offer, Reason, Refusal, nearest, offers, record, replay
from ressort.engines.dispatch.plan import Aboard, Anchor, Plan, Tour, Visit
from ressort.engines.dispatch.problem import (
    UNREACHABLE,
    Matrix,
    Objective,
    Problem,
    ProblemError,
    Request,
    Vehicle,
)
from ressort.engines.dispatch.schedule import Rule, Schedule, Violation, audit, schedule, violations

__all__ = [
    "UNREACHABLE",
    "Aboard",
    "Anchor",
    "Answer",
    "Matrix",
    "Objective",
    "Offer",
    "Plan",
    "PlanArrays",
    "Problem",
    "ProblemError",
    "Reason",
    "Refusal",
    "Request",
    "Rule",
    "Schedule",
    "Tour",
    "Vehicle",
    "Violation",
    "Visit",
    "audit",
    "nearest",
    "offers",
    "record",
    "replay",
    "schedule",
    "violations",
]
