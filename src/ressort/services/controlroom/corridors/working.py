"""Time on a corridor: each thing asked for before the vehicle, given back behind it, whatever dies meanwhile.

Everything is in rows: a process killed at any line starts again from there, and a command is asked once per turn.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from ressort.core.accounts.models import User
from ressort.core.clock import wall_now
from ressort.core.errors import Refused
from ressort.engines import corridor as engine
from ressort.engines.corridor import Want
from ressort.services.controlroom.corridors.models import Corridor, CorridorItem
from ressort.services.controlroom.corridors.planning import tell
from ressort.services.controlroom.equipment import asking, holding, sending
from ressort.services.controlroom.equipment.models import Command

State = Corridor.State
SYSTEM = sending.SYSTEM
_log = logging.getLogger(__name__)


def wake() -> None:
    """Work now, in the thread that asked; whatever fails is left to the periodic round."""
    try:
        tick()
    except Exception:  # the rows are kept: the next round takes them up
        _log.exception("corridors could not be worked at once")


def tick(now: datetime | None = None) -> None:
    """Do everything that time asks of corridors; called every second, and the first thing after a restart."""
    at = now or wall_now()
    late = Corridor.objects.filter(state=State.WAITING, asked__lte=at - asking.WAIT)
    for pk in list(late.values_list("pk", flat=True)):
        with transaction.atomic():
            if found := _locked(pk, State.WAITING):
                drop(found, at, SYSTEM, "expired")
    for pk in list(Corridor.objects.filter(state=State.OPEN).order_by("pk").values_list("pk", flat=True)):
        try:
            _work(pk, at)
        except Exception:  # one corridor never stops another
            _log.exception("corridor %s could not be worked", pk)


def _locked(pk: int, state: State) -> Corridor | None:
    rows = Corridor.objects.select_for_update(of=("self",)).select_related("incident__situation")
    return rows.filter(pk=pk, state=state).first()


def _work(pk: int, now: datetime) -> None:
    with transaction.atomic():
        found = _locked(pk, State.OPEN)
        if found is None:
            return
        if found.incident and found.incident.exercise:
            end(found, now, SYSTEM, "exercise")
            return
        if found.lease_until is None or found.lease_until <= now:
            end(found, now, SYSTEM, "lease")
            return
        people = {one.pid: one for one in User.objects.filter(pid__in=[found.actor, found.approver])}
        items = list(found.items.filter(chosen=True).select_related("asset", "command"))
        for number, one in enumerate(items):
            same = [other for other in items[number + 1 :] if other.asset_id == one.asset_id]
            _follow(found, one, people, now, same[0] if same else None)
        keep_holds(found)
        arrived = found.elapsed(now) >= found.seconds + found.margin
        if arrived and all(one.freed is not None for one in items):
            end(found, now, SYSTEM, "passed")


def _follow(
    corridor: Corridor, item: CorridorItem, people: dict[str, User], now: datetime, after: CorridorItem | None
) -> None:
    """Do what time asks of one passage; ``after`` is the next passage by the same equipment, if there is one."""
    under = item.command_id is not None and item.freed is None
    wanted = _wanted(corridor, item, now)
    if wanted == Want.OPEN and not under and item.passed is None and _is_met_before(item):
        return  # the vehicle has not passed it the first time: another branch would close before it
    next_asked = after is not None and after.command_id is not None
    if wanted == Want.OPEN and item.passed is None and (item.freed is not None or next_asked):
        _again(item)  # it turned out to be late: what was given back is asked for once more
        if after is not None and next_asked:
            _again(after)
        under = False
    if wanted == Want.OPEN and not under and item.passed is None:
        _ask(corridor, item, people, now)
    elif wanted == Want.WAIT and under:
        _give_back(item, now, "late")
        _again(item)
    elif wanted == Want.WAIT and item.freed is not None:
        _again(item)
    elif wanted == Want.FREE and item.freed is None:
        if after is not None and after.command_id is None and _is_soon(corridor, after, now):
            _ask(corridor, after, people, now)  # first, so that the street is not given back in between
        _give_back(item, now, "passed")
        item.freed = now
        item.save(update_fields=["freed"])


def _wanted(corridor: Corridor, item: CorridorItem, now: datetime, *, opened: bool = False) -> Want:
    since = (now - item.passed).total_seconds() if item.passed else None
    under = opened or (item.command_id is not None and item.freed is None)
    return engine.want(corridor.elapsed(now), item.seconds, corridor.timing, opened=under, since=since)


def _is_soon(corridor: Corridor, item: CorridorItem, now: datetime) -> bool:
    """Tell whether something would be asked for within its lead: it is not given back for so short a time."""
    return item.passed is None and _wanted(corridor, item, now, opened=True) == Want.OPEN


def _is_met_before(item: CorridorItem) -> bool:
    """Tell whether the vehicle has still to pass the same equipment before that passage."""
    return CorridorItem.objects.filter(
        corridor=item.corridor_id,
        asset=item.asset_id,
        chosen=True,
        number__lt=item.number,
        passed=None,
        freed=None,
    ).exists()


def _again(item: CorridorItem) -> None:
    item.command, item.freed, item.why, item.turn = None, None, "", item.turn + 1
    item.save(update_fields=["command", "freed", "why", "turn"])


def _give_back(item: CorridorItem, now: datetime, why: str, actor: str = SYSTEM) -> None:
    if item.command_id is not None:
        holding.drop(item.command_id, now, actor, why)


def _ask(corridor: Corridor, item: CorridorItem, people: dict[str, User], now: datetime) -> None:
    """Ask for one thing by the way every command takes; what forbids it is noted, and tried again while it is wanted."""
    why = ""
    actor = people.get(corridor.actor)
    try:
        if actor is None or not actor.is_active:
            why = "no-person"
        else:
            item.command = asking.ask(
                actor,
                item.asset.pid,
                item.verb,
                item.params,
                reason=corridor.reason,
                hold=True,
                key=f"{corridor.pid}:{item.number}:{item.turn}",
                agreed=asking.Agreed(
                    corridor.pid, people.get(corridor.approver), emergency=corridor.emergency
                ),
                now=now,
            )
    except Refused as error:
        why = error.code
    except Exception:
        _log.exception("%s of corridor %s could not be asked for", item.asset.code, corridor.pid)
        why = "fault"
    if why == item.why and item.command_id is None:
        return
    item.why = why
    item.save(update_fields=["why", "command"])
    if why:
        tell("barred", corridor, SYSTEM, asset=item.asset.pid, item=item.number, why=why)


def keep_holds(corridor: Corridor) -> None:
    """Let what a corridor holds last exactly as long as somebody watches it."""
    held = Command.objects.filter(within=corridor.pid, held=True)
    held.exclude(lease_until=corridor.lease_until).update(lease_until=corridor.lease_until)


def end(corridor: Corridor, now: datetime, actor: str, why: str) -> None:
    """Give back everything of an open corridor, inside the caller's transaction; told once."""
    corridor.state, corridor.why, corridor.ended, corridor.lease_until = State.OVER, why, now, None
    corridor.save(update_fields=["state", "why", "ended", "lease_until"])
    left = list(corridor.items.filter(chosen=True, freed=None))
    for one in left:
        _give_back(one, now, why, actor)
    corridor.items.filter(chosen=True, freed=None).update(freed=now)
    tell("released", corridor, actor, why=why, items=len(left))


def drop(corridor: Corridor, now: datetime, actor: str, why: str) -> None:
    """End a corridor that never opened."""
    corridor.state, corridor.why, corridor.ended = State.OVER, why, now
    corridor.save(update_fields=["state", "why", "ended"])
    tell("dropped", corridor, actor, why=why)
