"""Simulated devices: pure state machines that answer commands as those of the street do, faults included.

A device takes orders, moves in its own time, keeps the last word where its own loop or monitor says no, and reports
what it is. Nothing here reads a clock or a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ressort.services.controlroom.equipment import junctions

FAULTS = ("", "off", "stuck", "slow", "refuses", "mute_loop", "conflict", "lying")
"""Nothing wrong; lost link; acknowledges but never moves; ten times as slow; refuses; says nothing of its loop; a lamp
of a junction stays green; a post says that it did what it was asked, without moving."""
_SLOW = 10
_LATE = 60_000  # milliseconds before a slow junction does what it is asked
_MOVES = {
    "bollard": 4_000,
    "street_light": 800,
    "message_sign": 1_500,
    "siren": 500,
}
_EVERY = {"bollard": 20_000, "signal_junction": 30_000}
_USUALLY = 300_000
_SEEN_EVERY = 10_000  # between two words of a witness
_SELF_RAISE = 10_000
_FIRST: Mapping[str, dict[str, Any]] = {
    "signal_junction": {"mode": "normal", "fault": False, "plan": 0, "stage": 1},
    "bollard": {"position": "up", "loop": "free", "mode": "auto"},
    "street_light": {"level": 0, "power": 0, "fault": False},
    "message_sign": {"message": 0, "fault": False},
    "siren": {"sounding": False},
}
PLAYED = frozenset(_FIRST)


@dataclass(slots=True)
class Step:
    """What a step gave: the new state, answers ``(command, accepted, why)``, and what the device says."""

    state: dict[str, Any]
    answers: list[tuple[str, bool, str]] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)


def first(kind: str) -> dict[str, Any]:
    """Return a device as it was installed."""
    return {"values": dict(_FIRST[kind]), "goal": None, "until": 0, "said_at": 0, "free_since": 0}


def step(
    kind: str,
    state: Mapping[str, Any],
    orders: Sequence[tuple[str, str, Mapping[str, Any]]],
    now: int,
    *,
    fault: str = "",
    occupied: bool = False,
    minute: int = 720,
) -> Step:
    """Live until ``now``.

    Parameters
    ----------
    orders : sequence of (command, verb, params)
        In the order in which they came.
    now : int
        Milliseconds of service time.
    occupied : bool
        A vehicle stands on the loop (bollards).
    minute : int
        Minute of the day (junctions).
    """
    kept = {**state, "values": dict(state["values"])}
    if fault == "off":
        return Step(kept)
    if (
        kind == "signal_junction"
        and not orders
        and not kept["goal"]
        and not fault
        and not _due(kind, kept, now)
    ):
        return Step(kept)  # it runs its plan: it is caught up with when it next speaks
    live, before = Step(kept), dict(kept["values"])
    if kind == "bollard":
        if fault != "lying" and "real" in kept:  # repaired: it knows again where it stands
            kept["values"]["position"], kept["goal"] = kept.pop("real"), None
        elif fault == "lying":
            kept.setdefault("real", _standing(before["position"]))
        _loop(kept, now, occupied=occupied)
    for command, verb, params in orders:
        live.taken.append(command)
        live.answers.append((command, *_order(kind, kept, verb, params, now, fault)))
    if kind == "signal_junction":
        junctions.live(kept, now, minute, fault)
    else:
        _move(kind, kept, now)
    changed = {
        name: value for name, value in kept["values"].items() if before.get(name) != value and name != "stage"
    }
    due = _due(kind, kept, now)
    live.said = dict(kept["values"]) if due or live.taken or not kept["said_at"] else changed
    if live.said:
        kept["said_at"] = now if (due or live.taken or not kept["said_at"]) else kept["said_at"]
    if fault == "mute_loop":
        live.said.pop("loop", None)
    return live


def seen(kind: str, state: Mapping[str, Any], was: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Return what somebody who looks at a device says now, nothing between two looks; ``was`` is what they said last.

    It is the truth: of a post that lies, where it really stands.
    """
    values = state["values"]
    found: dict[str, Any] = {}
    if kind == "bollard":
        where = state.get("real", values["position"])
        found = {} if where == "moving" else {"seen": where}
    elif kind == "street_light":
        found = {"seen": values["power"]}
    elif kind == "message_sign":
        found = {"seen": values["message"]}
    elif kind == "siren":
        found = {"seen": values["sounding"]}
    due = found and (found["seen"] != was.get("seen") or now - int(was.get("at", 0)) >= _SEEN_EVERY)
    return {**found, "at": now} if due else {}


def _standing(position: str) -> str:
    """Return where a post that begins to lie stands: on its way, it stays up."""
    return "up" if position == "moving" else position


def _due(kind: str, kept: Mapping[str, Any], now: int) -> bool:
    return bool(now - kept["said_at"] >= _EVERY.get(kind, _USUALLY))


def _loop(kept: dict[str, Any], now: int, *, occupied: bool) -> None:
    values = kept["values"]
    loop = "occupied" if occupied else "free"
    if loop != values["loop"]:
        values["loop"], kept["free_since"] = loop, now
    rising = kept["goal"] and kept["goal"].get("position") == "up"
    if occupied and rising:  # the post's own guard: down again, whatever was ordered
        kept["goal"], kept["until"] = {"position": "down"}, now + _MOVES["bollard"]
    elif (
        values["mode"] == "auto"
        and values["position"] == "down"
        and not occupied
        and not kept["goal"]
        and now - kept["free_since"] >= _SELF_RAISE
    ):
        kept["goal"], kept["until"] = {"position": "up"}, now + _MOVES["bollard"]


def _order(
    kind: str, kept: dict[str, Any], verb: str, params: Mapping[str, Any], now: int, fault: str
) -> tuple[bool, str]:
    values = kept["values"]
    if fault == "refuses" or (verb == "raise" and values["loop"] == "occupied"):
        return False, "device" if fault == "refuses" else "occupied"
    if fault == "stuck":
        return True, ""
    if kind == "signal_junction":
        junctions.order(kept, verb, params, now + (_LATE if fault == "slow" else 0))
        return True, ""
    goal = _goal(verb, params)
    pace = _SLOW if fault == "slow" else 1
    if kind == "bollard":
        values["mode"] = "auto" if verb == "auto" else "held"
        if verb == "auto":
            kept["free_since"] = now
            return True, ""
        if values["position"] == goal["position"]:
            kept["goal"] = None
            return True, ""
        values["position"] = "moving"
    kept["goal"], kept["until"] = goal, now + _MOVES[kind] * pace
    return True, ""


def _goal(verb: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "lower": {"position": "down"},
        "raise": {"position": "up"},
        "dim": {"level": params.get("level", 0), "power": round(0.6 * float(params.get("level", 0)), 1)},
        "show": {"message": params.get("message", 0)},
        "blank": {"message": 0},
        "sound": {"sounding": True},
        "silence": {"sounding": False},
    }.get(verb, {})


def _move(kind: str, kept: dict[str, Any], now: int) -> None:
    if not kept["goal"]:
        return
    if now >= kept["until"]:
        kept["values"].update(kept["goal"])
        kept["goal"] = None
    elif kind == "bollard":
        kept["values"]["position"] = "moving"
