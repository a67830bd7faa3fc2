"""Witnesses at work: what devices say of themselves beside what is seen of them. A change is one event and one alarm.

The end of a command stays what the device said; here is noted that somebody else sees otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import transaction

from ressort.core.intake.models import Series
from ressort.core.intake.readings import GOOD, spoken
from ressort.core.journal import record
from ressort.engines.witness import Hearing, Voice, hear
from ressort.services.controlroom.alarms import contradicted
from ressort.services.controlroom.equipment.models import Command
from ressort.services.controlroom.equipment.witness_models import Witness

ACTOR = "system:controlroom"
_KEPT = ("claim", "claim_at", "sight", "sight_at", "since", "contradicted")


def judge(arrivals: Any) -> None:
    """Set what arrived against each other: a watcher of the intake, in its transaction."""
    voices: dict[int, list[tuple[int, Voice]]] = {}
    for pk, own, seen in Witness.objects.values_list("pk", "own", "series"):
        voices.setdefault(own, []).append((pk, Voice.DEVICE))
        voices.setdefault(seen, []).append((pk, Voice.WITNESS))
    if not voices:
        return
    mine = arrivals[np.isin(arrivals["series"], list(voices))]
    if not len(mine):
        return
    said: dict[int, list[tuple[int, Voice, int, float, int]]] = {}
    for row in mine:
        for pk, voice in voices[int(row["series"])]:
            said.setdefault(pk, []).append(
                (int(row["at"]), voice, int(row["series"]), float(row["value"]), int(row["quality"]))
            )
    rows = Witness.objects.select_for_update(of=("self",)).select_related("asset", "own", "series__device")
    changed = [one for one in rows.filter(pk__in=said).order_by("pk") if _hears(one, said[one.pk])]
    if changed:
        transaction.on_commit(lambda: _show([one.asset_id for one in changed]))


def _hears(one: Witness, said: list[tuple[int, Voice, int, float, int]]) -> bool:
    """Let the two of one witness speak in order; return whether a contradiction began or ended."""
    sight = one.asset.declared.sight
    if sight is None:  # its class lost its sight since it was tied
        return False
    series: dict[int, Series] = {one.own.pk: one.own, one.series.pk: one.series}
    known = one.heard
    for at, voice, number, value, quality in sorted(said, key=lambda each: each[0]):
        told = spoken(series[number].kind, series[number].choices, value)
        word = (sight.own if voice == Voice.DEVICE else sight.others)(told) if quality == GOOD else ""
        known = hear(known, voice, word, at, sight.lag_s * 1000)
    before = one.contradicted is not None
    _keep(one, known)
    if known.contradicted == before:
        return False
    _tell(one)
    return True


def _keep(one: Witness, known: Hearing) -> None:
    one.claim, one.claim_at, one.sight, one.sight_at = (
        known.claim,
        known.claim_at,
        known.sight,
        known.sight_at,
    )
    one.since = known.since
    if not known.contradicted:
        one.contradicted = None
    elif one.contradicted is None:
        one.contradicted = known.since
    one.save(update_fields=_KEPT)


def _tell(one: Witness) -> None:
    """Record that the two contradict each other, or agree again, and let the alarms know."""
    is_new = one.contradicted is not None
    last = (
        Command.objects.filter(asset=one.asset_id, state=Command.State.CONFIRMED).order_by("-ended").first()
    )
    payload: dict[str, Any] = {
        "says": one.claim,
        "sees": one.sight,
        "witness": f"{one.series.device.code}/{one.series.observed}",
        "command": last.pid if last else "",
        "concerns": [last.within] if last and last.within else [],
    }
    what = "contradicted" if is_new else "agreed"
    record(f"controlroom.equipment.{what}", actor=ACTOR, subject=one.asset.pid, payload=payload)
    contradicted.say(one)


def _show(assets: list[int]) -> None:
    from ressort.services.controlroom.equipment import queries

    queries.show(assets)
