"""A junction under random requests and faults, watched by somebody who knows nothing of its controller."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ressort.engines import signals
from ressort.engines.signals import Asked, Group, Junction, Lamp, Mode, Plan, Span, Stage

OPEN = {"green", "yellow"}


@st.composite
def junctions(draw):
    """Three to five groups, conflicts and clearances at random, a stage for each group with what goes with it."""
    groups = tuple(
        Group(f"g{n}", draw(st.integers(6, 12)), draw(st.sampled_from([0, 3, 5])))
        for n in range(draw(st.integers(3, 5)))
    )
    between = {}
    for n, one in enumerate(groups):
        for other in groups[n + 1 :]:
            if draw(st.booleans()):
                between[one.name, other.name] = one.yellow + draw(st.integers(0, 9))
                between[other.name, one.name] = other.yellow + draw(st.integers(0, 9))
    stages = []
    for one in groups:
        green = {one.name}
        green |= {
            other.name for other in groups
            if other.name not in green and all((other.name, name) not in between for name in green) and draw(st.booleans())
        }  # fmt: skip
        green = {name for name in green if all((name, other) not in between for other in green)}
        stages.append(Stage(f"s{one.name}", frozenset(green)))
    order = draw(st.permutations([one.name for one in stages]))
    plans = tuple(Plan(f"p{n}", tuple((name, draw(st.integers(6, 30))) for name in order)) for n in range(2))
    return Junction(
        groups, between, tuple(stages), plans, (Span(0, 600, 2),), tuple(one.name for one in groups)
    )


class Watcher:
    """Looks at the lamps each second: nothing else."""

    def __init__(self, junction):
        self.junction, self.before, self.green, self.ended = junction, {}, {}, {}
        self.wrong, self.at = [], 0

    def sees(self, shown, at):
        self.together(shown, at)
        for name, lamp in shown.items():
            was = self.before.get(name)
            if lamp == "green" and was != "green":
                self.opens(name, at)
            if was == "green" and lamp != "green":
                self.ended[name] = at
                if at - self.green[name] < self.junction.group(name).minimum:
                    self.wrong.append(f"{at}: green of {name} cut short")
                if lamp == "flashing":
                    self.wrong.append(f"{at}: {name} goes from green to flashing")
        self.before = dict(shown)

    def opens(self, name, at):
        self.green[name] = at
        for (leaving, entering), seconds in self.junction.between.items():
            if entering == name and at - self.ended.get(leaving, -9999) < seconds:
                self.wrong.append(f"{at}: {name} opens too soon after {leaving}")

    def together(self, shown, at):
        for one in shown:
            for other in shown:
                if (
                    one < other
                    and (one, other) in self.junction.between
                    and shown[one] in OPEN
                    and shown[other] in OPEN
                ):
                    self.wrong.append(f"{at}: {one} and {other} open")


ASKED = st.one_of(
    st.builds(Asked, st.just(Mode.NORMAL), st.one_of(st.none(), st.integers(0, 3))),
    st.builds(Asked, st.sampled_from([Mode.FIXED, Mode.FLASHING])),
    st.builds(Asked, st.just(Mode.PRIORITY), st.none(), st.integers(0, 6)),
)


@settings(max_examples=60, deadline=None)
@given(junctions(), st.lists(st.tuples(ASKED, st.integers(1, 40)), max_size=25), st.integers(0, 1439))
def test_whatever_is_asked_nothing_conflicts_and_no_green_is_cut_short(junction, deeds, minute):
    assert signals.faults(junction) == []
    now, watcher = signals.begun(junction, 0), Watcher(junction)
    for asked, seconds in deeds:
        now = signals.ask(junction, now, asked)
        for _ in range(seconds):
            now = signals.step(junction, now, now.at + 1, minute)
            watcher.sees({name: str(lamp) for name, lamp in signals.lamps(now).items()}, now.at)
    assert watcher.wrong == []
    assert not now.tripped


def test_red_is_seen_before_flashing_where_nothing_has_to_clear():
    crossing = Group("g0", 6, 0)
    junction = Junction(
        (crossing,),
        {},
        (Stage("s", frozenset({"g0"})),),
        (Plan("p", (("s", 10),)),),
        (Span(0, 600, 1),),
        ("g0",),
    )
    now, seen = signals.ask(junction, signals.begun(junction, 0), Asked()), []
    for second in range(1, 40):
        if second == 20:
            now = signals.ask(junction, now, Asked(Mode.FLASHING))
        now = signals.step(junction, now, second)
        seen.append(str(signals.lamps(now)["g0"]))
    shown = [lamp for lamp, before in zip(seen, [None, *seen], strict=False) if lamp != before]
    assert shown == ["red", "green", "red", "flashing"]


@settings(max_examples=60, deadline=None)
@given(junctions(), st.data())
def test_a_lamp_stuck_on_green_puts_everything_to_flashing_within_a_second(junction, data):
    now, conflicts = signals.begun(junction, 0), {one for one, _ in junction.between}
    stuck = data.draw(st.sampled_from([one.name for one in junction.groups]))
    now = signals.step(junction, now, data.draw(st.integers(1, 200)))
    now = replace(now, stuck={stuck: Lamp.GREEN})
    for _ in range(400):
        before = now
        now = signals.step(junction, now, now.at + 1)
        shown = signals.lamps(now)
        opened = [name for name in shown if shown[name] in {Lamp.GREEN, Lamp.YELLOW}]
        assert not any((one, other) in junction.between for one in opened for other in opened), before
    assert now.tripped or stuck not in conflicts or not now.stuck
    if now.tripped:
        assert now.mode == Mode.FLASHING
        again = signals.step(junction, signals.ask(junction, now, Asked(Mode.PRIORITY, None, 1)), now.at + 60)
        assert again.mode == Mode.FLASHING
        back = signals.step(junction, signals.ask(junction, again, Asked(Mode.NORMAL)), again.at + 90)
        assert back.mode == Mode.NORMAL


@settings(max_examples=40, deadline=None)
@given(junctions(), st.integers(1, 5), st.integers(0, 200))
def test_priority_comes_and_ends_by_itself(junction, approach, later):
    approach = min(approach, len(junction.approaches))
    now = signals.step(junction, signals.begun(junction, 0), 30 + later)
    now = signals.ask(junction, now, Asked(Mode.PRIORITY, None, approach))
    longest = 20 + junction.clearing()
    now = signals.step(junction, now, now.at + longest)
    assert now.mode == Mode.PRIORITY
    assert now.lamp[junction.approaches[approach - 1]] == Lamp.GREEN
    now = signals.step(junction, now, now.at + signals.LONGEST)
    assert now.mode == Mode.NORMAL


@settings(max_examples=40, deadline=None)
@given(junctions())
def test_in_the_normal_cycle_everybody_is_served(junction):
    now, served = signals.begun(junction, 0), set()
    for _ in range(5 * (30 + 12 + 20) + 30):
        now = signals.step(junction, now, now.at + 1)
        served |= {name for name, lamp in now.lamp.items() if lamp == Lamp.GREEN}
    assert served == {one.name for one in junction.groups}


def test_what_is_wrong_in_a_junction_is_said():
    a, b = Group("a", 4), Group("b")
    wrong = Junction(
        (a, b), {("a", "b"): 1, ("a", "c"): 3}, (Stage("s", frozenset("ab")),), (Plan("p", (("t", 9),)),)
    )
    said = " ".join(signals.faults(wrong))
    for word in ("less than 6", "no such group", "one direction", "s: a with b", "no stage t"):
        assert word in said


def test_out_of_sight_for_hours_it_starts_again():
    one = Junction((Group("a"),), {}, (Stage("s", frozenset("a")),), (Plan("p", (("s", 10),)),))
    assert signals.step(one, signals.begun(one, 0), 9_000_000).lamp["a"] == Lamp.GREEN


@pytest.mark.parametrize(("minute", "plan"), [(0, "p1"), (599, "p1"), (600, "p0")])
def test_the_plan_of_the_hour(minute, plan):
    plans = (Plan("p0", ()), Plan("p1", ()))
    assert Junction((), {}, (), plans, (Span(0, 600, 2),)).plan(0, minute).name == plan
