"""What is read of duty: who is on now, the roster with its holes, calls under way and past."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.engines import rota
from ressort.services.controlroom.duty.cascade_models import Cascade, CascadeStep
from ressort.services.controlroom.duty.models import DutyContact, DutyLine, DutyReplacement, DutyTurn
from ressort.services.controlroom.incidents.models import Incident

SEE = "controlroom.duty.see"
LOOK = timedelta(days=28)
"""How far ahead the roster is looked at for holes."""


def mine(user: Any, verb: str = SEE) -> set[int]:
    """Return the organisations in which a person holds a role that allows a verb."""
    held = policy.roles(user)
    return {one for role in policy.table()[verb] for one in held.get(role, ())}


def lines(user: Any, verb: str = SEE) -> QuerySet[DutyLine]:
    """Return the lines in service of a person's organisations."""
    return DutyLine.objects.filter(organisation__in=mine(user, verb), closed=None).select_related("chief")


def contacts(user: Any) -> QuerySet[DutyContact]:
    """Return the people who may take turns in a person's organisations."""
    return DutyContact.objects.filter(organisation__in=mine(user), left=None)


@dataclass(frozen=True, slots=True)
class Shown:
    """A time of the roster: whose turn, who really is on, and by which replacement."""

    start: datetime
    end: datetime
    turn: DutyTurn
    contact: DutyContact
    replacement: DutyReplacement | None = None


def laid(turn: DutyTurn) -> list[Shown]:
    """Return a turn once its replacements are laid over it; somebody who left the list is on no more."""
    over = list(turn.replacements.all())
    by_pk: dict[Any, DutyReplacement | None] = {one.pk: one for one in over}
    spans = rota.overlaid(
        rota.Span(turn.contact_id, turn.starts, turn.ends),
        [rota.Span(one.contact_id, one.starts, one.ends, one.pk) for one in over],
    )
    found = []
    for span in spans:
        replacement = by_pk.get(span.of)
        who = replacement.contact if replacement else turn.contact
        if who.left is None:
            found.append(Shown(span.start, span.end, turn, who, replacement))
    return found


def turns(found: QuerySet[DutyTurn]) -> QuerySet[DutyTurn]:
    """Bring along what :func:`laid` needs."""
    over = Prefetch("replacements", DutyReplacement.objects.select_related("contact__user"))
    return found.select_related("contact__user", "line").prefetch_related(over)


def on_duty(line: DutyLine, at: datetime) -> dict[int, list[DutyContact]]:
    """Return who is on a line at a moment, by rank, each once; ranks that the line no longer has are left out."""
    found: dict[int, list[DutyContact]] = {}
    for turn in turns(line.turns.filter(starts__lte=at, ends__gt=at, rank__lte=line.ranks)):
        for one in laid(turn):
            here = found.setdefault(turn.rank, [])
            if one.start <= at < one.end and one.contact not in here:
                here.append(one.contact)
    return {rank: people for rank, people in found.items() if people}


@dataclass(slots=True)
class Rank:
    """A rank of a line over some time: its turns, and what is wrong with them."""

    number: int
    shown: list[Shown] = field(default_factory=list)
    holes: list[rota.Stretch] = field(default_factory=list)
    overlaps: list[rota.Stretch] = field(default_factory=list)
    now: list[Shown] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[str, Any]]:
        """Turns and holes in one order of time: ``("turn", shown)`` or ``("hole", stretch)``."""
        found: list[tuple[str, Any]] = [("turn", one) for one in self.shown]
        found += [("hole", one) for one in self.holes]
        return sorted(found, key=lambda one: (one[1].start, one[0]))

    @property
    def until(self) -> datetime | None:
        """Until when whoever is on now is."""
        return min((one.end for one in self.now), default=None)


@dataclass(slots=True)
class Roster:
    """A line over some time, by rank."""

    line: DutyLine
    start: datetime
    end: datetime
    ranks: list[Rank]

    @property
    def hole_count(self) -> int:
        """How many holes it has."""
        return sum(len(rank.holes) for rank in self.ranks)

    @property
    def overlap_count(self) -> int:
        """How many times two are on at one rank."""
        return sum(len(rank.overlaps) for rank in self.ranks)

    @property
    def first_hole(self) -> rota.Stretch | None:
        """Return the next hole of the first rank that has one."""
        return next((hole for rank in self.ranks for hole in rank.holes), None)

    @property
    def manned(self) -> bool:
        """Whether somebody is on now, at any rank."""
        return any(rank.now for rank in self.ranks)


def rosters(
    found: Iterable[DutyLine], start: datetime | None = None, ahead: timedelta = LOOK
) -> list[Roster]:
    """Return lines over some time from now on, with who is on now, the holes and the overlaps."""
    now = service_now()
    start = start or now
    end = start + ahead
    every = list(found)
    by_line: dict[int, list[DutyTurn]] = {}
    for turn in turns(DutyTurn.objects.filter(line__in=every, ends__gt=start, starts__lt=end)):
        by_line.setdefault(turn.line_id, []).append(turn)
    return [_roster(line, by_line.get(line.pk, []), start, end, now) for line in every]


def _roster(line: DutyLine, found: list[DutyTurn], start: datetime, end: datetime, now: datetime) -> Roster:
    ranks = [Rank(number) for number in range(1, line.ranks + 1)]
    for rank in ranks:
        shown = [one for turn in found if turn.rank == rank.number for one in laid(turn) if one.end > start]
        spans = [rota.Span(one.contact.pk, one.start, one.end, one.turn.pk) for one in shown]
        rank.shown = sorted(shown, key=lambda one: (one.start, one.turn.pk))
        rank.holes = rota.holes(spans, start, end)
        rank.overlaps = rota.overlaps(spans, start, end)
        rank.now = [one for one in rank.shown if one.start <= now < one.end]
    return Roster(line, start, end, ranks)


# ------------------------------------------------------------------ calls


def with_steps(found: QuerySet[Cascade]) -> QuerySet[Cascade]:
    """Bring along what a call is shown with."""
    steps = Prefetch("steps", CascadeStep.objects.select_related("contact", "noted_by"))
    return found.select_related(
        "line__chief", "incident__situation", "alarm__rule", "alarm__device", "started_by"
    ).prefetch_related(steps)


def cascades(user: Any) -> QuerySet[Cascade]:
    """Return the calls of a person's organisations, the last first."""
    return with_steps(Cascade.objects.filter(line__organisation__in=mine(user)))


def under_way(user: Any) -> list[Cascade]:
    """Return the calls under way."""
    return list(cascades(user).filter(state=Cascade.State.CALLING).order_by("due", "pk"))


def of_incident(pks: Iterable[int]) -> list[Cascade]:
    """Return the calls of an incident and of those merged into it, those under way first."""
    found = with_steps(Cascade.objects.filter(incident__in=list(pks)))
    return sorted(found, key=lambda one: (not one.calling, -one.started.timestamp(), -one.pk))


def call_link(text: str, incident: Incident) -> str:
    """Return the address that calls the line a step of a procedure names at its head, if it names one."""
    words = f"{text.casefold()} "
    for line in DutyLine.objects.filter(organisation=incident.organisation_id, closed=None):
        if words.startswith(line.name.casefold()) and not words[len(line.name)].isalnum():
            asked = urlencode({"incident": incident.number, "ligne": line.pid})
            return f"{reverse('controlroom:duty_call')}?{asked}"
    return ""
