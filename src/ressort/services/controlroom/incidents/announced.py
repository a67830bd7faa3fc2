"""The situation that every page announces, kept in memory a few seconds and looked up again when one changes here."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.services.controlroom.incidents.situation_models import Situation

KEEP = 5.0
"""Seconds after which another process's change is seen."""
ORDER = {"crisis": 0, "alert": 1, "watch": 2}

_lock = threading.Lock()
_kept: tuple[float, list[Situation]] | None = None


def current() -> list[Situation]:
    """Return the situations under way, real ones first, then the most serious. At most one query every few seconds."""
    global _kept  # noqa: PLW0603 - the one memory of this module
    with _lock:
        known = _kept
    if known and time.monotonic() - known[0] < KEEP:
        return known[1]
    found = sorted(
        Situation.objects.filter(closed=None), key=lambda one: (one.exercise, ORDER[one.level], -one.pk)
    )
    with _lock:
        _kept = (time.monotonic(), found)
    return found


def forget() -> None:
    """Look again at the next question."""
    global _kept  # noqa: PLW0603
    with _lock:
        _kept = None


def banner() -> dict[str, Any] | None:
    """Return what the banner of every page says, None when nothing is declared."""
    found = current()
    if not found:
        return None
    first = found[0]
    more = len(found) - 1
    return {
        "what": f"{first.told} : {first.headline}",
        "todo": first.instruction,
        "url": reverse("controlroom:situations_public"),
        "link": _("et %(more)d autre(s)") % {"more": more} if more else _("En savoir plus"),
        "exercise": first.exercise,
        "since": first.since,
    }
