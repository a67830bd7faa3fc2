"""Situations prepared ahead: what to say, how serious it is, and what the services do, ready to be read once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core import presets
from ressort.services.controlroom.incidents.situation_models import Situation


@dataclass(frozen=True, slots=True)
class Prepared:
    """A situation ready to be declared; its presets are those that the services made for its kind."""

    kind: str
    level: str
    headline: Any
    instruction: Any

    @property
    def label(self) -> str:
        """What it is, in words."""
        return str(Situation.Kind(self.kind).label).capitalize()

    def initial(self) -> dict[str, Any]:
        """Return what the form of a declaration starts with."""
        return {
            "kind": self.kind,
            "level": self.level,
            "headline": str(self.headline),
            "instruction": str(self.instruction),
            "presets": [one.key for one in presets.offered() if self.kind in one.kinds and not one.zoned],
        }


PREPARED = (
    Prepared(
        "heat",
        "alert",
        _("Fortes chaleurs sur tout le territoire"),
        _("Buvez souvent, restez au frais aux heures chaudes, prenez des nouvelles des personnes seules."),
    ),
    Prepared(
        "flood",
        "alert",
        _("Des routes sont coupées près des cours d'eau"),
        _(
            "Éloignez-vous de l'eau, montez à l'étage, n'allez pas chercher les enfants : l'école s'en occupe."
        ),
    ),
    Prepared(
        "snow",
        "alert",
        _("Circulation difficile partout sur les routes"),
        _("Restez chez vous si vous le pouvez, et laissez passer les engins de déneigement."),
    ),
    Prepared(
        "blackout",
        "alert",
        _("Courant coupé sur une partie du territoire"),
        _("N'utilisez pas les ascenseurs, gardez vos téléphones pour les urgences."),
    ),
)


def of(kind: str) -> Prepared | None:
    """Return the situation prepared for a kind."""
    return next((one for one in PREPARED if one.kind == kind), None)
