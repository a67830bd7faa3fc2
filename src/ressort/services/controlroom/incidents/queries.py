"""What is read of incidents: whose they are, how they stand, what presses, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.accounts.models import User
from ressort.core.clock import service_now
from ressort.core.errors import Forbidden
from ressort.core.journal.models import Event
from ressort.core.live.topics import tell
from ressort.services.controlroom.incidents import clocks, words
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.models import Incident, Involved, Line
from ressort.services.controlroom.incidents.playbook_models import Run

SEE = "controlroom.incident.see"
RANK = {"vital": 0, "high": 1, "normal": 2, "low": 3}


def mine(user: Any, verb: str = SEE) -> set[int]:
    """Return the organisations in which a person holds a role that allows a verb."""
    held = policy.roles(user)
    return {one for role in policy.table()[verb] for one in held.get(role, ())}


def visible(user: Any) -> QuerySet[Incident]:
    """Return the incidents of a person's organisations."""
    return Incident.objects.filter(organisation__in=mine(user))


def shared(user: Any) -> QuerySet[Incident]:
    """Return the incidents that other organisations share with a person's, while they do."""
    held = {one for organisations in policy.roles(user).values() for one in organisations}
    rows = Involved.objects.filter(organisation__in=held, shared_until__gt=service_now())
    return Incident.objects.filter(pk__in=rows.values("incident")).exclude(organisation__in=mine(user))


@dataclass(frozen=True, slots=True)
class Access:
    """An incident as somebody may read it: ``handle`` tells whether they may act, ``shared`` that they read along."""

    incident: Incident
    handle: bool
    shared: bool
    until: datetime | None = None


def open_for(user: Any, number: str) -> Access:
    """Return an incident with what this person may do; refused to whom it is neither theirs nor shared with."""
    found = holding.find(number)
    verdict = policy.allowed(user, SEE, found)
    if verdict:
        return Access(found, policy.allowed(user, holding.HANDLE, found).ok, shared=False)
    held = {one for organisations in policy.roles(user).values() for one in organisations}
    row = found.involved.filter(organisation__in=held, shared_until__gt=service_now()).first()
    if row is None:
        raise Forbidden(verdict.why)
    return Access(found, handle=False, shared=True, until=row.last_day)


@dataclass(frozen=True, slots=True)
class Told:
    """An incident with its clocks and what presses.

    Attributes
    ----------
    deed, icon, tone : str
        What to do next, its pictogram, and how much it presses (``bad``, ``warn``, ``info``).
    due : datetime
        The limit that counts now.
    """

    incident: Incident
    take: clocks.Clock
    solve: clocks.Clock
    deed: str = ""
    icon: str = "dot"
    tone: str = "info"
    step: str = ""

    @property
    def due(self) -> datetime:
        """The limit that counts now."""
        return self.solve.due if self.incident.taken else self.take.due

    @property
    def take_words(self) -> str:
        """Words of the first clock."""
        return words.taking(self.take)

    @property
    def solve_words(self) -> str:
        """Words of the second clock."""
        return words.solving(self.solve)

    @property
    def clock(self) -> clocks.Clock:
        """The clock that counts now."""
        return self.solve if self.incident.taken else self.take

    @property
    def clock_words(self) -> str:
        """Its words."""
        return self.solve_words if self.incident.taken else self.take_words

    @property
    def priority(self) -> str:
        """The priority, as a state."""
        return f"{words.PREFIX}.{self.incident.priority}"

    @property
    def state(self) -> str:
        """The state of the incident, as the pills name it."""
        return f"{words.PREFIX}.{self.incident.state}"


def told(incident: Incident, now: datetime | None = None) -> Told:
    """Return an incident with its clocks and what is to be done next."""
    now = now or service_now()
    take = clocks.read(now, incident.counted, incident.take_by, incident.taken or incident.closed)
    solve = clocks.read(now, incident.counted, incident.solve_by, incident.closed)
    if not incident.is_open:
        return Told(incident, take, solve)
    deed, icon, tone, step = _next(incident, now)
    worst = take if incident.taken is None else solve
    if worst.state == "over" or incident.priority == Incident.Priority.VITAL:
        tone = "bad"
    elif worst.state == "soon" and tone == "info":
        tone = "warn"
    return Told(incident, take, solve, deed, icon, tone, step)


def _next(incident: Incident, now: datetime) -> tuple[str, str, str, str]:
    """Return the next deed: words, pictogram, tone, and the step of a playbook if it is one."""
    if incident.state == Incident.State.NEW:
        return _("Prendre en charge"), "hand", "warn", ""
    for run in incident.runs.all():
        if run.state == Run.State.RUNNING and (step := run.current) is not None:
            if run.wait_until is None:
                return _("Étape suivante"), "list", "info", step.text
            if run.wait_until <= now:
                return _("L'attente est finie"), "hourglass", "warn", step.text
    left = [one for one in incident.todos.all() if one.done is None and one.dropped is None]
    if left:
        return _("Tâche à faire"), "check", "info", left[0].text
    if any(run.state == Run.State.RUNNING for run in incident.runs.all()):
        return _("Une attente court"), "hourglass", "info", ""
    return _("Poursuivre ou clore"), "check-circle", "info", ""


