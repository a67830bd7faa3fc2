"""Incidents on the map: GeoJSON points."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ressort.services.controlroom.incidents import queries
from ressort.services.controlroom.incidents.models import Incident


def geojson(user: Any) -> dict[str, Any]:
    """Return the open incidents of a person's organisations that have a point."""
    found = (
        queries.visible(user).filter(state__in=Incident.OPEN, lon__isnull=False).select_related("situation")
    )
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
                    "label": f"EXERCICE · {one.title}" if one.exercise else one.title,
                    "state": one.state,
                    "priority": one.priority,
                    "panel": reverse("controlroom:incident_panel", args=[one.number]),
                },
            }
            for one in found
        ],
    }


def layer(number: str, label: str) -> list[dict[str, Any]]:
    """Return the one layer of an incident's own map."""
    return [
        {
            "key": "incident",
            "label": label,
            "service": "",
            "source": reverse("controlroom:incident_point", args=[number]),
            "shape": "square",
            "hue": "bad",
            "visible": True,
            "topic": "",
            "channel": "",
            "token": "",
        }
    ]


def point(incident: Incident) -> dict[str, Any]:
    """Return one incident as GeoJSON."""
    if incident.lon is None:
        return {"type": "FeatureCollection", "features": []}
    feature = {
        "type": "Feature",
        "id": 1,
        "geometry": {"type": "Point", "coordinates": [incident.lon, incident.lat]},
        "properties": {"id": incident.number, "name": incident.title, "label": incident.title},
    }
    return {"type": "FeatureCollection", "features": [feature]}
