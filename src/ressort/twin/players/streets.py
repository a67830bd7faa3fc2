"""The street furniture of the demonstration: what stands where, and how it lives through the day.

Posts, junctions, signs and lights are the control room's own simulated devices; counters, air sensors and car parks
follow the hour of the day. All of it is seeded and goes in by the same path as any device.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np

from ressort.core.accounts.models import Organisation, User
from ressort.core.intake.observing import observe
from ressort.core.network.models import Feature, NetworkVersion, Street
from ressort.engines.geodesy import distances
from ressort.services.controlroom.equipment import playing, registering
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.transport.access import local
from ressort.twin.players.rescue import rescue, stations

SIGNALS, BOLLARDS = 14, 10
WITNESSED = 4  # the first posts, the siren and the first sign are seen by a second device
EVERY = 60  # service seconds between two words of a sensor
_NAMES = (
    "de la Gare",
    "des Halles",
    "du Port",
    "de la Mairie",
    "du Théâtre",
    "du Lac",
    "du Stade",
    "de l'Hôpital",
)


class Streets:
    """Plays the devices, and knows when each sensor spoke last."""

    def __init__(self) -> None:
        self.spoke = 0.0
        self.moving = False

    def play(self, now: datetime, *, draw: bool = True) -> None:
        """Let simulated devices live, and sensors speak when it is time; all at that pace when nobody looks."""
        due = not 0 <= now.timestamp() - self.spoke < EVERY
        rescue.drive(now)
        if draw or due:
            playing.play(now, lambda one: _on_the_loop(one, now))
            self.moving = playing.is_moving()
        if due:
            self.spoke = now.timestamp()
            sensors = Asset.objects.filter(source="twin", driver="", device__isnull=False).select_related(
                "device"
            )
            observe([item for one in sensors for item in _words(one, now)])

    def hurry(self, now: datetime) -> None:
        """Let devices answer between two looks at the town, when something was asked of them or one is moving."""
        rescue.drive(now)
        if self.moving or playing.is_asked():
            playing.play(now, lambda one: _on_the_loop(one, now))
            self.moving = playing.is_moving()


streets = Streets()


def _on_the_loop(asset: Asset, now: datetime) -> bool:
    """Tell whether a vehicle stands before a post: about one minute in twelve, never the same for two posts."""
    return asset.kind == "bollard" and (int(now.timestamp()) // 45 + 7 * asset.pk) % 16 == 0


def _words(asset: Asset, now: datetime) -> Iterator[dict[str, Any]]:
    chance = random.Random(f"{asset.code}-{int(now.timestamp()) // EVERY}")
    busy = _rush(local(now).hour + local(now).minute / 60)
    code = asset.device.code if asset.device else ""
    size = 0.6 + random.Random(asset.code).random()
    said: dict[str, float | bool] = {}
    match asset.kind:
        case "traffic_counter":
            flow = max(0, round(1100 * size * busy + chance.gauss(0, 40)))
            said = {"flow": flow, "speed": round(48 - 22 * busy + chance.gauss(0, 2), 1)}
            said["occupancy"] = round(min(95, 4 + 34 * busy * size), 1)
        case "air_sensor":
            said = {"no2": round(max(1, 14 + 42 * busy * size + chance.gauss(0, 3)), 1)}
            said |= {"pm10": round(max(1, 12 + 14 * busy + chance.gauss(0, 2)), 1)}
            said["temperature"] = round(13 + 6 * math.sin((local(now).hour - 9) / 24 * 2 * math.pi), 1)
        case "car_park":
            places = int(asset.parameters.get("capacity", 300))
            said = {"free": max(0, round(places * (0.92 - 0.85 * busy) + chance.gauss(0, 6)))}
        case "cabinet":
            said = {"supply": True}
        case "vehicle":
            said = {"available": True}
    for name, value in said.items():
        yield {"device": code, "property": name, "value": value, "at": now}


def _rush(hour: float) -> float:
    """Return how busy streets are, 0 to 1: two peaks and a quiet night."""
    peaks = math.exp(-(((hour - 8) / 1.4) ** 2)) + math.exp(-(((hour - 17.6) / 1.8) ** 2))
    day = 0.45 if 7 <= hour <= 20 else 0.06
    return min(1.0, day + 0.55 * peaks)


def install(version: NetworkVersion) -> int:
    """Put a few dozen devices on the streets of the demonstration; return how many. Again, it does nothing."""
    if Asset.objects.filter(source="twin").exists():
        return 0
    home = Organisation.objects.get(
        memberships__role="operator", memberships__user__email="oscar@demo.ressort"
    )
    adele = User.objects.get(email="adele@demo.ressort")
    added = [(home, fields) for fields in [*_mapped(version), *_around(version)]]
    made = registering.take(adele, added, source="twin")
    playing.install()
    return len(made)


def _mapped(version: NetworkVersion) -> Iterator[dict[str, Any]]:
    """Yield signals and posts where the map has some, spread over it."""
    for kind, asset_kind, word, name, most in (
        ("signal", "signal_junction", "feux", "Carrefour", SIGNALS),
        ("bollard", "bollard", "borne", "Borne", BOLLARDS),
    ):
        rows = Feature.objects.filter(version=version, kind=kind).order_by("number").values_list("lon", "lat")
        found = list(rows[:2000]) or _invented(version, asset_kind)
        headings = _headings(version) if asset_kind == "signal_junction" else None
        for number, (lon, lat) in enumerate(found[:: max(1, len(found) // most)][:most], 1):
            fields = _fields(f"{word}-{number}", asset_kind, f"{name} {number}", lon, lat)
            if asset_kind == "bollard" and number <= WITNESSED:
                fields["witness"] = f"oeil-{word}-{number}"
            yield fields | ({"parameters": headings(lon, lat)} if headings else {})


def _headings(version: NetworkVersion) -> Callable[[float, float], dict[str, Any]]:
    """Return what tells the approaches of a junction: the main road as the nearest street runs, the other across."""
    lines = [
        line
        for lines in Street.objects.filter(version=version).values_list("lines", flat=True)
        for line in lines
    ]
    ends = np.array(
        [[*one[:2], *other[:2]] for line in lines for one, other in pairwise(line)], dtype=np.float64
    ).reshape(-1, 4)

    def of(lon: float, lat: float) -> dict[str, Any]:
        if not len(ends):
            return {}
        middles = (ends[:, :2] + ends[:, 2:]) / 2
        west, south, east, north = ends[int(np.argmin(distances(lon, lat, middles[:, 0], middles[:, 1])))]
        across, along = (east - west) * math.cos(math.radians(lat)), north - south
        heading = round(math.degrees(math.atan2(across, along))) % 180
        return {"approaches": {"1": [heading, heading + 180], "2": [heading + 90, (heading + 270) % 360]}}

    return of


def _invented(version: NetworkVersion, seed: str) -> list[tuple[float, float]]:
    """Return three points around the middle of a map that shows none."""
    west, south, east, north = version.bounds
    chance = random.Random(seed)
    return [
        (west + (east - west) * chance.uniform(0.4, 0.6), south + (north - south) * chance.uniform(0.4, 0.6))
        for _ in range(3)
    ]


def _around(version: NetworkVersion) -> Iterator[dict[str, Any]]:
    """Yield the other devices, around the middle of the map."""
    west, south, east, north = version.bounds
    chance = random.Random(11)
    middle = ((west + east) / 2, (south + north) / 2)

    def spot() -> tuple[float, float]:
        return (
            round(chance.gauss(middle[0], (east - west) / 18), 6),
            round(chance.gauss(middle[1], (north - south) / 18), 6),
        )

    for kind, word, name, count, driver in (
        ("traffic_counter", "comptage", "Comptage", 8, ""),
        ("air_sensor", "air", "Air", 4, ""),
        ("car_park", "parc", "Parking", 3, ""),
        ("message_sign", "panneau", "Panneau", 3, "simulated"),
        ("siren", "sirene", "Sirène", 1, "simulated"),
    ):
        for number in range(1, count + 1):
            fields = _fields(
                f"{word}-{number}",
                kind,
                f"{name} {_NAMES[(number - 1) % len(_NAMES)]}",
                *spot(),
                driver=driver,
            )
            if kind in {"siren", "message_sign"} and number == 1:
                fields["witness"] = f"oeil-{word}-1"
            if kind == "car_park":
                fields["parameters"] = {"capacity": 180 + 120 * number}
            yield fields
    for number, place in enumerate(stations(version, middle), 1):
        yield _fields(f"vsav-{number}", "vehicle", f"VSAV {number}", *place, driver="")
    lon, lat = spot()
    yield _fields("armoire-1", "cabinet", "Armoire du quai", lon, lat, driver="")
    for number in range(1, 9):
        step = (number - 4.5) * 0.0004
        yield {
            **_fields(
                f"lampe-{number}", "street_light", f"Lampe du quai {number}", lon + step, lat + step / 3
            ),
            "parent": "armoire-1",
        }


def _fields(
    code: str, kind: str, name: str, lon: float, lat: float, *, driver: str = "simulated"
) -> dict[str, Any]:
    return {
        "code": code,
        "kind": kind,
        "name": name,
        "lon": lon,
        "lat": lat,
        "device": code,
        "driver": driver,
    }
