"""Writing events."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django.dispatch import Signal

from ressort.core.clock import service_now, wall_now
from ressort.core.journal import chain
from ressort.core.journal.kinds import checked
from ressort.core.journal.models import Event, Head

recorded = Signal()
"""Sent after commit with ``seq``: wakes followers up. A lost signal costs a delay, never data."""

_correlation: ContextVar[str] = ContextVar("correlation", default="")
_ADVISORY_LOCK = 0x52_45_53_53  # any fixed number; "RESS"


def correlation_id() -> str:
    """Return the id shared by all events of the current request, job or command."""
    return _correlation.get()


@contextmanager
def correlated(value: str = "") -> Iterator[str]:
    """Give all events recorded inside the same correlation id."""
    token = _correlation.set(value or uuid.uuid4().hex)
    try:
        yield _correlation.get()
    finally:
        _correlation.reset(token)


def record(
    kind: str,
    *,
    actor: str,
    subject: str = "",
    payload: Mapping[str, Any] | None = None,
    cause: str = "",
    territory: str = "",
) -> Event:
    """Append one event to the journal, as the last write of the caller's transaction.

    Parameters
    ----------
    kind : str
        A kind declared with :func:`ressort.core.journal.declare`.
    actor, subject : str
        Pseudonymous ids (``p_…``, ``b_…``) or ``system:name``.
    payload : mapping, optional
        Declared fields: ids, numbers, codes.

    Raises
    ------
    ValueError
        If the kind, a field or a value may not enter the chain.
    RuntimeError
        If there is no open transaction: an action writes its rows and its event together, or nothing.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() outside a transaction: rows and event must be written together")
    payload = dict(payload or {})
    checked(kind, payload)
    head = _locked_head()
    event = Event(
        seq=head.seq + 1,
        id=uuid.uuid4(),
        kind=kind,
        at=service_now(),
        wall=wall_now(),
        actor=actor,
        subject=subject,
        cause=cause,
        correlation=correlation_id(),
        territory=territory,
        payload=chain.canonical(payload),
        previous=head.digest or chain.GENESIS,
    )
    event.digest = chain.digest(event)
    event.save(force_insert=True)
    Head.objects.filter(id=1).update(seq=event.seq, digest=event.digest)
    transaction.on_commit(lambda: recorded.send_robust(sender=Event, seq=event.seq))
    return event


def _locked_head() -> Head:
    """Return the end of the chain, alone with it until commit.

    SQLite's IMMEDIATE transactions already admit one writer. On PostgreSQL the advisory lock makes numbers follow
    commit order: otherwise a follower could skip an event that commits late.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
    return Head.objects.get_or_create(id=1)[0]
