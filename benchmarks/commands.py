"""Commands with faults at random: each ends once, none is confirmed that the device did not do, no interlock is passed.

    .venv/bin/python benchmarks/commands.py [--commands 10000] [--clicks 200] [--seed 1]

Thirty simulated devices – posts, junctions, lights, sirens – lose their link, stick, lag, refuse, hide their loop and lie while
commands rain on them, lines break and watchers die. Half of the posts have a witness: whoever knows where each post really stands
counts the lies that it found and missed, and the honest posts that it accused. A monitor that shares no code with what it judges sees only what devices say and what is carried to them.
Then clicks at random instants on the world's clock, without faults: how long until the device has confirmed. Printed as JSON.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

DANGEROUS = {"raise", "flash", "priority", "hold", "sound"}
STALE = {"bollard": 120, "signal_junction": 600, "siren": 3600}
STATE = {"bollard": "position", "signal_junction": "mode", "siren": "sounding"}
PROOF = {"raise": ("loop", "free", 90), "flash": ("fault", False, 120), "priority": ("fault", False, 120),
         "hold": ("fault", False, 120)}  # fmt: skip
TARGET = {
    "normal": ("mode", "normal"), "flash": ("mode", "flashing"), "priority": ("mode", "priority"),
    "hold": ("mode", "fixed"),
    "lower": ("position", "down"), "raise": ("position", "up"), "auto": ("mode", "auto"),
    "sound": ("sounding", True), "silence": ("sounding", False),
}  # fmt: skip
STREET = ["bollard"] * 14 + ["signal_junction"] * 8 + ["street_light"] * 6 + ["siren"] * 2
FAULTS = ("", "off", "stuck", "slow", "refuses", "mute_loop", "conflict", "lying")
STEPS = (0.5, 1, 1, 3, 6, 6, 10, 30)
SURE = 35 + max(STEPS)
"""Seconds after which a lie must be known: the witness's lag, the time between two words of a post, one look."""


class Monitor:
    """Sees what devices say and what is carried to them."""

    real = waits = False
    label = "watched"

    def __init__(self, chance: random.Random, inner: Any) -> None:
        self.chance, self.inner = chance, inner
        self.said: dict[tuple[str, str], tuple[Any, int]] = {}
        self.log: dict[tuple[str, str], list[tuple[int, Any]]] = {}
        self.violations: list[str] = []
        self.carried: Counter[str] = Counter()
        self.now = 0

    def hears(self, items: list[dict[str, Any]]) -> None:
        """Note what devices say, and pass it on."""
        from ressort.core.intake.observing import observe

        for one in items:
            at = round(one["at"].timestamp() * 1000)
            self.said[one["device"], one["property"]] = (one["value"], at)
            self.log.setdefault((one["device"], one["property"]), []).append((at, one["value"]))
        observe(items)

    def describe(self, asset: Any) -> list[str]:
        """Pass on."""
        return list(self.inner.describe(asset))

    def observe(self, asset: Any) -> list[Any]:
        """Pass on."""
        return list(self.inner.observe(asset))

    def feedback(self, command: Any) -> Any:
        """Pass on."""
        return self.inner.feedback(command)

    def command(self, command: Any) -> Any:
        """Judge what is about to leave, then pass it on, unless the line breaks."""
        self.carried[command.pid] += 1
        if command.verb in DANGEROUS:
            self._judge(command)
        if self.chance.random() < 0.05:
            raise ConnectionError("the line broke")
        return self.inner.command(command)

    def _judge(self, command: Any) -> None:
        code, kind, verb = command.asset.code, command.asset.kind, command.verb
        state = self.said.get((code, STATE[kind]))
        if state is None or self.now - state[1] > STALE[kind] * 1000:
            self.violations.append(f"{verb} of {code} in the dark")
        if verb in PROOF:
            name, wanted, fresh = PROOF[verb]
            value, at = self.said.get((code, name), (None, 0))
            if value != wanted or self.now - at > fresh * 1000:
                self.violations.append(f"{verb} of {code} while its {name} is {value}")
        if not command.emergency and command.approver in {"", command.actor}:
            self.violations.append(f"{verb} of {code} by one person")


class Truth:
    """Knows where the posts really stand, and counts what their witnesses found."""

    def __init__(self) -> None:
        self.life: dict[str, tuple[str, float, float]] = {}
        self.accused: set[str] = set()
        self.known: set[str] = set()
        self.counted: Counter[str] = Counter()

    def look(self, seconds: float) -> None:
        """Look at each watched post once more."""
        from ressort.services.controlroom.equipment.models import SimulatedDevice
        from ressort.services.controlroom.equipment.witness_models import Witness

        accused = set(Witness.objects.exclude(contradicted=None).values_list("asset__code", flat=True))
        posts = SimulatedDevice.objects.filter(asset__witness__isnull=False)
        for code, state, fault in posts.values_list("asset__code", "state", "fault"):
            says = state["values"]["position"]
            was, lied, truth = self.life.get(code, ("", 0.0, 0.0))
            lies = says not in {"moving", state.get("real", says)}
            lied = lied + seconds if says == was and lies and fault == "lying" else 0.0
            truth = 0.0 if lies else truth + seconds
            self.life[code] = (says, lied, truth)
            if lied > SURE and code not in self.known:
                self.known.add(code)
                self.counted["found" if code in accused else "missed"] += 1
            if not lied:
                self.known.discard(code)
            if code in accused - self.accused:
                self.counted["accusations"] += 1
                self.counted["false"] += truth > SURE
        self.accused = accused

    def told(self) -> dict[str, int]:
        """Return what was counted."""
        return {
            "lies_that_lasted": self.counted["found"] + self.counted["missed"],
            "lies_found": self.counted["found"],
            "lies_missed": self.counted["missed"],
            "accusations": self.counted["accusations"],
            "false_accusations": self.counted["false"],
        }


