"""Field crews of the demonstration: one that plays by itself, one that waits for a visitor's thumb; a few contacts."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings

from ressort.core.accounts.models import User
from ressort.core.errors import Refused
from ressort.core.territory.models import Place

_log = logging.getLogger(__name__)
PLAYED = "elodie@demo.ressort"
"""Whoever this is moves by herself; the other crew is the visitor's."""
CREWS = (("Voirie centre", "road", "victor@demo.ressort"), ("Éclairage", "light", PLAYED))
BEFORE = 124
"""Minutes before the page opens at which the crews are made."""
# minutes before, title, trade, priority, crew (or none), minutes after the opening before which it is due, deeds, place
ORDERS: tuple[tuple[int, str, str, str, int | None, int, tuple[str, ...], int], ...] = (
    (120, "Remplacer la lampe devant le gymnase", "light", "normal", 1, 240, ("accept", "arrive", "finish"), 5),
    (110, "Refixer le panneau de déviation", "signal", "high", 0, -15, ("accept",), 17),
    (75, "Combler le trou devant l'arrêt", "road", "normal", 0, 300, ("accept",), 9),
    (47, "Baliser la fuite devant l'école", "water", "high", 0, 60, (), 23),
    (30, "Élaguer la haie qui cache le passage", "green", "normal", 0, 500, ("decline",), 31),
    (9, "Rallumer les deux lampes de la passerelle", "light", "normal", 1, 200, ("accept",), 14),
    (4, "Nettoyer la place après le marché", "clean", "low", None, 600, (), 41),
)  # fmt: skip
DID = ("Lampe changée, essayée.", "Remis en état.", "Fait, rien d'autre à signaler.")


def installed() -> bool:
    """Tell whether this installation has crews at all."""
    return "controlroom" in settings.SERVICES


def morning(until: datetime) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """Yield what crews and the front desk do before ``until``, each at its moment, in order; nothing a second time."""
    if not installed():
        return
    from ressort.services.controlroom.orders.models import Crew

    people = {one.email: one for one in User.objects.filter(is_demo=True)}
    needed = {"oscar@demo.ressort", "agathe@demo.ressort", *(email for __, __, email in CREWS)}
    if Crew.objects.exists() or not needed <= people.keys():
        return
    oscar = people["oscar@demo.ressort"]
    yield until - timedelta(minutes=BEFORE), lambda: _crews(oscar)
    for row in ORDERS:
        yield until - timedelta(minutes=row[0]), partial(_order, oscar, people, until, row)
    yield until - timedelta(minutes=3), lambda: _contacts(people["agathe@demo.ressort"])


def _crews(oscar: User) -> None:
    from ressort.services.controlroom.orders.actions import crews

    for name, trade, email in CREWS:
        crews.join(oscar, crews.make(oscar, name, trade).pid, email)


def _order(oscar: User, people: dict[str, User], until: datetime, row: tuple[Any, ...]) -> None:
    from ressort.services.controlroom.orders.actions import doing, ordering
    from ressort.services.controlroom.orders.models import Crew

    __, title, trade, priority, crew, due, deeds, at = row
    places = list(Place.objects.filter(kind__in=("stop", "virtual_stop"), active=True).order_by("pk"))
    place = places[at % len(places)]
    source, instructions = _source(title), "Baliser avant de commencer. Photo avant et après."
    made = ordering.draft(
        oscar,
        ordering.Draft(
            title, trade, priority, instructions, address=place.name, lon=place.lon, lat=place.lat,
            due=until + timedelta(minutes=due), source=source,
        ),
    )  # fmt: skip
    if crew is None:
        return
    name, __, email = CREWS[crew]
    ordering.assign(oscar, made.number, Crew.objects.get(name=name).pid)
    for deed in deeds:
        match deed:
            case "decline":
                doing.decline(people[email], made.number, "La nacelle est en panne jusqu'à demain")
            case "finish":
                doing.finish(people[email], made.number, DID[0], 35)
            case _:
                getattr(doing, deed)(people[email], made.number)


def _source(title: str) -> str:
    """Return the incident that an order answers, when the morning has opened it."""
    from ressort.services.controlroom.incidents.models import Incident

    if "fuite" not in title:
        return ""
    found = Incident.objects.filter(category="water", state__in=Incident.OPEN).order_by("-pk").first()
    return f"incident:{found.number}" if found else ""


def _contacts(agathe: User) -> None:
    from ressort.services.controlroom.contacts import actions
    from ressort.services.controlroom.contacts.actions import Noted
    from ressort.services.controlroom.reports.seen import Reach

    reach = Reach(phone="0639981234", name="Jeanne Fictive")
    noted = Noted(
        "phone", "information", subject="Jours de collecte des encombrants", text="Rappeler le matin."
    )
    actions.note(agathe, noted, reach)
    said = Noted(
        "counter",
        "information",
        subject="Horaires de la piscine",
        answered=True,
        answer="Donnés, avec le dépliant.",
    )
    actions.note(agathe, said, Reach())


def play(now: datetime) -> int:
    """Let the played crew move on: accept, leave, arrive, be done, each after its time; return how many moved."""
    if not installed():
        return 0
    from ressort.services.controlroom.orders import states
    from ressort.services.controlroom.orders.models import WorkOrder

    held = WorkOrder.objects.filter(crew__members__user__email=PLAYED, state__in=states.HELD)
    rows = list(held.order_by("pk")[:20])
    if not rows:
        return 0
    elodie = User.objects.get(email=PLAYED)
    return sum(_move(elodie, one, now) for one in rows)


def _move(elodie: User, order: object, now: datetime) -> bool:
    from ressort.services.controlroom.orders.actions import doing
    from ressort.services.controlroom.orders.models import WorkOrder

    assert isinstance(order, WorkOrder)
    chance = random.Random(f"crew:{order.number}:{order.state}")
    last = order.steps.order_by("-pk").first()
    wait = {"assigned": 6, "accepted": 12, "on_way": 10, "on_site": 25}[order.state] * chance.uniform(
        0.6, 1.6
    )
    if last is None or now - last.noted < timedelta(minutes=wait):
        return False
    try:
        match order.state:
            case "assigned":
                doing.accept(elodie, order.number)
            case "accepted":
                doing.leave(elodie, order.number)
            case "on_way":
                doing.arrive(elodie, order.number)
            case _:
                doing.finish(elodie, order.number, chance.choice(DID))
    except Refused as refused:
        _log.info("work %s: %s", order.number, refused.sentence)
        return False
    return True
