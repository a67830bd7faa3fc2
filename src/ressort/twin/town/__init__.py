"""A fictitious town on real communes: grown from a seed, written as an OpenStreetMap file, loaded like any other.

``grow(seed=1, out=Path("dijon.osm.pbf"))``. The 23 communes of Dijon Métropole, their populations and centres are
facts; every street, house, name and place is invented, and the same seed gives the same file.

Method: a hand-drawn river, railway and bypass; radial roads, boulevards and a tree of roads to the communes; the
ground between them cut across its long side until blocks have the size of their quarter; one smooth displacement of
the plane; then junctions, one-way streets, names, houses and places. One strong component for cars is guaranteed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import LineString

from ressort.twin.town import blocks, facts, junctions, land, names, places, skeleton, streets, write
from ressort.twin.town.plane import Bend
from ressort.twin.town.streets import MOTOR, Streets

__all__ = ["TownSummary", "grow"]

type Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class TownSummary:
    """What was grown.

    Attributes
    ----------
    segments : int
        Pieces of street between two junctions.
    kilometres : float
        Length of streets open to cars.
    """

    segments: int
    kilometres: float
    ways: int
    signals: int
    bollards: int
    stops: int
    addresses: int
    buildings: int
    places: int
    file: Path


def grow(*, seed: int = 1, out: Path, progress: Progress | None = None) -> TownSummary:
    """Grow a town and write it.

    Parameters
    ----------
    seed : int
        The same seed gives the same bytes on the same machine.
    out : Path
        ``.osm.pbf`` (or ``.osm``) to write; replaced if it is there.
    progress : callable, optional
        Called with ``(step in French, share done)``; an exception it raises stops the growth.

    Returns
    -------
    TownSummary
    """
    tick = progress or (lambda _step, _done: None)
    rng = np.random.default_rng(seed)
    bend = Bend(rng)
    tick("Ossature de la ville", 0.0)
    bones = skeleton.draw(rng)
    density = blocks.Density(bones)
    tick("Découpe des îlots", 0.05)
    leaves, cuts = blocks.cut_blocks(rng, bones, density)
    tick("Rues et carrefours", 0.35)
    net = streets.assemble(rng, bones, cuts, density, bend)
    controls = junctions.finish(rng, net, bones, bend)
    limits = land.Limits(bones, bend)
    middles = np.array([edge.line[len(edge.line) // 2] for edge in net.edges])
    for edge, commune in zip(net.edges, limits.of(middles), strict=True):
        edge.commune = commune
    called = names.name_streets(rng, net)
    tick("Maisons et numéros", 0.5)
    ground = land.cover(rng, leaves, bones, limits, bend)
    land.build(rng, leaves, net, bend, ground)
    tick("Arrêts et lieux publics", 0.8)
    spots = places.settle(rng, net, limits, called, bend)
    tick("Écriture du fichier", 0.85)
    ways = _save(out, bones, bend, net, controls, ground, limits, spots)
    tick("Écriture du fichier", 1.0)
    return _summary(net, controls, ground, spots, ways, out)


def _save(
    out: Path,
    bones: skeleton.Skeleton,
    bend: Bend,
    net: Streets,
    controls: dict[int, str],
    ground: land.Land,
    limits: land.Limits,
    spots: list[places.Spot],
) -> int:
    writer = write.Writer()
    ways = write.write_streets(writer, net, controls)
    for line in bones.rails:
        writer.line(_bent(line, bend), {"railway": "rail", "usage": "main"})
    writer.line(_bent(bones.river, bend), {"waterway": "river", "name": "La Vouivre"})
    for line in bones.streams:
        writer.line(_bent(line, bend), {"waterway": "stream"})
    for tags, shape in ground.areas:
        writer.area(shape, tags)
    for commune, cell in zip(facts.COMMUNES, limits.cells, strict=True):
        tags = {
            "boundary": "administrative",
            "admin_level": "8",
            "name": commune.name,
            "ref:INSEE": commune.code,
        }
        writer.area(cell, tags)
    write.write_houses(
        writer, ground.houses, [(commune.name, commune.postcode) for commune in facts.COMMUNES]
    )
    write.write_spots(writer, spots)
    writer.save(out)
    return ways


def _bent(line: LineString, bend: Bend) -> LineString:
    found: LineString = shapely.transform(shapely.segmentize(line, 40), bend)
    return found


def _summary(
    net: Streets, controls: dict[int, str], ground: land.Land, spots: list[places.Spot], ways: int, out: Path
) -> TownSummary:
    return TownSummary(
        segments=len(net.edges),
        kilometres=round(sum(edge.length for edge in net.edges if edge.cls in MOTOR) / 1000, 1),
        ways=ways,
        signals=sum(what == "signals" for what in controls.values()),
        bollards=sum(edge.bollard_a + edge.bollard_b for edge in net.edges),
        stops=sum(spot.tags.get("highway") == "bus_stop" for spot in spots),
        addresses=sum(house.number > 0 for house in ground.houses),
        buildings=len(ground.houses),
        places=len(spots),
        file=out,
    )
