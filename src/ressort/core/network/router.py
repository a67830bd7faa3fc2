"""The only door to routing: matrices, routes, isochrones, and points brought to the street.

``[lon, lat]``, seconds, metres. What cannot be reached is a value (``UNREACHABLE`` in a matrix,
:class:`Unreachable` for a route, None for a point), never an exception.

Closures reach every answer with the request itself (streets by the middles of their edges, areas by their outline),
chosen by the time asked for: a closure posed a second ago is obeyed by the next route, a future one by the routes of
that hour. Live speeds concern routes asked for now; planning matrices have their own pace (:mod:`.pace`).
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from queue import LifoQueue
from typing import Any

import numpy as np
import shapely
import valhalla
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from valhalla import ValhallaError
from valhalla.midgard.utils import decode_polyline

from ressort.core.errors import Refused
from ressort.core.network import blocks
from ressort.core.network.answers import UNREACHABLE, Instruction, Leg, Lonlat, Route, Snapped, Unreachable
from ressort.core.network.edges import Edges
from ressort.core.network.graph import configuration
from ressort.core.network.osm import Progress
from ressort.core.network.profiles import profile as profile_named

__all__ = ["UNREACHABLE", "Instruction", "Leg", "Lonlat", "Route", "Router", "Snapped", "Unreachable"]

type Block = tuple[BaseGeometry, frozenset[str]]
"""A geometry that may not be passed, and the profiles it stops."""
type Closures = Callable[[dt.datetime | None], Sequence[Block]]

_NO_STREET, _NO_PATH = 171, 442
_NOWHERE = frozenset({154, 170, _NO_STREET, _NO_PATH})
_IN_PROCESS = 20_000  # pairs; beyond, Valhalla's memory grows and a program apart takes over
_FAR = 500.0
_USUAL_KMH = 30.0


class NoNetwork(Refused):
    """No street network is in service."""

    def __init__(self) -> None:
        super().__init__(
            "no-network",
            _("Aucun réseau de rues n'est en service. Chargez-en un : ressort load network FICHIER.osm.pbf"),
            status=503,
        )


class Router:
    """Routing on one network version. Safe to share between threads.

    Parameters
    ----------
    folder : Path
        Folder of the version.
    closures : callable, optional
        ``closures(at)`` returns what is closed at a time (None = now).
    actors : int
        How many questions are answered at once; each actor is used by one thread at a time (a shared one crashes).
    """

    def __init__(self, folder: Path, *, closures: Closures | None = None, actors: int = 2) -> None:
        self.folder = Path(folder)
        self._closures = closures or (lambda _at: ())
        self._pool: LifoQueue[valhalla.Actor | None] = LifoQueue()
        self._lock = threading.Lock()
        for __ in range(actors):
            self._pool.put(None)

    @staticmethod
    def of(version: Any) -> Router:
        """Return the router of a :class:`NetworkVersion` or of its identifier, kept while it serves."""
        from ressort.core.network.closures import router_of

        return router_of(str(getattr(version, "pk", version)))

    @staticmethod
    def active() -> Router:
        """Return the router of the network in service; raises :class:`NoNetwork` when there is none."""
        from ressort.core.network.build import active_version

        if (version := active_version()) is None:
            raise NoNetwork
        return Router.of(version)

    @cached_property
    def edges(self) -> Edges:
        """Return the directed edges of the version (read at first use)."""
        return Edges(self.folder)

    @contextmanager
    def _actor(self) -> Iterator[valhalla.Actor]:
        actor = self._pool.get()
        try:
            if actor is None:
                actor = valhalla.Actor(configuration(self.folder))
            yield actor
        finally:
            self._pool.put(actor)

    def route(
        self,
        points: Sequence[Lonlat],
        profile: str = "car",
        at: dt.datetime | None = None,
        closures: Sequence[BaseGeometry] = (),
    ) -> Route | Unreachable:
        """Return the way through points, in order.

        Parameters
        ----------
        points : sequence of (lon, lat)
            Two or more.
        profile : str
            ``car``, ``van``, ``emergency``, ``foot`` or ``bike``.
        at : datetime, optional
            When it is driven, which decides the closures it meets; None = now, with live speeds.
        closures : sequence of geometry
            More places not to pass, for this question only.

        Returns
        -------
        Route or Unreachable
        """
        if len(points) < 2:
            raise ValueError("Un trajet demande au moins deux points.")
        request = self._request(profile, at, closures)
        request["locations"] = [_location(point) for point in points]
        request["directions_options"] = {"language": "fr-FR", "units": "kilometers"}
        if at is None and profile_named(profile).motor:
            request["date_time"] = {"type": 0}
        try:
            with self._actor() as actor:
                trip = actor.route(request)["trip"]
        except ValhallaError as error:
            return _unreachable(error)
        return _route(trip)

    def matrix(
        self,
        sources: Sequence[Lonlat],
        targets: Sequence[Lonlat],
        profile: str = "car",
        at: dt.datetime | None = None,
        *,
        progress: Progress | None = None,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return seconds and metres from every source to every target.

        Parameters
        ----------
        sources, targets : sequence of (lon, lat)
            Points; those farther than 500 m from any street are unreachable.
        profile : str
            See :meth:`route`.
        at : datetime, optional
            Which closures hold; None = now.
        progress : callable, optional
            Called with ``(step, share done)``; an exception it raises stops the computation.

        Returns
        -------
        seconds, metres : ndarray of int32, shape (len(sources), len(targets))
            ``UNREACHABLE`` (-1) where there is no way.
        """
        request = self._request(profile, at, ())
        if len(sources) * len(targets) > _IN_PROCESS:
            return blocks.matrix(self.folder, request, sources, targets, progress=progress)
        with self._actor() as actor:
            return blocks.rows(actor, request, sources, targets)

    def isochrone(
        self, point: Lonlat, minutes: Sequence[float], profile: str = "car", at: dt.datetime | None = None
    ) -> list[dict[str, Any]] | None:
        """Return what is reached within some minutes: one GeoJSON Feature per duration, longest first.

        None when the point is nowhere near a street. At most four durations.
        """
        if self.snap(point, profile) is None:  # Valhalla would answer a small circle around the point
            return None
        request = self._request(profile, at, ())
        request["locations"] = [_location(point)]
        request["contours"] = [{"time": value} for value in sorted(minutes)]
        request |= {"polygons": True, "denoise": 0.3, "generalize": 15}
        try:
            with self._actor() as actor:
                features = actor.isochrone(request)["features"]
        except ValhallaError as error:
            _unreachable(error)
            return None
        kept = ({"minutes": feature["properties"]["contour"]} for feature in features)
        return [
            {"type": "Feature", "properties": properties, "geometry": feature["geometry"]}
            for properties, feature in zip(kept, features, strict=True)
        ]

    def snap(self, point: Lonlat, profile: str = "car") -> Snapped | None:
        """Return the nearest point of a street that the profile may use, None beyond 500 m."""
        return self.snap_all([point], profile)[0]

    def snap_all(self, points: Sequence[Lonlat], profile: str = "car") -> list[Snapped | None]:
        """Return the nearest point on a street for each point (one question for all)."""
        if not points:
            return []
        kind = profile_named(profile)
        request = {
            "locations": [_location(point) for point in points],
            "costing": kind.costing,
            "costing_options": {kind.costing: kind.options},
            "verbose": True,
        }
        with self._actor() as actor:
            return [_snapped(found) for found in actor.locate(request)]

    def usual_speeds(self, edges: NDArray[np.int64]) -> list[float]:
        """Return the ordinary speed of directed edges (indices of :attr:`edges`), km/h; 30 where unknown."""
        if not len(edges):
            return []
        middles = self.edges.middles[edges]
        question = {
            "locations": [_location((lon, lat)) for lon, lat in middles.tolist()],
            "costing": "auto",
            "verbose": True,
        }
        with self._actor() as actor:
            answers = actor.locate(question)
        found: list[float] = []
        for wanted, answer in zip(self.edges.values[edges].tolist(), answers, strict=True):
            speeds = {
                edge["edge_id"]["value"]: edge["edge"]["speeds"]["default"]
                for edge in answer.get("edges") or ()
            }
            found.append(float(speeds.get(wanted, _USUAL_KMH)))
        return found

    def _request(self, name: str, at: dt.datetime | None, more: Sequence[BaseGeometry]) -> dict[str, Any]:
        """Return the part of a question that says who travels and what is closed to them."""
        kind = profile_named(name)
        request: dict[str, Any] = {"costing": kind.costing}
        options = dict(kind.options)
        if kind.motor:
            live = ["current"] if at is None else []
            options["speed_types"] = ["freeflow", "constrained", "predicted", *live]
        request["costing_options"] = {kind.costing: options}
        closed = [geometry for geometry, profiles in self._closures(at) if name in profiles]
        streets: list[NDArray[np.int64]] = []
        outlines: list[list[list[float]]] = []
        for geometry in [*closed, *more]:
            if shapely.get_dimensions(geometry) == 2:
                rings = shapely.get_exterior_ring(shapely.get_parts(geometry))
                outlines.extend(shapely.get_coordinates(ring).tolist() for ring in rings)
            else:
                with self._lock:
                    streets.append(self.edges.along(geometry))
        if outlines:
            request["exclude_polygons"] = outlines
        if streets:
            middles = self.edges.middles[np.unique(np.concatenate(streets))]
            unique = np.unique(np.round(middles, 6), axis=0)
            request["exclude_locations"] = [_location((lon, lat)) for lon, lat in unique.tolist()]
        return request


