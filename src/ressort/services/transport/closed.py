"""Stops closed while a situation lasts: those of its zone. Trips already booked there are looked at one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

import shapely

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.territory.models import Place
from ressort.services.transport import pausing
from ressort.services.transport.models import Booking, Pause


def of(pauses: Iterable[Pause], stops: Sequence[Place], at: datetime | None = None) -> dict[int, Pause]:
    """Return the stops that the zones of some pauses close.

    Parameters
    ----------
    pauses, stops
        Pauses without a zone close no stop.
    at
        Only pauses that hold at that moment; None: all of them.

    Returns
    -------
    dict
        Number of a stop -> the pause that closes it.
    """
    found: dict[int, Pause] = {}
    for pause in pauses:
        if pause.area is None or (at and not pausing.holds(pause, at)):
            continue
        zone = shapely.from_geojson(pause.area.geometry)
        points = [shapely.Point(stop.lon, stop.lat) for stop in stops]
        shut = shapely.covers(zone, points)
        found |= {stop.pk: pause for stop, inside in zip(stops, shut, strict=True) if inside}
    return found


def check(pauses: Iterable[Pause], places: Iterable[int], at: datetime) -> None:
    """Refuse stops, given by their numbers, one of which is closed at a moment.

    Raises
    ------
    Refused
        With what closes it.
    """
    zoned = [one for one in pauses if one.area is not None]
    shut = of(zoned, list(Place.objects.filter(pk__in=places)), at) if zoned else {}
    if shut:
        raise Refused("paused", pausing.sentence(next(iter(shut.values()))), status=409)


def concerned(pauses: Iterable[Pause]) -> list[tuple[Booking, Place, Pause]]:
    """Return the trips still to come whose pick-up or arrival is at a closed stop, with that stop, soonest first."""
    pauses = [one for one in pauses if one.area is not None]
    if not pauses:
        return []
    coming = list(
        Booking.objects.filter(
            state__in=(Booking.State.ACCEPTED, Booking.State.ABOARD),
            promise__dropoff_until__gte=service_now(),
        )
        .select_related("promise__pickup", "promise__dropoff")
        .order_by("promise__pickup_from", "pk")
    )
    ends = {
        stop.pk: stop
        for stop in chain.from_iterable((one.promise.pickup, one.promise.dropoff) for one in coming)
    }
    shut = of(pauses, list(ends.values()))
    found = []
    for one in coming:
        aboard = one.state == Booking.State.ABOARD
        for stop in (one.promise.dropoff,) if aboard else (one.promise.pickup, one.promise.dropoff):
            pause = shut.get(stop.pk)
            if pause is not None and pausing.holds(pause, one.promise.pickup_from):
                found.append((one, stop, pause))
                break
    return found