def with_all(found: QuerySet[Incident]) -> QuerySet[Incident]:
    """Bring along what :func:`told` needs."""
    runs = Prefetch("runs", Run.objects.select_related("playbook"))
    return found.select_related("situation", "taken_by", "organisation").prefetch_related("todos", runs)


def board(user: Any) -> list[Told]:
    """Return the open incidents of a person's organisations, what presses most first."""
    now = service_now()
    found = with_all(visible(user).filter(state__in=Incident.OPEN))
    return by_urgency(told(one, now) for one in found)


def by_urgency(rows: Iterable[Told]) -> list[Told]:
    """Return incidents with what presses most first: limits passed, then real before exercise, priority, limit."""
    tone = {"bad": 0, "warn": 1, "info": 2}
    return sorted(
        rows,
        key=lambda one: (
            tone[one.tone], one.incident.exercise, RANK[one.incident.priority], one.due, one.incident.pk,
        ),
    )  # fmt: skip


SORTS = {
    "number": ("pk",),
    "title": ("title",),
    "category": ("category",),
    "opened": ("opened",),
    "due": ("solve_by",),
    "closed": ("closed",),
}


def listed(user: Any, asked: dict[str, str]) -> QuerySet[Incident]:
    """Return the incidents of a person's organisations that answer to what is asked.

    Parameters
    ----------
    asked : mapping
        ``q`` (number, title, place), ``state`` (a state, or ``open``), ``priority``, ``category``, ``sort``.
    """
    found = with_all(visible(user))
    if asked.get("q"):
        found = found.filter(
            Q(number__icontains=asked["q"])
            | Q(title__icontains=asked["q"])
            | Q(address__icontains=asked["q"])
        )
    if asked.get("state") == "open":
        found = found.filter(state__in=Incident.OPEN)
    elif asked.get("state") in Incident.State.values:
        found = found.filter(state=asked["state"])
    for name, choices in (("priority", Incident.Priority), ("category", Incident.Category)):
        if asked.get(name) in choices.values:
            found = found.filter(**{name: asked[name]})
    key = asked.get("sort", "")
    order = SORTS.get(key.removeprefix("-"))
    if order is None:
        return found.order_by("-opened", "-pk")
    sign = "-" if key.startswith("-") else ""
    return found.order_by(*(f"{sign}{one}" for one in order), "-pk")


def of_source(kind: str, source_id: str) -> QuerySet[Incident]:
    """Return the incidents opened from an alarm, a report or a call, newest first."""
    return Incident.objects.filter(source=kind, source_id=str(source_id)).order_by("-pk")


def counts(user: Any) -> dict[str, int]:
    """Return how many incidents are open, wait, and are over their limit."""
    now = service_now()
    late = Q(state=Incident.State.NEW, take_by__lt=now) | Q(state__in=Incident.OPEN, solve_by__lt=now)
    return visible(user).aggregate(
        open=Count("pk", filter=Q(state__in=Incident.OPEN)),
        new=Count("pk", filter=Q(state=Incident.State.NEW)),
        late=Count("pk", filter=late),
    )


# ------------------------------------------------------------------ what happened


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry of the history of an incident: a line of the log, or an event of the journal in words."""

    at: datetime
    text: str
    who: str
    line: Line | None = None
    of: str = ""
    corrections: Sequence[Line] = ()


def history(incident: Incident) -> list[Happened]:
    """Return the log and the journal of an incident, and of those merged into it, in one order of time."""
    merged = {pk: one for pk, one in holding.family(incident).items() if pk != incident.pk}
    number_of = {pk: one.number for pk, one in merged.items()}
    lines = list(
        Line.objects.filter(incident__in=[incident.pk, *merged]).select_related("by").order_by("at", "pk")
    )
    beside: dict[int, list[Line]] = {}
    for line in lines:
        if line.corrects_id:
            beside.setdefault(line.corrects_id, []).append(line)
    found = [
        Happened(
            line.at,
            line.text,
            _name(line.by),
            line,
            number_of.get(line.incident_id, ""),
            beside.get(line.pk, ()),
        )
        for line in lines
        if line.corrects_id is None
    ]
    of = {one.pid: one.number for one in merged.values()}
    events = list(
        Event.objects.filter(subject__in=[incident.pid, *of])
        .exclude(kind="controlroom.incident.logged")
        .order_by("seq")
    )
    names = dict(User.objects.filter(pid__in={event.actor for event in events}).values_list("pid", "name"))
    from ressort.services.controlroom.duty import words as duty  # it reads incidents: not at the head

    called = duty.history(events)
    found += [
        Happened(
            event.at,
            called.get(event.seq) or tell(event),
            names.get(event.actor, ""),
            None,
            of.get(event.subject, ""),
        )
        for event in events
    ]
    return sorted(found, key=lambda one: (one.at, one.line is not None))


def _name(user: Any) -> str:
    return user.name if user else _("compte effacé")
