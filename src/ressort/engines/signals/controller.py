"""The controller of a junction: it runs its plan, hears requests, and keeps the last word.

A request – a plan, a hold, priority, flashing – is a wish about which groups are green. Whether and when a group turns
green is decided here alone: minimum greens end, clearances pass, and a monitor that looks at the lamps as they are puts the
junction to flashing yellow on any conflict, until somebody asks for the normal cycle again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ressort.engines.signals.junction import Junction, Lamp

LONGEST = 120
"""Seconds after which a hold or a priority ends by itself: nobody waits longer."""
LONG_AGO = -100_000
_WAKING = 5  # seconds of red everywhere when flashing ends


class Mode(StrEnum):
    """What a junction does, as it says it."""

    NORMAL = "normal"
    FIXED = "fixed"
    PRIORITY = "priority"
    FLASHING = "flashing"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a junction: ``normal`` (and a plan), ``fixed``, ``priority`` (an approach, from 1) or ``flashing``."""

    mode: Mode = Mode.NORMAL
    plan: int | None = None
    approach: int = 0


@dataclass(frozen=True, slots=True)
class Running:
    """A junction at one instant.

    Attributes
    ----------
    lamp, since : mapping of group -> what it shows, and since when.
    ended : mapping of group -> when its last green ended.
    wanted, until : Mode, int
        What was asked, and when it ends by itself.
    mode : Mode
        What it does, said only once it is so.
    tripped : bool
        The monitor saw a conflict: flashing, whatever is asked but the normal cycle.
    """

    at: int
    lamp: Mapping[str, Lamp]
    since: Mapping[str, int]
    ended: Mapping[str, int]
    turn: int = 0
    turned: int = 0
    plan: int = 0
    approach: int = 0
    wanted: Mode = Mode.NORMAL
    until: int = 0
    mode: Mode = Mode.NORMAL
    red_until: int = 0
    tripped: bool = False
    stage: str = ""
    stuck: Mapping[str, Lamp] = field(default_factory=dict)


def begun(junction: Junction, at: int) -> Running:
    """Return a junction that has just been switched on: red everywhere, for as long as clearing takes."""
    names = [one.name for one in junction.groups]
    red = at + max(_WAKING, junction.clearing())
    return Running(
        at,
        dict.fromkeys(names, Lamp.RED),
        dict.fromkeys(names, at),
        dict.fromkeys(names, LONG_AGO),
        turned=red,
        red_until=red,
    )


def ask(junction: Junction, now: Running, asked: Asked) -> Running:
    """Return the junction with what was asked of it; lamps change in :func:`step` only."""
    if asked.mode == Mode.PRIORITY and not 1 <= asked.approach <= len(junction.approaches):
        return now
    plan = now.plan if asked.plan is None else asked.plan
    if not 0 <= plan <= len(junction.plans):
        return now
    tripped = now.tripped and asked.mode != Mode.NORMAL
    return replace(
        now, wanted=asked.mode, plan=plan, approach=asked.approach, until=now.at + LONGEST, tripped=tripped
    )


def lamps(now: Running) -> dict[str, Lamp]:
    """Return what is really shown: a lamp that is stuck shows what it shows."""
    return {**now.lamp, **now.stuck}


def step(junction: Junction, now: Running, at: int, minute: int = 720) -> Running:
    """Live until ``at``, second by second.

    Parameters
    ----------
    minute : int
        Minute of the day, for the plans that run by the hour.
    """
    if at - now.at > 3600:  # it was out of sight: as switched on again, in what it was asked
        fresh = begun(junction, at - 60)
        now = replace(
            fresh,
            plan=now.plan,
            wanted=now.wanted,
            approach=now.approach,
            until=now.until,
            tripped=now.tripped,
            stuck=now.stuck,
        )
    while now.at < at:
        now = _second(junction, now, minute)
    return now


def _second(junction: Junction, now: Running, minute: int) -> Running:
    at = now.at + 1
    now = replace(now, at=at)
    if now.wanted in {Mode.FIXED, Mode.PRIORITY} and at >= now.until:
        now = replace(now, wanted=Mode.NORMAL)
    if now.tripped or _conflict(junction, now):
        return _flashing(junction, replace(now, tripped=True))
    if now.mode == Mode.FLASHING:
        if now.wanted == Mode.FLASHING:
            return now
        fresh = begun(junction, at)
        return replace(
            fresh, plan=now.plan, wanted=now.wanted, approach=now.approach, until=now.until, stuck=now.stuck
        )
    if at < now.red_until:
        return now
    now = _turn(junction, now, minute)
    now = _lights(junction, now, _desired(junction, now))
    if now.wanted == Mode.FLASHING and _clear(junction, now):
        return _flashing(junction, now)
    after = _said(junction, now)
    return _flashing(junction, replace(after, tripped=True)) if _conflict(junction, after) else after


