"""Reading published instances, and telling plans in their terms: Li & Lim (PDPTW), Cordeau (DARP), dynamic DARP in JSON.

Their coordinates and times are real numbers, Euclidean: they become whole ticks, ``scale`` of them to a unit. Travel is
rounded up, which keeps the triangle inequality and never makes a plan look better than it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ressort.engines.dispatch.plan import Plan, Tour, Visit
from ressort.engines.dispatch.problem import Matrix, Problem, Request, Vehicle, require
from ressort.engines.dispatch.simulate import Answered, Played
from ressort.units import FAR_FUTURE, Window

SCALE = 1_000
"""Ticks per unit of the instance, by default."""


class FormatError(ValueError):
    """A file is not what it should be: the line, and what was expected there."""

    def __init__(self, line: int, expected: str) -> None:
        super().__init__(f"Line {line}: expected {expected}.")
        self.line = line
        self.expected = expected


@dataclass(frozen=True, eq=False)
class Instance:
    """A published instance.

    Parameters
    ----------
    problem
        Its problem, in ticks; every request included.
    scale
        Ticks per unit of the instance (of time and of distance).
    points
        Coordinates of the places, array of shape (places, 2), depot first: the numbers of the nodes in the file.
    ids
        What the file calls each request.
    """

    problem: Problem
    scale: int
    points: NDArray[np.float64]
    ids: Mapping[str, Any]

    def unserved(self, plan: Plan) -> list[Any]:
        """Return what the file calls the requests that nobody serves, in the order of the file."""
        left = set(plan.unserved)
        return [known for name, known in self.ids.items() if name in left]

    def routes(self, plan: Plan) -> list[list[int]]:
        """Return the nodes of every tour that visits one, depot left out."""
        found = [[visit.place(self.problem) for visit in tour.visits] for tour in plan.tours.values()]
        return [route for route in found if route]

    def distance(self, plan: Plan) -> float:
        """Return the length of a plan in the units of the instance, unrounded."""
        total = 0.0
        for route in self.routes(plan):
            legs = np.diff(self.points[[0, *route, 0]], axis=0)
            total += float(np.hypot(legs[:, 0], legs[:, 1]).sum())
        return total

    def plan(self, routes: Sequence[Sequence[int]]) -> Plan:
        """Return the plan that drives these nodes, depot left out, by the first vehicles of the fleet; no times yet.

        Raises
        ------
        ProblemError
            If there are more routes than vehicles, or a number is not that of a stop.
        """
        problem = self.problem
        stops = {request.pickup: Visit(request.id, True) for request in problem.requests.values()}
        stops |= {request.dropoff: Visit(request.id, False) for request in problem.requests.values()}
        require(
            len(routes) <= len(problem.vehicles),
            f"{len(routes)} routes for {len(problem.vehicles)} vehicles.",
        )
        for node in (node for route in routes for node in route):
            require(node in stops, f"Node {node} is no stop of the instance.")
        tours = [
            replace(Tour.idle(vehicle), visits=tuple(stops[node] for node in route))
            for vehicle, route in zip(problem.vehicles, routes, strict=False)
        ]
        driven = {name for tour in tours for name in tour.requests}
        return Plan.empty(problem.vehicles, problem.requests.keys() - driven).with_tours(*tours)

    def told(self, played: Played) -> dict[str, Any]:
        """Return what a day came to, in the units of the instance.

        Returns
        -------
        dict
            ``routes`` (nodes, depot left out) and ``times`` (starts of service, of the same shape);
            ``requests``: for each, when it was answered, what was promised (windows and longest ride) or why not.
        """
        tours = [tour for tour in played.tours if tour.visits]
        return {
            "routes": [[visit.place(self.problem) for visit in tour.visits] for tour in tours],
            "times": [[visit.at / self.scale for visit in tour.visits] for tour in tours],
            "requests": [self._told(answer) for answer in played.answers],
        }

    def _told(self, answer: Answered) -> dict[str, Any]:
        head = {"id": self.ids[answer.request.id], "answered": answer.at / self.scale}
        if answer.promise is None:
            reason = answer.refusal.reason.value if answer.refusal else None
            return head | {"accepted": False, "reason": reason}
        up, off = answer.promise.pickup_window, answer.promise.dropoff_window
        return head | {
            "accepted": True,
            "moved_others": answer.squeezed,
            "promised": {
                "pickup": [up.earliest / self.scale, up.latest / self.scale],
                "dropoff": [off.earliest / self.scale, off.latest / self.scale],
                "ride": answer.promise.max_ride / self.scale,
            },
        }


def _numbers(text: str, least: int, what: str) -> list[tuple[int, list[float]]]:
    """Return the numbers of each line that is not blank, with its number; each must hold at least ``least``."""
    rows: list[tuple[int, list[float]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = [float(word) for word in line.split()]
        except ValueError:
            raise FormatError(number, f"numbers, not {line.strip()[:40]!r}") from None
        if rows and len(values) < least:
            raise FormatError(number, f"{least} numbers ({what}), not {len(values)}")
        rows.append((number, values))
    if len(rows) < 2:
        raise FormatError(len(rows) + 1, f"a first line and then {what}")
    return rows


def _travel(points: NDArray[np.float64], scale: int) -> Matrix:
    gaps = points[:, None] - points[None]
    ticks = np.ceil(np.hypot(gaps[..., 0], gaps[..., 1]) * scale - 1e-9).astype(np.int64)
    return Matrix(ticks.astype(np.int32), ticks.astype(np.int32))


def _ticks(value: float, scale: int) -> int:
    return round(value * scale)


def _window(line: int, early: float, late: float, scale: int) -> Window:
    if not 0 <= early <= late:
        raise FormatError(line, f"a window in order, not [{early}, {late}]")
    return Window(_ticks(early, scale), _ticks(late, scale))


def read_lilim(text: str, scale: int = SCALE) -> Instance:
    """Read a Li & Lim file: ``K Q speed``, then ``id x y demand ready due service pickup delivery`` (0 = depot).

    Raises
    ------
    FormatError
        With the line and what was expected there.
    """
    rows = _numbers(text, 9, "id x y demand ready due service pickup delivery")
    line, header = rows[0]
    if len(header) < 2:
        raise FormatError(line, "the number of vehicles and their capacity")
    lines, tasks = [number for number, _ in rows[1:]], [values for _, values in rows[1:]]
    requests = []
    for k, task in enumerate(tasks):
        if task[0] != k:
            raise FormatError(lines[k], f"task {k}, not {task[0]:g}")
        drop = int(task[8])
        if k == 0 or drop == 0:
            continue
        if not 0 < drop < len(tasks) or int(tasks[drop][7]) != k or tasks[drop][3] != -task[3]:
            raise FormatError(lines[k], f"a delivery that answers to pick-up {k}, not task {drop}")
        requests.append(_task_pair(lines, tasks, k, drop, scale))
    if 2 * len(requests) != len(tasks) - 1:
        raise FormatError(
            lines[-1], f"a delivery for each pick-up; {len(requests)} pairs in {len(tasks) - 1} tasks"
        )
    shift = _window(lines[0], tasks[0][4], tasks[0][5], scale)
    fleet = tuple(Vehicle(f"v{v}", 0, 0, shift, (int(header[1]),)) for v in range(int(header[0])))
    points = np.array([task[1:3] for task in tasks])
    problem = Problem(_travel(points, scale), fleet, {request.id: request for request in requests})
    return Instance(problem, scale, points, {request.id: request.pickup for request in requests})


def _task_pair(lines: list[int], tasks: list[list[float]], up: int, off: int, scale: int) -> Request:
    windows = [_window(lines[k], tasks[k][4], tasks[k][5], scale) for k in (up, off)]
    services = [_ticks(tasks[k][6], scale) for k in (up, off)]
    return Request(
        str(up), up, off, windows[0], windows[1], (int(tasks[up][3]),), FAR_FUTURE, services[0], services[1]
    )


def read_darp(text: str, scale: int = SCALE) -> Instance:
    """Read a Cordeau DARP file: ``m n T Q L``, then ``id x y service load earliest latest``, depot first.

    In the files pr01 to pr20 ``n`` counts nodes; in the files a and b it counts requests, and a copy of the depot ends
    the file. Both are told apart by the number of lines.

    Raises
    ------
    FormatError
        With the line and what was expected there.
    """
    rows = _numbers(text, 7, "id x y service load earliest latest")
    line, header = rows[0]
    if len(header) < 5:
        raise FormatError(line, "vehicles, requests or nodes, longest route, capacity, longest ride")
    vehicles, stated, longest, seats, ride = header[:5]
    nodes = rows[1:]
    count = int(stated) if len(nodes) == 2 * int(stated) + 2 else int(stated) // 2
    if len(nodes) not in (2 * count + 1, 2 * count + 2) or not count:
        raise FormatError(nodes[-1][0], f"{2 * count} stops after the depot, not {len(nodes) - 1}")
    requests = []
    for k in range(1, count + 1):
        (line_up, up), (line_off, off) = nodes[k], nodes[k + count]
        if up[4] != -off[4] or up[4] < 0:
            raise FormatError(line_off, f"load {-up[4]:g}, the opposite of line {line_up}")
        windows = _window(line_up, up[5], up[6], scale), _window(line_off, off[5], off[6], scale)
        services = _ticks(up[3], scale), _ticks(off[3], scale)
        requests.append(
            Request(str(k), k, k + count, *windows, (int(up[4]),), _ticks(ride, scale), *services)
        )
    depot_line, depot = nodes[0]
    shift = _window(depot_line, depot[5], depot[6], scale)
    fleet = tuple(
        Vehicle(f"v{v}", 0, 0, shift, (int(seats),), _ticks(longest, scale)) for v in range(int(vehicles))
    )
    points = np.array([node[1:3] for _, node in nodes[: 2 * count + 1]])
    problem = Problem(_travel(points, scale), fleet, {request.id: request for request in requests})
    return Instance(problem, scale, points, {request.id: request.pickup for request in requests})


def read_ddarp(text: str, scale: int = SCALE) -> Instance:
    """Read a dynamic DARP in JSON: ``static_info`` and ``requests`` with their ``arrival_time``.

    Raises
    ------
    FormatError
        With the line of the syntax error, or line 1 and the missing field.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(error.lineno, f"JSON ({error.msg})") from None
    try:
        return _from_json(data, scale)
    except FormatError:
        raise
    except (KeyError, TypeError, IndexError, ValueError, OverflowError) as error:
        raise FormatError(1, f"the fields of a dynamic DARP; wrong or missing: {error}") from None


