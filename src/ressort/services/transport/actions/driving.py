"""What a driver does on a tour: leave, arrive, check riders in and out, and say what goes wrong.

Each verb takes ``at``: the moment of a deed that is told after the fact, because there was no network then. What was
done stays done: it makes the visit it names the next one, and takes back a rider whom the plan had meanwhile given to
another vehicle. Without ``at`` the deed is of now, and the plan's order holds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.core.journal import record
from ressort.services.transport.actions import positions
from ressort.services.transport.models import Booking

WAIT_BEFORE_NO_SHOW = timedelta(minutes=3)
"""How long a driver waits after the promised start before a rider counts as absent."""
OLDEST = timedelta(hours=24)
"""How old a deed may be when it is told."""
_OPEN = (Visit.State.PENDING, Visit.State.UNDER_WAY, Visit.State.ARRIVED)


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
        raise Unknown("tour", _("Cette tournée n'existe pas."))
    authorise(user, "transport.tour.drive", Wheel(tour))
    return tour


def _next(tour: Tour) -> Visit:
    visit = (
        Visit.objects.filter(tour=tour, state__in=_OPEN)
        .select_related("promise__pickup", "promise__dropoff")
        .order_by("sequence")
        .first()
    )
    if visit is None:
        raise Refused("tour-over", _("Il n'y a plus d'arrêt sur cette tournée."), status=409)
    return visit


def _moment(tour: Tour, at: datetime | None) -> datetime:
    """Return when a deed was done: now, or the moment told, never before what was done on this tour until then.

    Raises
    ------
    Refused
        If it is more than a day old: its tour is another.
    """
    now = service_now()
    if at is None:
        return now
    if now - at > OLDEST:
        raise Refused("too-old", _("Ce geste a plus d'un jour : dites-le à la régulation."), status=409)
    known = Visit.objects.filter(tour=tour).aggregate(Max("departed"), Max("arrived"), Max("left"))
    return min(now, max([at, *(moment for moment in known.values() if moment)]))


def _named(tour: Tour, visit_id: int, at: datetime | None) -> Visit:
    """Return an open visit of this tour; one that the plan gave away since comes back if the rider was served."""
    visit = Visit.objects.filter(pk=visit_id).select_related("promise__pickup", "promise__dropoff").first()
    if visit is None or (visit.tour_id != tour.pk and at is None):
        raise Unknown("visit", _("Cet arrêt n'est pas (ou plus) sur votre tournée : rechargez la page."))
    if visit.state not in _OPEN:
        raise Refused("visit-over", _("Cet arrêt est déjà traité."), status=409)
    if visit.tour_id != tour.pk:
        _take_back(tour, visit)
    return visit


def _take_back(tour: Tour, visit: Visit) -> None:
    """Bring both ends of a ride to this tour, at its end: what was done there cannot be done elsewhere."""
    if not visit.is_pickup or visit.state != Visit.State.PENDING:
        raise Refused("elsewhere", _("Ce voyage est en cours dans un autre véhicule."), status=409)
    Tour.objects.filter(pk=visit.tour_id).update(version=F("version") + 1)
    last = Visit.objects.filter(tour=tour).aggregate(last=Max("sequence"))["last"] or 0
    for end in Visit.objects.filter(promise=visit.promise_id, state__in=_OPEN).order_by("sequence"):
        last += 1
        Visit.objects.filter(pk=end.pk).update(tour=tour, sequence=last)
        if end.pk == visit.pk:
            visit.tour, visit.sequence = tour, last
    Promise.objects.filter(pk=visit.promise_id).update(tour=tour)


def _heading(tour: Tour, visit_id: int | None, at: datetime | None) -> Visit:
    """Return the visit a driver drives to: the next one, or the one named if it is next, or was."""
    if visit_id is None:
        return _next(tour)
    visit = _named(tour, visit_id, at)
    first = _next(tour)
    if visit.place == first.place:
        return first
    if at is None:
        raise Refused(
            "next-changed",
            _("Votre prochain arrêt vient de changer : « %(name)s ».") % {"name": first.place.name},
            status=409,
        )
    return _made_next(tour, visit)


def _made_next(tour: Tour, visit: Visit) -> Visit:
    first = _next(tour)
    if first.sequence < visit.sequence:
        _bring_forward(tour, visit, first.sequence)
        Visit.objects.filter(pk=visit.pk).update(sequence=visit.sequence)
    return visit


def _open(tour: Tour, visit_id: int, at: datetime | None) -> Visit:
    """Return the visit asked for if it may be served now: the next one, or another at the same stop."""
    visit = _named(tour, visit_id, at)
    first = _next(tour)
    if visit.place != first.place and at is None:
        raise Refused(
            "not-next", _("Le prochain arrêt est « %(name)s ».") % {"name": first.place.name}, status=409
        )
    if not visit.is_pickup and visit.promise.state != Promise.State.ABOARD:
        raise Refused("not-aboard", _("Cette personne n'est pas notée à bord."), status=409)
    return _made_next(tour, visit)  # served before its neighbours of the same stop: facts keep their order


def _touch(tour: Tour, user: Any, **fields: Any) -> None:
    if not getattr(user, "simulated", False):
        fields["by_hand"] = True
    if tour.state == Tour.State.PLANNED:
        fields["state"] = Tour.State.RUNNING
    Tour.objects.filter(pk=tour.pk).update(version=F("version") + 1, **fields)


def depart(user: Any, tour_id: int, visit_id: int | None = None, *, at: datetime | None = None) -> Visit:
    """Leave for the next stop; from now on its order and time are facts."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        visit = _heading(tour, visit_id, at)
        if visit.state != Visit.State.PENDING:
            raise Refused("already-under-way", _("Vous êtes déjà en route vers cet arrêt."), status=409)
        now = _moment(tour, at)
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.UNDER_WAY, departed=now)
        _touch(tour, user)
        payload = {"tour": tour.pk, "place": visit.place.pk, "due": int(visit.planned.timestamp())}
        payload |= _told(at, now)
        record("transport.visit.departed", actor=user.pid, subject=f"t_{tour.pk}", payload=payload)
    visit.state = Visit.State.UNDER_WAY
    return visit


