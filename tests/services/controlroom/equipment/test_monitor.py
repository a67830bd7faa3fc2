"""Hundreds of commands with faults at random, and somebody else who watches the street.

``RESSORT_COMMANDS=10000`` asks for as many as the authority wants to see.
"""

from __future__ import annotations

import logging
import os
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ressort.core import clock
from ressort.core.accounts.models import Organisation
from ressort.core.errors import Refused
from ressort.core.intake import watching
from ressort.core.intake.observing import observe
from ressort.core.intake.readings import milliseconds
from ressort.core.journal.models import Event
from ressort.services.controlroom.equipment import (
    asking,
    drivers,
    holding,
    interlocks,
    playing,
    registering,
    sending,
    simulation,
)
from ressort.services.controlroom.equipment.interlocks import Seen
from ressort.services.controlroom.equipment.kinds import KINDS
from ressort.services.controlroom.equipment.models import Asset, Command, SimulatedDevice
from tests import worlds

COMMANDS = int(os.environ.get("RESSORT_COMMANDS", "400"))
DANGEROUS = {"raise", "flash", "priority", "hold", "sound"}
STALE = {"bollard": 120, "signal_junction": 600, "siren": 3600}
PROOF = {"raise": ("loop", "free", 90), "flash": ("fault", False, 120), "priority": ("fault", False, 120),
         "hold": ("fault", False, 120)}  # fmt: skip
TARGET = {
    "normal": ("mode", "normal"), "flash": ("mode", "flashing"), "priority": ("mode", "priority"),
    "hold": ("mode", "fixed"),
    "lower": ("position", "down"), "raise": ("position", "up"), "auto": ("mode", "auto"),
    "sound": ("sounding", True), "silence": ("sounding", False),
}  # fmt: skip
STATE = {"bollard": "position", "signal_junction": "mode", "siren": "sounding"}


class Monitor:
    """Watches what devices say and what is carried to them; knows nothing of the code it judges."""

    def __init__(self, chance):
        self.chance = chance
        self.said = {}
        self.log = {}
        self.wrong = []
        self.carried = Counter()
        self.inner = drivers.Simulated()
        self.label = "watched"
        self.real = self.waits = False

    def hears(self, items):
        for one in items:
            at = milliseconds(one["at"])
            self.said[one["device"], one["property"]] = (one["value"], at)
            self.log.setdefault((one["device"], one["property"]), []).append((at, one["value"]))
        observe(items)

    def describe(self, asset):
        return self.inner.describe(asset)

    def command(self, command):
        code, kind, now = command.asset.code, command.asset.kind, milliseconds(clock.service_now())
        self.carried[command.pid] += 1
        if command.verb in DANGEROUS:
            state = self.said.get((code, STATE[kind]))
            if state is None or now - state[1] > STALE[kind] * 1000:
                self.wrong.append(f"{command.verb} of {code} in the dark")
            if command.verb in PROOF:
                name, wanted, fresh = PROOF[command.verb]
                value, at = self.said.get((code, name), (None, 0))
                if value != wanted or now - at > fresh * 1000:
                    self.wrong.append(f"{command.verb} of {code} while its {name} is {value}")
            if not command.emergency and command.approver in {"", command.actor}:
                self.wrong.append(f"{command.verb} of {code} by one person")
        if self.chance.random() < 0.05:
            raise ConnectionError("the line broke")
        return self.inner.command(command)


@pytest.mark.slow
@pytest.mark.django_db
def test_commands_end_once_confirmed_only_by_the_device(street, monkeypatch, caplog):
    chance = random.Random(20260915)
    monitor = Monitor(chance)
    monkeypatch.setitem(drivers.DRIVERS, "simulated", monitor)
    caplog.set_level(logging.CRITICAL)
    town = Organisation.objects.get(pid="o_valmont")
    kinds = ["bollard"] * 14 + ["signal_junction"] * 8 + ["street_light"] * 6 + ["siren"] * 2
    added = [
        (town, {"code": f"{kind}-{n}", "kind": kind, "name": f"{kind} {n}", "lon": 5.0, "lat": 47.0,
                "device": f"{kind}-{n}", "driver": "simulated"})
        for n, kind in enumerate(kinds)
    ]  # fmt: skip
    assets = registering.take(worlds.person("adele"), added, source="test")
    playing.install()
    busy: set[str] = set()
    asked = refused = 0

    def live(seconds=1):
        from datetime import timedelta

        street.wall += timedelta(seconds=seconds)
        street.service += timedelta(seconds=seconds)
        clock.simulate(street.service, rate=0)
        holding.tick(street.wall)
        playing.play(street.service, lambda one: one.code in busy, wall=street.wall, heard=monitor.hears)
        if chance.random() < 0.9:  # now and then the watcher is dead: the round finds what it missed
            watching.deliver("controlroom.commands", lambda rows: sending.confirm(rows, street.wall))

    live()
    while asked < COMMANDS:
        for asset in chance.sample(assets, 12):
            verb = chance.choice(asset.capabilities)
            capability = KINDS[asset.kind].capability(verb)
            params = {one.name: chance.randint(one.low, one.high) for one in capability.params}
            try:
                command = asking.ask(
                    chance.choice((street.oscar, street.odile)), asset.pid, verb, params, reason="essai",
                    hold=capability.holdable and chance.random() < 0.3, now=street.wall,
                )  # fmt: skip
            except Refused:
                refused += 1
                continue
            asked += 1
            if command.state == Command.State.DRAFTED and chance.random() < 0.9:
                other = street.odile if command.actor == street.oscar.pid else street.oscar
                asking.approve(other, command.pid, now=street.wall)
        for code in chance.sample([one.code for one in assets], 3):
            busy.symmetric_difference_update({code})
        for asset in chance.sample(assets, 2):
            fault = chance.choice(simulation.FAULTS) if chance.random() < 0.6 else ""
            SimulatedDevice.objects.filter(asset=asset).update(fault=fault)
        live(chance.choice((0.5, 1, 1, 3, 6, 30)))
    for _ in range(25):
        live(30)
    ends = Counter(Command.objects.values_list("state", flat=True))
    assert set(ends) <= set(Command.ENDS), ends
    assert not Command.objects.filter(held=True).exists()
    assert monitor.wrong == []
    assert ends["confirmed"] > COMMANDS // 10
    assert min(ends[state] for state in ("refused", "timed_out", "superseded")) > COMMANDS // 200
    _each_end_was_told_once(ends)
    _nothing_was_confirmed_that_the_device_did_not_say(monitor)