def _location(point: Lonlat) -> dict[str, float]:
    return {"lon": float(point[0]), "lat": float(point[1])}


def _unreachable(error: ValhallaError) -> Unreachable:
    """Turn an answer « there is no way » into a value; anything else is a fault and stays one."""
    code = int(getattr(error, "code", 0))
    if code not in _NOWHERE:
        raise error
    if code == _NO_STREET:
        return Unreachable("no-street", _("Un des points est loin de toute rue praticable."))
    return Unreachable("no-path", _("Aucun chemin ne relie ces points."))


def _route(trip: dict[str, Any]) -> Route:
    geometry: list[Lonlat] = []
    legs = []
    for leg in trip["legs"]:
        shape = decode_polyline(leg["shape"], 6)
        start = max(0, len(geometry) - 1)
        geometry += shape[1:] if geometry else shape
        steps = tuple(
            Instruction(
                text=move["instruction"],
                street=(move.get("street_names") or [""])[0],
                seconds=round(move["time"]),
                metres=round(move["length"] * 1000),
                begin=start + move["begin_shape_index"],
            )
            for move in leg["maneuvers"]
        )
        summary = leg["summary"]
        legs.append(Leg(round(summary["time"]), round(summary["length"] * 1000), start, steps))
    summary = trip["summary"]
    return Route(round(summary["time"]), round(summary["length"] * 1000), tuple(geometry), tuple(legs))


def _snapped(found: dict[str, Any]) -> Snapped | None:
    edges = found.get("edges") or []
    if not edges or edges[0]["distance"] > _FAR:
        return None
    nearest = min(edges, key=lambda edge: edge["distance"])
    names = nearest["edge_info"].get("names") or [""]
    return Snapped(nearest["correlated_lon"], nearest["correlated_lat"], names[0], float(nearest["distance"]))
