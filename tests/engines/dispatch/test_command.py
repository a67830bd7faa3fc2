"""``ressort dispatch …``: one line of JSON, tours in a file, a bad file refused with its line."""

import json
from itertools import pairwise
from math import dist
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ressort.cli_dispatch import solving
from tests.engines.dispatch.judge import Judge

SHARED = Path(__file__).resolve().parents[4] / "shared" / "bench" / "drt" / "dev"
LILIM = "2 200 1\n0 0 0 0 0 100 0 0 0\n1 3 4 10 5 50 9 0 2\n2 6 8 -10 20 90 9 1 0\n"


def run(*words: object, verb: str = "solve") -> tuple[int, str, str]:
    found = CliRunner().invoke(solving, [verb, *map(str, words)])
    return found.exit_code, found.stdout, found.stderr


def test_one_line_of_json_and_the_tours(tmp_path):
    file, out = tmp_path / "tiny.txt", tmp_path / "tours.json"
    file.write_text(LILIM)
    code, said, _ = run(file, "--seconds", 60, "--moves", 20, "--out", out)
    assert code == 0
    told = json.loads(said)
    assert said.count("\n") == 1
    assert set(told) == {
        *(
            "instance",
            "vehicles",
            "distance",
            "served",
            "unserved",
            "feasible",
            "cpu_s",
            "wall_s",
            "iterations",
        )
    }
    assert (told["instance"], told["vehicles"], told["served"], told["unserved"]) == ("tiny", 1, 1, 0)
    assert (told["distance"], told["feasible"], told["iterations"]) == (20.0, True, 20)
    assert json.loads(out.read_text()) == {"routes": [[1, 2]], "unserved": []}


def test_several_workers_keep_the_best_plan(tmp_path):
    file = tmp_path / "tiny.txt"
    file.write_text(LILIM)
    told = json.loads(run(file, "--seconds", 60, "--moves", 20, "--workers", 2)[1])
    assert (told["distance"], told["feasible"], told["iterations"]) == (20.0, True, 40)
    assert run(file, "--workers", 0)[0] == 2


def test_a_bad_file_is_refused_with_its_line(tmp_path):
    file = tmp_path / "bad.txt"
    file.write_text(LILIM.replace("2 6 8 -10", "2 6 huit -10"))
    code, said, wrong = run(file)
    assert (code, said) == (2, "")
    assert "Line 4" in wrong
    file.write_bytes(b"\xff\xfe\x00")
    assert run(file)[0] == 2
    assert run(tmp_path / "nowhere.txt")[0] == 2


@pytest.mark.parametrize(
    ("path", "kind", "vehicles", "longest"),
    [
        ("lilim/lc101.txt", "lilim", 10, 828.95),
        ("darp_cl2003/pr01.txt", "cordeau", 3, 200.0),
        ("ddarp_ab_json/a2-16.json", "json", 2, 400.0),
    ],
)
def test_published_instances_are_solved(path, kind, vehicles, longest, tmp_path):
    if not (SHARED / path).exists():
        pytest.skip(f"{SHARED} is not there")
    out = tmp_path / "tours.json"
    code, said, _ = run(SHARED / path, "--format", kind, "--seconds", 600, "--moves", 3000, "--out", out)
    told = json.loads(said)
    assert (code, told["feasible"], told["unserved"]) == (0, True, 0)
    assert told["vehicles"] <= vehicles
    assert told["distance"] <= longest
    assert len(json.loads(out.read_text())["routes"]) == told["vehicles"]


def asked(n: int, early: float, up: tuple[float, float], off: tuple[float, float]) -> dict[str, Any]:
    """Return a request of a dynamic file: known at ``early``, anywhere in the day, to be dropped in an hour."""
    return {
        "id": n,
        "arrival_time": early,
        "load": 1,
        "pickup_location": {"x_coord": up[0], "y_coord": up[1]},
        "delivery_location": {"x_coord": off[0], "y_coord": off[1]},
        "pickup_lower_tw": early,
        "pickup_upper_tw": early + 30,
        "pickup_service_time": 2,
        "delivery_lower_tw": 0,
        "delivery_upper_tw": 600,
        "delivery_service_time": 2,
    }


TOWN = {
    "static_info": {
        "number_of_vehicles": 2,
        "vehicle_capacity": 3,
        "max_ride_time": 40,
        "max_route_time": 480,
        "planing_horizon": 600,
        "depot_location": {"x_coord": 0, "y_coord": 0},
    },
    "requests": [
        asked(1, 0, (3, 4), (6, 8)),
        asked(2, 7.25, (3, 3), (9, 8)),
        asked(3, 8, (-200, 0), (0, 0)),
        asked(4, 100, (0, 5), (5, 0)),
    ],
}


