"""What the services can do together when a situation is declared: prepared, reversible, applied as it opens, undone as it ends.

A service offers its presets by the capability ``situation.presets``, and follows the events of situations: whoever
declares one chooses among them, the event of the opening names them, each service does its part and takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from ressort.core.registry import Words, services

CAPABILITY = "situation.presets"


@dataclass(frozen=True, slots=True)
class Preset:
    """Something a service does while a situation lasts.

    Parameters
    ----------
    key : str
        Stable name, the service first: ``transport.hot_hours``.
    kinds : sequence of str
        Kinds of situations that it is prepared for (``heat``, ``flood``…).
    label, sentence : str
        What it is, and what it changes for people.
    standing : callable
        ``standing(situation)``: what it does now for the situation of that id, in words; empty when nothing stands.
    zoned : bool
        It concerns the zone of the situation, and means nothing for the whole territory.
    owner : str
        Pseudonymous id of the organisation that alone may apply it; empty: any that declares situations.
    """

    key: str
    kinds: Sequence[str]
    label: Words
    sentence: Words
    standing: Callable[[str], str]
    zoned: bool = False
    owner: str = ""


def offered() -> list[Preset]:
    """Return the presets of the services that this installation runs."""
    return [one for found in services() for one in found.capabilities.get(CAPABILITY, tuple)()]


def open_to(organisations: Container[str]) -> list[Preset]:
    """Return those that some organisations, by their pseudonymous ids, may apply."""
    return [one for one in offered() if not one.owner or one.owner in organisations]
