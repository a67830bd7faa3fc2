"""Find a place by words among all that the installation knows: its own stops and places, then the street network."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db.models import Count, Max

from ressort.core.network.geocoder import Geocoder, Hit, fold
from ressort.core.territory.models import Place
from ressort.engines.geodesy import distance

SAME = 80
"""Metres within which one name means one place."""
FRESH = 60.0
"""Seconds after which a changed name or position is seen; a place added or removed is seen at once."""
_UNSEEN = (Place.Kind.DEPOT, Place.Kind.ADDRESS)


@dataclass(frozen=True, slots=True)
class _Own:
    geocoder: Geocoder
    known: tuple[int, int]
    until: float


_kept: dict[str, _Own] = {}


def _own() -> Geocoder:
    """Return the index of the installation's own places: rebuilt when one comes or goes, and every minute."""
    places = Place.objects.filter(active=True).exclude(kind__in=_UNSEEN)
    found = places.aggregate(count=Count("pk"), last=Max("pk"))
    known = (found["count"], found["last"] or 0)
    kept = _kept.get("own")
    if kept is None or kept.known != known or kept.until < time.monotonic():
        kept = _kept["own"] = _Own(
            Geocoder((), (), (), places.order_by("pk")), known, time.monotonic() + FRESH
        )
    return kept.geocoder


def forget() -> None:
    """Read the places again at the next search."""
    _kept.clear()


def search(text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> list[Hit]:
    """Return the best matches of what was typed, best first; one's own stop rather than the map's copy of it.

    Parameters
    ----------
    text : str
        What a person typed.
    near : (lon, lat), optional
        Where the person is.
    limit : int
        How many at most.

    Raises
    ------
    NoNetwork
        If no street network is in service.
    """
    own = _own().search(text, near=near, limit=limit)
    mapped = [
        hit
        for hit in Geocoder.active().search(text, near=near, limit=limit)
        if not any(_same(hit, other) for other in own)
    ]
    return sorted([*own, *mapped], key=lambda hit: -hit.score)[:limit]


def _same(one: Hit, other: Hit) -> bool:
    names = sorted((fold(one.label), fold(other.label)), key=len)  # one may add its commune
    return names[1].startswith(names[0]) and distance(one.lon, one.lat, other.lon, other.lat) <= SAME
