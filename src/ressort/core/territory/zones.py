"""The zone of school holidays (A, B, C) of a territory, from the académies of its départements.

Which départements an académie has: code de l'éducation, article R. 222-2. Which académies a zone has: the zones in force
since January 2016, as the ministry publishes them (https://www.data.gouv.fr/fr/datasets/le-calendrier-scolaire/). Corsica
and the territories overseas decide their own calendar: they are in none of the three.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.conf import settings

from ressort.core.territory.models import Scale, Territory

ZONES = ("A", "B", "C")

ACADEMIES: Mapping[str, Mapping[str, str]] = {
    "A": {
        "Besançon": "25 39 70 90",
        "Bordeaux": "24 33 40 47 64",
        "Clermont-Ferrand": "03 15 43 63",
        "Dijon": "21 58 71 89",
        "Grenoble": "07 26 38 73 74",
        "Limoges": "19 23 87",
        "Lyon": "01 42 69",
        "Poitiers": "16 17 79 86",
    },
    "B": {
        "Aix-Marseille": "04 05 13 84",
        "Amiens": "02 60 80",
        "Lille": "59 62",
        "Nancy-Metz": "54 55 57 88",
        "Nantes": "44 49 53 72 85",
        "Nice": "06 83",
        "Normandie": "14 27 50 61 76",
        "Orléans-Tours": "18 28 36 37 41 45",
        "Reims": "08 10 51 52",
        "Rennes": "22 29 35 56",
        "Strasbourg": "67 68",
    },
    "C": {
        "Créteil": "77 93 94",
        "Montpellier": "11 30 34 48 66",
        "Paris": "75",
        "Toulouse": "09 12 31 32 46 65 81 82",
        "Versailles": "78 91 92 95",
    },
}

_OF_DEPARTEMENT = {
    code: zone
    for zone, academies in ACADEMIES.items()
    for codes in academies.values()
    for code in codes.split()
}


def of_commune(code: str) -> str:
    """Return the zone of a commune by its INSEE code; '' outside the three zones."""
    return _OF_DEPARTEMENT.get(code[:2], "")


def of_territory() -> str:
    """Return the zone of this installation's territory, '' when nothing says it.

    ``RESSORT_SCHOOL_ZONE`` comes first. Else the zone where most of the people of its communes live: a territory astride
    two zones keeps one calendar.
    """
    if settings.SCHOOL_ZONE:
        return str(settings.SCHOOL_ZONE)
    people: Counter[str] = Counter()
    communes = Territory.objects.filter(scale=Scale.COMMUNE).order_by("code")
    for code, population in communes.values_list("code", "population"):
        people[of_commune(code)] += max(population, 1)
    found = people.most_common(1)
    return found[0][0] if found else ""
