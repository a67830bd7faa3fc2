"""What people look at of the equipment: the map, the list, one piece with its curve, the commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
from ressort.core.live.latest import hub
from ressort.engines import series as codec
from ressort.services.controlroom.equipment import states
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
    if stale:
        return "stale"
    if any((one := seen.get(name)) is not None and one.value is True for name in ("fault", "alarm")):
        return "failed"
    return "active"


def shown(one: Standing) -> dict[str, Any]:
    """Return what the map needs of a piece of equipment."""
    said = _("sans nouvelles") if one.stale else one.words
    return {
        "lon": round(one.asset.lon, 6),
        "lat": round(one.asset.lat, 6),
        "kind": one.asset.kind,
        "state": one.code,
        "stale": one.stale,
        "resting": True,
        "name": one.asset.name,
        "label": f"{one.asset.name} · {said}",
        "panel": reverse("controlroom:asset", args=[one.asset.pid]),
    }


def geojson(kinds: Iterable[str] = ()) -> dict[str, Any]:
    """Return the equipment as GeoJSON points with their state."""
    rows = Asset.objects.all()
    if wanted := list(kinds):
        rows = rows.filter(kind__in=wanted)
    features = []
    for number, one in enumerate(standing(rows.order_by("pk")), 1):
        value = shown(one)
        point = {"type": "Point", "coordinates": [value.pop("lon"), value.pop("lat")]}
        features.append(
            {"type": "Feature", "id": number, "geometry": point, "properties": {"id": one.asset.pid, **value}}
        )
    return {"type": "FeatureCollection", "features": features}


def publish(arrivals: Any) -> None:
    """Tell the open maps what has just changed."""
    series = {int(pk) for pk in arrivals["series"]}
    for chunk in range(0, len(series), 500):
        part = sorted(series)[chunk : chunk + 500]
        values: dict[str, dict[str, Any]] = {}
        for one in standing(Asset.objects.filter(device__series__in=part, kind__in=CHANNELS).distinct()):
            values.setdefault(CHANNELS[one.asset.kind], {})[one.asset.pid] = shown(one)
        for channel, newest in values.items():
            hub.publish(f"controlroom.{channel}", newest)


def listed(kind: str = "", state: str = "", search: str = "") -> list[Standing]:
    """Return the equipment that matches, with its state; without place nor order by state: the list is read by name."""
    rows = Asset.objects.select_related("organisation", "parent").order_by("name", "code")
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(code__icontains=search))
    found = standing(rows)
    return [one for one in found if one.code == state] if state else found


def counts() -> dict[str, int]:
    """Return how many pieces of equipment are in each state."""
    found = {"active": 0, "stale": 0, "failed": 0, "off": 0}
    for one in standing(Asset.objects.all()):
        found[one.code] += 1
    return found


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
    """A command with the name of whoever asked, and of whoever approved."""

    command: Command
    label: str
    by: str
    approver: str
    mine: bool


def _told(rows: Iterable[Command], user: Any) -> list[Asked]:
    commands = list(rows)
    pids = {one.actor for one in commands} | {one.approver for one in commands}
    names = dict(User.objects.filter(pid__in=pids - {""}).values_list("pid", "name"))
    return [
        Asked(
            one,
            str(one.capability.label) if one.capability else one.verb,
            names.get(one.actor, _("automate") if one.actor.startswith("system:") else "–"),
            names.get(one.approver, ""),
            one.actor == user.pid,
        )
        for one in commands
    ]


def _commands() -> QuerySet[Command]:
    return Command.objects.select_related("asset")


def under_way(user: Any) -> dict[str, list[Asked]]:
    """Return the commands that wait for approval, are under way, hold something, and the last that ended."""
    state = Command.State
    return {
        "waiting": _told(_commands().filter(state=state.DRAFTED), user),
        "moving": _told(_commands().filter(state__in=(state.CHECKED, state.SENT, state.ACCEPTED)), user),
        "held": _told(_commands().filter(held=True), user),
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
