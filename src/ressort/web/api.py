"""Routes of the house itself: places, receipts, jobs, clock."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from ressort.core import clock
from ressort.core.jobs import queue
from ressort.core.journal import receipts
from ressort.core.network import places as finding
from ressort.core.network.geocoder import Geocoder
from ressort.core.retold import retold_words
from ressort.web import algorithms as register
from ressort.web import mydata
from ressort.web.doors_api import verb

router = Router(tags=["house"])

Words = Annotated[str, Field(max_length=200)]


class Problem(Schema):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    field: str = ""


PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Problem)


class PlaceHit(Schema):
    """A place that answers a search."""

    id: str
    label: str
    kind: str
    lon: float
    lat: float


class PlaceQuery(Schema):
    """What to search, and near where."""

    q: Words
    lon: Annotated[float | None, Field(ge=-180, le=180)] = None
    lat: Annotated[float | None, Field(ge=-90, le=90)] = None
    limit: Annotated[int, Field(ge=1, le=20)] = 8


@router.get(
    "/places", response={200: list[PlaceHit], **PROBLEMS}, summary="Find places, streets and addresses"
)
@verb("place.search")
def places(request: HttpRequest, query: Query[PlaceQuery]) -> Any:
    """Search by words, tolerant of accents, order and small typing errors."""
    del request
    near = (query.lon, query.lat) if query.lon is not None and query.lat is not None else None
    return [
        {"id": hit.place, "label": hit.label, "kind": hit.kind, "lon": hit.lon, "lat": hit.lat}
        for hit in finding.search(query.q, near=near, limit=query.limit)
    ]


class PointQuery(Schema):
    """A point of the map."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]


class Label(Schema):
    """Words for a point."""

    label: str


@router.get("/places/reverse", response={200: Label, **PROBLEMS}, summary="Name a point of the map")
@verb("place.search")
def reverse(request: HttpRequest, query: Query[PointQuery]) -> Any:
    """Return the nearest address or street."""
    del request
    return {"label": Geocoder.active().reverse(query.lon, query.lat)}


class ReceiptOut(Schema):
    """A decision, in words."""

    number: str
    kind: str
    at: datetime
    engine: str
    engine_version: str
    decision: str = ""
    rule: str = ""
    change: str = ""
    answer: dict[str, Any]


class ReplayOut(Schema):
    """A decision computed again."""

    number: str
    same: bool
    version_then: str
    version_now: str


@router.get("/receipts/{number}", response={200: ReceiptOut, **PROBLEMS}, summary="Read a decision receipt")
@verb("receipt.see")
def receipt(request: HttpRequest, number: str) -> Any:
    """Return the decision, the rule that bound it and what would have changed it."""
    del request
    found = receipts.find(number)
    kept = {name: getattr(found, name) for name in ("number", "kind", "at", "engine", "engine_version")}
    return {**kept, **retold_words(json.loads(found.words)), "answer": json.loads(found.answer)}


@router.post(
    "/receipts/{number}/replay", response={200: ReplayOut, **PROBLEMS}, summary="Compute a decision again"
)
@verb("receipt.replay")
def replay(request: HttpRequest, number: str) -> Any:
    """Run the engine again on what it received, and compare."""
    del request
    again = receipts.replay(number)
    return {name: getattr(again, name) for name in ("number", "same", "version_then", "version_now")}


class Sourced(Schema):
    """Data used, and where they come from."""

    what: str
    source: str


class Rule(Schema):
    """A rule or weight with the value in force."""

    name: str
    value: str
    meaning: str


class Results(Schema):
    """What was measured over the last days; null where it means nothing or there is nothing to divide."""

    days: int
    decisions: int
    refused: int | None
    refused_share: float | None
    contested: int | None
    contested_share: float | None
    answered: int | None
    changed: int | None
    changed_share: float | None


class AlgorithmOut(Schema):
    """A use of an engine that decides or proposes something for people."""

    key: str
    name: str
    service: str
    role: str
    purpose: str
    decides: str
    people: str
    responsible: str
    basis: str
    since: date | None
    data: list[Sourced]
    parameters: list[Rule]
    results: Results
    human: str
    contest: str
    receipts: list[str]
    source: str
    version: str
    licence: str


@router.get("/algorithms", response={200: list[AlgorithmOut]}, summary="Read the register of algorithms")
@verb("receipt.see")
def algorithms(request: HttpRequest) -> Any:
    """Return every declared use with its rules in force and what was measured."""
    del request
    return register.register()


class HeldField(Schema):
    """A field of a table, in words."""

    name: str
    words: str


class ProcessingOut(Schema):
    """What a table keeps of people (GDPR, article 30). ``days`` is null when no duration of its own applies."""

    table: str
    title: str
    people: str
    purpose: str
    basis: str
    fields: list[HeldField]
    recipients: str
    kept: str
    days: float | None


@router.get("/processing", response={200: list[ProcessingOut]}, summary="Read the register of processing")
@verb("privacy.see")
def processing(request: HttpRequest) -> Any:
    """Return what is kept of people, why, by what right and for how long."""
    del request
    return mydata.processing()


class JobOut(Schema):
    """Background work."""

    pid: str
    kind: str
    state: str
    done: float
    step: str
    error: str


@router.get("/jobs/{pid}", response={200: JobOut, **PROBLEMS}, summary="See how far a job is")
@verb("job.see")
def job(request: HttpRequest, pid: str) -> Any:
    """Return the state, progress and step of a job."""
    del request
    return queue.find(pid)


@router.post("/jobs/{pid}/cancel", response={200: JobOut, **PROBLEMS}, summary="Ask a job to stop")
@verb("job.cancel")
def stop_job(request: HttpRequest, pid: str) -> Any:
    """Stop it now if it waits, at its next step if it runs."""
    queue.cancel(pid, actor=request.auth.pid)  # type: ignore[attr-defined]
    return queue.find(pid)


class ClockOut(Schema):
    """The service clock."""

    now: datetime
    rate: float
    simulated: bool


@router.get("/clock", response={200: ClockOut}, summary="Read the service clock")
@verb("portal.see")
def read_clock(request: HttpRequest) -> Any:
    """Return the time in which bookings live; it runs fast in a simulation."""
    del request
    return clock.reading()