def _conflict(junction: Junction, now: Running) -> bool:
    """Tell whether two groups in conflict are both open, whatever the controller believes."""
    shown = lamps(now)
    opened = [name for name, lamp in shown.items() if lamp in {Lamp.GREEN, Lamp.YELLOW}]
    return any((one, other) in junction.between for one in opened for other in opened if one != other)


def _flashing(junction: Junction, now: Running) -> Running:
    names = [one.name for one in junction.groups]
    since = now.since if now.mode == Mode.FLASHING else dict.fromkeys(names, now.at)
    return replace(
        now, lamp=dict.fromkeys(names, Lamp.FLASHING), since=since, mode=Mode.FLASHING, stage="", stuck={}
    )


def _turn(junction: Junction, now: Running, minute: int) -> Running:
    """Go to the next stage of the plan when the present one has had its time."""
    plan = junction.plan(now.plan, minute)
    turn = now.turn % len(plan.turns)
    name, seconds = plan.turns[turn]
    if now.wanted == Mode.NORMAL and now.at - now.turned >= seconds and _served(junction, now, name):
        turn = (turn + 1) % len(plan.turns)
        return replace(now, turn=turn, turned=now.at, stage=plan.turns[turn][0])
    return replace(now, turn=turn, stage=now.stage or name)


def _served(junction: Junction, now: Running, stage: str) -> bool:
    return all(
        now.lamp[name] == Lamp.GREEN and now.at - now.since[name] >= junction.group(name).minimum
        for name in junction.stage(stage).green
    )


def _desired(junction: Junction, now: Running) -> frozenset[str]:
    if now.wanted == Mode.FLASHING:
        return frozenset()
    if now.wanted == Mode.PRIORITY:
        approach = junction.approaches[now.approach - 1]
        return next(one.green for one in junction.stages if approach in one.green)
    return junction.stage(now.stage).green


def _lights(junction: Junction, now: Running, desired: frozenset[str]) -> Running:
    lamp, since, ended, at = dict(now.lamp), dict(now.since), dict(now.ended), now.at

    def shows(name: str, what: Lamp) -> None:
        lamp[name], since[name] = what, at

    for one in junction.groups:
        if lamp[one.name] == Lamp.GREEN and one.name not in desired and at - since[one.name] >= one.minimum:
            ended[one.name] = at
            shows(one.name, Lamp.YELLOW if one.yellow else Lamp.RED)
        elif lamp[one.name] == Lamp.YELLOW and at - since[one.name] >= one.yellow:
            shows(one.name, Lamp.RED)
    for one in junction.groups:
        if (
            one.name in desired
            and lamp[one.name] == Lamp.RED
            and _may_open(junction, one.name, lamp, ended, at)
        ):
            shows(one.name, Lamp.GREEN)
    return replace(now, lamp=lamp, since=since, ended=ended)


def _may_open(
    junction: Junction, name: str, lamp: Mapping[str, Lamp], ended: Mapping[str, int], at: int
) -> bool:
    return all(
        lamp[leaving] == Lamp.RED and at - ended[leaving] >= seconds
        for (leaving, entering), seconds in junction.between.items()
        if entering == name
    )


def _clear(junction: Junction, now: Running) -> bool:
    """Tell whether everything is red, has been seen red for a second at least, and everybody has cleared."""
    cleared = max(now.ended.values()) + max(junction.clearing(), 1)
    return all(one == Lamp.RED for one in now.lamp.values()) and now.at >= cleared


def _said(junction: Junction, now: Running) -> Running:
    """Say what it does, once it is so."""
    mode = now.mode
    if now.wanted == Mode.NORMAL:
        mode = Mode.NORMAL
    elif now.wanted == Mode.FIXED and all(
        now.lamp[one] == Lamp.GREEN for one in junction.stage(now.stage).green
    ):
        mode = Mode.FIXED
    elif now.wanted == Mode.PRIORITY and now.lamp[junction.approaches[now.approach - 1]] == Lamp.GREEN:
        mode = Mode.PRIORITY
    elif now.wanted in {Mode.FIXED, Mode.PRIORITY} and mode != now.wanted:
        mode = Mode.NORMAL
    return replace(now, mode=mode)
