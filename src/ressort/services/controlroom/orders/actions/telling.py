"""When crews and those who order are told: reactions to the journal, one message per person and step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ressort.core.accounts.models import User
from ressort.core.clock import service_now
from ressort.core.journal.reading import payload
from ressort.core.notify import sending
from ressort.core.notify.sending import Recipient
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.orders.messages import Told
from ressort.services.controlroom.orders.models import Crew, WorkOrder

STALE = timedelta(hours=12)
"""An event read later than that (workers were down) is not told any more."""


def react(event: Any) -> None:
    """Write what an event means for a crew, or for whoever made the order; in the transaction that moves the cursor."""
    if service_now() - event.at > STALE:
        return
    order = WorkOrder.objects.select_related("crew", "created_by").filter(pid=event.subject).first()
    if order is None:
        return
    deed, told = event.kind.rsplit(".", 1)[1], payload(event)
    now = told.get("crew", "")
    if deed in {"declined", "failed", "noted"}:
        if order.created_by is not None and order.created_by.pid != event.actor:
            _send(
                "desk", [order.created_by], Told(order, deed, order.reason if deed != "noted" else ""), event
            )
        return
    if now:
        _send(
            "crew",
            _members(now, event.actor),
            Told(order, deed, order.reason if deed == "returned" else ""),
            event,
        )
    for other in told.get("concerns", ()):
        if other != now:
            _send("crew", _members(other, event.actor), Told(order, "unassigned"), event, other)


def _members(crew: str, but: str) -> list[User]:
    found = Crew.objects.filter(pid=crew).first()
    return (
        [] if found is None else list(User.objects.filter(crews__crew=found, is_active=True).exclude(pid=but))
    )


def _send(kind: str, people: list[User], told: Told, event: Any, crew: str = "") -> None:
    vital = told.order.priority in {Incident.Priority.VITAL, Incident.Priority.HIGH}
    for one in people:
        sending.send(
            f"controlroom.work_{kind}",
            key=f"controlroom.work:{event.seq}:{one.pid}:{crew}",
            to=Recipient.person(one),
            subject=told.order.pid,
            context=told,
            urgent=True if vital and told.deed in {"assigned", "returned"} else None,
        )
