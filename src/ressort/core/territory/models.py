"""Tables of the territory: who answers for it (from commune to région), its places and its areas."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import impersonal


class Scale(models.TextChoices):
    """How large a territory is."""

    COMMUNE = "commune", _("commune")
    EPCI = "epci", _("intercommunalité")
    DEPARTEMENT = "departement", _("département")
    REGION = "region", _("région")


class Territory(models.Model):
    """A territory of any scale; communes point to the one they belong to.

    ``code`` is the INSEE code of a commune, department or region, the SIREN of an intercommunality.
    ``contour`` is GeoJSON text (Polygon or MultiPolygon), empty when unknown.
    """

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=200)
    scale = models.CharField(max_length=16, choices=Scale)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    population = models.PositiveIntegerField(default=0)
    postal_codes = models.JSONField(default=list, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    contour = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-population", "name"]
        verbose_name = "territoire"
        verbose_name_plural = "territoires"

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A place that people name: a stop, a hospital, a depot, a town hall, an address kept.

    Attributes
    ----------
    public_id : UUID
        What pages and routes show; the row number never leaves the installation.
    kind : str
        One of :class:`Place.Kind`.
    source : str
        Where it comes from: ``osm:node/12``, ``gtfs:…``, ``hand``.
    accessible : bool or None
        Step-free boarding or entrance; None when nobody has said.
    """

    class Kind(models.TextChoices):
        """What the place is."""

        STOP = "stop", _("arrêt")
        VIRTUAL_STOP = "virtual_stop", _("arrêt virtuel")
        DEPOT = "depot", _("dépôt")
        HOSPITAL = "hospital", _("hôpital")
        FIRE_STATION = "fire_station", _("centre de secours")
        POLICE = "police", _("police ou gendarmerie")
        TOWN_HALL = "town_hall", _("mairie")
        PHARMACY = "pharmacy", _("pharmacie")
        SCHOOL = "school", _("école")
        STATION = "station", _("gare")
        MARKET = "market", _("marché")
        ADDRESS = "address", _("adresse")
        OTHER = "other", _("lieu")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=200)
    lon = models.FloatField()
    lat = models.FloatField()
    commune = models.CharField(max_length=100, blank=True, default="")
    source = models.CharField(max_length=120, blank=True, default="", db_index=True)
    active = models.BooleanField(default=True)
    accessible = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["kind", "active"])]
        verbose_name = "lieu"
        verbose_name_plural = "lieux"

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A named polygon: a service zone, a flood plain, a district. ``geometry`` is GeoJSON text."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=32, db_index=True)
    name = models.CharField(max_length=200)
    geometry = models.TextField()
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "zone"
        verbose_name_plural = "zones"

    def __str__(self) -> str:
        return self.name


_PUBLIC = _("donnée publique sur le territoire")
impersonal(Territory, "name", "postal_codes", "lon", "lat", "contour", why=_PUBLIC)
impersonal(Place, "name", "lon", "lat", "source", why=_("lieu public : arrêt, dépôt, équipement"))
impersonal(Area, "name", "geometry", why=_PUBLIC)
