"""Equipment as an exchanged table, from CSV or GeoJSON, and from the inventory of the street network."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core import cells
from ressort.core.accounts import people
from ressort.core.accounts.policy import authorise
from ressort.core.decoding import bad, decode
from ressort.core.errors import Refused
from ressort.core.network.models import Feature, NetworkVersion
from ressort.core.retold import in_both
from ressort.core.tables import Column, Row, Table, Values, folded
from ressort.services.controlroom.equipment import approaches, registering, witnesses
from ressort.services.controlroom.equipment.drivers import choices as drivers
from ressort.services.controlroom.equipment.kinds import CHOICES, KINDS
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.equipment.witness_models import Witness

_KINDS: dict[Any, str | Promise] = dict(CHOICES)
_UPKEEP = {str(state): state.label for state in Asset.Upkeep}


def _verbs(text: str) -> list[str]:
    return sorted({word for word in text.replace(",", " ").split() if word})


def _driver(text: str) -> str:
    known = {folded(str(label)): name for name, label in drivers().items()} | {
        name: name for name in drivers()
    }
    if folded(text) not in known:
        names = ", ".join(str(label) for label in drivers().values())
        raise ValueError(_("Écrivez l'un de ces mots : %(values)s.") % {"values": names})
    return known[folded(text)]


def _approaches(text: str) -> dict[str, list[int]]:
    """Read the headings by which vehicles arrive, branch by branch: ``1: 12 192; 2: 102 282``."""
    found: dict[str, list[int]] = {}
    for part in filter(str.strip, text.split(";")):
        number, colon, headings = part.partition(":")
        given = headings.replace(",", " ").replace("°", " ").split()
        good = (
            colon
            and number.strip() in _BRANCHES
            and number.strip() not in found
            and 1 <= len(given) <= 4
            and all(one.isascii() and one.isdigit() and len(one) <= 3 and int(one) <= 360 for one in given)
        )
        if not good:
            raise ValueError(
                _(
                    "Écrivez branche : caps d'arrivée en degrés, par exemple « 1: 12 192; 2: 102 282 ». "
                    "Branches de 1 à 8, caps de 0 à 360."
                )
            )
        found[number.strip()] = [int(one) % 360 for one in given]
    return dict(sorted(found.items()))


def _approaches_words(found: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{number}: {' '.join(map(str, headings))}" for number, headings in sorted(found.items())
    )


_BRANCHES = frozenset(map(str, range(1, 9)))
COLUMNS = (
    Column("code", gettext_lazy("code"), cells.line(60), required=True, help=gettext_lazy("Votre numéro, qui commence par une lettre."), example="borne-12"),
    Column("kind", gettext_lazy("classe"), cells.choice(_KINDS), cells.choice_words(_KINDS), required=True, help=cells.choices_words(_KINDS), example=gettext_lazy("borne")),
    Column("name", gettext_lazy("nom"), cells.line(120), required=True, example=gettext_lazy("Borne rue de la Liberté")),
    Column("lon", gettext_lazy("longitude"), cells.degrees(180), cells.degrees_words, empty=None, required=True, example="5.041470", plain=True),
    Column("lat", gettext_lazy("latitude"), cells.degrees(90), cells.degrees_words, empty=None, required=True, example="47.321580", plain=True),
    Column("organisation", gettext_lazy("organisation"), cells.line(160), help=gettext_lazy("Vide : la vôtre."), keep=True),
    Column("parent", gettext_lazy("rattaché à"), cells.line(60), help=gettext_lazy("Code de l'armoire ou du carrefour."), example="armoire-3", keep=True),
    Column("device", gettext_lazy("capteur"), cells.line(60), help=gettext_lazy("Code sous lequel il envoie ses mesures."), example="borne-12", keep=True),
    Column("approaches", gettext_lazy("branches"), _approaches, _approaches_words, empty={}, help=gettext_lazy("D'un carrefour à feux : par quels caps on arrive à chaque branche, en degrés. Vide : inchangé."), example="1: 12 192; 2: 102 282", keep=True),
    Column("witness", gettext_lazy("témoin"), cells.line(100), help=gettext_lazy("Un autre capteur qui voit la même chose : capteur, ou capteur/grandeur. Vide : inchangé."), example="camera-3", keep=True),
    Column("capabilities", gettext_lazy("commandes"), _verbs, " ".join, empty=[], help=gettext_lazy("Vide : toutes celles de sa classe."), example="lower raise auto", keep=True),
    Column("driver", gettext_lazy("pilote"), _driver, lambda name: str(drivers().get(name, name)), help=gettext_lazy("Vide : on l'écoute sans le commander."), keep=True),
    Column("upkeep", gettext_lazy("entretien"), cells.choice(_UPKEEP), cells.choice_words(_UPKEEP), empty="in_service", help=cells.choices_words(_UPKEEP), keep=True),
)  # fmt: skip


class _Register:
    """The equipment of the organisations that somebody manages."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.homes = {home.name: home for home in people.managed(user)}
        self.usual = next(iter(self.homes), "")
        self.codes: set[str] = set()
        self.heard: dict[str, str] = {}

    def rows(self) -> Iterable[tuple[Asset, Values]]:
        self.codes = set(Asset.objects.values_list("code", flat=True))
        self.heard = dict(Asset.objects.exclude(device=None).values_list("device__code", "code"))
        mine = Asset.objects.filter(organisation__in=[home.pk for home in self.homes.values()])
        seen = {
            one.asset_id: witnesses.written(one)
            for one in Witness.objects.select_related("series__device", "asset")
        }
        for one in mine.select_related("organisation", "parent", "device").order_by("code"):
            values = {
                column.key: getattr(one, column.key)
                for column in COLUMNS
                if column.key not in {"witness", "approaches"}
            }
            yield (
                one,
                values
                | {
                    "organisation": one.organisation.name,
                    "parent": one.parent.code if one.parent else "",
                    "device": one.device.code if one.device else "",
                    "witness": seen.get(one.pk, ""),
                    "approaches": _kept(one),
                },
            )

    def keys(self, values: Values) -> Sequence[Hashable]:
        self.codes.add(values["code"])  # a row may hang from another of the same file
        return [("code", values["code"])]

    def fields(self, row: Row) -> dict[str, Any]:
        before = {title for title, __, __ in row.changes}
        wanted = {
            column.key: row.values[column.key]
            for column in COLUMNS
            if column.key in row.values and (row.present is None or str(column.title) in before)
        }
        wanted.pop("organisation", None)
        return wanted

    def check(self, row: Row) -> None:
        home = row.values.get("organisation") or self.usual
        if home not in self.homes:
            raise Refused(
                "not-yours", _("Vous n'administrez pas d'organisation de ce nom."), field="organisation"
            )
        code = row.values["code"]
        if row.present is None and code in self._foreign():
            raise Refused("code-taken", _("Ce code est déjà celui d'un autre équipement."), field="code")
        wanted = registering.clean(self.fields(row), row.present)
        parent, device = wanted.get("parent", ""), wanted.get("device", "")
        if parent and (parent == code or parent not in self.codes):
            raise Refused(
                "no-parent",
                _("Aucun équipement ne porte ce code, ni ici ni dans le fichier."),
                field="parent",
            )
        if device and self.heard.get(device, code) != code:
            raise Refused(
                "device-taken", _("Ce capteur est déjà celui d'un autre équipement."), field="device"
            )
        if device:
            self.heard[device] = code

    def _foreign(self) -> set[str]:
        mine = [home.pk for home in self.homes.values()]
        return set(Asset.objects.exclude(organisation__in=mine).values_list("code", flat=True))

    def write(self, found: list[Row]) -> None:
        added = [
            (self.homes[row.values.get("organisation") or self.usual], self.fields(row))
            for row in found
            if row.present is None
        ]
        changed = [(row.present, self.fields(row)) for row in found if row.present is not None]
        registering.take(self.user, added, changed, source="file")


