"""Which events a topic carries, and what of them a browser may read.

Topics are ``journal`` (everything, for the console), ``kind:<prefix>`` (events whose kind starts so),
``subject:<pid>`` (events about one thing, for the person who follows it) and ``latest:<channel>``.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ressort.core.journal.chain import stamp
from ressort.core.journal.kinds import declared
from ressort.core.journal.models import Event

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


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
    return _(kind.says).format_map(_Told(json.loads(event.payload)))


class _Told(dict[str, Any]):
    """What the payload holds, as it is said: a day in words, a dash for what an older event did not have yet."""

    def __getitem__(self, field: str) -> Any:
        value = self.get(field, "–")
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            return value
        try:
            return date_format(date.fromisoformat(value))
        except ValueError:  # a code that only looks like a day
            return value


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