class Rain:
    """A street, two operators, and two clocks that the benchmark moves together."""

    def __init__(self, seed: int) -> None:
        from ressort.core import clock
        from ressort.services.controlroom.equipment import drivers

        self.clock, self.chance = clock, random.Random(seed)
        self.wall, self.service = clock.wall_now(), datetime(2026, 9, 15, 8, tzinfo=UTC)
        clock.simulate(self.service, rate=0)
        self.assets, self.oscar, self.odile = street()
        self.watched = [
            one for one in self.assets if one.kind == "bollard" and int(one.code.split("-")[1]) % 2
        ]
        self.monitor = Monitor(self.chance, drivers.DRIVERS["simulated"])
        drivers.DRIVERS["simulated"] = self.monitor
        self.busy: set[str] = set()
        self.truth = Truth()
        self.asked = self.refused = 0

    def live(self, seconds: float) -> None:
        """Let time pass."""
        from ressort.core.intake import watching
        from ressort.services.controlroom.equipment import holding, playing, sending, witnessing

        self.wall += timedelta(seconds=seconds)
        self.service += timedelta(seconds=seconds)
        self.monitor.now = round(self.service.timestamp() * 1000)
        self.clock.simulate(self.service, rate=0)
        holding.tick(self.wall)
        playing.play(
            self.service, lambda one: one.code in self.busy, wall=self.wall, heard=self.monitor.hears
        )
        if self.chance.random() < 0.9:  # now and then the watcher is dead: the round finds what it missed
            watching.deliver("controlroom.commands", lambda rows: sending.confirm(rows, self.wall))
        watching.deliver("controlroom.witnesses", witnessing.judge)
        self.truth.look(seconds)

    def ask(self) -> None:
        """Ask a dozen devices for something, spoil some, and let time pass."""
        from ressort.core.errors import Refused
        from ressort.services.controlroom.equipment import asking
        from ressort.services.controlroom.equipment.models import SimulatedDevice

        for asset in self.chance.sample(self.assets, 12):
            capability = self.chance.choice(asset.can)
            params = {one.name: self.chance.randint(one.low, one.high) for one in capability.params}
            who = self.chance.choice((self.oscar, self.odile))
            hold = capability.holdable and self.chance.random() < 0.3
            try:
                made = asking.ask(
                    who, asset.pid, capability.verb, params, reason="essai", hold=hold, now=self.wall
                )
            except Refused:
                self.refused += 1
                continue
            self.asked += 1
            if made.state == "drafted" and self.chance.random() < 0.9:
                asking.approve(self.odile if who == self.oscar else self.oscar, made.pid, now=self.wall)
        for code in self.chance.sample([one.code for one in self.assets], 3):
            self.busy.symmetric_difference_update({code})
        for asset in self.chance.sample(self.assets, 2):
            fault = self.chance.choice(FAULTS) if self.chance.random() < 0.6 else ""
            SimulatedDevice.objects.filter(asset=asset).update(fault=fault)
        if self.chance.random() < 0.4:
            SimulatedDevice.objects.filter(asset=self.chance.choice(self.watched)).update(fault="lying")
        self.live(self.chance.choice(STEPS))

    def told(self) -> dict[str, Any]:
        """Return what was counted, once everything has ended."""
        from ressort.core.journal.models import Event
        from ressort.services.controlroom.equipment.models import Command

        ends = Counter(Command.objects.values_list("state", flat=True))
        told: Counter[str] = Counter()
        for kind, subject, payload in Event.objects.filter(
            kind__startswith="controlroom.command."
        ).values_list("kind", "subject", "payload"):
            what = kind.rpartition(".")[2]
            told.update([subject] if what in {"confirmed", "refused", "timed_out", "cancelled"} else [])
            told.update(json.loads(payload)["superseded"] if what == "sent" else [])
        return {
            "asked": self.asked,
            "refused_when_asked": self.refused,
            "commands_with_fallbacks": sum(ends.values()),
            "ends": dict(sorted(ends.items())),
            "not_ended": sum(count for state, count in ends.items() if state not in Command.ENDS),
            "not_ended_exactly_once": sum(ends.values()) - sum(1 for count in told.values() if count == 1),
            "false_confirmations": self._false(),
            "interlock_violations": len(self.monitor.violations),
            "violations": self.monitor.violations[:5],
            **self.truth.told(),
        }

    def _false(self) -> int:
        from ressort.services.controlroom.equipment.models import Command

        wrong = 0
        for one in Command.objects.filter(state="confirmed").select_related("asset"):
            name, wanted = TARGET.get(one.verb) or next(iter(one.params.items()))
            said = self.monitor.log.get((one.asset.code, name), [])
            done = any(at > (one.sent_at or 0) and value == wanted for at, value in said)
            wrong += not (done and self.monitor.carried[one.pid])
        return wrong


