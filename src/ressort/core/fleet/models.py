"""Tables of the fleet: what drives, who drives it, and what was promised."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.privacy import blank, erase, impersonal, personal
from ressort.core.territory.models import Place


def promise_id() -> str:
    """Return a new pseudonymous id of a promise."""
    return f"m_{secrets.token_hex(8)}"


def vehicle_id() -> str:
    """Return a new id of a vehicle."""
    return f"v_{secrets.token_hex(5)}"


class Vehicle(models.Model):
    """A vehicle: what it holds, where it sleeps, what moves it."""

    class Energy(models.TextChoices):
        """What moves a vehicle."""

        ELECTRIC = "electric", _("électrique")
        HYBRID = "hybrid", _("hybride")
        DIESEL = "diesel", _("diesel")
        GAS = "gas", _("gaz")

    pid = models.CharField(max_length=24, unique=True, default=vehicle_id)
    name = models.CharField(_("nom"), max_length=60, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="vehicles")
    seats = models.PositiveSmallIntegerField(_("places assises"))
    wheelchairs = models.PositiveSmallIntegerField(_("places pour fauteuil"), default=0)
    luggage = models.PositiveSmallIntegerField(_("bagages"), default=0)
    depot = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    energy = models.CharField(max_length=10, choices=Energy.choices, default=Energy.ELECTRIC)
    range_m = models.PositiveIntegerField(_("autonomie (m)"), default=200_000)
    profile = models.CharField(max_length=12, default="van", help_text="routing profile")
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def capacity(self) -> tuple[int, int, int]:
        """Seats, wheelchair places, pieces of luggage: the dimensions of every load."""
        return (self.seats, self.wheelchairs, self.luggage)


impersonal(Vehicle, "name", why=_("nom d'un véhicule"))


class Shift(models.Model):
    """A driver's working time in a vehicle."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="shifts")
    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="shifts"
    )
    starts = models.DateTimeField()
    ends = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")), name="shift_runs_forward"
            ),
            models.UniqueConstraint(fields=["vehicle", "starts"], name="one_shift_at_once"),
        ]
        indexes = [models.Index(fields=["starts", "ends"])]

    def __str__(self) -> str:
        return f"{self.vehicle} {self.starts:%Y-%m-%d %H:%M}"


personal(
    Shift,
    title=_("Services des conducteurs"),
    people=_("les conducteurs"),
    fields={
        "driver": _("conducteur"),
        "vehicle": _("véhicule"),
        "starts": _("début du service"),
        "ends": _("fin du service"),
    },
    purpose=_("Confier une tournée à un conducteur, et répondre d'un trajet"),
    recipients=_("les régulateurs et les administrateurs"),
    keep=timedelta(days=365),
    since="ends",
    since_words=_("la fin du service"),
    end=blank(
        _("le nom du conducteur est détaché ; les heures du véhicule restent, pour les statistiques"),
        driver=None,
    ),
)


class Tour(models.Model):
    """What a vehicle does during a shift. ``version`` grows at every change of its visits."""

    class State(models.TextChoices):
        """Where a tour stands."""

        PLANNED = "planned", _("à venir")
        RUNNING = "running", _("en cours")
        BROKEN = "broken", _("en panne")
        DONE = "done", _("terminée")

    shift = models.OneToOneField(Shift, on_delete=models.PROTECT, related_name="tour")
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    by_hand = models.BooleanField(default=False, help_text="a person drives it: simulated drivers keep off")
    late = models.PositiveIntegerField(default=0, help_text="seconds of delay the driver announced")

    def __str__(self) -> str:
        return f"tour {self.pk} v{self.version}"

    @property
    def topic(self) -> str:
        """The live topic of this tour alone."""
        return f"subject:t_{self.pk}"


