"""Published instances, read; bad files, refused with the line."""

import json
from pathlib import Path

import pytest

from ressort.engines.dispatch.formats import FormatError, read_darp, read_ddarp, read_lilim
from ressort.units import Window

SHARED = Path(__file__).resolve().parents[4] / "shared" / "bench" / "drt" / "dev"

LILIM = "2 200 1\n0 0 0 0 0 100 0 0 0\n1 3 4 10 5 50 9 0 2\n2 6 8 -10 20 90 9 1 0\n"
DARP = "1 2 480 6 90\n0 0 0 0 0 0 1440\n1 3 4 10 1 0 1440\n2 0.5 0 10 -1 258 287\n"
DDARP = {
    "static_info": {
        "number_of_vehicles": 2, "vehicle_capacity": 3, "max_ride_time": 30, "max_route_time": 480,
        "planing_horizon": 1440, "depot_location": {"x_coord": 0, "y_coord": 0},
    },
    "requests": [
        {
            "id": 7, "pickup_location": {"x_coord": 3, "y_coord": 4}, "delivery_location": {"x_coord": 6, "y_coord": 8},
            "pickup_lower_tw": 0, "pickup_upper_tw": 1440, "pickup_service_time": 3, "delivery_lower_tw": 402,
            "delivery_upper_tw": 417, "delivery_service_time": 3, "load": 1, "arrival_time": 339.5,
        }
    ],
}  # fmt: skip


def test_li_and_lim():
    problem = read_lilim(LILIM, scale=100).problem
    assert [vehicle.capacity for vehicle in problem.vehicles] == [(200,), (200,)]
    assert problem.vehicles[0].shift == Window(0, 10_000)
    (request,) = problem.requests.values()
    assert (request.pickup, request.dropoff, request.load) == (1, 2, (10,))
    assert (request.pickup_window, request.dropoff_window) == (Window(500, 5_000), Window(2_000, 9_000))
    assert (request.pickup_service, request.dropoff_service) == (900, 900)
    assert problem.matrix.seconds[0, 1] == 500


@pytest.mark.parametrize("copy_of_the_depot", [False, True])
def test_cordeau(copy_of_the_depot):
    text = DARP if not copy_of_the_depot else DARP.replace("1 2 480", "1 1 480") + "3 0 0 0 0 0 1440\n"
    problem = read_darp(text, scale=10).problem
    (vehicle,), (request,) = problem.vehicles, problem.requests.values()
    assert (vehicle.max_duration, vehicle.capacity) == (4_800, (6,))
    assert (request.max_ride, request.dropoff_window) == (900, Window(2_580, 2_870))
    assert problem.matrix.seconds[0, 2] == 5
    assert problem.matrix.size == 3


def test_dynamic_darp():
    problem = read_ddarp(json.dumps(DDARP), scale=10).problem
    (request,) = problem.requests.values()
    assert (request.id, request.revealed, request.max_ride) == ("7", 3_395, 300)
    assert len(problem.vehicles) == 2
    assert problem.matrix.seconds[1, 2] == 50


@pytest.mark.parametrize(
    ("read", "text", "line", "expected"),
    [
        (read_lilim, "", 1, "a first line"),
        (read_lilim, LILIM.replace("5 50 9", "5 fifty 9"), 3, "numbers"),
        (read_lilim, LILIM.replace("9 1 0", "9 1"), 4, "9 numbers"),
        (read_lilim, LILIM.replace("9 0 2", "9 0 1"), 3, "a delivery that answers"),
        (read_lilim, LILIM.replace("9 0 2", "9 0 0"), 4, "a delivery for each"),
        (read_lilim, LILIM.replace("5 50", "50 5"), 3, "window in order"),
        (read_lilim, LILIM.replace("\n2 6", "\n3 6"), 4, "task 2"),
        (read_darp, DARP.replace("-1 258", "-2 258"), 4, "load -1"),
        (read_darp, DARP.replace("1 2 480", "1 8 480"), 4, "8 stops"),
        (read_darp, DARP.replace("1 2 480 6 90", "1 2 480"), 1, "longest ride"),
        (read_darp, DARP.replace("258 287", "288 287"), 4, "window in order"),
        (read_ddarp, "{\n nothing", 2, "JSON"),
        (read_ddarp, '{"static_info": {}}', 1, "requests"),
        (read_ddarp, "[]", 1, "fields of a dynamic DARP"),
    ],
)
def test_malformed_files_are_refused_with_the_line(read, text, line, expected):
    with pytest.raises(FormatError, match=expected) as error:
        read(text)
    assert error.value.line == line


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "read", "suffix"),
    [
        ("lilim", read_lilim, "lc1*1.txt"),
        ("darp_cl2003", read_darp, "*.txt"),
        ("darp_ab", read_darp, "*.txt"),
        ("ddarp_ab_json", read_ddarp, "*.json"),
        ("ddarp_cl2003_json", read_ddarp, "*.json"),
    ],
)
def test_every_published_file_is_read(folder, read, suffix):
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not there")
    paths = sorted((SHARED / folder).glob(suffix))
    assert paths
    for path in paths[:6]:
        problem = read(path.read_text(encoding="utf-8")).problem
        assert problem.requests
        assert problem.vehicles
