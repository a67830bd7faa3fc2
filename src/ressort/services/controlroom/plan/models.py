"""The one table of the plan: people, means and places, as a town hall lists them."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.privacy import erase, impersonal, personal


def plan_id() -> str:
    """Return a new pseudonymous id of an entry."""
    return f"pl_{secrets.token_hex(6)}"


class PlanEntry(models.Model):
    """A person to call, a means or a place of the municipal safeguard plan."""

    class Kind(models.TextChoices):
        """Which list it stands on."""

        PERSON = "person", _("personne")
        MEANS = "means", _("moyen")
        PLACE = "place", _("lieu")

    pid = models.CharField(max_length=16, unique=True, default=plan_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    name = models.CharField(_("nom"), max_length=120)
    role = models.CharField(_("fonction ou sorte"), max_length=120, blank=True)
    quantity = models.PositiveIntegerField(_("nombre ou capacité"), null=True, blank=True)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True)
    other_phone = models.CharField(_("autre téléphone"), max_length=20, blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    note = models.CharField(_("précision"), max_length=300, blank=True)
    checked = models.DateField(_("vérifié le"), help_text="the day somebody last said that it is still so")
    withdrawn = models.DateTimeField(null=True, blank=True, help_text="service time")

    class Meta:
        ordering = ["kind", "role", "name", "pk"]

    def __str__(self) -> str:
        return self.pid


impersonal(PlanEntry, "pid", "kind", "quantity", "lon", "lat", "checked", why=_("liste, nombre, lieu, date"))
personal(
    PlanEntry,
    title=_("Plan communal de sauvegarde : annuaire"),
    people=_("les élus, agents, bénévoles et prestataires inscrits au plan communal de sauvegarde"),
    fields={
        "name": _("nom"),
        "role": _("fonction"),
        "phone": _("téléphone"),
        "other_phone": _("autre téléphone"),
        "email": _("adresse électronique"),
        "address": _("adresse"),
        "note": _("précision"),
    },
    purpose=_("Joindre en crise ceux qui tiennent un rôle, et savoir quels moyens et lieux ils ouvrent"),
    basis=_("Obligation légale (code de la sécurité intérieure, articles L731-3 et R731-1 et suivants)"),
    recipients=_("les opérateurs et administrateurs de l'organisme"),
    keep=timedelta(days=365),
    since="withdrawn",
    since_words=_("le retrait du plan"),
    among={"withdrawn__isnull": False},
    end=erase(),
)
