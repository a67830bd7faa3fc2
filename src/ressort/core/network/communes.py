"""Which commune a point of the network lies in: by contour when one is known, else by the nearest centre.

Centres are weighted by population (a power diagram), so that the edge of a large town is not given to the village
beside it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from ressort.core.network.osm import Extract
from ressort.core.territory.models import Territory
from ressort.engines.geodesy import METRES_PER_DEGREE


class Communes:
    """Names the commune of points.

    Parameters
    ----------
    outlines : sequence of (name, geometry)
        Contours known, in degrees.
    centres : sequence of (name, lon, lat, population)
        Used where no contour holds the point.
    """

    def __init__(
        self,
        outlines: Sequence[tuple[str, BaseGeometry]],
        centres: Sequence[tuple[str, float, float, int]],
    ) -> None:
        self._names = [name for name, _ in outlines]
        self._tree = STRtree([geometry for _, geometry in outlines]) if outlines else None
        self._centres = [name for name, *_ in centres]
        self._lonlat = np.array([[lon, lat] for _, lon, lat, _ in centres]).reshape(-1, 2)
        # Radius of a French town of that population, in metres.
        self._radius = np.array([11.0 * math.sqrt(max(50, population)) for *_, population in centres])

    def of(self, points: NDArray[np.float64]) -> list[str]:
        """Return the commune's name of each point, empty when nothing is known.

        Parameters
        ----------
        points : ndarray, shape (n, 2)
            ``[lon, lat]``.
        """
        found = self._nearest(points)
        if self._tree is not None and len(points):
            inside, outline = self._tree.query(shapely.points(points), predicate="intersects")
            for point, area in zip(inside, outline, strict=True):
                found[point] = self._names[area]
        return found

    def _nearest(self, points: NDArray[np.float64]) -> list[str]:
        if not self._centres:
            return [""] * len(points)
        scale = METRES_PER_DEGREE * np.array([math.cos(math.radians(float(self._lonlat[:, 1].mean()))), 1.0])
        found: list[str] = []
        for start in range(0, len(points), 4096):
            gaps = (points[start : start + 4096, None, :] - self._lonlat[None]) * scale
            power = (gaps**2).sum(axis=2) - self._radius**2
            found += [self._centres[index] for index in power.argmin(axis=1)]
        return found


def communes_of(extract: Extract, territory: Territory | None) -> Communes:
    """Return the communes that an extract touches: the territory's own first, then the file's."""
    children = list(territory.children.all()) if territory is not None else []
    outlines = [
        (edge.name, edge.geometry)
        for edge in sorted(extract.boundaries, key=lambda edge: edge.level)
        if edge.level in {8, 9, 10} and shapely.is_valid(edge.geometry)
    ]
    outlines += [(child.name, shapely.from_geojson(child.contour)) for child in children if child.contour]
    centres = [
        (child.name, child.lon, child.lat, child.population)
        for child in children
        if child.lon is not None and child.lat is not None
    ]
    if not centres:
        centres = [
            (point.name, point.lon, point.lat, point.population)
            for point in extract.points
            if point.kind == "place" and point.cls in {"city", "town", "village"}
        ]
    return Communes(outlines, centres)


def contour_of(geojson: str) -> BaseGeometry:
    """Return the geometry of a GeoJSON text; raises ValueError with a sentence when it is not one."""
    try:
        return shapely.from_geojson(geojson)
    except shapely.errors.GEOSException as error:
        raise ValueError(f"Ce contour n'est pas du GeoJSON : {json.dumps(geojson[:60])}.") from error
