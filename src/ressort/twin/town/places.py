"""Places people go to: stops, town halls, schools, pharmacies, hospitals, fire stations, the railway station."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import LineString

from ressort.twin.town import facts
from ressort.twin.town.land import Limits
from ressort.twin.town.names import Names
from ressort.twin.town.plane import Array, Bend
from ressort.twin.town.streets import ARTERIES, Edge, Streets

STOPS = 340


@dataclass(frozen=True, slots=True)
class Spot:
    """A point with its tags, metres."""

    x: float
    y: float
    tags: dict[str, str]


class _Kerbs:
    """The streets one may stand beside."""

    def __init__(self, streets: Streets) -> None:
        usable = ARTERIES | {"residential", "unclassified"}
        self.edges = [
            edge for edge in streets.edges if edge.cls in usable and not edge.bridge and not edge.roundabout
        ]
        self._tree = STRtree([LineString(edge.line) for edge in self.edges])

    def nearest(self, x: float, y: float) -> Edge:
        """Return the street nearest to a point."""
        return self.edges[int(self._tree.nearest(shapely.Point(x, y)))]


def settle(
    rng: np.random.Generator, streets: Streets, limits: Limits, names: Names, bend: Bend
) -> list[Spot]:
    """Return all the places of the town."""
    kerbs = _Kerbs(streets)
    spots = list(_communes(bend))
    spots += _public(rng, kerbs, limits, names, bend)
    spots += _stops(rng, kerbs, limits, bend)
    return spots


def _communes(bend: Bend) -> list[Spot]:
    """Return the populated places, which give their names to the map."""
    found = []
    for commune, (x, y) in zip(facts.COMMUNES, _centres(bend), strict=True):
        kind = "city" if commune.population > 100_000 else "town" if commune.population > 5_000 else "village"
        tags = {
            "place": kind,
            "name": commune.name,
            "population": str(commune.population),
            "ref:INSEE": commune.code,
        }
        found.append(Spot(float(x), float(y), tags))
    return found


def _centres(bend: Bend) -> Array:
    from ressort.twin.town.plane import to_plane

    return bend(to_plane(np.array([[c.lon, c.lat] for c in facts.COMMUNES])))


def _beside(edge: Edge, share: float, gap: float) -> tuple[float, float]:
    """Return a point beside a street, on its right."""
    line = LineString(edge.line)
    here = line.interpolate(share, normalized=True)
    ahead = line.interpolate(min(1.0, share + 0.02), normalized=True)
    dx, dy = ahead.x - here.x, ahead.y - here.y
    length = math.hypot(dx, dy) or 1.0
    return (here.x + dy / length * gap, here.y - dx / length * gap)


def _public(rng: np.random.Generator, kerbs: _Kerbs, limits: Limits, names: Names, bend: Bend) -> list[Spot]:
    found: list[Spot] = []

    def put(x: float, y: float, tags: dict[str, str]) -> None:
        edge = kerbs.nearest(x, y)
        px, py = _beside(edge, 0.5, 16)
        found.append(Spot(px, py, tags))

    for x, y, name in facts.HOSPITALS:
        bx, by = bend(np.array([[x, y]]))[0]
        put(bx, by, {"amenity": "hospital", "name": name, "emergency": "yes", "wheelchair": "yes"})
    for number, (x, y) in enumerate(facts.FIRE_STATIONS, 1):
        bx, by = bend(np.array([[x, y]]))[0]
        put(bx, by, {"amenity": "fire_station", "name": f"Centre de secours n° {number} (fictif)"})
    sx, sy = bend(np.array([facts.STATION]))[0]
    found.append(
        Spot(
            float(sx),
            float(sy),
            {"railway": "station", "name": "Gare de Dijon (fictive)", "wheelchair": "yes"},
        )
    )
    cx, cy = bend(np.array([facts.CAMPUS]))[0]
    put(cx, cy, {"amenity": "university", "name": "Campus de la Chouette (fictif)"})
    for index, (commune, (x, y)) in enumerate(zip(facts.COMMUNES, _centres(bend), strict=True)):
        put(x, y, {"amenity": "townhall", "name": f"Mairie de {commune.name}", "wheelchair": "yes"})
        radius = 8.0 * math.sqrt(commune.population) if index else 3_300.0
        if commune.population > 5_000:
            put(x + 150, y + 90, {"amenity": "police", "name": f"Police municipale de {commune.name}"})
        schools = max(int(commune.population > 400), round(commune.population / 3_500))
        shops = max(int(commune.population > 1_000), round(commune.population / 3_800))
        for kind, count in (("school", schools), ("pharmacy", shops)):
            for _ in range(count):
                px, py = np.array([x, y]) + rng.normal(0, radius * 0.5, 2)
                if limits.of(np.array([[px, py]]))[0] != index:
                    continue
                word = "École" if kind == "school" else "Pharmacie"
                name = names.place(index, word)
                put(px, py, {"amenity": kind, "name": name})
    return found


def _stops(rng: np.random.Generator, kerbs: _Kerbs, limits: Limits, bend: Bend) -> list[Spot]:
    """Spread stops over streets, as many in each commune as its people need, never closer than 230 m."""
    places = np.array([_beside(edge, 0.5, 5) for edge in kerbs.edges])
    owner = limits.of(places)
    wish = np.array(
        [{"primary": 3.0, "secondary": 4.0, "tertiary": 3.5}.get(edge.cls, 1.0) for edge in kerbs.edges]
    )
    wish *= np.array([1.0 if edge.want < 60_000 else 0.02 for edge in kerbs.edges])
    # Short pieces between junctions are many where streets are dense; their length gives each metre one chance.
    wish *= np.minimum(200, [edge.length for edge in kerbs.edges])
    by_commune: dict[int, list[int]] = defaultdict(list)
    for index, commune in enumerate(owner):
        by_commune[commune].append(index)
    found = _landmarks(kerbs, bend)
    names: defaultdict[int, set[str]] = defaultdict(set)
    taken = [(spot.x, spot.y) for spot in found]
    share = np.array([commune.population**0.82 for commune in facts.COMMUNES])
    quotas = np.maximum(2, np.rint(STOPS * share / share.sum())).astype(int)
    known = {commune.name for commune in facts.COMMUNES}
    for commune, members in sorted(by_commune.items()):
        weights = wish[members]
        order = rng.choice(members, size=len(members), replace=False, p=weights / weights.sum())
        left = quotas[commune]
        for index in order.tolist():
            x, y = places[index]
            label = _label(kerbs.edges[index].name)
            # A stop called « Dijon » in Ahuy, because its street leads there, would send people astray.
            if left == 0 or not label or label in names[commune] or label in known:
                continue
            if any(math.hypot(x - tx, y - ty) < 230 for tx, ty in taken):
                continue
            names[commune].add(label)
            taken.append((x, y))
            tags = {"highway": "bus_stop", "public_transport": "platform", "name": label, "bus": "yes"}
            tags |= {"wheelchair": "yes" if rng.random() < 0.75 else "no"}
            found.append(Spot(float(x), float(y), tags))
            left -= 1
    return found


def _landmarks(kerbs: _Kerbs, bend: Bend) -> list[Spot]:
    """Return the stops that everybody knows: station, hospitals, campus, town halls."""
    wanted = [("Gare", facts.STATION), ("Campus", facts.CAMPUS)]
    wanted += [(name.split(" (")[0], (x, y)) for x, y, name in facts.HOSPITALS]
    bent = bend(np.array([place for _, place in wanted]))
    places = [(name, float(x), float(y)) for (name, _), (x, y) in zip(wanted, bent, strict=True)]
    places += [
        (f"{c.name} Mairie", float(x), float(y))
        for c, (x, y) in zip(facts.COMMUNES, _centres(bend), strict=True)
    ]
    found = []
    for name, x, y in places:
        px, py = _beside(kerbs.nearest(x, y), 0.35, 5)
        tags = {
            "highway": "bus_stop",
            "public_transport": "platform",
            "name": name,
            "bus": "yes",
            "wheelchair": "yes",
        }
        found.append(Spot(px, py, tags))
    return found


def _label(street: str) -> str:
    """Return the name of a stop after its street: « Rue des Tilleuls » -> « Tilleuls »."""
    words = street.split(" ", 1)
    if len(words) < 2:
        return ""
    rest = words[1]
    for article in ("des ", "de la ", "de l'", "du ", "de ", "d'"):
        if rest.startswith(article):
            rest = rest.removeprefix(article)
            break
    return rest[0].upper() + rest[1:]
