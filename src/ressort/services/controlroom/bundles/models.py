"""Tables of paper bundles: how often a situation prints itself, what was printed, and the sheets to type back."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.codes import follow_code
from ressort.core.privacy import blank, impersonal, personal, through
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.situation_models import Situation

HOURLY = 60
"""Minutes between two bundles, unless somebody chose otherwise."""
_USER = settings.AUTH_USER_MODEL


def bundle_id() -> str:
    """Return a new pseudonymous id of a bundle."""
    return f"bu_{secrets.token_hex(8)}"


class BundleRhythm(models.Model):
    """How often a situation prints itself, where somebody chose: :data:`HOURLY` otherwise."""

    situation = models.OneToOneField(Situation, on_delete=models.CASCADE, related_name="rhythm")
    minutes = models.PositiveSmallIntegerField(default=HOURLY, help_text="between two bundles; 0: never")

    def __str__(self) -> str:
        return f"{self.situation_id} {self.minutes}"


class Bundle(models.Model):
    """A bundle of paper: everything that is needed to go on without a screen, as it stood at one moment.

    Attributes
    ----------
    at : datetime
        When it fell due or was asked for: the next one is counted from there.
    job : str
        The background work that makes it: what became of it is read there, until ``made``.
    file : str
        Name of its file; nothing before it is made, and once its time is over.
    """

    class Why(models.TextChoices):
        """What made it."""

        RHYTHM = "rhythm", _("à l'heure dite")
        HAND = "hand", _("demandée")

    pid = models.CharField(max_length=24, unique=True, default=bundle_id)
    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="bundles")
    number = models.PositiveIntegerField(help_text="of the situation, from 1")
    at = models.DateTimeField(help_text="service time")
    why = models.CharField(max_length=8, choices=Why, default=Why.RHYTHM)
    asked_by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    job = models.CharField(max_length=24, blank=True)
    made = models.DateTimeField(null=True, help_text="service time")
    file = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField(default=0, help_text="bytes")
    print_job = models.CharField(max_length=24, blank=True)
    printed = models.DateTimeField(null=True, help_text="service time at which the printer took it")
    print_error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["situation", "number"], name="one_bundle_of_a_number"),
        ]

    def __str__(self) -> str:
        return self.pid

    @property
    def organisation_id(self) -> int:
        """Whose it is, as the policy table asks."""
        return int(self.situation.organisation_id)


personal(
    Bundle,
    title=_("Liasses papier des situations"),
    people=_("les agents en salle et d'astreinte, les personnes du plan de sauvegarde, et celles qu'un incident nommerait"),
    fields={
        "file": _("le document lui-même : noms et téléphones d'astreinte, incidents, tâches, plan de sauvegarde"),
        "asked_by": _("qui l'a demandée"),
    },
    purpose=_("Continuer à conduire une crise sans électricité ni réseau"),
    recipients=_("les opérateurs et administrateurs de l'organisme, et qui lit le papier en salle"),
    keep=timedelta(days=30),
    since="at",
    since_words=_("l'heure de la liasse"),
    among={"file__gt": ""},
    end=through(
        "ressort.services.controlroom.bundles.files.forget",
        _("le document est effacé ; son heure et sa taille restent"),
    ),
)  # fmt: skip
impersonal(
    Bundle, "pid", "job", "print_job", "print_error", why=_("identifiants tirés au hasard, et ce que dit l'imprimante")
)  # fmt: skip


class PaperSheet(models.Model):
    """A blank sheet of a bundle: typed back once, whoever holds it."""

    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="sheets")
    place = models.PositiveSmallIntegerField(help_text="in the bundle, from 1")
    code = models.CharField(max_length=12, unique=True, default=follow_code)
    typed = models.DateTimeField(null=True, help_text="service time")
    typed_by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["bundle", "place"]

    def __str__(self) -> str:
        return self.code


personal(
    PaperSheet,
    title=_("Fiches papier saisies"),
    people=_("les agents du poste de commandement"),
    fields={"typed_by": _("qui l'a saisie"), "typed": _("quand")},
    purpose=_("Ne pas compter deux fois ce qui a été noté sur papier"),
    recipients=_("les opérateurs et administrateurs de l'organisme"),
    keep=timedelta(days=365),
    since="typed",
    since_words=_("la saisie"),
    among={"typed__isnull": False},
    end=blank(_("le nom de qui l'a saisie est effacé"), typed_by=None),
)
impersonal(PaperSheet, "code", why=_("code tiré au hasard, imprimé sur la fiche"))
