"""The chain: how an event is digested, and how a broken link is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from ressort.core.journal import guards
from ressort.core.journal.models import Event, Head

GENESIS = "0" * 64


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no ASCII escapes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def stamp(at: datetime) -> str:
    """Return the one text of an instant: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def digest(event: Event) -> str:
    """Return the SHA-256 of an event and of the digest before it (64 hexadecimal digits)."""
    content = [
        event.previous,
        event.seq,
        str(event.id),
        event.kind,
        stamp(event.at),
        stamp(event.wall),
        event.actor,
        event.subject,
        event.cause,
        event.correlation,
        event.territory,
        event.payload,
    ]
    return hashlib.sha256(canonical(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken place of the chain: at ``seq`` (0: the journal as a whole), in words."""

    seq: int
    sentence: str


def faults() -> Iterator[Fault]:
    """Verify the whole chain and yield what is wrong with it; nothing means that it holds.

    Events may be recorded meanwhile: the end of the chain is read before and after, and what was read ends in between.
    """
    for name in guards.missing(connection):
        yield Fault(0, f"La protection « {name} » manque dans la base : relancez « ressort migrate ».")
    before = _end()
    seq, previous, met = 0, GENESIS, before == (0, "")
    for event in Event.objects.order_by("seq").iterator(chunk_size=2000):
        if event.seq != seq + 1:
            yield Fault(
                event.seq, f"Avant le numéro {event.seq}, événements manquants : {event.seq - seq - 1}."
            )
        if event.previous != previous:
            yield Fault(event.seq, f"L'événement {event.seq} ne suit pas l'empreinte du précédent.")
        if digest(event) != event.digest:
            yield Fault(event.seq, f"Le contenu de l'événement {event.seq} ({event.kind}) a été modifié.")
        seq, previous = event.seq, event.digest
        met = met or before == (seq, previous)
    after = _end()
    if not met or seq > after[0] or (seq == after[0] > 0 and previous != after[1]):
        yield Fault(
            seq, f"La fin du journal ne correspond pas : {after[0]} événements attendus, {seq} trouvés."
        )


def _end() -> tuple[int, str]:
    """Return the number and digest of the last event, as kept beside the chain."""
    return Head.objects.filter(id=1).values_list("seq", "digest").first() or (0, "")
