"""Tables of work orders: what is asked of a crew and where it stands, beside every step and picture."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.privacy import impersonal, keeps, personal, through
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.orders import states

KEEP = timedelta(days=3 * 365)
_USER = settings.AUTH_USER_MODEL


def crew_id() -> str:
    """Return a new id of a crew."""
    return f"q_{secrets.token_hex(6)}"


def work_id() -> str:
    """Return a new pseudonymous id of a work order."""
    return f"w_{secrets.token_hex(8)}"


class Trade(models.TextChoices):
    """What a crew knows how to do."""

    ROAD = "road", _("voirie")
    LIGHT = "light", _("éclairage")
    SIGNAL = "signal", _("feux et signalisation")
    GREEN = "green", _("espaces verts")
    CLEAN = "clean", _("propreté")
    WATER = "water", _("eau et assainissement")
    BUILDING = "building", _("bâtiment")
    OTHER = "other", _("polyvalent")


class Crew(models.Model):
    """People who go out together: a name, an organisation, a trade."""

    pid = models.CharField(max_length=24, unique=True, default=crew_id)
    name = models.CharField(_("nom"), max_length=60)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="crews")
    trade = models.CharField(_("métier"), max_length=10, choices=Trade, default=Trade.OTHER)
    active = models.BooleanField(_("en activité"), default=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_crew_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def topic(self) -> str:
        """The live topic of this crew alone."""
        return f"subject:{self.pid}"


impersonal(Crew, "name", "pid", why=_("nom d'une équipe"))


class CrewMember(models.Model):
    """A person of a crew."""

    crew = models.ForeignKey(Crew, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="crews")
    since = models.DateTimeField(help_text="service time")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["crew", "user"], name="once_in_a_crew")]

    def __str__(self) -> str:
        return f"{self.crew_id} {self.user_id}"


personal(
    CrewMember,
    title=_("Membres des équipes"),
    people=_("les agents de terrain"),
    fields={"user": _("compte"), "since": _("depuis quand")},
    purpose=_("Savoir à qui une intervention est confiée"),
    recipients=_("les agents de l'organisme"),
    end=keeps(_("autant que le compte, ou jusqu'à ce que la personne quitte l'équipe")),
)


class WorkNumber(models.Model):
    """The last number given in a year."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class WorkOrder(models.Model):
    """Something to do in the street: what, where, before when, by whom, and what was done.

    Attributes
    ----------
    crew, executor : Crew, Organisation
        Who does it: a crew, or an organisation that sends whom it wants; at most one of them.
    version : int
        Grows with each change: who writes says which one they have read.
    result : str
        ``done`` or ``failed``, kept once it is checked.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DRAFTED = states.DRAFTED, _("à confier")
        ASSIGNED = states.ASSIGNED, _("confiée")
        ACCEPTED = states.ACCEPTED, _("acceptée")
        DECLINED = states.DECLINED, _("refusée par l'équipe")
        ON_WAY = states.ON_WAY, _("en route")
        ON_SITE = states.ON_SITE, _("sur place")
        DONE = states.DONE, _("faite")
        FAILED = states.FAILED, _("impossible")
        CLOSED = states.CLOSED, _("vérifiée, close")
        CANCELLED = states.CANCELLED, _("annulée")

    class Source(models.TextChoices):
        """What it was made from."""

        HAND = "hand", _("à la main")
        INCIDENT = "incident", _("incident")
        REPORT = "report", _("signalement")
        ALARM = "alarm", _("alarme")
        ASSET = "asset", _("équipement")

    pid = models.CharField(max_length=24, unique=True, default=work_id)
    number = models.CharField(max_length=16, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="work_orders")
    title = models.CharField(_("intervention"), max_length=120)
    instructions = models.TextField(_("consignes"), blank=True)
    materials = models.TextField(_("matériel"), blank=True)
    trade = models.CharField(max_length=10, choices=Trade)
    priority = models.CharField(max_length=8, choices=Incident.Priority)
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    asset = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="work_orders"
    )
    source = models.CharField(max_length=10, choices=Source, default=Source.HAND)
    source_id = models.CharField(max_length=40, blank=True, help_text="number or id of what it was made from")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFTED)
    version = models.PositiveIntegerField(default=1)
    crew = models.ForeignKey(
        Crew, null=True, blank=True, on_delete=models.PROTECT, related_name="work_orders"
    )
    executor = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="work_received"
    )
    created = models.DateTimeField(help_text="service time")
    created_by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    due = models.DateTimeField(help_text="service time before which it is to be done")
    arrived = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    closed = models.DateTimeField(null=True, blank=True, help_text="checked or cancelled")
    result = models.CharField(max_length=6, blank=True)
    reason = models.CharField(
        _("raison"), max_length=300, blank=True, help_text="declined, impossible, sent back"
    )
    did = models.TextField(_("ce qui a été fait"), blank=True)
    minutes = models.PositiveIntegerField(_("temps passé"), null=True, blank=True)

    class Meta:
        ordering = ["due", "pk"]
        indexes = [
            models.Index(fields=["state", "due"], name="work_by_due"),
            models.Index(fields=["source", "source_id"], name="work_by_source"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done in the street."""
        return self.state in states.OPEN

    @property
    def topic(self) -> str:
        """The live topic of this order alone."""
        return f"subject:{self.pid}"

    @property
    def look(self) -> str:
        """The state as pills name it."""
        return f"controlroom.work.{self.state}"

    @property
    def urgency(self) -> str:
        """The priority as pills name it."""
        return f"controlroom.{self.priority}"

    @property
    def who(self) -> str:
        """The crew or organisation that has it, in words; nothing: nobody yet."""
        if self.crew is not None:
            return self.crew.name
        return self.executor.name if self.executor is not None else ""


