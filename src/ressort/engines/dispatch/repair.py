"""A disturbed plan brought back to one that can be driven: which promises are kept, moved or broken."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ressort.engines.dispatch.improve import serve
from ressort.engines.dispatch.insertion import offers
from ressort.engines.dispatch.plan import Plan, Tour, freeze, progressed
from ressort.engines.dispatch.problem import Objective, Problem, Request
from ressort.engines.dispatch.schedule import Rule, Violation, retimed, schedule, violations, without
from ressort.engines.dispatch.stopping import Iterations, Stop
from ressort.units import FAR_FUTURE, MINUTE, Seconds, Window

STEPS_LATE = tuple(minutes * MINUTE for minutes in (5, 10, 15, 20, 30, 45, 60, 90, 120, 180))
"""How much later a broken promise is tried again."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of the promises.

    Parameters
    ----------
    problem, plan
        With the new promises, and the plan that keeps them.
    kept
        Requests that keep promise and vehicle.
    moved
        Requests that keep their promise with another vehicle: (before, after).
    broken
        Requests whose promise cannot be kept: the new one, or None if nobody can serve them.
    overtime
        Vehicles that will end their shift late, by how many seconds.
    """

    problem: Problem
    plan: Plan
    kept: tuple[str, ...]
    moved: Mapping[str, tuple[str, str]]
    broken: Mapping[str, Request | None]
    overtime: Mapping[str, Seconds]


def repair(
    problem: Problem,
    plan: Plan,
    now: Seconds,
    seed: int = 0,
    stop: Stop | None = None,
    objective: Objective | None = None,
) -> Repair:
    """Bring a disturbed plan back to one that can be driven, breaking as few promises as it finds how to.

    Riders not yet picked up leave the tours that can no longer serve them and are put back anywhere, others moving
    inside their promises if need be; the promises that remain impossible get the nearest later ones. Riders aboard
    stay aboard, with a later promise if their vehicle cannot keep it. Riders of a vehicle that is no longer in the
    fleet are picked up again where it stopped.

    Parameters
    ----------
    problem, plan
        Tours whose times have been disturbed (see :func:`delayed`); the fleet without the vehicles out of service.
    now
        What is due by then stays as it is.
    seed, stop
        Of the search for other places; 500 moves by default.
    objective
        Of that search.
    """
    before = plan.owners()
    work = _Work(
        problem, freeze(problem, Plan({k: t for k, t in plan.tours.items() if k in problem.fleet}), now), now
    )
    for name, tour in plan.tours.items():
        if name not in problem.fleet:
            work.rescue(tour)
    for tour in list(work.plan.tours.values()):
        work.unburden(tour)
    given = Plan(work.plan.tours, tuple(work.waiting))
    served = serve(work.problem, given, now, seed=seed, stop=stop or Iterations(500), objective=objective)
    work.plan = served
    for name in served.unserved:
        work.postpone(name)
    after = work.plan.owners()
    broken = {name: work.broken[name] for name in before if name in work.broken}
    whole = [name for name in before if name not in broken]
    still = tuple(name for name in plan.unserved if name not in after)
    lost = tuple(name for name, promise in broken.items() if promise is None)
    return Repair(
        work.problem,
        Plan(work.plan.tours, (*still, *lost)),
        tuple(name for name in whole if after[name] == before[name]),
        {name: (before[name], after[name]) for name in whole if after[name] != before[name]},
        broken,
        work.overtime,
    )


@dataclass
class _Work:
    """A repair under way."""

    problem: Problem
    plan: Plan
    now: Seconds
    waiting: list[str] = field(default_factory=list)
    broken: dict[str, Request | None] = field(default_factory=dict)
    overtime: dict[str, Seconds] = field(default_factory=dict)

    def rescue(self, tour: Tour) -> None:
        """Put everyone on the tour of a vehicle out of service in the waiting list; those aboard wait where it was."""
        stopped, _ = progressed(self.problem, tour, self.now)
        for rider in stopped.aboard:
            request = self.problem.requests[rider.request]
            window = Window(self.now, max(self.now, request.dropoff_window.latest))
            again = replace(request, pickup=stopped.anchor.place, pickup_window=window)
            self.problem = self.problem.with_requests(again)
        self.waiting += stopped.requests

    def unburden(self, tour: Tour) -> None:
        """Take riders off a tour until it can be driven; ease the promises of those who cannot leave it."""
        while (wrong := self._wrong(tour)) and (free := self._movable(tour)):
            rests = {name: without(self.problem, tour, [name], self.now) for name in free}
            # the rider without whom the least stays wrong; the one met first among equals
            gone = min(free, key=lambda name: sum(v.amount for v in self._wrong(rests[name])))
            if sum(v.amount for v in self._wrong(rests[gone])) >= sum(v.amount for v in wrong):
                break  # what is wrong lies with riders who stay
            self.waiting.append(gone)
            tour = rests[gone]
        for _ in range(2 * len(tour.visits) + 2):
            wrong = self._wrong(tour)
            if not wrong:
                break
            for violation in wrong:
                self._ease(tour, violation)
            tour = retimed(self.problem, tour, self.now)
        self._note_facts(tour)
        if tour is not self.plan.tours[tour.vehicle]:
            self.plan = self.plan.with_tours(tour)

    def _wrong(self, tour: Tour) -> list[Violation]:
        """Return what is wrong with the part of a tour that is not yet a fact."""
        if schedule(self.problem, tour, self.now) is not None:
            return []
        found = violations(self.problem, tour, self.now)
        return [v for v in found if v.visit is None or v.visit >= tour.frozen]

    def _movable(self, tour: Tour) -> list[str]:
        return [visit.request for visit in tour.visits[tour.frozen :] if visit.pickup]

    def _ease(self, tour: Tour, violation: Violation) -> None:
        """Widen what is violated by just what it takes."""
        amount = violation.amount
        if violation.rule in (Rule.SHIFT_END, Rule.DURATION):
            vehicle = self.problem.fleet[tour.vehicle]
            if violation.rule == Rule.SHIFT_END:
                self.overtime[vehicle.id] = self.overtime.get(vehicle.id, 0) + amount
                longer = replace(vehicle, shift=Window(vehicle.shift.earliest, vehicle.shift.latest + amount))
            else:
                longer = replace(vehicle, max_duration=(vehicle.max_duration or 0) + amount)
            fleet = tuple(longer if other.id == vehicle.id else other for other in self.problem.vehicles)
            self.problem = Problem(self.problem.matrix, fleet, self.problem.requests)
        elif violation.request is not None and violation.visit is not None:
            request = self.problem.requests[violation.request]
            if violation.rule == Rule.RIDE_TIME:
                eased = replace(request, max_ride=request.max_ride + amount)
            else:
                pickup = tour.visits[violation.visit].pickup
                window = request.pickup_window if pickup else request.dropoff_window
                wider = Window(window.earliest, window.latest + amount)
                eased = (
                    replace(request, pickup_window=wider)
                    if pickup
                    else replace(request, dropoff_window=wider)
                )
            self.problem = self.problem.with_requests(eased)
            self.broken[request.id] = eased

    def _note_facts(self, tour: Tour) -> None:
        """Note the promises that frozen visits already break."""
        for visit in tour.visits[: tour.frozen]:
            request = self.problem.requests[visit.request]
            late = visit.at - visit.window(self.problem).latest
            if late > 0:
                self._ease(tour, Violation(Rule.TOO_LATE, tour.visits.index(visit), request.id, late))

    def postpone(self, name: str) -> None:
        """Give a request that found no place the nearest later promise that can be kept, if there is one."""
        request = self.problem.requests[name]
        self.broken[name] = None
        for late in STEPS_LATE:
            later = replace(
                request,
                pickup_window=Window(request.pickup_window.earliest, max(request.pickup_window.latest, self.now) + late),
                dropoff_window=Window(request.dropoff_window.earliest, min(FAR_FUTURE, request.dropoff_window.latest + late)),
            )  # fmt: skip
            answer = offers(self.problem, self.plan, [later], self.now, 1)
            if answer.offers:
                promise = answer.offers[0].promised()
                self.problem = self.problem.with_requests(promise)
                self.plan = self.plan.with_tours(answer.offers[0].tour)
                self.broken[name] = promise
                return
