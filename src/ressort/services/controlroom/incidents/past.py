"""The incidents that were open at a past moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.registry import Task
from ressort.services.controlroom.incidents import queries

MOST = 40


def then(user: Any, at: datetime) -> Iterator[Task]:
    """Yield the incidents this person may see that were open, the last opened first."""
    ran = queries.visible(user).filter(Q(closed=None) | Q(closed__gt=at), opened__lte=at)
    for one in ran.select_related("situation").order_by("-opened")[:MOST]:
        taken = one.taken is not None and one.taken <= at
        yield Task(
            f"EXERCICE · {one.title}" if one.exercise else one.title,
            reverse("controlroom:incident", args=[one.number]),
            f"{one.number}, {_('pris en charge') if taken else _('à prendre en charge')}",
            "alert",
            "warn" if taken else "bad",
            one.opened,
        )