def street() -> tuple[list[Any], Any, Any]:
    """Return thirty simulated devices and two operators."""
    from ressort.core.accounts.models import Membership, Organisation, User
    from ressort.core.intake import watching
    from ressort.services.controlroom.equipment import playing, registering, sending, witnessing
    from ressort.services.controlroom.equipment.models import Asset

    town = Organisation.objects.create(pid="o_bench", name="Banc")
    people = {}
    for name, role in (("adele", "administrator"), ("oscar", "operator"), ("odile", "operator")):
        people[name] = User.objects.create(email=f"{name}@bench.test", name=name, pid=f"p_{name}")
        Membership.objects.create(user=people[name], organisation=town, role=role)
    rows = [
        {"code": f"{kind}-{n}", "kind": kind, "name": f"{kind} {n}", "lon": 5.0, "lat": 47.0, "device": f"{kind}-{n}",
         "driver": "simulated", "witness": f"eye-{n}" if kind == "bollard" and n % 2 else ""}
        for n, kind in enumerate(STREET)
    ]  # fmt: skip
    registering.take(people["adele"], [(town, one) for one in rows], source="bench")
    playing.install()
    watching.deliver("controlroom.commands", sending.confirm)
    watching.deliver("controlroom.witnesses", witnessing.judge)
    return list(Asset.objects.select_related("device")), people["oscar"], people["odile"]


def clicks(rain: Rain, wanted: int) -> dict[str, Any]:
    """Click on lights at random instants of the world's clock; return how long until each is confirmed by its device.

    Devices are looked at ten times a second, as a demonstration does; a light takes 0.8 s by itself.
    """
    from ressort.core.intake import watching
    from ressort.services.controlroom.equipment import asking, drivers, playing, sending
    from ressort.services.controlroom.equipment.models import Command, SimulatedDevice

    drivers.DRIVERS["simulated"] = rain.monitor.inner
    SimulatedDevice.objects.update(fault="")
    rain.clock.simulate(rain.service + timedelta(minutes=5), rate=1)
    playing.play(rain.clock.service_now())
    lights = [one for one in rain.assets if one.kind == "street_light"]
    free, waiting, took, level = {one.pk: one for one in lights}, {}, [], 0
    click = look = time.monotonic()
    while len(took) < wanted:
        now = time.monotonic()
        if now >= click and free and len(took) + len(waiting) < wanted:
            click, level = now + rain.chance.uniform(0.1, 0.4), level % 100 + 1
            asset = free.pop(rain.chance.choice(list(free)))
            made = asking.ask(rain.oscar, asset.pid, "dim", {"level": level}, reason="essai")
            waiting[made.pk] = (now, asset)
        if now >= look:
            look = now + 0.1
            playing.play(rain.clock.service_now())
            watching.deliver("controlroom.commands", sending.confirm)
            for pk in Command.objects.filter(pk__in=waiting, state="confirmed").values_list("pk", flat=True):
                began, asset = waiting.pop(pk)
                took.append(time.monotonic() - began)
                free[asset.pk] = asset
        time.sleep(max(0.0, min(click, look) - time.monotonic()) if free else 0.01)
    took.sort()
    return {
        "clicks": len(took),
        "click_to_confirmed_p50_s": round(took[len(took) // 2], 3),
        "click_to_confirmed_p95_s": round(took[int(len(took) * 0.95)], 3),
        "click_to_confirmed_worst_s": round(took[-1], 3),
        "of_which_the_device_itself_s": 0.8,
    }


def main() -> None:
    """Print what became of the commands, as JSON; end with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commands", type=int, default=10_000)
    parser.add_argument("--clicks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ressort-commands-") as folder:
        os.environ |= {
            "RESSORT_DATA": folder,
            "RESSORT_SECRET_KEY": "bench",
            "DJANGO_SETTINGS_MODULE": "ressort.config.settings",
        }
        os.environ.pop("RESSORT_DATABASE", None)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        logging.disable(logging.CRITICAL)  # broken lines are what is wanted
        began, rain = time.monotonic(), Rain(asked.seed)
        rain.live(1)
        while rain.asked < asked.commands:
            rain.ask()
        for _ in range(25):
            rain.live(30)
        told = {
            **rain.told(),
            "seconds": round(time.monotonic() - began, 1),
            "load": round(os.getloadavg()[0], 1),
        }
        told |= clicks(rain, asked.clicks) if asked.clicks else {}
        print(json.dumps(told, indent=1))
    broken = (
        *("not_ended", "not_ended_exactly_once", "false_confirmations", "interlock_violations"),
        *("lies_missed", "false_accusations"),
    )
    sys.exit(1 if any(told[name] for name in broken) else 0)


if __name__ == "__main__":
    main()
