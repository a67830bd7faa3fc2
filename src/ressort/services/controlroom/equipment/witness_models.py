"""The table of witnesses: which second device sees what a piece of equipment says of itself, and how the two stand."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.intake.models import Series
from ressort.core.privacy import impersonal
from ressort.engines.witness import Hearing
from ressort.services.controlroom.equipment.kinds import KINDS
from ressort.services.controlroom.equipment.models import Asset


class Witness(models.Model):
    """What sees a piece of equipment from outside it. Instants are milliseconds of service time.

    Attributes
    ----------
    own : Series
        What the equipment says of its own state.
    series : Series
        What the witness sees of it; of another device.
    contradicted : int
        Since when the two contradict each other; empty: they do not.
    """

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="witness")
    own = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="+")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="+")
    claim = models.CharField(max_length=40, blank=True)
    claim_at = models.BigIntegerField(default=0)
    sight = models.CharField(max_length=40, blank=True)
    sight_at = models.BigIntegerField(default=0)
    since = models.BigIntegerField(null=True)
    contradicted = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.asset_id} {self.series_id}"

    @property
    def heard(self) -> Hearing:
        """What is known of the two, for the engine."""
        return Hearing(
            self.claim, self.claim_at, self.sight, self.sight_at, self.since, self.contradicted is not None
        )

    @property
    def sentence(self) -> str:
        """How the two differ, in words."""
        return differ(self.asset.kind, self.claim, self.sight)


def differ(kind: str, says: str, sees: str) -> str:
    """Return the sentence that says how equipment of a class and its witness differ."""
    sight = KINDS[kind].sight if kind in KINDS else None
    if sight is None:
        return ""
    return str(sight.sentence) % {"says": sight.told(says), "sees": sight.told(sees)}


impersonal(Witness, "claim", "sight", why=_("équipement de la voie publique"))
