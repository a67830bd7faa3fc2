"""What is sent to a device, from the template its administrator wrote: values are put in as values, never as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ressort.services.controlroom.driving.models import Wiring
from ressort.services.controlroom.equipment.models import Command

NAMES = ("id", "order", "verb", "device", "params", "expires")
_SLOT = re.compile(r"\{([a-z_]+)\}")


def values(command: Command, wiring: Wiring) -> dict[str, Any]:
    """Return what a template may name."""
    asset = command.asset
    return {
        **command.params,
        "id": command.pid,
        "order": wiring.word(command.verb),
        "verb": command.verb,
        "device": asset.device.code if asset.device else asset.code,
        "params": command.params,
        "expires": command.expires.isoformat(timespec="seconds"),
    }


def unknown(text: str, params: set[str]) -> set[str]:
    """Return the names of a template that mean nothing."""
    return set(_SLOT.findall(text)) - set(NAMES) - params


def path(template: str, known: Mapping[str, Any]) -> str:
    """Return a path; what is put in cannot leave its segment."""
    return _SLOT.sub(lambda found: quote(str(known.get(found[1], "")), safe=""), template)


def topic(template: str, known: Mapping[str, Any]) -> str:
    """Return a topic; what is put in cannot leave its level."""
    return _SLOT.sub(lambda found: re.sub(r"[+#/\x00]", "_", str(known.get(found[1], ""))), template)


def body(template: str, known: Mapping[str, Any]) -> bytes:
    """Return the JSON that a template gives: a slot alone in its string keeps its type."""
    return json.dumps(_filled(json.loads(template), known), ensure_ascii=False).encode()


def _filled(part: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(value, known) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(one, known) for one in part]
    if not isinstance(part, str):
        return part
    if alone := _SLOT.fullmatch(part):
        return known.get(alone[1])
    return _SLOT.sub(lambda found: str(known.get(found[1], "")), part)