def _kept(asset: Asset) -> dict[str, list[int]]:
    """Return the approaches of a junction as a file tells them; what no file could say is left out."""
    found: dict[str, list[int]] = {}
    for number, heading in approaches.declared(asset):
        if str(number) in _BRANCHES:
            found.setdefault(str(number), []).append(round(heading) % 360)
    return found


def equipment(user: Any) -> Table:
    """Return the table of the equipment of the organisations that ``user`` manages."""
    one = _Register(user)
    return Table("equipment", _("Équipements"), COLUMNS, one.rows, one.keys, one.write, one.check)


def as_table(data: bytes) -> bytes:
    """Return a GeoJSON file of points as the CSV that says the same; anything else as it is.

    Properties are named as the columns are, in code or in either language.
    """
    text = decode(data)
    if not text.lstrip().startswith("{"):
        return data
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise bad(_("ce n'est ni un CSV ni du GeoJSON lisible.")) from None
    features = document.get("features")
    if not isinstance(features, list):
        raise bad(_("ce GeoJSON n'est pas une collection d'objets (FeatureCollection)."))
    out = io.StringIO(newline="")
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    used = [column for column in COLUMNS if column.key in {"lon", "lat"} or _used(column, features)]
    sheet.writerow([str(column.title) for column in used])
    for feature in features:
        sheet.writerow(_cells(used, feature))
    return out.getvalue().encode()


