"""Small facts about work orders: for a crew's own follow-ups, for the board of what waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.registry import Task
from ressort.services.controlroom.orders import queries, states
from ressort.services.controlroom.orders.actions import holding
from ressort.services.controlroom.orders.models import WorkOrder

SHOWN = 4


def mine(user: Any) -> list[dict[str, Any]]:
    """Return one line for whoever is in a crew: how many orders their list holds."""
    if not queries.crews_of(user):
        return []
    rows = list(queries.given_to(user).filter(state__in=states.HELD).order_by("due")[: queries.MOST])
    said = ngettext("%(n)d à faire", "%(n)d à faire", len(rows)) % {"n": len(rows)}
    return [
        {
            "title": _("Mes interventions : %(said)s") % {"said": said},
            "state": rows[0].look if rows else "done",
            "state_label": said,
            "when": rows[0].due if rows else service_now(),
            "url": reverse("controlroom:crew_today"),
            "icon": "tools",
        }
    ]


def crew(user: Any) -> tuple[str, str]:
    """Return the crews of somebody in words, and the page of their work; empty for whoever is in none."""
    names = [one.name for one in queries.crews_of(user)]
    if not names:
        return "", ""
    return _("Équipe %(names)s") % {"names": ", ".join(names)}, reverse("controlroom:crew_today")


def waiting(user: Any) -> Iterator[Task]:
    """Yield the orders that wait for somebody of the console: refused, late, to be looked at, without a crew."""
    if not policy.allowed(user, holding.ORDER):
        return
    now = service_now()
    homes = queries.mine(user, holding.ORDER)
    rows = WorkOrder.objects.filter(organisation__in=homes)
    said: tuple[tuple[Any, str, str], ...] = (
        (rows.filter(state=WorkOrder.State.DECLINED), _("Confier à une autre équipe"), "bad"),
        (rows.filter(state__in=states.HELD, due__lt=now), _("Intervention en retard"), "bad"),
        (rows.filter(state=WorkOrder.State.DRAFTED), _("Confier une intervention"), "warn"),
        (rows.filter(state__in=states.OVER), _("Vérifier une intervention"), "info"),
    )
    left = SHOWN
    for found, label, tone in said:
        for one in found.order_by("due")[:left]:
            left -= 1
            yield Task(
                label, reverse("controlroom:work", args=[one.number]), one.title, "tools", tone, one.due
            )
