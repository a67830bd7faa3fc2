"""Routing tiles: built by Valhalla's own programs, read in process; configuration in one place.

Traps met (Valhalla 3.9): the builder reads sorted PBF only; the matrix algorithm by default is four times slower
on towns and grows without bound; limits are those of a public server; absolute paths are written in the
configuration, which is therefore made anew at each start rather than kept with the tiles.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import valhalla
from valhalla.valhalla_build_config import Optional as Absent
from valhalla.valhalla_build_config import config as _defaults

from ressort.core.errors import translated as _
from ressort.core.network.osm import NetworkRefused, Progress

TILES_DIR = "graph"
TILES_TAR = "graph.tar"
TRAFFIC_TAR = "traffic.tar"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_EXPECTED = re.compile(r"(?i)db +not found|elevation storage|possible duplicates")
_WITH_LIMITS = ("auto", "bus", "taxi", "truck", "pedestrian", "bicycle", "motor_scooter", "motorcycle")


def configuration(folder: Path, *, threads: int = 2) -> dict[str, Any]:
    """Return Valhalla's configuration for the tiles of a folder.

    Parameters
    ----------
    folder : Path
        Folder of the network version.
    threads : int
        For the build only.
    """
    found = _without_absent(copy.deepcopy(_defaults))
    mjolnir = found["mjolnir"]
    mjolnir.update(
        tile_dir=str(folder / TILES_DIR),
        tile_extract=str(folder / TILES_TAR),
        traffic_extract=str(folder / TRAFFIC_TAR),
        concurrency=threads,
        max_cache_size=256 * 1024 * 1024,
    )
    for absent in ("admin", "landmarks", "timezone", "transit_dir", "transit_feeds_dir"):
        mjolnir[absent] = ""
    found["additional_data"]["elevation"] = ""
    found["logging"]["type"] = ""
    found["thor"]["source_to_target_algorithm"] = "timedistancematrix"
    # A point in a pocket of the network is unreachable, not an error for all the others; and a point kilometres
    # away from any street is nowhere.
    found["loki"]["use_connectivity"] = False
    found["loki"]["service_defaults"]["search_cutoff"] = 2_000
    limits = found["service_limits"]
    for profile in _WITH_LIMITS:
        limits[profile].update(max_locations=5_000, max_matrix_location_pairs=10_000_000)
        limits[profile].update(max_distance=5_000_000.0, max_matrix_distance=1_000_000.0)
    limits["max_exclude_locations"] = 5_000
    limits["max_exclude_polygons_length"] = 1_000_000
    limits["max_exclude_polygons_vertices"] = 100_000
    limits["isochrone"]["max_time_contour"] = 240
    return found


def _without_absent(config: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_absent(value) if isinstance(value, dict) else value
        for key, value in config.items()
        if not isinstance(value, Absent)
    }


def build_graph(pbf: Path, folder: Path, *, progress: Progress | None = None) -> str:
    """Build the routing tiles and the empty live-traffic tile of an extract.

    Parameters
    ----------
    pbf : Path
        Extract in order (:func:`ressort.core.network.osm.put_in_order`).
    folder : Path
        Where ``graph.tar`` and ``traffic.tar`` are written.
    progress : callable, optional
        Called every half second; an exception it raises stops the program that builds.

    Returns
    -------
    str
        What the program said, for the log of the version.

    Raises
    ------
    NetworkRefused
        ``graph-failed``, with the last lines of the program.
    """
    (folder / TILES_DIR).mkdir()
    file = folder / "valhalla.json"
    config = configuration(folder, threads=max(1, min(4, os.cpu_count() or 1)))
    config["logging"]["type"] = "std_out"
    file.write_text(json.dumps(config))
    root = Path(valhalla.__file__).parent
    tick = progress or (lambda _step, _done: None)
    said = _run([str(root / "bin" / "valhalla_build_tiles"), "-c", str(file), str(pbf)], folder, tick)
    extract = [sys.executable, "-m", "valhalla.valhalla_build_extract", "-c", str(file), "-t", "-O"]
    said += _run(extract, folder, tick)
    if not (folder / TILES_TAR).exists() or not (folder / TRAFFIC_TAR).exists():
        raise NetworkRefused("graph-failed", _("Le calcul du graphe routier n'a rien produit."))
    _remove_tree(folder / TILES_DIR)
    file.unlink()
    return said


def _run(command: list[str], folder: Path, tick: Callable[[str, float], None]) -> str:
    log = folder / "build.log"
    begun = time.monotonic()
    with log.open("ab") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            while True:
                try:
                    code = process.wait(0.5)
                    break
                except subprocess.TimeoutExpired:
                    # No share is printed by the program: the bar slows down instead of lying about an end.
                    tick("Graphe routier", 1 - 1 / (1 + (time.monotonic() - begun) / 20))
        except BaseException:
            process.kill()
            raise
    said = log.read_text(errors="replace")
    log.unlink()
    if code:
        last = " / ".join(said.strip().splitlines()[-3:])
        raise NetworkRefused(
            "graph-failed",
            _("Le calcul du graphe routier a échoué (code %(code)s) : %(last)s")
            % {"code": code, "last": last},
        )
    lines = (_COLOURS.sub("", line) for line in said.splitlines())
    return "\n".join(
        line for line in lines if "[ERROR]" in line or ("[WARN]" in line and not _EXPECTED.search(line))
    )[:4000]


def _remove_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
