"""Tables of duty: lines, the people who may be called, their turns, and what is called by itself."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.privacy import impersonal, personal, through
from ressort.services.controlroom.alarms.models import Rule, Severity
from ressort.services.controlroom.incidents.models import Incident

_USER = settings.AUTH_USER_MODEL
_PURPOSE = _("Joindre quelqu'un à toute heure quand un événement l'exige")
_ROOM = _("les agents et opérateurs de l'organisme")
MOST_RANKS = 6


def line_id() -> str:
    """Return a new pseudonymous id of a line of duty."""
    return f"dl_{secrets.token_hex(6)}"


class DutyContact(models.Model):
    """Somebody who takes turns: with an account here or, as elected people often, without."""

    class By(models.TextChoices):
        """How they wish to be told."""

        BOTH = "both", _("SMS et courriel")
        SMS = "sms", _("SMS seulement")
        EMAIL = "email", _("courriel seulement")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("nom"), max_length=120)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    by = models.CharField(max_length=8, choices=By, default=By.BOTH)
    user = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    left = models.DateTimeField(null=True, blank=True, help_text="service time; takes no more turns")

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.pk}"

    @property
    def owner_pid(self) -> str:
        """Whose it is, as the policy table asks."""
        return self.user.pid if self.user else ""


personal(
    DutyContact,
    title=_("Personnes d'astreinte"),
    people=_("les agents, les élus et les prestataires qui prennent des tours d'astreinte"),
    fields={
        "name": _("nom"),
        "phone": _("téléphone"),
        "email": _("adresse électronique"),
        "by": _("comment être prévenu"),
        "user": _("compte, s'il y en a un"),
    },
    purpose=_PURPOSE,
    recipients=_ROOM,
    keep=timedelta(days=365),
    since="left",
    since_words=_("le retrait de la liste"),
    among={"left__isnull": False, "name__gt": ""},
    end=through(
        "ressort.services.controlroom.duty.actions.erasing.forget_contacts",
        _("nom, téléphone et adresse sont effacés ; les tours restent, sans nom"),
    ),
)


class DutyLine(models.Model):
    """A line of duty (*astreinte*): ranks of people called one after the other."""

    pid = models.CharField(max_length=24, unique=True, default=line_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("nom"), max_length=60)
    purpose = models.CharField(_("pour quoi l'appeler"), max_length=200, blank=True)
    ranks = models.PositiveSmallIntegerField(default=2, help_text="how many ranks it has")
    wait = models.PositiveIntegerField(default=600, help_text="seconds before the next rank is called")
    chief = models.ForeignKey(
        DutyContact, null=True, blank=True, on_delete=models.SET_NULL, related_name="chief_of"
    )
    closed = models.DateTimeField(null=True, blank=True, help_text="service time; no longer called")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_duty_line_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def minutes(self) -> int:
        """How long one waits for an answer."""
        return self.wait // 60


impersonal(DutyLine, "pid", "name", "purpose", why=_("nom et objet d'une astreinte"))


class DutyTurn(models.Model):
    """A turn: who, at which rank, from when until when."""

    line = models.ForeignKey(DutyLine, on_delete=models.CASCADE, related_name="turns")
    rank = models.PositiveSmallIntegerField()
    contact = models.ForeignKey(DutyContact, on_delete=models.PROTECT, related_name="turns")
    starts = models.DateTimeField(help_text="service time, held")
    ends = models.DateTimeField(help_text="service time, not held")
    batch = models.CharField(max_length=24, blank=True, help_text="of the rotation that made it")

    class Meta:
        ordering = ["starts", "rank", "pk"]
        indexes = [models.Index(fields=["line", "ends"], name="duty_turn_of_a_line")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.rank} {self.starts:%d/%m}"


impersonal(DutyTurn, "batch", why=_("numéro tiré au hasard"))
_PEOPLE = _("les personnes d'astreinte")
personal(
    DutyTurn,
    title=_("Tours d'astreinte"),
    people=_PEOPLE,
    fields={"contact": _("qui est d'astreinte"), "starts": _("depuis quand"), "ends": _("jusqu'à quand")},
    purpose=_PURPOSE,
    recipients=_ROOM,
    keep=timedelta(days=2 * 365),
    since="ends",
    since_words=_("la fin du tour"),
    end=through("ressort.services.controlroom.duty.actions.erasing.forget_rows", _("effacé")),
)


class DutyReplacement(models.Model):
    """Somebody else, for a turn or a part of it. The turn stays as it was planned below."""

    turn = models.ForeignKey(DutyTurn, on_delete=models.CASCADE, related_name="replacements")
    contact = models.ForeignKey(DutyContact, on_delete=models.PROTECT, related_name="replacements")
    starts = models.DateTimeField(help_text="service time")
    ends = models.DateTimeField(help_text="service time")
    pair = models.CharField(max_length=24, blank=True, help_text="both halves of a swap")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.starts:%d/%m}"


impersonal(DutyReplacement, "pair", why=_("numéro tiré au hasard"))
personal(
    DutyReplacement,
    title=_("Remplacements d'astreinte"),
    people=_PEOPLE,
    fields={"contact": _("qui remplace"), "starts": _("depuis quand"), "ends": _("jusqu'à quand")},
    purpose=_PURPOSE,
    recipients=_ROOM,
    keep=timedelta(days=2 * 365),
    since="ends",
    since_words=_("la fin du remplacement"),
    end=through("ressort.services.controlroom.duty.actions.erasing.forget_rows", _("effacé")),
)


class AutoCall(models.Model):
    """What calls a line by itself: an alarm that nobody took, or an incident nobody took in charge in time."""

    class Of(models.TextChoices):
        """What calls."""

        ALARM = "alarm", _("une alarme que personne n'a prise")
        INCIDENT = "incident", _("un incident que personne n'a pris en charge à temps")

    line = models.ForeignKey(DutyLine, on_delete=models.CASCADE, related_name="autos")
    of = models.CharField(max_length=8, choices=Of)
    rule = models.ForeignKey(Rule, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    severity = models.PositiveSmallIntegerField(
        choices=Severity, default=Severity.MAJOR, help_text="at least"
    )
    priority = models.CharField(
        max_length=8, choices=Incident.Priority, default=Incident.Priority.HIGH, help_text="at least"
    )
    category = models.CharField(max_length=10, choices=Incident.Category, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.line_id} {self.of}"
