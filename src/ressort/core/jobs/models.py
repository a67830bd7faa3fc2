"""The table of background work."""

import secrets

from django.db import models


def job_id() -> str:
    """Return a new public id of a job."""
    return f"j_{secrets.token_hex(8)}"


class Job(models.Model):
    """A piece of work that a worker holds by a lease it keeps renewing."""

    class State(models.TextChoices):
        """Where a job stands."""

        QUEUED = "queued", "en attente"
        RUNNING = "running", "en cours"
        DONE = "done", "terminé"
        FAILED = "failed", "en échec"
        CANCELLED = "cancelled", "arrêté"

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
