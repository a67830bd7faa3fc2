"""Plans that change by themselves: improvement between events, and repair when something goes wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.fleet import planning
from ressort.core.fleet.kept import epoch
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.core.fleet.planning import Board
from ressort.core.journal import record
from ressort.engines.dispatch import improve as improving
from ressort.engines.dispatch.plan import Plan, exchanges
from ressort.engines.dispatch.problem import Objective, Problem, Request
from ressort.engines.dispatch.repair import Repair, repair
from ressort.engines.dispatch.schedule import delayed, schedule
from ressort.engines.dispatch.stopping import CpuSeconds
from ressort.services.transport.actions.driving import hold
from ressort.services.transport.models import Booking

LOOK_AHEAD = timedelta(hours=4)
TOLERANCE = 180
"""Seconds of overrun for which nobody is told: a red light, not a broken promise. Measured all the same."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a repair did: how many promises stay on their tour; bookings moved to another, and broken."""

    kept: int = 0
    moved: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Return the fields of an event; ``concerns`` makes it reach the pages of the bookings it names."""
        return {
            "kept": self.kept,
            "moved": len(self.moved),
            "broken": len(self.broken),
            "concerns": [*self.moved, *self.broken],
        }


def improve(cpu_seconds: float = 1.0, seed: int = 0) -> int:
    """Spend some time improving the plan of the coming hours; write only what still stands.

    Changes are written tour group by tour group (tours that exchanged riders belong together), each where none of its
    tours has moved meanwhile, so that a steady flow of bookings never starves the improver.

    Returns
    -------
    int
        How many tours were changed.
    """
    now = service_now()
    board = planning.read(now, span=(now, now + LOOK_AHEAD))
    if len(board.problem.requests) < 2:
        return 0
    better = improving.improve(board.problem, board.plan, CpuSeconds(cpu_seconds), seed, now=board.now)
    written = 0
    for group in exchanges(board.plan, better):
        changed = {key: better.tours[key] for key in group}
        saved = _travel(board.problem, board.plan, group) - _travel(board.problem, better, group)
        nearer = _aboard(board.plan, group) - _aboard(better, group)
        left = _spared(board.problem, board.plan, group) - _spared(board.problem, better, group)
        weigh = Objective()
        if (
            weigh.travel * saved + weigh.ride * nearer + weigh.reserve * left < 1
        ):  # as good as before: nobody is told of another order
            continue
        try:
            with transaction.atomic():
                planning.lock(board, group)
                planning.write(changed)
                payload = {"tours": len(group), "saved_s": int(saved), "nearer_s": int(nearer)}
                record("transport.plan.improved", actor="system:improver", payload=payload)
        except planning.Stale:
            continue
        written += len(group)
    return written


def _aboard(plan: Plan, keys: Iterable[str]) -> int:
    """Return how many seconds riders spend aboard these tours, from now on where they are aboard already."""
    return sum(-visit.at if visit.pickup else visit.at for key in keys for visit in plan.tours[key].visits)


def _spared(problem: Problem, plan: Plan, keys: Iterable[str]) -> float:
    """Return how much of what is rare those who are still to get on take without needing it."""
    return sum(
        problem.spared(key, problem.requests[visit.request])
        for key in keys
        for visit in plan.tours[key].visits
        if visit.pickup
    )


def _travel(problem: Problem, plan: Plan, keys: Iterable[str]) -> int:
    total = 0
    for key in keys:
        tour, place = plan.tours[key], plan.tours[key].anchor.place
        for visit in tour.visits:
            request = problem.requests[visit.request]
            there = request.pickup if visit.pickup else request.dropoff
            total += int(problem.matrix.seconds[place, there])
            place = there
        total += int(problem.matrix.seconds[place, problem.fleet[key].end])
    return total


def delay(user: Any, tour_id: int, minutes: int) -> Outcome:
    """Announce a delay: the stop under way comes later, and the rest is planned again at once."""
    if not 1 <= minutes <= 180:
        raise Refused("bad-delay", _("Un retard se compte de 1 à 180 minutes."), field="minutes")
    with transaction.atomic():
        tour = hold(user, tour_id)
        outcome = _repair(late=(str(tour.pk), minutes * 60))
        Tour.objects.filter(pk=tour.pk).update(late=F("late") + minutes * 60)
        payload = {"minutes": minutes, **outcome.payload()}
        record("transport.tour.delayed", actor=user.pid, subject=f"t_{tour.pk}", payload=payload)
    return outcome


def break_down(user: Any, tour_id: int) -> Outcome:
    """Take a vehicle out: its riders go to other vehicles inside their promises, or are told with a new offer."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        if tour.state == Tour.State.BROKEN:
            raise Refused("already-broken", _("La panne est déjà notée."), status=409)
        outcome = _repair(lost=str(tour.pk))
        Tour.objects.filter(pk=tour.pk).update(version=F("version") + 1, state=Tour.State.BROKEN)
        record(
            "transport.tour.broken_down", actor=user.pid, subject=f"t_{tour.pk}", payload=outcome.payload()
        )
    return outcome


