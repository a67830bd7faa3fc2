"""Plans that change by themselves: improvement between events, and repair when something goes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.fleet import planning
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.core.fleet.planning import Board
from ressort.core.journal import record
from ressort.engines.dispatch import improve as improving
from ressort.engines.dispatch import online
from ressort.engines.dispatch.plan import Plan
from ressort.engines.dispatch.problem import Problem
from ressort.services.transport.actions.driving import hold
from ressort.services.transport.models import Booking

LOOK_AHEAD = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a repair did: promise ids kept on their tour, moved to another one, and broken."""

    kept: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return the numbers for an event."""
        return {"kept": len(self.kept), "moved": len(self.moved), "broken": len(self.broken)}


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
    better = improving.improve(board.problem, board.plan, improving.CpuSeconds(cpu_seconds), seed)
    written = 0
    for group in _groups(board.plan, better):
        changed = {key: better.tours[key] for key in group}
        saved = _travel(board.problem, board.plan, group) - _travel(board.problem, better, group)
        try:
            with transaction.atomic():
                planning.lock(board, group)
                planning.write(changed)
                payload = {"tours": len(group), "saved_s": int(saved)}
                record("transport.plan.improved", actor="system:improver", payload=payload)
        except planning.Stale:
            continue
        written += len(group)
    return written


def _groups(before: Plan, after: Plan) -> list[list[str]]:
    """Return the changed tours, those that exchanged riders together."""
    changed = [key for key in after.tours if _order(before, key) != _order(after, key)]
    was, becomes = before.owners(), after.owners()
    group = {key: {key} for key in changed}
    for request, key in becomes.items():
        other = was.get(request, key)
        if other != key and group[key] is not group[other]:
            merged = group[key] | group[other]
            for member in merged:
                group[member] = merged
    return [list(members) for members in {id(g): sorted(g, key=int) for g in group.values()}.values()]


def _order(plan: Plan, key: str) -> list[tuple[str, bool]]:
    return [(visit.request, visit.pickup) for visit in plan.tours[key].visits]


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
        raise Refused("bad-delay", "Un retard se compte de 1 à 180 minutes.", field="minutes")
    with transaction.atomic():
        tour = hold(user, tour_id)
        Tour.objects.filter(pk=tour.pk).update(version=F("version") + 1, late=F("late") + minutes * 60)
        begun = Visit.objects.filter(tour=tour, state=Visit.State.UNDER_WAY)
        begun.update(planned=F("planned") + timedelta(minutes=minutes))
        outcome = _repair({str(tour.pk): minutes * 60}, "delay")
        payload = {"minutes": minutes, **outcome.counts()}
        record("transport.tour.delayed", actor=user.pid, subject=f"t_{tour.pk}", payload=payload)
    return outcome


def break_down(user: Any, tour_id: int) -> Outcome:
    """Take a vehicle out: its riders go to other vehicles inside their promises, or are told with a new offer."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        if tour.state == Tour.State.BROKEN:
            raise Refused("already-broken", "La panne est déjà notée.", status=409)
        outcome = _repair({}, "breakdown", lost=str(tour.pk))
        Tour.objects.filter(pk=tour.pk).update(version=F("version") + 1, state=Tour.State.BROKEN)
        payload = outcome.counts()
        record("transport.tour.broken_down", actor=user.pid, subject=f"t_{tour.pk}", payload=payload)
    return outcome


def repair_all(why: str, now: datetime | None = None) -> Outcome:
    """Check every live tour against the clock and the matrix in force, and repair those that no longer hold."""
    with transaction.atomic():
        outcome = _repair({}, why, now=now)
        if outcome.moved or outcome.broken:
            record(
                "transport.plan.repaired", actor="system:repair", payload={"why": why, **outcome.counts()}
            )
    return outcome


def _repair(late: Mapping[str, int], why: str, *, lost: str = "", now: datetime | None = None) -> Outcome:
    """Repair inside the caller's transaction (on SQLite it already holds the only write lock)."""
    now = now or service_now()
    board = planning.read(now, span=(now, now + LOOK_AHEAD))
    found = online.repair(board.problem, board.plan, board.now, late=late, lost=(lost,) if lost else ())
    changed = {
        key: tour
        for key, tour in found.plan.tours.items()
        if key != lost and tour.visits != board.plan.tours[key].visits
    }
    planning.lock(board, changed)
    for pid in found.broken:
        _break(pid, why)
    planning.write(changed)
    _tell_moved(board, found.moved, why)
    return Outcome(tuple(found.kept), tuple(found.moved), tuple(found.broken))


def _break(pid: str, why: str) -> None:
    """Release a promise that cannot be kept and say so; the rider's page offers the nearest that works."""
    promise = Promise.objects.get(pid=pid)
    Promise.objects.filter(pk=promise.pk).update(state=Promise.State.BROKEN)
    Visit.objects.filter(promise=promise.pk).exclude(state=Visit.State.DONE).update(state=Visit.State.SKIPPED)
    booking = Booking.objects.filter(promise=promise.pk).first()
    if booking:
        Booking.objects.filter(pk=booking.pk).update(state=Booking.State.BROKEN)
        payload = {"tour": promise.tour_id, "why": why}
        record("transport.booking.broken", actor="system:repair", subject=booking.pid, payload=payload)


def _tell_moved(board: Board, moved: Iterable[str], why: str) -> None:
    was = board.plan.owners()
    for booking in Booking.objects.filter(promise__pid__in=list(moved)).select_related("promise"):
        payload = {"tour": booking.promise.tour_id, "before": int(was[booking.promise.pid]), "why": why}
        record("transport.booking.moved", actor="system:repair", subject=booking.pid, payload=payload)


