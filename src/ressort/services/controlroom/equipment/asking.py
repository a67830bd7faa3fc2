"""Asking: a command is drafted, checked, approved when it is dangerous, or given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now, wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.intake.readings import milliseconds
from ressort.core.journal import record
from ressort.services.controlroom.clearances import deciding as clearances
from ressort.services.controlroom.equipment import interlocks, sending, states
from ressort.services.controlroom.equipment.drivers import driver_of
from ressort.services.controlroom.equipment.kinds import Capability
from ressort.services.controlroom.equipment.models import Asset, Command, Emergency

State = Command.State
WAIT = timedelta(minutes=10)
"""How long a command waits for a second person."""
EMERGENCY = timedelta(minutes=60)
"""How long a declared emergency lasts when nobody ends it sooner."""
SYSTEM = "system:controlroom"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed to once for commands that are parts of one thing, a corridor.

    Attributes
    ----------
    within : str
        Its id.
    approver : User, optional
        The second person, whose right is asked for each piece of equipment.
    emergency : bool
        An emergency was declared when it began.
    """

    within: str
    approver: Any = None
    emergency: bool = False


def find_asset(pid: str) -> Asset:
    """Return a piece of equipment by its id."""
    asset = Asset.objects.select_related("device", "organisation", "parent").filter(pid=pid).first()
    if asset is None:
        raise Unknown("asset", _("Cet équipement n'existe pas."))
    return asset


def find(pid: str, *, lock: bool = False) -> Command:
    """Return a command by its id."""
    rows = Command.objects.select_related("asset__organisation", "asset__device")
    if lock:
        rows = rows.select_for_update(of=("self",))
    command = rows.filter(pid=pid).first()
    if command is None:
        raise Unknown("command", _("Cette commande n'existe pas."))
    return command


def emergency(now: datetime | None = None) -> Emergency | None:
    """Return the declared emergency, None in ordinary times."""
    return Emergency.objects.filter(until__gt=now or wall_now()).order_by("-pk").first()


def ask(
    user: Any,
    asset_pid: str,
    verb: str,
    params: Mapping[str, Any] | None = None,
    *,
    reason: str,
    hold: bool = False,
    key: str = "",
    agreed: Agreed | None = None,
    now: datetime | None = None,
) -> Command:
    """Ask something of a piece of equipment; what needs nobody else leaves at once.

    Parameters
    ----------
    hold : bool
        Keep it so as long as the operator's screen says so.
    key : str
        The same key asks once: the first command is returned again.
    agreed : Agreed, optional
        A second person, or the declared emergency, already agreed to the whole of which this is a part.

    Raises
    ------
    Refused
        With the interlock that forbids it, or what is wrong in what was asked.
    """
    at = now or wall_now()
    with transaction.atomic():
        asset = find_asset(asset_pid)
        under = clearances.authorise(user, asset, now=at)
        mine = f"{user.pid}:{key}"[:80] if key else None
        if mine and (known := Command.objects.filter(key=mine).select_related("asset").first()):
            return known
        capability = _capability(asset, verb)
        checked = _params(capability, params or {})
        said = _reason(reason)
        if hold and not capability.holdable:
            raise Refused("not-holdable", _("Cette commande ne se maintient pas."), field="hold")
        _interlocks(asset, capability)
        urgent = agreed.emergency if agreed else emergency(at) is not None
        approver = (
            _approver(user, asset, agreed, at) if agreed and capability.dangerous and not urgent else ""
        )
        waits = capability.dangerous and not urgent and not approver
        command = Command.objects.create(
            asset=asset,
            verb=verb,
            params=checked,
            actor=user.pid,
            reason=said,
            state=State.DRAFTED if waits else State.CHECKED,
            emergency=capability.dangerous and urgent,
            approver=approver,
            within=agreed.within if agreed else "",
            hold=hold,
            under=under,
            key=mine,
            asked=at,
            expires=at + WAIT,
        )
        payload = {"state": command.state, "hold": hold, "emergency": command.emergency}
        sending.tell("asked", command, user.pid, **payload, **clearances.told(under))
        transaction.on_commit(sending.wake)
    return command


def _approver(user: Any, asset: Asset, agreed: Agreed, at: datetime) -> str:
    """Return who agreed to the whole, whose right on this very equipment is asked like anybody's."""
    if agreed.approver is None or agreed.approver.pid == user.pid:
        return ""
    clearances.authorise(agreed.approver, asset, clearances.APPROVE, now=at)
    return str(agreed.approver.pid)