def repair_all(why: str) -> Outcome:
    """Check every live tour against the clock and the matrix in force, and repair those that no longer hold."""
    now = service_now()
    board = planning.read(now, span=(now, now + LOOK_AHEAD))
    if all(schedule(board.problem, tour, board.now) is not None for tour in board.plan.tours.values()):
        return Outcome()
    with transaction.atomic():
        outcome = _repair()
        if outcome.moved or outcome.broken:
            payload = {"why": why, **outcome.payload()}
            record("transport.plan.repaired", actor="system:repair", payload=payload)
    return outcome


def _repair(late: tuple[str, int] | None = None, *, lost: str = "") -> Outcome:
    """Repair inside the caller's transaction (on SQLite it already holds the only write lock)."""
    now = service_now()
    board = planning.read(now, span=(now, now + LOOK_AHEAD))
    problem, plan = board.problem, board.plan
    if late and late[0] in plan.tours:
        plan = plan.with_tours(delayed(problem, plan.tours[late[0]], board.now, late[1]))
    if lost:
        fleet = tuple(vehicle for vehicle in problem.vehicles if vehicle.id != lost)
        problem = Problem(problem.matrix, fleet, problem.requests)
    found = repair(problem, plan, board.now)
    eased = {pid for pid, one in found.problem.requests.items() if one != board.problem.requests[pid]}
    owners = {key for pid, key in found.plan.owners().items() if pid in eased}
    changed = {
        key: tour
        for key, tour in found.plan.tours.items()
        if key != lost and (key in owners or tour != board.plan.tours[key])
    }
    planning.lock(board, changed)
    told = _ease(board, found)
    planning.write(changed)
    return Outcome(len(found.kept), _bookings(found.moved), told)


def _ease(board: Board, found: Repair) -> tuple[str, ...]:
    """Write what became of the promises that cannot be kept; return the bookings whose riders must be told.

    Overruns below :data:`TOLERANCE` are planned with and measured, but nobody is disturbed for them.
    """
    changed = {
        pid: request
        for pid, request in found.problem.requests.items()
        if request != board.problem.requests[pid] or pid in found.broken
    }
    waiting = {visit.request for tour in found.plan.tours.values() for visit in tour.visits if visit.pickup}
    told = []
    for promise in Promise.objects.filter(pid__in=list(changed)).select_related("booking"):
        lost = promise.pid in found.broken and found.broken[promise.pid] is None
        if lost:
            overrun = _give_up(promise)
        else:
            overrun = _overrun(board, promise, changed[promise.pid], waits=promise.pid in waiting)
        booking = promise.booking
        if lost or overrun > max(TOLERANCE, booking.overrun_s + TOLERANCE):
            state = {"state": Booking.State.BROKEN} if lost else {}
            Booking.objects.filter(pk=booking.pk).update(overrun_s=overrun, agreed=None, **state)
            told.append(booking.pid)
    return tuple(told)


def _give_up(promise: Promise) -> int:
    """Release a promise that nobody can keep any more; there is no later time to tell."""
    Visit.objects.filter(promise=promise.pk).exclude(state=Visit.State.DONE).update(state=Visit.State.SKIPPED)
    Promise.objects.filter(pk=promise.pk).update(state=Promise.State.BROKEN)
    return 0


def _overrun(board: Board, promise: Promise, eased: Request, *, waits: bool) -> int:
    """Keep the eased windows beside the promise and return the worst overrun, in seconds.

    ``waits`` tells that the plan picks the rider up: of one aboard, it means that the vehicle stopped on the way.
    """
    fields: dict[str, Any] = {
        "pickup_eased": max(0, eased.pickup_window.latest - epoch(promise.pickup_until)),
        "dropoff_eased": max(0, eased.dropoff_window.latest - epoch(promise.dropoff_until)),
        "ride_eased": max(0, eased.max_ride - promise.ride_max),
    }
    if waits and promise.state == Promise.State.ABOARD:
        place = board.ground.places[eased.pickup]
        Visit.objects.filter(promise=promise.pk).update(state=Visit.State.SKIPPED)
        Promise.objects.filter(pk=promise.pk).update(**fields, pickup_id=place, state=Promise.State.PLANNED)
        Booking.objects.filter(promise=promise.pk).update(state=Booking.State.ACCEPTED)
        return int(fields["dropoff_eased"])  # the first pick-up was kept
    Promise.objects.filter(pk=promise.pk).update(**fields)
    return int(max(fields["pickup_eased"], fields["dropoff_eased"]))


def _bookings(promises: Iterable[str]) -> tuple[str, ...]:
    found = Booking.objects.filter(promise__pid__in=list(promises)).order_by("pk")
    return tuple(found.values_list("pid", flat=True))
