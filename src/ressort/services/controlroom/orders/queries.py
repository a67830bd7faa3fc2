"""What is read of work orders: a crew's day, the board, one order with its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.errors import Forbidden
from ressort.services.controlroom.incidents import clocks
from ressort.services.controlroom.incidents.queries import mine
from ressort.services.controlroom.orders import states, words
from ressort.services.controlroom.orders.actions import holding
from ressort.services.controlroom.orders.models import Crew, WorkOrder, WorkStep

RANK = {"vital": 0, "high": 1, "normal": 2, "low": 3}
MOST = 200
"""Orders of a crew's list, at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """A work order with its clock."""

    order: WorkOrder
    clock: clocks.Clock

    @property
    def due_words(self) -> str:
        """Words of the delay."""
        return words.due(self.clock)

    @property
    def late(self) -> bool:
        """Whether it should have been done by now."""
        return self.clock.state == "over"


def told(order: WorkOrder, now: datetime | None = None) -> Told:
    """Return an order with its clock."""
    return Told(order, words.clock(order, now or service_now()))


def by_urgency(rows: Iterable[Told]) -> list[Told]:
    """Return orders with what presses most first: late ones, then priority, then due time."""
    return sorted(rows, key=lambda one: (not one.late, RANK[one.order.priority], one.order.due, one.order.pk))


