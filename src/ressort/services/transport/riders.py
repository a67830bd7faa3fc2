"""People who travelled before, for the agent who has one of them on the phone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from ressort.core.accounts.policy import authorise
from ressort.services.transport.models import Booking, Contact

SHOWN = 5
LOOKED = 80
TRIPS = 3


@dataclass(slots=True)
class Known:
    """Somebody who travelled, as last written, and their latest trips."""

    name: str
    phone: str
    email: str
    trips: list[Booking] = field(default_factory=list)

    @property
    def code(self) -> str:
        """Code of the latest trip: what the page sends back instead of a name."""
        return self.trips[0].code


def search(user: Any, words: str) -> list[Known]:
    """Find people by the end of a telephone number or by words of a name; nothing under two characters.

    Contacts that were erased are not found: this reads the same erasable table, and keeps nothing of its own.
    """
    authorise(user, "transport.rider.search")
    found: dict[tuple[str, str], Known] = {}
    for contact in _matching(words):
        who = found.setdefault(
            (contact.name.casefold(), contact.phone), Known(contact.name, contact.phone, contact.email)
        )
        who.email = who.email or contact.email
        if len(who.trips) < TRIPS:
            who.trips.append(contact.booking)
    return list(found.values())[:SHOWN]


def _matching(words: str) -> QuerySet[Contact]:
    latest = Contact.objects.select_related("booking__promise__pickup", "booking__promise__dropoff")
    latest = latest.order_by("-pk")
    digits = re.sub(r"\D", "", words).removeprefix("33").lstrip("0")
    if len(digits) >= 4:
        return latest.filter(phone__contains=digits)[:LOOKED]
    parts = words[:100].split()
    if digits or len("".join(parts)) < 2:
        return latest.none()
    for part in parts:
        latest = latest.filter(_begins(part) | _begins(part.capitalize()))
    return latest[:LOOKED]


def _begins(word: str) -> Q:
    """Match a word of a name by its beginning; SQLite folds only ASCII, so callers also try it capitalised."""
    return Q(name__istartswith=word) | Q(name__icontains=f" {word}") | Q(name__icontains=f"-{word}")