class Promise(models.Model):
    """What was promised to whoever travels, or for whatever is carried. Services refer to it.

    The windows never change once given. When a delay makes them impossible, the plan works with windows eased by just
    what it takes (``*_eased``): what is late is never planned later still, and lateness is measured by the promise.
    """

    class State(models.TextChoices):
        """Where a promise stands."""

        PLANNED = "planned", _("prévu")
        ABOARD = "aboard", _("à bord")
        KEPT = "kept", _("tenu")
        CANCELLED = "cancelled", _("annulé")
        NO_SHOW = "no_show", _("absent")
        BROKEN = "broken", _("rompu")

    pid = models.CharField(max_length=24, unique=True, default=promise_id)
    service = models.CharField(max_length=30)
    tour = models.ForeignKey(Tour, null=True, on_delete=models.PROTECT, related_name="promises")
    pickup = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    dropoff = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    pickup_from = models.DateTimeField(help_text="service starts at the pick-up no earlier than")
    pickup_until = models.DateTimeField(help_text="… and no later than")
    dropoff_from = models.DateTimeField()
    dropoff_until = models.DateTimeField()
    ride_max = models.PositiveIntegerField(help_text="seconds between leaving the pick-up and the drop-off")
    pickup_service = models.PositiveSmallIntegerField(default=45, help_text="seconds")
    dropoff_service = models.PositiveSmallIntegerField(default=30, help_text="seconds")
    seats = models.PositiveSmallIntegerField(default=1)
    wheelchairs = models.PositiveSmallIntegerField(default=0)
    luggage = models.PositiveSmallIntegerField(default=0)
    pickup_eased = models.PositiveIntegerField(
        default=0, help_text="seconds by which the plan overruns the promise"
    )
    dropoff_eased = models.PositiveIntegerField(default=0)
    ride_eased = models.PositiveIntegerField(default=0)
    direct_s = models.PositiveIntegerField(default=0, help_text="seconds of the direct ride, for measures")
    direct_m = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)

    class Meta:
        indexes = [models.Index(fields=["state", "pickup_from"])]

    def __str__(self) -> str:
        return self.pid

    @property
    def load(self) -> tuple[int, int, int]:
        """Seats, wheelchair places, pieces of luggage."""
        return (self.seats, self.wheelchairs, self.luggage)


class Visit(models.Model):
    """A planned call of a vehicle at a place, for one promise."""

    class State(models.TextChoices):
        """Where a visit stands."""

        PENDING = "pending", _("à venir")
        UNDER_WAY = "under_way", _("en route")
        ARRIVED = "arrived", _("sur place")
        DONE = "done", _("fait")
        SKIPPED = "skipped", _("sans objet")

    tour = models.ForeignKey(Tour, on_delete=models.PROTECT, related_name="visits")
    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="visits")
    is_pickup = models.BooleanField()
    sequence = models.PositiveIntegerField(help_text="order on the tour; done visits keep theirs")
    planned = models.DateTimeField(help_text="planned start of service")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    departed = models.DateTimeField(null=True, help_text="when the vehicle left for this visit")
    arrived = models.DateTimeField(null=True)
    left = models.DateTimeField(null=True)

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["promise", "is_pickup"],
                condition=~models.Q(state="skipped"),
                name="one_visit_per_end",
            )
        ]
        indexes = [models.Index(fields=["tour", "state", "sequence"])]

    def __str__(self) -> str:
        return f"{self.tour_id}/{self.sequence}"

    @property
    def due(self) -> datetime:
        """The latest moment promised for this end of the trip."""
        return self.promise.pickup_until if self.is_pickup else self.promise.dropoff_until

    @property
    def place(self) -> Place:
        """Where the visit is."""
        return self.promise.pickup if self.is_pickup else self.promise.dropoff


class VehicleState(models.Model):
    """Last known position of a vehicle on shift; overwritten, never a history."""

    vehicle = models.OneToOneField(Vehicle, on_delete=models.CASCADE, related_name="last")
    lon = models.FloatField()
    lat = models.FloatField()
    bearing = models.FloatField(default=0)
    at = models.DateTimeField(help_text="service time")

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.lon:.5f},{self.lat:.5f}"


personal(
    VehicleState,
    title=_("Position des véhicules en service"),
    people=_("les conducteurs"),
    fields={
        "vehicle": _("véhicule"),
        "lon": _("longitude"),
        "lat": _("latitude"),
        "bearing": _("cap"),
        "at": _("heure de la position"),
    },
    purpose=_("Montrer aux voyageurs et aux régulateurs où est le minibus attendu"),
    recipients=_("les régulateurs ; les voyageurs qui attendent ce véhicule"),
    keep=timedelta(minutes=15),
    since="at",
    since_words=_("la dernière position, et aussitôt à la fin du service ; jamais d'historique"),
    end=erase(),
)
