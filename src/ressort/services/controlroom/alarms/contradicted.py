"""Equipment that its witness contradicts, as rules know it: a derived series of each witness, 1 while it does.

Only the house says it: no device can take its own accusation back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.clock import service_now, wall_now
from ressort.core.journal.models import Event
from ressort.services.controlroom.alarms.models import Rule, Severity
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.equipment.witness_models import Witness, differ

NAME = "~contradicted"
"""Of the derived series: no property can be called so."""
_PREFIX = "w"
_ROUNDED = timedelta(seconds=1)  # the judge counts in seconds as floats


def derived() -> list[tuple[str, int, str, str]]:
    """Return the derived series of each witness: its id, device, code of the device, name."""
    rows = Witness.objects.filter(own__device__retired=None).order_by("own__device__code")
    fields = ("pk", "own__device_id", "own__device__code")
    return [(f"{_PREFIX}{pk}", device, code, NAME) for pk, device, code in rows.values_list(*fields)]


def seeds(now: float) -> Iterator[tuple[str, float, float]]:
    """Yield what each derived series says now: id, instant in seconds, value."""
    for pk, since in Witness.objects.values_list("pk", "contradicted"):
        yield f"{_PREFIX}{pk}", now if since is None else min(now, since / 1000), float(since is not None)


def history(series: str, start: datetime, end: datetime) -> list[tuple[str, float, float]]:
    """Return when a derived series changed between two instants, from the journal."""
    pid = Witness.objects.filter(pk=int(series.removeprefix(_PREFIX))).values_list("asset__pid").first()
    told = Event.objects.filter(
        subject=pid[0] if pid else "",
        kind__in=("controlroom.equipment.contradicted", "controlroom.equipment.agreed"),
        at__gte=start,
        at__lt=end,
    )
    return [
        (series, event.at.astimezone(UTC).timestamp(), float(event.kind.endswith("contradicted")))
        for event in told.order_by("seq")
    ]


def say(one: Witness) -> None:
    """Let the rules know that a contradiction began or ended, inside the caller's transaction."""
    from ressort.services.controlroom.alarms import working

    now = service_now().timestamp()
    working.say([(f"{_PREFIX}{one.pk}", now, float(one.contradicted is not None))])


def withdraw(one: Witness) -> None:
    """Take back what a witness says before it is untied: an alarm that it raised ends."""
    if one.contradicted is not None:
        one.contradicted = None
        say(one)


def changed(*, any_new: bool) -> None:
    """Let the rules look at the witnesses again; the first witness brings a rule, so that it never speaks to nobody."""
    from ressort.services.controlroom.alarms import working

    if any_new and not Rule.objects.filter(lines__icontains="contredit").exists():
        Rule.objects.get_or_create(
            name=_("Contredit par son témoin"),
            defaults={
                "lines": "contredit par son témoin",
                "devices": "*",
                "severity": Severity.MAJOR,
                "advice": _(
                    "Regardez sur place, ou à la caméra. D'ici là, les commandes dangereuses restent interdites."
                ),
                "changed": wall_now(),
            },
        )
    transaction.on_commit(working.forget)


def sentence(device: int, raised: datetime) -> str:
    """Return how equipment and witness differed when an alarm was raised, empty for any other alarm."""
    asset = Asset.objects.filter(device=device).first()
    if asset is None:
        return ""
    told = Event.objects.filter(
        subject=asset.pid, kind="controlroom.equipment.contradicted", at__lte=raised + _ROUNDED
    ).order_by("-seq")
    event = told.first()
    if event is None:
        return ""
    payload = json.loads(event.payload)
    return differ(asset.kind, payload["says"], payload["sees"])
