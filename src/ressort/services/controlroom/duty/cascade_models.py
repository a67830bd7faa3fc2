"""Tables of calls: a line called rank after rank, and what each person answered. Their timers are rows."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.codes import follow_code
from ressort.core.privacy import blank, impersonal, personal
from ressort.services.controlroom.alarms.models import Alarm
from ressort.services.controlroom.duty.models import DutyContact, DutyLine
from ressort.services.controlroom.incidents.models import KEEP, Incident

_USER = settings.AUTH_USER_MODEL


def cascade_id() -> str:
    """Return a new pseudonymous id of a call."""
    return f"ca_{secrets.token_hex(8)}"


class Cascade(models.Model):
    """A line called, from the first rank on, until somebody answers that they see to it."""

    class State(models.TextChoices):
        """Where it stands."""

        CALLING = "calling", _("on appelle")
        ANSWERED = "answered", _("quelqu'un s'en charge")
        EXHAUSTED = "exhausted", _("personne n'a répondu")
        STOPPED = "stopped", _("arrêté")

    pid = models.CharField(max_length=24, unique=True, default=cascade_id)
    line = models.ForeignKey(DutyLine, on_delete=models.PROTECT, related_name="cascades")
    incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="cascades"
    )
    alarm = models.ForeignKey(Alarm, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    why = models.CharField(_("pourquoi"), max_length=160, blank=True)
    exercise = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.CALLING)
    rank = models.PositiveSmallIntegerField(default=0, help_text="the rank that is being called")
    wait = models.PositiveIntegerField(help_text="seconds given to each rank")
    due = models.DateTimeField(null=True, help_text="service time at which the next rank is called")
    started = models.DateTimeField(help_text="service time")
    started_by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    auto = models.BooleanField(default=False, help_text="nobody asked: an alarm or a limit did")
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started", "-pk"]
        indexes = [models.Index(fields=["state", "due"], name="cascade_due")]

    def __str__(self) -> str:
        return self.pid

    @property
    def organisation_id(self) -> int:
        """Whose it is: its line's."""
        return self.line.organisation_id

    @property
    def about(self) -> str:
        """What it is about, in a few words: the incident, the alarm, or what was written."""
        if self.incident is not None:
            return self.incident.title or self.incident.number
        if self.alarm is not None:
            return f"{self.alarm.rule.name} – {self.alarm.device.code}"
        return self.why

    @property
    def calling(self) -> bool:
        """Whether somebody is being called."""
        return self.state == self.State.CALLING

    @property
    def topic(self) -> str:
        """The live topic of this call alone."""
        return f"subject:{self.pid}"


impersonal(Cascade, "pid", why=_("identifiant tiré au hasard"))
personal(
    Cascade,
    title=_("Appels d'astreinte"),
    people=_("les agents qui appellent, et les personnes qu'un motif nommerait"),
    fields={"why": _("motif, tel qu'il a été écrit"), "started_by": _("qui a lancé l'appel")},
    purpose=_("Savoir qui a été appelé, quand, et ce qui a été répondu"),
    recipients=_("les agents et opérateurs de l'organisme"),
    keep=KEEP,
    since="ended",
    since_words=_("la fin de l'appel"),
    among={"ended__isnull": False},
    end=blank(_("le motif et le nom de qui a appelé sont effacés"), why="", started_by=None),
)


class CascadeStep(models.Model):
    """One person called."""

    class State(models.TextChoices):
        """What came of it."""

        WAITING = "waiting", _("réponse attendue")
        YES = "yes", _("s'en charge")
        NO = "no", _("ne peut pas")
        SILENT = "silent", _("sans réponse")
        FREED = "freed", _("n'a plus à répondre")

    cascade = models.ForeignKey(Cascade, on_delete=models.CASCADE, related_name="steps")
    rank = models.PositiveSmallIntegerField()
    contact = models.ForeignKey(DutyContact, on_delete=models.PROTECT, related_name="calls")
    code = models.CharField(max_length=12, unique=True, default=follow_code)
    told = models.DateTimeField(help_text="service time")
    reached = models.BooleanField(default=True, help_text="a message could be written")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    answered = models.DateTimeField(null=True)
    note = models.CharField(_("précision"), max_length=200, blank=True)
    noted_by = models.ForeignKey(
        _USER, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who wrote a voice answer"
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.cascade_id} {self.rank}"

    @property
    def topic(self) -> str:
        """What its messages speak of."""
        return f"cs_{self.pk}"


impersonal(CascadeStep, "code", why=_("numéro tiré au hasard"))
personal(
    CascadeStep,
    title=_("Réponses aux appels d'astreinte"),
    people=_("les personnes d'astreinte, et les agents qui notent une réponse donnée de vive voix"),
    fields={
        "contact": _("qui a été appelé"),
        "note": _("précision donnée avec la réponse"),
        "noted_by": _("qui a noté une réponse donnée de vive voix"),
    },
    purpose=_("Savoir qui a été appelé, quand, et ce qui a été répondu"),
    recipients=_("les agents et opérateurs de l'organisme"),
    keep=KEEP,
    since="told",
    since_words=_("l'appel"),
    end=blank(_("la précision et le nom de qui l'a notée sont effacés"), note="", noted_by=None),
)