personal(
    WorkOrder,
    title=_("Bons d'intervention"),
    people=_("les agents qui en répondent, et les personnes qu'une consigne ou un compte rendu nommerait"),
    fields={
        "title": _("ce qui est à faire, tel qu'il a été écrit"),
        "instructions": _("consignes, telles qu'elles ont été écrites"),
        "materials": _("matériel, tel qu'il a été écrit"),
        "address": _("lieu, tel qu'il a été écrit"),
        "lon": _("point sur la carte"),
        "lat": _("point sur la carte"),
        "created_by": _("agent qui l'a préparé"),
        "reason": _("raison d'un refus ou d'un renvoi"),
        "did": _("ce qui a été fait, tel que l'équipe l'a écrit"),
    },
    purpose=_("Faire réparer ce qui doit l'être, et en rendre compte"),
    recipients=_("les agents de l'organisme, et l'équipe ou l'organisme à qui il est confié"),
    keep=KEEP,
    since="closed",
    since_words=_("la clôture"),
    among={"closed__isnull": False, "title__gt": ""},
    end=through(
        "ressort.services.controlroom.orders.actions.erasing.forget",
        _("textes, lieu, étapes et photos sont effacés ; dates, métier, priorité et durée restent"),
    ),
)
impersonal(WorkOrder, "pid", why=_("identifiant tiré au hasard"))


def _with_order(model: type[models.Model], title: Any, fields: dict[str, Any]) -> None:
    personal(
        model,
        title=title,
        people=_("les agents de terrain et du poste de commandement, et qui passerait sur une photo"),
        fields=fields,
        purpose=_("Faire réparer ce qui doit l'être, et en rendre compte"),
        recipients=_("les agents de l'organisme, et l'équipe ou l'organisme à qui il est confié"),
        keep=KEEP,
        since="order__closed",
        since_words=_("la clôture du bon"),
        among={"order__closed__isnull": False},
        end=through(
            "ressort.services.controlroom.orders.actions.erasing.forget_rows",
            _("effacé avec le reste du bon"),
        ),
    )


class WorkStep(models.Model):
    """A step in the life of an order: who did what, when it happened and when it was noted."""

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField(help_text="service time of the deed")
    noted = models.DateTimeField(help_text="service time of its writing")
    deed = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=WorkOrder.State)
    version = models.PositiveIntegerField(help_text="of the order once it was done")
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    crew = models.ForeignKey(Crew, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(blank=True)
    key = models.CharField(max_length=80, null=True, unique=True, help_text="idempotency key")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.deed}"


_with_order(
    WorkStep, _("Étapes des interventions"), {"by": _("qui l'a fait"), "text": _("mot écrit avec l'étape")}
)
impersonal(WorkStep, "deed", "key", why=_("nom d'un geste du service, et clé tirée au hasard"))


class WorkPhoto(models.Model):
    """A picture that a crew took, drawn again without what the device wrote in it."""

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="photos")
    name = models.CharField(max_length=40, help_text="of the file in the folder of photos")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    at = models.DateTimeField(help_text="service time")
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=80, null=True, unique=True, help_text="idempotency key")
    removed = models.DateTimeField(null=True, blank=True, help_text="hidden; erased with the order")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


_with_order(
    WorkPhoto,
    _("Photos des interventions"),
    {"name": _("fichier de la photo, sans lieu, date ni appareil"), "by": _("qui l'a prise")},
)
impersonal(WorkPhoto, "key", why=_("clé tirée au hasard"))
