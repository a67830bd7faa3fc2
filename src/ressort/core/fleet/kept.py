"""What tours hold, in the engine's terms: promises as requests, visits in order, who is aboard since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ressort.core.fleet.models import Promise, Visit
from ressort.engines.dispatch import plan as engine
from ressort.engines.dispatch.plan import Aboard
from ressort.engines.dispatch.problem import Request
from ressort.units import Window

OPEN = (Visit.State.PENDING, Visit.State.UNDER_WAY, Visit.State.ARRIVED)
_BEGUN = (Visit.State.UNDER_WAY, Visit.State.ARRIVED)


def epoch(at: datetime) -> int:
    """Return an instant in the engine's seconds."""
    return int(at.timestamp())


def instant(seconds: int) -> datetime:
    """Return the instant of an engine time (UTC)."""
    return datetime.fromtimestamp(int(seconds), UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """A tour as it was read at one of its versions: right as long as the tour has that version."""

    version: int
    requests: Mapping[str, Request]
    visits: tuple[engine.Visit, ...]
    frozen: int
    last: tuple[int, int] | None
    """Place and second of the last visit done."""
    aboard: tuple[Aboard, ...]


def read_tours(versions: Mapping[int, int], index: Mapping[int, int]) -> dict[int, Kept]:
    """Read tours from the tables: three queries, whatever the number of bookings.

    Parameters
    ----------
    versions : mapping of Tour row number -> its version
    index : mapping of Place row number -> index in the matrix
    """
    ids = list(versions)
    live = Promise.objects.filter(tour__in=ids, state__in=(Promise.State.PLANNED, Promise.State.ABOARD))
    promises: dict[int, dict[int, Promise]] = {pk: {} for pk in ids}
    for promise in live:
        if promise.tour_id is not None:
            promises[promise.tour_id][promise.pk] = promise
    visits: dict[int, list[Visit]] = {pk: [] for pk in ids}
    for visit in Visit.objects.filter(tour__in=ids, state__in=OPEN).order_by("tour", "sequence"):
        if visit.promise_id in promises[visit.tour_id]:
            visits[visit.tour_id].append(visit)
    done = _last_done(ids)
    made = {}
    for pk in ids:
        mine = promises[pk]
        place, left, boarded = done.get(pk, (None, None, {}))
        made[pk] = Kept(
            versions[pk],
            {promise.pid: to_request(promise, index) for promise in mine.values()},
            tuple(
                engine.Visit(mine[v.promise_id].pid, v.is_pickup, epoch(v.arrived or v.planned))
                for v in visits[pk]
            ),
            sum(1 for visit in visits[pk] if visit.state in _BEGUN),
            None if place is None or left is None else (index[place], epoch(left)),
            tuple(Aboard(mine[one].pid, epoch(since)) for one, since in boarded.items() if one in mine),
        )
    return made


def _last_done(ids: Sequence[int]) -> dict[int, tuple[int, datetime, dict[int, datetime]]]:
    """Return per tour: the last place called at, when the vehicle left it, and when each rider got on."""
    found: dict[int, tuple[int, datetime, dict[int, datetime]]] = {}
    fields = ("tour", "is_pickup", "promise", "promise__pickup", "promise__dropoff", "left")
    rows = Visit.objects.filter(tour__in=ids, state=Visit.State.DONE).order_by("tour", "sequence")
    for tour, is_pickup, promise, pickup, dropoff, left in rows.values_list(*fields):
        boarded = found[tour][2] if tour in found else {}
        if is_pickup:
            boarded[promise] = left
        found[tour] = (pickup if is_pickup else dropoff, left, boarded)
    return found


def to_request(promise: Promise, index: Mapping[int, int]) -> Request:
    """Return a promise as the engine's request: its windows are the promise, eased where it is already overrun."""
    return Request(
        promise.pid,
        index[promise.pickup_id],
        index[promise.dropoff_id],
        Window(epoch(promise.pickup_from), epoch(promise.pickup_until) + promise.pickup_eased),
        Window(epoch(promise.dropoff_from), epoch(promise.dropoff_until) + promise.dropoff_eased),
        promise.load,
        promise.ride_max + promise.ride_eased,
        promise.pickup_service,
        promise.dropoff_service,
    )
