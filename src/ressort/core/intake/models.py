"""Tables of the intake: devices, the series they declare, what they said, and what could not be believed.

Observations are kept three times as small as one row each would be: the last hours row by row, keyed by series and
instant, then one packed row per series and hour (``engines/series.py``).
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import impersonal


class Device(models.Model):
    """Something that observes: a sensor, a controller, or the gateway that speaks for others.

    Attributes
    ----------
    code : str
        Given by the authority; what observations name.
    digest : str
        SHA-256 of its token, none when its gateway speaks for it.
    """

    code = models.CharField(max_length=60, unique=True)
    digest = models.CharField(max_length=64, unique=True, null=True)
    gateway = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="speaks_for")
    created = models.DateTimeField()
    first_seen = models.DateTimeField(null=True)
    retired = models.DateTimeField(null=True, help_text="decommissioned: it is no longer heard")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Series(models.Model):
    """What one device says of one property. A choice is kept as its rank, a flag as 0 or 1."""

    class Kind(models.TextChoices):
        """What values are."""

        NUMBER = "number", _("nombre")
        FLAG = "flag", _("oui ou non")
        CHOICE = "choice", _("mot d'une liste")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="series")
    observed = models.CharField(max_length=40, help_text="the property: temperature, position…")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.NUMBER)
    unit = models.CharField(max_length=16, blank=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    choices = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "observed"], name="one_series_per_property")]

    def __str__(self) -> str:
        return f"{self.device_id}/{self.observed}"


class Latest(models.Model):
    """The newest observation of a series; instants are milliseconds since 1970, of the service clock."""

    series = models.OneToOneField(Series, on_delete=models.CASCADE, primary_key=True, related_name="latest")
    at = models.BigIntegerField()
    value = models.FloatField()
    quality = models.PositiveSmallIntegerField()
    received = models.BigIntegerField(help_text="wall clock, milliseconds")

    def __str__(self) -> str:
        return f"{self.series_id} {self.value}"


class Sample(models.Model):
    """An observation of the last hours. On SQLite the table has no row numbers: the key is the row."""

    pk = models.CompositePrimaryKey("series_id", "at")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.BigIntegerField()
    value = models.FloatField()
    quality = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.series_id} {self.at}"


class Block(models.Model):
    """One hour of one series, packed; once its details are let go only the figures of the hour remain."""

    pk = models.CompositePrimaryKey("series_id", "hour")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.BigIntegerField(help_text="hours since 1970")
    first = models.BigIntegerField(help_text="instant of the first observation")
    count = models.PositiveIntegerField()
    mean = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    body = models.BinaryField(help_text="empty once only the figures are kept")

    def __str__(self) -> str:
        return f"{self.series_id} {self.hour}"


class Arrival(models.Model):
    """A batch as it was taken in, for those who watch: they read on from their own cursor, then it goes."""

    at = models.DateTimeField(help_text="wall clock")
    body = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)


class Quarantine(models.Model):
    """Observations that could not be believed, by reason, device and property."""

    class Reason(models.TextChoices):
        """Why."""

        MALFORMED = "malformed", _("illisible")
        UNKNOWN_DEVICE = "unknown-device", _("capteur inconnu")
        RETIRED = "retired", _("capteur retiré du service")
        UNKNOWN_PROPERTY = "unknown-property", _("grandeur non déclarée")
        WRONG_TYPE = "wrong-type", _("valeur d'un autre type")
        ABSURD = "absurd", _("valeur hors des bornes")
        FUTURE = "future", _("horloge en avance")
        TOO_OLD = "too-old", _("trop ancienne")

    reason = models.CharField(max_length=20, choices=Reason)
    code = models.CharField(max_length=60, blank=True)
    observed = models.CharField(max_length=40, blank=True)
    count = models.PositiveBigIntegerField(default=0)
    first = models.DateTimeField(help_text="wall clock")
    last = models.DateTimeField()

    class Meta:
        ordering = ["-last", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["reason", "code", "observed"], name="one_quarantine_per_reason")
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.code}/{self.observed}"


class Held(models.Model):
    """An observation in quarantine, as it was sent: it can be tried again."""

    group = models.ForeignKey(Quarantine, on_delete=models.CASCADE, related_name="held")
    body = models.TextField()
    wall = models.BooleanField(help_text="its instant is of the world's clock")
    at = models.DateTimeField(help_text="wall clock")

    def __str__(self) -> str:
        return str(self.pk)


_THING = _("mesure d'un équipement de la voie publique")
impersonal(Series, "choices", why=_THING)
impersonal(Block, "body", why=_THING)
impersonal(Arrival, "body", why=_THING)
impersonal(Quarantine, "reason", why=_THING)
impersonal(Held, "body", why=_THING)
