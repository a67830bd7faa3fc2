"""The directed edges of the routing graph: which lie along a closed street, and how fast traffic is on them now.

Live speeds are written straight into Valhalla's traffic tile (``traffic.tar``), which every router of the machine
maps in memory: they are obeyed by the next route, with nothing to reload. Layout, from Valhalla's
``baldr/traffictile.h``: a tar of tiles, each a header of 32 bytes then 8 bytes per directed edge; in those, from
the lowest bit, the overall speed (7 bits, km/h / 2), the speeds of three parts (7 bits each), the two breakpoints
(8 bits each; 255 = the first part is the whole edge, 0 = nothing known).
"""

from __future__ import annotations

import mmap
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry
from valhalla.baldr import GraphId
from valhalla.baldr.utils import GraphUtils

from ressort.core.network.graph import TILES_TAR, TRAFFIC_TAR, configuration
from ressort.engines.geodesy import METRES_PER_DEGREE

_HEADER = 32
_ALONG = 8.0  # metres: how far an edge may stray from the line of a street and still be that street


@dataclass(frozen=True, slots=True)
class Speed:
    """A speed to write on edges: km/h, 0 closes them."""

    edges: NDArray[np.int64]
    kmh: float


class Edges:
    """Every directed edge of a version, with its shape and its place in the traffic tile.

    Parameters
    ----------
    folder : Path
        Folder of the network version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        utils = GraphUtils(configuration(folder))
        shapes: list[BaseGeometry] = []
        offsets: list[int] = []
        values: list[int] = []
        with tarfile.open(folder / TRAFFIC_TAR) as traffic:
            for member in traffic.getmembers():
                if not member.name.endswith(".gph"):
                    continue
                tile = GraphId.from_tile_path(member.name)
                for number in range((member.size - _HEADER) // 8):
                    edge = GraphId(tile.tileid(), tile.level(), number)
                    shapes.append(shapely.LineString(utils.get_edge_shape(edge)))
                    offsets.append(member.offset_data + _HEADER + 8 * number)
                    values.append(edge.value)
        self.shapes = np.array(shapes, dtype=object)
        self.offsets = np.array(offsets, dtype=np.int64)
        self.values = np.array(values, dtype=np.int64)

    @cached_property
    def middles(self) -> NDArray[np.float64]:
        """Return the middle of each edge, shape (n, 2), ``[lon, lat]``."""
        return shapely.get_coordinates(shapely.line_interpolate_point(self.shapes, 0.5, normalized=True))

    @cached_property
    def _tree(self) -> STRtree:
        return STRtree(self.shapes)

    def along(self, geometry: BaseGeometry) -> NDArray[np.int64]:
        """Return the edges of a street or inside an area.

        Parameters
        ----------
        geometry : Polygon, MultiPolygon, LineString, MultiLineString or Point
            In degrees. Areas take every edge they touch; lines the edges that run along them; a point the nearest
            edge in both directions.

        Returns
        -------
        ndarray of int64
            Indices of edges, ascending.
        """
        if shapely.get_dimensions(geometry) == 2:
            return np.sort(self._tree.query(geometry, predicate="intersects"))
        if shapely.get_dimensions(geometry) == 0:
            _, gaps = self._tree.query_nearest(geometry, return_distance=True, all_matches=True)
            reach = float(gaps.min()) + 1e-6 if len(gaps) else 0.0
            return np.sort(self._tree.query(geometry, predicate="dwithin", distance=reach))
        # Scaling the longitudes makes the buffer round on the ground.
        squeeze = float(np.cos(np.radians(shapely.get_coordinates(geometry)[:, 1].mean())))
        strip = shapely.buffer(_squeezed(geometry, squeeze), _ALONG / METRES_PER_DEGREE)
        near = np.sort(self._tree.query(shapely.box(*geometry.buffer(3e-4).bounds)))
        lines = np.array([_squeezed(shape, squeeze) for shape in self.shapes[near]], dtype=object)
        share = shapely.length(shapely.intersection(lines, strip)) / np.maximum(shapely.length(lines), 1e-12)
        return near[share > 0.9]

    def write_speeds(self, speeds: Iterable[Speed]) -> int:
        """Replace all live speeds of the version by these; return how many edges carry one.

        The last one given wins on an edge that several name.
        """
        words = np.zeros(len(self.offsets), dtype=np.uint64)
        for speed in speeds:
            words[speed.edges] = _word(speed.kmh)
        with (self._folder / TRAFFIC_TAR).open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
            for offset, word in zip(self.offsets.tolist(), words.tolist(), strict=True):
                memory[offset : offset + 8] = word.to_bytes(8, "little")
            memory.flush()
        return int((words != 0).sum())


def _word(kmh: float) -> int:
    encoded = min(125, max(0, round(kmh / 2)))
    return encoded | encoded << 7 | 255 << 28


def _squeezed(geometry: BaseGeometry, squeeze: float) -> BaseGeometry:
    found: BaseGeometry = shapely.transform(geometry, lambda xy: xy * np.array([squeeze, 1.0]))
    return found


def graph_exists(folder: Path) -> bool:
    """Tell whether a folder holds routing tiles."""
    return (folder / TILES_TAR).exists() and (folder / TRAFFIC_TAR).exists()
