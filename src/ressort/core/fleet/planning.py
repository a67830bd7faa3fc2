"""The door between rows and the dispatch engine: live tours in, changed tours out.

An engine vehicle is a *tour* (one vehicle during one shift) and bears its row number; an engine request is a promise
and bears its ``pid``; engine time is the Unix epoch. Versions are per tour: what the engine decided outside the
transaction is written only where the tours it changed have not moved since.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ressort.core.errors import Refused, Unknown
from ressort.core.fleet.kept import OPEN, Kept, epoch, instant, read_tours
from ressort.core.fleet.models import Promise, Tour, Vehicle, Visit
from ressort.core.jobs import queue
from ressort.core.journal.models import Receipt
from ressort.core.network import build, closures, matrices
from ressort.core.network.models import NetworkVersion, StopMatrix
from ressort.core.territory.models import Place
from ressort.engines.dispatch import plan as engine
from ressort.engines.dispatch.plan import Anchor, Plan
from ressort.engines.dispatch.problem import UNREACHABLE, Matrix, Problem
from ressort.engines.dispatch.problem import Vehicle as EngineVehicle
from ressort.units import Window

PROFILE = "van"
MATRIX_JOB = "fleet.matrix"
HORIZON = timedelta(hours=3)
"""How far ahead tours are read when no span is given."""


class Stale(Refused):
    """A tour changed while the engine was thinking; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            "tour-changed", _("Le plan a changé entre-temps : demandez une nouvelle proposition."), status=409
        )


@dataclass(frozen=True)
class Ground:
    """The places a plan speaks of, and travel between them.

    Attributes
    ----------
    matrix : Matrix
    index : mapping of Place row number -> index in the matrix
    profile : str
    file : str
        Digest of the kept matrix it comes from, for receipts.
    tours : dict of Tour row number -> Kept
        What was last read of each tour in terms of these places.
    """

    matrix: Matrix
    index: Mapping[int, int]
    profile: str
    file: str
    tours: dict[int, Kept] = field(default_factory=dict, repr=False, compare=False)

    @property
    def places(self) -> dict[int, int]:
        """Index in the matrix -> Place row number."""
        return {index: place for place, index in self.index.items()}


@dataclass(frozen=True)
class Board:
    """Live tours as the engine sees them, with what is needed to write an answer back."""

    problem: Problem
    plan: Plan
    versions: Mapping[str, int]
    ground: Ground
    now: int


_Points = list[tuple[float, float]]
_KEEP = 2.0  # seconds during which the matrix in force is not looked up again
_MOST_TOURS = 5000  # kept in memory, of all days together
_MOST = 8  # matrices kept in memory: closures of now, and of days to come
_grounds: dict[tuple[str, str], tuple[float, Ground]] = {}
_ground_lock = threading.Lock()


def planning_places() -> list[tuple[int, float, float]]:
    """Return (row number, lon, lat) of every place a tour may call at: stops in use and depots, in a fixed order."""
    depots = set(Vehicle.objects.values_list("depot_id", flat=True))
    stops = Q(kind__in=(Place.Kind.STOP, Place.Kind.VIRTUAL_STOP), active=True)
    return list(Place.objects.filter(stops | Q(pk__in=depots)).order_by("pk").values_list("pk", "lon", "lat"))


def ground(profile: str = PROFILE, at: datetime | None = None) -> Ground:
    """Return the places and the planning matrix in force.

    A matrix that closures have made out of date stands until its successor, asked for here, is ready.

    Parameters
    ----------
    profile : str
    at : datetime, optional
        When the journeys happen, if other streets will be closed by then than now: a closure of two hours says nothing
        of tomorrow.

    Raises
    ------
    Refused
        If none was ever computed for these places; it is then asked for.
    """
    at = at if at is not None and closures.change_by(at) else None
    slot = (profile, closures.revision(at) if at else "")
    with _ground_lock:
        known = _grounds.get(slot)
        if known and time.monotonic() - known[0] < _KEEP:
            return known[1]
    places = planning_places()
    kept = _kept_matrix([(lon, lat) for __, lon, lat in places], profile, at)
    if kept is None and (not places or build.active_version() is None):
        words = _("Aucun arrêt ou aucun réseau de rues n'est encore en place.")
        raise Refused("nothing-to-plan", words, status=503)
    if kept is None or not kept.fresh:
        ask_for_matrix(profile, at)
    if kept is None:
        words = _("Les temps de parcours sont en cours de calcul : réessayez dans un instant.")
        raise Refused("matrix-not-ready", words, status=503)
    if known and known[1].file == kept.digest and len(known[1].index) == len(places):
        made = known[1]
    else:
        index = {place: i for i, (place, __, __) in enumerate(places)}
        made = Ground(_engine_matrix(kept.seconds, kept.metres), index, profile, kept.digest)
    with _ground_lock:
        if len(_grounds) >= _MOST:
            _grounds.clear()
        _grounds[slot] = (time.monotonic(), made)
    return made


