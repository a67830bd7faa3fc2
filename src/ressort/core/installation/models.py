"""The single row of the installation."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import impersonal


class Installation(models.Model):
    """Whose installation this is (id 1). No row: nothing was set up yet.

    Attributes
    ----------
    languages : list of str
        Languages of the interface offered to people; empty: all that the product speaks.
    services : list of str or None
        Services open to the public; None: every installed one.
    logo : str
        Name of the logo's file in the folder ``branding`` of the data folder; empty: the product's mark.
    demo : bool
        Made by ``ressort demo``: its accounts and data are fictitious, and no real server takes it over.
    code : str
        Digest of the set-up code; empty once an administrator exists.
    """

    name = models.CharField(_("nom"), max_length=120, blank=True)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    address = models.TextField(_("adresse postale"), blank=True)
    logo = models.CharField(max_length=80, blank=True)
    accent = models.CharField(_("couleur d'accent"), max_length=7, blank=True)
    languages = models.JSONField(default=list, blank=True)
    services = models.JSONField(null=True, blank=True)
    legal = models.TextField(_("mentions légales"), blank=True)
    accessibility = models.CharField(_("contact pour l'accessibilité"), max_length=200, blank=True)
    demo = models.BooleanField(default=False)
    code = models.CharField(max_length=64, blank=True)
    begun = models.DateTimeField(null=True, help_text="wall time of the first administrator")
    finished = models.DateTimeField(null=True, help_text="wall time at which the pages opened to everybody")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_one_row")]

    def __str__(self) -> str:
        return self.name or "installation"


impersonal(
    Installation,
    "name", "phone", "email", "address", "legal", "accessibility",
    why=_("coordonnées publiques de la collectivité"),
)  # fmt: skip
impersonal(Installation, "languages", "services", why=_("ce que l'installation offre"))
