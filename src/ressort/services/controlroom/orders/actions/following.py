"""What follows from a work order: the incident's log, the report's state, the equipment's maintenance, each by its own event."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ressort.core.accounts.models import User
from ressort.core.journal.reading import payload
from ressort.services.controlroom.equipment import registering
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.incidents.actions import handling
from ressort.services.controlroom.orders import states
from ressort.services.controlroom.orders.models import WorkOrder
from ressort.services.controlroom.reports.actions import handling as reports


def react(event: Any) -> None:
    """Move what an order was made from; in the transaction that moves the cursor."""
    order = WorkOrder.objects.select_related("crew", "executor", "asset").filter(pid=event.subject).first()
    if order is None:
        return
    deed = event.kind.rsplit(".", 1)[1]
    told = payload(event)
    if deed == "typed":
        deed = told["result"]
    undone = (deed == "taken_back" and told.get("before") in {"done", "failed"}) or deed == "returned"
    cause = str(event.id)
    if order.source == WorkOrder.Source.INCIDENT:
        _incident(order, deed, event, undone=undone)
    elif order.source == WorkOrder.Source.REPORT:
        _report(order, deed, event.actor, cause, undone=undone)
    if order.asset is not None:
        _asset(order.asset, deed, event.actor, cause, undone=undone)


def _incident(order: WorkOrder, deed: str, event: Any, *, undone: bool) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        named = {"number": order.number, "who": order.who or "–", "reason": order.reason, "did": order.did}
        match deed:
            case "assigned":
                text = _("Intervention %(number)s confiée à %(who)s.") % named
            case "declined":
                text = _("Intervention %(number)s refusée par l'équipe : %(reason)s") % named
            case "arrived":
                text = _("Intervention %(number)s : %(who)s est sur place.") % named
            case "done":
                text = _("Intervention %(number)s faite par %(who)s : %(did)s") % named
                if order.minutes:
                    text += " " + _("(%(n)d min)") % {"n": order.minutes}
            case "failed":
                text = _("Intervention %(number)s impossible : %(reason)s") % named
            case "cancelled":
                text = _("Intervention %(number)s annulée.") % named
            case _ if undone:
                text = _("Intervention %(number)s : finalement pas terminée.") % named
            case _:
                return
    by = User.objects.filter(pid=event.actor).first()
    handling.note(by, order.source_id, text, at=event.at, cause=str(event.id))


def _report(order: WorkOrder, deed: str, actor: str, cause: str, *, undone: bool) -> None:
    if undone:
        reports.follow(actor, order.source_id, "reopened", cause=cause)
    elif deed == "assigned":
        reports.follow(actor, order.source_id, "planned", cause=cause, day=localtime(order.due).date())
    elif deed == "done":
        reports.follow(actor, order.source_id, "done", cause=cause)
    elif deed in {"cancelled", "failed"} and not _still_planned(order):
        reports.follow(actor, order.source_id, "unplanned", cause=cause)


def _still_planned(order: WorkOrder) -> bool:
    """Tell whether another order for the same thing is still to be carried out."""
    same = WorkOrder.objects.filter(source=order.source, source_id=order.source_id).exclude(pk=order.pk)
    return same.filter(state__in=states.OPEN).exists()


def _asset(asset: Asset, deed: str, actor: str, cause: str, *, undone: bool) -> None:
    if deed == "arrived" or undone:
        registering.follow(actor, asset.pid, Asset.Upkeep.MAINTENANCE, cause=cause)
    elif deed == "done":
        registering.follow(actor, asset.pid, Asset.Upkeep.IN_SERVICE, cause=cause)
