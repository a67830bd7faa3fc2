"""Interlocks: pure functions from what is known of a device to what forbids a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ressort.core.intake.readings import GOOD
from ressort.services.controlroom.equipment.kinds import Capability, Kind, Rule, Words


@dataclass(frozen=True, slots=True)
class Seen:
    """What a device last said of a property: value, instant in milliseconds of service time, quality.

    ``contradicted``: its witness sees otherwise; nothing that it says is then proof of anything.
    """

    value: str | bool | float
    at: int
    quality: int = GOOD
    contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """An interlock that forbids: its code and its sentence."""

    code: str
    sentence: Words


STALE = _(
    "L'état de l'équipement est inconnu ou trop ancien : seules les commandes sans danger sont permises."
)
CONTRADICTED = _("Le témoin contredit l'équipement : seules les commandes sans danger sont permises.")


def broken(kind: Kind, capability: Capability, known: Mapping[str, Seen], now: int) -> list[Broken]:
    """Return what forbids a command now; nothing ever forbids one that is not dangerous.

    Parameters
    ----------
    known : mapping of property -> Seen
    now : int
        Milliseconds of service time.
    """
    if not capability.dangerous:
        return []
    if any(seen.contradicted for seen in known.values()):
        return [Broken("contradicted", CONTRADICTED)]
    state = Rule("state-unknown", kind.state, (), kind.stale_s, STALE)
    return [
        Broken(rule.code, rule.sentence)
        for rule in (state, *capability.rules)
        if not _holds(rule, known.get(rule.observed), now)
    ]


def _holds(rule: Rule, seen: Seen | None, now: int) -> bool:
    if seen is None or seen.quality != GOOD:
        return False
    if not -60_000 <= now - seen.at <= rule.fresh_s * 1000:
        return False
    return not rule.allowed or seen.value in rule.allowed
