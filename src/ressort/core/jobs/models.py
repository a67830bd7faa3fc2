"""The table of background work."""

import secrets
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import erase, personal


def job_id() -> str:
    """Return a new public id of a job."""
    return f"j_{secrets.token_hex(8)}"


class Job(models.Model):
    """A piece of work that a worker holds by a lease it keeps renewing."""

    class State(models.TextChoices):
        """Where a job stands."""

        QUEUED = "queued", _("en attente")
        RUNNING = "running", _("en cours")
        DONE = "done", _("terminé")
        FAILED = "failed", _("en échec")
        CANCELLED = "cancelled", _("arrêté")

    pid = models.CharField(max_length=24, unique=True, default=job_id)
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=120, null=True, unique=True, help_text="one live job per key")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    actor = models.CharField(max_length=40)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True, help_text="wall time")
    not_before = models.DateTimeField(null=True, help_text="wall time")
    cancel_asked = models.BooleanField(default=False)
    done = models.FloatField(default=0.0, help_text="0 to 1")
    step = models.CharField(max_length=160, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    created = models.DateTimeField(help_text="wall time")
    ended = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "not_before", "id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


personal(
    Job,
    title=_("Travaux de fond"),
    people=_("les agents qui les demandent"),
    fields={
        "actor": _("identifiant sans visage de qui l'a demandé"),
        "payload": _("ce qu'il y a à faire"),
        "step": _("où il en est"),
        "result": _("ce qu'il a donné"),
        "error": _("pourquoi il a échoué"),
    },
    purpose=_("Suivre un travail long, et savoir pourquoi il a échoué"),
    recipients=_("les agents de la console"),
    keep=timedelta(days=30),
    since="ended",
    since_words=_("la fin du travail"),
    clock="wall",
    end=erase(),
)
