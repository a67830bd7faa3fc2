"""Valmont-sur-Ressort: the one small town of the tests.

A grid of eight streets by eight avenues, 150 m apart, cut by a river with two bridges; a pedestrian place behind
bollards in the middle. Twelve stops, two vans and a wheelchair van, one offering on weekdays from 6 h to 22 h, a
rider (Rosa), a driver (Denis), a dispatcher (Diane), an agent (Agathe), an administrator (Adèle).
"""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

TUESDAY = datetime(2026, 9, 15, 5, 30, tzinfo=UTC)  # 07:30 in Paris
WEST, SOUTH = 5.0, 47.3
STEP_LON, STEP_LAT = 0.00198, 0.00135  # about 150 m
SIZE = 8
PASSWORD = "une-phrase-de-passe"
BRIDGES = {2, 5}
STOPS = [(0, 0), (3, 0), (7, 0), (1, 2), (5, 2), (7, 3), (0, 4), (4, 5), (6, 5), (1, 7), (4, 7), (7, 7)]


def at(column: float, row: float) -> tuple[float, float]:
    """Return the [lon, lat] of a crossing of the grid."""
    return WEST + column * STEP_LON, SOUTH + row * STEP_LAT


def osm() -> str:
    """Return the town as OpenStreetMap XML."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="tests">']
    special = {(3, 3): "barrier=bollard", (4, 3): "highway=traffic_signals", (2, 2): "highway=crossing"}
    for row in range(SIZE):
        for column in range(SIZE):
            lon, lat = at(column, row)
            tag = special.get((column, row), "")
            inner = '<tag k="{}" v="{}"/>'.format(*tag.split("=")) if tag else ""
            lines.append(
                f'<node id="{_node(column, row)}" lat="{lat:.6f}" lon="{lon:.6f}" version="1">{inner}</node>'
            )
    lines += _pois()
    number = 1000
    for row in range(SIZE):
        number += 1
        lines.append(
            _way(number, [_node(c, row) for c in range(SIZE)], f"Rue {_ORDINALS[row]}", "residential")
        )
    for column in range(SIZE):
        name = f"Avenue {_ORDINALS[column]}"
        for south, north in ((0, 3), (4, 7)):
            number += 1
            lines.append(_way(number, [_node(column, r) for r in range(south, north + 1)], name, "tertiary"))
        if column in BRIDGES:
            number += 1
            lines.append(
                _way(number, [_node(column, 3), _node(column, 4)], f"Pont {_ORDINALS[column]}", "tertiary")
            )
    lines.append("</osm>")
    return "\n".join(lines)


_ORDINALS = ["Alpha", "Bravo", "Charlie", "Delta", "Écho", "Foxtrot", "Golf", "Hôtel"]


def _node(column: int, row: int) -> int:
    return 1 + row * SIZE + column


def _way(number: int, nodes: list[int], name: str, kind: str) -> str:
    refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
    return (
        f'<way id="{number}" version="1">{refs}<tag k="highway" v="{kind}"/><tag k="name" v="{name}"/>'
        '<tag k="maxspeed" v="30"/></way>'
    )


def _pois() -> list[str]:
    found = []
    pois = [
        (3.5, 3.2, "amenity", "townhall", "Mairie de Valmont"),
        (6.5, 6.5, "amenity", "hospital", "Hôpital de Valmont"),
        (0.5, 0.5, "amenity", "fire_station", "Centre de secours"),
        (3.5, 3.5, "place", "town", "Valmont-sur-Ressort"),
    ]
    for index, (column, row, key, value, name) in enumerate(pois):
        lon, lat = at(column, row)
        tags = f'<tag k="{key}" v="{value}"/><tag k="name" v="{name}"/>'
        found.append(f'<node id="{500 + index}" lat="{lat:.6f}" lon="{lon:.6f}" version="1">{tags}</node>')
    for index in range(10):
        lon, lat = at(0.1 + index * 0.6, 0.1)
        tags = f'<tag k="addr:housenumber" v="{2 * index + 1}"/><tag k="addr:street" v="Rue Alpha"/>'
        found.append(f'<node id="{600 + index}" lat="{lat:.6f}" lon="{lon:.6f}" version="1">{tags}</node>')
    return found


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
        name = f"Arrêt {_ORDINALS[column]} {row + 1}"
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


def person(name: str) -> object:
    """Return one of the town's people by first name, without accents, in lower case."""
    from ressort.core.accounts.models import User

    return User.objects.get(pid=f"p_{name}")
