"""Tables of the alarms: rules as they are written, and what they raised."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.intake.models import Device
from ressort.core.privacy import blank, impersonal, personal


class Severity(models.IntegerChoices):
    """How grave an alarm is."""

    MINOR = 1, _("mineure")
    NORMAL = 2, _("normale")
    MAJOR = 3, _("majeure")
    CRITICAL = 4, _("critique")


class Rule(models.Model):
    """What raises an alarm, in the words of those who wrote it (``wording.py``)."""

    name = models.CharField(max_length=80, unique=True)
    lines = models.TextField(help_text="one condition a line")
    every = models.BooleanField(default=True, help_text="every line must hold; otherwise one is enough")
    devices = models.CharField(max_length=400, help_text="codes, * for any letters, separated by spaces")
    severity = models.PositiveSmallIntegerField(choices=Severity, default=Severity.NORMAL)
    lasts = models.PositiveIntegerField(default=0, help_text="seconds before the alarm")
    clears = models.PositiveIntegerField(default=0, help_text="seconds before it ends")
    rises = models.TextField(blank=True, help_text="30 min : 3")
    spans = models.TextField(blank=True, help_text="lun-ven 08:00-18:00")
    escalate = models.PositiveIntegerField(default=900, help_text="seconds without anybody; 0: never")
    advice = models.TextField(blank=True, help_text="what to do")
    active = models.BooleanField(default=True)
    shadow = models.BooleanField(default=False, help_text="observed only: it calls nobody")
    changed = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def grade(self) -> str:
        """Return the severity as states are named: a digit."""
        return str(self.severity)


class Alarm(models.Model):
    """An alarm, from its raising to its end. Instants are of the service clock."""

    class State(models.TextChoices):
        """Who holds it."""

        OPEN = "open", _("à prendre")
        TAKEN = "taken", _("prise")
        SHELVED = "shelved", _("mise de côté")
        OVER = "over", _("finie")

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="alarms")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    raised = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    escalated = models.DateTimeField(null=True)
    taken = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    shelved_until = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True, help_text="why it was shelved")
    storm = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="members")

    class Meta:
        ordering = ["-severity", "raised", "pk"]
        indexes = [models.Index(fields=["ended", "state"], name="alarm_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "device"],
                condition=models.Q(ended=None),
                name="one_open_alarm_per_rule_and_device",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.device_id} {self.state}"

    @property
    def grade(self) -> str:
        """Return the severity as states are named: a digit."""
        return str(self.severity)

    @property
    def lasted(self) -> float | None:
        """Return how long it stood, in seconds, once it is over."""
        return (self.ended - self.raised).total_seconds() if self.ended else None


_THING = _("règle et alarme d'équipements, sans personne")
impersonal(Rule, "name", "lines", "rises", "spans", "advice", why=_THING)
personal(
    Alarm,
    title=_("Alarmes"),
    people=_("les opérateurs qui les prennent"),
    fields={
        "taken_by": _("opérateur qui l'a prise"),
        "why": _("raison d'une mise de côté, telle qu'elle a été écrite"),
    },
    purpose=_("Savoir qui répond d'une alarme"),
    recipients=_("les agents du poste de commandement"),
    keep=timedelta(days=365),
    since="ended",
    since_words=_("la fin de l'alarme"),
    end=blank(_("le nom de qui l'a prise et la raison sont effacés"), taken_by=None, why=""),
)
