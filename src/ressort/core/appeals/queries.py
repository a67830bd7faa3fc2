"""Nouns of the appeals: one, the list by due date, counts for the register of algorithms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from ressort.core.appeals.models import Appeal
from ressort.core.clock import service_now
from ressort.core.errors import Unknown


def _whole() -> QuerySet[Appeal]:
    return Appeal.objects.select_related("statement", "taken_by").prefetch_related("answers__by")


def by_code(code: str) -> Appeal:
    """Return an appeal by its follow number, however it was typed.

    Raises
    ------
    Unknown
        If there is none.
    """
    kept = "".join(c for c in code.upper() if c.isascii() and c.isalnum())
    kept = kept[1:] if len(kept) == 11 and kept[0] == "E" else kept
    found = _whole().filter(code=f"E-{kept[:5]}-{kept[5:]}").first()
    if found is None:
        raise Unknown(
            "appeal", _("Aucune demande de réexamen ne porte ce numéro. Vérifiez les dix caractères.")
        )
    return found


def by_pid(pid: str, *, lock: bool = False) -> Appeal:
    """Return an appeal by its public id; ``lock`` holds its row until the end of the transaction."""
    query = Appeal.objects.select_for_update() if lock else _whole()
    found = query.filter(pid=pid).first()
    if found is None:
        raise Unknown("appeal", _("Cette demande de réexamen n'existe pas."))
    return found


def listed(state: str = "") -> QuerySet[Appeal]:
    """Return appeals by due date, so that what is late comes first; without a state, those that wait for an answer."""
    query = Appeal.objects.select_related("taken_by")
    if state == Appeal.State.ANSWERED:
        return query.filter(state=state).order_by("-answered", "-id")
    if state:
        return query.filter(state=state).order_by("due", "id")
    return query.exclude(state=Appeal.State.ANSWERED).order_by("due", "id")


def waiting() -> dict[str, int]:
    """Return how many wait for somebody, how many are taken, how many of both are late."""
    still = ~Q(state=Appeal.State.ANSWERED)
    return Appeal.objects.aggregate(
        received=Count("id", filter=Q(state=Appeal.State.RECEIVED)),
        taken=Count("id", filter=Q(state=Appeal.State.TAKEN)),
        late=Count("id", filter=still & Q(due__lt=service_now())),
    )


def of_receipt(number: str) -> int:
    """Return how many appeals one decision has."""
    return Appeal.objects.filter(receipt=number).count()


@dataclass(frozen=True, slots=True)
class Tally:
    """Appeals of some kinds of decisions since a moment."""

    contested: int
    answered: int
    changed: int


def tally(kinds: Iterable[str], since: datetime) -> Tally:
    """Count the appeals made since a moment against decisions of these kinds, and what became of them."""
    counts: dict[str, Any] = Appeal.objects.filter(kind__in=list(kinds), at__gte=since).aggregate(
        contested=Count("receipt", distinct=True),
        answered=Count("id", filter=Q(state=Appeal.State.ANSWERED)),
        changed=Count("id", filter=Q(outcome=Appeal.Outcome.CHANGED)),
    )
    return Tally(**counts)


def of_person(pid: str) -> list[Appeal]:
    """Return a person's own appeals, newest first."""
    return list(_whole().filter(owner_pid=pid).order_by("-at")) if pid else []
