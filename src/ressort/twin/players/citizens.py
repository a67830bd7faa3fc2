"""Citizens who report what they see, and the operator who deals with it; the same for a day and a seed."""

from __future__ import annotations

import io
import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.conf import settings

from ressort.core.accounts.models import User
from ressort.core.errors import Refused
from ressort.core.network.build import active_version
from ressort.core.territory.models import Place
from ressort.services.transport.access import local
from ressort.services.transport.queries import span_of
from ressort.twin.players.riders import TwinRider

_log = logging.getLogger(__name__)
A_DAY = 7
HOURS = (7 * 3600, 20 * 3600)
AGREES = 0.2  # share of people who have seen what somebody else already reported
PICTURED = 0.4
OPERATOR = "odile@demo.ressort"
SAID = {
    "nid-de-poule": ("Un trou profond, dangereux à vélo.", "La chaussée s'est affaissée près de la grille."),
    "trottoir": ("Une dalle se soulève.", "Le pavé manque devant l'entrée."),
    "obstacle": ("Une branche barre la piste cyclable.", "Des gravats sur la chaussée."),
    "lampadaire": ("Éteint depuis trois nuits.", "Il clignote sans arrêt."),
    "feu": ("Le bouton des piétons ne répond plus.",),
    "depot-sauvage": ("Un matelas et des cartons.", "Des sacs éventrés au pied des conteneurs."),
    "poubelle": ("Elle déborde.", "Le couvercle est arraché."),
    "graffiti": ("Sur le mur de l'école.",),
    "arbre": ("La haie cache le passage piéton.",),
    "eau": ("L'eau coule le long du trottoir.",),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that will be reported: when, what, where, in which words."""

    number: int
    at: datetime
    category: str
    lon: float
    lat: float
    text: str
    agrees: bool
    pictured: bool


@lru_cache(maxsize=4)
def sights(day: date, seed: int) -> tuple[Sight, ...]:
    """Return what is reported on a day, in order."""
    chance = random.Random(f"sights:{seed}:{day}")
    corners = list(
        Place.objects.filter(kind__in=("stop", "virtual_stop"), active=True)
        .order_by("pk")
        .values_list("lon", "lat")
    )
    if not corners:
        return ()
    midnight = span_of(day)[0]
    found: list[Sight] = []
    for moment in sorted(chance.uniform(*HOURS) for _ in range(A_DAY)):
        category = chance.choice(sorted(SAID))
        lon, lat = chance.choice(corners)
        found.append(
            Sight(
                len(found), midnight + timedelta(seconds=int(moment)), category, lon + chance.gauss(0, 0.0009),
                lat + chance.gauss(0, 0.0006), chance.choice(SAID[category]), chance.random() < AGREES,
                chance.random() < PICTURED,
            )
        )  # fmt: skip
    return tuple(found)


def installed() -> bool:
    """Tell whether this installation has reports at all."""
    return "controlroom" in settings.SERVICES


def play(now: datetime, seed: int) -> int:
    """Let everybody who has seen something by now say so, once; return how many did."""
    if not installed():
        return 0
    from ressort.services.controlroom.reports.models import Report

    day = local(now).date()
    due = [one for one in sights(day, seed) if one.at <= now]
    keys = {f"twin-{day:%Y%m%d}-{seed}-{one.number}": one for one in due}
    if not keys:
        return 0
    known = set(Report.objects.filter(key__in=list(keys)).values_list("key", flat=True))
    made = 0
    for key, one in keys.items():
        if key not in known and key not in _agreed:
            made += _say(key, one)
    return made


_agreed: set[str] = set()
"""Sights that were already somebody else's report: they leave none of their own."""


def _say(key: str, one: Sight) -> int:
    from ressort.services.controlroom.reports.actions import making
    from ressort.services.controlroom.reports.models import Report
    from ressort.services.controlroom.reports.seen import Reach, Seen, Where

    user = TwinRider(key.removeprefix("twin-"))
    last = Report.objects.filter(origin=Report.Origin.TWIN, state__in=Report.OPEN).order_by("-pk").first()
    try:
        if one.agrees and last is not None:
            _agreed.add(key)
            making.support(user, last.pid, Reach())
        else:
            making.make(
                user,
                Seen(one.category, Where(one.lon, one.lat), one.text),
                Reach(),
                photo=drawing(key) if one.pictured else b"",
                origin=Report.Origin.TWIN,
                key=key,
            )
    except Refused as refused:
        _agreed.add(key)
        _log.info("sight %s: %s", key, refused.sentence)
        return 0
    return 1


def deal(now: datetime) -> int:
    """Let the operator take what has waited its time, then repair it, or say why not; return how many moved."""
    if not installed():
        return 0
    from ressort.services.controlroom.reports.models import Report

    operator = User.objects.filter(email=OPERATOR).first()
    if operator is None:
        return 0
    rows = Report.objects.filter(origin=Report.Origin.TWIN, state__in=Report.OPEN)
    return sum(_move(operator, row.pid, row.state, now - row.updated) for row in rows)


def _move(operator: User, pid: str, state: str, age: timedelta) -> bool:
    from ressort.services.controlroom.reports.actions import handling
    from ressort.services.controlroom.reports.models import Report

    chance = random.Random(f"deal:{pid}")
    waits, works, ends = chance.uniform(0.3, 9), chance.uniform(6, 120), chance.random()
    try:
        if state == Report.State.RECEIVED and age > timedelta(hours=waits):
            handling.take(operator, pid)
            handling.show(operator, pid, shown=True)
            return True
        if state == Report.State.TAKEN and age > timedelta(hours=works):
            if ends < 0.85:
                handling.finish(operator, pid, "Fait par l'équipe du secteur.")
            else:
                handling.refuse(operator, pid, "not_found", "Nous sommes passés : il n'y avait plus rien.")
            return True
    except Refused as refused:
        _log.info("report %s: %s", pid, refused.sentence)
    return False


def before(first: date, now: datetime, seed: int, days: int = 8) -> Iterator[float]:
    """Play the days before the demonstration opens, so that some reports are old, late or repaired; yield the share done.

    The clock is moved by whoever asks: it ends where it was told to.
    """
    from ressort.core import clock

    if not installed() or active_version() is None:
        return
    start = span_of(first - timedelta(days=days))[0]
    steps = int((now - start) / timedelta(hours=3))
    for step in range(steps):
        moment = start + timedelta(hours=3 * (step + 1))
        if moment >= now:
            break
        clock.simulate(moment, rate=0)
        play(moment, seed)
        deal(moment)
        yield (step + 1) / steps


def drawing(key: str) -> bytes:
    """Return a drawing that stands for a photo: a road, and something dark on it."""
    from PIL import Image, ImageDraw

    chance = random.Random(key)
    grey = chance.randint(95, 135)
    made = Image.new("RGB", (960, 720), (grey, grey - 2, grey - 6))
    pen = ImageDraw.Draw(made)
    pen.rectangle((0, 0, 960, 190), fill=(grey + 60, grey + 58, grey + 50))
    for x in range(40, 960, 240):
        pen.rectangle((x, 430, x + 120, 446), fill=(228, 226, 214))
    x, y = chance.randint(220, 620), chance.randint(300, 520)
    for shade in range(60, 20, -8):
        pen.ellipse((x - 3 * shade, y - shade, x + 3 * shade, y + shade), fill=(shade, shade - 2, shade - 4))
    out = io.BytesIO()
    made.save(out, "JPEG", quality=70)
    return out.getvalue()
