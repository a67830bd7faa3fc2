"""People on duty in the demonstration: two lines with their turns, a call of the night, the room and its handover."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils.timezone import localtime

from ressort.core.accounts.models import User
from ressort.services.controlroom.duty.actions import (
    answering,
    calling,
    floor,
    handing,
    lines,
    planning,
)
from ressort.services.controlroom.duty.models import DutyContact, DutyLine
from ressort.services.controlroom.incidents.models import Incident

# numbers that the regulator keeps for fiction
ROADS = (
    ("Bastien Morel", "06 39 98 10 11", "", "sms"),
    ("Fatima Haddad", "06 39 98 10 12", "fatima.haddad@demo.ressort", "both"),
    ("Yann Le Goff", "06 39 98 10 13", "", "sms"),
    ("Sonia Ferreira", "06 39 98 10 14", "sonia.ferreira@demo.ressort", "both"),
)
ELECTED = (
    ("Hélène Aubry, adjointe", "06 39 98 10 21", "helene.aubry@demo.ressort", "both"),
    ("Marc Thévenin, adjoint", "06 39 98 10 22", "", "sms"),
    ("Inès Carpentier, vice-présidente", "06 39 98 10 23", "ines.carpentier@demo.ressort", "both"),
)
CHIEF = ("Laurence Prost, directrice", "06 39 98 10 30", "laurence.prost@demo.ressort", "both")
WEEKS = 12
NOTES = """Nuit calme jusqu'à 5 h.
Rappeler le concessionnaire d'eau avant 9 h : il a promis une équipe pour la fuite devant l'école.
L'armoire d'éclairage de la rue réparée cette nuit est à surveiller ce soir."""


def morning(until: datetime) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """Yield what people on duty do before ``until``, each at its moment, in order; nothing a second time."""
    if "controlroom" not in settings.SERVICES or DutyLine.objects.exists():
        return
    yield until - timedelta(minutes=131), lambda: _lines(until)
    yield until - timedelta(minutes=129), _night
    yield until - timedelta(minutes=48), _call
    yield until - timedelta(minutes=46), lambda: _answer(yes=False, note="Déjà sur une autre intervention")
    yield until - timedelta(minutes=43), lambda: _answer(yes=True, note="Sur place dans 20 minutes")
    yield until - timedelta(minutes=20), _handover


def _who(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.ressort")


def _people(rows: tuple[tuple[str, str, str, str], ...]) -> list[DutyContact]:
    adele = _who("adele")
    return [
        lines.add_contact(adele, name=name, phone=phone, email=email, by=by)
        for name, phone, email, by in rows
    ]


def _lines(until: datetime) -> None:
    """Make two lines. The second rank of the roads starts a week late: a hole, as there are."""
    adele = _who("adele")
    (chief,) = _people((CHIEF,))
    roads, elected = _people(ROADS), _people(ELECTED)
    monday = localtime(until).date() - timedelta(days=localtime(until).weekday() + 3)  # the Friday before
    first = lines.add_line(
        adele,
        name="Astreinte voirie",
        purpose="Arbre, trou, fuite, barrières : ce qui bloque une rue",
        ranks=2,
        minutes=10,
        chief=str(chief.pk),
    )
    second = lines.add_line(
        adele,
        name="Astreinte élus",
        purpose="Informer, décider, être présent quand c'est grave",
        ranks=2,
        minutes=15,
        chief=str(chief.pk),
    )
    five = time(17)
    pks = [one.pk for one in roads]
    planning.rotate(adele, first.pid, 1, pks, monday, five, WEEKS)
    planning.rotate(adele, first.pid, 2, [*pks[2:], *pks[:2]], monday, five, 2)
    third = monday + timedelta(days=21)
    planning.rotate(adele, first.pid, 2, [*pks[1:], *pks[:1]], third, five, WEEKS - 3)
    council = [one.pk for one in elected]
    planning.rotate(adele, second.pid, 1, council, monday, five, WEEKS)
    planning.rotate(adele, second.pid, 2, [*council[1:], *council[:1]], monday, five, WEEKS)
    turn = first.turns.filter(rank=1).order_by("starts")[1]
    planning.replace(adele, turn.pk, roads[3].pk, turn.starts, turn.starts + timedelta(days=2))
    lines.add_auto(adele, second.pid, "incident", priority="vital")


def _night() -> None:
    floor.come(_who("odile"), "Pupitre 2", "operator")
    handing.write(_who("odile"), NOTES)


def _call() -> None:
    found = Incident.objects.filter(category="water").order_by("pk").last()
    line = DutyLine.objects.get(name="Astreinte voirie")
    if found is not None and found.is_open:
        calling.start(
            _who("odile"), line.pid, incident=found.number, why="Poser des barrières, l'école ouvre à 8 h 20"
        )


def _answer(*, yes: bool, note: str) -> None:
    line = DutyLine.objects.get(name="Astreinte voirie")
    call = line.cascades.order_by("-pk").first()
    step = call.steps.filter(state="waiting").first() if call else None
    if step is not None:
        answering.answer(None, step.code, yes=yes, note=note)


def _handover() -> None:
    oscar = _who("oscar")
    floor.come(oscar, "Pupitre 1", "chief")
    found = handing.Handover.objects.filter(taken=None).first()
    if found is not None:
        handing.take(oscar, found.pk, found.version)
