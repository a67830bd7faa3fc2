"""What is known of equipment now: the newest observation of each property, in words, and whether it is stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any

from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.intake import reading
from ressort.core.intake.models import Latest, Series
from ressort.core.intake.readings import BAD, instant, milliseconds, spoken
from ressort.services.controlroom.equipment.interlocks import Seen
from ressort.services.controlroom.equipment.kinds import NAMES, VALUES, Kind
from ressort.services.controlroom.equipment.models import Asset
from ressort.web import words

NAMED = 5000
"""Devices named in one query: databases bound how many."""


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
    fields = (
        "series__device_id",
        "series__observed",
        "series__kind",
        "series__choices",
        "value",
        "at",
        "quality",
        "series__device__asset__witness__contradicted",
    )
    found: dict[int, dict[str, Seen]] = {}
    for part in batched((pk for pk in devices if pk), NAMED):
        rows = Latest.objects.filter(series__device__in=part).values_list(*fields)
        for device, observed, kind, choices, value, at, quality, since in rows:
            said = Seen(spoken(kind, choices, value), at, quality, since is not None)
            found.setdefault(device, {})[observed] = said
    return found


def known_at(devices: Iterable[int | None], at: datetime) -> dict[int, dict[str, Seen]]:
    """Return what each device had last said at a past moment: device -> property -> Seen."""
    points = reading.as_of(at)
    found: dict[int, dict[str, Seen]] = {}
    for part in batched((pk for pk in devices if pk), NAMED):
        rows = Series.objects.filter(device__in=part)
        for pk, device, observed, kind, choices in rows.values_list(
            "pk", "device_id", "observed", "kind", "choices"
        ):
            if (point := points.get(pk)) is not None:
                said = Seen(spoken(kind, choices, point.value), point.at, point.quality)
                found.setdefault(device, {})[observed] = said
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
