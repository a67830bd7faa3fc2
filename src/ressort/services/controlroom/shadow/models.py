"""Tables of shadow: what is on trial, what it proposed, and the reflexes that alarms may have."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import blank, impersonal, personal
from ressort.services.controlroom.alarms.models import Rule
from ressort.services.controlroom.equipment.kinds import KINDS, Capability
from ressort.services.controlroom.equipment.models import Asset


class Reflex(models.Model):
    """What a rule asks of some equipment when it raises an alarm: proposed first, asked once its trial is over."""

    name = models.CharField(max_length=80, unique=True)
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="reflexes")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="reflexes")
    verb = models.CharField(max_length=20)
    params = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    seen = models.BigIntegerField(default=0, help_text="last alarm looked at")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def capability(self) -> Capability | None:
        """Return what it asks, as the class declares it."""
        return self.asset.declared.capability(self.verb)


class Trial(models.Model):
    """Something that is observed before it may act: a driver for a class of equipment, or a reflex.

    Attributes
    ----------
    window : int
        Seconds before and after a proposal in which what people do answers it.
    fewest, agreement : int
        What the authority wants to see before: cases, and percent of them that people did.
    settled : datetime
        Service time up to which proposals and deeds were compared.
    """

    driver = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    reflex = models.OneToOneField(Reflex, null=True, on_delete=models.CASCADE, related_name="trial")
    real = models.BooleanField(default=False)
    moved = models.DateTimeField(null=True, help_text="wall clock")
    moved_by = models.CharField(max_length=40, blank=True)
    window = models.PositiveIntegerField(default=300)
    fewest = models.PositiveIntegerField(default=30)
    agreement = models.PositiveSmallIntegerField(default=95)
    began = models.DateTimeField(help_text="service time")
    settled = models.DateTimeField(help_text="service time")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["driver", "kind"],
                condition=models.Q(reflex=None),
                name="one_trial_per_driver_and_kind",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def label(self) -> str:
        """Return what is on trial, in words."""
        from ressort.services.controlroom.equipment.drivers import choices

        if self.reflex_id:
            return str(self.reflex)
        kind = KINDS.get(self.kind)
        return f"{choices().get(self.driver, self.driver)} · {kind.label if kind else self.kind}"


class Proposal(models.Model):
    """What would have been done, when and why; then what people did. A deed that nobody proposed is a row too.

    Attributes
    ----------
    at : datetime
        Service time.
    source : str
        The command or the alarm it comes from.
    made : str
        What it makes of the equipment: « position=down ».
    outcome, deed, deed_at : str, str, datetime
        How people answered; empty until the window is over.
    """

    class Outcome(models.TextChoices):
        """What people did."""

        MATCH = "match", _("on a fait de même")
        OTHER = "other", _("on a fait autre chose")
        NOTHING = "nothing", _("on n'a rien fait")
        MISSED = "missed", _("rien n'était proposé")

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="proposals")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(max_length=20, blank=True)
    made = models.CharField(max_length=60)
    at = models.DateTimeField()
    source = models.CharField(max_length=40, unique=True, null=True)
    dangerous = models.BooleanField(default=False)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    deed = models.CharField(max_length=60, blank=True)
    deed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["trial", "outcome"]), models.Index(fields=["trial", "at"])]

    def __str__(self) -> str:
        return f"{self.made} {self.outcome}"


_STREET = _("équipement de la voie publique")
impersonal(Reflex, "name", "params", why=_STREET)
impersonal(Proposal, "made", "source", "deed", why=_STREET)
personal(
    Trial,
    title=_("Pilotes et réflexes mis à l'épreuve"),
    people=_("les administrateurs"),
    fields={"moved_by": _("qui a autorisé les vraies commandes, ou les a arrêtées")},
    purpose=_("Savoir qui a laissé un pilote ou un réflexe agir sur la rue"),
    keep=timedelta(days=3 * 365),
    since="moved",
    since_words=_("la décision"),
    clock="wall",
    end=blank(_("le nom est effacé"), moved_by=""),
)
