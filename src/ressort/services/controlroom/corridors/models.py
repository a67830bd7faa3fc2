"""Tables of corridors: a way, and what opens on it. Instants are of the wall clock, as those of commands."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import blank, impersonal, personal
from ressort.engines.corridor import Timing, Way
from ressort.services.controlroom.equipment.kinds import Capability
from ressort.services.controlroom.equipment.models import Asset, Command
from ressort.services.controlroom.incidents.models import Incident


def corridor_id() -> str:
    """Return a new id of a corridor."""
    return f"k_{secrets.token_hex(8)}"


class Corridor(models.Model):
    """A way that is opened before a rescue vehicle.

    Attributes
    ----------
    line : list of [lon, lat, seconds]
        The way, and when each of its points is reached.
    start : datetime
        When the vehicle would have left to be where it is now: what somebody sees of it moves this one instant.
    vehicle : Asset
        Whose own positions move it; empty: people and programs say where the vehicle is.
    heard, heard_metres : datetime, int
        When the last position that was believed was observed, and how far along the way it was.
    ignored, ignored_at : str, datetime
        Why the last position was not believed, and when that was; empty once one is.
    lease_until : datetime
        It lasts as long as somebody's screen watches it.
    """

    class State(models.TextChoices):
        """Where a corridor stands."""

        PLANNED = "planned", _("préparé")
        WAITING = "waiting", _("à approuver")
        OPEN = "open", _("ouvert")
        OVER = "over", _("fini")

    WHY: ClassVar = {
        "passed": _("le véhicule est arrivé"),
        "operator": _("relâché par une personne"),
        "lease": _("plus personne ne le regardait"),
        "exercise": _("l'incident est devenu un exercice"),
        "declined": _("la seconde personne a refusé"),
        "expired": _("personne ne l'a approuvé à temps"),
        "cancelled": _("abandonné"),
    }

    pid = models.CharField(max_length=24, unique=True, default=corridor_id)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="corridors")
    origin = models.CharField(max_length=200, blank=True)
    destination = models.CharField(max_length=200, blank=True)
    line = models.JSONField(default=list)
    seconds = models.PositiveIntegerField(help_text="of the whole way")
    metres = models.PositiveIntegerField()
    lead = models.PositiveSmallIntegerField()
    margin = models.PositiveSmallIntegerField()
    delay = models.PositiveSmallIntegerField(default=0, help_text="seconds before the vehicle leaves")
    reason = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=40, blank=True)
    approver = models.CharField(max_length=40, blank=True)
    emergency = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    why = models.CharField(max_length=12, blank=True, help_text="code of the end")
    planned = models.DateTimeField()
    asked = models.DateTimeField(null=True)
    opened = models.DateTimeField(null=True)
    start = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    vehicle = models.ForeignKey(Asset, null=True, on_delete=models.PROTECT, related_name="+")
    heard = models.DateTimeField(null=True)
    heard_metres = models.PositiveIntegerField(null=True)
    ignored = models.CharField(max_length=12, blank=True)
    ignored_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"])]
        constraints = [
            models.CheckConstraint(
                name="corridor_open_is_watched",
                condition=~models.Q(state="open")
                | models.Q(start__isnull=False, lease_until__isnull=False, ended=None),
            ),
            models.CheckConstraint(
                name="corridor_over_has_an_end",
                condition=models.Q(state="over", ended__isnull=False)
                | (~models.Q(state="over") & models.Q(ended=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.pid

    @property
    def way(self) -> Way:
        """Its line, for the engine."""
        return Way(
            tuple((lon, lat) for lon, lat, __ in self.line), tuple(seconds for *__, seconds in self.line)
        )

    @property
    def timing(self) -> Timing:
        """When something opens and is given back, for the engine."""
        return Timing(self.lead, self.margin)

    @property
    def why_words(self) -> str:
        """Its end, in words."""
        return str(self.WHY.get(self.why, ""))

    def elapsed(self, now: datetime) -> float:
        """Return the seconds since the vehicle left, negative before."""
        return (now - (self.start or now)).total_seconds()


class CorridorItem(models.Model):
    """A junction or a post on the way, and what is asked of it.

    Attributes
    ----------
    chosen : bool
        It opens; the operator leaves out what is only beside the way.
    command : Command
        The last one asked for it; an ordinary command, held.
    turn : int
        How often it was asked: again when the vehicle turned out to be late.
    why : str
        Code of what forbids it, while it does.
    """

    corridor = models.ForeignKey(Corridor, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=20)
    params = models.JSONField(default=dict)
    metres = models.PositiveIntegerField()
    seconds = models.FloatField()
    aside = models.PositiveSmallIntegerField()
    heading = models.PositiveSmallIntegerField()
    known = models.BooleanField(default=False, help_text="the approach is declared, not guessed")
    chosen = models.BooleanField(default=True)
    command = models.ForeignKey(Command, null=True, on_delete=models.PROTECT, related_name="+")
    turn = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=40, blank=True)
    passed = models.DateTimeField(null=True)
    freed = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["corridor", "number"], name="one_item_per_rank")]

    def __str__(self) -> str:
        return f"{self.corridor_id} {self.number}"

    @property
    def capability(self) -> Capability | None:
        """What is asked, when it can be from here."""
        return next((one for one in self.asset.can if one.verb == self.verb), None)


impersonal(
    CorridorItem, "params", "verb", "metres", "seconds", "aside", "heading", why=_("équipement de la voie publique")
)  # fmt: skip
impersonal(
    Corridor,
    "pid",
    "why",
    "seconds",
    "metres",
    "start",
    "heard_metres",
    "ignored",
    why=_("identifiant tiré au hasard, durées"),
)
personal(
    Corridor,
    title=_("Couloirs d'urgence"),
    people=_("les opérateurs, et les personnes qu'une adresse désignerait"),
    fields={
        "actor": _("qui a demandé"),
        "approver": _("qui a approuvé"),
        "reason": _("motif écrit"),
        "origin": _("départ, tel qu'il a été écrit"),
        "destination": _("arrivée, telle qu'elle a été écrite"),
        "line": _("chemin sur la carte"),
    },
    purpose=_("Ouvrir la rue à un véhicule de secours, et savoir qui l'a demandé"),
    keep=timedelta(days=3 * 365),
    since="planned",
    since_words=_("le calcul du chemin"),
    clock="wall",
    end=blank(
        _("les noms, le motif, les lieux et le chemin sont vidés ; dates et équipements restent"),
        actor="",
        approver="",
        reason="",
        origin="",
        destination="",
        line=[],
    ),
)
