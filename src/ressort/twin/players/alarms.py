"""The alarm rules of the demonstration: what its air sensors, counters and car parks are watched for."""

from __future__ import annotations

from ressort.core.accounts.models import User
from ressort.services.controlroom.alarms import acting
from ressort.services.controlroom.alarms.models import Rule, Severity
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.shadow import deciding
from ressort.services.controlroom.shadow.models import Reflex

RULES = (
    {
        "name": "Air chargé",
        "devices": "air-*",
        "lines": "no2 > 60 fin 50",
        "lasts": 600,
        "severity": Severity.NORMAL,
        "rises": "1 h : 3",
        "advice": "Vérifiez les comptages voisins. Au-delà d'une heure, proposez un plan de feux qui éloigne le transit.",
    },
    {
        "name": "Comptage muet",
        "devices": "comptage-*",
        "lines": "flow silencieux depuis 10 min",
        "severity": Severity.MINOR,
        "advice": "Regardez d'abord si toute l'armoire se tait. Sinon, un ordre de travail pour la maintenance.",
    },
    {
        "name": "Parking presque plein",
        "devices": "parc-*",
        "lines": "free < 30 fin 60",
        "lasts": 300,
        "severity": Severity.MINOR,
        "spans": "lun-sam 07:00-21:00",
        "advice": "Affichez « complet » sur le panneau d'entrée de ville.",
    },
)
REFLEX = {
    "name": "Annoncer que le parc est plein",
    "asset": "panneau-1",
    "verb": "show",
    "value": 12,
    "active": True,
}


def install() -> None:
    """Write the rules once, as an operator does."""
    odile = User.objects.get(email="odile@demo.ressort")
    for rule in RULES:
        if not Rule.objects.filter(name=rule["name"]).exists():
            acting.write_rule(odile, rule)
    full = Rule.objects.get(name="Parking presque plein")
    if Asset.objects.filter(code="panneau-1").exists() and not Reflex.objects.exists():
        deciding.write_reflex(odile, {**REFLEX, "rule": full.pk})
