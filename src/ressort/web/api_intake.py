"""The route by which devices say what they observe, and those by which programs read it again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.intake import catalogue, reading
from ressort.core.intake.models import Quarantine
from ressort.core.intake.observing import MOST, observe
from ressort.core.intake.readings import instant, spoken
from ressort.web.api import PROBLEMS
from ressort.web.doors_api import verb

router = Router(tags=["intake"])
SHOWN = 100
LONGEST = timedelta(days=400)


def device(request: HttpRequest) -> Any:
    """Let in a device by its own token.

    Raises
    ------
    Refused
        401 for a token that is unknown, replaced, or of a device taken out of service.
    """
    scheme, __, secret = request.headers.get("Authorization", "").partition(" ")
    known = catalogue.bearer(secret.strip()) if scheme.lower() == "bearer" else None
    if known is None:
        raise Refused("bad-token", _("Ce jeton de capteur est inconnu, remplacé ou retiré."), status=401)
    request.speaker = known  # type: ignore[attr-defined]  # read by the route
    return AnonymousUser()


def read_json(request: HttpRequest) -> Any:
    """Return what was sent, as JSON.

    Raises
    ------
    Refused
        400 when it cannot be read.
    """
    try:
        return json.loads(request.body)
    except ValueError:
        raise Refused(
            "unreadable", _("Le corps de la demande n'est pas du JSON lisible."), status=400
        ) from None
    except RecursionError:
        raise Refused("unreadable", _("Le corps de la demande est trop imbriqué."), status=400) from None


class FaultOut(Schema):
    """An observation put in quarantine: its rank in the batch, why."""

    rank: int
    reason: str
    sentence: str


class OutcomeOut(Schema):
    """What became of a batch. ``faults`` holds the first hundred."""

    accepted: int
    duplicates: int
    quarantined: int
    faults: list[FaultOut]


_ITEM = {
    "oneOf": [
        {
            "type": "object",
            "description": "An observation.",
            "required": ["device", "property", "value", "at"],
            "properties": {
                "device": {"type": "string", "maxLength": 60},
                "property": {"type": "string", "maxLength": 40},
                "value": {"type": ["number", "boolean", "string"]},
                "at": {"type": "string", "format": "date-time"},
                "quality": {"enum": ["good", "doubtful", "bad"]},
            },
        },
        {
            "type": "object",
            "description": "The same in the shape of OGC SensorThings; `@iot.id` is `device/property`.",
            "required": ["result", "phenomenonTime", "Datastream"],
            "properties": {
                "result": {"type": ["number", "boolean", "string"]},
                "phenomenonTime": {"type": "string"},
                "Datastream": {"type": "object", "properties": {"@iot.id": {"type": "string"}}},
                "resultQuality": {"type": "string"},
            },
        },
    ]
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [{"type": "array", "maxItems": MOST, "items": _ITEM}, *_ITEM["oneOf"]]}
            }
        },
    }
}


@router.post(
    "/observations",
    auth=device,
    response={200: OutcomeOut, **PROBLEMS},
    summary="Send observations, one or many",
    openapi_extra=_BODY,
)
@verb("intake.observe")
def observations(request: HttpRequest) -> Any:
    """Take a batch in: what cannot be believed is put in quarantine with its reason, and stops nothing.

    An answer means that the batch is kept. Without one, send it again: what is known already changes nothing.
    """
    batch = read_json(request)
    items = batch if isinstance(batch, list) else [batch]
    if len(items) > MOST:
        raise Refused(
            "too-many",
            _("Un lot compte %(most)s mesures au plus : envoyez-en plusieurs.") % {"most": MOST},
            status=422,
        )
    outcome = observe(items, speaker=request.speaker, wall=True)  # type: ignore[attr-defined]
    words = dict(Quarantine.Reason.choices)
    faults = [
        {"rank": rank, "reason": reason, "sentence": str(words[reason])}
        for rank, reason in outcome.faults[:SHOWN]
    ]
    kept = {"accepted": outcome.accepted, "duplicates": outcome.duplicates}
    return {**kept, "quarantined": len(outcome.faults), "faults": faults}


class SpanQuery(Schema):
    """From when, until when (half-open)."""

    since: AwareDatetime
    until: AwareDatetime | None = None
    most: Annotated[int, Field(ge=1, le=10_000)] = 1_000


class PointOut(Schema):
    """An observation, or the mean of those around when there are more than asked for."""

    at: datetime
    value: float | bool | str
    low: float | None = None
    high: float | None = None


class SeriesOut(Schema):
    """A series between two instants."""

    device: str
    property: str
    unit: str
    thinned: bool
    points: list[PointOut]


@router.get(
    "/series/{code}/{observed}", response={200: SeriesOut, **PROBLEMS}, summary="Read a series between two instants"
)  # fmt: skip
@verb("intake.see")
def series(request: HttpRequest, code: str, observed: str, query: Query[SpanQuery]) -> Any:
    """Return what a device said of a property; a long span of a number is thinned to ``most`` means."""
    del request
    found = reading.find(code, observed)
    until = query.until or service_now() + timedelta(milliseconds=1)
    if not timedelta(0) < until - query.since <= LONGEST:
        raise Refused(
            "bad-span",
            _("Demandez une période de 400 jours au plus, qui finit après son début."),
            field="since",
        )
    from ressort.engines import series as codec

    points = reading.between(found.pk, query.since, until)
    thinned = found.kind == "number" and len(points[0]) > query.most
    shown = codec.thin(points, query.most) if thinned else (*points[:2], points[1], points[1])
    rows = [
        {
            "at": instant(int(at)),
            "value": spoken(found.kind, found.choices, float(value)),
            **({"low": float(low), "high": float(high)} if thinned else {}),
        }
        for at, value, low, high in zip(*(part[-query.most :] for part in shown), strict=True)
    ]
    kept = {"device": code, "property": observed, "unit": found.unit}
    return {**kept, "thinned": bool(thinned), "points": rows}
