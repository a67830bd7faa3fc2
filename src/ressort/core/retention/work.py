"""Applying the declared durations: every day by the worker, at any time by ``ressort retention``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils.module_loading import import_string

from ressort.core.clock import service_now, wall_now
from ressort.core.jobs import queue
from ressort.core.journal import declare, record
from ressort.core.journal.models import Event
from ressort.core.privacy import Holding, holdings, keep_of

BATCH = 500
"""Rows per transaction: short enough that a booking never waits long for the writer."""
EVERY = timedelta(hours=24)
JOB = "privacy.retention"
DONE = "privacy.retention.applied"

declare(DONE, "Durées de conservation appliquées, lignes : {rows}.", "rows", "counts")


@dataclass(frozen=True, slots=True)
class Run:
    """One run as administrators read it: when, how many rows in all, how many of each table."""

    at: datetime
    rows: int
    counts: dict[str, int]


def due(holding: Holding) -> QuerySet[Model]:
    """Return the rows whose time is over and that have not been dealt with yet."""
    keep = keep_of(holding)
    if keep is None:
        return holding.model._default_manager.none()  # noqa: SLF001 - Django's documented API
    now = wall_now() if holding.clock == "wall" else service_now()
    rows = holding.rows().filter(counted_from__lt=now - keep)
    return rows.filter(~Q(**holding.end.values)) if holding.end.code == "blank" else rows


def look() -> dict[str, int]:
    """Return how many rows of each table a run would deal with now, without touching any."""
    return {holding.label: due(holding).count() for holding in holdings() if keep_of(holding) is not None}


def apply(progress: Callable[[str, float], Any] | None = None) -> dict[str, int]:
    """Deal with every row whose time is over, and record one event that says how many of each table.

    Each batch is a transaction of its own: a run that is stopped has simply done less, and the next one goes on.
    """
    concerned = [holding for holding in holdings() if keep_of(holding) is not None]
    counts: dict[str, int] = {}
    for number, holding in enumerate(concerned):
        if progress:
            progress(str(holding.title), number / len(concerned))
        counts[holding.label] = _apply(holding)
    told = [f"{label}:{count}" for label, count in sorted(counts.items()) if count]
    with transaction.atomic():
        record(DONE, actor="system:privacy", payload={"rows": sum(counts.values()), "counts": told})
    _checkpoint()
    return counts


def _apply(holding: Holding) -> int:
    done, last = 0, None
    while True:
        with transaction.atomic():
            rows = due(holding).order_by("pk")
            batch = list((rows if last is None else rows.filter(pk__gt=last))[:BATCH])
            if not batch:
                return done
            last = batch[-1].pk  # read now: Django takes the key away from a row it deletes
            done += _end(holding, batch)


def _end(holding: Holding, batch: list[Model]) -> int:
    if holding.end.code == "through":
        return int(import_string(holding.end.path)(batch))
    rows = holding.model._default_manager.filter(pk__in=[row.pk for row in batch])  # noqa: SLF001
    if holding.end.code == "blank":
        rows.update(**holding.end.values)
    else:
        rows.delete()
    return len(batch)


def _checkpoint() -> None:
    """Empty SQLite's write-ahead log, where pages as they were before an erasure would linger."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@queue.work(JOB)
def run(job: queue.Running) -> dict[str, int]:
    """Do the day's retention as a job."""
    return apply(job.progress)


def daily() -> None:
    """Queue a run when the last one is a day old (a round of the house's periodic work)."""
    last = Event.objects.filter(kind=DONE).order_by("-seq").first()
    if last is None or wall_now() - last.wall >= EVERY:
        queue.enqueue(JOB, actor="system:privacy", key=JOB)


def runs(count: int = 30) -> list[Run]:
    """Return the last runs, newest first."""
    found = []
    for event in Event.objects.filter(kind=DONE).order_by("-seq")[:count]:
        kept = json.loads(event.payload)
        counts = dict(item.rsplit(":", 1) for item in kept["counts"])
        found.append(Run(event.at, kept["rows"], {label: int(n) for label, n in counts.items()}))
    return found
