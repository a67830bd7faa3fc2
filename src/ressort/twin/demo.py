"""Preparing the demonstration: territory, network, service, people, and a day already under way."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from ressort.core import clock
from ressort.core.fleet import planning
from ressort.core.installation import actions, reading
from ressort.core.journal import correlated
from ressort.core.live.latest import hub
from ressort.core.network import build, matrices
from ressort.core.network.models import Feature, NetworkVersion
from ressort.core.network.osm import put_in_order, read
from ressort.core.territory import loading
from ressort.core.territory.models import Place
from ressort.twin import day, fleet, town
from ressort.twin.models import TwinState
from ressort.twin.players import citizens, riders
from ressort.twin.town import facts

DIJON = "242100410"
EVE = time(5, 0)
OPENING = time(7, 30)
VANS = 20
RIDERS = 1000
CENTRES = {c.code: (c.lon, c.lat) for c in facts.COMMUNES}
_USUAL = {"city": 60_000, "town": 9_000, "village": 900}


def prepare(
    *, osm: Path | None, epci: str, fresh: bool, rate: float, progress: Any, riders: int | None = None
) -> None:
    """Make the demonstration ready to be served; each part is skipped when it is there already.

    Parameters
    ----------
    osm : Path, optional
        A real extract; by default the fictitious town on the real communes of Dijon.
    epci : str
        Territory of the extract; without it, places and bounds come from the extract itself.
    riders : int, optional
        Played riders a day; by default as many as the stops suggest.
    """
    source = f"{osm.resolve()}:{epci}" if osm else "town:1"
    _refuse_real()
    if fresh or _other(source):
        if osm:
            _readable(osm, progress)
        _wipe()
    progress("Tables", 0.1)
    call_command("migrate", interactive=False, verbosity=0)
    reading.refuse_real()
    actions.mark_demo()
    progress("Tables", 1.0)
    state = TwinState.objects.filter(pk=1).first()
    if state and state.ready:
        clock.resume()
        clock.simulate(rate=state.rate)
        return
    _ground(osm, epci, progress)
    first = tuesday()
    _service(first, progress)
    TwinState.objects.update_or_create(
        id=1,
        defaults={
            "day": first,
            "played": 0,
            "riders": _demand() if riders is None else riders,
            "rate": rate,
            "source": source,
            "ready": False,
        },
    )
    _live_the_morning(first, progress)
    clock.simulate(rate=rate)
    TwinState.objects.filter(pk=1).update(ready=True)


def _readable(osm: Path, progress: Any) -> None:
    """Refuse a bad extract before anything of the demonstration in place is touched."""
    with TemporaryDirectory() as folder:
        ordered = Path(folder, "extract.osm.pbf")
        put_in_order(osm, ordered)
        read(ordered, progress=lambda _step, done: progress("Lecture de l'extrait", done), named=osm.name)


def _refuse_real() -> None:
    """Refuse a real installation before anything is wiped, also when asked to start afresh."""
    if Path(settings.DATA_DIR, "ressort.sqlite3").exists():
        call_command("migrate", interactive=False, verbosity=0)
        reading.refuse_real()


def _other(source: str) -> bool:
    """Tell whether what is there was made from something else, or was left half made."""
    if not Path(settings.DATA_DIR, "ressort.sqlite3").exists():
        return False
    call_command("migrate", interactive=False, verbosity=0)
    state = TwinState.objects.filter(pk=1).first()
    return state is None or not state.ready or state.source != source


def _wipe() -> None:
    """Start from nothing: tables, networks and photos of the demonstration, never anything else of the folder."""
    connections.close_all()
    reading.forget()
    for name in ("ressort.sqlite3", "ressort.sqlite3-wal", "ressort.sqlite3-shm"):
        Path(settings.DATA_DIR, name).unlink(missing_ok=True)
    for folder in ("networks", "photos"):
        shutil.rmtree(Path(settings.DATA_DIR, folder), ignore_errors=True)
    hub.clear()


def tuesday() -> date:
    """Return the Tuesday of this week: the demonstration's own calendar starts there."""
    today = datetime.now(ZoneInfo(settings.TIME_ZONE)).date()
    return today + timedelta(days=1 - today.weekday())


