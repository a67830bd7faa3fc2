"""Which events a topic carries, and what of them a browser may read.

Topics are ``journal`` (everything, for the console), ``kind:<prefix>`` (events whose kind starts so),
``subject:<pid>`` (events about one thing, for the person who follows it) and ``latest:<channel>``.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from ressort.core.journal.chain import stamp
from ressort.core.journal.kinds import declared
from ressort.core.journal.models import Event


def carries(topic: str, event: Event) -> bool:
    """Tell whether a topic carries an event: by its kind, its subject, or what its payload says it concerns."""
    name, __, rest = topic.partition(":")
    match name:
        case "journal":
            return True
        case "kind":
            return event.kind.startswith(rest)
        case "subject":
            return bool(rest) and (event.subject == rest or f'"{rest}"' in event.payload)
    return False


def tell(event: Event) -> str:
    """Return the sentence of an event, in the reader's language."""
    kind = declared().get(event.kind)
    if kind is None:  # a service that is no longer installed
        return event.kind
    return _(kind.says).format_map(_Blank(json.loads(event.payload)))


class _Blank(dict[str, Any]):
    """A field that an older event did not have yet is told as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def public(event: Event) -> dict[str, Any]:
    """Return what browsers receive of an event."""
    return {
        "seq": event.seq,
        "kind": event.kind,
        "at": stamp(event.at),
        "subject": event.subject,
        "text": tell(event),
        "payload": json.loads(event.payload),
    }
