"""A junction as data: groups of lamps, what may not be green together, stages and plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Lamp(StrEnum):
    """What a group shows."""

    RED = "red"
    GREEN = "green"
    YELLOW = "yellow"
    FLASHING = "flashing"


@dataclass(frozen=True, slots=True)
class Group:
    """Lamps that always show the same.

    Parameters
    ----------
    minimum : int
        Shortest green, seconds.
    yellow : int
        Seconds of yellow after green; 0 for pedestrians, who clear on red.
    """

    name: str
    minimum: int = 6
    yellow: int = 3


@dataclass(frozen=True, slots=True)
class Stage:
    """Groups that are green together."""

    name: str
    green: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """Stages in turn, each with how long it is green, seconds."""

    name: str
    turns: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A plan that runs by itself from one minute of the day to another, excluded."""

    start: int
    end: int
    plan: int


@dataclass(frozen=True, slots=True)
class Junction:
    """A junction.

    Parameters
    ----------
    between : mapping of (leaving, entering) -> seconds
        From the end of the green of one group to the beginning of that of another, yellow and clearance included. Two
        groups that appear in it are in conflict, in both directions.
    plans : tuple of Plan
        The first is plan 1; plan 0 means that of the hour, the first by default.
    approaches : tuple of str
        The group of each approach that may ask for priority.
    """

    groups: tuple[Group, ...]
    between: Mapping[tuple[str, str], int]
    stages: tuple[Stage, ...]
    plans: tuple[Plan, ...]
    hours: tuple[Span, ...] = ()
    approaches: tuple[str, ...] = ()

    def group(self, name: str) -> Group:
        """Return a group by its name."""
        return next(one for one in self.groups if one.name == name)

    def stage(self, name: str) -> Stage:
        """Return a stage by its name."""
        return next(one for one in self.stages if one.name == name)

    def plan(self, chosen: int, minute: int) -> Plan:
        """Return the plan that runs, chosen or by the hour."""
        if chosen:
            return self.plans[chosen - 1]
        found = next((one.plan for one in self.hours if one.start <= minute < one.end), 1)
        return self.plans[found - 1]

    def clearing(self) -> int:
        """Return the longest of all clearances, seconds."""
        return max(self.between.values(), default=0)


def faults(junction: Junction) -> list[str]:
    """Return what is wrong in a junction, in English; a controller runs none that has faults."""
    names = {one.name for one in junction.groups}
    found = [f"{one.name}: a green of less than 6 s" for one in junction.groups if one.minimum < 6]
    for (leaving, entering), seconds in junction.between.items():
        if {leaving, entering} - names:
            found.append(f"{leaving}, {entering}: no such group")
        elif (entering, leaving) not in junction.between:
            found.append(f"{leaving}, {entering}: a conflict in one direction only")
        elif seconds < junction.group(leaving).yellow:
            found.append(f"{leaving}, {entering}: less than the yellow")
    for stage in junction.stages:
        found += [
            f"{stage.name}: {one} with {other}"
            for one in stage.green
            for other in stage.green
            if (one, other) in junction.between
        ]
    stages = {one.name for one in junction.stages}
    for plan in junction.plans:
        found += [f"{plan.name}: no stage {name}" for name, __ in plan.turns if name not in stages]
    green = {name for stage in junction.stages for name in stage.green}
    found += [f"{name}: never green" for name in (*junction.approaches, *names) if name not in green]
    return found