def ask_for_matrix(profile: str = PROFILE, at: datetime | None = None) -> None:
    """Have the travel times computed, once however many ask, for the closures of now or of a moment to come."""
    payload = {"profile": profile} | ({"at": at.isoformat()} if at else {})
    key = f"{MATRIX_JOB}:{profile}" + (f":{closures.revision(at)}" if at else "")
    queue.enqueue(MATRIX_JOB, payload, actor="system:fleet", key=key)


def _kept_matrix(points: _Points, profile: str, at: datetime | None) -> matrices.PlanningMatrix | None:
    """Return the matrix in force; right after a new network is loaded, the one before serves until its own is ready."""
    if kept := matrices.current(points, profile, at=at):
        return kept
    for version in NetworkVersion.objects.exclude(state=NetworkVersion.State.BUILDING).order_by("-created"):
        if older := matrices.current(points, profile, version=version, at=at):
            return replace(older, fresh=False)
    return None


def versions_in_use() -> list[UUID]:
    """Return the network versions whose matrices a decision receipt may still name, for the network's own tidying."""
    oldest = Receipt.objects.order_by("at").values_list("at", flat=True).first()
    if oldest is None:
        return []
    return list(StopMatrix.objects.values_list("version", flat=True).distinct())


def forget() -> None:
    """Look everything up again at the next question (after a load, and between tests)."""
    with _ground_lock:
        _grounds.clear()


def _engine_matrix(seconds: NDArray[np.int32], metres: NDArray[np.int32]) -> Matrix:
    """Return the router's tables with the engine's mark for pairs without a way."""
    none = (seconds < 0) | (metres < 0)
    return Matrix(np.where(none, UNREACHABLE, seconds), np.where(none, UNREACHABLE, metres))


def matrix_of(digest: str) -> Matrix:
    """Return the kept matrix a receipt names.

    Raises
    ------
    Unknown
        If its file is gone.
    """
    for row in StopMatrix.objects.filter(digest=digest).select_related("version"):
        file = row.version.folder / "matrices" / f"{digest}.npy"
        if file.exists():
            return _engine_matrix(*np.load(file))
    raise Unknown("matrix", _("Les temps de parcours utilisés pour cette décision ne sont plus gardés."))


@queue.work(MATRIX_JOB)
def rebuild_matrix(job: queue.Running) -> dict[str, Any]:
    """Compute the planning matrix again (a job); those who plan learn it from the journal."""
    profile = job.payload.get("profile", PROFILE)
    points = [(lon, lat) for __, lon, lat in planning_places()]
    at = datetime.fromisoformat(job.payload["at"]) if "at" in job.payload else None
    made = matrices.rebuild(points, profile, at=at, progress=job.progress)
    forget()
    build.retire_unreferenced()
    return {"count": len(points), "digest": made.digest}


def read(
    now: datetime,
    *,
    span: tuple[datetime, datetime] | None = None,
    tours: Iterable[int] | None = None,
    vehicles: Iterable[int] | None = None,
    at: datetime | None = None,
) -> Board:
    """Read live tours from the tables.

    Parameters
    ----------
    now : datetime
        Service time: what is over is over, and an idle vehicle can leave from now on.
    span : pair of datetime, optional
        Tours whose shift overlaps it; by default from now to :data:`HORIZON`.
    tours, vehicles : iterables of row numbers, optional
        Only these.
    at : datetime, optional
        When the journeys asked about happen: the streets closed by then count, not those of now.

    Returns
    -------
    Board
        One query, and three more if a tour has moved since the last reading, whatever the number of bookings.
    """
    base = ground(at=at)
    start, end = span or (now, now + HORIZON)
    live = Tour.objects.filter(shift__ends__gt=max(now, start), shift__starts__lt=end)
    live = live.exclude(state__in=(Tour.State.BROKEN, Tour.State.DONE))
    if tours is not None:
        live = live.filter(pk__in=list(tours))
    if vehicles is not None:
        live = live.filter(shift__vehicle__in=list(vehicles))
    rows = [_Live(*row) for row in live.order_by("pk").values_list(*_LIVE)]
    kept = _kept_tours(rows, base)
    requests = {pid: request for row in rows for pid, request in kept[row.pk].requests.items()}
    fleet = tuple(_vehicle(row, base) for row in rows)
    engine_tours = {
        str(row.pk): _tour(row, vehicle, kept[row.pk], now) for row, vehicle in zip(rows, fleet, strict=True)
    }
    problem = Problem(base.matrix, fleet, requests)
    return Board(problem, Plan(engine_tours), {str(r.pk): r.version for r in rows}, base, epoch(now))


