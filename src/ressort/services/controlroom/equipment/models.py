"""Tables of the equipment: what stands in the street, and what was asked of it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.intake.models import Device
from ressort.core.privacy import blank, impersonal, personal
from ressort.services.controlroom.clearances.models import Clearance
from ressort.services.controlroom.equipment.kinds import CHOICES, KINDS, Capability, Kind


def asset_id() -> str:
    """Return a new id of a piece of equipment."""
    return f"e_{secrets.token_hex(8)}"


def command_id() -> str:
    """Return a new id of a command."""
    return f"c_{secrets.token_hex(8)}"


class Asset(models.Model):
    """A piece of equipment.

    Attributes
    ----------
    code : str
        The authority's own number.
    device : Device
        Through which it is heard; its own, or none yet.
    capabilities : list of str
        Verbs it can be asked, among those of its class.
    driver : str
        What carries its commands; empty: it only observes.
    """

    class Upkeep(models.TextChoices):
        """Where its maintenance stands."""

        IN_SERVICE = "in_service", _("en service")
        MAINTENANCE = "maintenance", _("en travaux")
        OUT = "out", _("hors service")

    pid = models.CharField(max_length=24, unique=True, default=asset_id)
    code = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, choices=CHOICES)
    name = models.CharField(max_length=120)
    lon = models.FloatField()
    lat = models.FloatField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    device = models.OneToOneField(Device, null=True, on_delete=models.PROTECT, related_name="asset")
    capabilities = models.JSONField(default=list)
    parameters = models.JSONField(default=dict)
    driver = models.CharField(max_length=20, blank=True)
    upkeep = models.CharField(max_length=12, choices=Upkeep, default=Upkeep.IN_SERVICE)
    source = models.CharField(max_length=60, blank=True, db_index=True)

    class Meta:
        ordering = ["name", "code"]
        indexes = [models.Index(fields=["kind", "upkeep"])]

    def __str__(self) -> str:
        return self.name

    @property
    def declared(self) -> Kind:
        """Its class."""
        return KINDS[self.kind]

    @property
    def can(self) -> list[Capability]:
        """What it can be asked."""
        return [one for one in self.declared.can if one.verb in self.capabilities] if self.driver else []


class Emergency(models.Model):
    """A declared emergency: dangerous commands then need one person instead of two."""

    by = models.CharField(max_length=24)
    reason = models.CharField(max_length=200)
    since = models.DateTimeField(help_text="wall clock")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class Command(models.Model):
    """Something asked of a piece of equipment, until one of its five ends. Instants are of the wall clock.

    Attributes
    ----------
    sent_at : int
        Service time of the first sending, milliseconds: only what the device says of itself after that confirms.
    held, lease_until : bool, datetime
        A confirmed hold lasts as long as somebody's screen renews its lease.
    under : Clearance
        By which a partner asked; None on one's own equipment.
    """

    class State(models.TextChoices):
        """Where a command stands."""

        DRAFTED = "drafted", _("à approuver")
        CHECKED = "checked", _("vérifiée")
        SENT = "sent", _("envoyée")
        ACCEPTED = "accepted", _("reçue")
        CONFIRMED = "confirmed", _("confirmée par l'équipement")
        REFUSED = "refused", _("refusée")
        TIMED_OUT = "timed_out", _("sans confirmation")
        SUPERSEDED = "superseded", _("remplacée")
        CANCELLED = "cancelled", _("annulée")

    ENDS: ClassVar = frozenset(
        {State.CONFIRMED, State.REFUSED, State.TIMED_OUT, State.SUPERSEDED, State.CANCELLED}
    )

    pid = models.CharField(max_length=24, unique=True, default=command_id)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="commands")
    verb = models.CharField(max_length=20)
    params = models.JSONField(default=dict)
    actor = models.CharField(max_length=40)
    approver = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=State)
    why = models.CharField(max_length=40, blank=True, help_text="code of the end")
    emergency = models.BooleanField(default=False)
    hold = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True)
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    key = models.CharField(max_length=80, unique=True, null=True)
    within = models.CharField(
        max_length=24, blank=True, db_index=True, help_text="id of what it is a part of"
    )
    under = models.ForeignKey(Clearance, null=True, on_delete=models.PROTECT, related_name="+")
    asked = models.DateTimeField()
    expires = models.DateTimeField(help_text="end of the wait for approval, then of that for the device")
    sent = models.DateTimeField(null=True)
    sent_at = models.BigIntegerField(null=True)
    tried = models.DateTimeField(null=True)
    accepted = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"]), models.Index(fields=["asset", "state"])]
        constraints = [
            models.CheckConstraint(
                name="command_ends_once",
                condition=models.Q(state__in=("drafted", "checked", "sent", "accepted"), ended=None)
                | models.Q(
                    state__in=("confirmed", "refused", "timed_out", "superseded", "cancelled"),
                    ended__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="command_held_is_confirmed", condition=models.Q(held=False) | models.Q(state="confirmed")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pid} {self.verb}"

    @property
    def over(self) -> bool:
        """Whether it has come to one of its ends."""
        return self.state in self.ENDS

    def lent_no_more(self, now: datetime) -> bool:
        """Tell whether the clearance by which it was asked has come to its end."""
        return self.under is not None and not self.under.holds(now)

    @property
    def capability(self) -> Capability | None:
        """What was asked, as its class declares it."""
        return self.asset.declared.capability(self.verb)


class Order(models.Model):
    """A command handed to the simulated driver, until the simulated device takes it."""

    command = models.OneToOneField(Command, on_delete=models.CASCADE, related_name="order")
    at = models.DateTimeField(help_text="wall clock")

    def __str__(self) -> str:
        return str(self.command_id)


class SimulatedDevice(models.Model):
    """What a simulated device must not forget when its process dies."""

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="simulated")
    state = models.JSONField(default=dict)
    fault = models.CharField(max_length=12, blank=True)

    def __str__(self) -> str:
        return str(self.asset_id)


_STREET = _("équipement de la voie publique")
impersonal(Asset, "pid", "name", "lon", "lat", "capabilities", "parameters", why=_STREET)
impersonal(SimulatedDevice, "state", why=_STREET)
impersonal(Command, "pid", "params", "within", why=_("numéro et réglages d'une commande"))
personal(
    Command,
    title=_("Commandes d'équipements"),
    people=_("les opérateurs"),
    fields={"actor": _("qui a demandé"), "approver": _("qui a approuvé"), "reason": _("motif écrit")},
    purpose=_("Savoir qui a agi sur un équipement de la rue, et pourquoi"),
    keep=timedelta(days=3 * 365),
    since="asked",
    since_words=_("la demande"),
    clock="wall",
    end=blank(
        _("les noms et le motif sont vidés, la commande reste pour compter"), actor="", approver="", reason=""
    ),
)
personal(
    Emergency,
    title=_("Urgences déclarées"),
    people=_("les opérateurs"),
    fields={"by": _("qui l'a déclarée"), "reason": _("motif écrit")},
    purpose=_("Savoir qui a levé la règle des deux personnes, et pourquoi"),
    keep=timedelta(days=3 * 365),
    since="since",
    since_words=_("la déclaration"),
    clock="wall",
    end=blank(_("le nom et le motif sont vidés"), by="", reason=""),
)
