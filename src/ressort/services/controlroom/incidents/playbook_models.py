"""Tables of playbooks: procedures in versions, and what was done of them on an incident."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.privacy import impersonal
from ressort.engines import procedures
from ressort.services.controlroom.incidents.models import Incident, with_incident
from ressort.services.controlroom.incidents.situation_models import Situation


class Playbook(models.Model):
    """A version of a procedure. A published version is not edited: a new version replaces it."""

    class State(models.TextChoices):
        """Where a version stands."""

        DRAFT = "draft", _("brouillon")
        PUBLISHED = "published", _("publiée")
        REPLACED = "replaced", _("remplacée")
        WITHDRAWN = "withdrawn", _("retirée")

    name = models.CharField(_("nom"), max_length=80)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=10, choices=Incident.Category.choices, blank=True)
    situation = models.CharField(
        max_length=12, choices=Situation.Kind.choices, blank=True, help_text="kind with which it begins"
    )
    purpose = models.CharField(_("à quoi elle sert"), max_length=200, blank=True)
    text = models.TextField(_("étapes"), blank=True)
    published = models.DateTimeField(null=True, blank=True, help_text="service time")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name", "version"], name="one_playbook_version")
        ]
        ordering = ["name", "version"]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @cached_property
    def procedure(self) -> procedures.Procedure:
        """Its steps, read from its text."""
        return procedures.read(self.text)


impersonal(Playbook, "name", "text", why=_("procédure écrite par l'autorité"))


class Run(models.Model):
    """A playbook under way on an incident. Where it is, and since when, is kept: a restart loses nothing."""

    class State(models.TextChoices):
        """Where a run stands."""

        RUNNING = "running", _("en cours")
        DONE = "done", _("terminée")
        STOPPED = "stopped", _("arrêtée")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="runs")
    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    step = models.PositiveIntegerField(null=True, help_text="index of the step to do; null when it is over")
    since = models.DateTimeField(help_text="service time at which the step was reached")
    wait_until = models.DateTimeField(null=True, blank=True, help_text="end of the wait under way")
    rung = models.BooleanField(default=False, help_text="the end of the wait was told")
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "wait_until"])]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.playbook_id} on {self.incident_id}"

    @property
    def current(self) -> procedures.Step | None:
        """The step to do, None when it is over."""
        return None if self.step is None else self.playbook.procedure.steps[self.step]


class StepDone(models.Model):
    """A step of a run as it was done: when, by whom, what was answered. Taken back, it stays."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="done")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    step = models.PositiveIntegerField()
    at = models.DateTimeField(help_text="service time")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.CharField(max_length=80, blank=True, help_text="the option chosen")
    note = models.CharField(_("précision"), max_length=300, blank=True)
    skipped = models.BooleanField(default=False)
    taken_back = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.run_id} {self.step}"


with_incident(
    StepDone,
    _("Étapes de procédures faites"),
    {"note": _("précision écrite"), "by": _("qui l'a faite")},
)
