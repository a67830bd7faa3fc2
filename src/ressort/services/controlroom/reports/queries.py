"""Reading reports: near a point, for the public, for those who deal with them, on a map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.engines.geodesy import distance, grown
from ressort.services.controlroom.reports.models import Report, ReportCategory

NEAR = 60.0
"""Metres within which a report of the same kind is proposed as the same thing."""
HERE = 20.0
"""Metres within which any open report is."""
PROPOSED = 4
SOON = timedelta(days=2)
DRAWN = 2_000
"""Reports drawn on a map at most, the newest."""
MEASURED = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Near:
    """An open report close to a point."""

    report: Report
    metres: float


def near(lon: float, lat: float, category: ReportCategory | None, limit: int = PROPOSED) -> list[Near]:
    """Return the open reports that may be the same thing, nearest first."""
    west, south, east, north = grown((lon, lat, lon, lat), NEAR)
    rows = Report.objects.filter(
        state__in=Report.OPEN, lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north
    ).select_related("category", "words", "photo")
    found = [Near(row, distance(lon, lat, row.lon, row.lat)) for row in rows[:500]]
    same = category.pk if category else None
    kept = [one for one in found if one.metres <= (NEAR if one.report.category_id == same else HERE)]
    return sorted(kept, key=lambda one: (one.metres, one.report.pk))[:limit]


def similar(report: Report) -> list[Near]:
    """Return the open reports to which this one could be joined."""
    found = near(report.lon, report.lat, report.category, PROPOSED + 1)
    return [one for one in found if one.report.pk != report.pk][:PROPOSED]


def categories(*, every: bool = False) -> list[ReportCategory]:
    """Return the categories that the public may choose, in their order; ``every``: those put aside too."""
    rows = ReportCategory.objects.select_related("organisation")
    return list(rows if every else rows.filter(active=True))


def grouped(found: Sequence[ReportCategory]) -> list[tuple[str, list[ReportCategory]]]:
    """Return categories by family, families in the order of their first category."""
    groups: dict[str, list[ReportCategory]] = {}
    for one in found:
        groups.setdefault(one.group, []).append(one)
    return list(groups.items())


def kept_promises() -> dict[int, tuple[int, int]]:
    """Return, for each category over a year: how many reports were closed, and how many of them in time."""
    rows = (
        Report.objects.filter(closed__gt=service_now() - MEASURED)
        .exclude(state=Report.State.MERGED)
        .values("category")
        .annotate(closed_count=Count("pk"), in_time=Count("pk", filter=Q(closed__lte=F("due"))))
    )
    return {row["category"]: (row["closed_count"], row["in_time"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see in a list of reports."""

    state: str = "open"
    category: str = ""
    late: bool = False
    mine: bool = False


def listed(wanted: Wanted, user: Any = None) -> QuerySet[Report]:
    """Return reports: what is open by the delay that ends first, what is closed by the newest answer."""
    rows = Report.objects.select_related("category", "organisation", "words", "photo")
    if wanted.state == "open":
        rows = rows.filter(state__in=Report.OPEN).order_by("due", "pk")
    elif wanted.state == "closed":
        rows = rows.exclude(state__in=Report.OPEN).order_by("-closed", "-pk")
    elif wanted.state in Report.State.values:
        rows = rows.filter(state=wanted.state).order_by("due", "pk")
    else:
        rows = rows.order_by("-at", "-pk")
    if wanted.category:
        rows = rows.filter(category__code=wanted.category)
    if wanted.late:
        rows = rows.filter(state__in=Report.OPEN, due__lt=service_now())
    if wanted.mine and user is not None:
        rows = rows.filter(organisation__in=organisations_of(user))
    return rows


def organisations_of(user: Any) -> set[int]:
    """Return the organisations whose reports this person deals with."""
    held = policy.roles(user)
    row = policy.table()["controlroom.report.handle"]
    return {pk for role in row.keys() & held.keys() for pk in held[role]}


def counts() -> dict[str, int]:
    """Return how many reports wait, are late, are being dealt with, and were closed in the last seven days."""
    now = service_now()
    opened = Q(state__in=Report.OPEN)
    return Report.objects.aggregate(
        opened=Count("pk", filter=opened),
        received=Count("pk", filter=Q(state=Report.State.RECEIVED)),
        late=Count("pk", filter=opened & Q(due__lt=now)),
        soon=Count("pk", filter=opened & Q(due__gte=now, due__lt=now + SOON)),
        handled=Count("pk", filter=Q(state__in=(Report.State.TAKEN, Report.State.PLANNED))),
        week=Count("pk", filter=Q(state=Report.State.DONE, closed__gt=now - timedelta(days=7))),
    )


def look_of(report: Report, now: datetime | None = None) -> str:
    """Return the code of the state as people see it: a delay that is over shows first."""
    if report.is_open and report.due < (now or service_now()):
        return "controlroom.late"
    return f"controlroom.{report.state}"


def geojson(rows: Iterable[Report], *, staff: bool) -> dict[str, Any]:
    """Return reports as the map draws them; ``staff``: choosing one opens its panel."""
    name = "controlroom:report_panel" if staff else "controlroom:report"
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
            "properties": {
                "id": row.pid,
                "label": f"{row.category.name} – {row.get_state_display()}",
                "panel" if staff else "url": reverse(name, args=[row.pid]),
            },
        }
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def drawn() -> list[Report]:
    """Return the open reports that a map draws."""
    rows = Report.objects.filter(state__in=Report.OPEN).select_related("category")
    return list(rows.order_by("-at")[:DRAWN])


def incident_link(report: Report) -> str:
    """Return the page that opens an incident from a report."""
    from urllib.parse import urlencode

    title = f"{report.category.name} – {place_of(report)}"[:120]
    query = urlencode({"source": f"report:{report.pid}", "titre": title})
    return f"/console/incidents/nouveau/?{query}"


def place_of(report: Report) -> str:
    """Return the place in words that anybody may read: the nearest address, else a point."""
    return report.address or _("%(lat)s, %(lon)s") % {"lat": f"{report.lat:.4f}", "lon": f"{report.lon:.4f}"}