def _each_end_was_told_once(ends):
    told = Counter()
    for event in Event.objects.filter(kind__startswith="controlroom.command."):
        what = event.kind.rpartition(".")[2]
        if what in {"confirmed", "refused", "timed_out", "cancelled"}:
            told[event.subject] += 1
        if what == "sent":
            import json

            told.update(json.loads(event.payload)["superseded"])
    assert set(told.values()) == {1}
    assert sum(told.values()) == sum(ends.values())


def _nothing_was_confirmed_that_the_device_did_not_say(monitor):
    for command in Command.objects.filter(state="confirmed").select_related("asset"):
        name, wanted = TARGET.get(command.verb) or next(iter(command.params.items()))
        assert monitor.carried[command.pid] >= 1
        assert any(
            at > command.sent_at and value == wanted for at, value in monitor.log[command.asset.code, name]
        ), command.pid


SEEN = st.builds(
    Seen,
    st.sampled_from(["free", "occupied", "up", "down", "moving", "normal", True, False, 3.0]),
    st.integers(-1_000_000, 100_000),
    st.sampled_from([0, 1, 2]),
)


@given(
    st.sampled_from([(kind, can) for kind in KINDS.values() for can in kind.can]),
    st.dictionaries(st.sampled_from(["loop", "position", "mode", "fault", "sounding", "level"]), SEEN),
)
def test_what_is_dangerous_needs_proof_and_what_is_safe_needs_none(found, known):
    kind, can = found
    forbidden = interlocks.broken(kind, can, known, 0)
    if not can.dangerous:
        assert forbidden == []
        return

    def proved(name, seconds, *values):
        seen = known.get(name)
        fresh = seen is not None and seen.quality == 0 and -60_000 <= -seen.at <= seconds * 1000
        return fresh and (not values or seen.value in values)

    wanted = [proved(kind.state, kind.stale_s)]
    wanted += [proved(rule.observed, rule.fresh_s, *rule.allowed) for rule in can.rules]
    assert (not forbidden) == all(wanted)


@given(
    st.lists(
        st.tuples(st.sampled_from(["lower", "raise", "auto"]), st.booleans(), st.integers(100, 9_000)),
        max_size=30,
    ),
    st.sampled_from(simulation.FAULTS),
)
def test_a_simulated_bollard_never_comes_up_under_a_vehicle(deeds, fault):
    state, now = simulation.first("bollard"), 1_000_000
    for number, (verb, occupied, pause) in enumerate(deeds):
        now += pause
        before = state["values"]["position"]
        lived = simulation.step(
            "bollard", state, [(f"c{number}", verb, {})], now, fault=fault, occupied=occupied
        )
        state = lived.state
        if fault != "off" and occupied and state["values"]["position"] == "up":
            assert before == "up"


def test_every_capability_is_whole():
    """Fallbacks exist and hurt nobody; what is held falls back; what confirms is observed."""
    for kind in KINDS.values():
        observed = {spec.observed for spec in kind.observes}
        assert kind.state in observed
        for can in kind.can:
            assert can.observed in observed
            assert can.value is not None or can.observed in {param.name for param in can.params}
            assert {rule.observed for rule in can.rules} <= observed
            if can.holdable or can.dangerous:
                assert kind.capability(can.fallback) is not None
                assert not kind.capability(can.fallback).dangerous
            if can.inverse:
                assert kind.capability(can.inverse) is not None
    assert Asset.Upkeep.IN_SERVICE == "in_service"
