"""Planning: where the vehicle is and goes, the way of the emergency profile, and what of the register lies on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.core.network.answers import Route, Unreachable
from ressort.core.network.router import Router
from ressort.engines import corridor as engine
from ressort.engines.geodesy import box_of, distance, grown
from ressort.services.controlroom.clearances.deciding import Rights
from ressort.services.controlroom.corridors.models import Corridor, CorridorItem
from ressort.services.controlroom.equipment import approaches
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.incidents.actions import holding as incidents
from ressort.services.controlroom.incidents.models import Incident

OPEN = "controlroom.corridor.open"
ASKED = {"signal_junction": "priority", "bollard": "lower"}
"""What is asked of each class of equipment on a way."""
LEAD, MARGIN, DELAY = (15, 90), (5, 120), (0, 900)
"""Least and most seconds. A junction needs up to 22 s to change (green 10, amber 3, clearance 9): never under 15."""
USUAL_LEAD, USUAL_MARGIN = 30, 20
SHORTEST = 30
"""Metres: nearer than that the vehicle is there."""
FARTHEST = 60_000
MOST = 200
"""Things on one way."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a way: its words and its point."""

    address: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants opened.

    Attributes
    ----------
    lead, margin, delay : int
        Seconds before the passage, after it, and before the vehicle leaves.
    incident : str
        Number of the incident that it serves, empty for none.
    """

    origin: End
    destination: End
    reason: str
    lead: int = USUAL_LEAD
    margin: int = USUAL_MARGIN
    delay: int = 0
    incident: str = ""


def plan(user: Any, draft: Draft, *, now: datetime | None = None) -> Corridor:
    """Route a vehicle and note what lies on its way; nothing is asked of the street yet.

    Raises
    ------
    Refused
        With the end that is unknown, or the one that no street reaches.
    """
    at = now or wall_now()
    authorise(user, OPEN)
    incident = _incident(user, draft.incident)
    for name, (low, high) in (("lead", LEAD), ("margin", MARGIN), ("delay", DELAY)):
        if not low <= getattr(draft, name) <= high:
            raise Refused(
                "bad-seconds",
                _("Écrivez un nombre de secondes de %(low)s à %(high)s.") % {"low": low, "high": high},
                field=name,
            )
    reason = _reason(draft.reason)
    route = routed(draft.origin, draft.destination)
    way = engine.paced(
        route.geometry, [(move.begin, move.seconds) for leg in route.legs for move in leg.instructions]
    )
    items = on_the_way(way)
    rights = Rights(user, at)
    for one in items:
        one.chosen = one.chosen and rights.command(one.asset).ok
    with transaction.atomic():
        made = Corridor.objects.create(
            incident=incident,
            origin=draft.origin.address,
            destination=draft.destination.address,
            line=[
                [lon, lat, round(seconds, 1)]
                for (lon, lat), seconds in zip(way.line, way.seconds, strict=True)
            ],
            seconds=math.ceil(way.seconds[-1]),
            metres=route.metres,
            lead=draft.lead,
            margin=draft.margin,
            delay=draft.delay,
            reason=reason,
            actor=user.pid,
            planned=at,
        )
        for number, one in enumerate(items, 1):
            one.corridor, one.number, one.metres = made, number, min(one.metres, route.metres)
        CorridorItem.objects.bulk_create(items)
        tell("planned", made, user.pid, items=len(items), seconds=made.seconds, metres=made.metres)
    return made


def tell(what: str, corridor: Corridor, actor: str, **more: Any) -> None:
    """Record what became of a corridor; the log of its incident tells it."""
    incident = corridor.incident
    subject = incident.pid if incident else corridor.pid
    payload = {"corridor": corridor.pid, "concerns": [corridor.pid], **more}
    if incident:
        payload["number"] = incident.number
    record(f"controlroom.corridor.{what}", actor=actor, subject=subject, payload=payload)


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said or len(said) > 200:
        raise Refused(
            "no-reason",
            _("Dites pourquoi, en 200 caractères au plus : c'est gardé avec chaque commande."),
            field="reason",
        )
    return said


def _incident(user: Any, number: str) -> Incident | None:
    if not number:
        return None
    found = incidents.find(number)
    authorise(user, incidents.HANDLE, found)
    if not found.is_open:
        raise Refused(
            "incident-closed",
            _("L'incident %(number)s n'est plus ouvert : rouvrez-le d'abord.") % {"number": number},
            status=409,
        )
    return found


def routed(origin: End, destination: End) -> Route:
    """Return the way of a rescue vehicle."""
    ends = []
    for field, end in (("origin", origin), ("destination", destination)):
        if end.lon is None or end.lat is None:
            raise Refused(
                "no-point",
                _("Ce lieu n'est pas sur la carte : choisissez-le dans la liste.")
                if end.address
                else _("Dites d'où part le véhicule.")
                if field == "origin"
                else _("Dites où va le véhicule."),
                field=field,
            )
        ends.append((end.lon, end.lat))
    apart = distance(*ends[0], *ends[1])
    if apart < SHORTEST:
        raise Refused(
            "too-near", _("Le véhicule y est déjà : choisissez un autre lieu."), field="destination"
        )
    if apart > FARTHEST:
        raise Refused(
            "too-far", _("C'est à plus de 60 km : choisissez un lieu du territoire."), field="destination"
        )
    router = Router.active()
    for field, point in zip(("origin", "destination"), ends, strict=True):
        if router.snap(point, "emergency") is None:
            raise Refused("no-street", _("Ce lieu est loin de toute rue praticable."), field=field)
    route = router.route(ends, "emergency")
    if isinstance(route, Unreachable):
        raise Refused(route.code, route.sentence, field="destination")
    if len(route.geometry) < 2 or route.seconds <= 0:
        raise Refused(
            "too-near", _("Le véhicule y est déjà : choisissez un autre lieu."), field="destination"
        )
    return route


def on_the_way(way: engine.Way) -> list[CorridorItem]:
    """Return what of the register lies on a way, in order, with what would be asked of it."""
    west, south, east, north = grown(box_of(way.line), engine.REACH)
    near = {
        one.pk: one
        for one in Asset.objects.filter(
            kind__in=ASKED, lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north
        )
        .select_related("organisation")
        .order_by("pk")
    }
    met = engine.meets(way, [engine.Spot(pk, one.lon, one.lat) for pk, one in near.items()])
    return [_item(near[one.key], one) for one in met[:MOST]]


def _item(asset: Asset, met: engine.Met) -> CorridorItem:
    verb = ASKED[asset.kind]
    params: dict[str, int] = {}
    known = False
    if verb == "priority":
        approach = engine.approach(met.heading, approaches.declared(asset))
        known = approach is not None
        params = {"approach": approach or 1}
    made = CorridorItem(
        asset=asset,
        verb=verb,
        params=params,
        known=known,
        metres=round(met.metres),
        seconds=round(met.seconds, 1),
        aside=round(met.aside),
        heading=round(met.heading) % 360,
    )
    made.chosen = made.capability is not None
    return made
