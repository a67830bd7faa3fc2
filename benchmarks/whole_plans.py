"""Whole plans on published instances, beside the best known values and, if asked, beside other solvers in the same run.

For each instance and seed ours runs (``ressort dispatch solve``, one thread, CPU seconds of the search), then each peer
(``../shared/bench/drt/peers``), in turn; every plan of ours goes through the peers' independent checker. Writes a table
to ``benchmarks/results.md``::

    python benchmarks/whole_plans.py lilim100 --seconds 10 --seeds 1 2 3
    python benchmarks/whole_plans.py lilim200 --seconds 60 --one-per-class --peers pyvrp vroom --peers-python PYTHON

``PYTHON`` is an interpreter with the peers' libraries (``pip install pyvrp==0.14.1 pyvroom==1.15.2 ortools==9.15.6755``).
"""

import argparse
import csv
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2] / "shared" / "bench" / "drt"
RESULTS = Path(__file__).with_name("results.md")
CLASS = re.compile(r"(lr?c?[12])(?:_|0|1)")
SAME = 1e-4
"""Two distances this close, in shares, are the same."""


@dataclass(frozen=True)
class Known:
    """The best value known of an instance: vehicles (None where they do not count) and distance."""

    vehicles: int | None
    distance: float | None


@dataclass
class Row:
    """What came of an instance: for each solver, (vehicles, distance, faults) per seed."""

    name: str
    known: Known
    found: dict[str, list[tuple[int, float, int]]] = field(default_factory=dict)

    def best(self, solver: str) -> tuple[int, float] | None:
        """Return the median run of a solver: by vehicles where they count, then by distance."""
        runs = sorted(
            (vehicles if self.known.vehicles is not None else 0, distance)
            for vehicles, distance, faults in self.found.get(solver, [])
            if not faults
        )
        return runs[(len(runs) - 1) // 2] if runs else None


def table(name: str) -> dict[str, Known]:
    """Return the instances of a set and what is known of each."""
    if size := re.fullmatch(r"lilim(\d+)", name):
        with (ROOT / "dev/lilim_best_known.csv").open() as file:
            lines = [line for line in csv.DictReader(file) if line["size"] == size[1]]
        known = {line["instance"]: Known(int(line["vehicles"]), float(line["distance"])) for line in lines}
        return {key: value for key, value in known.items() if path_of(key).exists()}
    if name == "pr":
        with (ROOT / "dev/darp_cl2003_reference.csv").open() as file:
            lines = list(csv.DictReader(file))
        return {
            line["instance"]: Known(None, float(line["cordeau_laporte_2003_tabu_cost"]))
            for line in lines
            if path_of(line["instance"]).exists()
        }
    return {path.stem: Known(None, None) for path in sorted((ROOT / "dev/darp_ab").glob("*.txt"))}


def path_of(name: str) -> Path:
    """Return the file of an instance."""
    folder = "lilim" if name.startswith("l") else "darp_cl2003" if name.startswith("pr") else "darp_ab"
    return ROOT / "dev" / folder / f"{name}.txt"


def checker() -> ModuleType:
    """Load the independent checker that lies beside the instances."""
    spec = importlib.util.spec_from_file_location("peers_common", ROOT / "peers/common.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ours(name: str, seconds: float, seed: int, common: ModuleType) -> tuple[int, float, int]:
    """Return (vehicles, distance, faults) of our plan, all three by the checker."""
    path = path_of(name)
    lilim = name.startswith("l")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "plan.json"
        command = [sys.executable, "-m", "ressort.cli", "dispatch", "solve", str(path)]
        command += [
            "--format",
            "lilim" if lilim else "cordeau",
            "--seconds",
            str(seconds),
            "--seed",
            str(seed),
        ]
        subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
        routes = json.loads(out.read_text())["routes"]
    if lilim:
        vehicles, distance, _, faults = common.check_lilim(common.read_lilim(str(path)), routes)
    else:
        vehicles, distance, faults = common.check_darp(common.read_darp(str(path)), routes)
    return vehicles, distance, len(faults)


def theirs(solver: str, name: str, seconds: float, python: str) -> tuple[int, float, int]:
    """Return the same of a peer, as its own script says; no plan and a rider left out are faults."""
    script = ["run_pdptw.py", solver] if name.startswith("l") else ["run_darp_ortools.py"]
    done = subprocess.run(
        [python, *script, name, str(seconds)], cwd=ROOT / "peers", capture_output=True, text=True, check=False
    )
    lines = done.stdout.strip().splitlines()
    told: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    if "distance" not in told:
        return 0, 0.0, 1
    left = int(told.get("requests", 0)) - int(told.get("served", told.get("requests", 0)))
    return int(told.get("vehicles", 0)), float(told["distance"]), int(told.get("n_err", 0)) + left


def chosen(known: dict[str, Known], *, one_per_class: bool, only: list[str]) -> dict[str, Known]:
    """Return the instances to run."""
    if only:
        return {name: known[name] for name in only}
    if not one_per_class:
        return known
    first: dict[str, str] = {}
    for name in sorted(known):
        found = CLASS.match(name)
        first.setdefault(found[1] if found else name, name)
    return {name: known[name] for name in first.values()}


def summary(rows: list[Row], peers: list[str]) -> list[str]:
    """Return what the rows come to, in sentences."""
    told = []
    for solver in ("ours", *peers):
        best = [(row.known, found) for row in rows if (found := row.best(solver))]
        gaps = [
            found[1] / known.distance - 1
            for known, found in best
            if known.distance and (known.vehicles is None or found[0] == known.vehicles)
        ]
        counted = [found[0] <= known.vehicles for known, found in best if known.vehicles is not None]
        words = [f"{solver}: a plan without fault on {len(best)} of {len(rows)}"]
        words += [f"best known vehicles on {sum(counted)} of {len(rows)}"] if counted else []
        words += (
            [f"mean distance over the best known {mean(gaps):+.2%} ({len(gaps)} instances)"] if gaps else []
        )
        told.append("; ".join(words) + ".")
    for solver in peers:
        both = [(mine, other) for row in rows if (mine := row.best("ours")) and (other := row.best(solver))]
        better = sum(not_worse(mine, other) for mine, other in both)
        told.append(f"ours is not worse than {solver} on {better} of {len(both)}.")
    return told


def not_worse(mine: tuple[int, float], other: tuple[int, float]) -> bool:
    """Return whether a plan needs no more vehicles, and for as many no more distance."""
    return mine[0] < other[0] or (mine[0] == other[0] and mine[1] <= other[1] * (1 + SAME))


def report(title: str, rows: list[Row], peers: list[str]) -> str:
    """Return the section of ``results.md``."""
    solvers = ("ours", *peers)
    lines = [f"## {title}", "", *(f"- {line}" for line in summary(rows, peers)), ""]
    lines += [f"| instance | best known | {' | '.join(solvers)} |", "|---" * (2 + len(solvers)) + "|"]
    for row in rows:
        known = " / ".join(
            str(value) for value in (row.known.vehicles, row.known.distance) if value is not None
        )
        cells = [
            f"{found[0]} / {found[1]:.2f}" if (found := row.best(solver)) else "no plan" for solver in solvers
        ]
        lines.append(f"| {row.name} | {known or '–'} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run, print as it goes, write the section."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", help="lilim100 to lilim1000, pr, ab")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--peers", nargs="*", default=[], choices=["pyvrp", "vroom", "ortools", "vrpcli"])
    parser.add_argument("--peers-python", default=sys.executable)
    parser.add_argument("--one-per-class", action="store_true")
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args()
    if not ROOT.exists():
        raise SystemExit(f"{ROOT} is missing: these instances are not shipped with the code.")
    common, rows = checker(), []
    for name, known in chosen(table(asked.set), one_per_class=asked.one_per_class, only=asked.only).items():
        row = Row(name, known)
        for turn, seed in enumerate(asked.seeds):
            row.found.setdefault("ours", []).append(ours(name, asked.seconds, seed, common))
            for peer in asked.peers if not turn else []:  # their scripts take no seed
                row.found.setdefault(peer, []).append(theirs(peer, name, asked.seconds, asked.peers_python))
        rows.append(row)
        print(name, known, row.found, flush=True)
    seeds = ", ".join(map(str, asked.seeds))
    title = f"{asked.set}, {asked.seconds:g} CPU seconds, seeds {seeds} ({datetime.now(UTC):%Y-%m-%d})"
    section = report(title, rows, asked.peers)
    print(section)
    head = (
        "# Whole plans\n\nMedian of the seeds: vehicles / distance. Written by `benchmarks/whole_plans.py`.\n"
    )
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else head
    RESULTS.write_text(f"{before}\n{section}", encoding="utf-8")


if __name__ == "__main__":
    main()
