"""The junction that simulated signals run: two roads that cross, their pedestrians, three plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.engines import signals
from ressort.engines.signals import Asked, Group, Junction, Lamp, Mode, Plan, Running, Span, Stage

_CLEARING = {
    ("main", "side"): 6, ("side", "main"): 6,
    ("main", "walk_main"): 5, ("walk_main", "main"): 9,
    ("side", "walk_side"): 5, ("walk_side", "side"): 8,
}  # fmt: skip
CROSSING = Junction(
    (Group("main", 10), Group("side", 8), Group("walk_main", 6, 0), Group("walk_side", 6, 0)),
    _CLEARING,
    (Stage("main", frozenset({"main", "walk_side"})), Stage("side", frozenset({"side", "walk_main"}))),
    (
        Plan("day", (("main", 30), ("side", 20))),
        Plan("rush", (("main", 45), ("side", 20))),
        Plan("night", (("main", 20), ("side", 12))),
    ),
    (
        Span(7 * 60, 9 * 60 + 30, 2),
        Span(16 * 60 + 30, 19 * 60, 2),
        Span(21 * 60, 1440, 3),
        Span(0, 6 * 60, 3),
    ),
    ("main", "side"),
)
NAMES = {
    "main": _("Voie principale"),
    "side": _("Voie secondaire"),
    "walk_main": _("Piétons, voie principale"),
    "walk_side": _("Piétons, voie secondaire"),
}
PLANS = {"day": _("de jour"), "rush": _("de pointe"), "night": _("de nuit")}
STAGES = {
    "main": _("la voie principale passe"),
    "side": _("la voie secondaire passe"),
    "": _("aucune voie ne passe"),
}
_SAID = {"normal": Mode.NORMAL, "flash": Mode.FLASHING, "priority": Mode.PRIORITY, "hold": Mode.FIXED}


def order(kept: dict[str, Any], verb: str, params: Mapping[str, Any], due: int) -> None:
    """Note what a junction is asked, for when it hears it."""
    kept["goal"] = {"verb": verb, "params": dict(params)}
    kept["until"] = due


def live(kept: dict[str, Any], now: int, minute: int, fault: str) -> None:
    """Let a junction live until ``now``, in milliseconds, and say what it does."""
    running = running_of(kept, now)
    if fault == "conflict":  # a relay that sticks
        running = replace(running, stuck={"main": Lamp.GREEN})
    running = signals.step(CROSSING, running, max(running.at, now // 1000), minute)
    if kept["goal"] and now >= kept["until"] and "verb" in kept["goal"]:
        running = signals.ask(
            CROSSING, running, _asked(kept["goal"]["verb"], kept["goal"]["params"], running)
        )
        kept["goal"] = {"mode": str(running.wanted)}
    if kept["goal"] and "mode" in kept["goal"] and running.mode == running.wanted:
        kept["goal"] = None
    turns = [one.name for one in CROSSING.stages]
    kept["values"] |= {
        "mode": str(running.mode),
        "fault": running.tripped,
        "plan": running.plan,
        "stage": turns.index(running.stage) + 1 if running.stage else 0,
    }
    kept["signals"] = asdict(running)


def _asked(verb: str, params: Mapping[str, Any], running: Running) -> Asked:
    if verb == "plan":
        return Asked(running.wanted, int(params.get("plan", 0)), running.approach)
    return Asked(_SAID[verb], None, (int(params.get("approach", 1)) - 1) % len(CROSSING.approaches) + 1)


def running_of(kept: Mapping[str, Any], now: int) -> Running:
    """Return the junction as it was when it last lived."""
    known = kept.get("signals")
    if not known:
        return signals.begun(CROSSING, now // 1000 - 60)
    read = {name: Lamp(lamp) for name, lamp in known["lamp"].items()}
    stuck = {name: Lamp(lamp) for name, lamp in known["stuck"].items()}
    modes = {"wanted": Mode(known["wanted"]), "mode": Mode(known["mode"])}
    return Running(**{**known, **modes, "lamp": read, "stuck": stuck})
