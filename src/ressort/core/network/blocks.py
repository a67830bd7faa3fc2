"""Matrices by blocks of rows, the large ones in programs apart that are thrown away.

Valhalla's memory grows with every matrix (gigabytes at 300 x 300 with some algorithms), and its actors must not be
forked. A fresh program computes a few blocks, writes them and ends; several run at once, one per processor.
Its ``timedistancematrix`` searches backwards when there are more sources than targets, and then answers up to 85 %
too long (3.9.1, measured against its own routes; forwards it agrees to 1.6 %): targets are repeated until there are
as many.
Run as ``python -m ressort.core.network.blocks FOLDER TASK``: needs no Django.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
import valhalla
from numpy.typing import NDArray
from valhalla import ValhallaError

from ressort.core.network.answers import UNREACHABLE, Lonlat
from ressort.core.network.graph import configuration
from ressort.core.network.osm import Progress

type Pair = tuple[NDArray[np.int32], NDArray[np.int32]]

_PAIRS_AT_ONCE = 40_000
_ROWS_PER_PROGRAM = 120
_PADDED = 16
_FAR = 500.0


def rows(
    actor: valhalla.Actor, request: dict[str, Any], sources: Sequence[Lonlat], targets: Sequence[Lonlat]
) -> Pair:
    """Return seconds and metres of every pair, computed by this actor."""
    seconds = np.full((len(sources), len(targets)), UNREACHABLE, dtype=np.int32)
    metres = seconds.copy()
    if not len(sources) or not len(targets):
        return seconds, metres
    from_, to = np.arange(len(sources)), np.arange(len(targets))
    try:
        _fill(_asked, actor, request, sources, targets, from_, to, (seconds, metres))
    except ValhallaError:  # a point far from any street, or whose only street is closed: look which
        near = _near(actor, request, [*sources, *targets])
        from_, to = np.flatnonzero(near[: len(sources)]), np.flatnonzero(near[len(sources) :])
        for part in (seconds, metres):
            part[:] = UNREACHABLE
        if len(from_) and len(to):
            _fill(_ask, actor, request, sources, targets, from_, to, (seconds, metres))
    return seconds, metres


def _fill(
    ask: Callable[..., Pair],
    actor: valhalla.Actor,
    request: dict[str, Any],
    sources: Sequence[Lonlat],
    targets: Sequence[Lonlat],
    from_: NDArray[np.int64],
    to: NDArray[np.int64],
    out: Pair,
) -> None:
    """Ask for the rows of some sources, some at once, and write them where they belong."""
    step = max(1, min(_PAIRS_AT_ONCE // len(to), max(_PADDED, len(to))))
    for start in range(0, len(from_), step):
        block = from_[start : start + step]
        padded = np.resize(to, max(len(to), len(block)))
        found = ask(
            actor, request, [sources[i] for i in block.tolist()], [targets[i] for i in padded.tolist()]
        )
        for part, answer in zip(out, found, strict=True):
            part[np.ix_(block, to)] = answer[:, : len(to)]


def _near(actor: valhalla.Actor, request: dict[str, Any], points: Sequence[Lonlat]) -> NDArray[np.bool_]:
    """Tell which points lie near a street: one that does not would spoil the whole question."""
    question = {
        "locations": [{"lon": lon, "lat": lat} for lon, lat in points],
        "costing": request["costing"],
        "costing_options": request.get("costing_options", {}),
        "verbose": True,
    }
    return np.array(
        [
            any(edge["distance"] <= _FAR for edge in found.get("edges") or ())
            for found in actor.locate(question)
        ],
        dtype=bool,
    )


def _ask(
    actor: valhalla.Actor, request: dict[str, Any], sources: Sequence[Lonlat], targets: Sequence[Lonlat]
) -> Pair:
    """Return what :func:`_asked` does, with ``UNREACHABLE`` for what would spoil the whole question."""
    try:
        return _asked(actor, request, sources, targets)
    except ValhallaError:
        # One point whose only street is closed spoils the question: halve until it stands alone.
        if len(sources) > 1:  # never more sources than targets, see above
            half = len(sources) // 2
            parts = [_ask(actor, request, part, targets) for part in (sources[:half], sources[half:])]
            return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
        if len(targets) > 1:
            half = len(targets) // 2
            parts = [_ask(actor, request, sources, part) for part in (targets[:half], targets[half:])]
            return np.concatenate([p[0] for p in parts], axis=1), np.concatenate(
                [p[1] for p in parts], axis=1
            )
        alone = np.full((1, 1), UNREACHABLE, dtype=np.int32)
        return alone, alone.copy()


def _asked(
    actor: valhalla.Actor, request: dict[str, Any], sources: Sequence[Lonlat], targets: Sequence[Lonlat]
) -> Pair:
    """Return seconds and metres of every pair in one question, every point being looked for as far as 500 m.

    Raises
    ------
    ValhallaError
        If one of the points has no street that it may use around it.
    """
    question = request | {
        "sources": [{"lon": lon, "lat": lat, "search_cutoff": _FAR} for lon, lat in sources],
        "targets": [{"lon": lon, "lat": lat, "search_cutoff": _FAR} for lon, lat in targets],
        "verbose": False,
        "shape_format": "no_shape",
    }
    found = actor.matrix(question)["sources_to_targets"]
    seconds = np.array(found["durations"], dtype=np.float64)
    kilometres = np.array(found["distances"], dtype=np.float64)
    lost = np.isnan(seconds)
    return (
        np.where(lost, UNREACHABLE, np.rint(np.nan_to_num(seconds))).astype(np.int32),
        np.where(lost, UNREACHABLE, np.rint(np.nan_to_num(kilometres) * 1000)).astype(np.int32),
    )


def matrix(
    folder: Path,
    request: dict[str, Any],
    sources: Sequence[Lonlat],
    targets: Sequence[Lonlat],
    *,
    progress: Progress | None = None,
) -> Pair:
    """Return seconds and metres of every pair, computed in programs apart.

    Parameters
    ----------
    folder : Path
        Folder of the network version.
    request : dict
        Costing and exclusions, as the router made them.
    sources, targets : sequence of (lon, lat)
    progress : callable, optional
        Called with ``(step, share done)`` after each block of rows.
    """
    starts = range(0, len(sources), _ROWS_PER_PROGRAM)
    seconds = np.empty((len(sources), len(targets)), dtype=np.int32)
    metres = np.empty_like(seconds)
    workers = max(1, min(4, os.cpu_count() or 1))
    with tempfile.TemporaryDirectory(prefix="ressort-matrix-") as place, ThreadPoolExecutor(workers) as pool:
        jobs = {
            pool.submit(
                _apart,
                folder,
                Path(place) / str(start),
                request,
                sources[start : start + _ROWS_PER_PROGRAM],
                targets,
            ): start
            for start in starts
        }
        try:
            for done, job in enumerate(as_completed(jobs), 1):
                start = jobs[job]
                found = job.result()
                seconds[start : start + len(found[0])], metres[start : start + len(found[0])] = found
                if progress is not None:
                    progress("Temps de parcours", done / len(jobs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return seconds, metres


def _apart(
    folder: Path, task: Path, request: dict[str, Any], sources: Sequence[Lonlat], targets: Sequence[Lonlat]
) -> Pair:
    question = {"request": request, "sources": list(sources), "targets": list(targets)}
    task.with_suffix(".json").write_text(json.dumps(question))
    done = subprocess.run(
        [sys.executable, "-m", "ressort.core.network.blocks", str(folder), str(task)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"matrix program ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    with np.load(task.with_suffix(".npz")) as found:
        return found["seconds"], found["metres"]


def _main(folder: str, task: str) -> None:
    question = json.loads(Path(task).with_suffix(".json").read_text())
    actor = valhalla.Actor(configuration(Path(folder)))
    seconds, metres = rows(
        actor,
        question["request"],
        [tuple(point) for point in question["sources"]],
        [tuple(point) for point in question["targets"]],
    )
    np.savez(Path(task).with_suffix(".npz"), seconds=seconds, metres=metres)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
