"""The control room of the demonstration: four playbooks, a few incidents, one with a clock that runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from ressort.core import clock
from ressort.core.accounts.models import User
from ressort.core.territory.models import Place
from ressort.services.controlroom.incidents.actions import (
    closing,
    handling,
    opening,
    playbooks,
    running,
    sharing,
)
from ressort.services.controlroom.incidents.models import Incident, Line
from ressort.services.controlroom.incidents.playbook_models import Playbook
from ressort.twin import fleet

BOOKS = (
    (
        "Arbre sur la chaussée",
        "road",
        "Une voie coupée par un arbre ou une branche",
        """Vérifier : La voie est-elle coupée dans les deux sens ?
Décider : Y a-t-il un blessé, ou un véhicule touché ?
- Oui -> secours
- Non -> voirie

[secours]
Appeler : Secours, 18
Prévenir : La police municipale, pour dévier la circulation

[voirie]
Appeler : Astreinte voirie, pour tronçonner et baliser
Attendre : 20 min, l'arrivée de l'équipe
Vérifier : L'équipe est-elle sur place ?
Décider : La voie peut-elle rouvrir ?
- Oui -> fin
- Pas encore -> voirie
""",
    ),
    (
        "Passage d'un véhicule de secours",
        "safety",
        "Laisser passer les secours dans une zone à bornes",
        """Vérifier : Le véhicule est-il annoncé, et par qui ?
Commander : Abaisser la borne d'accès | borne-1 | abaisser
Vérifier : La borne est-elle vue baissée ?
Attendre : 10 min, le passage du véhicule
Commander : Relever la borne d'accès | borne-1 | relever
Prévenir : Le gardien de la zone piétonne
""",
    ),
    (
        "Fuite d'eau sur la voie publique",
        "water",
        "De la première alerte à la réparation",
        """Appeler : Exploitant du réseau d'eau
Décider : L'eau gagne-t-elle une cave ou un transformateur ?
- Oui -> danger
- Non -> attente
[danger]
Appeler : Secours, 18, et le gestionnaire d'électricité
[attente]
Attendre : 45 min, l'intervention de l'exploitant
Vérifier : La fuite est-elle arrêtée ?
""",
    ),
    (
        "Plan canicule",
        "safety",
        "Personne ne reste seul par forte chaleur",
        """Appeler : Chaque personne du registre, les plus fragiles d'abord
Prévenir : Les lieux frais, qu'ils ouvrent jusqu'à 22 h
Vérifier : Qui n'a pas répondu deux fois ?
Décider : Faut-il passer chez quelqu'un ?
- Oui -> visite
- Non -> fin
[visite]
Appeler : Astreinte sociale, pour une visite à domicile
""",
    ),
)
BEGINS = {"Plan canicule": "heat"}
"""Playbook -> kind of situation with which it begins."""
BEFORE = 130
"""Minutes before the page opens at which the playbooks are written."""
# title, category, priority, minutes before, place
INCIDENTS = (
    ("Lampadaires éteints sur toute la rue", "light", "low", 128, 3),
    ("Fuite d'eau devant l'école", "water", "normal", 49, 23),
    ("Arbre tombé en travers de la chaussée", "road", "high", 12, 11),
    ("Personne tombée à un arrêt", "safety", "vital", 1, 37),
)


def morning(until: datetime) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """Yield what happens in the control room before ``until``, each at its moment, in order; nothing a second time."""
    operators = list(User.objects.filter(memberships__role="operator", is_demo=True).order_by("pk")[:2])
    chief = User.objects.filter(memberships__role="administrator", is_demo=True).first()
    if (
        "controlroom" not in settings.SERVICES
        or len(operators) < 2
        or chief is None
        or Incident.objects.exists()
    ):
        return
    oscar, odile = operators
    yield until - timedelta(minutes=BEFORE), lambda: _books(chief)
    for row in INCIDENTS:
        yield until - timedelta(minutes=row[3]), partial(_one, oscar, odile, *row)


def _books(chief: User) -> None:
    for name, category, purpose, text in BOOKS:
        made = playbooks.draft(chief, name)
        playbooks.change(chief, made.pk, text=text, purpose=purpose, category=category,
                         situation=BEGINS.get(name, ""))  # fmt: skip
        playbooks.publish(chief, made.pk)


def _one(oscar: User, odile: User, title: str, category: str, priority: str, _ago: int, at: int) -> None:
    places = list(Place.objects.filter(kind__in=("stop", "virtual_stop"), active=True).order_by("pk"))
    place = places[at % len(places)]
    draft = opening.Draft(title, category, priority, place.name, place.lon, place.lat)
    number = opening.open_incident(oscar, draft).number
    if category == "light":
        _lights(odile, number)
    elif category == "road":
        _tree(oscar, odile, number)


def _lights(odile: User, number: str) -> None:
    handling.take(odile, number)
    handling.log(odile, number, "Deux riverains ont appelé : toute la rue est noire.", kind=Line.Kind.CALL)
    task = handling.add_task(odile, number, "Faire remettre l'armoire en service", "Éclairage public")
    handling.mark_task(odile, number, task.pk, "done")
    closing.close(
        odile, number, "solved", "Disjoncteur de l'armoire réenclenché. À surveiller la nuit prochaine."
    )


def _tree(oscar: User, odile: User, number: str) -> None:
    handling.take(oscar, number)
    line = handling.log(
        oscar,
        number,
        "Un conducteur signale un arbre en travers, deux voitures arrêtées.",
        kind=Line.Kind.CALL,
    )
    handling.log(odile, number, "Trois voitures arrêtées, personne n'est touché.", corrects=line.pk)
    handling.add_task(oscar, number, "Faire dévier la ligne de bus", "Régulation transport")
    row = sharing.involve(oscar, number, fleet.partner().name)
    sharing.share(oscar, number, row.pk, clock.service_now().date() + timedelta(days=3))
    run = running.start(oscar, number, Playbook.objects.get(name=BOOKS[0][0]).pk)
    running.do(oscar, number, run.pk, 0, option="yes")
    running.do(oscar, number, run.pk, 1, option="1")
    running.do(odile, number, run.pk, 4, note="équipe 2 en route")