def _names(column: Column) -> set[str]:
    return {folded(column.key), *(folded(title) for title in in_both(column.title))}


def _properties(feature: Any) -> dict[str, Any]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return {folded(str(name)): value for name, value in found.items()} if isinstance(found, dict) else {}


def _used(column: Column, features: list[Any]) -> bool:
    return any(_names(column) & set(_properties(feature)) for feature in features)


def _cells(used: list[Column], feature: Any) -> list[str]:
    properties = _properties(feature)
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    point = (
        geometry.get("coordinates")
        if isinstance(geometry, dict) and geometry.get("type") == "Point"
        else None
    )
    place = {}
    if isinstance(point, list) and len(point) >= 2:
        place = {"lon": point[0], "lat": point[1]}
    row = []
    for column in used:
        value = place.get(column.key) if column.key in {"lon", "lat"} else None
        if value is None:
            value = next(
                (properties[name] for name in _names(column) if properties.get(name) is not None), ""
            )
        row.append(_cell_of(value))
    return row


def _cell_of(value: Any) -> str:
    """Return a value of a GeoJSON file as the words of a cell; an object of lists as approaches are written."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_cell_of(one)}" for name, one in value.items()).replace("\x00", "")
    words = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return words.replace("\x00", "")


# ------------------------------------------------------------------ from the inventory

_INVENTORY = {"signal": ("signal_junction", "feux"), "bollard": ("bollard", "borne")}
_NEAR_M = 25.0


def inventory(user: Any) -> list[tuple[str, str, str, float, float]]:
    """Return signals and bollards of the street network that no equipment stands for yet: code, kind, name, place.

    Signals of one junction are mapped one by one: those within twenty-five metres are one.
    """
    authorise(user, "controlroom.equipment.manage")
    version = NetworkVersion.objects.filter(state=NetworkVersion.State.ACTIVE).first()
    if version is None:
        return []
    taken = list(
        Asset.objects.filter(kind__in=("signal_junction", "bollard")).values_list("kind", "lon", "lat")
    )
    grid: dict[tuple[str, int, int], list[tuple[float, float]]] = {}
    for kind, lon, lat in taken:
        grid.setdefault(_cell(kind, lon, lat), []).append((lon, lat))
    found = []
    rows = Feature.objects.filter(version=version, kind__in=_INVENTORY).order_by("ref", "pk")
    for feature in rows.iterator(1000):
        kind, word = _INVENTORY[feature.kind]
        if _near(grid, kind, feature.lon, feature.lat):
            continue
        grid.setdefault(_cell(kind, feature.lon, feature.lat), []).append((feature.lon, feature.lat))
        code = f"{word}-{''.join(c if c.isalnum() else '-' for c in feature.ref) or feature.pk}"[:60]
        name = feature.name or f"{KINDS[kind].label} {feature.commune}".strip()
        found.append((code, kind, name[:120], feature.lon, feature.lat))
    known = set(Asset.objects.values_list("code", flat=True))
    return [row for row in found if row[0] not in known]


def _cell(kind: str, lon: float, lat: float) -> tuple[str, int, int]:
    return kind, math.floor(lon * 2000), math.floor(lat * 3000)


def _near(
    grid: dict[tuple[str, int, int], list[tuple[float, float]]], kind: str, lon: float, lat: float
) -> bool:
    __, x, y = _cell(kind, lon, lat)
    metres = 111_320 * math.cos(math.radians(lat))
    for i in (x - 1, x, x + 1):
        for j in (y - 1, y, y + 1):
            for one, other in grid.get((kind, i, j), ()):
                if math.hypot((one - lon) * metres, (other - lat) * 111_320) < _NEAR_M:
                    return True
    return False


def take_inventory(user: Any) -> int:
    """Add what :func:`inventory` found; return how many. They are neither heard nor commanded until somebody says how."""
    home = next(iter(people.managed(user)), None)
    if home is None:
        raise Refused("no-organisation", _("Vous n'administrez aucune organisation."), status=403)
    added = [
        (home, {"code": code, "kind": kind, "name": name, "lon": lon, "lat": lat})
        for code, kind, name, lon, lat in inventory(user)
    ]
    if not added:
        raise Refused("no-change", _("Tout l'inventaire est déjà là."), status=409)
    return len(registering.take(user, added, source="osm"))
