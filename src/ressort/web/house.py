"""The house's own group of the console's rail: administration."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.core.registry import MenuItem

MENU = (
    MenuItem(_("Vue d'ensemble"), "web:administration", "people.manage", "settings"),
    MenuItem(_("Personnes"), "web:people", "people.manage", "people"),
    MenuItem(_("Véhicules"), "web:vehicles", "fleet.manage", "van"),
    MenuItem(_("Services des véhicules"), "web:shifts", "fleet.manage", "calendar"),
    MenuItem(_("Arrêts et dépôts"), "web:stops", "stop.manage", "stop"),
    MenuItem(_("Vacances scolaires"), "web:school", "calendar.load", "calendar"),
    MenuItem(_("Réseau de rues"), "web:network", "network.load", "route"),
    MenuItem(_("Apparence"), "web:branding", "installation.change", "eye"),
    MenuItem(_("Messages envoyés"), "web:outbox", "notify.see", "mail"),
    MenuItem(_("Recours"), "web:appeals", "appeal.answer", "hand"),
    MenuItem(_("Capteurs"), "web:devices", "intake.see", "gauge"),
    MenuItem(_("Conservation"), "web:retention", "privacy.runs", "shield"),
)
