"""Routes of the control room."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from ressort.services.controlroom.corridors.api import router as corridors
from ressort.services.controlroom.equipment.api import router as equipment
from ressort.services.controlroom.incidents import picture as incidents
from ressort.services.controlroom.orders import picture as orders
from ressort.services.controlroom.plan import queries as plan
from ressort.services.controlroom.reports.api import router as reports
from ressort.web.api import PROBLEMS
from ressort.web.doors_api import verb

router = Router(tags=["controlroom"])
router.add_router("", equipment)
router.add_router("", corridors)
router.add_router("", reports)


@router.get("/incidents.geojson", response={200: dict[str, Any], **PROBLEMS}, summary="Open incidents")
@verb("controlroom.incident.see")
def incidents_geojson(request: HttpRequest) -> Any:
    """Return the open incidents of one's organisations as GeoJSON."""
    return incidents.geojson(request.auth)  # type: ignore[attr-defined]  # set by ninja


@router.get("/works.geojson", response={200: dict[str, Any], **PROBLEMS}, summary="Open work orders")
@verb("controlroom.work.see")
def works_geojson(request: HttpRequest) -> Any:
    """Return the open work orders of one's organisations as GeoJSON."""
    return orders.geojson(request.auth)  # type: ignore[attr-defined]  # set by ninja


@router.get(
    "/plan.geojson", response={200: dict[str, Any], **PROBLEMS}, summary="Places of the safeguard plan"
)
@verb("controlroom.plan.see")
def plan_geojson(request: HttpRequest) -> Any:
    """Return what has a point in the safeguard plans of one's organisations as GeoJSON."""
    return plan.geojson(request.auth)  # type: ignore[attr-defined]  # set by ninja
