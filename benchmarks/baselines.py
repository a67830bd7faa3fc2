"""What is usual, learnt, beside fixed three-sigma rules: bicycle counters of Nantes whose bad days experts have labelled.

Run it with ``python benchmarks/baselines.py``; it needs the folder ``../shared/data/sensors`` beside the checkout, or ``--data``. Half
of the counters, in order of their number, choose the settings; the other half is reported. A counter-day is the unit.

- *hourly* (2020-21): positive is « Forte probabilité d'anomalie »; « Faible » is left out. Missing hours count as nothing counted.
- *daily* (2014-19): positive is a day labelled by the experts among those that have a count; days without one were
  set aside by them, not judged, and are left out.

The learnt rule and « nothing counted all day » look only at the past; three-sigma is given the whole history (the mean and
standard deviation of the days that counted something), which a rule at work would not have.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ressort.engines.alarms.usual import Habits, Verdict, judged

ROOT = Path(__file__).resolve().parents[2] / "shared" / "data" / "sensors"
HOURLY = [Habits(silence=silence) for silence in (40, 60, 100, 150)]
DAILY = [Habits(silence=1e9, beyond=beyond, least_slots=1) for beyond in (2, 2.5, 3, 3.5, 4)]

type Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter: its counts, what the experts said, which days are judged."""

    number: str
    first_weekday: int
    counts: NDArray[np.float64]  # (days, slots)
    bad: Flags
    judged: Flags


def rows(file: Path) -> list[dict[str, str]]:
    """Read a compressed table."""
    text = gzip.decompress(file.read_bytes()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def counters(
    file: Path, slots: list[str], bad: Callable[[str], bool], kept: Callable[[str, Any], bool]
) -> list[Counter]:
    """Return the counters of a table, in order of number; days without a row are days without a count."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows(file):
        found.setdefault(row["id"], []).append(row)
    made = []
    for number, days in sorted(found.items()):
        first = min(date.fromisoformat(row["date"]) for row in days)
        last = max(date.fromisoformat(row["date"]) for row in days)
        size = (last - first).days + 1
        counts, said, judge = np.full((size, len(slots)), np.nan), np.zeros(size, bool), np.zeros(size, bool)
        for row in days:
            at = (date.fromisoformat(row["date"]) - first).days
            counts[at] = [float(row[slot]) if row[slot] else np.nan for slot in slots]
            said[at] = bad(row["anom"])
            judge[at] = kept(row["anom"], counts[at])
        made.append(Counter(number, first.weekday(), counts, said, judge))
    return made


def score(chosen: Iterable[Counter], flag: Callable[[Counter], Flags]) -> tuple[float, float, float]:
    """Return precision, recall and F1 over counter-days."""
    hit = false = missed = 0
    for one in chosen:
        flags = flag(one)
        hit += int((flags & one.bad & one.judged).sum())
        false += int((flags & ~one.bad & one.judged).sum())
        missed += int((~flags & one.bad & one.judged).sum())
    precision, recall = hit / max(1, hit + false), hit / max(1, hit + missed)
    return precision, recall, 2 * hit / max(1, 2 * hit + false + missed)


def learnt(habits: Habits) -> Callable[[Counter], Flags]:
    """Return the learnt rule under some habits."""
    return lambda one: np.array([day.unusual for day in judged(one.counts, one.first_weekday, habits)])


def three_sigma(one: Counter) -> Flags:
    """Tell the days whose count is more than three standard deviations from the mean of the days that counted."""
    return _far(np.nansum(one.counts, axis=1))


def three_sigma_weekday(one: Counter) -> Flags:
    """Tell the same, each weekday beside its own mean."""
    totals = np.nansum(one.counts, axis=1)
    flags = np.zeros(len(totals), bool)
    for weekday in range(7):
        flags[weekday::7] = _far(totals[weekday::7])
    return flags


def three_sigma_hour(one: Counter) -> Flags:
    """Tell the days with an hour more than three standard deviations from the mean of that hour of the week."""
    counts = np.nan_to_num(one.counts)
    alive = counts.sum(axis=1) > 0
    flags = np.zeros(len(counts), bool)
    for weekday in range(7):
        mine = np.arange(len(counts)) % 7 == weekday
        known = counts[mine & alive]
        if len(known):
            far = np.abs(counts[mine] - known.mean(axis=0)) > 3 * known.std(axis=0)
            flags[mine] = far.any(axis=1)
    return flags


def _far(totals: NDArray[np.float64]) -> Flags:
    known = totals[totals > 0]
    if not len(known):
        return np.zeros(len(totals), bool)
    return np.asarray(np.abs(totals - known.mean()) > 3 * known.std())


def nothing(one: Counter) -> Flags:
    """Tell the days on which nothing was counted."""
    return np.asarray(np.nansum(one.counts, axis=1) == 0)


def delay(chosen: Iterable[Counter], habits: Habits) -> float:
    """Return the median number of hours from the first empty hour of a silence to the alarm."""
    waits: list[int] = []
    for one in chosen:
        verdicts = np.concatenate([day.verdicts for day in judged(one.counts, one.first_weekday, habits)])
        empty, told = 0, False
        for count, verdict in zip(one.counts.ravel(), verdicts, strict=True):
            empty = 0 if count > 0 else empty + 1
            told = told and empty > 0
            if verdict == Verdict.SILENT and not told:
                waits.append(empty)
                told = True
    return float(np.median(waits)) if waits else float("nan")


def report(
    title: str, found: list[Counter], settings: list[Habits], rules: list[Callable[[Counter], Flags]]
) -> bool:
    """Choose on one half, print the other; tell whether the learnt rule beats every three-sigma."""
    tuning, reported = found[::2], found[1::2]
    best = max(settings, key=lambda habits: score(tuning, learnt(habits))[2])
    bad = sum(int((one.bad & one.judged).sum()) for one in reported)
    days = sum(int(one.judged.sum()) for one in reported)
    print(f"\n{title}: {len(reported)} counters reported of {len(found)}, {bad} bad days of {days}")
    print(f"  chosen on the other half: silence {best.silence:g}, beyond {best.beyond:g}")
    results = {rule.__name__.replace("_", " "): score(reported, rule) for rule in rules}
    results["learnt"] = score(reported, learnt(best))
    for name, (precision, recall, f1) in results.items():
        print(f"  {name:22} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}")
    if best.silence < 1e6:
        print(f"  a silence is told after {delay(reported, best):.0f} empty hours (median)")
    return results["learnt"][2] > max(
        f1 for name, (_p, _r, f1) in results.items() if name.startswith("three")
    )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Learnt baselines beside three-sigma.")
    parser.add_argument("--data", type=Path, default=ROOT, help="folder of the two tables")
    data = parser.parse_args().data
    started = time.monotonic()
    hours = [str(hour) for hour in range(24)]
    hourly = counters(
        data / "nantes_velo_count_2020.csv.gz", hours, lambda said: said.startswith("Forte"),
        lambda said, _counts: not said.startswith("Faible"),
    )  # fmt: skip
    daily = counters(
        data / "nantes_velo_count_2014_19.csv.gz",
        ["count"],
        lambda said: said == "1.0",
        lambda _said, counts: counts[0] > 0,
    )
    won = [
        report(
            "hourly 2020-21", hourly, HOURLY, [three_sigma, three_sigma_weekday, three_sigma_hour, nothing]
        ),
        report("daily 2014-19", daily, DAILY, [three_sigma, three_sigma_weekday]),
    ]
    print(f"\nbeats fixed three-sigma: {all(won)} ({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
