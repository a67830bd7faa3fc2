"""What people look at of the intake: devices with their last word, what was put apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from ressort.core.intake.models import Device, Quarantine, Series
from ressort.core.intake.readings import instant, spoken


@dataclass(frozen=True, slots=True)
class Said:
    """The last word of a series."""

    series: Series
    value: float | bool | str | None
    at: datetime | None
    quality: int


def devices(search: str = "", state: str = "") -> QuerySet[Device, Any]:
    """Return devices with the number of their series and the instant of their last word (``last``, milliseconds)."""
    rows = (
        Device.objects.select_related("gateway")
        .annotate(properties=Count("series"), last=Max("series__latest__at"))
        .order_by("code")
    )
    if search:
        rows = rows.filter(code__icontains=search)
    match state:
        case "muets":
            rows = rows.filter(first_seen=None, retired=None)
        case "retires":
            rows = rows.filter(retired__isnull=False)
    return rows


def said_by(device: Device) -> list[Said]:
    """Return the series of a device with their last word."""
    found = []
    for one in device.series.select_related("latest").order_by("observed"):
        last = getattr(one, "latest", None)
        found.append(
            Said(one, spoken(one.kind, one.choices, last.value), instant(last.at), last.quality)
            if last
            else Said(one, None, None, 0)
        )
    return found


def apart() -> QuerySet[Quarantine, Any]:
    """Return what was put apart, the newest first, with how much of it is still held."""
    return Quarantine.objects.annotate(kept=Count("held")).order_by("-last", "-pk")


def apart_counts() -> dict[str, int]:
    """Return how many groups and observations are apart, and how many devices are known and unheard."""
    found = Quarantine.objects.aggregate(groups=Count("pk"), observations=Sum("count"))
    known = Device.objects.aggregate(
        known=Count("pk", filter=Q(retired=None)),
        unheard=Count("pk", filter=Q(retired=None, first_seen=None)),
    )
    return {name: count or 0 for name, count in {**found, **known}.items()}
