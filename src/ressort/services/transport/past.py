"""Where the vehicles were at a past moment, from what drivers noted: positions themselves are not kept.

Between two stops a vehicle is put on its way, as far along as the time since it left.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from ressort.core.fleet.models import Tour, Visit
from ressort.core.network.router import Router
from ressort.services.transport import picture


def vehicles_geojson(at: datetime) -> dict[str, Any]:
    """Return the vehicles on shift at a moment, in two queries and the ways they were on."""
    rows = Tour.objects.filter(shift__starts__lte=at, shift__ends__gt=at).select_related(
        "shift__vehicle__depot"
    )
    tours = {tour.pk: tour for tour in rows}
    visits: dict[int, list[Visit]] = defaultdict(list)
    noted = Visit.objects.filter(tour__in=tours, departed__lte=at).exclude(state=Visit.State.SKIPPED)
    for visit in noted.select_related("promise__pickup", "promise__dropoff").order_by("sequence"):
        visits[visit.tour_id].append(visit)
    router = Router.active() if visits else None
    return picture.points(_then(tour, visits[pk], at, router) for pk, tour in tours.items())


def _then(
    tour: Tour, visits: Sequence[Visit], at: datetime, router: Router | None
) -> tuple[float, float, dict[str, Any]]:
    left = [visit for visit in visits if visit.left and visit.left <= at]
    aboard = sum((one.promise.seats + one.promise.wheelchairs) * (1 if one.is_pickup else -1) for one in left)
    stood = left[-1].place if left else tour.shift.vehicle.depot
    ahead = next((one for one in visits if one.left is None or one.left > at), None)
    lon, lat, bearing, state = stood.lon, stood.lat, 0.0, "waiting"
    if ahead is not None and ahead.departed is not None:
        until = ahead.arrived or max(ahead.planned, at)
        if until <= at:
            lon, lat, state = ahead.place.lon, ahead.place.lat, "serving"
        else:
            share = (at - ahead.departed) / (until - ahead.departed)
            way = picture.way(router, stood, ahead.place) if router else [(lon, lat)]
            lon, lat, bearing = along(way, share)
            state = "moving"
    value = picture.moving(tour, lon, lat, bearing, aboard, state)
    return value.pop("lon"), value.pop("lat"), {"id": str(tour.pk), **value}  # type: ignore[return-value]


def along(way: Sequence[Sequence[float]], share: float) -> tuple[float, float, float]:
    """Return the point at a share of a way, and the heading there in degrees from the north.

    Parameters
    ----------
    way : sequence of [lon, lat]
        At least one point.
    share : float
        0 at its beginning, 1 at its end.
    """
    shrink = math.cos(math.radians(way[0][1]))
    steps = [math.hypot((b[0] - a[0]) * shrink, b[1] - a[1]) for a, b in pairwise(way)]
    rest = min(1.0, max(0.0, share)) * sum(steps)
    for a, b, step in zip(way, way[1:], steps, strict=False):
        if step and rest <= step:
            part = rest / step
            heading = math.degrees(math.atan2((b[0] - a[0]) * shrink, b[1] - a[1])) % 360
            return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, heading
        rest -= step
    return way[-1][0], way[-1][1], 0.0
