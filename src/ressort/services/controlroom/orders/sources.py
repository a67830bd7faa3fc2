"""What a work order is made from: an incident, a citizen report, an alarm, a piece of equipment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.services.controlroom.alarms.models import Alarm
from ressort.services.controlroom.clearances import deciding as clearances
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.orders.models import WorkOrder
from ressort.services.controlroom.reports.models import Report

_SHAPE = re.compile(r"(incident|report|alarm|asset):([A-Za-z0-9_.-]{1,40})")
_TRADES = {
    "road": "road",
    "signal": "signal",
    "light": "light",
    "water": "water",
    "building": "building",
    "clean": "clean",
}
_TRADE_OF_KIND = {
    "street_light": "light", "cabinet": "light", "signal_junction": "signal", "bollard": "road", "message_sign": "signal",
    "building_alarm": "building",
}  # fmt: skip
_PRIORITY_OF_ALARM = {1: "low", 2: "normal", 3: "high", 4: "vital"}


@dataclass(frozen=True, slots=True)
class Source:
    """What an order is made from, and what it brings along."""

    kind: str = "hand"
    id: str = ""
    title: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    asset: Asset | None = None
    trade: str = ""
    priority: str = "normal"


def find(user: Any, text: str) -> Source:
    """Return what ``kind:id`` names, for whoever may deal with it; nothing for no text.

    Raises
    ------
    Refused
        If it does not exist.
    Forbidden
        If this person may not deal with it: an order moves what it was made from.
    """
    if not text:
        return Source()
    shape = _SHAPE.fullmatch(text)
    found = _FINDERS[shape[1]](user, shape[2]) if shape else None
    if found is None:
        raise Refused(
            "no-source",
            _("Ce dont cette intervention devait partir n'existe plus : préparez-la à la main."),
            field="source",
        )
    return found


def _incident(user: Any, number: str) -> Source | None:
    one = Incident.objects.select_related("organisation").filter(number=number).first()
    if one is None:
        return None
    authorise(user, "controlroom.incident.handle", one)
    return Source(
        "incident", one.number, one.title, one.address, one.lon, one.lat,
        trade=_TRADES.get(one.category, "other"), priority=one.priority,
    )  # fmt: skip


def _report(user: Any, pid: str) -> Source | None:
    one = Report.objects.select_related("category", "organisation").filter(pid=pid).first()
    if one is None:
        return None
    authorise(user, "controlroom.report.handle", one)
    return Source("report", one.pid, one.category.name[:120], one.address, one.lon, one.lat, trade="road")


def _alarm(user: Any, pk: str) -> Source | None:
    authorise(user, "controlroom.alarm.treat")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 12):
        return None
    one = Alarm.objects.select_related("rule", "device").filter(pk=int(pk)).first()
    if one is None:
        return None
    asset = Asset.objects.filter(device=one.device_id).first()
    of = _asset_source(asset) if asset else Source()
    title = f"{one.rule.name} – {asset.name if asset else one.device.code}"[:120]
    return Source(
        "alarm",
        str(one.pk),
        title,
        of.address,
        of.lon,
        of.lat,
        asset,
        of.trade,
        _PRIORITY_OF_ALARM[one.severity],
    )


def _asset(user: Any, pid: str) -> Source | None:
    one = Asset.objects.filter(pid=pid).first()
    if one is None:
        return None
    clearances.authorise_upkeep(user, one)
    return _asset_source(one)


def _asset_source(one: Asset) -> Source:
    return Source(
        "asset", one.pid, one.name, one.name, one.lon, one.lat, one, _TRADE_OF_KIND.get(one.kind, "other")
    )


_FINDERS = {"incident": _incident, "report": _report, "alarm": _alarm, "asset": _asset}


def link(order: WorkOrder) -> str:
    """Return the page of what an order was made from, '' for one made by hand."""
    match order.source:
        case "incident":
            return reverse("controlroom:incident", args=[order.source_id])
        case "report":
            return reverse("controlroom:report_panel", args=[order.source_id])
        case "alarm":
            return reverse("controlroom:alarm", args=[int(order.source_id)])
        case "asset":
            return reverse("controlroom:asset", args=[order.source_id])
    return ""
