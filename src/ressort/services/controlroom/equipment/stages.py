"""The lamps of a junction as a picture: what each group shows now, and what it will show if nothing is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.intake.readings import milliseconds
from ressort.engines import signals
from ressort.services.controlroom.equipment import junctions
from ressort.services.controlroom.equipment.models import Asset, SimulatedDevice

AHEAD = 90
"""Seconds shown."""
WIDTH = 4  # units of the picture for a second
WORDS = {
    "green": gettext_lazy("vert"),
    "yellow": gettext_lazy("orange"),
    "red": gettext_lazy("rouge"),
    "flashing": gettext_lazy("orange clignotant"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one colour, in units of the picture."""

    lamp: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Row:
    """A group: its name, what it shows now in words, and what comes."""

    name: str
    lamp: str
    words: str
    parts: tuple[Part, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a page draws of a junction."""

    rows: tuple[Row, ...]
    stage: str
    plan: str
    width: int
    ticks: tuple[int, ...]
    tripped: bool


def picture(asset: Asset, now: datetime) -> Picture | None:
    """Return the picture of a junction whose controller is known here, None for any other equipment."""
    if asset.kind != "signal_junction" or asset.driver != "simulated":
        return None
    device = SimulatedDevice.objects.filter(asset=asset).first()
    if device is None or device.fault == "off":
        return None
    here, local = milliseconds(now), timezone.localtime(now)
    minute = local.hour * 60 + local.minute
    running = junctions.running_of(device.state, here)
    running = signals.step(
        junctions.CROSSING, replace(running, stuck={}), max(running.at, here // 1000), minute
    )
    shown = [running]
    for _second in range(AHEAD):
        shown.append(signals.step(junctions.CROSSING, shown[-1], shown[-1].at + 1, minute))
    rows = tuple(_row(one.name, shown) for one in junctions.CROSSING.groups)
    plan = junctions.CROSSING.plan(running.plan, minute)
    word = str(junctions.PLANS[plan.name])
    return Picture(
        rows,
        str(junctions.STAGES[running.stage])
        if running.mode != signals.Mode.FLASHING
        else _("orange clignotant partout"),
        word if running.plan else _("%(plan)s, selon l'heure") % {"plan": word},
        AHEAD * WIDTH,
        tuple(range(0, AHEAD + 1, 30)),
        running.tripped,
    )


def _row(name: str, shown: list[Any]) -> Row:
    lamps = [str(one.lamp[name]) for one in shown[:AHEAD]]
    parts, start = [], 0
    for second in range(1, len(lamps) + 1):
        if second == len(lamps) or lamps[second] != lamps[start]:
            parts.append(Part(lamps[start], start * WIDTH, (second - start) * WIDTH))
            start = second
    coming = next((second for second, lamp in enumerate(lamps) if lamp != lamps[0]), None)
    after = ""
    if coming is not None:
        after = _("%(lamp)s dans %(seconds)s s") % {"lamp": WORDS[lamps[coming]], "seconds": coming}
    return Row(str(junctions.NAMES[name]), lamps[0], str(WORDS[lamps[0]]), tuple(parts), after)
