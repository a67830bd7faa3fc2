"""Routes of the equipment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Router, Schema
from pydantic import AwareDatetime, Field

from ressort.core.clock import service_now
from ressort.services.controlroom.equipment import asking, queries
from ressort.web.api import PROBLEMS
from ressort.web.doors_api import verb

router = Router(tags=["controlroom"])


class CommandIn(Schema):
    """What to ask, and why. ``hold`` keeps it as long as somebody's screen renews it."""

    verb: Annotated[str, Field(max_length=20)]
    params: dict[str, int] = {}
    reason: Annotated[str, Field(max_length=200)]
    hold: bool = False


class CommandOut(Schema):
    """A command as it stands. Only ``confirmed`` means that the device itself says it is done."""

    pid: str
    verb: str
    state: str
    why: str
    asked: datetime
    sent: datetime | None
    accepted: datetime | None
    ended: datetime | None
    held: bool


@router.get(
    "/equipment.geojson", response={200: dict[str, Any], **PROBLEMS}, summary="Equipment with its state"
)
@verb("controlroom.equipment.see")
def equipment(
    request: HttpRequest, kind: Annotated[str, Field(max_length=200)] = "", at: AwareDatetime | None = None
) -> Any:
    """Return the equipment as GeoJSON; ``kind`` may name several classes with commas.

    With ``at``, as it was at that moment; a moment to come is now.
    """
    del request
    return queries.geojson(filter(None, kind.split(",")), at if at and at < service_now() else None)


@router.post(
    "/equipment/{pid}/commands", response={200: CommandOut, **PROBLEMS}, summary="Ask something of equipment"
)
@verb("controlroom.command.ask")
def ask(
    request: HttpRequest,
    pid: str,
    body: CommandIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=40)] = "",
) -> Any:
    """Ask; the same key asks once."""
    return asking.ask(
        request.auth,  # type: ignore[attr-defined]
        pid,
        body.verb,
        body.params,
        reason=body.reason,
        hold=body.hold,
        key=idempotency_key,
    )


@router.post("/commands/{pid}/approve", response={200: CommandOut, **PROBLEMS}, summary="Agree to a command")
@verb("controlroom.command.approve")
def approve(request: HttpRequest, pid: str) -> Any:
    """Agree to what somebody else asked for."""
    return asking.approve(request.auth, pid)  # type: ignore[attr-defined]


@router.get("/commands/{pid}", response={200: CommandOut, **PROBLEMS}, summary="Read a command")
@verb("controlroom.command.see")
def command(request: HttpRequest, pid: str) -> Any:
    """Return where a command stands."""
    del request
    return asking.find(pid)
