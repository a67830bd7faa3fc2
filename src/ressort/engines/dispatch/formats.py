"""Reading published instances: Li & Lim (PDPTW), Cordeau (DARP), dynamic DARP in JSON.

Their coordinates and times are real numbers, Euclidean: they become whole ticks, ``scale`` of them to a unit. Travel is
rounded up, which keeps the triangle inequality and never makes a plan look better than it is.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ressort.engines.dispatch.problem import Matrix, Problem, Request, Vehicle
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
    """

    problem: Problem
    scale: int


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
    matrix = _travel(np.array([task[1:3] for task in tasks]), scale)
    return Instance(Problem(matrix, fleet, {request.id: request for request in requests}), scale)


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
    matrix = _travel(np.array([node[1:3] for _, node in nodes[: 2 * count + 1]]), scale)
    return Instance(Problem(matrix, fleet, {request.id: request for request in requests}), scale)


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
    except (KeyError, TypeError, IndexError) as error:
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
    fleet = tuple(Vehicle(f"v{v}", 0, 0, shift, (seats,), longest) for v in range(vehicles))
    return Instance(Problem(_travel(np.array(points), scale), fleet, requests), scale)
