"""The house's own group of the console's rail: administration."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from ressort.core.registry import MenuItem

ADMINISTRATION = "/console/administration/"


def menu() -> tuple[MenuItem, ...]:
    """Return the entries whose pages exist in this version, in the language of the moment."""
    every = (
        MenuItem(_("Vue d'ensemble"), "web:administration", "people.manage", "settings"),
        MenuItem(_("Personnes"), "web:people", "people.manage", "people"),
        MenuItem(_("Véhicules"), "web:vehicles", "fleet.manage", "van"),
        MenuItem(_("Services des véhicules"), "web:shifts", "fleet.manage", "calendar"),
        MenuItem(_("Arrêts et dépôts"), "web:stops", "stop.manage", "stop"),
        MenuItem(_("Réseau de rues"), "web:network", "network.load", "route"),
        MenuItem(_("Apparence"), "web:branding", "installation.change", "eye"),
        MenuItem(_("Messages envoyés"), "web:outbox", "installation.change", "mail"),
    )
    return tuple(item for item in every if _exists(item.url))


def _exists(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True
