"""Load a territory from the official table of communes (npm package ``@etalab/decoupage-administratif``).

The table holds codes, names, members, populations and postal codes, no geometry: contours come from a GeoJSON file,
centres from those contours, from the table of the demo, or from the places of a street network.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely
from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.errors import Refused
from ressort.core.journal import declare, record
from ressort.core.territory.models import Scale, Territory

LOADED = declare(
    "territory.loaded",
    "Territoire chargé : {communes} communes, {population} habitants.",
    "communes",
    "population",
)
_CODES = ("code", "insee", "INSEE", "INSEE_COM", "insee_com", "code_insee", "codgeo", "CODGEO", "com_code")
_PACKAGE = Path(__file__).resolve().parents[2]


def table_folder() -> Path:
    """Return the folder of the official table: the copy shipped with the product, else the checkout's packages.

    Raises
    ------
    Refused
        ``no-administrative-table`` when neither is there.
    """
    for place in (
        _PACKAGE / "web" / "static" / "vendor" / "decoupage-administratif",
        _PACKAGE.parents[1] / "node_modules" / "@etalab" / "decoupage-administratif" / "data",
    ):
        for folder in (place, place / "data"):
            if (folder / "communes.json").is_file() and (folder / "epci.json").is_file():
                return folder
    raise Refused(
        "no-administrative-table",
        _("La table officielle des communes n'est pas installée. Lancez : make setup"),
        status=503,
    )


@lru_cache(maxsize=4)
def _table(name: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads((table_folder() / f"{name}.json").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Choice:
    """An intercommunality of the official table."""

    siren: str
    name: str
    communes: tuple[str, ...]
    population: int


def search_epci(text: str, limit: int = 12) -> list[Choice]:
    """Return the intercommunalities whose name or SIREN, or one of whose communes, is what was typed; best first."""
    asked = _folded(text)
    if len(asked) < 2:
        return []
    found: list[tuple[int, int, Mapping[str, Any]]] = []
    for row in _table("epci"):
        name, members = _folded(row["nom"]), [_folded(member["nom"]) for member in row["membres"]]
        rank = (
            0 if asked in {row["code"], name}
            else 1 if name.startswith(asked) or row["code"].startswith(asked)
            else 2 if asked in name or asked in members
            else 3 if len(asked) > 2 and any(member.startswith(asked) for member in members)
            else 9
        )  # fmt: skip
        if rank < 9:
            found.append((rank, -int(row.get("populationTotale", 0) or 0), row))
    found.sort(key=lambda hit: hit[:2])
    return [_choice(row) for *__, row in found[:limit]]


def find_epci(siren: str) -> Choice | None:
    """Return one intercommunality of the official table."""
    row = next((row for row in _table("epci") if row["code"] == siren), None)
    return _choice(row) if row else None


def _choice(row: Mapping[str, Any]) -> Choice:
    names = tuple(sorted((member["nom"] for member in row["membres"]), key=_folded))
    return Choice(row["code"], row["nom"], names, int(row.get("populationTotale", 0) or 0))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c))))


def load_epci(
    siren: str,
    geojson: Path | None = None,
    *,
    centres: Mapping[str, tuple[float, float]] | None = None,
    actor: str = "system:territory",
) -> Territory:
    """Load an intercommunalité and its communes; loading it again brings it up to date.

    Parameters
    ----------
    siren : str
        Nine digits: 242100410 for Dijon Métropole.
    geojson : Path, optional
        FeatureCollection of commune contours, with a property ``code``, ``insee``, ``INSEE_COM`` …
    centres : mapping, optional
        INSEE code -> ``(lon, lat)``, for the communes without contour.
    actor : str
        Who asked, for the journal.

    Returns
    -------
    Territory
        Of scale ``epci``; its communes are its ``children``.

    Raises
    ------
    Refused
        ``unknown-epci``, ``bad-geojson``, ``contours-elsewhere`` or ``no-administrative-table``.
    """
    found = next((row for row in _table("epci") if row["code"] == siren), None)
    if found is None:
        raise Refused(
            "unknown-epci",
            _("Aucune intercommunalité n'a le SIREN « %(siren)s » : neuf chiffres, par exemple 242100410.")
            % {"siren": siren},
            status=404,
            field="epci",
        )
    codes = {member["code"] for member in found["membres"]}
    communes = [
        row for row in _table("communes") if row["code"] in codes and row["type"] == "commune-actuelle"
    ]
    contours = read_contours(geojson, codes) if geojson is not None else {}
    with transaction.atomic():
        epci, __ = Territory.objects.update_or_create(
            code=siren,
            defaults={
                "name": found["nom"],
                "scale": Scale.EPCI,
                "population": sum(row.get("population", 0) for row in communes),
                "postal_codes": [],
            },
        )
        for row in communes:
            _commune(epci, row, contours.get(row["code"], ""), (centres or {}).get(row["code"]))
        epci.children.exclude(code__in=codes).update(parent=None)
        _centre(epci)
        payload = {"communes": len(communes), "population": epci.population}
        record(LOADED.name, actor=actor, subject=f"epci_{siren}", payload=payload, territory=siren)
    return epci


def _commune(
    epci: Territory, row: Mapping[str, Any], contour: str, centre: tuple[float, float] | None
) -> None:
    values: dict[str, Any] = {
        "name": row["nom"],
        "scale": Scale.COMMUNE,
        "parent": epci,
        "population": row.get("population", 0),
        "postal_codes": row.get("codesPostaux", []),
    }
    if contour:
        inside = shapely.from_geojson(contour).centroid
        values |= {"contour": contour, "lon": round(inside.x, 6), "lat": round(inside.y, 6)}
    if centre is not None:
        values |= {"lon": centre[0], "lat": centre[1]}
    Territory.objects.update_or_create(code=row["code"], defaults=values)


def _centre(epci: Territory) -> None:
    """Put the centre of the whole where its people are."""
    rows = [
        (c.lon, c.lat, max(1, c.population))
        for c in epci.children.all()
        if c.lon is not None and c.lat is not None
    ]
    if rows:
        people = sum(weight for *__, weight in rows)
        epci.lon = round(sum(lon * weight for lon, __, weight in rows) / people, 6)
        epci.lat = round(sum(lat * weight for __, lat, weight in rows) / people, 6)
        epci.save(update_fields=["lon", "lat"])


def read_contours(file: Path, codes: set[str]) -> dict[str, str]:
    """Return the contour of each commune found in a GeoJSON file, as GeoJSON text.

    Raises
    ------
    Refused
        ``bad-geojson`` or ``contours-elsewhere``, with the place of the fault.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refused(
            "bad-geojson", _("Le fichier « %(file)s » n'existe pas.") % {"file": file}, field="geojson"
        ) from error
    except (OSError, ValueError) as error:
        raise Refused(
            "bad-geojson",
            _("« %(name)s » n'est pas du GeoJSON lisible : %(error)s.") % {"name": file.name, "error": error},
            field="geojson",
        ) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise Refused(
            "bad-geojson",
            _("« %(name)s » n'est pas une FeatureCollection.") % {"name": file.name},
            field="geojson",
        )
    found: dict[str, str] = {}
    for number, feature in enumerate(features, 1):
        properties = (feature.get("properties") if isinstance(feature, dict) else None) or {}
        code = next((str(properties[key]) for key in _CODES if key in properties), "")
        if code in codes:
            found[code] = _contour(
                feature.get("geometry"), f"« {file.name} », objet {number} (commune {code})"
            )
    if not found:
        names = ", ".join(_CODES[:4])
        raise Refused(
            "contours-elsewhere",
            _("« %(name)s » ne contient aucune commune de ce territoire (propriétés cherchées : %(names)s…).")
            % {"name": file.name, "names": names},
            field="geojson",
        )
    return found


