"""The first service of an installation: vehicles, an offering, and four weeks of shifts, in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Organisation
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.fleet import actions as fleet
from ressort.core.fleet import shifts
from ressort.core.fleet.models import Vehicle
from ressort.core.territory.models import Place
from ressort.services.transport.access import openings
from ressort.services.transport.actions import offerings
from ressort.services.transport.models import Offering

WEEKS = 4
MOST = 60


@dataclass(frozen=True, slots=True)
class First:
    """What is asked for a first service.

    Attributes
    ----------
    depot : Place
        The stop where the vehicles sleep.
    days : tuple of int
        Kinds of day of :class:`Hours` on which it runs, all from ``opens`` to ``closes`` (minutes after midnight).
    """

    name: str
    vehicles: int
    seats: int
    wheelchairs: int
    luggage: int
    depot: Place
    days: tuple[int, ...]
    opens: int
    closes: int
    price_cents: int


def begin(user: Any, home: Organisation, first: First) -> Offering:
    """Make the vehicles, publish the offering with every stop in service, and plan the shifts of four weeks.

    Raises
    ------
    Refused
        With what is wrong; nothing is kept then.
    """
    if not 1 <= first.vehicles <= MOST:
        raise Refused(
            "bad-vehicles", _("De 1 à %(most)s véhicules pour commencer.") % {"most": MOST}, field="vehicles"
        )
    if not first.days:
        raise Refused("no-day", _("Choisissez au moins un jour de service."), field="days")
    if not first.opens < first.closes <= 1439:
        raise Refused(
            "bad-hours", _("La fin du service vient après son début, le même jour."), field="closes"
        )
    with transaction.atomic():
        depot = Place.objects.filter(kind=Place.Kind.DEPOT, lon=first.depot.lon, lat=first.depot.lat).first()
        if depot is None:
            depot = Place.objects.create(
                kind=Place.Kind.DEPOT,
                name=f"Dépôt {first.depot.name}"[:200],
                lon=first.depot.lon,
                lat=first.depot.lat,
                commune=first.depot.commune,
                source="hand",
            )
        vans = fleet.take(user, [(home, _van(name, first, depot)) for name in _names(first.vehicles)])
        draft = offerings.draft(user, home, first.name)
        offerings.change(
            user,
            draft.pk,
            price_cents=first.price_cents,
            valid_from=_today(),
            hours={day: [(first.opens, first.closes)] for day in first.days},
            places=list(Place.objects.filter(kind__in=offerings.STOPS, active=True)),
            vehicles=vans,
        )
        made = offerings.publish(user, draft.pk)
        shifts.add(user, list(_shifts(made, vans, first)), source="start")
    return made


def _van(name: str, first: First, depot: Place) -> dict[str, Any]:
    return {
        "name": name,
        "seats": first.seats,
        "wheelchairs": first.wheelchairs,
        "luggage": first.luggage,
        "depot": depot,
    }


def _names(count: int) -> list[str]:
    """Return names that no vehicle bears."""
    taken = set(Vehicle.objects.values_list("name", flat=True))
    free = (name for n in range(1, count + len(taken) + 1) if (name := f"Minibus {n}") not in taken)
    return [next(free) for __ in range(count)]


def _today() -> date:
    return service_now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _shifts(made: Offering, vans: list[Vehicle], first: First) -> Any:
    opens, closes = (time(minutes // 60, minutes % 60) for minutes in (first.opens, first.closes))
    for day in (_today() + timedelta(days=n) for n in range(7 * WEEKS)):
        starts, ends = shifts.span(day, opens, closes)
        if openings(made, day) and ends > service_now():
            yield from ((van, starts, ends, None) for van in vans)


def ready() -> bool:
    """Tell whether a first offering was published."""
    return Offering.objects.filter(state=Offering.State.PUBLISHED).exists()
