"""Tables of the drivers: addresses that an administrator declared, and how each piece of equipment is reached."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import impersonal
from ressort.services.controlroom.equipment.models import Asset

BODY = '{"id": "{id}", "order": "{order}", "params": "{params}", "expires": "{expires}"}'
TOPIC = "ressort-orders/{device}"


def address_id() -> str:
    """Return a new id of a declared address."""
    return f"a_{secrets.token_hex(8)}"


class Address(models.Model):
    """Where commands may go by HTTP: an address that an administrator declared. No other is ever called.

    Attributes
    ----------
    base : str
        Scheme, host, port, and the path under which devices are.
    sealed : str
        The token, encrypted with the key of the installation.
    authority : str
        Certificate of the authority that signs the device's own, in PEM; empty: those of the system.
    """

    pid = models.CharField(max_length=24, unique=True, default=address_id)
    name = models.CharField(max_length=80, unique=True)
    base = models.CharField(max_length=200)
    sealed = models.TextField(blank=True)
    authority = models.TextField(blank=True)
    timeout = models.PositiveSmallIntegerField(default=5, help_text="seconds")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Wiring(models.Model):
    """How one piece of equipment is reached by its driver.

    Attributes
    ----------
    words : dict
        Verb -> the device's own word, for those that differ.
    readings : dict
        Property -> ``[where it is in the answer, {the device's own word: ours}]``.
    """

    class Method(models.TextChoices):
        """How an HTTP command is asked."""

        POST = "POST", "POST"
        PUT = "PUT", "PUT"

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="wiring")
    address = models.ForeignKey(
        Address, null=True, blank=True, on_delete=models.PROTECT, related_name="wirings"
    )
    method = models.CharField(max_length=4, choices=Method, default=Method.POST)
    path = models.CharField(max_length=200, blank=True)
    body = models.TextField(default=BODY)
    status_path = models.CharField(max_length=200, blank=True)
    readings = models.JSONField(default=dict)
    every = models.PositiveSmallIntegerField(default=30, help_text="seconds between two readings at rest")
    topic = models.CharField(max_length=200, blank=True)
    words = models.JSONField(default=dict)
    read = models.DateTimeField(null=True, help_text="wall clock: last reading tried")
    heard = models.DateTimeField(null=True, help_text="wall clock: last reading that answered")
    trouble = models.CharField(max_length=200, blank=True, help_text="why the last reading failed")

    def __str__(self) -> str:
        return str(self.asset_id)

    def word(self, verb: str) -> str:
        """Return the device's own word for a verb."""
        return str(self.words.get(verb, verb))

    def asks(self) -> dict[str, Any]:
        """Return where each property is in what the device answers, and its words."""
        return dict(self.readings)


_WHY = _("adresse et réglages d'un équipement")
impersonal(Address, "pid", "name", "base", "sealed", "authority", why=_WHY)
impersonal(Wiring, "path", "body", "status_path", "readings", "topic", "words", "trouble", why=_WHY)
