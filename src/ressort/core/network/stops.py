"""Which points of a street network make good stops: those it marks, then important places, then street corners."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
from django.utils.translation import gettext as _

from ressort.core.errors import Refused
from ressort.core.network.models import Feature, NetworkVersion, Street
from ressort.core.network.router import Router
from ressort.engines import geodesy

APART = 120  # metres between two stops
ENOUGH = 120
"""Below this many marked stops, street corners complete them."""

type Found = tuple[str, float, float, str, str]
"""Name, longitude, latitude, kind of place, commune."""


def chosen(version: NetworkVersion, wanted: int, *, corners: bool = True) -> list[Found]:
    """Return (name, lon, lat, kind, commune) of stops that a van can reach from, and leave for, nearly all others.

    Raises
    ------
    Refused
        If the network has not two of them.
    """
    found = _spread(_candidates(version, corners_too=corners), wanted)
    points = [(lon, lat) for __, lon, lat, __, __ in found]
    if len(points) < 2:
        raise Refused("no-stops", _("Ce réseau n'a pas assez de rues pour y placer des arrêts."))
    seconds, __ = Router.of(version).matrix(points, points, "van")
    linked = seconds >= 0
    hub = int(np.argmax(linked.sum(axis=0) + linked.sum(axis=1)))
    return [found[i] for i in range(len(found)) if linked[i, hub] and linked[hub, i]]


def _candidates(version: NetworkVersion, *, corners_too: bool) -> list[Found]:
    rows = [
        (f.name or "Arrêt", f.lon, f.lat, "stop", f.commune)
        for f in Feature.objects.filter(version=version, kind="stop").order_by("number")
    ]
    important = [
        (f.name or "Arrêt", f.lon, f.lat, "stop", f.commune)
        for f in Feature.objects.filter(
            version=version, kind__in=("hospital", "station", "town_hall")
        ).order_by("number")
    ]
    corners = []
    if corners_too and len(rows) < ENOUGH:
        for street in Street.objects.filter(version=version).order_by("pk"):
            for number, line in enumerate(street.lines):
                lon, lat = line[len(line) // 2][:2]
                label = street.name if number == 0 else f"{street.name} ({number + 1})"
                corners.append((label, lon, lat, "virtual_stop", street.commune))
        random.Random(3).shuffle(corners)
    random.Random(5).shuffle(rows)
    return important + rows + corners


def _spread(items: Iterable[Found], wanted: int) -> list[Found]:
    """Keep items at least :data:`APART` metres from those kept before, at most ``wanted``, with unlike names."""
    kept: list[Found] = []
    names: dict[str, int] = {}
    for called, lon, lat, kind, commune in items:
        if len(kept) >= wanted:
            break
        if kept:
            lons, lats = np.array([k[1] for k in kept]), np.array([k[2] for k in kept])
            if geodesy.distances(lon, lat, lons, lats).min() < APART:
                continue
        name = "".join(c for c in called if c.isprintable()).strip() or "Arrêt"
        names[name] = names.get(name, 0) + 1
        label = name if names[name] == 1 else f"{name} {names[name]}"
        kept.append((label[:200], lon, lat, kind, commune))
    return kept
