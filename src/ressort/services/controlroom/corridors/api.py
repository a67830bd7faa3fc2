"""Routes of corridors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from ressort.core.clock import service_now
from ressort.services.controlroom.corridors import opening, past, queries
from ressort.web.api import PROBLEMS
from ressort.web.doors_api import verb

router = Router(tags=["controlroom"])


class PositionIn(Schema):
    """Where the vehicle is now."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]


class CorridorOut(Schema):
    """A corridor as it stands; ``start`` moves as the vehicle is seen early or late."""

    pid: str
    state: str
    why: str
    seconds: int
    metres: int
    lead: int
    margin: int
    opened: datetime | None
    start: datetime | None
    ended: datetime | None


@router.get("/corridors.geojson", response={200: dict[str, Any], **PROBLEMS}, summary="Open corridors")
@verb("controlroom.corridor.see")
def corridors(request: HttpRequest, at: AwareDatetime | None = None) -> Any:
    """Return the ways of the open corridors as GeoJSON lines; with ``at``, of those that were open at that moment."""
    del request
    return past.geojson(at) if at and at < service_now() else queries.geojson()


@router.post(
    "/corridors/{pid}/position", response={200: CorridorOut, **PROBLEMS}, summary="Say where the vehicle is"
)
@verb("controlroom.corridor.open")
def position(request: HttpRequest, pid: str, body: PositionIn) -> Any:
    """Move the expected times of what is ahead; what is behind is given back."""
    return opening.observe_position(request.auth, pid, body.lon, body.lat)  # type: ignore[attr-defined]
