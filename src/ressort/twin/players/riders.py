"""Riders: they wish by time of day and by a gravity model, and book through the same actions as people."""

from __future__ import annotations

import logging
import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import AnonymousUser

from ressort.core.errors import Refused
from ressort.core.network.models import Feature, NetworkVersion
from ressort.core.territory.models import Place, Territory
from ressort.services.transport import access
from ressort.services.transport.actions import asking, booking
from ressort.services.transport.models import Booking, Demand, Offering
from ressort.services.transport.queries import span_of
from ressort.services.transport.wishes import Spot, Wish
from ressort.twin import demand
from ressort.twin.models import TwinState
from ressort.twin.names import full_name

_log = logging.getLogger(__name__)
GIVES_UP = 0.04  # share of riders who decline what they are offered
TAKES_NEAREST = 0.5  # share of refused riders who take one of the nearest times instead
CANCELS = 0.03


class TwinRider(AnonymousUser):
    """A played rider: no account, a pseudonymous id of its own."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.pid = f"p_twin_{number}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A trip of the day: row numbers of its stops, the moment, who, and when it is asked for (epoch seconds)."""

    origin: int
    destination: int
    at: int
    arrive_by: bool
    passengers: int
    wheelchair: bool
    revealed: int


@lru_cache(maxsize=2)
def trips(day: date, seed: int, count: int) -> tuple[Wanted, ...]:
    """Return the trips of a day in the order in which they become known; always the same for a day and seed."""
    offering = Offering.objects.filter(state=Offering.State.PUBLISHED).order_by("-version").first()
    if offering is None:
        return ()
    stops = list(offering.places.filter(active=True).order_by("pk"))
    spans = access.openings(offering, day)
    if not spans or len(stops) < 2:
        return ()
    midnight = int(span_of(day)[0].timestamp())
    window = (int(spans[0][0].timestamp()) - midnight, int(spans[-1][1].timestamp()) - midnight)
    points = [(stop.lon, stop.lat) for stop in stops]
    made = demand.requests(
        points, weights(points), count, day=window, seed=seed * 1_000_000 + day.toordinal()
    )
    return tuple(
        Wanted(
            stops[trip.origin].pk,
            stops[trip.destination].pk,
            midnight + trip.desired,
            trip.is_arrival,
            trip.passengers,
            trip.wheelchair,
            midnight + trip.revealed,
        )
        for trip in made
    )


def weights(points: list[tuple[float, float]]) -> tuple[Any, Any]:
    """Return how many trips each stop sends and draws, from the communes' people and what there is around."""
    communes = [
        (t.lon, t.lat, t.population)
        for t in Territory.objects.filter(scale="commune", lon__isnull=False)
        if t.lon is not None and t.lat is not None
    ]
    features = Feature.objects.filter(
        version__state=NetworkVersion.State.ACTIVE, kind__in=list(demand.ATTRACTION)
    ).order_by("number")
    return demand.weights_of(points, communes, [(f.lon, f.lat, f.kind) for f in features])


def play(state: TwinState, now: datetime, told: Callable[[float], None] = lambda _done: None) -> int:
    """Let every rider whose wish has come up ask, and accept or not; return how many did.

    The cursor of the day moves after each; a rider taken up again after a crash finds the same demand and booking by
    its key, so nothing is doubled.

    Parameters
    ----------
    told : callable, optional
        Called with the share done after each rider: before the first morning there are hundreds.
    """
    plan = trips(state.day, state.seed, state.riders)
    first, due = state.played, bisect_right(plan, now.timestamp(), key=lambda trip: trip.revealed)
    for number in range(first, due):
        _ask(state, number, plan[number], now)
        state.played = number + 1
        TwinState.objects.filter(pk=1).update(played=state.played)
        told((state.played - first) / (due - first))
    return max(0, due - first)


def _ask(state: TwinState, number: int, trip: Wanted, now: datetime) -> None:
    chance = random.Random(f"{state.seed}:{state.day}:{number}")
    name = full_name(chance)
    places = Place.objects.in_bulk([trip.origin, trip.destination])
    ends = [_around(places[pk], chance) for pk in (trip.origin, trip.destination)]
    at = datetime.fromtimestamp(trip.at, now.tzinfo)
    if at < now:
        return
    key = f"twin-{state.day:%Y%m%d}-{state.seed}-{number}"
    user = TwinRider(f"{state.day:%m%d}{number}")
    wheelchairs = int(trip.wheelchair)
    wish = Wish(
        ends[0], ends[1], at, trip.arrive_by, trip.passengers, wheelchairs, chance.choice((0, 0, 0, 1))
    )
    try:
        answer = asking.ask(user, wish, origin=Demand.Origin.TWIN, key=key)
        rank = _choice(answer, chance)
        if rank is not None and not answer.bookings.exists():
            booking.accept(user, answer.pid, rank, booking.Rider(name), key=key)
    except Refused as refused:
        _log.info("rider %s: %s", number, refused.sentence)


def _around(place: Place, chance: random.Random) -> Spot:
    """Return a door a short walk from a stop, or the stop itself."""
    if chance.random() < 0.4:
        return Spot(place.lon, place.lat, place.name, place.pk)
    return Spot(
        place.lon + chance.gauss(0, 0.0012), place.lat + chance.gauss(0, 0.0008), f"Près de {place.name}"
    )


def _choice(answer: Demand, chance: random.Random) -> int | None:
    if chance.random() < GIVES_UP:
        return None
    if answer.offers:
        return 0
    if answer.nearest and chance.random() < TAKES_NEAREST:
        return 0
    return None


def change_minds(state: TwinState, now: datetime) -> None:
    """Cancel the trips of the few who change their mind, half an hour to two hours before."""
    soon = Booking.objects.filter(
        origin=Demand.Origin.TWIN,
        state=Booking.State.ACCEPTED,
        promise__pickup_from__gt=now + timedelta(minutes=35),
        promise__pickup_from__lt=now + timedelta(minutes=40),
    )
    for trip in soon.only("pid", "code"):
        if random.Random(f"{state.seed}:{trip.pid}").random() < CANCELS:
            try:
                booking.cancel(AnonymousUser(), trip.code)
            except Refused as refused:
                _log.info("cancel %s: %s", trip.pid, refused.sentence)


def day_over(state: TwinState, now: datetime) -> bool:
    """Tell whether the service day being played has ended."""
    return now >= span_of(state.day)[1]
