"""Work orders on the map: GeoJSON points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from ressort.services.controlroom.orders import queries, states
from ressort.services.controlroom.orders.models import WorkOrder


def points(rows: Iterable[WorkOrder], page: str, key: str) -> dict[str, Any]:
    """Return orders that have a point as GeoJSON; choosing one opens ``page``."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": one.pk,
                "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
                "properties": {
                    "id": one.number,
                    "name": one.title,
                    "label": f"{one.title} · {one.get_state_display()}",
                    "state": one.state,
                    key: reverse(page, args=[one.number]),
                },
            }
            for one in rows
            if one.lon is not None
        ],
    }


def geojson(user: Any) -> dict[str, Any]:
    """Return the open orders of a person's organisations."""
    rows = queries.visible(user).filter(state__in=states.OPEN, lon__isnull=False).order_by("pk")[:2000]
    return points(rows, "controlroom:work_panel", "panel")


def layer(source: str, label: str) -> list[dict[str, Any]]:
    """Return the one layer of a page's own map."""
    return [
        {
            "key": "work", "label": label, "service": "", "source": source, "shape": "square", "hue": "warn",
            "visible": True, "topic": "", "channel": "", "token": "",
        }
    ]  # fmt: skip


def bounds(rows: Iterable[WorkOrder]) -> list[float] | None:
    """Return the box around orders, west, south, east, north."""
    found = [(one.lon, one.lat) for one in rows if one.lon is not None and one.lat is not None]
    if not found:
        return None
    lons, lats = [lon for lon, __ in found], [lat for __, lat in found]
    return [min(lons) - 0.004, min(lats) - 0.003, max(lons) + 0.004, max(lats) + 0.003]