def _from_json(data: Any, scale: int) -> Instance:
    info, asked = data["static_info"], data["requests"]
    count = len(asked)
    depot = info["depot_location"]
    points = [(float(depot["x_coord"]), float(depot["y_coord"]))]
    points += [
        (float(item[f"{end}_location"]["x_coord"]), float(item[f"{end}_location"]["y_coord"]))
        for end in ("pickup", "delivery")
        for item in asked
    ]
    ride = _ticks(info["max_ride_time"], scale)
    requests = {}
    for k, item in enumerate(asked, 1):
        windows = [
            _window(1, item[f"{e}_lower_tw"], item[f"{e}_upper_tw"], scale) for e in ("pickup", "delivery")
        ]
        services = [_ticks(item[f"{end}_service_time"], scale) for end in ("pickup", "delivery")]
        # whole ticks: known no sooner than it was
        revealed = int(np.ceil(item["arrival_time"] * scale))
        name = str(item["id"])
        if name in requests:
            raise FormatError(1, f"ids that differ; {name} is there twice")
        requests[name] = Request(
            name,
            k,
            k + count,
            windows[0],
            windows[1],
            (int(item["load"]),),
            ride,
            services[0],
            services[1],
            revealed,
        )
    shift, longest = Window(0, _ticks(info["planing_horizon"], scale)), _ticks(info["max_route_time"], scale)
    seats, vehicles = int(info["vehicle_capacity"]), int(info["number_of_vehicles"])
    if vehicles < 1:
        raise FormatError(1, f"a vehicle at least, not {vehicles}")
    fleet = tuple(Vehicle(f"v{v}", 0, 0, shift, (seats,), longest) for v in range(vehicles))
    found = np.array(points)
    ids = {str(item["id"]): item["id"] for item in asked}
    return Instance(Problem(_travel(found, scale), fleet, requests), scale, found, ids)


READERS = {"lilim": read_lilim, "cordeau": read_darp, "json": read_ddarp}
"""What reads each kind of file."""
