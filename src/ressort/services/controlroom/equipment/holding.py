"""Time: commands that wait too long, holds whose screen went away, interlocks that break while something is held."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ressort.core.clock import service_now, wall_now
from ressort.core.errors import Refused
from ressort.core.intake.readings import milliseconds
from ressort.core.journal import record
from ressort.services.controlroom.clearances import deciding as clearances
from ressort.services.controlroom.equipment import interlocks, sending, states
from ressort.services.controlroom.equipment.models import Command
from ressort.services.controlroom.equipment.sending import AGAIN, OPEN, SYSTEM, UNDER_WAY

State = Command.State
LEASE = timedelta(seconds=30)
"""How long a hold outlives the last word of the operator's screen."""


def renew(user: Any, pid: str, *, now: datetime | None = None) -> Command:
    """Keep a hold for another while: what the operator's screen says every few seconds. Not an event: nothing changed.

    Raises
    ------
    Refused
        If it is no longer held.
    """
    at = now or wall_now()
    with transaction.atomic():
        from ressort.services.controlroom.equipment.asking import find

        command = find(pid, lock=True)
        clearances.authorise(user, command.asset, now=at)
        if not Command.objects.filter(pk=command.pk, held=True, lease_until__gt=at).update(
            lease_until=at + LEASE
        ):
            raise Refused("not-held", _("Ce maintien est relâché."), status=409)
    return command


def release(user: Any, pid: str, *, now: datetime | None = None) -> Command:
    """Let a hold go now."""
    from ressort.services.controlroom.equipment.asking import find

    at = now or wall_now()
    with transaction.atomic():
        command = find(pid, lock=True)
        under = clearances.authorise(user, command.asset, now=at)
        if not command.held:
            raise Refused("not-held", _("Ce maintien est relâché."), status=409)
        _let_go(command, at, user.pid, "operator", **clearances.told(under))
        transaction.on_commit(sending.wake)
    return command


def drop(pk: int, now: datetime, actor: str, why: str) -> None:
    """Take back what a command asked for, wherever it stands, inside the caller's transaction.

    One that has not left is cancelled; one under way is replaced by its fallback; a hold is let go.
    """
    command = _locked(pk, Q(state__in=OPEN) | Q(held=True))
    if command is None:
        return
    if command.state in {State.DRAFTED, State.CHECKED}:
        sending.end(command, State.CANCELLED, now, actor, why=why)
    elif command.state in UNDER_WAY:
        _fall_back(command, now)
    else:
        _let_go(command, now, actor, why)
    transaction.on_commit(sending.wake)


def _let_go(command: Command, now: datetime, actor: str, why: str, **more: str) -> None:
    if not Command.objects.filter(pk=command.pk, held=True).update(held=False, lease_until=None):
        return
    back = _fall_back(command, now)
    concerned = [command.asset.pid, *filter(None, [command.within])]
    payload = {"asset": command.asset.pid, "verb": command.verb, "why": why, "concerns": concerned, **more}
    record(
        "controlroom.hold.released", actor=actor, subject=command.pid, payload={**payload, "fallback": back}
    )


def _fall_back(command: Command, now: datetime) -> str:
    """Ask for what a command falls back to, unless somebody asked something newer; return its id."""
    capability = command.capability
    back = (
        command.asset.declared.capability(capability.fallback) if capability and capability.fallback else None
    )
    if back is None or back.dangerous:  # what nobody asked for must not be able to hurt
        return ""
    key = f"fallback:{command.pid}"
    newer = Q(asset=command.asset_id, pk__gt=command.pk, state__in=OPEN)
    if Command.objects.filter(newer | Q(key=key)).exists():
        return ""
    made = Command.objects.create(
        asset=command.asset,
        verb=back.verb,
        actor=SYSTEM,
        reason=_("Retour à l'état sûr"),
        state=State.CHECKED,
        undoes=command,
        key=key,
        within=command.within,
        asked=now,
        expires=now + timedelta(minutes=2),
    )
    return made.pid


def tick(now: datetime | None = None) -> None:
    """Do everything that time asks for; called every second, and the first thing after a restart."""
    at = now or wall_now()
    sending.confirm_known(at)
    for pk in _pks(Command.objects.filter(state__in=OPEN, expires__lte=at)):
        _time_out(pk, at)
    for command in Command.objects.filter(state__in=UNDER_WAY).select_related("asset").order_by("pk"):
        if command.capability is None or command.capability.dangerous:
            _watch(command.pk, at)
    for pk in _pks(Command.objects.filter(held=True)):
        _watch_hold(pk, at)
    sending.send_due(at)
    overdue = Command.objects.filter(state=State.SENT, tried__lte=at - AGAIN, expires__gt=at)
    for command in overdue.select_related("asset"):
        if Command.objects.filter(pk=command.pk, state=State.SENT, tried=command.tried).update(tried=at):
            sending.carry(command, at)


def _pks(rows: Any) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _locked(pk: int, among: Q) -> Command | None:
    rows = Command.objects.select_for_update(of=("self",)).select_related("asset__device")
    return rows.filter(among, pk=pk).first()


def _time_out(pk: int, now: datetime) -> None:
    with transaction.atomic():
        command = _locked(pk, Q(state__in=OPEN, expires__lte=now))
        if command is None:
            return
        why = "silent" if command.state in UNDER_WAY else "expired"
        back = _fall_back(command, now) if why == "silent" else ""
        sending.end(command, State.TIMED_OUT, now, why=why, fallback=back)


def _broken(command: Command) -> str:
    capability = command.capability
    if capability is None:
        return "cannot"
    here = milliseconds(service_now())
    found = interlocks.broken(command.asset.declared, capability, states.of(command.asset), here)
    return found[0].code if found else ""


def _watch(pk: int, now: datetime) -> None:
    """Stop a command under way whose interlock no longer holds: the device falls back."""
    with transaction.atomic():
        command = _locked(pk, Q(state__in=UNDER_WAY))
        if command is None or not (why := _broken(command)):
            return
        back = _fall_back(command, now)
        sending.end(command, State.REFUSED, now, why=why, fallback=back)


def _watch_hold(pk: int, now: datetime) -> None:
    with transaction.atomic():
        command = _locked(pk, Q(held=True))
        if command is None:
            return
        lapsed = command.lease_until is None or command.lease_until <= now
        over = "lease" if lapsed else clearances.OVER if command.lent_no_more(now) else ""
        if why := over or _broken(command):
            _let_go(command, now, SYSTEM, why)
