"""What every verb on a work order begins with: find it, ask the policy, lock it; and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.errors import Forbidden, Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.orders import states
from ressort.services.controlroom.orders.models import CrewMember, WorkOrder, WorkStep

ORDER, DO, SEE = "controlroom.work.order", "controlroom.work.do", "controlroom.work.see"
EVENTS = {
    "draft": "drafted", "change": "changed", "assign": "assigned", "unassign": "unassigned", "accept": "accepted",
    "decline": "declined", "leave": "left", "arrive": "arrived", "finish": "done", "fail": "failed",
    "take_back": "taken_back", "check": "checked", "return": "returned", "cancel": "cancelled", "restore": "restored",
    "note": "noted", "picture": "pictured", "unpicture": "unpictured", "type": "typed",
}  # fmt: skip
"""Deed -> what the journal calls it."""


@dataclass(frozen=True, slots=True)
class Doer:
    """An order as the policy table looks at who does it: the person is of its crew, or of an organisation."""

    owner_pid: str
    organisation_id: int | None


def find(number: str) -> WorkOrder:
    """Return a work order by its number."""
    found = (
        WorkOrder.objects.select_related("organisation", "crew", "executor", "asset", "created_by")
        .filter(number=number[:16])
        .first()
    )
    if found is None:
        raise Unknown("work", _("Cette intervention n'existe pas : vérifiez son numéro."))
    return found


def hold(number: str) -> WorkOrder:
    """Return a work order locked for the transaction."""
    found = WorkOrder.objects.select_for_update(of=("self",)).filter(number=number[:16]).first()
    if found is None:
        raise Unknown("work", _("Cette intervention n'existe pas : vérifiez son numéro."))
    return found


def may_do(user: Any, order: WorkOrder) -> bool:
    """Tell whether a person may act as the crew: of it, of the executing organisation, or who orders and notes for it."""
    pid = getattr(user, "pid", "")
    mine = bool(
        pid and order.crew_id and CrewMember.objects.filter(crew=order.crew_id, user__pid=pid).exists()
    )
    return any(
        policy.allowed(user, DO, Doer(pid if mine else "-", organisation)).ok
        for organisation in (order.organisation_id, order.executor_id)
    )


def authorise_doer(user: Any, order: WorkOrder) -> None:
    """Refuse whoever may not act as the crew of an order."""
    policy.authorise(user, DO)
    if not may_do(user, order):
        raise Forbidden(
            _("L'intervention %(number)s n'est pas (ou plus) confiée à votre équipe : voyez votre liste.")
            % {"number": order.number}
        )


def had(user: Any, order: WorkOrder) -> bool:
    """Tell whether a person was of a crew that had this order once: what they write of it is still worth keeping."""
    pid = getattr(user, "pid", "")
    return bool(pid) and (
        WorkStep.objects.filter(order=order, crew__members__user__pid=pid).exists()
        or WorkStep.objects.filter(order=order, by__pid=pid, deed__in=states.CREW).exists()
    )


def known(key: str | None) -> WorkStep | None:
    """Return the step that a key already made."""
    return WorkStep.objects.select_related("order").filter(key=key).first() if key else None


def next_state(order: WorkOrder, deed: str) -> str:
    """Return the state a deed leads to.

    Raises
    ------
    Refused
        If the state of the order does not allow it.
    """
    found = states.after(order.state, deed)
    if found is None:
        raise Refused(
            "work-moved",
            _("L'intervention %(number)s est « %(state)s » : ce geste n'est plus possible. Relisez-la.")
            % {"number": order.number, "state": order.get_state_display()},
            status=409,
        )
    return found


def same_version(order: WorkOrder, version: int | None) -> None:
    """Refuse a change written over another that its author has not read."""
    if version is not None and version != order.version:
        raise Refused(
            "work-changed",
            _(
                "Cette intervention a changé pendant que vous écriviez : relisez-la, votre saisie est encore là, puis "
                "enregistrez à nouveau."
            ),
            status=409,
        )


def write(
    user: Any,
    order: WorkOrder,
    deed: str,
    *,
    text: str = "",
    at: datetime | None = None,
    key: str | None = None,
    payload: Mapping[str, Any] | None = None,
    also: tuple[str, ...] = (),
    **changes: Any,
) -> WorkStep:
    """Write a change, its step and its one event.

    Parameters
    ----------
    at : datetime, optional
        When it happened, if not now.
    also : tuple of str
        Ids of crews that are concerned besides the one that has it now.
    """
    now = service_now()
    order.version += 1
    for name, value in changes.items():
        setattr(order, name, value)
    order.save(update_fields=["version", *changes])
    step = WorkStep.objects.create(
        order=order, at=at or now, noted=now, deed=deed, state=order.state, version=order.version, by=user,
        crew_id=order.crew_id, text=text, key=key or None,
    )  # fmt: skip
    tell(user, order, deed, payload, also)
    return step


def tell(
    user: Any,
    order: WorkOrder,
    deed: str,
    payload: Mapping[str, Any] | None = None,
    also: tuple[str, ...] = (),
) -> None:
    """Record the one event of a deed."""
    crew = order.crew.pid if order.crew is not None else ""
    found: dict[str, Any] = {"number": order.number, "crew": crew, **(payload or {})}
    if order.executor is not None:
        found["executor"] = order.executor.pid
    if concerns := sorted({one for one in (crew, *also) if one}):
        found["concerns"] = concerns
    record(f"controlroom.work.{EVENTS[deed]}", actor=user.pid, subject=order.pid, payload=found)
