"""Small facts about reports: for the portal, for a person's follow-ups, for the board of what waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.registry import Task
from ressort.services.controlroom.reports import queries
from ressort.services.controlroom.reports.models import Follower, Report

SHOWN = 4


def mine(user: Any) -> list[dict[str, Any]]:
    """Return what a person reported or follows, newest first."""
    rows = (
        Follower.objects.filter(owner_pid=user.pid)
        .select_related("report__category", "report__merged_into")
        .order_by("-at")[:20]
    )
    return [
        {
            "title": row.report.category.name,
            "state": queries.look_of(row.report.merged_into or row.report),
            "state_label": row.report.get_state_display(),
            "when": row.at,
            "url": reverse("controlroom:report_follow", args=[row.code]),
            "icon": "hand",
        }
        for row in rows
    ]


def facts() -> list[dict[str, Any]]:
    """Return what was repaired lately."""
    done = queries.counts()["week"]
    if not done:
        return []
    text = ngettext(
        "%(n)d signalement réparé en sept jours.", "%(n)d signalements réparés en sept jours.", done
    )
    url = f"{reverse('controlroom:reports')}?etat=closed"
    return [{"text": text % {"n": done}, "at": service_now(), "url": url, "icon": "check"}]


def waiting(user: Any) -> Iterator[Task]:
    """Yield the reports of this person's organisations that are late or soon due, the most pressing first."""
    if not policy.allowed(user, "controlroom.report.handle"):
        return
    now = service_now()
    rows = Report.objects.filter(
        state__in=Report.OPEN, due__lt=now + queries.SOON, organisation__in=queries.organisations_of(user)
    )
    for row in rows.select_related("category").order_by("due", "pk")[:SHOWN]:
        late = row.due < now
        yield Task(
            _("Répondre à un signalement"),
            reverse("controlroom:report_panel", args=[row.pid]),
            f"{row.category.name} · {queries.place_of(row)}",
            "hand",
            "bad" if late else "warn",
            row.due,
        )
