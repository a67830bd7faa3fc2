"""What waits for dispatchers, front desk and drivers: stopped vans, tours too tight, riders to call, a tour to drive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.fleet.models import Tour
from ressort.core.registry import Task
from ressort.services.transport import closed, pausing, queries, tourplan
from ressort.services.transport.models import Booking, Report

RECENT = timedelta(hours=12)


def waiting(user: Any) -> Iterator[Task]:
    """Yield the tasks of this person."""
    if policy.allowed(user, "transport.board.see"):
        yield from _stopped()
        yield from _tight()
        yield from _to_call()
        yield from _closed()
        yield from _conflicts()
    yield from _own_tour(user)


def _panel(tour: int) -> str:
    return reverse("transport:vehicle", args=[tour])


def _stopped() -> Iterator[Task]:
    now = service_now()
    broken = Tour.objects.filter(state=Tour.State.BROKEN, shift__starts__lte=now, shift__ends__gt=now)
    for tour in broken.select_related("shift__vehicle"):
        name = tour.shift.vehicle.name
        yield Task(
            _("Dépanner %(van)s") % {"van": name},
            _panel(tour.pk),
            _("ses voyageurs sont confiés à d'autres véhicules"),
            "alert",
            "bad",
        )


def _tight() -> Iterator[Task]:
    now = service_now()
    for bar in tourplan.under_way():
        visit = bar.pressing(now)
        if visit is None or (margin := queries.slack(visit, now)) >= tourplan.TIGHT:
            continue
        yield Task(
            _("Suivre %(van)s") % {"van": bar.tour.shift.vehicle.name},
            _panel(bar.tour.pk),
            f"{visit.place.name} · {tourplan.said(margin)}",
            "clock",
            "bad" if margin < 0 else "warn",
            visit.due,
        )


def _to_call() -> Iterator[Task]:
    """Riders told of another hour who have not answered, and those whom nobody can take any more."""
    now = service_now()
    late = Booking.objects.filter(state=Booking.State.ACCEPTED, overrun_s__gt=0, agreed=None)
    lost = Booking.objects.filter(state=Booking.State.BROKEN, promise__pickup_from__gt=now - RECENT)
    for booking in (late | lost).select_related("promise__pickup").order_by("promise__pickup_from"):
        gone = booking.state == Booking.State.BROKEN
        yield Task(
            _("Rappeler un voyageur"),
            reverse("transport:trip", args=[booking.code]),
            (_("%(stop)s : plus de véhicule") if gone else _("%(stop)s : nouvelle heure sans réponse"))
            % {"stop": booking.promise.pickup.name},
            "phone",
            "bad" if gone else "warn",
            booking.promise.pickup_from,
        )


def _closed() -> Iterator[Task]:
    """Trips booked at stops that a situation has closed since."""
    for booking, stop, __ in closed.concerned(one for one in pausing.standing() if not one.exercise):
        yield Task(
            _("Revoir un trajet"),
            reverse("transport:trip", args=[booking.code]),
            _("%(stop)s : arrêt fermé par une situation") % {"stop": stop.name},
            "bell",
            "bad",
            booking.promise.pickup_from,
        )


def _conflicts() -> Iterator[Task]:
    """Deeds of drivers told after the fact that contradict the plan."""
    found = Report.objects.exclude(code="").filter(received__gt=service_now() - RECENT)
    seen: set[int] = set()
    for report in found.select_related("tour__shift__vehicle").order_by("-received"):
        if report.tour_id in seen:
            continue
        seen.add(report.tour_id)
        yield Task(
            _("Vérifier la tournée de %(van)s") % {"van": report.tour.shift.vehicle.name},
            _panel(report.tour_id),
            _("un geste reçu après coup contredit le plan"),
            "refresh",
            "warn",
            report.done,
        )


def _own_tour(user: Any) -> Iterator[Task]:
    tour = queries.current_tour(user) if getattr(user, "pk", None) else None
    if tour is not None:
        yield Task(
            _("Conduire ma tournée"),
            reverse("transport:sheet", args=[tour.pk]),
            tour.shift.vehicle.name,
            "route",
            "info",
            tour.shift.starts,
        )
