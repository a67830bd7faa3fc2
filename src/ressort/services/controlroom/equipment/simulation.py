"""Simulated devices: pure state machines that answer commands as those of the street do, faults included.

A device takes orders, moves in its own time, keeps the last word where its own loop or monitor says no, and reports
what it is. Nothing here reads a clock or a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FAULTS = ("", "off", "stuck", "slow", "refuses", "mute_loop")
"""Nothing wrong; lost link; acknowledges but never moves; ten times as slow; refuses; says nothing of its loop."""
_SLOW = 10
_MOVES = {
    "signal_junction": 8_000,
    "bollard": 4_000,
    "street_light": 800,
    "message_sign": 1_500,
    "siren": 500,
}
_EVERY = {"bollard": 20_000, "signal_junction": 30_000}
_USUALLY = 300_000
_SELF_RAISE = 10_000
_FIRST: Mapping[str, dict[str, Any]] = {
    "signal_junction": {"mode": "normal", "fault": False},
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
    """
    kept = {**state, "values": dict(state["values"])}
    if fault == "off":
        return Step(kept)
    live, before = Step(kept), dict(kept["values"])
    if kind == "bollard":
        _loop(kept, now, occupied=occupied)
    for command, verb, params in orders:
        live.taken.append(command)
        live.answers.append((command, *_order(kind, kept, verb, params, now, fault)))
    _move(kind, kept, now)
    changed = {name: value for name, value in kept["values"].items() if before.get(name) != value}
    due = now - kept["said_at"] >= _EVERY.get(kind, _USUALLY)
    live.said = dict(kept["values"]) if due or live.taken or not kept["said_at"] else changed
    if live.said:
        kept["said_at"] = now if (due or live.taken or not kept["said_at"]) else kept["said_at"]
    if fault == "mute_loop":
        live.said.pop("loop", None)
    return live


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
    if fault == "refuses":
        return False, "device"
    values = kept["values"]
    if verb == "raise" and values["loop"] == "occupied":
        return False, "occupied"
    if fault == "stuck":
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
        "normal": {"mode": "normal"},
        "flash": {"mode": "flashing"},
        "priority": {"mode": "priority"},
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
