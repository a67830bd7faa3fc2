"""What the page of a piece of equipment shows of its witness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ressort.core.intake.models import Latest
from ressort.core.intake.readings import instant, spoken
from ressort.services.controlroom.equipment import states, witnesses
from ressort.services.controlroom.equipment.forms import WitnessForm
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.equipment.witness_models import Witness


@dataclass(frozen=True, slots=True)
class Seeing:
    """A witness as people read it: its device, what it last saw and when, and how it differs when it does."""

    device: str
    words: str
    at: datetime | None
    differ: str
    since: datetime | None


def of(asset: Asset) -> Seeing | None:
    """Return the witness of some equipment, None where there is none."""
    one = Witness.objects.filter(asset=asset).select_related("series__device", "asset").first()
    if one is None:
        return None
    last = Latest.objects.filter(series=one.series_id).first()
    seen = spoken(one.series.kind, one.series.choices, last.value) if last else None
    sight = asset.declared.sight
    word = sight.others(seen) if sight and seen is not None else ""
    against = one.contradicted
    return Seeing(
        witnesses.written(one),
        sight.told(word)
        if sight and word
        else states.value_words(asset.declared, one.series.observed, seen)
        if seen is not None
        else "",
        instant(last.at) if last else None,
        one.sentence if against is not None else "",
        instant(against) if against is not None else None,
    )


def form(asset: Asset) -> WitnessForm | None:
    """Return the form that ties a witness, None where nothing can be one."""
    if asset.declared.sight is None:
        return None
    return WitnessForm(initial={"witness": witnesses.words(asset)})
