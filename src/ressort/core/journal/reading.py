"""Reading events in order: followers with a stored cursor, and the tail for screens."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q

from ressort.core.journal.models import Cursor, Event

_LOCKS: dict[str, threading.Lock] = {}


def payload(event: Event) -> dict[str, Any]:
    """Return the payload as a dictionary."""
    return dict(json.loads(event.payload))


def follow(after: int = 0, *, kind: str = "", batch: int = 500) -> Iterator[Event]:
    """Yield the events numbered above ``after`` whose kind starts with ``kind``, in order, until the end."""
    while True:
        rows = list(Event.objects.filter(seq__gt=after, kind__startswith=kind).order_by("seq")[:batch])
        yield from rows
        if len(rows) < batch:
            return
        after = rows[-1].seq


def tail(count: int, *, kinds: tuple[str, ...] = (), subject: str = "") -> list[Event]:
    """Return the last ``count`` events, newest first, of the given kinds and subject if any."""
    query = Event.objects.order_by("-seq")
    if kinds:
        query = query.filter(kind__in=kinds)
    if subject:
        query = query.filter(subject=subject)
    return list(query[:count])


def about(pid: str, limit: int = 5000) -> list[Event]:
    """Return the last events that a person did or that are about them, oldest first."""
    query = Event.objects.filter(Q(actor=pid) | Q(subject=pid)).order_by("-seq")
    return list(query[:limit])[::-1]


def consume(
    name: str, run: Callable[[Event], None], *, kind: str | tuple[str, ...] = "", batch: int = 200
) -> int:
    """Run ``run`` on each event not yet seen by the consumer ``name`` and move its stored cursor.

    The cursor moves in the same transaction as what ``run`` writes: after a crash nothing is lost and
    database effects are not doubled. Effects outside the database need an idempotency key.

    Parameters
    ----------
    kind : str or tuple of str
        Prefixes of the kinds wanted; the others are stepped over, a batch in one transaction.

    Returns
    -------
    int
        How many events were run.
    """
    done = 0
    with _LOCKS.setdefault(name, threading.Lock()):
        while True:
            Cursor.objects.get_or_create(name=name)
            seq = Cursor.objects.get(name=name).seq
            rows = list(Event.objects.filter(seq__gt=seq).order_by("seq")[:batch])
            for event in rows:
                if event.kind.startswith(kind):
                    done += _consume_one(name, event, run)
            if rows:
                Cursor.objects.filter(name=name, seq__lt=rows[-1].seq).update(seq=rows[-1].seq)
            if len(rows) < batch:
                return done


def _consume_one(name: str, event: Event, run: Callable[[Event], None]) -> bool:
    """Run one event unless another process has; the cursor moves with what it writes."""
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update().get(name=name)
        if cursor.seq >= event.seq:
            return False
        run(event)
        Cursor.objects.filter(name=name).update(seq=event.seq)
    return True
