"""Sending: a checked command leaves if its interlocks still hold, and lives until the device itself confirms it.

Everything that must survive is in the table before anything leaves: a process killed at any line starts again from
there. A command is marked as sent, then carried; carried again with the same id when nobody said it arrived.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from ressort.core.clock import reading as clock_reading
from ressort.core.clock import service_now, wall_now
from ressort.core.intake.models import Latest, Series
from ressort.core.intake.readings import GOOD, milliseconds, spoken
from ressort.core.journal import record
from ressort.services.controlroom.clearances.deciding import OVER
from ressort.services.controlroom.driving.calling import Unreachable
from ressort.services.controlroom.driving.hands import hands
from ressort.services.controlroom.equipment import interlocks, states
from ressort.services.controlroom.equipment.answers import ACCEPTED, REFUSED, SILENT, Answer, Driver
from ressort.services.controlroom.equipment.drivers import driver_of
from ressort.services.controlroom.equipment.models import Command, Order
from ressort.services.controlroom.shadow import proposing

State = Command.State
UNDER_WAY = (State.SENT, State.ACCEPTED)
OPEN = (State.DRAFTED, State.CHECKED, *UNDER_WAY)
AGAIN = timedelta(seconds=4)
"""After how long without a receipt a command is carried again."""
SYSTEM = "system:controlroom"
_log = logging.getLogger(__name__)
_NEXT = {
    State.CHECKED: {State.DRAFTED},
    State.SENT: {State.CHECKED},
    State.ACCEPTED: {State.SENT},
    State.CONFIRMED: {State.SENT, State.ACCEPTED},
    State.REFUSED: {State.DRAFTED, State.CHECKED, State.SENT, State.ACCEPTED},
    State.TIMED_OUT: {State.DRAFTED, State.CHECKED, State.SENT, State.ACCEPTED},
    State.SUPERSEDED: {State.DRAFTED, State.CHECKED, State.SENT, State.ACCEPTED},
    State.CANCELLED: {State.DRAFTED, State.CHECKED},
}


class _Waking:
    """One thread sends at a time; a command asked meanwhile is sent right after."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_waking = _Waking()


def wake() -> None:
    """Send what waits now, in the thread that asked; whatever fails is left to the periodic round."""
    try:
        send_due()
    except Exception:  # the command is kept: the next round sends it
        _log.exception("commands could not leave at once")


def move(command: Command, state: State, **fields: Any) -> bool:
    """Move a command if its state allows it; return whether it did. Nothing leaves an end."""
    moved = Command.objects.filter(pk=command.pk, state__in=_NEXT[state]).update(state=state, **fields)
    if moved:
        command.state = state
        for name, value in fields.items():
            setattr(command, name, value)
    return bool(moved)


def tell(what: str, command: Command, actor: str, **more: Any) -> None:
    """Record what became of a command."""
    concerned = [command.asset.pid, *filter(None, [command.within])]
    payload = {"asset": command.asset.pid, "verb": command.verb, "concerns": concerned, **more}
    record(f"controlroom.command.{what}", actor=actor, subject=command.pid, payload=payload)


def end(
    command: Command, state: State, now: datetime, actor: str = SYSTEM, why: str = "", **fields: Any
) -> bool:
    """Bring a command to one of its ends, inside the caller's transaction; its end is told once."""
    more = {name: fields.pop(name) for name in ("fallback", "seconds", "under") if name in fields}
    if not move(command, state, ended=now, why=why, **fields):
        return False
    tell(state.value, command, actor, why=why, **more)
    return True


# ------------------------------------------------------------------ leaving


def send_due(now: datetime | None = None) -> int:
    """Send every checked command; return how many left."""
    sent = 0
    with _waking.lock:
        for pk in Command.objects.filter(state=State.CHECKED).order_by("pk").values_list("pk", flat=True):
            if command := _leave(pk, now or wall_now()):
                sent += 1
                carry(command, now or wall_now())
    return sent


def _locked(pk: int, state: State) -> Command | None:
    rows = Command.objects.select_for_update(of=("self",)).select_related("asset__device")
    return rows.filter(pk=pk, state=state).first()


def _leave(pk: int, now: datetime) -> Command | None:
    """Mark a command as sent if nothing forbids it at this very moment; one transaction, before anything leaves."""
    with transaction.atomic():
        command = _locked(pk, State.CHECKED)
        if command is None:
            return None
        if why := _kept_back(command, now):
            end(command, State.TIMED_OUT if why == "expired" else State.REFUSED, now, why=why)
            return None
        capability, here = command.capability, milliseconds(service_now())
        assert capability is not None
        replaced = _supersede(command, now)
        move(
            command,
            State.SENT,
            sent=now,
            sent_at=here,
            tried=now,
            expires=now + timedelta(seconds=capability.seconds),
        )
        tell("sent", command, command.actor, superseded=replaced)
    return command


def _kept_back(command: Command, now: datetime) -> str:
    """Return why a command does not leave, empty when it does; what a driver on trial would have carried is noted."""
    capability, driver = command.capability, driver_of(command.asset)
    if too_late := "expired" if command.expires <= now else OVER if command.lent_no_more(now) else "":
        return too_late
    if capability is None or driver is None or command.asset.upkeep != "in_service":
        return "cannot"
    if (
        driver.real and clock_reading().simulated
    ):  # a demonstration or a rehearsal moves nothing in the street
        return "simulated-clock"
    here = milliseconds(service_now())
    if forbidden := interlocks.broken(command.asset.declared, capability, states.of(command.asset), here):
        return forbidden[0].code
    if driver.real and proposing.is_shadow(command.asset):
        proposing.withhold(command, capability)
        return proposing.SHADOW
    return ""