def _contour(geometry: Any, where: str) -> str:
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except shapely.errors.ShapelyError as error:
        raise Refused(
            "bad-geojson", _("%(where)s : géométrie illisible.") % {"where": where}, field="geojson"
        ) from error
    if shape is None or shape.geom_type not in {"Polygon", "MultiPolygon"} or shape.is_empty:
        raise Refused(
            "bad-geojson", _("%(where)s : un polygone est attendu.") % {"where": where}, field="geojson"
        )
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise Refused(
            "bad-geojson",
            _("%(where)s : coordonnées hors du globe ; attendues en degrés WGS 84.") % {"where": where},
            field="geojson",
        )
    valid = shape if shape.is_valid else shape.buffer(0)
    return str(shapely.to_geojson(valid))


def from_places(
    name: str,
    places: list[tuple[str, float, float, int]],
    *,
    code: str = "osm",
    actor: str = "system:territory",
) -> Territory:
    """Make a territory out of the populated places of a street network, when no official one is given.

    Parameters
    ----------
    name : str
        Shown to people.
    places : list of (name, lon, lat, population)
        Largest first; at least one.
    code : str
        Code of the territory; its communes are ``code-1``, ``code-2`` …

    Raises
    ------
    Refused
        ``no-places`` when the list is empty.
    """
    if not places:
        raise Refused(
            "no-places", _("Ce réseau ne nomme aucune ville ni village : indiquez le territoire avec --epci.")
        )
    with transaction.atomic():
        whole, __ = Territory.objects.update_or_create(
            code=code,
            defaults={"name": name, "scale": Scale.EPCI, "population": sum(people for *__, people in places)},
        )
        kept = []
        for rank, (called, lon, lat, people) in enumerate(places, 1):
            values = {
                "name": called,
                "scale": Scale.COMMUNE,
                "parent": whole,
                "population": people,
                "lon": lon,
                "lat": lat,
            }
            child, __ = Territory.objects.update_or_create(code=f"{code}-{rank}", defaults=values)
            kept.append(child.pk)
        whole.children.exclude(pk__in=kept).delete()
        _centre(whole)
        payload = {"communes": len(places), "population": whole.population}
        record(LOADED.name, actor=actor, subject=code, payload=payload, territory=code)
    return whole
