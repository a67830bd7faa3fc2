"""The service manifest: how one of the six services declares itself to the house.

A service is one folder with a ``service.py`` that holds ``manifest = Service(…)``. Menu, doors of the portal,
map layers, data sets, reactions and presets all follow from it: nothing else in the house names a service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils.functional import Promise

from ressort.core.notify.kinds import MessageKind

type Words = str | Promise  # a French sentence or label, lazily translated if need be


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the console's rail or of a service's sub-menu.

    Parameters
    ----------
    label, url : str
        French words and the name of the page (``"transport:board"``).
    verb : str
        The verb of ``policy.py`` a person must hold to see the entry.
    icon : str
        Name of a pictogram of the house (``web/components``).
    daily : bool
        False puts the entry under « Plus »: what is set up once, or looked at now and then.
    """

    label: Words
    url: str
    verb: str
    icon: str = "dot"
    daily: bool = True


@dataclass(frozen=True, slots=True)
class Door:
    """A door of the portal: one sentence that opens a service for the public."""

    label: Words
    sentence: Words
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Start:
    """A service's step of the set-up: what it takes before its first use.

    ``url`` is the name of its page, under ``/demarrer/``; ``ready()`` tells whether it is done.
    """

    label: Words
    sentence: Words
    url: str
    ready: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class TourStep:
    """A step of the guided tour: one sentence beside the real page.

    Parameters
    ----------
    label, sentence : str
        What it is, and what to do with it, in one sentence.
    url : str
        Name of the page (``"transport:tours"``).
    verb : str
        The verb of the policy table that opens the page; without it the step is left out.
    anchor : str
        Id of the element that is highlighted; empty for the whole page.
    """

    label: Words
    sentence: Words
    url: str
    verb: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class MapLayer:
    """A layer that the map shows and its legend explains.

    ``source`` is the URL of a GeoJSON document; ``topic`` the live topic that moves it (empty: still). The source of a
    layer with a ``past`` answers ``at=`` (ISO 8601) too: what it held at that moment.
    ``tiles`` is the address of vector tiles (``{z}``, ``{x}``, ``{y}``; a layer ``points``) read instead by the live map.
    ``shape`` (``circle``, ``arrow``, ``square``, ``line``, ``area``) and ``hue`` name a picture of the map.
    """

    key: str
    label: Words
    source: str
    verb: str
    shape: str = "circle"
    hue: str = "service"
    topic: str = ""
    visible: bool = True
    past: bool = False
    tiles: str = ""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a service does when an event is recorded: ``kind`` prefix, or several -> ``run(event)``."""

    name: str
    kind: str | tuple[str, ...]
    run: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Watch:
    """What a service does when observations have arrived: ``run(arrivals)``, an array (``core/intake/watching.py``)."""

    name: str
    run: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work done again and again between events: every ``seconds`` of wall time."""

    name: str
    seconds: float
    run: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A rule or weight of an algorithm with the value in force: « Marche la plus longue », « 800 m », what it does."""

    name: Words
    value: Words
    meaning: Words = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """One decision in the words that the law asks for (CRPA R311-3-1-2), from what its receipt kept.

    Parameters
    ----------
    data : sequence of (what, value)
        Data processed, about the person and around.
    parameters : sequence of Parameter
        As applied to this very case.
    operations : sequence of str
        What was done, in order.
    """

    data: Sequence[tuple[Words, Words]]
    parameters: Sequence[Parameter]
    operations: Sequence[Words]


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A use of an engine that decides or proposes something for people: an entry of the public register.

    Parameters
    ----------
    key, name : str
        Stable name (``transport.offers``) and what people read.
    role : str
        ``decides`` (its answer stands unless a person changes it) or ``proposes`` (a person chooses).
    purpose, decides, people : str
        What for, what exactly it decides or proposes, whom it concerns.
    responsible : callable
        ``responsible()``: who answers for it.
    basis : str
        Legal basis.
    since : callable
        ``since()``: the day since which it decides, None when nobody knows.
    data : sequence of (what, source)
        Data used, and where they come from.
    parameters : callable
        ``parameters()``: rules and weights with the values in force.
    measure : callable
        ``measure(since)``: ``decisions`` and, where it means something, ``refused`` since a moment.
    human, contest : str
        Where a person can intervene; how to contest.
    engine : str
        Path of its source in the repository.
    version : callable
        ``version()``: version of the engine in service.
    kinds : sequence of str
        Kinds of the decision receipts it leaves; none when it leaves only events.
    tell : callable, optional
        ``tell(inputs, answer)``: one decision in words, as a :class:`Telling`.
    """

    key: str
    name: Words
    role: str
    purpose: Words
    decides: Words
    people: Words
    responsible: Callable[[], Words]
    basis: Words
    since: Callable[[], date | None]
    data: Sequence[tuple[Words, Words]]
    parameters: Callable[[], Sequence[Parameter]]
    measure: Callable[[datetime], dict[str, int]]
    human: Words
    contest: Words
    engine: str
    version: Callable[[], str]
    kinds: Sequence[str] = ()
    tell: Callable[[dict[str, Any], dict[str, Any]], Telling] | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a person of the staff, shown on the board that the console opens on.

    Parameters
    ----------
    label, note : str
        What to do, and about what: « Rappeler un voyageur », « Gare, 8 h 20 ».
    url : str
        Where it is done.
    icon : str
        Pictogram.
    tone : str
        ``bad`` (somebody suffers now), ``warn`` (soon), ``info`` (when there is time).
    at : datetime, optional
        When it is due.
    """

    label: Words
    url: str
    note: Words = ""
    icon: str = "dot"
    tone: str = "info"
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """What a service tells the house about itself. Every field is read by one part of the house.

    Parameters
    ----------
    name : str
        Folder and URL prefix: ``transport``.
    label : str
        What people read: « Transport à la demande ».
    icon, hue : str
        Pictogram and one of the six quiet hues (token ``--hue-<name>``).
    door : Door, optional
        The portal's door.
    menu : sequence of MenuItem
        The console's entries.
    start : Start, optional
        The service's step of the set-up.
    tours : mapping of role -> sequence of TourStep
        What the guided tour shows to each role, before the house's own steps.
    layers : sequence of MapLayer
    topics : mapping of live topic -> verb
        Which live topics exist and who may follow each.
    policy : mapping of verb -> mapping of role -> scope
        Rows that this service adds to the policy table.
    events : mapping of event kind -> French sentence (``str.format`` with the payload)
        How the timeline tells each event.
    messages : sequence of MessageKind
        What it tells people, and where the words are.
    reactions : sequence of Reaction
    watches : sequence of Watch
    periodic : sequence of Periodic
    erase : callable, optional
        ``erase(pid)`` erases what the service keeps of a person, in the transaction that erases the account.
    export : callable, optional
        ``export(pid) -> mapping of table -> rows``: all that the service keeps of a person, each row a mapping of
        words to values; the tables are those declared with ``core.privacy``.
    algorithms : sequence of Algorithm
        What decides or proposes by itself: entries of the public register.
    capabilities : mapping of name -> callable
        What other services may call through :func:`capability`.
    follow : callable, optional
        ``follow(user) -> list of dict`` for « Mes suivis » (title, state, when, url).
    tasks : callable, optional
        ``tasks(user) -> iterable of Task``: what waits for this person of the staff.
    then : callable, optional
        ``then(user, at) -> iterable of Task``: what was under way at a past moment, as far as this person may see it.
    marks : mapping of event kind -> tone
        Events that stand out on the time line of a day (``bad``, ``warn``).
    banner : callable, optional
        ``banner() -> dict or None``: what every page announces while it lasts (what, todo, url, link, exercise).
    now : callable, optional
        ``now() -> list of dict`` : dated facts for « Autour de moi, maintenant » (text, at, url).
    """

    name: str
    label: Words
    icon: str
    hue: str
    door: Door | None = None
    start: Start | None = None
    tours: Mapping[str, Sequence[TourStep]] = field(default_factory=dict)
    menu: Sequence[MenuItem] = ()
    layers: Sequence[MapLayer] = ()
    topics: dict[str, str] = field(default_factory=dict)
    policy: dict[str, dict[str, str]] = field(default_factory=dict)
    events: dict[str, Words] = field(default_factory=dict)
    messages: Sequence[MessageKind] = ()
    reactions: Sequence[Reaction] = ()
    watches: Sequence[Watch] = ()
    periodic: Sequence[Periodic] = ()
    erase: Callable[[str], None] | None = None
    export: Callable[[str], dict[str, list[dict[str, Any]]]] | None = None
    algorithms: Sequence[Algorithm] = ()
    capabilities: dict[str, Callable[..., Any]] = field(default_factory=dict)
    follow: Callable[[Any], list[dict[str, Any]]] | None = None
    tasks: Callable[[Any], Iterable[Task]] | None = None
    then: Callable[[Any, datetime], Iterable[Task]] | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    banner: Callable[[], dict[str, Any] | None] | None = None
    now: Callable[[], list[dict[str, Any]]] | None = None


@cache
def services() -> tuple[Service, ...]:
    """Return the manifests of the services this installation runs, in the order of the settings."""
    return tuple(import_module(f"ressort.services.{name}.service").manifest for name in settings.SERVICES)


def service(name: str) -> Service:
    """Return one manifest.

    Raises
    ------
    LookupError
        If this installation does not run the service.
    """
    for found in services():
        if found.name == name:
            return found
    raise LookupError(
        f"Le service « {name} » n'est pas installé ici. Services : {', '.join(settings.SERVICES)}."
    )


def capability(name: str) -> Callable[..., Any]:
    """Return a capability declared by whichever service offers it (``"transport.extend"``)."""
    for found in services():
        if name in found.capabilities:
            return found.capabilities[name]
    raise LookupError(f"Aucun service installé n'offre la capacité « {name} ».")


def layers() -> Iterable[tuple[Service, MapLayer]]:
    """Yield every map layer with its service."""
    for found in services():
        for layer in found.layers:
            yield found, layer


def algorithms() -> Iterable[tuple[Service, Algorithm]]:
    """Yield every declared use of an engine with its service."""
    for found in services():
        for algorithm in found.algorithms:
            yield found, algorithm


def algorithm_of(kind: str) -> Algorithm | None:
    """Return the use of an engine that leaves receipts of ``kind``, None when its service is no longer installed."""
    return next((algorithm for _, algorithm in algorithms() if kind in algorithm.kinds), None)


def watches() -> list[Watch]:
    """Return everything that watches observations."""
    return [watch for found in services() for watch in found.watches]


def periodic() -> Iterable[Periodic]:
    """Yield what is done again and again: the house's own, then the services'."""
    from ressort.core.fleet import positions
    from ressort.core.intake import keeping
    from ressort.core.notify import erasure
    from ressort.core.retention import work

    yield Periodic("house.retention", 600.0, work.daily)
    yield Periodic("house.positions", 60.0, positions.forget_stale)
    yield Periodic("house.observations", 300.0, keeping.tidy)
    yield Periodic("house.messages", 3600.0, erasure.drop_vain)
    for found in services():
        yield from found.periodic