def arrive(user: Any, tour_id: int, visit_id: int | None = None, *, at: datetime | None = None) -> Visit:
    """Arrive at the next stop."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        visit = _heading(tour, visit_id, at)
        if visit.state == Visit.State.ARRIVED:
            raise Refused("already-there", _("Vous êtes déjà à cet arrêt."), status=409)
        now = _moment(tour, at)
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.ARRIVED, arrived=now)
        _touch(tour, user)
        payload = {"tour": tour.pk, "place": visit.place.pk, "late_s": _late(visit, now), **_told(at, now)}
        record("transport.visit.arrived", actor=user.pid, subject=f"t_{tour.pk}", payload=payload)
    visit.state, visit.arrived = Visit.State.ARRIVED, now
    return visit


def _told(at: datetime | None, moment: datetime) -> dict[str, int]:
    """Return what an event adds for a deed told after the fact: when it was done."""
    return {} if at is None else {"done_at": int(moment.timestamp())}


def _late(visit: Visit, now: Any) -> int:
    """Return by how many seconds the promise is overrun (negative: in time)."""
    return int((now - visit.due).total_seconds())


def serve(user: Any, tour_id: int, visit_id: int, *, at: datetime | None = None) -> Visit:
    """Check a rider in (at a pick-up) or out (at a drop-off) and close the visit."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        visit = _open(tour, visit_id, at)
        now = _moment(tour, at)
        visit.state, visit.arrived, visit.left = Visit.State.DONE, visit.arrived or now, now
        visit.save(update_fields=["state", "arrived", "left"])
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
            payload={
                "tour": tour.pk,
                "place": visit.place.pk,
                "late_s": _late(visit, visit.arrived),
                **_told(at, now),
            },
        )
    return visit


def _bring_forward(tour: Tour, visit: Visit, sequence: int) -> None:
    between = Visit.objects.filter(tour=tour, sequence__gte=sequence, sequence__lt=visit.sequence)
    between.update(sequence=F("sequence") + 1)
    visit.sequence = sequence


def _subject(visit: Visit) -> str:
    return Booking.objects.filter(promise=visit.promise_id).values_list("pid", flat=True).first() or ""


def no_show(user: Any, tour_id: int, visit_id: int, *, at: datetime | None = None) -> Visit:
    """Note that nobody came. Refused before the promised time and a few minutes have passed."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        visit = _open(tour, visit_id, at)
        if not visit.is_pickup:
            raise Refused("not-a-pickup", _("Une absence se note à la montée seulement."), status=409)
        now = _moment(tour, at)
        earliest = max(visit.promise.pickup_from, visit.arrived or now) + WAIT_BEFORE_NO_SHOW
        if now < earliest and at is None:  # told later, the vehicle has left long ago
            minutes = int((earliest - now).total_seconds() // 60) + 1
            raise Refused(
                "too-soon",
                _("Attendez encore %(minutes)s min : l'heure promise n'est pas passée.")
                % {"minutes": minutes},
                status=409,
            )
        Visit.objects.filter(promise=visit.promise_id).update(state=Visit.State.SKIPPED)
        Promise.objects.filter(pk=visit.promise_id).update(state=Promise.State.NO_SHOW)
        Booking.objects.filter(promise=visit.promise_id).update(state=Booking.State.NO_SHOW)
        _touch(tour, user)
        payload = {"tour": tour.pk, **_told(at, now)}
        record("transport.booking.no_show", actor=user.pid, subject=_subject(visit), payload=payload)
    return visit


def end(user: Any, tour_id: int) -> None:
    """End the shift: refused while somebody still counts on it."""
    with transaction.atomic():
        tour = hold(user, tour_id)
        if Promise.objects.filter(
            tour=tour, state__in=(Promise.State.PLANNED, Promise.State.ABOARD)
        ).exists():
            raise Refused("riders-left", _("Des voyageurs comptent encore sur cette tournée."), status=409)
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
