"""What waits for the people of the room, on the board that the console opens on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.registry import Task
from ressort.services.controlroom.duty.cascade_models import Cascade
from ressort.services.controlroom.duty.queries import cascades

RECENT = timedelta(hours=12)


def waiting(user: Any) -> Iterator[Task]:
    """Yield the calls that nobody answered, then those under way."""
    if not policy.allowed(user, "controlroom.duty.call"):
        return
    now = service_now()
    told = cascades(user).filter(state__in=(Cascade.State.CALLING, Cascade.State.EXHAUSTED))
    for one in told.filter(started__gt=now - RECENT)[:6]:
        about = f"EXERCICE · {one.about}" if one.exercise else one.about
        gone = one.state == Cascade.State.EXHAUSTED
        yield Task(
            (_("Personne n'a répondu : %(line)s") if gone else _("On appelle : %(line)s"))
            % {"line": one.line.name},
            reverse("controlroom:cascade", args=[one.pid]),
            about,
            "phone",
            "bad" if gone else "warn",
            one.due or one.ended,
        )


def then(user: Any, at: datetime) -> Iterator[Task]:
    """Yield the calls that were under way at a past moment, as far as this person may see them."""
    found = cascades(user).filter(Q(ended=None) | Q(ended__gt=at), started__lte=at)
    for one in found.order_by("-started")[:20]:
        yield Task(
            _("On appelle : %(line)s") % {"line": one.line.name},
            reverse("controlroom:cascade", args=[one.pid]),
            f"EXERCICE · {one.about}" if one.exercise else one.about,
            "phone",
            "warn",
            one.started,
        )