def _supersede(command: Command, now: datetime) -> list[str]:
    """End what was asked of the same equipment before, and its hold: the newest command is the one that counts."""
    older = Command.objects.filter(asset=command.asset_id, pk__lt=command.pk)
    replaced = list(older.filter(state__in=OPEN).values_list("pid", flat=True))
    Order.objects.filter(command__in=older.filter(state__in=OPEN)).delete()
    older.filter(state__in=OPEN).update(state=State.SUPERSEDED, ended=now, why="newer")
    older.filter(held=True).update(held=False, lease_until=None)
    return replaced


def carry(command: Command, now: datetime) -> None:
    """Hand a command to its driver, outside any transaction; a line that breaks is tried again."""
    driver = driver_of(command.asset)
    if driver is None:
        return
    if driver.waits:
        hands.do(command.pid, f"{command.asset.driver} {_lane(command)}", partial(_carry_later, command.pk))
    else:
        _hand(driver, command, now)


def _lane(command: Command) -> str:
    """Return what is shared by the commands that wait for one another: the declared address."""
    wiring = getattr(command.asset, "wiring", None)
    return str(wiring.address_id if wiring else command.asset_id)


def _carry_later(pk: int) -> None:
    """Carry a command when its turn comes, unless it has ended meanwhile: what is too late does not leave."""
    now = wall_now()
    command = (
        Command.objects.filter(pk=pk, state=State.SENT, expires__gt=now)
        .select_related("asset__device")
        .first()
    )
    if command is not None and (driver := driver_of(command.asset)) is not None:
        _hand(driver, command, now)


def _hand(driver: Driver, command: Command, now: datetime) -> None:
    try:
        answer = driver.command(command)
    except Unreachable as error:
        _log.warning("%s: %s could not be carried: %s", command.asset.code, command.pid, error)
        return
    except Exception:
        _log.exception("the driver of %s could not carry %s", command.asset.code, command.pid)
        return
    if answer.state != SILENT:
        feedback(command.pid, answer, now=None if driver.waits else now)


def feedback(pid: str, answer: Answer, *, now: datetime | None = None) -> bool:
    """Note what a driver or a gateway says of a command: a receipt, or a refusal. Never a confirmation."""
    at = now or wall_now()
    with transaction.atomic():
        command = (
            Command.objects.select_for_update(of=("self",)).select_related("asset").filter(pid=pid).first()
        )
        if command is None:
            return False
        if answer.state == REFUSED:
            return end(command, State.REFUSED, at, why=answer.why or "device")
        if answer.state == ACCEPTED and move(command, State.ACCEPTED, accepted=at):
            tell("accepted", command, SYSTEM)
            return True
    return False


# ------------------------------------------------------------------ confirmed by the device itself


def confirm(arrivals: Any, now: datetime | None = None) -> None:
    """Confirm the commands whose device has just said what was wanted; inside the watcher's transaction."""
    waiting = list(Command.objects.filter(state__in=UNDER_WAY).select_related("asset"))
    if not waiting:
        return
    said: dict[int, list[tuple[int, float, int]]] = {}
    for row in arrivals:
        said.setdefault(int(row["series"]), []).append(
            (int(row["at"]), float(row["value"]), int(row["quality"]))
        )
    for command, series in _series(waiting, list(said)):
        if any(_tells(command, series, *point) for point in said[series.pk]):
            _confirmed(command, now or wall_now())


def confirm_known(now: datetime | None = None) -> None:
    """Confirm from the newest observations: what a watcher could have missed before a crash."""
    waiting = list(Command.objects.filter(state__in=UNDER_WAY).select_related("asset"))
    if not waiting:
        return
    with transaction.atomic():
        for command, series in _series(waiting, None):
            last = Latest.objects.filter(series=series.pk).values_list("at", "value", "quality").first()
            if last and _tells(command, series, *last):
                _confirmed(command, now or wall_now())


def _series(waiting: list[Command], among: list[int] | None) -> list[tuple[Command, Series]]:
    """Return the series that confirms each command, for those that have one (``among`` these)."""
    rows = Series.objects.filter(device__in=[one.asset.device_id for one in waiting if one.asset.device_id])
    known = {
        (one.device_id, one.observed): one for one in (rows if among is None else rows.filter(pk__in=among))
    }
    found = []
    for command in waiting:
        capability = command.capability
        series = known.get((command.asset.device_id or 0, capability.observed)) if capability else None
        if series is not None:
            found.append((command, series))
    return found


def _tells(command: Command, series: Series, at: int, value: float, quality: int) -> bool:
    """Tell whether an observation confirms: made after the command left, sure of itself, and what was wanted."""
    capability = command.capability
    assert capability is not None
    if command.sent_at is None or at <= command.sent_at or quality != GOOD:
        return False
    wanted = command.params.get(capability.observed) if capability.value is None else capability.value
    return spoken(series.kind, series.choices, value) == wanted


def _confirmed(command: Command, now: datetime) -> None:
    seconds = round((now - command.sent).total_seconds(), 2) if command.sent else 0
    from ressort.services.controlroom.equipment.holding import LEASE

    hold: dict[str, Any] = {"held": True, "lease_until": now + LEASE} if command.hold else {}
    end(command, State.CONFIRMED, now, seconds=seconds, **hold)
