"""Pauses of the service while a situation lasts: hours at which no trip is offered, stops that are not served.

What was promised is kept; where a promise meets a closed stop, somebody looks at it (:mod:`closed`).

An exercise pauses nothing: it is announced, marked, and everybody travels as usual.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.clock import service_now
from ressort.core.journal import record
from ressort.core.presets import Preset
from ressort.core.territory.models import Area
from ressort.services.transport.models import Pause
from ressort.web import words

ACTOR = "system:transport"
OPENED, CHANGED, CLOSED = (f"controlroom.situation.{deed}" for deed in ("opened", "changed", "closed"))
FOLLOWED = (OPENED, CHANGED, CLOSED)
HOURS = {"transport.hot_hours": (12 * 60, 17 * 60), "transport.standstill": (0, 24 * 60)}
"""Key of a preset -> hours of each day at which no trip is offered, in minutes after midnight."""
ZONE = "transport.closed_zone"
"""The preset that closes the stops of the situation's zone."""
UNFORESEEN = timedelta(hours=24)
"""How far ahead a pause holds when nobody knows its end."""


def react(event: Any) -> None:
    """Follow a situation: pause as it opens, move the end with it, start again as it closes. Twice is once."""
    said = json.loads(event.payload)
    with transaction.atomic():
        if event.kind == OPENED:
            for key in said.get("presets", ()):
                if key in HOURS or key == ZONE:
                    _begin(event, key, said)
        elif event.kind == CHANGED:
            until = parse_datetime(said.get("until") or "")
            for one in _standing(event.subject):
                if one.until != until:
                    Pause.objects.filter(pk=one.pk).update(until=until)
                    _tell("changed", event, one)
        else:
            for one in _standing(event.subject):
                Pause.objects.filter(pk=one.pk).update(ended=service_now())
                _tell("ended", event, one)


def _begin(event: Any, key: str, said: dict[str, Any]) -> None:
    opens, closes = HOURS.get(key, (0, 0))
    area = Area.objects.filter(public_id=said["area"]).first() if key == ZONE and said.get("area") else None
    if key == ZONE and area is None:
        return  # nothing to close: no zone was named
    made, new = Pause.objects.get_or_create(
        situation=event.subject,
        preset=key,
        defaults={
            "starts": opens,
            "ends": closes,
            "area": area,
            "exercise": bool(said.get("exercise")),
            "since": event.at,
            "until": parse_datetime(said.get("until") or ""),
        },
    )
    if new:
        _tell("began", event, made)


def _standing(situation: str) -> Any:
    return Pause.objects.select_for_update().filter(situation=situation, ended=None)


def _tell(deed: str, event: Any, pause: Pause) -> None:
    record(
        f"transport.pause.{deed}", actor=ACTOR, subject=f"pa_{pause.pk}", cause=str(event.id),
        payload={"situation": pause.situation, "preset": pause.preset, "exercise": pause.exercise,
                 "concerns": [pause.situation]},
    )  # fmt: skip


def standing() -> list[Pause]:
    """Return the pauses that stand, real ones first."""
    return list(Pause.objects.filter(ended=None).select_related("area").order_by("exercise", "pk"))


def holds(pause: Pause, at: datetime) -> bool:
    """Tell whether a pause, its hours apart, holds at a moment."""
    return pause.since <= at < (pause.until or service_now() + UNFORESEEN)


def without(
    spans: list[tuple[datetime, datetime]], pauses: list[Pause], midnight: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the openings of a day with the hours of its pauses taken out."""
    now = service_now()
    for one in pauses:
        start, end = midnight + timedelta(minutes=one.starts), midnight + timedelta(minutes=one.ends)
        start, end = max(start, one.since), min(end, one.until or now + UNFORESEEN)
        if start >= end:
            continue
        spans = [
            part
            for opens, closes in spans
            for part in ((opens, min(closes, start)), (max(opens, end), closes))
            if part[0] < part[1]
        ]
    return spans


def sentence(pause: Pause) -> str:
    """Return what a pause changes for people, in words."""
    if pause.preset == "transport.standstill":
        said = _("aucun trajet n'est proposé tant que la situation dure")
    elif pause.area is not None:
        said = _("les arrêts de la zone « %(zone)s » ne sont pas desservis") % {"zone": pause.area.name}
    else:
        said = _("aucun trajet n'est proposé de %(start)s à %(end)s") % {
            "start": words.clock_face(pause.starts // 60),
            "end": words.clock_face(pause.ends // 60),
        }
    if pause.exercise:
        return _("EXERCICE : %(said)s. C'est annoncé, pas appliqué : réservez comme d'habitude.") % {
            "said": said
        }
    if pause.area is not None:
        return _(
            "Situation en cours : %(said)s. Un trajet y est déjà réservé ? Le service vous rappelle."
        ) % {"said": said}
    return _("Situation en cours : %(said)s. Les trajets déjà réservés sont tenus.") % {"said": said}


def _said(key: str) -> Any:
    def told(situation: str) -> str:
        found = (
            Pause.objects.filter(situation=situation, preset=key, ended=None).select_related("area").first()
        )
        return sentence(found) if found else ""

    return told


def presets() -> tuple[Preset, ...]:
    """Return what transport does when a situation is declared."""
    return (
        Preset(
            "transport.hot_hours",
            ("heat",),
            gettext_lazy("Transport : pas de trajet aux heures chaudes"),
            gettext_lazy("Aucun trajet n'est proposé de 12 h à 17 h ; ceux qui sont réservés sont tenus."),
            _said("transport.hot_hours"),
        ),
        Preset(
            "transport.standstill",
            ("flood", "storm", "snow", "industrial"),
            gettext_lazy("Transport : plus de nouveau trajet"),
            gettext_lazy(
                "Aucun trajet n'est proposé tant que la situation dure ; ceux qui sont réservés sont tenus."
            ),
            _said("transport.standstill"),
        ),
        Preset(
            ZONE,
            ("flood", "fire", "industrial", "event"),
            gettext_lazy("Transport : arrêts de la zone fermés"),
            gettext_lazy(
                "Personne ne monte ni ne descend dans la zone choisie ; les arrêts d'à côté restent proposés."
            ),
            _said(ZONE),
            zoned=True,
        ),
    )
