"""Tables of the street network: its versions, what was found in each, closures, live speeds, kept matrices."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.network.folders import folder_of
from ressort.core.privacy import impersonal


class NetworkVersion(models.Model):
    """One loaded street network. Only one is active; older ones live until nothing refers to them.

    Attributes
    ----------
    id : UUID
        Also the name of its folder and part of the address of its tiles.
    bounds : list
        ``[west, south, east, north]`` of its drivable streets.
    counts : dict
        What was found: roads, signals, bollards, addresses …
    log : str
        What each step of the build said and how long it took.
    """

    class State(models.TextChoices):
        """Life of a version."""

        BUILDING = "building", _("en construction")
        READY = "ready", _("prête")
        ACTIVE = "active", _("en service")
        RETIRED = "retired", _("retirée")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now_add=True)
    bounds = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State, default=State.BUILDING)
    log = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-created"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="active"), name="one_active_network"
            )
        ]
        verbose_name = _("version du réseau")
        verbose_name_plural = _("versions du réseau")

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        """Folder of its routing tiles, street tiles and matrices."""
        return folder_of(str(self.id))


class Feature(models.Model):
    """An element of the inventory: traffic signal, bollard, crossing, hospital, stop, town hall, place, etc.

    ``number`` is its rank in the version, the ``id`` of the map's ``poi`` layer; populated places have the kinds
    city, town, village, hamlet and suburb.
    """

    version = models.ForeignKey(NetworkVersion, models.CASCADE, related_name="features")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=200, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    ref = models.CharField(max_length=40)
    commune = models.CharField(max_length=100, blank=True)
    population = models.PositiveIntegerField(default=0)
    accessible = models.BooleanField(null=True)
    tags = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["version", "kind"]), models.Index(fields=["version", "number"])]

    def __str__(self) -> str:
        return self.name or self.kind


class Street(models.Model):
    """A named street of one commune. ``points`` are ``[lon, lat]`` along it; ``bounds`` its box."""

    version = models.ForeignKey(NetworkVersion, models.CASCADE, related_name="streets")
    name = models.CharField(max_length=200)
    commune = models.CharField(max_length=100, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    bounds = models.JSONField()
    lines = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["version", "name"])]

    def __str__(self) -> str:
        return f"{self.name}, {self.commune}" if self.commune else self.name


class Address(models.Model):
    """A house number of a street."""

    version = models.ForeignKey(NetworkVersion, models.CASCADE, related_name="addresses")
    number = models.CharField(max_length=20)
    street = models.CharField(max_length=200)
    commune = models.CharField(max_length=100, blank=True)
    postcode = models.CharField(max_length=12, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["version", "street"])]

    def __str__(self) -> str:
        return f"{self.number} {self.street}"


class Closure(models.Model):
    """A street or an area closed for a time. Routes obey it at once, matrices at their next revision.

    It is kept apart from the versions: a closure survives a new load of the network.

    Attributes
    ----------
    geometry : str
        GeoJSON text: Point, LineString, MultiLineString, Polygon or MultiPolygon.
    starts, ends : datetime
        Half-open, service time; no end = until reopened.
    profiles : list of str
        Who may not pass.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    label = models.CharField(max_length=200)
    reason = models.CharField(max_length=200, blank=True)
    geometry = models.TextField()
    starts = models.DateTimeField()
    ends = models.DateTimeField(null=True, blank=True)
    profiles = models.JSONField(default=list)
    lifted = models.BooleanField(default=False)

    class Meta:
        ordering = ["starts"]
        indexes = [models.Index(fields=["lifted", "starts"])]
        verbose_name = "fermeture"
        verbose_name_plural = "fermetures"

    def __str__(self) -> str:
        return self.label


class LiveSpeed(models.Model):
    """A speed measured or announced on a street or an area, valid for a short while.

    Attributes
    ----------
    kmh : int or None
        The speed there; when None, ``factor`` multiplies the usual one.
    factor : float
        0.5 = twice as slow.
    until : datetime
        Service time after which it no longer counts.
    """

    label = models.CharField(max_length=200, blank=True)
    geometry = models.TextField()
    kmh = models.PositiveSmallIntegerField(null=True, blank=True)
    factor = models.FloatField(default=1.0)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["since"]
        verbose_name = _("vitesse du moment")
        verbose_name_plural = _("vitesses du moment")

    def __str__(self) -> str:
        return self.label or str(self.pk)


class StopMatrix(models.Model):
    """A kept matrix: seconds and metres between every two points of a set.

    Attributes
    ----------
    points_digest : str
        Digest of the ordered points.
    revision : str
        Digest of the closures and speeds it was computed under.
    digest : str
        SHA-256 of the file's content: a decision receipt names it.
    """

    version = models.ForeignKey(NetworkVersion, models.CASCADE, related_name="matrices")
    profile = models.CharField(max_length=16)
    points_digest = models.CharField(max_length=64)
    revision = models.CharField(max_length=64)
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "profile", "points_digest", "revision"], name="one_matrix_per_question"
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.count}×{self.count}"


_STREETS = _("donnée publique sur les rues")
_SIGN = _("ce qu'un agent écrit d'une rue, et que tout le monde lit")
impersonal(NetworkVersion, "name", "source", "bounds", "counts", "log", why=_STREETS)
impersonal(Feature, "name", "lon", "lat", "commune", "tags", why=_STREETS)
impersonal(Street, "name", "commune", "lon", "lat", "bounds", "lines", why=_STREETS)
impersonal(
    Address, "street", "commune", "lon", "lat", why=_("numéro de rue d'une base publique, sans occupant")
)
impersonal(Closure, "label", "reason", "geometry", "profiles", why=_SIGN)
impersonal(LiveSpeed, "label", "geometry", why=_SIGN)
