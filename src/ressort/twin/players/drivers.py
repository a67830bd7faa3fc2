"""Drivers: they drive the planned tours on real streets at the clock's speed, and are sometimes late."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from ressort.core.errors import Refused
from ressort.core.fleet import planning
from ressort.core.fleet.models import Promise, Tour, VehicleState, Visit
from ressort.core.live.latest import hub
from ressort.core.network.answers import Unreachable
from ressort.core.network.router import Router
from ressort.core.territory.models import Place
from ressort.engines import geodesy
from ressort.engines.dispatch.problem import UNREACHABLE
from ressort.services.transport.actions import driving, positions, replanning
from ressort.services.transport.picture import CHANNEL, for_riders, moving, own_channel

_log = logging.getLogger(__name__)
OPEN = (Visit.State.PENDING, Visit.State.UNDER_WAY, Visit.State.ARRIVED)
EARLY = 25  # seconds before the latest departure at which a driver leaves
SLIPS = 0.015  # share of legs with something unforeseen
ANNOUNCE = 240  # seconds of lateness that a driver announces
ABSENT = 0.015  # share of riders who do not come


@dataclass
class Leg:
    """The way to the next stop: points, metres along it, seconds it takes."""

    points: np.ndarray
    along: np.ndarray
    seconds: float


@dataclass
class Known:
    """What a tour was at a version of it: its next visit, and where and since when the vehicle last stood."""

    version: int
    visit: Visit | None
    place: Place
    since: datetime


class Drivers:
    """Every simulated driver. What is kept here is only drawn or read again; what counts is in the tables."""

    def __init__(self) -> None:
        self._legs: dict[int, Leg] = {}
        self._announced: set[int] = set()
        self._known: dict[int, Known] = {}

    def play(self, now: datetime, *, draw: bool = True) -> None:
        """Let every driver do what is due at ``now``; then say where the vehicles are."""
        tours = list(
            Tour.objects.filter(shift__starts__lte=now, shift__ends__gt=now - timedelta(hours=1))
            .exclude(state__in=(Tour.State.DONE, Tour.State.BROKEN))
            .select_related("shift__vehicle__depot", "shift__driver")
        )
        for tour in tours:
            for _ in range(8):  # several things may be due at once after a pause
                if tour.by_hand or not self._act(tour, self._know(tour), now):
                    break
                tour.version = -1  # it changed: look again
        if draw:
            self._draw({tour.pk: self._know(tour) for tour in tours}, tours, now)

    def _know(self, tour: Tour) -> Known:
        """Return what is known of a tour, read again only when its version moved."""
        known = self._known.get(tour.pk)
        if known and known.version == tour.version:
            return known
        visits = Visit.objects.filter(tour=tour).select_related("promise__pickup", "promise__dropoff")
        coming = visits.filter(state__in=OPEN).order_by("sequence").first()
        last = visits.filter(state=Visit.State.DONE).order_by("-sequence").first()
        if last is None:
            known = Known(tour.version, coming, tour.shift.vehicle.depot, tour.shift.starts)
        else:
            known = Known(tour.version, coming, last.place, last.left or last.arrived or last.planned)
        self._known[tour.pk] = known
        return known

    def _act(self, tour: Tour, known: Known, now: datetime) -> bool:
        """Do the next thing due on a tour; return whether something was done."""
        driver: Any = tour.shift.driver
        if driver is None:
            return False
        driver.simulated = True
        visit = known.visit
        try:
            if visit is None:
                return self._rest(driver, tour, now)
            if visit.state == Visit.State.PENDING:
                return self._leave(driver, tour, visit, known, now)
            if visit.state == Visit.State.UNDER_WAY:
                return self._drive(driver, tour, visit, known, now)
            return self._serve(driver, tour, visit, visit.arrived or now, now)
        except Refused as refused:
            _log.info("tour %s: %s", tour.pk, refused.sentence)
            return False

    @staticmethod
    def _rest(driver: Any, tour: Tour, now: datetime) -> bool:
        if now < tour.shift.ends:
            return False
        driving.end(driver, tour.pk)
        return True

    def _leave(self, driver: Any, tour: Tour, visit: Visit, known: Known, now: datetime) -> bool:
        place = known.place
        if place == visit.place:  # already there: the next rider of the same stop
            return self._serve(driver, tour, visit, known.since, now)
        travel = seconds_between(place, visit.place)
        if now < visit.planned - timedelta(seconds=travel + EARLY):
            return False
        driving.depart(driver, tour.pk)
        return True

    def _drive(self, driver: Any, tour: Tour, visit: Visit, known: Known, now: datetime) -> bool:
        departed = visit.departed or now
        takes = seconds_between(known.place, visit.place) * pace(visit) + slip(visit)
        arrival = departed + timedelta(seconds=takes)
        late = (arrival - visit.planned).total_seconds()
        if late > ANNOUNCE and visit.pk not in self._announced:
            self._announced.add(visit.pk)
            replanning.delay(driver, tour.pk, min(60, int(late // 60) + 1))
            return False
        if now < arrival:
            return False
        driving.arrive(driver, tour.pk)
        self._legs.pop(visit.pk, None)
        return True

    def _serve(self, driver: Any, tour: Tour, visit: Visit, since: datetime, now: datetime) -> bool:
        promise = visit.promise
        start = max(since, promise.pickup_from) if visit.is_pickup else since
        takes = promise.pickup_service if visit.is_pickup else promise.dropoff_service
        if visit.is_pickup and absent(promise):
            if now < start + driving.WAIT_BEFORE_NO_SHOW:
                return False
            driving.no_show(driver, tour.pk, visit.pk)
            return True
        if now < start + timedelta(seconds=max(takes - 10, 0)):
            return False
        driving.serve(driver, tour.pk, visit.pk)
        return True

    def _draw(self, known: dict[int, Known], tours: list[Tour], now: datetime) -> None:
        """Publish where every vehicle is: to the console whole, to the riders of each tour what they may see."""
        aboard = count_aboard(tours)
        values: dict[str, Any] = {}
        for tour in tours:
            lon, lat, bearing, state = self._where(known[tour.pk], now)
            values[str(tour.pk)] = moving(tour, lon, lat, bearing, aboard.get(tour.pk, 0), state)
        gone = [key for key in hub.snapshot(CHANNEL) if key not in values]
        hub.publish(CHANNEL, values)
        positions.hide(gone)
        for key, value in values.items():
            hub.publish(own_channel(int(key)), {key: for_riders(value)})

    def _where(self, known: Known, now: datetime) -> tuple[float, float, float, str]:
        place, visit = known.place, known.visit
        if visit is None or visit.state == Visit.State.PENDING:
            return place.lon, place.lat, 0.0, "waiting"
        if visit.state == Visit.State.ARRIVED:
            return visit.place.lon, visit.place.lat, 0.0, "serving"
        leg = self._legs.get(visit.pk)
        if leg is None:
            if len(self._legs) > 500:
                self._legs.clear()
            leg = self._legs[visit.pk] = leg_between(place, visit.place)
        takes = max(leg.seconds * pace(visit) + slip(visit), 1.0)
        share = ((now - (visit.departed or now)).total_seconds()) / takes
        lon, lat, bearing = point_along(leg, min(max(share, 0.0), 1.0))
        late = (now - visit.planned).total_seconds() > 180
        return lon, lat, bearing, "late" if late else "moving"

    def remember(self, now: datetime) -> None:
        """Keep the last positions, so that a restart shows vehicles where they were; of vehicles on shift only."""
        shown = positions.on_shift()
        vehicles = dict(Tour.objects.filter(pk__in=shown).values_list("pk", "shift__vehicle"))
        rows = [
            VehicleState(
                vehicle_id=vehicles[int(key)], lon=v["lon"], lat=v["lat"], bearing=v["heading"], at=now
            )
            for key, v in hub.snapshot(CHANNEL).items()
            if int(key) in vehicles
        ]
        unique = {row.vehicle_id: row for row in rows}
        VehicleState.objects.bulk_create(
            unique.values(),
            update_conflicts=True,
            unique_fields=["vehicle"],
            update_fields=["lon", "lat", "bearing", "at"],
        )


def seconds_between(start: Place, end: Place) -> float:
    """Return the planned travel time between two places; a minute when one is not on the planning ground."""
    ground = planning.ground()
    if start.pk not in ground.index or end.pk not in ground.index:
        return 60.0
    found = int(ground.matrix.seconds[ground.index[start.pk], ground.index[end.pk]])
    return 60.0 if found >= UNREACHABLE else float(found)


def pace(visit: Visit) -> float:
    """Return how fast this driver goes on this leg: a share of the planned time, always the same for a visit."""
    return min(1.12, max(0.82, random.Random(visit.pk).gauss(0.95, 0.05)))


def slip(visit: Visit) -> float:
    """Return the seconds lost on this leg to something unforeseen, mostly none; never on the way to a person."""
    chance = random.Random(visit.pk * 7 + 1)
    lost = chance.uniform(90, 480)
    return lost if chance.random() < SLIPS and visit.promise.booking.origin == "twin" else 0.0


def absent(promise: Promise) -> bool:
    """Tell whether this played rider will not come."""
    return random.Random(promise.pid).random() < ABSENT and promise.booking.origin == "twin"


def leg_between(start: Place, end: Place) -> Leg:
    """Return the way between two places as it is drawn; a straight line when the router knows none."""
    route = Router.active().route([(start.lon, start.lat), (end.lon, end.lat)], "van")
    points = (
        [(start.lon, start.lat), (end.lon, end.lat)] if isinstance(route, Unreachable) else route.geometry
    )
    array = np.asarray(points, float)
    steps = [geodesy.distance(*array[i], *array[i + 1]) for i in range(len(array) - 1)]
    return Leg(array, np.concatenate([[0.0], np.cumsum(steps)]), seconds_between(start, end))


def point_along(leg: Leg, share: float) -> tuple[float, float, float]:
    """Return [lon, lat] and bearing (degrees from north) at a share of a way."""
    target = share * leg.along[-1]
    i = int(np.clip(np.searchsorted(leg.along, target, side="right") - 1, 0, len(leg.points) - 2))
    step = leg.along[i + 1] - leg.along[i]
    part = (target - leg.along[i]) / step if step else 0.0
    (x0, y0), (x1, y1) = leg.points[i], leg.points[i + 1]
    bearing = np.degrees(np.arctan2((x1 - x0) * np.cos(np.radians(y0)), y1 - y0)) % 360
    return float(x0 + (x1 - x0) * part), float(y0 + (y1 - y0) * part), float(bearing)


def count_aboard(tours: list[Tour]) -> dict[int, int]:
    """Return how many people are in each vehicle."""
    found: dict[int, int] = {}
    rows = Promise.objects.filter(tour__in=tours, state=Promise.State.ABOARD)
    for tour, seats, wheelchairs in rows.values_list("tour", "seats", "wheelchairs"):
        found[tour] = found.get(tour, 0) + seats + wheelchairs
    return found
