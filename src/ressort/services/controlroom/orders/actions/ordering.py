"""What the console does with work orders: prepare, change, give to a crew, look at what was done, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Organisation
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.services.controlroom.incidents.actions import holding as cleaning
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.orders import sources
from ressort.services.controlroom.orders.actions import holding
from ressort.services.controlroom.orders.actions.holding import ORDER, write
from ressort.services.controlroom.orders.models import Crew, Trade, WorkNumber, WorkOrder, WorkStep

FARTHEST = timedelta(days=730)
EARLIEST = timedelta(minutes=5)
USUAL = {
    "vital": timedelta(hours=1),
    "high": timedelta(hours=4),
    "normal": timedelta(days=2),
    "low": timedelta(days=10),
}
"""Due time where nobody gave one, by priority: that of an incident."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody says when a work order is made.

    Attributes
    ----------
    due : datetime, optional
        Without it, the usual delay of the priority.
    source : str
        ``incident:<number>``, ``report:<id>``, ``alarm:<id>``, ``asset:<id>``, or nothing.
    organisation : str
        Pseudonymous id of the organisation in whose name it is made; nothing: the person's first.
    """

    title: str
    trade: str
    priority: str
    instructions: str = ""
    materials: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    due: datetime | None = None
    source: str = ""
    organisation: str = ""


def draft(user: Any, wanted: Draft, *, key: str | None = None) -> WorkOrder:
    """Prepare a work order: it has a number, and waits to be given to a crew.

    Parameters
    ----------
    key : str, optional
        Idempotency key: the same key gives the same order.
    """
    home = cleaning.home(user, ORDER, wanted.organisation)
    with transaction.atomic():
        if known := holding.known(key):
            return known.order
        now = service_now()
        source = sources.find(user, wanted.source)
        words = checked(
            title=wanted.title, trade=wanted.trade, priority=wanted.priority, instructions=wanted.instructions,
            materials=wanted.materials, address=wanted.address or source.address,
            lon=source.lon if wanted.lon is None else wanted.lon,
            lat=source.lat if wanted.lat is None else wanted.lat,
        )  # fmt: skip
        words["due"] = _due(wanted.due, words["priority"], now)
        made = WorkOrder.objects.create(
            number=_number(now), organisation_id=home, created=now, created_by=user, source=source.kind,
            source_id=source.id, asset=source.asset, **words,
        )  # fmt: skip
        WorkStep.objects.create(
            order=made, at=now, noted=now, deed="draft", state=made.state, version=1, by=user, key=key or None
        )
        payload = {"trade": made.trade, "priority": made.priority, "source": made.source}
        if made.source_id:
            payload["source_id"] = f"{made.source}:{made.source_id}"
        holding.tell(user, made, "draft", payload)
    return made


def checked(**given: Any) -> dict[str, Any]:
    """Return the words of a work order, each checked; those that were not given are left out."""
    found: dict[str, Any] = {}
    if "title" in given:
        found["title"] = cleaning.line(given["title"], 120, field="title", what=_("Ce qui est à faire"))
    if "trade" in given:
        found["trade"] = cleaning.among(
            given["trade"], Trade, field="trade", sentence=_("Choisissez un métier de la liste.")
        )
    if "priority" in given:
        found["priority"] = cleaning.among(
            given["priority"],
            Incident.Priority,
            field="priority",
            sentence=_("Choisissez une priorité de la liste."),
        )
    for name, what in (("instructions", _("Consignes")), ("materials", _("Matériel"))):
        if name in given:
            found[name] = cleaning.paragraph(given[name], 2000, field=name, what=what, required=False)
    if "address" in given:
        found["address"] = cleaning.line(given["address"], 200, field="where", what=_("Lieu"), required=False)
    if "lon" in given:
        lon, lat = given["lon"], given["lat"]
        if lon is not None and lat is not None and not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise Refused("bad-point", _("Ce point n'est pas sur la carte : choisissez le lieu dans la liste."),
                          field="where")  # fmt: skip
        found["lon"], found["lat"] = (None, None) if None in {lon, lat} else (round(lon, 6), round(lat, 6))
    return found


def _due(due: datetime | None, priority: str, now: datetime) -> datetime:
    if due is None:
        return now + USUAL[priority]
    if not now - EARLIEST <= due <= now + FARTHEST:
        raise Refused(
            "bad-due", _("« À faire avant » : choisissez un moment à venir, dans les deux ans."), field="day"
        )
    return due


def _number(now: datetime) -> str:
    """Return the next number of the year: ``BI-2026-0012``."""
    year = now.astimezone(get_default_timezone()).year
    WorkNumber.objects.get_or_create(year=year)
    WorkNumber.objects.filter(year=year).update(last=F("last") + 1)
    return f"BI-{year}-{WorkNumber.objects.get(year=year).last:04}"


def change(user: Any, number: str, version: int | None = None, **given: Any) -> WorkOrder:
    """Change what is asked, where or before when; the crew that has it is told.

    Parameters
    ----------
    version : int, optional
        The version that was read: a change made meanwhile by somebody else refuses this one.
    """
    with transaction.atomic():
        found = holding.hold(number)
        authorise(user, ORDER, found)
        if not found.is_open:
            holding.next_state(found, "assign" if found.state == WorkOrder.State.FAILED else "accept")
        holding.same_version(found, version)
        words = checked(**given)
        if given.get("due") is not None and given["due"] != found.due:
            words["due"] = _due(given["due"], found.priority, service_now())
        words = {name: value for name, value in words.items() if getattr(found, name) != value}
        if not words:
            raise Refused("no-change", _("Rien n'a changé : tout est déjà ainsi."), status=409)
        fields = sorted(words)
        write(user, found, "change", text=", ".join(fields), payload={"fields": fields}, **words)
    return found


def assign(user: Any, number: str, to: str, *, version: int | None = None) -> WorkOrder:
    """Give an order to a crew (its id) or to an organisation (its id); whoever had it is told that it is no longer theirs."""
    with transaction.atomic():
        found = holding.hold(number)
        authorise(user, ORDER, found)
        holding.same_version(found, version)
        state = holding.next_state(found, "assign")
        crew = Crew.objects.filter(pid=to[:24], active=True).first() if to else None
        executor = Organisation.objects.filter(pid=to[:24]).first() if to and crew is None else None
        if crew is None and executor is None:
            raise Refused("no-crew", _("Choisissez une équipe ou un organisme de la liste."), field="to")
        if crew is not None and crew.organisation_id != found.organisation_id:
            authorise(user, ORDER, crew)
        held = found.state in {WorkOrder.State.ASSIGNED, WorkOrder.State.ACCEPTED, WorkOrder.State.ON_WAY, WorkOrder.State.ON_SITE}  # fmt: skip
        if held and (found.crew, found.executor) == (crew, executor):
            raise Refused("no-change", _("C'est déjà à qui elle est confiée."), status=409, field="to")
        before = found.crew.pid if found.crew is not None and found.crew != crew else ""
        write(
            user, found, "assign", payload={"before": before}, also=(before,), state=state, crew=crew,
            executor=executor, reason="", arrived=None, finished=None, result="",
        )  # fmt: skip
    return found


def unassign(user: Any, number: str) -> WorkOrder:
    """Take an order back from its crew before it has left."""
    with transaction.atomic():
        found = holding.hold(number)
        authorise(user, ORDER, found)
        state = holding.next_state(found, "unassign")
        before = found.crew.pid if found.crew is not None else ""
        write(user, found, "unassign", also=(before,), state=state, crew=None, executor=None, reason="")
    return found


def check(user: Any, number: str, text: str = "") -> WorkOrder:
    """Say that what was done has been looked at: the order is closed."""
    with transaction.atomic():
        found = holding.hold(number)
        authorise(user, ORDER, found)
        state = holding.next_state(found, "check")
        words = cleaning.paragraph(text, 1000, field="text", what=_("Remarque"), required=False)
        write(
            user,
            found,
            "check",
            text=words,
            payload={"result": found.result},
            state=state,
            closed=service_now(),
        )
    return found


def give_back(user: Any, number: str, reason: str) -> WorkOrder:
    """Send an order back to the crew that had it: not done as asked, or to be done after all."""
    with transaction.atomic():
        found = holding.hold(number)
        authorise(user, ORDER, found)
        state = holding.next_state(found, "return")
        words = cleaning.line(reason, 300, field="reason", what=_("Pourquoi"))
        due = max(found.due, service_now() + USUAL[found.priority])
        write(
            user, found, "return", text=words, state=state, reason=words, due=due, closed=None, finished=None,
            result="",
        )  # fmt: skip
    return found


def cancel(user: Any, number: str, reason: str = "") -> WorkOrder:
    """Say that an order is no longer to be done; the crew that has it is told."""
    with transaction.atomic():
        found = holding.hold(number)
        authorise(user, ORDER, found)
        state = holding.next_state(found, "cancel")
        words = cleaning.line(reason, 300, field="reason", what=_("Pourquoi"), required=False)
        write(user, found, "cancel", text=words, state=state, reason=words, closed=service_now())
    return found


def restore(user: Any, number: str) -> WorkOrder:
    """Take a cancelled order up again: it waits for a crew."""
    with transaction.atomic():
        found = holding.hold(number)
        authorise(user, ORDER, found)
        state = holding.next_state(found, "restore")
        due = max(found.due, service_now() + USUAL[found.priority])
        write(user, found, "restore", state=state, crew=None, executor=None, reason="", closed=None, due=due)
    return found
