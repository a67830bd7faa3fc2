"""The demonstration's service: stops chosen on any network, vans, drivers, the published offering, the accounts."""

from __future__ import annotations

import random
from datetime import date, timedelta

import numpy as np
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.timezone import localdate

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.fleet.models import Vehicle
from ressort.core.journal import record
from ressort.core.network import stops as stops_of
from ressort.core.network.models import NetworkVersion
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
    ("oscar@demo.ressort", "Oscar Vidal", "operator", "opérateur"),
    ("odile@demo.ressort", "Odile Perrin", "operator", "opératrice"),
    ("sacha@demo.ressort", "Sacha Morel", "operator", "opérateur d'un partenaire"),
    ("victor@demo.ressort", "Victor Blanc", "", "équipe de voirie"),
    ("elodie@demo.ressort", "Élodie Marchal", "", "équipe d'éclairage"),
    ("solene@demo.ressort", "Solène Barbier", "observer", "observatrice"),
    ("adele@demo.ressort", "Adèle Renard", "administrator", "administratrice"),
)
PARTNER = "Service d'incendie et de secours (fictif)"
"""Who is given incidents to read, and lent the bollards."""
AT_PARTNER = {"sacha@demo.ressort", "solene@demo.ressort"}
YEAR, HALF = timedelta(days=365), timedelta(days=180)
FEWEST = 24


def organisation() -> Organisation:
    """Return the operator of the demonstration."""
    return Organisation.objects.get_or_create(name="Ressort Mobilités", defaults={"kind": "operator"})[0]


def partner() -> Organisation:
    """Return the partner that looks on."""
    return Organisation.objects.get_or_create(name=PARTNER, defaults={"kind": "partner"})[0]


def accounts(drivers: int) -> None:
    """Each role has its account, operators two (some acts ask for two people), and as many played drivers as tours need."""
    home = organisation()
    people = list(ACCOUNTS)
    chance = random.Random(7)
    known = make_password(PASSWORD)  # made once for all: it is slow on purpose, and no secret here
    people += [
        (f"chauffeur{n:02}@demo.ressort", full_name(chance), "driver", "") for n in range(2, drivers + 1)
    ]
    for email, name, role, _ in people:
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User.objects.create_user(email, name=name, is_demo=True)
            if not email.startswith("chauffeur"):
                User.objects.filter(pk=user.pk).update(password=known)
        if email in AT_PARTNER:  # for a year
            end = {"until": clock.wall_now() + YEAR}
            Membership.objects.get_or_create(user=user, organisation=partner(), role=role, defaults=end)
        elif role:
            Membership.objects.get_or_create(user=user, organisation=home, role=role)


def reports() -> None:
    """Publish the usual categories of reports, entrusted to the operator of the demonstration."""
    if "controlroom" not in settings.SERVICES:
        return
    from ressort.services.controlroom.reports.actions import sorting

    sorting.start(User.objects.get(email="adele@demo.ressort"), organisation())


def clearances() -> None:
    """Lend the bollards to the partner for half a year."""
    if "controlroom" not in settings.SERVICES:
        return
    from ressort.services.controlroom.clearances import actions
    from ressort.services.controlroom.clearances.models import Clearance

    if Clearance.objects.exists():
        return
    chief, until = User.objects.get(email="adele@demo.ressort"), localdate(clock.wall_now()) + HALF
    reason = "Accès des secours aux rues piétonnes, convention annuelle"
    actions.grant(chief, organisation().pid, partner().pid, ["bollard"], until, reason)


PLAN = (
    ("person", "Nadia Ferrand", "adjointe à la sécurité", "03 53 01 21 02", None, "jour et nuit"),
    ("person", "Luc Aubert", "réserve communale", "03 53 01 21 03", None, "quarante bénévoles"),
    ("person", "Station de pompage", "eau potable", "03 53 01 21 04", None, ""),
    ("means", "Groupe électrogène", "énergie", "", 3, "au dépôt, sur remorque"),
    ("means", "Lits de camp", "accueil", "", 120, "au gymnase des Tilleuls"),
    ("means", "Tronçonneuses", "voirie", "", 8, "équipe de voirie"),
    ("place", "Gymnase des Tilleuls", "centre d'accueil", "03 53 01 21 05", 250, "clé à la mairie"),
    ("place", "Salle des fêtes", "centre d'accueil", "03 53 01 21 06", 180, "accessible en fauteuil"),
)


def plan() -> None:
    """Write a short safeguard plan."""
    if "controlroom" not in settings.SERVICES:
        return
    from ressort.services.controlroom.plan import actions
    from ressort.services.controlroom.plan.models import PlanEntry

    if PlanEntry.objects.exists():
        return
    names = ("kind", "name", "role", "phone", "quantity", "note")
    added = [actions.cleaned(dict(zip(names, row, strict=True))) for row in PLAN]
    actions.take(User.objects.get(email="adele@demo.ressort"), added, ())


def stops(version: NetworkVersion, wanted: int = 300) -> list[Place]:
    """Choose the stops of the service: bus stops of the network, then street corners where there are too few.

    Only points from which a van reaches the others and comes back are kept.
    """
    kept = stops_of.chosen(version, wanted)
    with transaction.atomic():
        return [
            Place.objects.create(
                kind=kind, name=name, lon=lon, lat=lat, commune=commune, accessible=True, source="demo"
            )
            for name, lon, lat, kind, commune in kept
        ]


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
