"""An answer that may move others: where nothing fits, riders not yet picked up are placed anew inside their promises.

Every way to insert a request as the plan stands is looked at first (:func:`insertion.offers`); only then is room
sought, a few hundred moves of :func:`improve.reinsert` per pair of stops, so that the answer stays immediate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ressort.engines.dispatch import insertion
from ressort.engines.dispatch.improve import reinsert
from ressort.engines.dispatch.insertion import Answer, Offer
from ressort.engines.dispatch.plan import Plan, Tour, due
from ressort.engines.dispatch.problem import Json, Matrix, Objective, Problem, Request
from ressort.engines.dispatch.schedule import Schedule, schedule, timed_tour
from ressort.engines.dispatch.stopping import Iterations
from ressort.units import Seconds


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard room is sought.

    Parameters
    ----------
    moves
        Of the search, for each alternative tried; 0 seeks none.
    tried
        Alternatives tried at most, those with the least penalty first.
    seed
        Same seed and same plan, same answer.
    """

    moves: int = 300
    tried: int = 3
    seed: int = 0


def answer(
    problem: Problem,
    plan: Plan,
    alternatives: Sequence[Request],
    now: Seconds,
    limit: int = 3,
    *,
    whole: Sequence[Request] = (),
    effort: Effort | None = None,
    objective: Objective | None = None,
) -> Answer:
    """Answer a request: offers as the plan stands, else one for which others move inside their promises.

    Parameters
    ----------
    problem, plan, alternatives, now, limit, objective
        See :func:`insertion.offers`.
    whole
        The alternatives among which room is sought, if they are not the same (windows not cut into slices).
    effort
        How hard; the usual effort by default.
    """
    found = insertion.offers(problem, plan, alternatives, now, limit, objective=objective)
    if found.offers or not plan.tours:
        return found
    made = room(problem, plan, whole or alternatives, now, effort=effort, objective=objective)
    return Answer((made,)) if made else found


def room(
    problem: Problem,
    plan: Plan,
    alternatives: Sequence[Request],
    now: Seconds,
    *,
    effort: Effort | None = None,
    objective: Objective | None = None,
) -> Offer | None:
    """Make room for a request that fits nowhere; return the offer with the other tours that it changes, or None."""
    effort = effort or Effort()
    possible = [request for request in alternatives if insertion.hopeless(problem, request, now) is None]
    for request in sorted(possible, key=lambda one: one.penalty)[: effort.tried if effort.moves else 0]:
        stop = Iterations(effort.moves)
        better = reinsert(problem, plan, request, now, seed=effort.seed, stop=stop, objective=objective)
        if better is not None:
            return _offer(problem, plan, better, request, now, objective or Objective())
    return None


def _offer(
    problem: Problem, before: Plan, after: Plan, request: Request, now: Seconds, objective: Objective
) -> Offer:
    known = problem.with_requests(request)
    vehicle = after.owners()[request.id]
    changed = [key for key, tour in after.tours.items() if tour is not before.tours[key]]
    heads = {key: due(problem, before.tours[key], now) for key in changed}
    was = [_schedule(problem, before.tours[key], heads[key], now) for key in changed]
    becomes = {key: _schedule(known, after.tours[key], heads[key], now) for key in changed}
    seconds = sum(one.seconds for one in becomes.values()) - sum(one.seconds for one in was)
    metres = sum(one.metres for one in becomes.values()) - sum(one.metres for one in was)
    tour = after.tours[vehicle]
    up, off = (visit.at for visit in tour.visits if visit.request == request.id)
    return Offer(
        request=request,
        vehicle=vehicle,
        tour=tour,
        schedule=becomes[vehicle],
        pickup_at=up,
        dropoff_at=off,
        ride=off - up - request.pickup_service,
        extra_seconds=seconds,
        extra_metres=metres,
        cost=objective.travel * seconds
        + request.penalty
        + objective.reserve * known.spared(vehicle, request),
        squeezed=True,
        others=tuple(after.tours[key] for key in changed if key != vehicle),
    )


def _schedule(problem: Problem, tour: Tour, head: int, now: Seconds) -> Schedule:
    found = schedule(problem, replace(tour, frozen=head), now)
    assert found is not None, "a search leaves alone what cannot be driven"
    return found


def narrowed(problem: Problem, offer: Offer, promise: Request, now: Seconds) -> Offer | None:
    """Return an offer of :func:`room` as it is promised, or None if its tour does not keep the promise.

    ``promise`` bears the id of the request it narrows.
    """
    timed = timed_tour(problem.with_requests(promise), offer.tour, now)  # only what was due before is a fact
    if timed is None:
        return None
    kept = timed[0]
    up, off = (visit.at for visit in kept.visits if visit.request == promise.id)
    ride = off - up - promise.pickup_service
    return replace(offer, request=promise, tour=kept, pickup_at=up, dropoff_at=off, ride=ride)


def record(
    problem: Problem,
    plan: Plan,
    alternatives: Sequence[Request],
    now: Seconds,
    limit: int = 3,
    *,
    whole: Sequence[Request] = (),
    effort: Effort | None = None,
) -> Json:
    """Return what a decision receipt keeps of a call to :func:`answer` with the usual objective."""
    kept = insertion.record(problem, plan, alternatives, now, limit)
    effort = effort or Effort()
    kept["effort"] = [effort.moves, effort.tried, effort.seed]
    kept["whole"] = [request.to_json() for request in whole]
    return kept


def replay(receipt: Json, matrix: Matrix | None = None) -> Answer:
    """Answer again from what :func:`record` kept; a receipt without effort had only what fitted."""
    if "effort" not in receipt:
        return insertion.replay(receipt, matrix)
    problem = Problem.from_json(receipt["problem"], matrix)
    return answer(
        problem,
        Plan.from_json(receipt["plan"]),
        [Request.from_json(request) for request in receipt["alternatives"]],
        receipt["now"],
        receipt["limit"],
        whole=[Request.from_json(request) for request in receipt["whole"]],
        effort=Effort(*receipt["effort"]),
        objective=insertion.objective_of(receipt),
    )
