"""Verbs on shifts: when each vehicle runs, and who drives. A shift with promised trips stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Membership, Role, User
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet.models import Promise, Shift, Tour, Vehicle
from ressort.core.journal import declare, record

declare("fleet.shifts.added", "Services de véhicules ajoutés : {count}.", "count", "source")
declare("fleet.shift.changed", "Un service de véhicule a changé de conducteur.")
declare("fleet.shift.removed", "Un service de véhicule a été retiré.", "vehicle")

LONGEST = timedelta(hours=20)
MOST = 2_000
"""Shifts added at once, at most."""

type Wanted = tuple[Vehicle, datetime, datetime, User | None]


def span(day: date, opens: time, closes: time) -> tuple[datetime, datetime]:
    """Return the instants of a shift in the territory's time; one that ends before it starts ends the next morning."""
    zone = ZoneInfo(settings.TIME_ZONE)
    last = day + timedelta(days=1) if closes <= opens else day
    return datetime.combine(day, opens, zone), datetime.combine(last, closes, zone)


def of_week(organisations: Iterable[int], monday: date) -> QuerySet[Shift]:
    """Return the shifts that begin in a week, in order."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start = datetime.combine(monday, time(), zone)
    end = datetime.combine(monday + timedelta(days=7), time(), zone)
    return (
        Shift.objects.filter(vehicle__organisation__in=organisations, starts__gte=start, starts__lt=end)
        .select_related("vehicle", "driver", "tour")
        .order_by("starts", "vehicle__name")
    )


def drivers(organisation: int) -> QuerySet[User]:
    """Return the people who drive for an organisation."""
    held = Membership.objects.filter(organisation=organisation, role=Role.DRIVER).values("user")
    return User.objects.filter(pk__in=held, is_active=True).order_by("name")


def check(vehicle: Vehicle, starts: datetime, ends: datetime, driver: User | None) -> None:
    """Refuse a shift that cannot be.

    Raises
    ------
    Refused
        Past, too long, over another one of the vehicle or of the driver, or a driver of elsewhere.
    """
    words = f"« {vehicle.name} », {starts:%d/%m/%Y} {starts:%H:%M}"
    if ends <= service_now():
        raise Refused(
            "past-shift", _("%(words)s : ce service est déjà passé.") % {"words": words}, field="day"
        )
    if not timedelta(minutes=15) <= ends - starts <= LONGEST:
        raise Refused(
            "bad-length",
            _("%(words)s : un service dure de 15 minutes à 20 heures.") % {"words": words},
            field="closes",
        )
    if starts - service_now() > timedelta(days=400):
        raise Refused("far-shift", _("%(words)s : c'est dans plus d'un an.") % {"words": words}, field="day")
    over = Shift.objects.filter(starts__lt=ends, ends__gt=starts)
    if over.filter(vehicle=vehicle).exists():
        raise Refused(
            "shift-overlaps",
            _("%(words)s : ce véhicule roule déjà à ce moment.") % {"words": words},
            status=409,
            field="opens",
        )
    if driver is not None:
        if over.filter(driver=driver).exists():
            raise Refused(
                "driver-busy",
                _("%(words)s : %(name)s conduit déjà à ce moment.") % {"words": words, "name": driver.name},
                status=409,
                field="driver",
            )
        if not drivers(vehicle.organisation_id).filter(pk=driver.pk).exists():
            raise Refused(
                "not-a-driver",
                _("%(name)s n'est pas conducteur de cette organisation.") % {"name": driver.name},
                field="driver",
            )


def add(user: Any, wanted: Iterable[Wanted], *, source: str = "hand") -> list[Shift]:
    """Add shifts, each with its tour, all or none.

    Raises
    ------
    Refused
        As :func:`check`, or if there are too many.
    """
    found = list(wanted)
    if len(found) > MOST:
        raise Refused("too-many-shifts", _("Au plus %(most)s services d'un coup.") % {"most": MOST})
    made = []
    with transaction.atomic():
        for vehicle, starts, ends, driver in found:
            authorise(user, "fleet.manage", vehicle)
            check(vehicle, starts, ends, driver)
            made.append(Shift.objects.create(vehicle=vehicle, starts=starts, ends=ends, driver=driver))
        if made:
            Tour.objects.bulk_create(Tour(shift=shift) for shift in made)
            record("fleet.shifts.added", actor=user.pid, payload={"count": len(made), "source": source})
    return made


def copy_week(user: Any, monday: date, weeks: int) -> int:
    """Copy the shifts of a week to the next weeks; where a vehicle or driver is taken already, theirs is left out.

    Returns
    -------
    int
        How many were added.
    """
    authorise(user, "fleet.manage")
    if not 1 <= weeks <= 26:
        raise Refused("bad-weeks", _("De 1 à 26 semaines."), field="weeks")
    from ressort.core.accounts.people import managed

    zone = ZoneInfo(settings.TIME_ZONE)
    source = list(of_week(managed(user).values_list("pk", flat=True), monday))
    if not source:
        raise Refused("empty-week", _("Cette semaine n'a aucun service à copier."), status=409)
    made: list[Shift] = []
    with transaction.atomic():
        for ahead in range(1, weeks + 1):
            for shift in source:
                starts, ends = (_later(at, ahead, zone) for at in (shift.starts, shift.ends))
                driver = shift.driver if shift.driver and shift.driver.is_active else None
                try:
                    check(shift.vehicle, starts, ends, driver)
                except Refused:
                    continue
                made.append(
                    Shift.objects.create(vehicle=shift.vehicle, starts=starts, ends=ends, driver=driver)
                )
        if not made:
            raise Refused(
                "nothing-copied", _("Ces semaines ont déjà leurs services : rien n'a été copié."), status=409
            )
        Tour.objects.bulk_create(Tour(shift=shift) for shift in made)
        record("fleet.shifts.added", actor=user.pid, payload={"count": len(made), "source": "copy"})
    return len(made)


def _later(at: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """Return the same time of day some weeks later, on the days of a clock change too."""
    naive = at.astimezone(zone).replace(tzinfo=None) + timedelta(weeks=weeks)
    return naive.replace(tzinfo=zone)


def _mine(user: Any, pk: int) -> Shift:
    found = Shift.objects.select_related("vehicle", "driver").filter(pk=pk).first()
    if found is None:
        raise Unknown("shift", _("Ce service n'existe plus."))
    authorise(user, "fleet.manage", found.vehicle)
    return found


def remove(user: Any, pk: int) -> None:
    """Remove a shift to come that carries nobody."""
    found = _mine(user, pk)
    with transaction.atomic():
        tour = Tour.objects.select_for_update().filter(shift=found).first()
        if tour is not None:
            if Promise.objects.filter(tour=tour).exists() or tour.visits.exists():
                raise Refused(
                    "shift-in-use",
                    _("Des trajets ont été promis sur ce service : il ne se retire plus."),
                    status=409,
                )
            tour.delete()
        found.delete()
        record("fleet.shift.removed", actor=user.pid, payload={"vehicle": found.vehicle.pid})


def assign(user: Any, pk: int, driver: User | None) -> Shift:
    """Say who drives a shift, or that nobody does yet."""
    found = _mine(user, pk)
    with transaction.atomic():
        if driver is not None:
            over = Shift.objects.filter(starts__lt=found.ends, ends__gt=found.starts, driver=driver)
            if over.exclude(pk=found.pk).exists():
                raise Refused(
                    "driver-busy",
                    _("%(name)s conduit déjà à ce moment.") % {"name": driver.name},
                    status=409,
                    field="driver",
                )
            if not drivers(found.vehicle.organisation_id).filter(pk=driver.pk).exists():
                raise Refused(
                    "not-a-driver",
                    _("%(name)s n'est pas conducteur de cette organisation.") % {"name": driver.name},
                    field="driver",
                )
        if found.driver_id != (driver.pk if driver else None):
            found.driver = driver
            found.save(update_fields=["driver"])
            record("fleet.shift.changed", actor=user.pid, subject=found.vehicle.pid)
    return found
