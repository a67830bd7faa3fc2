"""The rolling day: promise, freeze, advance; disrupt, repair.

:class:`RollingPlan` strings together, for simulations and rehearsals, pure functions that work as well on plans built
from stored rows: :func:`insertion.offers`, :func:`plan.freeze`, :func:`schedule.delayed`, :func:`repair.repair`…

Vehicles wait first: they leave for a visit as late as its planned time allows, so that until then the visit can still
move. A visit whose departure is due is frozen, then done.
"""

from collections.abc import Sequence
from dataclasses import replace

from ressort.engines.dispatch.arrays import PlanArrays
from ressort.engines.dispatch.improve import improve, reinsert
from ressort.engines.dispatch.insertion import Answer, Offer, nearest, offers
from ressort.engines.dispatch.plan import Plan, Tour, Visit, fold, progressed
from ressort.engines.dispatch.problem import Objective, Problem, Request
from ressort.engines.dispatch.repair import Repair, repair
from ressort.engines.dispatch.schedule import delayed, without
from ressort.engines.dispatch.stopping import Stop
from ressort.units import Seconds


class StaleOfferError(ValueError):
    """The tour has changed since the offer was made: ask again."""


class RollingPlan:
    """A day as it unfolds: what is asked, promised, driven and disturbed.

    Parameters
    ----------
    problem
        Travel and fleet; requests come as they are accepted.
    now
        Where the day starts, in seconds.
    seed
        Of every search; each takes the next one.
    objective
        Of insertions and searches.

    Attributes
    ----------
    problem, plan, now
        The state; values, replaced at every change.
    history
        Visits served, per vehicle, with their times.
    """

    def __init__(
        self, problem: Problem, now: Seconds = 0, *, seed: int = 0, objective: Objective | None = None
    ) -> None:
        self.problem = problem
        self.plan = Plan.empty(problem.vehicles)
        self.now = now
        self.objective = objective or Objective()
        self.history: dict[str, list[Visit]] = {vehicle.id: [] for vehicle in problem.vehicles}
        self._arrays = PlanArrays()
        self._seed = seed

    def _next_seed(self) -> int:
        self._seed += 1
        return self._seed

    def _replace(self, *tours: Tour) -> None:
        """Put changed tours in place, one version further."""
        fresh = []
        for tour in tours:
            known = self.plan.tours[tour.vehicle]
            if tour is not known:
                fresh.append(replace(tour, version=known.version + 1))
        self.plan = self.plan.with_tours(*fresh)

    def _tour_of(self, request: str) -> Tour:
        vehicle = self.plan.owners().get(request)
        if vehicle is None:
            raise KeyError(f"Nobody serves {request}.")
        return self.plan.tours[vehicle]

    def offer(self, alternatives: Sequence[Request], limit: int = 3) -> Answer:
        """Answer a request at once; see :func:`insertion.offers`."""
        return offers(
            self.problem,
            self.plan,
            alternatives,
            self.now,
            limit,
            objective=self.objective,
            arrays=self._arrays,
        )

    def nearest(self, alternatives: Sequence[Request]) -> tuple[Offer, ...]:
        """Return the nearest times that would work; see :func:`insertion.nearest`."""
        return nearest(self.problem, self.plan, alternatives, self.now, arrays=self._arrays)

    def accept(self, offer: Offer, promise: Request | None = None) -> Request:
        """Make an offer a promise; by default the one that :meth:`Offer.promised` states.

        Raises
        ------
        StaleOfferError
            If the tour has changed since the offer was made.
        """
        if self.plan.tours[offer.vehicle].version != offer.tour.version:
            raise StaleOfferError(f"The tour of {offer.vehicle} has changed since.")
        promise = promise or offer.promised()
        self.problem = self.problem.with_requests(promise)
        self._replace(offer.tour)
        return promise

    def squeeze(self, request: Request, stop: Stop | None = None) -> Request | None:
        """Make room for a request that fits nowhere; return what is promised, or None."""
        plan = reinsert(
            self.problem,
            self.plan,
            request,
            self.now,
            seed=self._next_seed(),
            stop=stop,
            objective=self.objective,
        )
        if plan is None:
            return None
        self.problem = self.problem.with_requests(request)
        self._replace(*plan.tours.values())
        return request

    def advance(self, now: Seconds) -> None:
        """Move on to ``now``: what is due is frozen, what is served goes to the history."""
        if now < self.now:
            raise ValueError(f"The day is at {self.now} already, not at {now}.")
        self.now = now
        moved = []
        for tour in self.plan.tours.values():
            rest, done = progressed(self.problem, tour, now)
            self.history[tour.vehicle] += done
            moved.append(rest)
        self._replace(*moved)

    def improve(self, stop: Stop) -> None:
        """Search for a cheaper way to keep the same promises."""
        better = improve(
            self.problem, self.plan, stop, self._next_seed(), now=self.now, objective=self.objective
        )
        self._replace(*better.tours.values())

    def cancel(self, request: str) -> None:
        """Take a rider off the plan; one toward whom the vehicle is under way counts as a no-show."""
        tour = self._tour_of(request)
        waits = any(visit.request == request and visit.pickup for visit in tour.visits[tour.frozen :])
        if waits:
            self._replace(without(self.problem, tour, [request], self.now))
        else:
            self.no_show(request)

    def no_show(self, request: str) -> None:
        """Go on without a rider who is not there: the vehicle has come, or comes, for nothing.

        Raises
        ------
        ValueError
            If the vehicle is already on its way to drop the rider off.
        """
        tour = self._tour_of(request)
        if any(visit.request == request and not visit.pickup for visit in tour.visits[: tour.frozen]):
            raise ValueError(f"{request} is aboard and about to arrive.")
        up = next(
            (k for k, visit in enumerate(tour.visits) if visit.request == request and visit.pickup), None
        )
        if up is not None and up >= tour.frozen:
            self.cancel(request)
            return
        done = 0 if up is None else up + 1
        self.history[tour.vehicle] += tour.visits[:done]
        rest = replace(fold(self.problem, tour, done), frozen=tour.frozen - done)
        empty = replace(rest, aboard=tuple(rider for rider in rest.aboard if rider.request != request))
        self._replace(without(self.problem, empty, [request], self.now))

    def delay(self, vehicle: str, seconds: Seconds) -> Repair:
        """Make a vehicle late wherever it is going: retime its tour and repair what that breaks."""
        self._replace(delayed(self.problem, self.plan.tours[vehicle], self.now, seconds))
        return self.repair()

    def breakdown(self, vehicle: str) -> Repair:
        """Take a vehicle off the fleet: others take over its riders."""
        fleet = tuple(other for other in self.problem.vehicles if other.id != vehicle)
        self.problem = Problem(self.problem.matrix, fleet, self.problem.requests)
        return self.repair()

    def repair(self, stop: Stop | None = None) -> Repair:
        """See :func:`repair`; the state becomes the repaired one."""
        result = repair(self.problem, self.plan, self.now, self._next_seed(), stop, self.objective)
        self.problem = result.problem
        known = self.plan.tours
        self.plan = Plan({k: t for k, t in known.items() if k in result.plan.tours}, result.plan.unserved)
        self._replace(*result.plan.tours.values())
        return result

    def driven(self, vehicle: str) -> Tour:
        """Return everything a vehicle has done and will do, as one tour from its start, to be audited."""
        idle = Tour.idle(self.problem.fleet[vehicle])
        return replace(idle, visits=(*self.history[vehicle], *self.plan.tours[vehicle].visits))
