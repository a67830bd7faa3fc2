"""What a driver does on a tour: leave, arrive, check riders in and out, and say what goes wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.core.journal import record
from ressort.services.transport.actions import positions
from ressort.services.transport.models import Booking

WAIT_BEFORE_NO_SHOW = timedelta(minutes=3)
"""How long a driver waits after the promised start before a rider counts as absent."""


class Wheel:
    """The tour in the hands of the person who drives, for the policy table (``own``)."""

    def __init__(self, tour: Tour) -> None:
        self.tour = tour
        self.owner_pid = tour.shift.driver.pid if tour.shift.driver else None
        self.organisation_id = tour.shift.vehicle.organisation_id


def hold(user: Any, tour_id: int) -> Tour:
    """Return a tour that this person may drive, locked for the transaction."""
    tour = (
        Tour.objects.select_for_update(of=("self",))
        .select_related("shift__driver", "shift__vehicle")
        .filter(pk=tour_id)
        .first()
    )
    if tour is None:
        raise Unknown("tour", "Cette tournée n'existe pas.")
    authorise(user, "transport.tour.drive", Wheel(tour))
    return tour


def _next(tour: Tour) -> Visit:
    visit = (
        Visit.objects.filter(
            tour=tour, state__in=(Visit.State.PENDING, Visit.State.UNDER_WAY, Visit.State.ARRIVED)
        )
        .select_related("promise__pickup", "promise__dropoff")
        .order_by("sequence")
        .first()
    )
    if visit is None:
        raise Refused("tour-over", "Il n'y a plus d'arrêt sur cette tournée.", status=409)
    return visit


def _open(tour: Tour, visit_id: int) -> Visit:
    """Return the visit asked for if it may be served now: the next one, or another at the same stop."""
    first = _next(tour)
    visit = (
        Visit.objects.filter(tour=tour, pk=visit_id)
        .select_related("promise__pickup", "promise__dropoff")
        .first()
    )
    if visit is None:
        raise Unknown("visit", "Cet arrêt n'est pas (ou plus) sur votre tournée : rechargez la page.")
    if visit.state in {Visit.State.DONE, Visit.State.SKIPPED}:
        raise Refused("visit-over", "Cet arrêt est déjà traité.", status=409)
    if visit.place != first.place:
        raise Refused("not-next", f"Le prochain arrêt est « {first.place.name} ».", status=409)
    return visit


def _touch(tour: Tour, user: Any, **fields: Any) -> None:
    if not getattr(user, "simulated", False):
        fields["by_hand"] = True
    if tour.state == Tour.State.PLANNED:
        fields["state"] = Tour.State.RUNNING
    Tour.objects.filter(pk=tour.pk).update(version=F("version") + 1, **fields)


def depart(user: Any, tour_id: int) -> Visit:
    """Leave for the next stop; from now on its order and time are facts."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        visit = _next(tour)
        if visit.state != Visit.State.PENDING:
            raise Refused("already-under-way", "Vous êtes déjà en route vers cet arrêt.", status=409)
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.UNDER_WAY, departed=service_now())
        _touch(tour, user)
        payload = {"tour": tour.pk, "place": visit.place.pk, "due": int(visit.planned.timestamp())}
        record("transport.visit.departed", actor=user.pid, subject=f"t_{tour.pk}", payload=payload)
    visit.state = Visit.State.UNDER_WAY
    return visit


