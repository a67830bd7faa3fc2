"""Corridors at a past moment: which were open, where their vehicle was expected, how each thing stood. Told by the journal.

Rows say what lies on a way; events, which are of service time as the replay is, say when it opened, moved and was given back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.journal.models import Event
from ressort.core.registry import Task
from ressort.engines import corridor as engine
from ressort.engines.corridor import Want
from ressort.services.controlroom.corridors import queries
from ressort.services.controlroom.corridors.models import Corridor, CorridorItem
from ressort.services.controlroom.equipment import queries as equipment
from ressort.services.controlroom.equipment.models import Command

LONGEST = timedelta(hours=12)
"""How far back an opening is looked for."""
_TOLD = tuple(f"controlroom.corridor.{what}" for what in ("opened", "moved", "barred", "released"))
_STEPS = {"asked": "checked", "approved": "checked"}
State = Corridor.State


@dataclass(slots=True)
class Was:
    """An open corridor as the journal tells it.

    Attributes
    ----------
    events : list of (event, payload)
        Since it opened.
    """

    corridor: Corridor
    opened: datetime
    events: list[tuple[Event, dict[str, Any]]] = field(default_factory=list)


def open_at(at: datetime, pid: str = "") -> list[Was]:
    """Return the corridors that were open at a moment, the first opened first; only ``pid`` when it is given."""
    told = Event.objects.filter(kind__in=_TOLD, at__lte=at, at__gt=at - LONGEST).order_by("seq")
    if pid:
        told = told.filter(payload__contains=pid)
    found: dict[str, list[tuple[Event, dict[str, Any]]]] = {}
    for event in told:
        payload = json.loads(event.payload)
        what = event.kind.rpartition(".")[2]
        if what == "opened":
            found[payload["corridor"]] = [(event, payload)]
        elif what == "released":
            found.pop(payload["corridor"], None)
        elif payload["corridor"] in found:
            found[payload["corridor"]].append((event, payload))
    rows = Corridor.objects.select_related("incident", "vehicle").in_bulk(list(found), field_name="pid")
    return [Was(rows[one], events[0][0].at, events) for one, events in found.items() if one in rows]


def shown(was: Was, at: datetime) -> tuple[Corridor, list[queries.Shown]]:
    """Return a corridor and what lay on its way, as they were; the rows themselves stay as they are."""
    corridor = was.corridor
    corridor.state, corridor.ended = State.OPEN, None
    corridor.start = was.opened + timedelta(seconds=corridor.delay)
    items = list(corridor.items.select_related("asset__organisation").order_by("number"))
    for one in items:
        one.passed = one.freed = one.command = None
        one.why = ""
    under: set[int] = set()
    for event, payload in was.events:
        _settle(corridor, items, event.at, under)
        _replay(corridor, items, event, payload)
        _settle(corridor, items, event.at, under)
    _settle(corridor, items, at, under)
    _commands(corridor, [one for one in items if one.number in under], was.opened, at)
    return corridor, queries.listed_items(corridor, items, at, against=equipment.contradicted_at(at))


def _settle(corridor: Corridor, items: list[CorridorItem], at: datetime, under: set[int]) -> None:
    """Say what was open and what had been given back by a moment, as the round of corridors does it."""
    for one in items:
        since = (at - one.passed).total_seconds() if one.passed else None
        opened = one.number in under and one.freed is None
        wanted = engine.want(corridor.elapsed(at), one.seconds, corridor.timing, opened=opened, since=since)
        if wanted == Want.FREE:
            one.freed = one.freed or at
        elif wanted == Want.WAIT or one.passed is None:
            one.freed = None
        if wanted == Want.WAIT:
            under.discard(one.number)
        else:
            under.add(one.number)


def _replay(corridor: Corridor, items: list[CorridorItem], event: Event, payload: dict[str, Any]) -> None:
    what = event.kind.rpartition(".")[2]
    if what == "barred":
        for one in items:
            if one.number == payload.get("item"):
                one.why = payload["why"]
    if what != "moved":
        return
    assert corridor.start is not None
    corridor.start += timedelta(seconds=payload["shift"])
    if payload.get("back"):
        taken = next((one.passed for one in items if one.number == payload.get("item")), None)
        for one in items:
            if taken is not None and one.passed == taken:
                one.passed = None
        return
    for one in items:
        if one.chosen and one.passed is None and one.metres <= payload["metres"]:
            one.passed = event.at


def _commands(corridor: Corridor, items: list[CorridorItem], since: datetime, at: datetime) -> None:
    """Give each thing that was open or given back the command that was asked for it, as it stood."""
    orders = _Orders(corridor, items)
    told = Event.objects.filter(at__gte=since, at__lte=at, kind__startswith="controlroom.")
    for event in told.filter(kind__regex=r"^controlroom\.(command\.|hold\.released)").order_by("seq"):
        orders.hear(event)
    for one in items:
        if one.chosen:
            one.command = orders.of(one.number)


class _Orders:
    """What was asked of the equipment on a way, heard event by event."""

    def __init__(self, corridor: Corridor, items: list[CorridorItem]) -> None:
        self.assets = {one.asset.pid for one in items}
        rows = Command.objects.filter(within=corridor.pid, key__contains=f":{corridor.pid}:")
        self.passage = {
            pid: int(str(key).split(":")[-2]) for pid, key in rows.order_by("pk").values_list("pid", "key")
        }
        self.known: dict[str, Command] = {}
        self.current: dict[str, str] = {}  # equipment -> the command that counts

    def hear(self, event: Event) -> None:
        """Take in what became of a command."""
        payload = json.loads(event.payload)
        if payload["asset"] not in self.assets:
            return
        step = event.kind.rpartition(".")[2]
        if step == "released":
            self._let_go(event.subject)
            return
        if step == "sent":
            self._replaced(event.subject, payload)
        if event.subject in self.passage:
            self._moves(event.subject, step, payload)

    def of(self, number: int) -> Command | None:
        """Return what was last asked for one passage."""
        asked = [one for pid, one in self.known.items() if self.passage[pid] == number]
        return asked[-1] if asked else None

    def _let_go(self, pid: str) -> None:
        if pid in self.known:
            self.known[pid].held = False

    def _replaced(self, pid: str, payload: dict[str, Any]) -> None:
        """End what was asked before, and its hold: the newest command is the one that counts."""
        for one in payload.get("superseded", ()):
            if one in self.known:
                self.known[one].state = Command.State.SUPERSEDED
        if (before := self.current.get(payload["asset"])) not in {None, pid}:
            self._let_go(str(before))

    def _moves(self, pid: str, step: str, payload: dict[str, Any]) -> None:
        command = self.known.setdefault(pid, Command(verb=payload["verb"]))
        command.state = Command.State(payload.get("state") or _STEPS.get(step) or step)
        command.why, command.held = payload.get("why", ""), step == "confirmed"
        self.current[payload["asset"]] = pid


def geojson(at: datetime) -> dict[str, Any]:
    """Return the ways of the corridors that were open at a moment."""
    rows = [was.corridor for was in open_at(at)]
    return {
        "type": "FeatureCollection",
        "features": [queries.line(one, one.pk) for one in rows if one.line],
    }


def then(user: Any, at: datetime) -> Iterator[Task]:
    """Yield the corridors that were open at a moment."""
    if not policy.allowed(user, "controlroom.corridor.see"):
        return
    for was in open_at(at):
        corridor, items = shown(was, at)
        counts = queries.counts(items)
        note = _("%(open)s ouverts, %(planned)s à venir") % counts
        yield Task(
            corridor.destination or _("Couloir d'urgence"),
            f"{reverse('controlroom:corridor_then', args=[corridor.pid])}?a={at.timestamp():.3f}",
            note,
            "route",
            "bad" if counts["failed"] else "warn",
            was.opened,
        )
