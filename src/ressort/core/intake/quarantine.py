"""What could not be believed: counted by reason, kept as it was sent for a while, tried again when asked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.intake import catalogue, messages
from ressort.core.intake.messages import Said
from ressort.core.intake.models import Held, Quarantine
from ressort.core.intake.readings import Unfit
from ressort.core.journal import declare, record

MOST_GROUPS = 2_000
"""Groups by device and property; beyond, observations are counted by reason alone."""
MOST_HELD = 1_000
"""Observations kept of each group; beyond, they are only counted."""
LONGEST = 2_000

declare("intake.quarantine.released", "Mesures reprises de la quarantaine : {taken}.", "taken", "still")
declare("intake.quarantine.dismissed", "Quarantaine vidée ({reason}) : {count}.", "reason", "count")


def put(found: Sequence[tuple[Unfit, Any]], now: datetime, *, wall: bool) -> None:
    """Put observations in quarantine, inside the caller's transaction."""
    groups: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for unfit, item in found:
        groups[unfit.reason, unfit.code, unfit.observed].append(item)
    for key, items in groups.items():
        group = _group(key, now)
        room = max(0, MOST_HELD - group.count)
        Quarantine.objects.filter(pk=group.pk).update(count=F("count") + len(items), last=now)
        Held.objects.bulk_create(
            Held(group=group, body=_text(item), wall=wall, at=now) for item in items[:room]
        )


def _group(key: tuple[str, str, str], now: datetime) -> Quarantine:
    reason, code, observed = key
    found = Quarantine.objects.filter(reason=reason, code=code, observed=observed).first()
    if found:
        return found
    if (code or observed) and Quarantine.objects.count() >= MOST_GROUPS:
        return _group((reason, "", ""), now)
    return Quarantine.objects.create(reason=reason, code=code, observed=observed, first=now, last=now)


def _text(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False, default=str).replace("\\u0000", "")[:LONGEST]


def find(pk: int) -> Quarantine:
    """Return a group."""
    found = Quarantine.objects.filter(pk=pk).first()
    if found is None:
        raise Unknown("quarantine", _("Cette mise à l'écart n'existe plus : elle a été vidée."))
    return found


def release(user: Any, pk: int) -> tuple[int, int]:
    """Try the kept observations of a group again, once what was missing is declared; return (taken, still apart)."""
    from ressort.core.intake.observing import observe

    authorise(user, "intake.manage")
    with transaction.atomic():
        group = find(pk)
        held = list(group.held.order_by("pk"))
        if not held:
            raise Refused(
                "nothing-held",
                _("Ces mesures ont été comptées mais plus rien n'en est gardé : videz la ligne."),
                status=409,
            )
        group.delete()
        taken = still = 0
        for wall in (True, False):
            said = _again([_item(one.body) for one in held if one.wall == wall])
            outcome = observe(said.items, wall=wall)
            put(said.faults, wall_now(), wall=wall)
            taken, still = taken + outcome.accepted, still + len(outcome.faults) + len(said.faults)
        record(
            "intake.quarantine.released",
            actor=user.pid,
            payload={"taken": taken, "still": still},
        )
    return taken, still


def _again(items: list[Any]) -> Said:
    """Read kept items once more: the frame of an uplink may have found its decoder since."""
    radio, said = catalogue.radio(missing=True), Said()
    for item in items:
        one = messages.again(item, radio)
        said.items += one.items
        said.faults += one.faults
    return said


def _item(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:  # cut at its longest
        return body


def dismiss(user: Any, pk: int) -> Quarantine:
    """Let a group go."""
    authorise(user, "intake.manage")
    with transaction.atomic():
        group = find(pk)
        kept = {"reason": group.reason, "count": group.count}
        group.delete()
        record("intake.quarantine.dismissed", actor=user.pid, payload=kept)
    return group
