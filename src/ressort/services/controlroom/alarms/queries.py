"""What pages read of alarms and rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from ressort.core.registry import Task
from ressort.services.controlroom.alarms.models import Alarm, Rule


def opened() -> QuerySet[Alarm]:
    """Return the alarms that stand, the gravest and oldest first; storms under their first alarm."""
    return (
        Alarm.objects.filter(ended=None, storm=None)
        .select_related("rule", "device", "taken_by")
        .annotate(others=Count("members", filter=Q(members__ended=None)))
        .order_by("-severity", "raised", "pk")
    )


def over() -> QuerySet[Alarm]:
    """Return the alarms that are over, the last first."""
    return (
        Alarm.objects.exclude(ended=None)
        .select_related("rule", "device", "taken_by")
        .annotate(others=Count("members"))
        .order_by("-ended", "-pk")
    )


def rules() -> QuerySet[Rule]:
    """Return the rules with the number of their open alarms and of all they raised."""
    return Rule.objects.annotate(
        open=Count("alarms", filter=Q(alarms__ended=None)), total=Count("alarms")
    ).order_by("name")


def waiting(user: Any) -> Iterable[Task]:
    """Yield the alarms that nobody has taken, for those who may, and for those who only look."""
    from django.urls import reverse

    from ressort.core.accounts import policy

    if not (policy.allowed(user, "controlroom.alarm.treat").ok or policy.only_looks(user)):
        return
    for one in opened().filter(state=Alarm.State.OPEN, rule__shadow=False)[:20]:
        yield Task(
            label=f"{one.rule.name} – {one.device.code}",
            url=reverse("controlroom:alarm", args=[one.pk]),
            icon="bell",
            tone="bad" if one.severity > 2 or one.escalated else "warn",
            at=one.raised,
        )
