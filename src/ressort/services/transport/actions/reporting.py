"""What a driver's device tells: a deed at once, or a tour's worth of them, in order, when the network comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet.models import Tour
from ressort.core.journal import record
from ressort.services.transport.actions import driving, replanning
from ressort.services.transport.actions.driving import Wheel
from ressort.services.transport.models import Report

MOST = 500
"""How many deeds may be told at once: more than a day's work."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a driver did.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    visit : int, optional
        The visit it speaks of; for ``depart`` and ``arrive``, the one that the screen showed as next.
    minutes : int
        Of a delay.
    key : str
        Made by the device, once per deed: the same key is never done twice.
    at : datetime, optional
        When it was done, if it is told later.
    """

    kind: str
    visit: int | None = None
    minutes: int = 0
    key: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a deed: ``done``, ``known`` (already told) or ``refused``, with a sentence."""

    key: str
    state: str
    sentence: str = ""


def _visit(deed: Deed) -> int:
    if deed.visit is None:
        raise Refused("no-visit", _("Dites de quel voyageur il s'agit."), field="visit")
    return deed.visit


def _depart(user: Any, tour: int, deed: Deed) -> str:
    driving.depart(user, tour, deed.visit, at=deed.at)
    return ""


def _arrive(user: Any, tour: int, deed: Deed) -> str:
    driving.arrive(user, tour, deed.visit, at=deed.at)
    return ""


def _serve(user: Any, tour: int, deed: Deed) -> str:
    driving.serve(user, tour, _visit(deed), at=deed.at)
    return ""


def _no_show(user: Any, tour: int, deed: Deed) -> str:
    driving.no_show(user, tour, _visit(deed), at=deed.at)
    return _("Absence notée.")


def _delay(user: Any, tour: int, deed: Deed) -> str:
    return _told(_("Retard annoncé."), replanning.delay(user, tour, deed.minutes))


def _break_down(user: Any, tour: int, deed: Deed) -> str:
    del deed
    return _told(_("Panne déclarée : la régulation est prévenue."), replanning.break_down(user, tour))


def _told(first: str, outcome: replanning.Outcome) -> str:
    said, moved, broken = [first], len(outcome.moved), len(outcome.broken)
    if moved:
        words = ngettext(
            "%(n)d voyage confié à un autre véhicule.", "%(n)d voyages confiés à d'autres véhicules.", moved
        )
        said.append(words % {"n": moved})
    if broken:
        words = ngettext(
            "%(n)d voyageur prévenu, avec une nouvelle proposition.",
            "%(n)d voyageurs prévenus, avec une nouvelle proposition.",
            broken,
        )
        said.append(words % {"n": broken})
    return " ".join(said)


def _end(user: Any, tour: int, deed: Deed) -> str:
    del deed
    driving.end(user, tour)
    return _("Service terminé. Bonne fin de journée.")


def _let_go(user: Any, tour: int, deed: Deed) -> str:
    del deed
    driving.let_go(user, tour)
    return _("Le pilote de la démonstration reprend le volant.")


KINDS: dict[str, Callable[[Any, int, Deed], str]] = {
    "depart": _depart,
    "arrive": _arrive,
    "serve": _serve,
    "no_show": _no_show,
    "delay": _delay,
    "breakdown": _break_down,
    "end": _end,
    "let_go": _let_go,
}


def do(user: Any, tour_id: int, deed: Deed) -> str:
    """Do a deed of now, once per key; return what to tell the driver.

    Raises
    ------
    Refused
        As the verb itself does: the driver is there to read it.
    """
    tour = held(user, tour_id)
    if deed.key and Report.objects.filter(tour=tour, key=deed.key).exists():
        return ""
    with transaction.atomic():
        said = KINDS[deed.kind](user, tour_id, deed)
        _note(tour, deed)
    return said


def catch_up(user: Any, tour_id: int, deeds: Iterable[Deed]) -> list[Answer]:
    """Do what was done out of reach of the network, in order; each deed stands or falls alone.

    A deed that contradicts what happened meanwhile is refused with its sentence, kept as such, and told to the
    dispatchers: it is the driver's word that something was done, and a person must settle it.
    """
    tour = held(user, tour_id)
    known = set(Report.objects.filter(tour=tour).values_list("key", flat=True))
    answers = []
    for deed in deeds:
        if deed.key in known:
            answers.append(Answer(deed.key, "known"))
            continue
        known.add(deed.key)
        try:
            with transaction.atomic():
                said = KINDS[deed.kind](user, tour_id, deed)
                _note(tour, deed)
        except Refused as refused:
            _conflict(user, tour, deed, refused)
            answers.append(Answer(deed.key, "refused", refused.sentence))
        else:
            answers.append(Answer(deed.key, "done", said))
    return answers


def held(user: Any, tour_id: int) -> Tour:
    """Return a tour that this person may drive, with what a sheet shows of it."""
    tour = Tour.objects.select_related("shift__vehicle__depot", "shift__driver").filter(pk=tour_id).first()
    if tour is None:
        raise Unknown("tour", _("Cette tournée n'existe pas."))
    authorise(user, "transport.tour.drive", Wheel(tour))
    return tour


def _note(tour: Tour, deed: Deed, code: str = "") -> None:
    if deed.key:
        now = service_now()
        Report.objects.create(
            tour=tour, key=deed.key, kind=deed.kind, done=deed.at or now, received=now, code=code
        )


def _conflict(user: Any, tour: Tour, deed: Deed, refused: Refused) -> None:
    with transaction.atomic():
        _note(tour, deed, refused.code)
        done = {"done_at": int(deed.at.timestamp())} if deed.at else {}
        payload = {"tour": tour.pk, "deed": deed.kind, "code": refused.code, **done}
        record("transport.deed.conflicted", actor=user.pid, subject=f"t_{tour.pk}", payload=payload)
