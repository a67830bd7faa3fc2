"""Routes of the control room."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from ressort.services.controlroom.equipment.api import router as equipment
from ressort.services.controlroom.incidents import picture as incidents
from ressort.services.controlroom.reports.api import router as reports
from ressort.web.api import PROBLEMS
from ressort.web.doors_api import verb

router = Router(tags=["controlroom"])
router.add_router("", equipment)
router.add_router("", reports)


@router.get("/incidents.geojson", response={200: dict[str, Any], **PROBLEMS}, summary="Open incidents")
@verb("controlroom.incident.see")
def incidents_geojson(request: HttpRequest) -> Any:
    """Return the open incidents of one's organisations as GeoJSON."""
    return incidents.geojson(request.auth)  # type: ignore[attr-defined]  # set by ninja
