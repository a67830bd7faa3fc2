"""Villebois: a village of 6 x 6 crossroads, drawn so that each rule of the network has one place to show itself.

Columns run north (« Rue de l'Est 0 » to 5), rows run east (« Rue du Nord 0 » to 5), 200 m apart, lower left corner at
5.000 E, 47.300 N. A bollard closes Rue du Nord 2 between columns 2 and 3; Rue du Nord 4 is one-way eastwards; a signal
stands at (3, 3); a walled lane (« Impasse du Clos ») touches nothing; a lake lies to the east.
"""

from __future__ import annotations

from pathlib import Path

import osmium
from osmium.osm import mutable

from ressort.engines.geodesy import METRES_PER_DEGREE

WEST, SOUTH, STEP, SIZE = 5.0, 47.3, 200.0, 6
_DX = STEP / (METRES_PER_DEGREE * 0.67816)
_DY = STEP / METRES_PER_DEGREE


def at(column: float, row: float) -> tuple[float, float]:
    """Return the place of a crossroads (fractions lie between two)."""
    return (round(WEST + column * _DX, 7), round(SOUTH + row * _DY, 7))


def _streets() -> list[tuple[list[int], dict[str, str]]]:
    node = lambda c, r: 1 + c * SIZE + r  # noqa: E731
    ways = []
    for c in range(SIZE):
        tags = {"highway": "residential", "name": f"Rue de l'Est {c}"}
        ways.append(([node(c, r) for r in range(SIZE)], tags))
    for r in range(SIZE):
        tags = {"highway": "secondary" if r == 0 else "residential", "name": f"Rue du Nord {r}"}
        if r == 4:
            tags["oneway"] = "yes"
        nodes = [node(c, r) for c in range(SIZE)]
        if r == 2:
            nodes.insert(3, 100)
        ways.append((nodes, tags))
    ways.append(([110, 111], {"highway": "residential", "name": "Impasse du Clos"}))
    return ways


def write(out: Path, *, reverse: bool = False, roads: bool = True) -> Path:
    """Write the village; ``reverse`` puts objects in the wrong order, as editors do."""
    nodes = {1 + c * SIZE + r: (at(c, r), {}) for c in range(SIZE) for r in range(SIZE)}
    nodes[1 + 3 * SIZE + 3][1].update({"highway": "traffic_signals"})
    nodes[100] = (at(2.5, 2), {"barrier": "bollard", "motor_vehicle": "no", "emergency": "yes"})
    nodes[110], nodes[111] = (at(9, 9), {}), (at(9.5, 9), {})
    nodes[120] = (at(2.5, 2.5), {"place": "village", "name": "Villebois", "population": "1200"})
    nodes[121] = (at(1.5, 0.05), {"amenity": "pharmacy", "name": "Pharmacie du Pont"})
    nodes[122] = (at(0.5, 3.03), {"highway": "bus_stop", "name": "Lavoir", "wheelchair": "yes"})
    for number, share in ((2, 0.25), (4, 0.5), (6, 0.75)):
        tags = {"addr:housenumber": str(number), "addr:street": "Rue du Nord 3", "addr:city": "Villebois"}
        nodes[130 + number] = (at(share, 3.05), tags)
    for i, place in enumerate(((7, 1), (8, 1), (8, 3), (7, 3))):
        nodes[140 + i] = (at(*place), {})
    ways = _streets() if roads else []
    ways.append(([140, 141, 142, 143, 140], {"natural": "water", "name": "Étang"}))
    things = [
        mutable.Node(id=key, location=place, tags=tags, version=1)
        for key, (place, tags) in sorted(nodes.items())
    ]
    lines = [
        mutable.Way(id=key, nodes=members, tags=tags, version=1)
        for key, (members, tags) in enumerate(ways, 1)
    ]
    with osmium.SimpleWriter(str(out), overwrite=True) as writer:
        for way in reversed(lines) if reverse else []:
            writer.add_way(way)
        for thing in things:
            writer.add_node(thing)
        for way in [] if reverse else lines:
            writer.add_way(way)
    return out
