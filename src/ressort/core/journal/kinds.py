"""The declared kinds of events: what each may hold and how it is told.

Declaring is compulsory: it documents every event, and it keeps names, addresses and free text out of the
chain by construction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CODE = re.compile(r"[A-Za-z0-9_:.+\-/]{0,120}")
_PHONE = re.compile(r"(\+|00)?\d{9,15}")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event.

    Parameters
    ----------
    name : str
        ``service.noun.verb`` in the past: ``transport.booking.accepted``.
    fields : frozenset of str
        Names the payload may hold.
    says : str
        French sentence for the timeline, ``str.format`` with the payload.
    """

    name: str
    fields: frozenset[str]
    says: str


_kinds: dict[str, Kind] = {}


def declare(name: str, says: str, *fields: str) -> Kind:
    """Declare a kind of event (at import time) and return it."""
    kind = Kind(name, frozenset(fields), says)
    if _kinds.setdefault(name, kind) != kind:
        raise ValueError(f"event kind {name} is declared twice, differently")
    return kind


def declared() -> Mapping[str, Kind]:
    """Return every declared kind by name."""
    return _kinds


def checked(name: str, payload: Mapping[str, Any]) -> Kind:
    """Return the kind, after checking that the payload may enter the chain.

    Raises
    ------
    ValueError
        If the kind or a field is not declared, or a value could hold personal data.
    """
    kind = _kinds.get(name)
    if kind is None:
        raise ValueError(f"event kind {name} is not declared (journal.declare)")
    if extra := set(payload) - kind.fields:
        raise ValueError(f"event {name}: fields {sorted(extra)} are not declared")
    for field, value in payload.items():
        _check_value(f"{name}.{field}", value)
    return kind


def _check_value(where: str, value: Any) -> None:
    if value is None or isinstance(value, bool | int | float):
        return
    if isinstance(value, str):
        if not _CODE.fullmatch(value) or _PHONE.fullmatch(value):
            raise ValueError(f"event field {where}: only ids and codes may enter the journal, not free text")
        return
    if isinstance(value, list | tuple):
        for item in value:
            _check_value(where, item)
        return
    raise ValueError(f"event field {where}: {type(value).__name__} cannot enter the journal")
