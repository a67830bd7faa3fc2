"""Routes of citizen reports for our own map; programs of others read and write by Open311."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from ressort.core.accounts import policy
from ressort.services.controlroom.reports import queries
from ressort.web.doors_api import verb

router = Router(tags=["controlroom"])


@router.get("/reports.geojson", response={200: dict[str, Any]}, summary="Open reports")
@verb("controlroom.report.see_public")
def reports(request: HttpRequest) -> Any:
    """Return the open reports as GeoJSON: where and what; agents open their panel from it."""
    staff = policy.allowed(request.auth, "controlroom.report.see").ok  # type: ignore[attr-defined]
    return queries.geojson(queries.drawn(), staff=staff)
