"""Write what an extract holds as rows: inventory, named streets, addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from ressort.core.network.communes import Communes
from ressort.core.network.models import Address, Feature, NetworkVersion, Street
from ressort.core.network.osm import Extract, Progress, Road

_BATCH = 2_000


def inventory_refs(extract: Extract) -> dict[str, int]:
    """Return the number of each element of the inventory, from 1: ``node/12`` -> 3.

    Tiles are drawn before any row exists; the number is the element's rank, and :func:`store` keeps the same order.
    """
    return {point.ref: rank for rank, point in enumerate(extract.points, 1)}


def store(
    version: NetworkVersion, extract: Extract, communes: Communes, refs: dict[str, int], progress: Progress
) -> None:
    """Write the inventory, streets and addresses of a version."""
    step = "Inventaire et adresses"
    where = communes.of(np.array([[p.lon, p.lat] for p in extract.points]).reshape(-1, 2))
    _many(Feature, (_feature(version, extract, refs, i, commune) for i, commune in enumerate(where)))
    progress(step, 0.3)
    _many(Street, _streets(version, extract.roads, communes))
    progress(step, 0.6)
    where = communes.of(np.array([[a.lon, a.lat] for a in extract.addresses]).reshape(-1, 2))
    rows = (
        Address(
            version=version,
            number=a.number[:20],
            street=a.street[:200],
            commune=(a.city or commune)[:100],
            postcode=a.postcode[:12],
            lon=a.lon,
            lat=a.lat,
        )
        for a, commune in zip(extract.addresses, where, strict=True)
    )
    _many(Address, rows)


def _many(table: type[Feature | Street | Address], rows: Iterator[Any]) -> None:
    table.objects.bulk_create(rows, batch_size=_BATCH)


def _feature(
    version: NetworkVersion, extract: Extract, refs: dict[str, int], index: int, commune: str
) -> Feature:
    point = extract.points[index]
    return Feature(
        version=version,
        number=refs[point.ref],
        kind=point.cls if point.kind == "place" else point.kind,
        name=point.name[:200],
        lon=point.lon,
        lat=point.lat,
        ref=point.ref,
        commune=commune[:100],
        population=point.population,
        accessible=point.accessible,
        tags=point.tags,
    )


def _streets(version: NetworkVersion, roads: list[Road], communes: Communes) -> Iterator[Street]:
    """Gather the ways that bear the same name in the same commune."""
    named = [road for road in roads if road.name]
    if not named:
        return
    middles = shapely.line_interpolate_point(np.array([road.line for road in named]), 0.5, normalized=True)
    groups: dict[tuple[str, str], list[Road]] = defaultdict(list)
    for road, commune in zip(named, communes.of(shapely.get_coordinates(middles)), strict=True):
        groups[road.name, commune].append(road)
    for (name, commune), ways in groups.items():
        lines = [way.line for way in ways]
        longest = max(lines, key=lambda line: line.length)
        middle = longest.interpolate(0.5, normalized=True)
        yield Street(
            version=version,
            name=name[:200],
            commune=commune[:100],
            lon=middle.x,
            lat=middle.y,
            bounds=[round(float(value), 7) for value in shapely.total_bounds(lines)],
            lines=[np.round(shapely.get_coordinates(line), 6).tolist() for line in lines],
        )
