"""The demonstration's service: stops chosen on any network, vans, drivers, the published offering, the accounts."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date

import numpy as np
from django.db import transaction

from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.errors import Refused
from ressort.core.fleet.models import Vehicle
from ressort.core.journal import record
from ressort.core.network.models import Feature, NetworkVersion, Street
from ressort.core.network.router import Router
from ressort.core.territory.models import Place
from ressort.engines import geodesy
from ressort.services.transport.models import Hours, Offering
from ressort.twin.names import full_name

PASSWORD = "ressort-demo"  # noqa: S105 - refused off the loopback address
ACCOUNTS = (
    ("rosa@demo.ressort", "Rosa Lemaire", "", "voyageuse"),
    ("denis@demo.ressort", "Denis Roux", "driver", "conducteur"),
    ("agathe@demo.ressort", "Agathe Colin", "agent", "agente d'accueil"),
    ("diane@demo.ressort", "Diane Faure", "dispatcher", "régulatrice"),
    ("adele@demo.ressort", "Adèle Renard", "administrator", "administratrice"),
)
APART = 120  # metres between two stops
FEWEST = 24


def organisation() -> Organisation:
    """Return the operator of the demonstration."""
    return Organisation.objects.get_or_create(name="Ressort Mobilités", defaults={"kind": "operator"})[0]


def accounts(drivers: int) -> None:
    """One account per role, and as many played drivers as tours need."""
    home = organisation()
    people = list(ACCOUNTS)
    chance = random.Random(7)
    people += [
        (f"chauffeur{n:02}@demo.ressort", full_name(chance), "driver", "") for n in range(2, drivers + 1)
    ]
    for email, name, role, _ in people:
        user = User.objects.filter(email=email).first()
        if user is None:
            password = PASSWORD if not email.startswith("chauffeur") else None
            user = User.objects.create_user(email, password, name=name, is_demo=True)
        if role:
            Membership.objects.get_or_create(user=user, organisation=home, role=role)


def stops(version: NetworkVersion, wanted: int = 300) -> list[Place]:
    """Choose the stops of the service: bus stops of the network, then street corners where there are too few.

    Only points from which a van reaches the others and comes back are kept.
    """
    kept = chosen(version, wanted)
    with transaction.atomic():
        return [
            Place.objects.create(
                kind=kind, name=name, lon=lon, lat=lat, commune=commune, accessible=True, source="demo"
            )
            for name, lon, lat, kind, commune in kept
        ]


def chosen(version: NetworkVersion, wanted: int) -> list[tuple[str, float, float, str, str]]:
    """Return (name, lon, lat, kind, commune) of stops that a van can reach from, and leave for, nearly all others.

    Raises
    ------
    Refused
        If the network has not two of them.
    """
    found = _spread(_candidates(version), wanted)
    points = [(lon, lat) for _, lon, lat, _, _ in found]
    if len(points) < 2:
        raise Refused("no-stops", "Ce réseau n'a pas assez de rues pour y placer des arrêts.")
    seconds, _ = Router.of(version).matrix(points, points, "van")
    linked = seconds >= 0
    hub = int(np.argmax(linked.sum(axis=0) + linked.sum(axis=1)))
    return [found[i] for i in range(len(found)) if linked[i, hub] and linked[hub, i]]


def _candidates(version: NetworkVersion) -> list[tuple[str, float, float, str, str]]:
    rows = [
        (f.name or "Arrêt", f.lon, f.lat, "stop", f.commune)
        for f in Feature.objects.filter(version=version, kind="stop").order_by("number")
    ]
    important = [
        (f.name or "Arrêt", f.lon, f.lat, "stop", f.commune)
        for f in Feature.objects.filter(
            version=version, kind__in=("hospital", "station", "town_hall")
        ).order_by("number")
    ]
    corners = []
    if len(rows) < 120:
        for street in Street.objects.filter(version=version).order_by("pk"):
            for number, line in enumerate(street.lines):
                lon, lat = line[len(line) // 2][:2]
                label = street.name if number == 0 else f"{street.name} ({number + 1})"
                corners.append((label, lon, lat, "virtual_stop", street.commune))
        random.Random(3).shuffle(corners)
    random.Random(5).shuffle(rows)
    return important + rows + corners


def _spread(
    items: Iterable[tuple[str, float, float, str, str]], wanted: int
) -> list[tuple[str, float, float, str, str]]:
    """Keep items at least :data:`APART` metres from those kept before, at most ``wanted``, with unlike names."""
    kept: list[tuple[str, float, float, str, str]] = []
    names: dict[str, int] = {}
    for name, lon, lat, kind, commune in items:
        if len(kept) >= wanted:
            break
        if kept:
            lons, lats = np.array([k[1] for k in kept]), np.array([k[2] for k in kept])
            if geodesy.distances(lon, lat, lons, lats).min() < APART:
                continue
        names[name] = names.get(name, 0) + 1
        label = name if names[name] == 1 else f"{name} {names[name]}"
        kept.append((label[:200], lon, lat, kind, commune))
    return kept


def vehicles(places: list[Place], count: int) -> list[Vehicle]:
    """Make the vans and their depots: one depot for ten vans, at stops far from one another."""
    home = organisation()
    depots: list[Place] = []
    for number in range(max(1, count // 10)):
        stop = _farthest(places, depots)
        depots.append(
            Place.objects.create(
                kind="depot",
                name=f"Dépôt {number + 1}",
                lon=stop.lon,
                lat=stop.lat,
                commune=stop.commune,
                source="demo",
            )
        )
    return [
        Vehicle.objects.create(
            name=f"Minibus {number + 1:02}",
            organisation=home,
            seats=8 if number % 4 else 6,
            wheelchairs=0 if number % 4 else 2,
            luggage=6,
            depot=depots[number % len(depots)],
        )
        for number in range(count)
    ]


def _farthest(places: list[Place], depots: list[Place]) -> Place:
    if not depots:
        lon, lat = np.mean([p.lon for p in places]), np.mean([p.lat for p in places])
        return min(places, key=lambda p: geodesy.distance(p.lon, p.lat, float(lon), float(lat)))
    return max(places, key=lambda p: min(geodesy.distance(p.lon, p.lat, d.lon, d.lat) for d in depots))


def offering(places: list[Place], fleet: list[Vehicle], first: date) -> Offering:
    """Publish the demonstration's offering."""
    with transaction.atomic():
        made = Offering.objects.create(
            name="Ressort à la demande",
            organisation=organisation(),
            valid_from=first,
            state=Offering.State.PUBLISHED,
        )
        made.places.set(places)
        made.vehicles.set(fleet)
        for day in Hours.Day.values:
            opens, closes = (360, 1320) if day < 5 else (480, 1260)
            Hours.objects.create(offering=made, day=day, opens=opens, closes=closes)
        payload = {"version": made.version, "places": len(places), "vehicles": len(fleet)}
        record("transport.offering.published", actor="system:demo", payload=payload)
    return made
