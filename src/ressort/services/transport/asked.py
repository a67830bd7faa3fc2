"""Demands as those who watch over the service read them: what was asked, what was answered, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ressort.core.clock import wall_now
from ressort.core.retold import retold
from ressort.core.territory.models import Place
from ressort.engines import geodesy
from ressort.services.transport import words
from ressort.services.transport.models import Booking, Demand
from ressort.web.words import duration


@dataclass(frozen=True, slots=True)
class Asked:
    """A demand in words.

    Attributes
    ----------
    start, end : str
        Names of stops only: demands keep no address.
    at : datetime
        The moment wished for, to leave after or (``arrive_by``) be there before.
    passengers, wheelchairs, luggage : int
    booking : Booking or None
    state, word : str
        State of the trip, and the word that replaces the usual one when it is not empty.
    why : str
        Why this answer, in one line.
    """

    demand: Demand
    start: str
    end: str
    at: datetime
    arrive_by: bool
    passengers: int
    wheelchairs: int
    luggage: int
    booking: Booking | None
    state: str
    word: str
    why: str


def tell(demands: list[Demand]) -> list[Asked]:
    """Return demands in words: one more query at most, whatever their number."""
    names = _Names()
    return [_told(demand, names) for demand in demands]


def _told(demand: Demand, names: _Names) -> Asked:
    wish: dict[str, Any] = demand.wish
    booking = next(iter(demand.bookings.all()), None)
    start, end = _ends(demand, booking, names)
    state, word = _state(demand, booking)
    return Asked(
        demand,
        start,
        end,
        datetime.fromisoformat(wish["at"]),
        wish["arrive_by"],
        wish["passengers"],
        wish["wheelchairs"],
        wish["luggage"],
        booking,
        state,
        word,
        _why(demand, booking),
    )


def _ends(demand: Demand, booking: Booking | None, names: _Names) -> tuple[str, str]:
    if booking is not None:
        return booking.promise.pickup.name, booking.promise.dropoff.name
    for offer in (*demand.offers, *demand.nearest):
        return offer["pickup_name"], offer["dropoff_name"]
    return names.of(demand.wish["from"]), names.of(demand.wish["to"])


def _state(demand: Demand, booking: Booking | None) -> tuple[str, str]:
    if booking is not None:
        if booking.state == Booking.State.BROKEN:
            return "broken-down", _("Non tenu")
        return booking.state, ""
    if demand.answer == Demand.Answer.REFUSED:
        return "refused", ""
    return ("offered", "") if demand.expires > wall_now() else ("expired", _("Sans suite"))


def _why(demand: Demand, booking: Booking | None) -> str:
    if demand.answer == Demand.Answer.REFUSED:
        reason = str(words.REASONS.get(demand.reason) or retold(demand.sentence))
        return _("%(reason)s ; heure proche acceptée") % {"reason": reason} if booking else reason
    count = len(demand.offers)
    said = ngettext("%(n)d proposition", "%(n)d propositions", count) % {"n": count}
    if demand.offers and demand.offers[0].get("squeezed"):
        return _("%(offers)s, d'autres passages déplacés dans leur créneau") % {"offers": said}
    extra = demand.offers[0]["extra_s"] if demand.offers else 0
    more = _("sans détour") if extra < 30 else _("+%(time)s de route") % {"time": duration(extra)}
    return f"{said}, {more}"


class _Names:
    """Names of the stops, read only if a demand has none of its own."""

    def of(self, point: list[Any]) -> str:
        """Return the name of a kept end of a wish: its stop, else the stop nearest to its rounded point."""
        lon, lat, place = point
        if lon is None:  # forgotten: the person, or the time that passed, wanted it so
            return "–"
        if place in self._stops:
            return self._stops[place][0]
        if not self._stops:
            return "–"
        lons, lats = np.array([[s[1], s[2]] for s in self._stops.values()]).T
        nearest = list(self._stops.values())[int(np.argmin(geodesy.distances(lon, lat, lons, lats)))]
        return _("près de %(stop)s") % {"stop": nearest[0]}

    @cached_property
    def _stops(self) -> dict[int, tuple[str, float, float]]:
        rows = Place.objects.filter(offerings__isnull=False).distinct()
        return {pk: (name, lon, lat) for pk, name, lon, lat in rows.values_list("pk", "name", "lon", "lat")}
