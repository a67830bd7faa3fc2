"""What the vehicles do: visits, tours and plans.

A plan is a value: every change makes a new one, so that a decision can be replayed from what it received.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from ressort.engines.dispatch.problem import Json, Problem, Vehicle, require
from ressort.units import Seconds, Window


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned call of a vehicle: ``at`` is the planned start of service, in seconds."""

    request: str
    pickup: bool
    at: Seconds = 0

    def place(self, problem: Problem) -> int:
        """Return where it is."""
        request = problem.requests[self.request]
        return request.pickup if self.pickup else request.dropoff

    def service(self, problem: Problem) -> Seconds:
        """Return how long it lasts."""
        request = problem.requests[self.request]
        return request.pickup_service if self.pickup else request.dropoff_service

    def window(self, problem: Problem) -> Window:
        """Return when it may start."""
        request = problem.requests[self.request]
        return request.pickup_window if self.pickup else request.dropoff_window


@dataclass(frozen=True, slots=True)
class Aboard:
    """A rider in the vehicle; ``since`` is the end of the pick-up service, from which the ride time counts."""

    request: str
    since: Seconds


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a vehicle is and from when it is free to leave."""

    place: int
    time: Seconds


@dataclass(frozen=True, slots=True)
class Tour:
    """What a vehicle still has to do.

    Parameters
    ----------
    vehicle
        Id of the vehicle.
    anchor
        Where the vehicle was last free (before the first of ``visits``).
    visits
        Remaining visits in order.
    frozen
        Number of visits at the head that have begun, or toward which the vehicle is under way: their order and their
        times ``at`` are facts, no longer decisions.
    aboard
        Riders in the vehicle at the anchor, that is before the first of ``visits``.
    begun
        When the vehicle left its start; None if it has not.
    version
        Raised by whoever stores the tour, at every change.
    """

    vehicle: str
    anchor: Anchor
    visits: tuple[Visit, ...] = ()
    frozen: int = 0
    aboard: tuple[Aboard, ...] = ()
    begun: Seconds | None = None
    version: int = 0

    def __post_init__(self) -> None:
        require(
            0 <= self.frozen <= len(self.visits),
            f"Tour {self.vehicle}: frozen={self.frozen} is out of range.",
        )

    @classmethod
    def idle(cls, vehicle: Vehicle) -> Self:
        """Return the empty tour of a vehicle at its start."""
        return cls(vehicle.id, Anchor(vehicle.start, vehicle.shift.earliest))

    @property
    def requests(self) -> tuple[str, ...]:
        """Ids of the requests on the tour: aboard first, then in order of pick-up."""
        return (
            *(rider.request for rider in self.aboard),
            *(visit.request for visit in self.visits if visit.pickup),
        )

    def to_json(self) -> list[Any]:
        """Return the fields in order."""
        visits = [[visit.request, int(visit.pickup), visit.at] for visit in self.visits]
        aboard = [[rider.request, rider.since] for rider in self.aboard]
        anchor = [self.anchor.place, self.anchor.time]
        return [self.vehicle, anchor, visits, self.frozen, aboard, self.begun, self.version]

    @classmethod
    def from_json(cls, data: list[Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        visits = tuple(Visit(request, bool(pickup), at) for request, pickup, at in data[2])
        aboard = tuple(Aboard(request, since) for request, since in data[4])
        return cls(data[0], Anchor(*data[1]), visits, data[3], aboard, data[5], data[6])


@dataclass(frozen=True, slots=True)
class Plan:
    """One tour per vehicle, and the requests nobody serves."""

    tours: Mapping[str, Tour]
    unserved: tuple[str, ...] = ()

    @classmethod
    def empty(cls, vehicles: Iterable[Vehicle], unserved: Iterable[str] = ()) -> Self:
        """Return the plan in which every vehicle is idle at its start."""
        return cls({vehicle.id: Tour.idle(vehicle) for vehicle in vehicles}, tuple(unserved))

    def with_tours(self, *tours: Tour) -> "Plan":
        """Return the plan with these tours in place of those of the same vehicles; what they serve is served."""
        changed = {**self.tours, **{tour.vehicle: tour for tour in tours}}
        served = {request for tour in tours for request in tour.requests}
        return Plan(changed, tuple(request for request in self.unserved if request not in served))

    def owners(self) -> dict[str, str]:
        """Return the vehicle of every request that has one."""
        return {request: tour.vehicle for tour in self.tours.values() for request in tour.requests}

    def to_json(self) -> Json:
        """Return the tours and the unserved."""
        return {"tours": [tour.to_json() for tour in self.tours.values()], "unserved": list(self.unserved)}

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read what :meth:`to_json` wrote."""
        tours = [Tour.from_json(tour) for tour in data["tours"]]
        return cls({tour.vehicle: tour for tour in tours}, tuple(data["unserved"]))


def exchanges(before: Plan, after: Plan) -> list[list[str]]:
    """Return the vehicles whose tours changed, those that exchanged riders together: each group stands by itself."""
    changed = [key for key, tour in after.tours.items() if tour is not before.tours[key]]
    was, becomes = before.owners(), after.owners()
    group = {key: {key} for key in changed}
    for request, key in becomes.items():
        other = was.get(request, key)
        if other != key and group[key] is not group[other]:
            merged = group[key] | group[other]
            for member in merged:
                group[member] = merged
    return [sorted(members) for members in {id(one): one for one in group.values()}.values()]


def due(problem: Problem, tour: Tour, now: Seconds) -> int:
    """Return how many visits at the head have begun, or should be under way at ``now`` by their planned times."""
    count = tour.frozen
    place = tour.anchor.place
    for visit in tour.visits[:count]:
        place = visit.place(problem)
    for visit in tour.visits[count:]:
        there = visit.place(problem)
        if visit.at - int(problem.matrix.seconds[place, there]) > now:
            break
        count, place = count + 1, there
    return count


def fold(problem: Problem, tour: Tour, frozen: int) -> Tour:
    """Return the same tour with its first ``frozen`` visits done: anchored after them, riders aboard accordingly."""
    if not frozen:
        return tour
    aboard = {rider.request: rider for rider in tour.aboard}
    place, time = tour.anchor.place, tour.anchor.time
    begun = tour.begun
    for visit in tour.visits[:frozen]:
        there = visit.place(problem)
        if begun is None:
            begun = max(time, visit.at - int(problem.matrix.seconds[place, there]))
        place, time = there, visit.at + visit.service(problem)
        if visit.pickup:
            aboard[visit.request] = Aboard(visit.request, time)
        else:
            aboard.pop(visit.request, None)
    rest = tour.visits[frozen:]
    return Tour(tour.vehicle, Anchor(place, time), rest, 0, tuple(aboard.values()), begun, tour.version)


def freeze(problem: Problem, plan: Plan, now: Seconds) -> Plan:
    """Return the plan in which the visits begun or due at ``now`` are frozen."""
    changed = []
    for tour in plan.tours.values():
        count = due(problem, tour, now)
        if count != tour.frozen:
            changed.append(replace(tour, frozen=count))
    return plan.with_tours(*changed)


def progressed(problem: Problem, tour: Tour, now: Seconds) -> tuple[Tour, tuple[Visit, ...]]:
    """Return the tour at ``now``, what is due frozen and what is served behind it, and the visits just served."""
    count = due(problem, tour, now)
    done = 0
    while done < count and tour.visits[done].at + tour.visits[done].service(problem) <= now:
        done += 1
    rest = fold(problem, tour, done)
    if count != rest.frozen + done:
        rest = replace(rest, frozen=count - done)
    return rest, tour.visits[:done]
