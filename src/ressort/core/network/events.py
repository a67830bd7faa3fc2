"""Events of the street network."""

from __future__ import annotations

from ressort.core.journal import declare

LOADED = declare(
    "network.version.loaded",
    "Réseau de rues chargé : {drivable} rues ouvertes aux voitures, {addresses} adresses.",
    "drivable",
    "addresses",
    "active",
    "sha256",
)
ACTIVATED = declare("network.version.activated", "Version du réseau de rues mise en service.")
RETIRED = declare("network.version.retired", "Ancienne version du réseau de rues retirée.")
CLOSED = declare(
    "network.closure.opened", "Fermeture posée du {starts} au {ends}.", "starts", "ends", "profiles"
)
LIFTED = declare("network.closure.lifted", "Fermeture levée.")
REBUILT = declare(
    "network.matrix.rebuilt",
    "Matrice des temps recalculée : {count} points, {profile}.",
    "count",
    "profile",
    "digest",
    "version",
)
