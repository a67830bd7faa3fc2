"""Plans as flat arrays for the kernels, kept from one question to the next.

Only what changed since the last question is converted: a tour is a value, so the same object means the same arrays.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ressort.engines.dispatch import kernels
from ressort.engines.dispatch.kernels import FAR, NONE, Ground, Ints, Scratch, Tours
from ressort.engines.dispatch.plan import Plan, Tour, Visit, due, fold
from ressort.engines.dispatch.problem import Problem, Request, Vehicle
from ressort.units import Seconds


def _grown(array: Any, rows: int) -> Any:
    larger = np.zeros((rows, *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger


class PlanArrays:
    """The arrays of a plan at a time.

    One instance serves one thread. Call :meth:`load` before every question; it costs little when little has changed.

    Attributes
    ----------
    ground, tours, scratch
        What the kernels take.
    plan, heads
        The plan last loaded, and per vehicle how many of its first visits are facts at that time.
    """

    def __init__(self) -> None:
        self.plan = Plan({})
        self.heads: list[int] = []
        self._problem: Problem | None = None
        self._fleet: tuple[Vehicle, ...] = ()
        self._rows: dict[str, int] = {}
        self._kept: list[Request] = []
        self._loaded: list[tuple[Tour, int] | None] = []
        self.ground: Ground
        self.tours: Tours
        self.scratch: Scratch

    def load(
        self, problem: Problem, plan: Plan, now: Seconds, extra: Sequence[Request] = (), room: int = 2
    ) -> list[int]:
        """Bring the arrays up to date and lay every tour out.

        Parameters
        ----------
        problem, plan
            Every request of the plan is in the problem. Tours of vehicles that are not in the fleet are left aside.
        now
            No vehicle leaves a place before this time, except toward visits already begun or due by then.
        extra
            Requests to be tried; they get rows but belong to no tour.
        room
            Number of visits that may be added to any tour.

        Returns
        -------
        list of int
            Row of each of ``extra``.
        """
        fleet = tuple(problem.fleet[name] for name in plan.tours if name in problem.fleet)
        before = self._problem
        # rows of riders long gone are forgotten all at once, now and then
        crowded = len(self._kept) > 2 * len(problem.requests) + 1000
        if before is None or before.matrix is not problem.matrix or fleet != self._fleet or crowded:
            self._reset(problem, fleet)
        elif before.requests is not problem.requests:
            self._refresh(problem)
        self._problem, self.plan = problem, plan
        tours = [plan.tours[vehicle.id] for vehicle in fleet]
        self._reserve_columns(max((len(tour.visits) for tour in tours), default=0) + room)
        self.heads = [due(problem, tour, now) for tour in tours]
        for v, tour in enumerate(tours):
            known = self._loaded[v]
            if known is None or known[0] is not tour or known[1] != self.heads[v]:
                self._write_tour(problem, v, fold(problem, tour, self.heads[v]))
                self._loaded[v] = (tour, self.heads[v])
        self._reserve_rows(len(self._kept) + len(extra))
        rows = list(range(len(self._kept), len(self._kept) + len(extra)))
        for row, request in zip(rows, extra, strict=True):
            self._write_request(row, request)
        np.maximum(self._ready, now, out=self.ground.free)
        kernels.lay_all(self.ground, self.tours, self.scratch)
        return rows

    def _reset(self, problem: Problem, fleet: tuple[Vehicle, ...]) -> None:
        self._fleet, self._rows, self._kept = fleet, {}, []
        self._loaded = [None] * len(fleet)
        dims = max(problem.dimensions, 1)

        def per_request(*shape: int) -> Ints:
            return np.zeros((16, *shape), np.int64)

        def per_vehicle(values: list[Any]) -> Ints:
            return np.array(values, np.int64)

        capacity = np.array([vehicle.capacity for vehicle in fleet], np.int64).reshape(len(fleet), dims)
        zeros = np.zeros(len(fleet), np.int64)
        self._ready = zeros.copy()
        self.ground = Ground(
            seconds=problem.matrix.seconds,
            place=np.zeros(32, np.int64),
            early=np.zeros(32, np.int64),
            late=np.zeros(32, np.int64),
            service=np.zeros(32, np.int64),
            load=per_request(dims),
            ride=per_request(),
            since=per_request(),
            capacity=capacity,
            scarce=np.array([problem.scarcity[v.id] for v in fleet], float).reshape(len(fleet), dims),
            held=np.zeros((len(fleet), dims), np.int64),
            anchor=zeros.copy(),
            free=zeros.copy(),
            begun=zeros.copy(),
            end=per_vehicle([vehicle.end for vehicle in fleet]),
            close=per_vehicle([vehicle.shift.latest for vehicle in fleet]),
            longest=per_vehicle([FAR if v.max_duration is None else v.max_duration for v in fleet]),
        )
        self.tours = _new_tours(len(fleet), 0, dims)
        self.scratch = _new_scratch(4, 16)

    def _reserve_rows(self, rows: int) -> None:
        size = len(self.ground.ride)
        if rows <= size:
            return
        size = max(rows, 2 * size)
        ground = self.ground
        doubled = {
            name: _grown(getattr(ground, name), 2 * size) for name in ("place", "early", "late", "service")
        }
        single = {name: _grown(getattr(ground, name), size) for name in ("load", "ride", "since")}
        self.ground = ground._replace(**doubled, **single)
        self.scratch = _new_scratch(len(self.scratch.time), size)

    def _reserve_columns(self, columns: int) -> None:
        if columns <= self.tours.order.shape[1]:
            return
        columns += 16
        order, length = self.tours.order, self.tours.length
        self.tours = _new_tours(len(self._fleet), columns, self.ground.load.shape[1])
        self.tours.order[:, : order.shape[1]] = order
        self.tours.length[:] = length
        self.scratch = _new_scratch(columns + 4, len(self.ground.ride))

    def _refresh(self, problem: Problem) -> None:
        """Take up changed promises, and forget what is known of tours whose requests are gone."""
        for row, request in enumerate(self._kept):
            current = problem.requests.get(request.id)
            if current is not None and current is not request:
                self._kept[row] = current
                self._write_request(row, current)
                self._loaded = [None] * len(self._fleet)

    def row(self, request: Request) -> int:
        """Return the row of a request, given one if it has none."""
        row = self._rows.get(request.id)
        if row is None:
            row = self._rows[request.id] = len(self._kept)
            self._kept.append(request)
            self._reserve_rows(row + 1)
            self._write_request(row, request)
        return row

    def request(self, row: int) -> Request:
        """Return the request of a row."""
        return self._kept[row]

    def _write_request(self, row: int, request: Request) -> None:
        ground, up, off = self.ground, 2 * row, 2 * row + 1
        ground.place[up], ground.place[off] = request.pickup, request.dropoff
        ground.early[up], ground.late[up] = request.pickup_window.earliest, request.pickup_window.latest
        ground.early[off], ground.late[off] = request.dropoff_window.earliest, request.dropoff_window.latest
        ground.service[up], ground.service[off] = request.pickup_service, request.dropoff_service
        ground.load[row] = request.load
        ground.ride[row] = request.max_ride
        ground.since[row] = NONE

    def _write_tour(self, problem: Problem, v: int, tour: Tour) -> None:
        vehicle = self._fleet[v]
        riders = [(self.row(problem.requests[rider.request]), rider.since) for rider in tour.aboard]
        picked = [self.row(problem.requests[visit.request]) for visit in tour.visits if visit.pickup]
        ground = self.ground
        ground.held[v] = 0
        ground.since[picked] = NONE
        for row, since in riders:
            ground.since[row] = since
            ground.held[v] += ground.load[row]
        self._ready[v] = max(tour.anchor.time, vehicle.shift.earliest)
        ground.anchor[v] = tour.anchor.place
        ground.begun[v] = NONE if tour.begun is None else tour.begun
        nodes = [2 * self._rows[visit.request] + (not visit.pickup) for visit in tour.visits]
        self.tours.order[v, : len(nodes)] = nodes
        self.tours.length[v] = len(nodes)

    def vehicle(self, v: int) -> Vehicle:
        """Return the vehicle of a row."""
        return self._fleet[v]

    def slack(self, v: int, tour: Tour) -> tuple[Seconds, ...]:
        """Return the slack of every visit of a tour just read from row ``v``."""
        last = self.tours.last[v, 1 : int(self.tours.length[v]) + 1].tolist()
        tail = tour.visits[self.heads[v] :]
        return (0,) * self.heads[v] + tuple(
            latest - visit.at for latest, visit in zip(last, tail, strict=True)
        )

    def metres(self, problem: Problem, v: int) -> int:
        """Return the length of what row ``v`` has left to drive, in metres."""
        places = self.tours.place[v, : int(self.tours.length[v]) + 2]
        return int(problem.matrix.metres[places[:-1], places[1:]].sum())

    def tour(self, v: int, names: dict[int, str] | None = None) -> Tour:
        """Return tour ``v`` as it stands in the arrays (laid out, feasible), with planned times.

        ``names`` gives the ids of rows that are not kept (requests being tried).
        """
        before = self.plan.tours[self._fleet[v].id]
        count = int(self.tours.length[v])
        times = np.empty(count + 2, np.int64)
        kernels.plan_times(self.tours, v, times)
        head = before.visits[: self.heads[v]]
        tail = []
        for node, at in zip(self.tours.order[v, :count].tolist(), times[1:-1].tolist(), strict=True):
            row = node >> 1
            name = self._kept[row].id if names is None or row not in names else names[row]
            tail.append(Visit(name, not node & 1, at))
        return Tour(
            before.vehicle,
            before.anchor,
            (*head, *tail),
            len(head),
            before.aboard,
            before.begun,
            before.version,
        )


def _new_tours(vehicles: int, columns: int, dims: int) -> Tours:
    def wide() -> Ints:
        return np.zeros((vehicles, columns + 2), np.int64)

    return Tours(
        order=np.zeros((vehicles, columns), np.int64),
        length=np.zeros(vehicles, np.int64),
        feasible=np.zeros(vehicles, np.int64),
        plain=np.zeros(vehicles, np.int64),
        place=wide(),
        leg=wide(),
        early=wide(),
        late=wide(),
        service=wide(),
        pick=wide(),
        drop=wide(),
        limit=wide(),
        first=wide(),
        last=wide(),
        load=np.zeros((vehicles, columns + 2, dims), np.int64),
    )


def _new_scratch(columns: int, requests: int) -> Scratch:
    def wide() -> Ints:
        return np.zeros(columns, np.int64)

    return Scratch(
        wide(), wide(), wide(), wide(), wide(), wide(), wide(), wide(), np.zeros(requests, np.int64)
    )
