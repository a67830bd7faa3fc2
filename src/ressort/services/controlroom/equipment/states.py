"""What is known of equipment now: the newest observation of each property, in words, and whether it is stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.intake.models import Latest
from ressort.core.intake.readings import BAD, instant, milliseconds, spoken
from ressort.services.controlroom.equipment.interlocks import Seen
from ressort.services.controlroom.equipment.kinds import NAMES, VALUES, Kind
from ressort.services.controlroom.equipment.models import Asset
from ressort.web import words


@dataclass(frozen=True, slots=True)
class Fact:
    """A property as people read it."""

    observed: str
    name: str
    words: str
    at: datetime
    quality: int


def known(devices: Iterable[int | None]) -> dict[int, dict[str, Seen]]:
    """Return what each device last said: device -> property -> Seen."""
    rows = Latest.objects.filter(series__device__in=[pk for pk in devices if pk]).values_list(
        "series__device_id", "series__observed", "series__kind", "series__choices", "value", "at", "quality"
    )
    found: dict[int, dict[str, Seen]] = {}
    for device, observed, kind, choices, value, at, quality in rows:
        found.setdefault(device, {})[observed] = Seen(spoken(kind, choices, value), at, quality)
    return found


def of(asset: Asset) -> dict[str, Seen]:
    """Return what one piece of equipment last said."""
    return known([asset.device_id]).get(asset.device_id or 0, {})


def is_stale(kind: Kind, seen: Mapping[str, Seen], now: int | None = None) -> bool:
    """Tell whether the state of some equipment is unknown, badly observed or too old."""
    state = seen.get(kind.state)
    here = milliseconds(service_now()) if now is None else now
    return state is None or state.quality == BAD or here - state.at > kind.stale_s * 1000


def value_words(kind: Kind, observed: str, value: Any) -> str:
    """Return a value in words, with its unit."""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, str):
        return str(VALUES.get((observed, value), value))
    unit = next((spec.unit for spec in kind.observes if spec.observed == observed), "")
    figure = words.number(float(value), 0 if float(value).is_integer() else 1)
    return f"{figure} {unit}".strip()


def state_words(kind: Kind, seen: Mapping[str, Seen]) -> str:
    """Return the state of some equipment in words."""
    state = seen.get(kind.state)
    if state is None:
        return _("état inconnu")
    said = value_words(kind, kind.state, state.value)
    if isinstance(state.value, str):
        return said
    return _("%(name)s : %(value)s") % {"name": NAMES.get(kind.state, kind.state), "value": said}


def facts(asset: Asset, seen: Mapping[str, Seen]) -> list[Fact]:
    """Return the properties of some equipment in the order of its class."""
    kind = asset.declared
    return [
        Fact(
            spec.observed,
            str(NAMES.get(spec.observed, spec.observed)),
            value_words(kind, spec.observed, seen[spec.observed].value),
            instant(seen[spec.observed].at),
            seen[spec.observed].quality,
        )
        for spec in kind.observes
        if spec.observed in seen
    ]
