"""Reflexes at work: each new alarm of a rule is a proposal, or a command once the trial of the reflex is over."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from ressort.core.clock import wall_now
from ressort.core.journal import record
from ressort.services.controlroom.alarms.models import Alarm
from ressort.services.controlroom.equipment import asking, sending
from ressort.services.controlroom.equipment.kinds import Capability
from ressort.services.controlroom.equipment.models import Command
from ressort.services.controlroom.shadow import proposing
from ressort.services.controlroom.shadow.models import Reflex, Trial

ACTOR = "system:reflex"
WAIT = timedelta(minutes=2)
AT_ONCE = 50


def tick() -> None:
    """Look at the alarms that were raised since the last look, reflex by reflex."""
    for reflex in Reflex.objects.filter(active=True).select_related("asset__device", "rule"):
        for alarm in Alarm.objects.filter(rule=reflex.rule_id, pk__gt=reflex.seen).order_by("pk")[:AT_ONCE]:
            _answer(reflex, alarm)


def _answer(reflex: Reflex, alarm: Alarm) -> None:
    with transaction.atomic():
        if not Reflex.objects.filter(pk=reflex.pk, seen__lt=alarm.pk, active=True).update(seen=alarm.pk):
            return  # another process has
        reflex.seen = alarm.pk
        capability = reflex.capability
        if (
            capability is None
            or reflex.asset.upkeep != "in_service"
            or reflex.verb not in reflex.asset.capabilities
        ):
            return
        trial = proposing.of_reflex(reflex)
        if trial.real and not reflex.rule.shadow:
            _ask(reflex, alarm, capability)
        else:
            _propose(reflex, trial, alarm, capability)


def _propose(reflex: Reflex, trial: Trial, alarm: Alarm, capability: Capability) -> None:
    asset = reflex.asset
    source = f"reflex:{reflex.pk}:alarm:{alarm.pk}"
    if proposing.propose(trial, asset, capability, reflex.params, source, alarm.raised):
        payload = {"trial": trial.pk, "asset": asset.pid, "verb": reflex.verb, "concerns": [asset.pid]}
        record("controlroom.proposal.made", actor=ACTOR, subject=f"trial_{trial.pk}", payload=payload)


def _ask(reflex: Reflex, alarm: Alarm, capability: Capability) -> None:
    """Ask as anybody would: interlocks hold, and what is dangerous waits for a person, whatever the trial said."""
    now = wall_now()
    waits = capability.dangerous
    command = Command.objects.create(
        asset=reflex.asset,
        verb=reflex.verb,
        params=reflex.params,
        actor=ACTOR,
        reason=reflex.name,
        state=Command.State.DRAFTED if waits else Command.State.CHECKED,
        key=f"reflex:{reflex.pk}:{alarm.pk}",
        asked=now,
        expires=now + (asking.WAIT if waits else WAIT),
    )
    sending.tell("asked", command, ACTOR, state=command.state, hold=False, emergency=False)
    transaction.on_commit(sending.wake)
