"""Tables of situations: a state of the territory that is declared, levelled, told to the public, and ended."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.privacy import impersonal
from ressort.core.territory.models import Area


def situation_id() -> str:
    """Return a new pseudonymous id of a situation."""
    return f"s_{secrets.token_hex(8)}"


class Situation(models.Model):
    """A state of the territory, real or played. Incidents attach to it; the public reads of it."""

    class Kind(models.TextChoices):
        """What it is."""

        HEAT = "heat", _("canicule")
        COLD = "cold", _("grand froid")
        FLOOD = "flood", _("inondation")
        STORM = "storm", _("tempête ou orages")
        SNOW = "snow", _("neige et verglas")
        BLACKOUT = "blackout", _("panne d'électricité")
        WATER = "water", _("coupure ou pollution de l'eau")
        AIR = "air", _("pollution de l'air")
        INDUSTRIAL = "industrial", _("accident industriel")
        FIRE = "fire", _("incendie")
        EVENT = "event", _("grand rassemblement")
        OTHER = "other", _("autre situation")

    class Level(models.TextChoices):
        """How serious it is."""

        WATCH = "watch", _("vigilance")
        ALERT = "alert", _("alerte")
        CRISIS = "crisis", _("crise")

    pid = models.CharField(max_length=24, unique=True, default=situation_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    level = models.CharField(max_length=8, choices=Level.choices)
    exercise = models.BooleanField(default=False)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    area_name = models.CharField(max_length=200)
    headline = models.CharField(_("phrase pour le public"), max_length=160)
    instruction = models.CharField(_("ce qu'il faut faire"), max_length=500, blank=True)
    presets = models.JSONField(default=list, help_text="keys of what other services do while it lasts")
    since = models.DateTimeField(help_text="service time")
    until = models.DateTimeField(null=True, blank=True, help_text="expected end, service time")
    closed = models.DateTimeField(null=True, blank=True, help_text="service time")

    class Meta:
        ordering = ["-since", "-pk"]

    def __str__(self) -> str:
        return self.pid

    @property
    def told(self) -> str:
        """What it is, in words: « EXERCICE · Canicule, alerte »."""
        words = f"{str(self.get_kind_display()).capitalize()}, {self.get_level_display()}"
        return f"{_('EXERCICE')} · {words}" if self.exercise else words


impersonal(Situation, "presets", why=_("noms de préréglages"))
impersonal(Situation, "area_name", why=_("nom d'un lieu public"))
impersonal(Situation, "pid", why=_("identifiant d'une situation, tiré au hasard"))


class Alert(models.Model):
    """What was published of a situation at one moment: a CAP message, never changed afterwards."""

    class Type(models.TextChoices):
        """The message types of CAP that are used here."""

        ALERT = "Alert", "Alert"
        UPDATE = "Update", "Update"
        CANCEL = "Cancel", "Cancel"

    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="alerts")
    identifier = models.CharField(max_length=60, unique=True)
    type = models.CharField(max_length=6, choices=Type.choices)
    sent = models.DateTimeField(help_text="service time")
    title = models.CharField(max_length=240)
    xml = models.TextField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.identifier


impersonal(Alert, "xml", "title", why=_("message publié : ce que tout le monde a pu lire"))
