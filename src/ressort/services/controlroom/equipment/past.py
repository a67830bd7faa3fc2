"""What was asked of the equipment around a past moment, told by the journal; and how one piece stood."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.journal.models import Event
from ressort.core.registry import Task
from ressort.services.controlroom.equipment.models import Asset, Command

RECENT = timedelta(minutes=10)
"""How long a command that has ended is still told of."""
_PREFIX = "controlroom.command."
_MOVING = ("asked", "approved", "sent", "accepted")
_WORDS = {"asked": Command.State.CHECKED, "approved": Command.State.CHECKED}
_TONES = {"refused": "bad", "timed_out": "bad"} | dict.fromkeys(_MOVING, "warn")


def then(user: Any, at: datetime) -> Iterator[Task]:
    """Yield the commands under way at a moment, and those that had ended shortly before, the last told first."""
    if not policy.allowed(user, "controlroom.command.see"):
        return
    newest: dict[str, Event] = {}
    told = Event.objects.filter(kind__startswith=_PREFIX, at__lte=at, at__gt=at - RECENT)
    for event in told.order_by("seq"):
        newest[event.subject] = event
    payloads = {event.subject: json.loads(event.payload) for event in newest.values()}
    assets = {one.pid: one for one in Asset.objects.filter(pid__in={p["asset"] for p in payloads.values()})}
    for event in sorted(newest.values(), key=lambda one: -one.seq):
        payload = payloads[event.subject]
        if (asset := assets.get(payload["asset"])) is None:
            continue
        step = event.kind.removeprefix(_PREFIX)
        state = Command.State(payload.get("state") or _WORDS.get(step) or step)
        capability = asset.declared.capability(payload["verb"])
        yield Task(
            _("%(what)s : %(where)s")
            % {"what": capability.label if capability else payload["verb"], "where": asset.name},
            f"{reverse('controlroom:asset_then', args=[asset.pid])}?a={at.timestamp():.3f}",
            str(state.label),
            "play",
            _TONES.get(step, "info"),
            event.at,
        )
