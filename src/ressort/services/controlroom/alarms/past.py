"""The alarms that rang at a past moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.registry import Task
from ressort.services.controlroom.alarms.models import Alarm

MOST = 40


def then(user: Any, at: datetime) -> Iterator[Task]:
    """Yield the alarms that had been raised and were not over, the gravest first; those of a storm as one."""
    if not policy.allowed(user, "controlroom.alarm.see"):
        return
    rang = Alarm.objects.filter(
        Q(ended=None) | Q(ended__gt=at), raised__lte=at, storm=None, rule__shadow=False
    )
    for one in rang.select_related("rule", "device").order_by("-severity", "-raised")[:MOST]:
        taken = one.taken is not None and one.taken <= at
        yield Task(
            one.rule.name,
            reverse("controlroom:alarm", args=[one.pk]),
            f"{one.device.code}, {_('prise') if taken else _('à prendre')}",
            "bell",
            "info" if taken else "bad" if one.severity >= 3 else "warn",
            one.raised,
        )
