"""What drivers do as time passes: they read the devices that must be asked, and gather receipts."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from ressort.core.clock import wall_now
from ressort.core.intake import outgoing
from ressort.core.intake.observing import observe
from ressort.services.controlroom.driving import http
from ressort.services.controlroom.driving.calling import Unreachable
from ressort.services.controlroom.driving.hands import hands
from ressort.services.controlroom.driving.models import Wiring
from ressort.services.controlroom.equipment import sending
from ressort.services.controlroom.equipment.answers import SILENT
from ressort.services.controlroom.equipment.drivers import DRIVERS
from ressort.services.controlroom.equipment.models import Command

KEPT = timedelta(hours=1)
"""How long what was published is kept after it expired."""


def tick() -> None:
    """Read the devices whose turn it is, and gather what was answered by the broker."""
    now = wall_now()
    rows = Wiring.objects.filter(asset__driver="http", asset__device__isnull=False, address__isnull=False)
    busy = set(Command.objects.filter(state__in=sending.UNDER_WAY).values_list("asset_id", flat=True))
    for wiring in rows.exclude(status_path="").only("pk", "asset_id", "address_id", "every", "read"):
        if http.is_due(wiring, now, busy=wiring.asset_id in busy):
            hands.do(f"read {wiring.asset_id}", f"read {wiring.address_id}", partial(read, wiring.pk))
    gather()
    outgoing.forget(now - KEPT)


def read(pk: int) -> str:
    """Read one device and keep what it says; return what is wrong, empty when nothing is."""
    wiring = Wiring.objects.select_related("asset__device", "address").filter(pk=pk).first()
    if wiring is None:
        return ""
    now = wall_now()
    Wiring.objects.filter(pk=pk).update(read=now)
    try:
        items = list(DRIVERS["http"].observe(wiring.asset))
    except Unreachable as error:
        why = str(error)[:200] or "unreachable"
        Wiring.objects.filter(pk=pk).update(trouble=why)
        return why
    observe(items, wall=True)
    Wiring.objects.filter(pk=pk).update(heard=now, trouble="")
    return ""


def gather() -> int:
    """Take the receipts that came by the broker; return how many moved a command."""
    moved = 0
    waiting = {
        one.pid: one
        for one in Command.objects.filter(state=Command.State.SENT, asset__driver="mqtt").select_related(
            "asset"
        )
    }
    for pid in outgoing.answered(waiting):
        answer = DRIVERS["mqtt"].feedback(waiting[pid])
        if answer.state != SILENT:
            moved += sending.feedback(pid, answer)
    return moved
