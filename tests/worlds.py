"""Valmont-sur-Ressort: the one small town of the tests.

Its streets are those of ``ressort.twin.town.village``. Twelve stops, two vans and a wheelchair van, one offering on weekdays from 6 h to 22 h, a
rider (Rosa), a driver (Denis), a dispatcher (Diane), an agent (Agathe), an administrator (Adèle).
"""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ressort.twin.town.village import ORDINALS, at, osm

TUESDAY = datetime(2026, 9, 15, 5, 30, tzinfo=UTC)  # 07:30 in Paris
PASSWORD = "une-phrase-de-passe"
STOPS = [(0, 0), (3, 0), (7, 0), (1, 2), (5, 2), (7, 3), (0, 4), (4, 5), (6, 5), (1, 7), (4, 7), (7, 7)]


def build() -> None:
    """Put the town into an empty database."""
    installation()
    network()
    people()
    service()


def installation() -> None:
    """Say that the installation is set up: its pages are open."""
    from ressort.core.clock import wall_now
    from ressort.core.installation import reading
    from ressort.core.installation.models import Installation

    now = wall_now()
    Installation.objects.update_or_create(id=1, defaults={"begun": now, "finished": now})
    reading.forget()


def network() -> None:
    """Load the streets through the same door as any other."""
    from ressort.core.network import build as networks

    file = Path(tempfile.mkdtemp(prefix="valmont-")) / "valmont.osm"
    file.write_text(osm(), encoding="utf-8")
    networks.load(file, name="Valmont-sur-Ressort")


def people() -> None:
    """One person per role."""
    from ressort.core.accounts.models import Membership, Organisation, User

    town = Organisation.objects.create(pid="o_valmont", name="Valmont Mobilités")
    for name, role in (
        ("Rosa", ""),
        ("Denis", "driver"),
        ("Diane", "dispatcher"),
        ("Agathe", "agent"),
        ("Adèle", "administrator"),
    ):
        email = f"{name.lower().replace('è', 'e')}@valmont.test"
        user = User.objects.create_user(
            email, PASSWORD, name=f"{name} Martin", pid=f"p_{email.split('@', maxsplit=1)[0]}"
        )
        if role:
            Membership.objects.create(user=user, organisation=town, role=role)


def service() -> None:
    """Stops, vans, shifts of one week, and the offering."""
    from ressort.core.accounts.models import Organisation, User
    from ressort.core.fleet import planning
    from ressort.core.fleet.models import Shift, Tour, Vehicle
    from ressort.core.network import matrices
    from ressort.core.territory.models import Place
    from ressort.services.transport.models import Hours, Offering

    town = Organisation.objects.get(pid="o_valmont")
    driver = User.objects.get(pid="p_denis")
    depot = Place.objects.create(kind="depot", name="Dépôt", lon=at(0, 1)[0], lat=at(0, 1)[1])
    stops = []
    for column, row in STOPS:
        lon, lat = at(column, row)
        name = f"Arrêt {ORDINALS[column]} {row + 1}"
        stops.append(Place.objects.create(kind="stop", name=name, lon=lon, lat=lat))
    offering = Offering.objects.create(
        name="Val'bus", state="published", organisation=town, valid_from=date(2026, 1, 1), walk_m=400
    )
    offering.places.set(stops)
    Hours.objects.bulk_create(Hours(offering=offering, day=day, opens=360, closes=1320) for day in range(5))
    for index, wheelchairs in enumerate((0, 0, 2)):
        vehicle = Vehicle.objects.create(
            pid=f"v_{index}", name=f"Van {index + 1}", organisation=town, seats=6, wheelchairs=wheelchairs,
            luggage=6, depot=depot,
        )  # fmt: skip
        offering.vehicles.add(vehicle)
        for day in range(7):
            start = datetime.combine(TUESDAY.date() + timedelta(days=day), time(6), ZoneInfo("Europe/Paris"))
            shift = Shift.objects.create(
                vehicle=vehicle,
                driver=driver if index == 0 else None,
                starts=start,
                ends=start + timedelta(hours=16),
            )
            Tour.objects.create(shift=shift)
    matrices.rebuild([(lon, lat) for _, lon, lat in planning.planning_places()], planning.PROFILE)


def reports() -> None:
    """What people may report: two categories, the second another organisation's; and an operator (Oscar)."""
    from ressort.core.accounts.models import Membership, Organisation, User
    from ressort.services.controlroom.reports.models import ReportCategory

    ours = Organisation.objects.get(pid="o_valmont")
    water = Organisation.objects.create(pid="o_eau", name="Régie des eaux")
    for rank, (code, name, group, who, days) in enumerate(
        (
            ("nid-de-poule", "Trou dans la chaussée", "Chaussée", ours, 10),
            ("eau", "Fuite d'eau", "", water, 2),
        )
    ):
        ReportCategory.objects.create(
            code=code, name=name, group=group, organisation=who, days=days, rank=rank
        )
    oscar = User.objects.create_user("oscar@valmont.test", PASSWORD, name="Oscar Vidal", pid="p_oscar")
    Membership.objects.create(user=oscar, organisation=ours, role="operator")


def person(name: str) -> object:
    """Return one of the town's people by first name, without accents, in lower case."""
    from ressort.core.accounts.models import User

    return User.objects.get(pid=f"p_{name}")
