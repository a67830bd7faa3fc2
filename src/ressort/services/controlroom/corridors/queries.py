"""What pages read of corridors: what stands where on the way, when, and how it answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.accounts import policy
from ressort.core.accounts.models import User
from ressort.core.network.build import active_version
from ressort.core.network.models import Feature
from ressort.engines.geodesy import Box, box_of, distance, grown
from ressort.services.controlroom.clearances.deciding import Rights, Verdict
from ressort.services.controlroom.clearances.models import Clearance
from ressort.services.controlroom.corridors import following
from ressort.services.controlroom.corridors.models import Corridor, CorridorItem
from ressort.services.controlroom.equipment.kinds import KINDS
from ressort.services.controlroom.equipment.models import Asset, Command
from ressort.services.controlroom.equipment.witness_models import Witness
from ressort.web import states, words

State = Command.State
BASES = {"fire_station": gettext_lazy("Centre de secours"), "hospital": gettext_lazy("Hôpital")}
MOST = 30
ENDED = 20
WHY = {
    "state-unknown": gettext_lazy("Sans nouvelles : interdit"),
    "contradicted": gettext_lazy("Contredit par son témoin : interdit"),
    "controller-fault": gettext_lazy("Défaut du contrôleur : interdit"),
    "loop-not-free": gettext_lazy("Boucle occupée : interdit"),
    "under-repair": gettext_lazy("En travaux"),
    "cannot": gettext_lazy("Pas commandé d'ici"),
    "forbidden": gettext_lazy("D'une autre organisation"),
    "clearance-over": gettext_lazy("Habilitation finie"),
    "clearance-class": gettext_lazy("Hors de l'habilitation"),
    "limited": gettext_lazy("Hors de votre habilitation"),
    "no-person": gettext_lazy("Compte de l'opérateur fermé"),
    "shadow": gettext_lazy("Notée, rien n'est parti"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as people read it: code and word of its state, and when it is reached."""

    item: CorridorItem
    name: str
    icon: str
    code: str
    hue: str
    word: str
    when: str
    approach: int | None
    passable: bool
    openable: bool
    barred: str
    under: Clearance | None

    @property
    def behind(self) -> bool:
        """Whether it has been given back."""
        return self.item.freed is not None


def shown(corridor: Corridor, now: datetime, user: Any = None) -> list[Shown]:
    """Return what stands on a way, in order."""
    rows = list(corridor.items.select_related("asset__organisation", "command"))
    against = Witness.objects.filter(asset__in={one.asset_id for one in rows}, contradicted__isnull=False)
    return listed_items(corridor, rows, now, user, set(against.values_list("asset__pid", flat=True)))


def listed_items(
    corridor: Corridor,
    rows: list[CorridorItem],
    now: datetime,
    user: Any = None,
    against: AbstractSet[str] = frozenset(),
) -> list[Shown]:
    """Return some passages, in order, as people read them; ``against``: the equipment that its witness contradicts."""
    opens = user is not None and policy.allowed(user, "controlroom.corridor.open")
    rights = Rights(user, now) if opens else None
    found = [_shown(corridor, one, name, now, rights) for one, name in zip(rows, named(rows), strict=True)]
    return [_doubted(one) if one.item.asset.pid in against else one for one in found]


def _doubted(one: Shown) -> Shown:
    """Return something that says it is open while its witness sees otherwise: nobody is told to drive through."""
    if one.code != "confirmed":
        return one
    return replace(one, code="failed", hue=states.state("failed").hue, word=_("Contredite par le témoin"))


def named(items: list[CorridorItem]) -> list[str]:
    """Return the name of each passage: what is passed again says so."""
    times: Counter[int] = Counter()
    found = []
    for one in items:
        times[one.asset_id] += 1
        again = times[one.asset_id]
        found.append(
            one.asset.name
            if again == 1
            else _("%(name)s, passage %(n)s") % {"name": one.asset.name, "n": again}
        )
    return found


def _shown(corridor: Corridor, item: CorridorItem, name: str, now: datetime, rights: Rights | None) -> Shown:
    code, word = _state(corridor, item)
    is_open = corridor.state == Corridor.State.OPEN
    verdict = Verdict(ok=True) if rights is None else rights.command(item.asset)
    return Shown(
        item,
        name,
        KINDS[item.asset.kind].icon,
        code,
        states.state(code).hue,
        word,
        _when(corridor, item, now),
        item.params.get("approach"),
        is_open and item.chosen and item.passed is None,
        item.capability is not None and verdict.ok,
        verdict.why,
        verdict.under,
    )