def with_all(found: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Bring along what lists show."""
    return found.select_related("crew", "executor", "organisation", "asset")


# ------------------------------------------------------------------ for the crew


def crews_of(user: Any) -> list[Crew]:
    """Return the crews a person is in."""
    return list(Crew.objects.filter(members__user__pid=user.pid).order_by("name"))


def given_to(user: Any) -> QuerySet[WorkOrder]:
    """Return the orders given to a person's crews, or to an organisation they act for."""
    return WorkOrder.objects.filter(
        Q(crew__members__user__pid=user.pid) | Q(executor__in=mine(user, holding.DO), crew=None)
    ).distinct()


@dataclass(frozen=True, slots=True)
class Today:
    """A crew's day: what is at hand, what waits to be accepted, what comes later, what is over."""

    going: Sequence[Told]
    waiting: Sequence[Told]
    later: Sequence[Told]
    over: Sequence[Told]

    @property
    def first(self) -> Told | None:
        """What to do now: what the crew is at, else what presses most."""
        return next(iter([*self.going, *self.waiting]), None)

    @property
    def others(self) -> tuple[Sequence[Told], Sequence[Told]]:
        """What waits and what is at hand, besides the first."""
        first = self.first
        return [one for one in self.waiting if one is not first], [
            one for one in self.going if one is not first
        ]


def today(user: Any, now: datetime | None = None) -> Today:
    """Return what a person's crews have to do today, and what they finished since midnight."""
    now = now or service_now()
    midnight = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = midnight + timedelta(days=1)
    rows = [told(one, now) for one in with_all(given_to(user).filter(state__in=states.HELD))[:MOST]]
    at_hand = {WorkOrder.State.ON_SITE: 0, WorkOrder.State.ON_WAY: 1}
    soon = [one for one in rows if one.order.due < tomorrow or one.order.state in at_hand]
    going = by_urgency(one for one in soon if one.order.state != WorkOrder.State.ASSIGNED)
    over = with_all(
        given_to(user).filter(state__in=(*states.OVER, WorkOrder.State.CLOSED), finished__gte=midnight)
    )
    return Today(
        sorted(going, key=lambda one: at_hand.get(WorkOrder.State(one.order.state), 2)),
        by_urgency(one for one in soon if one.order.state == WorkOrder.State.ASSIGNED),
        by_urgency(one for one in rows if one not in soon),
        [told(one, now) for one in over.order_by("-finished")[:MOST]],
    )


def open_for(user: Any, number: str) -> tuple[WorkOrder, bool]:
    """Return an order and whether this person may act as its crew; refused to whom it is neither theirs nor to be seen."""
    found = holding.find(number)
    may = holding.may_do(user, found)
    if not may and not policy.allowed(user, holding.SEE, found) and not holding.had(user, found):
        raise Forbidden(_("Cette intervention n'est pas confiée à votre équipe : voyez votre liste."))
    return found, may


def steps(order: WorkOrder) -> list[tuple[WorkStep, str]]:
    """Return the steps of an order, each in words."""
    rows = order.steps.select_related("by", "crew")
    return [(one, words.step(one.deed, one.crew.name if one.crew else order.who)) for one in rows]


# ------------------------------------------------------------------ for the console


def visible(user: Any) -> QuerySet[WorkOrder]:
    """Return the orders of a person's organisations: that they make, or that are given to them."""
    homes = mine(user, holding.SEE)
    return WorkOrder.objects.filter(Q(organisation__in=homes) | Q(executor__in=homes))


SORTS = {"number": ("pk",), "title": ("title",), "due": ("due",), "who": ("crew__name", "executor__name")}


_SEVERAL = {"current": (*states.OPEN, *states.OVER), "open": states.OPEN, "check": states.OVER}


def listed(user: Any, asked: dict[str, str]) -> QuerySet[WorkOrder]:
    """Return the orders that answer to what is asked.

    Parameters
    ----------
    asked : mapping
        ``q`` (number, title, place), ``state`` (a state, ``open``, ``check`` for what waits to be looked at, ``all``),
        ``crew`` (an id, ``none``), ``trade``, ``late`` (``1``), ``sort``.
    """
    found = with_all(visible(user))
    if asked.get("q"):
        found = found.filter(
            Q(number__icontains=asked["q"])
            | Q(title__icontains=asked["q"])
            | Q(address__icontains=asked["q"])
        )
    state = asked.get("state") or "current"
    if state in WorkOrder.State.values:
        found = found.filter(state=state)
    elif state in _SEVERAL:
        found = found.filter(state__in=_SEVERAL[state])
    if asked.get("crew") == "none":
        found = found.filter(crew=None, executor=None)
    elif asked.get("crew"):
        found = found.filter(Q(crew__pid=asked["crew"]) | Q(executor__pid=asked["crew"]))
    if asked.get("trade"):
        found = found.filter(trade=asked["trade"])
    if asked.get("late") == "1":
        found = found.filter(state__in=states.OPEN, due__lt=service_now())
    key = asked.get("sort", "")
    if (order := SORTS.get(key.removeprefix("-"))) is not None:
        sign = "-" if key.startswith("-") else ""
        return found.order_by(*(f"{sign}{one}" for one in order), "-pk")
    rank = Case(
        *(When(priority=name, then=Value(value)) for name, value in RANK.items()),
        default=Value(9),
        output_field=IntegerField(),
    )
    return found.order_by(rank, "due", "pk")


@dataclass(frozen=True, slots=True)
class Group:
    """Orders of the board that stand together: of one crew, or in one state."""

    label: str
    rows: Sequence[Told]
    look: str = ""

    @property
    def late(self) -> int:
        """How many are late."""
        return sum(one.late for one in self.rows)


def grouped(rows: Iterable[WorkOrder], by: str) -> list[Group]:
    """Return orders by crew (``crew``) or by state (``state``), what nobody has first."""
    now = service_now()
    found: dict[Any, list[Told]] = {}
    for one in rows:
        found.setdefault(one.state if by == "state" else one.who, []).append(told(one, now))
    if by == "state":
        order = list(WorkOrder.State)
        return [
            Group(str(state.label).capitalize(), by_urgency(found[state]), f"controlroom.work.{state}")
            for state in order
            if state in found
        ]
    names = sorted(found, key=lambda name: (bool(name), name))
    return [Group(name or _("Sans équipe"), by_urgency(found[name])) for name in names]


def counts(user: Any) -> dict[str, int]:
    """Return how many orders wait for a crew, are under way, are late, and wait to be looked at."""
    now = service_now()
    return visible(user).aggregate(
        free=Count(
            "pk", filter=Q(state__in=(WorkOrder.State.DRAFTED, WorkOrder.State.DECLINED)), distinct=True
        ),
        held=Count("pk", filter=Q(state__in=states.HELD), distinct=True),
        late=Count("pk", filter=Q(state__in=states.OPEN, due__lt=now), distinct=True),
        check=Count("pk", filter=Q(state__in=states.OVER), distinct=True),
    )


def crews(user: Any) -> QuerySet[Crew]:
    """Return the crews of a person's organisations, with how many orders each has."""
    return (
        Crew.objects.filter(organisation__in=mine(user, holding.SEE))
        .select_related("organisation")
        .annotate(held=Count("work_orders", filter=Q(work_orders__state__in=states.HELD), distinct=True))
        .order_by("-active", "name")
    )


def busy(user: Any) -> list[tuple[Crew, int]]:
    """Return the crews of a person's organisations, each with how many orders it has."""
    return [(one, int(getattr(one, "held", 0))) for one in crews(user)]


def of_source(kind: str, source_id: str, user: Any) -> QuerySet[WorkOrder]:
    """Return the orders made from something that a person may see, newest first."""
    found = visible(user).filter(source=kind, source_id=str(source_id))
    return with_all(found).order_by("-pk")
