"""Where vehicles are is for those who wait, never a history: a position that nothing renews is forgotten."""

from __future__ import annotations

from django.db import transaction

from ressort.core.fleet.models import VehicleState
from ressort.core.privacy import holdings
from ressort.core.retention.work import due


def forget_stale() -> int:
    """Erase the positions older than their declared time, whatever became of the shift; return how many."""
    declared = next(one for one in holdings() if one.model is VehicleState)
    with transaction.atomic():
        return due(declared).delete()[0]
