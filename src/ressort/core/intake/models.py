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
    eui : str
        Its DevEUI where it speaks LoRaWAN, sixteen figures in lower case.
    decoder : str
        Which of ``formats.KNOWN`` reads its frames; empty: what its network server read of them.
    """

    code = models.CharField(max_length=60, unique=True)
    digest = models.CharField(max_length=64, unique=True, null=True)
    eui = models.CharField(max_length=16, unique=True, null=True)
    decoder = models.CharField(max_length=40, blank=True)
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
        TOO_LARGE = "too-large", _("message trop volumineux")
        UNDATED = "undated", _("ancienne valeur sans instant")
        UNDECODED = "undecoded", _("trame sans décodeur qui la lise")

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


class Link(models.Model):
    """How the connection to a broker is; written by whoever holds it, so that every process can show it."""

    name = models.CharField(max_length=120, unique=True, help_text="the client id")
    address = models.CharField(max_length=200, help_text="without the password")
    up = models.BooleanField(default=False)
    tried = models.DateTimeField(help_text="wall clock: last sign of whoever holds it")
    connected = models.DateTimeField(null=True, help_text="last connection")
    heard = models.DateTimeField(null=True, help_text="last message")
    error = models.CharField(max_length=300, blank=True, help_text="last error since the last connection")
    messages = models.PositiveBigIntegerField(default=0)
    kept = models.PositiveBigIntegerField(default=0)
    apart = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Outgoing(models.Model):
    """Something to publish on the broker once, and what was answered. Instants are of the wall clock."""

    key = models.CharField(max_length=60, unique=True)
    topic = models.CharField(max_length=200)
    body = models.BinaryField()
    asked = models.DateTimeField()
    expires = models.DateTimeField(db_index=True, help_text="it is not published after that")
    published = models.DateTimeField(null=True, help_text="the broker has it")
    answered = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)

    def __str__(self) -> str:
        return self.key


_THING = _("mesure d'un équipement de la voie publique")
impersonal(Series, "choices", why=_THING)
impersonal(Block, "body", why=_THING)
impersonal(Arrival, "body", why=_THING)
impersonal(Quarantine, "reason", why=_THING)
impersonal(Held, "body", why=_THING)
impersonal(Link, "name", "address", "error", why=_("liaison avec un courtier de messages"))
impersonal(Outgoing, "key", "topic", "body", "answer", why=_("commande publiée à un équipement"))
