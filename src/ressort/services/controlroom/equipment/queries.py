"""What people look at of the equipment: the map, the list, one piece with its curve, the commands."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.accounts.models import User
from ressort.core.clock import service_now
from ressort.core.intake import reading
from ressort.core.intake.models import Series
from ressort.core.intake.readings import instant, milliseconds
from ressort.core.journal.models import Event
from ressort.core.live.latest import hub
from ressort.engines import series as codec
from ressort.services.controlroom.clearances.deciding import Rights
from ressort.services.controlroom.equipment import crowd, states
from ressort.services.controlroom.equipment.interlocks import Seen
from ressort.services.controlroom.equipment.kinds import KINDS, NAMES
from ressort.services.controlroom.equipment.models import Asset, Command
from ressort.web import words
from ressort.web.charts import Chart
from ressort.web.charts import Series as Curve

CHANNELS = {"signal_junction": "signals", "bollard": "bollards", "siren": "bollards"} | dict.fromkeys(
    ("traffic_counter", "air_sensor", "car_park", "camera", "vehicle", "building_alarm"), "sensors"
)
"""Live channels of the map, by class: id of the equipment -> what :func:`shown` returns."""
CURVE_HOURS = 24
CURVE_POINTS = 48
ENDED = 40


@dataclass(frozen=True, slots=True)
class Standing:
    """A piece of equipment with what is known of it now."""

    asset: Asset
    seen: dict[str, Seen]
    stale: bool
    words: str
    at: datetime | None
    code: str


def standing(assets: Iterable[Asset]) -> list[Standing]:
    """Return equipment with its state, in two queries."""
    rows = list(assets)
    known = states.known(one.device_id for one in rows)
    now = milliseconds(service_now())
    return [_standing(one, known.get(one.device_id or 0, {}), now) for one in rows]


def stood(assets: Iterable[Asset], at: datetime) -> list[Standing]:
    """Return equipment as it was at a past moment."""
    rows = list(assets)
    known = states.known_at((one.device_id for one in rows), at)
    upkeep, against = _upkeep_at(at), contradicted_at(at)
    for one in rows:
        one.upkeep = upkeep.get(one.pid, one.upkeep)
        if one.pid in against and (seen := known.get(one.device_id or 0)):
            known[one.device_id or 0] = {
                name: replace(said, contradicted=True) for name, said in seen.items()
            }
    return [_standing(one, known.get(one.device_id or 0, {}), milliseconds(at)) for one in rows]


_WITNESSED = tuple(f"controlroom.equipment.{what}" for what in ("contradicted", "agreed", "witness"))


def contradicted_at(at: datetime) -> set[str]:
    """Return the ids of the equipment that its witness contradicted at a moment."""
    told = Event.objects.filter(kind__in=_WITNESSED, at__lte=at).order_by("seq")
    last = dict(told.values_list("subject", "kind"))
    return {pid for pid, kind in last.items() if kind == _WITNESSED[0]}


def _upkeep_at(at: datetime) -> dict[str, str]:
    """Return the maintenance state at a moment of the equipment whose state has been noted since."""
    noted = Event.objects.filter(kind="controlroom.equipment.upkeep").order_by("seq")
    since = set(noted.filter(at__gt=at).values_list("subject", flat=True))
    before = noted.filter(at__lte=at, subject__in=since).values_list("subject", "payload")
    return dict.fromkeys(since, str(Asset.Upkeep.IN_SERVICE)) | {
        subject: json.loads(payload)["state"] for subject, payload in before
    }


def _standing(asset: Asset, seen: dict[str, Seen], now: int) -> Standing:
    kind = asset.declared
    stale = states.is_stale(kind, seen, now)
    last = seen.get(kind.state)
    return Standing(
        asset, seen, stale, states.state_words(kind, seen), instant(last.at) if last else None, _code(asset, seen, stale=stale)
    )  # fmt: skip


def _code(asset: Asset, seen: dict[str, Seen], *, stale: bool) -> str:
    """Return the state by which equipment is listed and drawn."""
    if asset.upkeep != Asset.Upkeep.IN_SERVICE:
        return "off"
    if any(one.contradicted for one in seen.values()):
        return "contradicted"
    if stale:
        return "stale"
    if any((one := seen.get(name)) is not None and one.value is True for name in ("fault", "alarm")):
        return "failed"
    return "active"


def _place(one: Standing) -> tuple[float, float]:
    """Return where a piece of equipment is: a vehicle, where its device says."""
    lon, lat = one.seen.get("lon"), one.seen.get("lat")
    if one.asset.kind != "vehicle" or one.stale or lon is None or lat is None:
        return one.asset.lon, one.asset.lat
    return float(lon.value), float(lat.value)


def shown(one: Standing, at: datetime | None = None) -> dict[str, Any]:
    """Return what the map needs of a piece of equipment, now or at a past moment."""
    said = _("sans nouvelles") if one.stale else one.words
    if one.code == "contradicted":
        said = _("%(said)s, contredit par son témoin") % {"said": said}
    lon, lat = _place(one)
    return {
        "lon": round(lon, 6),
        "lat": round(lat, 6),
        "kind": one.asset.kind,
        "state": one.code,
        "stale": one.stale,
        "resting": True,
        "name": one.asset.name,
        "label": f"{one.asset.name} · {said}",
        "panel": reverse("controlroom:asset", args=[one.asset.pid])
        if at is None
        else f"{reverse('controlroom:asset_then', args=[one.asset.pid])}?a={at.timestamp():.3f}",
    }


def geojson(kinds: Iterable[str] = (), at: datetime | None = None) -> dict[str, Any]:
    """Return the equipment as GeoJSON points with their state, now or at a past moment."""
    rows = Asset.objects.all()
    if wanted := list(kinds):
        rows = rows.filter(kind__in=wanted)
    rows = rows.order_by("pk")
    features = []
    for number, one in enumerate(standing(rows) if at is None else stood(rows, at), 1):
        value = shown(one, at)
        point = {"type": "Point", "coordinates": [value.pop("lon"), value.pop("lat")]}
        features.append(
            {"type": "Feature", "id": number, "geometry": point, "properties": {"id": one.asset.pid, **value}}
        )
    return {"type": "FeatureCollection", "features": features}


def publish(arrivals: Any) -> None:
    """Tell the open maps what has just changed."""
    series = {int(pk) for pk in arrivals["series"]}
    crowd.hear(series)
    for chunk in range(0, len(series), 500):
        part = sorted(series)[chunk : chunk + 500]
        _publish(Asset.objects.filter(device__series__in=part, kind__in=CHANNELS).distinct())


def show(assets: Iterable[int]) -> None:
    """Tell the open maps that something else than a word of theirs changed some equipment."""
    _publish(Asset.objects.filter(pk__in=list(assets), kind__in=CHANNELS))


def _publish(assets: Iterable[Asset]) -> None:
    values: dict[str, dict[str, Any]] = {}
    for one in standing(assets):
        values.setdefault(CHANNELS[one.asset.kind], {})[one.asset.pid] = shown(one)
    for channel, newest in values.items():
        hub.publish(f"controlroom.{channel}", newest)


def listed(kind: str = "", state: str = "", search: str = "") -> list[str]:
    """Return the ids of the equipment that matches, by name: tens of thousands of them cost one narrow query."""
    rows = Asset.objects.order_by("name", "code")
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(code__icontains=search))
    pids = rows.values_list("pid", flat=True)
    if not state:
        return list(pids)
    wanted = crowd.in_state(state)
    return [pid for pid in pids if pid in wanted]


def called(pids: Iterable[str]) -> list[Standing]:
    """Return some equipment with its state, in the order asked for."""
    wanted = list(pids)
    rows = {
        one.pid: one for one in Asset.objects.select_related("organisation", "parent").filter(pid__in=wanted)
    }
    return standing(rows[pid] for pid in wanted if pid in rows)


def curve(asset: Asset) -> Chart | None:
    """Return the last day of the figure that the equipment shows first, None when it shows none."""
    kind = asset.declared
    series = Series.objects.filter(device=asset.device_id, observed=kind.state, kind="number").first()
    if series is None or asset.device_id is None:
        return None
    now = service_now()
    points = reading.between(series.pk, now - timedelta(hours=CURVE_HOURS), now + timedelta(seconds=1))
    if not len(points[0]):
        return None
    at, mean, __, __ = codec.thin(points, CURVE_POINTS)
    zone = ZoneInfo(settings.TIME_ZONE)
    return Chart(
        title=str(NAMES[kind.state]),
        labels=[words.hour(instant(int(one)).astimezone(zone)) for one in at],
        series=[Curve(str(NAMES[kind.state]), [round(float(value), 1) for value in mean])],
        kind="lines",
        unit=series.unit,
        hue="controlroom",
    )


# ------------------------------------------------------------------ commands


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with the name of whoever asked, and of whoever approved; whether the reader may act on it."""

    command: Command
    label: str
    by: str
    approver: str
    mine: bool
    contradicted: bool
    may: bool = False