def arrive(user: Any, tour_id: int) -> Visit:
    """Arrive at the next stop."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        visit = _next(tour)
        if visit.state == Visit.State.ARRIVED:
            raise Refused("already-there", "Vous êtes déjà à cet arrêt.", status=409)
        now = service_now()
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.ARRIVED, arrived=now)
        _touch(tour, user)
        payload = {"tour": tour.pk, "place": visit.place.pk, "late_s": _late(visit, now)}
        record("transport.visit.arrived", actor=user.pid, subject=f"t_{tour.pk}", payload=payload)
    visit.state, visit.arrived = Visit.State.ARRIVED, now
    return visit


def _late(visit: Visit, now: Any) -> int:
    """Return by how many seconds the promise is overrun (negative: in time)."""
    return int((now - visit.due).total_seconds())


def serve(user: Any, tour_id: int, visit_id: int) -> Visit:
    """Check a rider in (at a pick-up) or out (at a drop-off) and close the visit."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        visit = _open(tour, visit_id)
        now = service_now()
        sequence = _next(tour).sequence
        if (
            visit.sequence != sequence
        ):  # served before its neighbours of the same stop: facts keep their order
            _bring_forward(tour, visit, sequence)
        visit.state, visit.arrived, visit.left = Visit.State.DONE, visit.arrived or now, now
        visit.save(update_fields=["state", "arrived", "left", "sequence"])
        promise_state, booking_state, kind = (
            (Promise.State.ABOARD, Booking.State.ABOARD, "transport.rider.boarded")
            if visit.is_pickup
            else (Promise.State.KEPT, Booking.State.DONE, "transport.rider.alighted")
        )
        Promise.objects.filter(pk=visit.promise_id).update(state=promise_state)
        Booking.objects.filter(promise=visit.promise_id).update(state=booking_state)
        _touch(tour, user)
        record(
            kind,
            actor=user.pid,
            subject=_subject(visit),
            payload={"tour": tour.pk, "place": visit.place.pk, "late_s": _late(visit, visit.arrived)},
        )
    return visit


def _bring_forward(tour: Tour, visit: Visit, sequence: int) -> None:
    between = Visit.objects.filter(tour=tour, sequence__gte=sequence, sequence__lt=visit.sequence)
    between.update(sequence=F("sequence") + 1)
    visit.sequence = sequence


def _subject(visit: Visit) -> str:
    return Booking.objects.filter(promise=visit.promise_id).values_list("pid", flat=True).first() or ""


def no_show(user: Any, tour_id: int, visit_id: int) -> Visit:
    """Note that nobody came. Refused before the promised time and a few minutes have passed."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        visit = _open(tour, visit_id)
        if not visit.is_pickup:
            raise Refused("not-a-pickup", "Une absence se note à la montée seulement.", status=409)
        now = service_now()
        earliest = max(visit.promise.pickup_from, visit.arrived or now) + WAIT_BEFORE_NO_SHOW
        if now < earliest:
            minutes = int((earliest - now).total_seconds() // 60) + 1
            raise Refused(
                "too-soon", f"Attendez encore {minutes} min : l'heure promise n'est pas passée.", status=409
            )
        Visit.objects.filter(promise=visit.promise_id).update(state=Visit.State.SKIPPED)
        Promise.objects.filter(pk=visit.promise_id).update(state=Promise.State.NO_SHOW)
        Booking.objects.filter(promise=visit.promise_id).update(state=Booking.State.NO_SHOW)
        _touch(tour, user)
        record(
            "transport.booking.no_show", actor=user.pid, subject=_subject(visit), payload={"tour": tour.pk}
        )
    return visit


def end(user: Any, tour_id: int) -> None:
    """End the shift: refused while somebody still counts on it."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        if Promise.objects.filter(
            tour=tour, state__in=(Promise.State.PLANNED, Promise.State.ABOARD)
        ).exists():
            raise Refused("riders-left", "Des voyageurs comptent encore sur cette tournée.", status=409)
        done = (
            Visit.objects.filter(tour=tour, state=Visit.State.DONE).aggregate(last=Max("sequence"))["last"]
            or 0
        )
        _touch(tour, user)
        Tour.objects.filter(pk=tour.pk).update(state=Tour.State.DONE)
        positions.forget(tour)
        record("transport.tour.ended", actor=user.pid, subject=f"t_{tour.pk}", payload={"visits": done})


def let_go(user: Any, tour_id: int) -> None:
    """Give the wheel back to the simulated driver (demonstrations)."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        Tour.objects.filter(pk=tour.pk).update(by_hand=False)
        record("transport.tour.let_go", actor=user.pid, subject=f"t_{tour.pk}")
