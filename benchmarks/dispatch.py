"""Online dispatch on the published dynamic DARP files, beside the published pure-insertion baseline.

Every request is answered at once, in order of arrival; an accepted request keeps the windows that it came with; every
tour is audited at the end. Run it with ``make bench`` or ``python benchmarks/dispatch.py [--fast]``; it needs the folder
``../shared/bench/drt`` beside the checkout.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ressort.engines.dispatch import Objective, Offer, Request, play, warm
from ressort.engines.dispatch.formats import Instance, read_ddarp
from ressort.engines.dispatch.simulate import DayResult

ROOT = Path(__file__).resolve().parents[2] / "shared" / "bench" / "drt" / "dev"

BASELINE = {
    ("ddarp_cl2003_json", 1.0): 0.989,
    ("ddarp_cl2003_json", 0.7): 0.910,
    ("ddarp_ab_json", 1.0): 0.951,
    ("ddarp_ab_json", 0.7): 0.898,
}
"""Accepted share of pure cheapest insertion without re-optimisation, by share of the fleet."""

WAYS = {
    "insertion": {},
    "insertion, room made": {"squeeze_moves": 300},
    "improved between requests": {"squeeze_moves": 300, "improve_moves": 300},
}


def instances(folder: str) -> Iterator[Instance]:
    """Yield the instances of a folder, in order of name."""
    for path in sorted((ROOT / folder).glob("*.json")):
        yield read_ddarp(path.read_text(encoding="utf-8"))


def as_asked(offer: Offer) -> Request:
    """Promise what was asked, no less and no more: the rule of these instances."""
    return offer.request


def played(instance: Instance, share: float, settings: dict[str, int]) -> DayResult:
    """Play one instance with a share of its fleet."""
    problem = instance.problem
    fleet = problem.vehicles[: max(1, round(share * len(problem.vehicles)))]
    return play(
        problem.matrix, fleet, problem.requests.values(), seed=1, promise=as_asked, objective=Objective(ride=0.0), **settings
    ).result  # fmt: skip


def main() -> None:
    """Print one line per set, share of the fleet and way of working."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true", help="pure insertion only")
    ways = dict(list(WAYS.items())[:1]) if parser.parse_args().fast else WAYS
    if not ROOT.exists():
        raise SystemExit(f"{ROOT} is missing: these instances are not shipped with the code.")
    started = time.perf_counter()
    warm()
    print(f"kernels ready in {time.perf_counter() - started:.1f} s")
    print(
        "| set | fleet | way | accepted | baseline | ratio | distance | broken | ms median | ms p99 | CPU s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for (folder, share), baseline in BASELINE.items():
        for way, settings in ways.items():
            results = [(played(instance, share, settings), instance.scale) for instance in instances(folder)]
            days = [result for result, _ in results]
            rate = sum(result.accepted for result in days) / sum(result.requests for result in days)
            distance = sum(1000 * result.km / scale for result, scale in results)
            median = np.median([result.ms_median for result in days])
            print(
                f"| {folder} | {share:.0%} | {way} | {rate:.1%} | {baseline:.1%} | {rate / baseline:.3f}"
                f" | {distance:.0f} | {sum(result.broken_promises for result in days)} | {median:.2f}"
                f" | {max(result.ms_p99 for result in days):.2f} | {sum(r.cpu_seconds for r in days):.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