def _told(rows: Iterable[Command], user: Any, rights: Rights | None = None) -> list[Asked]:
    commands = list(rows)
    against = _contradicted(commands)
    pids = {one.actor for one in commands} | {one.approver for one in commands}
    names = dict(User.objects.filter(pid__in=pids - {""}).values_list("pid", "name"))
    return [
        Asked(
            one,
            str(one.capability.label) if one.capability else one.verb,
            names.get(one.actor, _("automate") if one.actor.startswith("system:") else "–"),
            names.get(one.approver, ""),
            one.actor == user.pid,
            one.pk in against,
            rights is not None and rights.command(one.asset).ok,
        )
        for one in commands
    ]


def _contradicted(commands: list[Command]) -> set[int]:
    """Return, among some commands, those whose end the witness of their equipment contradicts now: the last confirmed of each."""
    rows = Command.objects.filter(
        asset__in={one.asset_id for one in commands},
        asset__witness__contradicted__isnull=False,
        state=Command.State.CONFIRMED,
    )
    return set(dict(rows.order_by("ended").values_list("asset", "pk")).values())


def _commands() -> QuerySet[Command]:
    return Command.objects.select_related("asset__organisation")


def under_way(user: Any) -> dict[str, list[Asked]]:
    """Return the commands that wait for approval, are under way, hold something, and the last that ended."""
    state, rights = Command.State, Rights(user)
    return {
        "waiting": _told(_commands().filter(state=state.DRAFTED), user, rights),
        "moving": _told(_commands().filter(state__in=(state.CHECKED, state.SENT, state.ACCEPTED)), user),
        "held": _told(_commands().filter(held=True), user, rights),
        "ended": _told(_commands().filter(state__in=Command.ENDS)[:ENDED], user),
    }


def of_asset(asset: Asset, user: Any, limit: int = 6) -> list[Asked]:
    """Return the last commands of a piece of equipment."""
    return _told(_commands().filter(asset=asset)[:limit], user)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what is kept of a person here."""
    from ressort.services.controlroom.equipment.models import Emergency

    return {
        "controlroom.Command": [
            {
                _("Équipement"): one.asset.name,
                _("Commande"): str(one.capability.label) if one.capability else one.verb,
                _("Motif"): one.reason if one.actor == pid else "",
                _("Demandée"): one.asked,
            }
            for one in _commands().filter(Q(actor=pid) | Q(approver=pid))
        ],
        "controlroom.Emergency": [
            {_("Motif"): one.reason, _("Depuis"): one.since} for one in Emergency.objects.filter(by=pid)
        ],
    }


def places() -> QuerySet[Asset]:
    """Return where devices stand, for those who know devices only (``core/intake/sensorthings``)."""
    return Asset.objects.all()