def _capability(asset: Asset, verb: str) -> Capability:
    capability = next((one for one in asset.can if one.verb == verb), None)
    if asset.upkeep != Asset.Upkeep.IN_SERVICE:
        raise Refused(
            "under-repair",
            _("Quelqu'un travaille peut-être dessus (%(state)s) : remettez d'abord l'équipement en service.")
            % {"state": asset.get_upkeep_display()},
            status=409,
        )
    if capability is None or driver_of(asset) is None:
        raise Refused("cannot", _("Cet équipement ne sait pas faire cela."), status=409, field="verb")
    return capability


def _params(capability: Capability, given: Mapping[str, Any]) -> dict[str, int]:
    checked = {}
    for param in capability.params:
        value = given.get(param.name)
        if isinstance(value, bool) or not isinstance(value, int) or not param.low <= value <= param.high:
            raise Refused(
                "bad-param",
                _("%(label)s : écrivez un nombre entier de %(low)s à %(high)s.")
                % {"label": param.label, "low": param.low, "high": param.high},
                field=param.name,
            )
        checked[param.name] = value
    return checked


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise Refused(
            "no-reason", _("Dites pourquoi, en quelques mots : c'est gardé avec la commande."), field="reason"
        )
    if len(said) > 200:
        raise Refused("long-reason", _("Écrivez 200 caractères au plus."), field="reason")
    return said


def _interlocks(asset: Asset, capability: Capability) -> None:
    here = milliseconds(service_now())
    if found := interlocks.broken(asset.declared, capability, states.of(asset), here):
        raise Refused(found[0].code, found[0].sentence, status=409)


def approve(user: Any, pid: str, *, now: datetime | None = None) -> Command:
    """Agree to a dangerous command that somebody else asked for; it leaves if nothing forbids it."""
    at = now or wall_now()
    with transaction.atomic():
        command = find(pid, lock=True)
        under = clearances.authorise(user, command.asset, clearances.APPROVE, now=at)
        if command.state != State.DRAFTED or command.expires <= at:
            raise Refused("not-waiting", _("Cette commande n'attend plus d'accord."), status=409)
        if command.actor == user.pid:
            raise Refused(
                "same-person",
                _(
                    "Vous l'avez demandée : une autre personne doit l'approuver, ou une urgence être déclarée."
                ),
                status=409,
            )
        if command.lent_no_more(at):
            raise Refused(
                clearances.OVER,
                _("L'habilitation de qui l'a demandée a pris fin : demandez-la vous-même."),
                status=409,
            )
        sending.move(command, State.CHECKED, approver=user.pid, expires=at + WAIT)
        sending.tell("approved", command, user.pid, **clearances.told(under))
        transaction.on_commit(sending.wake)
    return command


def decline(user: Any, pid: str, *, now: datetime | None = None) -> Command:
    """Say no to a command that waits for approval."""
    at = now or wall_now()
    with transaction.atomic():
        command = find(pid, lock=True)
        under = clearances.authorise(user, command.asset, clearances.APPROVE, now=at)
        if command.state != State.DRAFTED:
            raise Refused("not-waiting", _("Cette commande n'attend plus d'accord."), status=409)
        told = clearances.told(under)
        sending.end(command, State.REFUSED, at, user.pid, why="declined", approver=user.pid, **told)
    return command


def cancel(user: Any, pid: str, *, now: datetime | None = None) -> Command:
    """Take back a command that has not left yet."""
    at = now or wall_now()
    with transaction.atomic():
        command = find(pid, lock=True)
        under = clearances.authorise(user, command.asset, now=at)
        if command.state not in {State.DRAFTED, State.CHECKED}:
            raise Refused(
                "gone",
                _("Cette commande est partie : demandez plutôt l'action contraire."),
                status=409,
            )
        sending.end(command, State.CANCELLED, at, user.pid, why="operator", **clearances.told(under))
    return command


def declare_emergency(user: Any, reason: str) -> Emergency:
    """Declare an emergency: for an hour, dangerous commands need one person, and the journal says so."""
    authorise(user, "controlroom.emergency.declare")
    now = wall_now()
    with transaction.atomic():
        if emergency(now):
            raise Refused("already", _("Une urgence est déjà déclarée."), status=409)
        made = Emergency.objects.create(by=user.pid, reason=_reason(reason), since=now, until=now + EMERGENCY)
        minutes = int(EMERGENCY.total_seconds() // 60)
        record("controlroom.emergency.declared", actor=user.pid, payload={"minutes": minutes})
    return made


def end_emergency(user: Any) -> None:
    """End the declared emergency."""
    authorise(user, "controlroom.emergency.declare")
    with transaction.atomic():
        found = emergency()
        if found is None:
            raise Refused("no-emergency", _("Aucune urgence n'est déclarée."), status=409)
        Emergency.objects.filter(pk=found.pk).update(until=wall_now())
        record("controlroom.emergency.ended", actor=user.pid)
