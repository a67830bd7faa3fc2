"""The table of pauses: hours at which no trip is offered, or stops that are closed, while a situation lasts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import impersonal
from ressort.core.territory.models import Area


class Pause(models.Model):
    """Hours of each day at which no trip is offered, or a zone whose stops are closed, while a situation lasts."""

    situation = models.CharField(max_length=24, help_text="pseudonymous id, of the control room")
    preset = models.CharField(max_length=40)
    exercise = models.BooleanField(default=False, help_text="announced, never applied")
    starts = models.PositiveSmallIntegerField(help_text="minutes after midnight")
    ends = models.PositiveSmallIntegerField(help_text="minutes after midnight")
    since = models.DateTimeField(help_text="service time")
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField(null=True, help_text="expected end of the situation")
    ended = models.DateTimeField(null=True, help_text="service time")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["situation", "preset"], name="one_pause_of_a_preset")]

    def __str__(self) -> str:
        return f"{self.situation} {self.preset}"


impersonal(Pause, "situation", "preset", why=_("identifiant d'une situation, nom d'un préréglage"))
