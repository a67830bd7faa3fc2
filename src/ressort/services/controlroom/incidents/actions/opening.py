"""Opening an incident, and giving it its number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.services.controlroom.incidents import clocks
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.models import Incident, Numbering
from ressort.services.controlroom.incidents.situation_models import Situation

OPEN = "controlroom.incident.open"
_SOURCE = re.compile(r"(alarm|report|call|paper):([A-Za-z0-9_.-]{1,40})")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody says when an incident is opened.

    Attributes
    ----------
    source : str
        ``alarm:<id>``, ``report:<id>``, ``call:<id>``, ``paper:<code of the sheet>``, or nothing.
    situation : str
        Pseudonymous id of an open situation, or nothing.
    organisation : str
        Pseudonymous id of the organisation in whose name it is opened; nothing: the person's first.
    """

    title: str
    category: str
    priority: str
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    source: str = ""
    situation: str = ""
    organisation: str = ""


def source_of(text: str) -> tuple[str, str]:
    """Return kind and id of ``?source=<kind>:<id>``; opened by hand when it is nothing of that shape."""
    found = _SOURCE.fullmatch(text or "")
    return (found[1], found[2]) if found else (str(Incident.Source.HAND), "")


def open_incident(user: Any, draft: Draft) -> Incident:
    """Open an incident: it has a number, clocks that run, and waits for somebody to take it in charge."""
    home = holding.home(user, OPEN, draft.organisation)
    kind, source_id = source_of(draft.source)
    with transaction.atomic():
        now = service_now()
        words = checked(title=draft.title, category=draft.category, priority=draft.priority,
                        address=draft.address, lon=draft.lon, lat=draft.lat)  # fmt: skip
        situation = open_situation(draft.situation)
        take_by, solve_by = clocks.limits(words["priority"], now)
        made = Incident.objects.create(
            number=_number(now),
            organisation_id=home,
            source=kind,
            source_id=source_id,
            situation=situation,
            opened=now,
            counted=now,
            take_by=take_by,
            solve_by=solve_by,
            **words,
        )
        payload: dict[str, object] = {
            "number": made.number,
            "priority": made.priority,
            "category": made.category,
            "source": kind,
        }
        if source_id:
            payload["source_id"] = f"{kind}:{source_id}"  # never digits alone, which could be a telephone
        if made.exercise:
            payload["exercise"] = True
        record("controlroom.incident.opened", actor=user.pid, subject=made.pid, payload=payload)
    return made


def checked(**given: Any) -> dict[str, Any]:
    """Return the words of an incident, each checked; those that were not given are left out."""
    found: dict[str, Any] = {}
    if "title" in given:
        found["title"] = holding.line(given["title"], 120, field="title", what=_("Titre"))
    if "category" in given:
        found["category"] = holding.among(
            given["category"],
            Incident.Category,
            field="category",
            sentence=_("Choisissez une catégorie de la liste."),
        )
    if "priority" in given:
        found["priority"] = holding.among(
            given["priority"],
            Incident.Priority,
            field="priority",
            sentence=_("Choisissez une priorité de la liste."),
        )
    if "address" in given:
        found["address"] = holding.line(given["address"], 200, field="where", what=_("Lieu"), required=False)
    if "lon" in given:
        found["lon"], found["lat"] = _point(given["lon"], given["lat"])
    return found


def _point(lon: float | None, lat: float | None) -> tuple[float | None, float | None]:
    if lon is None or lat is None:
        return None, None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Refused(
            "bad-point",
            _("Ce point n'est pas sur la carte : choisissez le lieu dans la liste."),
            field="where",
        )
    return round(lon, 6), round(lat, 6)


def open_situation(pid: str) -> Situation | None:
    """Return the open situation of that id; None for no id."""
    if not pid:
        return None
    found = Situation.objects.filter(pid=pid, closed=None).first()
    if found is None:
        raise Refused(
            "situation-closed",
            _("Cette situation est terminée : choisissez-en une autre."),
            field="situation",
            status=409,
        )
    return found


def _number(now: datetime) -> str:
    """Return the next number of the year: ``INC-2026-0012``."""
    year = now.astimezone(get_default_timezone()).year
    Numbering.objects.get_or_create(year=year)
    Numbering.objects.filter(year=year).update(last=F("last") + 1)
    last = Numbering.objects.get(year=year).last
    return f"INC-{year}-{last:04}"