def _ground(osm: Path | None, epci: str, progress: Any) -> None:
    territory = None
    if epci or osm is None:
        progress("Territoire", 0.2)
        territory = loading.load_epci(epci or DIJON, centres=CENTRES if not epci else None)
        progress("Territoire", 1.0)
    file = osm
    if file is None:
        file = Path(settings.DATA_DIR, "town-1.osm.pbf")
        if not file.exists():
            town.grow(seed=1, out=file, progress=lambda _step, done: progress("Ville fictive", done))
    name = osm.name.split(".")[0] if osm else "Dijon Métropole (rues fictives)"
    version = build.load(
        file, territory=territory, name=name, progress=lambda _step, done: progress("Réseau de rues", done)
    )
    if territory is None:
        loading.from_places(name.replace("_", " ").capitalize(), _named(version))


def _named(version: NetworkVersion) -> list[tuple[str, float, float, int]]:
    """Return the populated places of an extract; where it names none, its middle stands for the whole."""
    rows = Feature.objects.filter(version=version, kind__in=("city", "town", "village"))
    found = [(f.name, f.lon, f.lat, f.population or _USUAL[f.kind]) for f in rows if f.name]
    if not found:
        west, south, east, north = version.bounds
        found = [(version.name, (west + east) / 2, (south + north) / 2, _USUAL["town"])]
    return sorted(found, key=lambda place: -place[3])


def _service(first: date, progress: Any) -> None:
    version = build.active_version()
    assert version is not None
    progress("Arrêts, véhicules et conducteurs", 0.1)
    places = fleet.stops(version)
    fleet.accounts(2 * VANS)
    vans = fleet.vehicles(places, VANS)
    fleet.offering(places, vans, first - timedelta(days=30))
    progress("Arrêts, véhicules et conducteurs", 0.8)
    eve = datetime.combine(first, EVE, ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
    fleet.reports()
    fleet.plan()
    fleet.clearances()
    for done in citizens.before(first, eve, seed=1):
        progress("Signalements des jours passés", done)
    clock.simulate(eve, rate=0)
    day.make_shifts(first)
    if "controlroom" in settings.SERVICES:
        from ressort.twin.players import alarms, streets

        streets.install(version)
        alarms.install()
    progress("Arrêts, véhicules et conducteurs", 1.0)
    points = [(lon, lat) for _, lon, lat in planning.planning_places()]
    matrices.rebuild(
        points, planning.PROFILE, progress=lambda _step, done: progress("Temps de parcours", done)
    )
    planning.forget()


def _demand() -> int:
    """Return the riders a day: fewer where there are few stops."""
    return min(RIDERS, 6 * Place.objects.filter(kind__in=("stop", "virtual_stop"), active=True).count())


def _live_the_morning(first: date, progress: Any) -> None:
    """Play from the eve to the opening hour, so that vehicles are on the road when the page opens."""
    opening = datetime.combine(first, OPENING, ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)

    def told(_step: str, done: float) -> None:
        progress("Début de matinée", done)

    with correlated(f"twin-eve-{first}"):  # who books days ahead has done so: hundreds, the longest part
        ahead = TwinState.objects.get(pk=1)
        riders.play(ahead, clock.service_now(), lambda done: progress("Réservations de la veille", done))
    if "controlroom" in settings.SERVICES:
        from ressort.twin.players import (  # their tables are there only with the service
            crews,
            duty,
            incidents,
        )

        mornings = (incidents.morning(opening), duty.morning(opening), crews.morning(opening))
        for at, happens in merge(*mornings, key=lambda row: row[0]):
            day.fast_forward(at, told)
            happens()
    day.fast_forward(opening, told)


def greeting(port: int) -> str:
    """Return what the terminal says once the server answers."""
    lines = [
        "",
        f"  Ressort tourne : http://127.0.0.1:{port}",
        "",
        f"  Comptes de démonstration (mot de passe : {fleet.PASSWORD})",
        *[f"    {role:18} {email}" for email, _, _, role in fleet.ACCOUNTS],
        "",
        "  À voir d'abord",
        f"    Réserver un trajet     http://127.0.0.1:{port}/transport/",
        f"    La carte en direct     http://127.0.0.1:{port}/console/transport/   (régulatrice)",
        f"    La page du conducteur  http://127.0.0.1:{port}/transport/conducteur/",
        f"    Le poste de commandement  http://127.0.0.1:{port}/console/poste/   (opérateur)",
        f"    La page d'une équipe   http://127.0.0.1:{port}/equipe/   (équipe de voirie)",
        "",
        "  L'horloge de la démonstration va dix fois plus vite ; sur la page d'un trajet,",
        "  « Avancer jusqu'à mon passage » amène le minibus. Ctrl-C pour arrêter.",
        "",
    ]
    return "\n".join(lines)