class _Live(NamedTuple):
    """A tour, its shift and its vehicle in one row: read at each question, so nothing more than is used."""

    pk: int
    version: int
    starts: datetime
    ends: datetime
    depot: int
    seats: int
    wheelchairs: int
    luggage: int


_LIVE = (
    *("pk", "version", "shift__starts", "shift__ends", "shift__vehicle__depot"),
    *("shift__vehicle__seats", "shift__vehicle__wheelchairs", "shift__vehicle__luggage"),
)


def _kept_tours(rows: Sequence[_Live], base: Ground) -> dict[int, Kept]:
    """Return what tours hold, reading only those that have moved since they were last read.

    Inside a transaction nothing is remembered: what it sees may never have been.
    """
    found = {row.pk: one for row in rows if (one := base.tours.get(row.pk)) and one.version == row.version}
    moved = {row.pk: row.version for row in rows if row.pk not in found}
    if moved:
        fresh = read_tours(moved, base.index)
        if not transaction.get_connection().in_atomic_block:
            if len(base.tours) > _MOST_TOURS:
                base.tours.clear()
            base.tours.update(fresh)
        found |= fresh
    return found


def _vehicle(row: _Live, base: Ground) -> EngineVehicle:
    depot, capacity = base.index[row.depot], (row.seats, row.wheelchairs, row.luggage)
    return EngineVehicle(str(row.pk), depot, depot, Window(epoch(row.starts), epoch(row.ends)), capacity)


def _tour(row: _Live, vehicle: EngineVehicle, kept: Kept, now: datetime) -> engine.Tour:
    place, free = kept.last or (vehicle.start, vehicle.shift.earliest)
    if not kept.frozen:  # an idle vehicle cannot leave in the past
        free = max(free, epoch(now))
    begun = vehicle.shift.earliest if kept.last or kept.frozen else None
    return engine.Tour(
        str(row.pk), Anchor(place, free), kept.visits, kept.frozen, kept.aboard, begun, row.version
    )


def lock(board: Board, changed: Iterable[str]) -> None:
    """Take the tours for this transaction, if none has moved since it was read.

    Raises
    ------
    Stale
        If one has.
    """
    for key in sorted(changed, key=int):
        taken = Tour.objects.filter(pk=int(key), version=board.versions[key]).update(
            version=board.versions[key] + 1
        )
        if not taken:
            raise Stale


def write(changed: Mapping[str, engine.Tour]) -> None:
    """Write the open visits of locked tours: order and planned times. Begun visits are facts and stay.

    Promises that are new on a tour get their two visits; promises that came from another tour bring theirs along.
    """
    pids = {visit.request for tour in changed.values() for visit in tour.visits}
    promises = {promise.pid: promise for promise in Promise.objects.filter(pid__in=pids)}
    rows = {
        (visit.promise_id, visit.is_pickup): visit
        for visit in Visit.objects.filter(promise__in=promises.values()).exclude(state=Visit.State.SKIPPED)
    }
    fresh: list[Visit] = []
    moved: list[Visit] = []
    for key, tour in changed.items():
        done = Visit.objects.filter(tour=int(key)).exclude(state__in=OPEN).order_by("-sequence")
        base = (done.values_list("sequence", flat=True).first() or 0) + 1
        for rank, visit in enumerate(tour.visits):
            promise = promises[visit.request]
            row = rows.get((promise.pk, visit.pickup))
            wanted: dict[str, Any] = {
                "tour_id": int(key),
                "sequence": base + rank,
                "planned": instant(visit.at),
            }
            if row is None:
                fresh.append(Visit(promise=promise, is_pickup=visit.pickup, **wanted))
            elif row.state == Visit.State.PENDING or rank < tour.frozen:
                if row.state != Visit.State.PENDING:
                    wanted["planned"] = row.planned if row.arrived else instant(visit.at)
                if any(getattr(row, name) != value for name, value in wanted.items()):
                    for name, value in wanted.items():
                        setattr(row, name, value)
                    moved.append(row)
    Visit.objects.bulk_create(fresh)
    Visit.objects.bulk_create(  # one upsert: several times faster than bulk_update's cases
        moved, update_conflicts=True, unique_fields=["id"], update_fields=["tour", "sequence", "planned"]
    )
    owners = {visit.request: int(key) for key, tour in changed.items() for visit in tour.visits}
    transferred = [p for p in promises.values() if p.tour_id != owners[p.pid]]
    for promise in transferred:
        promise.tour_id = owners[promise.pid]
    Promise.objects.bulk_update(transferred, ["tour"], batch_size=200)