def test_a_day_is_replayed_and_every_answer_is_told(tmp_path):
    file, out = tmp_path / "town.json", tmp_path / "day.json"
    file.write_text(json.dumps(TOWN))
    code, said, _ = run(file, "--out", out, verb="replay")
    told, found = json.loads(said), json.loads(out.read_text())
    assert (code, said.count("\n")) == (0, 1)
    assert (told["requests"], told["accepted"], told["broken_promises"], told["vehicles"]) == (4, 3, 0, 2)
    assert Judge(TOWN).faults(found) == []
    refused = [answer for answer in found["requests"] if not answer["accepted"]]
    assert refused == [{"id": 3, "answered": 8.0, "accepted": False, "reason": "RIDE_TIME"}]
    driven = [[0, *route, 0] for route in found["routes"]]
    points = [TOWN["static_info"]["depot_location"]] + [
        rider[f"{end}_location"] for end in ("pickup", "delivery") for rider in TOWN["requests"]
    ]
    at = [(point["x_coord"], point["y_coord"]) for point in points]
    assert told["distance"] == pytest.approx(
        sum(dist(at[a], at[b]) for route in driven for a, b in pairwise(route)), abs=1e-3
    )
    assert run(file, "--fleet-share", 0.1, verb="replay")[1].startswith('{"instance": "town", "vehicles": 1,')
    assert run(file, "--fleet-share", 2, verb="replay")[0] == 2
    again = tmp_path / "again.json"
    run(file, "--out", again, verb="replay")
    assert again.read_text() == out.read_text()


@pytest.mark.parametrize("path", ["ddarp_cl2003_json/pr01.json", "ddarp_ab_json/b5-40.json"])
@pytest.mark.parametrize("share", [1.0, 0.7])
def test_published_days_keep_every_promise(path, share, tmp_path):
    if not (SHARED / path).exists():
        pytest.skip(f"{SHARED} is not there")
    out = tmp_path / "day.json"
    code, said, _ = run(
        SHARED / path, "--fleet-share", share, "--improve", 20, "--squeeze", 300, "--out", out, verb="replay"
    )
    told = json.loads(said)
    assert (code, told["broken_promises"]) == (0, 0)
    assert told["accepted"] >= 0.85 * told["requests"]
    assert Judge(json.loads((SHARED / path).read_text())).faults(json.loads(out.read_text())) == []


@pytest.mark.parametrize(
    ("where", "field", "value"),
    [
        ("static_info", "number_of_vehicles", 0),
        ("static_info", "max_ride_time", "long"),
        ("static_info", "planing_horizon", float("inf")),
        ("requests", "load", -1),
        ("requests", "arrival_time", float("nan")),
        ("requests", "id", 2),
        ("requests", "pickup_lower_tw", 500),
        ("requests", "delivery_location", [1, 2]),
    ],
)
def test_a_day_that_is_none_is_refused_with_what_was_expected(where, field, value, tmp_path):
    town = json.loads(json.dumps(TOWN))
    (town[where] if where == "static_info" else town[where][0])[field] = value
    file = tmp_path / "town.json"
    file.write_text(json.dumps(town))
    code, said, wrong = run(file, verb="replay")
    assert (code, said) == (2, "")
    assert "expected" in wrong


def check(tmp_path: Path, plan: object) -> tuple[int, dict[str, Any], str]:
    file, order = tmp_path / "tiny.txt", tmp_path / "order.json"
    file.write_text(LILIM)
    order.write_text(plan if isinstance(plan, str) else json.dumps(plan))
    code, said, wrong = run(file, order, verb="check")
    return code, json.loads(said) if said else {}, wrong


def test_an_order_gets_its_times_and_its_faults_by_name(tmp_path):
    code, told, _ = check(tmp_path, {"routes": [[1, 2]]})
    assert (code, told["feasible"], told["violations"], told["times"]) == (0, True, [], [[6.0, 20.0]])
    code, told, _ = check(tmp_path, {"routes": [[2, 1]]})
    assert (code, told["times"]) == (1, [])
    assert {wrong["rule"] for wrong in told["violations"]} == {"ORDER"}
    code, told, _ = check(tmp_path, {"routes": []})
    assert (code, told["unserved"], told["feasible"]) == (0, [1], True)


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ("{", "expected"),
        ([1], "expected"),
        ({"tours": []}, "routes"),
        ({"routes": [[1, "2"]]}, "whole numbers"),
        ({"routes": [[1, 7]]}, "Node 7"),
        ({"routes": [[1], [2], []]}, "3 routes for 2 vehicles"),
    ],
)
def test_a_plan_that_is_none_is_refused_with_what_was_expected(plan, says, tmp_path):
    code, told, wrong = check(tmp_path, plan)
    assert (code, told) == (2, {})
    assert says in wrong
