"""Small facts for the portal: a person's own trips, and what the service is doing now."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.fleet.models import Tour
from ressort.services.transport import queries
from ressort.services.transport.models import Booking


def mine(user: Any) -> list[dict[str, Any]]:
    """Return a person's trips, the coming ones first."""
    found = (
        Booking.objects.filter(owner_pid=user.pid)
        .select_related("promise__pickup", "promise__dropoff")
        .order_by("-promise__pickup_from")[:20]
    )
    return [
        {
            "title": f"{booking.promise.pickup.name} → {booking.promise.dropoff.name}",
            "state": booking.state,
            "state_label": booking.get_state_display(),
            "when": booking.promise.pickup_from,
            "url": reverse("transport:trip", args=[booking.code]),
            "icon": "van",
        }
        for booking in found
    ]


def facts() -> list[dict[str, Any]]:
    """Return dated facts about the service now."""
    now = service_now()
    running = Tour.objects.filter(shift__starts__lte=now, shift__ends__gt=now).exclude(state=Tour.State.DONE)
    count = running.count()
    if not count:
        return []
    url = reverse("transport:home")
    said = [
        {
            "text": _("%(count)s minibus circulent sur le territoire.") % {"count": count},
            "at": now,
            "url": url,
            "icon": "van",
        }
    ]
    day = queries.indicators(queries.today())
    if day.done:
        said.append(
            {
                "text": _("%(done)s trajets terminés aujourd'hui.") % {"done": day.done},
                "at": now,
                "url": url,
                "icon": "check",
            }
        )
    return said