def _when(corridor: Corridor, item: CorridorItem, now: datetime) -> str:
    if corridor.state == Corridor.State.OVER:
        return ""
    if corridor.state != Corridor.State.OPEN:
        return _("à %(time)s du départ") % {"time": clock(item.seconds)}
    if item.passed:
        return _("passé")
    if item.freed:
        return _("supposé passé")
    left = item.seconds - corridor.elapsed(now)
    return (_("dans %(time)s") if left >= 0 else _("attendu depuis %(time)s")) % {"time": clock(abs(left))}


def clock(seconds: float) -> str:
    """Return a duration by the second: « 45 s », « 1 min 20 »."""
    whole = round(seconds)
    return (
        _("%(s)s s") % {"s": whole}
        if whole < 60
        else _("%(m)s min %(s)02d") % {"m": whole // 60, "s": whole % 60}
    )


def _state(corridor: Corridor, item: CorridorItem) -> tuple[str, str]:
    """Return the code (colour and shape) and the word of an item."""
    if item.capability is None:
        return "off", str(WHY["cannot"])
    if not item.chosen:
        return "idle", _("Laissé de côté")
    if item.command is None:
        if item.why:
            return "refused", str(WHY.get(item.why, _("Refusé")))
        if corridor.state == Corridor.State.OVER or item.freed:
            return "idle", _("Jamais ouvert")
        return "planned", _("Prévu")
    return _asked(item, item.command)


def _asked(item: CorridorItem, command: Command) -> tuple[str, str]:
    if command.held:
        return "confirmed", _("Abaissée") if item.verb == "lower" else _("Priorité donnée")
    given = item.freed is not None
    found = {
        State.DRAFTED: ("waiting", _("À approuver")),
        State.CHECKED: ("sent", _("Demandée")),
        State.SENT: ("sent", _("Envoyée")),
        State.ACCEPTED: ("running", _("Reçue, pas encore confirmée")),
        State.REFUSED: ("refused", str(WHY.get(command.why, _("Refusée")))),
        State.TIMED_OUT: ("stale", _("Sans confirmation")),
        State.SUPERSEDED: ("idle", _("Rendu sans confirmation"))
        if given
        else ("cancelled", _("Remplacée par une autre")),
        State.CANCELLED: ("idle", _("Annulée")),
        State.CONFIRMED: ("done", _("Ouvert puis rendu")) if given else ("failed", _("N'a pas tenu")),
    }
    return found[State(command.state)]


def counts(items: list[Shown]) -> dict[str, int]:
    """Return how many are open, wait, and fail."""
    codes = [one.code for one in items]
    return {
        "open": codes.count("confirmed"),
        "asked": codes.count("sent") + codes.count("running") + codes.count("waiting"),
        "failed": sum(codes.count(one) for one in ("refused", "stale", "failed", "cancelled")),
        "planned": codes.count("planned"),
        "done": codes.count("done"),
    }


def listed(*states: str) -> QuerySet[Corridor]:
    """Return corridors in some states, newest first, with how many things each opens."""
    chosen = Count("items", filter=Q(items__chosen=True))
    return Corridor.objects.filter(state__in=states).select_related("incident").annotate(chosen=chosen)


def names(corridor: Corridor) -> dict[str, str]:
    """Return the names of who asked for a corridor, and of who agreed."""
    found = dict(User.objects.filter(pid__in=[corridor.actor, corridor.approver]).values_list("pid", "name"))
    return {"actor": found.get(corridor.actor, "–"), "approver": found.get(corridor.approver, "")}


def bases(near: tuple[float, float] | None = None) -> list[tuple[str, str, float, float]]:
    """Return fire stations and hospitals of the street network, nearest first: key, words, longitude, latitude."""
    version = active_version()
    if version is None:
        return []
    found = [
        (f"{one.pk}", one.name or str(BASES[one.kind]), one.lon, one.lat)
        for one in Feature.objects.filter(version=version, kind__in=BASES).order_by("name", "number")[:400]
    ]
    if near:
        found.sort(key=lambda one: distance(near[0], near[1], one[2], one[3]))
        found = [
            (key, f"{name} · {words.distance(distance(near[0], near[1], lon, lat))}", lon, lat)
            for key, name, lon, lat in found
        ]
    return found[:MOST]


def bounds(corridor: Corridor) -> Box | None:
    """Return the box around a way, None when it has been emptied."""
    return grown(box_of((lon, lat) for lon, lat, __ in corridor.line), 150) if corridor.line else None


def layers(corridor: Corridor) -> list[dict[str, Any]]:
    """Return the layers of a corridor's own map: what stands on its way, and the way."""
    topic = f"subject:{corridor.pid}"
    from ressort.core.live import tokens

    def one(key: str, label: str, shape: str, hue: str) -> dict[str, Any]:
        source = f"{reverse('controlroom:corridor_map', args=[corridor.pid])}?couche={key}"
        return {
            "key": f"corridor-{key}", "label": label, "service": "", "source": source, "shape": shape, "hue": hue,
            "visible": True, "topic": topic, "channel": "", "token": tokens.sign(topic),
        }  # fmt: skip

    moving = [one("vehicle", corridor.vehicle.name, "circle", "warn")] if corridor.vehicle else []
    return [
        *moving,
        one("open", _("Ouverts"), "square", "ok"),  # the first is drawn above the others
        one("wrong", _("Ne s'ouvrent pas"), "square", "bad"),
        one("ahead", _("À venir, rendus"), "square", "info"),
        one("way", _("Chemin"), "line", "ok"),
    ]


_WRONG = {"refused", "stale", "failed", "off", "cancelled"}


def drawn(corridor: Corridor, layer: str, now: datetime) -> dict[str, Any]:
    """Return a layer of a corridor's own map as GeoJSON."""
    if layer == "way":
        return {"type": "FeatureCollection", "features": [line(corridor, 1)] if corridor.line else []}
    features: list[dict[str, Any]] = []
    if layer == "vehicle":
        where = following.place(corridor) if corridor.state == Corridor.State.OPEN else None
        if where and corridor.vehicle:
            name = corridor.vehicle.name
            features.append(
                {"type": "Feature", "id": 1, "geometry": {"type": "Point", "coordinates": list(where)},
                 "properties": {"id": corridor.vehicle.pid, "name": name, "label": name}}
            )  # fmt: skip
        return {"type": "FeatureCollection", "features": features}
    for one in shown(corridor, now):
        kept = "open" if one.code == "confirmed" else "wrong" if one.code in _WRONG else "ahead"
        if kept == layer:
            point = {"type": "Point", "coordinates": [one.item.asset.lon, one.item.asset.lat]}
            label = f"{one.item.number}. {one.name} · {one.word}"
            features.append(
                {"type": "Feature", "id": one.item.number, "geometry": point,
                 "properties": {"id": one.item.asset.pid, "name": one.name, "label": label}}
            )  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def geojson() -> dict[str, Any]:
    """Return the ways of the open corridors, for the maps of the console."""
    rows = Corridor.objects.filter(state=Corridor.State.OPEN)
    return {
        "type": "FeatureCollection",
        "features": [line(one, one.pk) for one in rows if one.line],
    }


def line(corridor: Corridor, number: int) -> dict[str, Any]:
    """Return a way as a feature of GeoJSON."""
    points = [[lon, lat] for lon, lat, __ in corridor.line]
    label = _("Couloir d'urgence")
    return {
        "type": "Feature",
        "id": number,
        "geometry": {"type": "LineString", "coordinates": points},
        "properties": {
            "id": corridor.pid,
            "name": label,
            "label": f"{label} · {corridor.destination}".rstrip(" ·"),
        },
    }


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what is kept of a person here."""
    return {
        "controlroom.Corridor": [
            {_("Motif"): one.reason if one.actor == pid else "", _("Calculé"): one.planned}
            for one in Corridor.objects.filter(Q(actor=pid) | Q(approver=pid))
        ]
    }


def erase(pid: str) -> None:
    """Empty names and reasons; that a street was opened stays."""
    Corridor.objects.filter(actor=pid).update(actor="", reason="")
    Corridor.objects.filter(approver=pid).update(approver="")


def of_incident(incident: Any) -> list[Corridor]:
    """Return the corridors of an incident, newest first."""
    return list(Corridor.objects.filter(incident=incident).exclude(state=Corridor.State.PLANNED)[:6])


def commandable() -> bool:
    """Tell whether anything of the register could open at all."""
    return Asset.objects.filter(kind__in=("signal_junction", "bollard")).exclude(driver="").exists()
