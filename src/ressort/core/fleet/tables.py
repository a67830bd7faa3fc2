"""Vehicles and shifts as exchanged tables."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core import cells
from ressort.core.accounts import people
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.fleet import actions, shifts
from ressort.core.fleet.models import Shift, Vehicle
from ressort.core.tables import Column, Row, Table, Values
from ressort.core.territory.models import Place

_ENERGY = {str(code): label for code, label in Vehicle.Energy.choices}

VEHICLES = (
    Column("name", gettext_lazy("nom"), cells.line(60), required=True, example="Minibus 1"),
    Column("organisation", gettext_lazy("organisation"), cells.line(160), help=gettext_lazy("Vide : la vôtre."), keep=True),
    Column("seats", gettext_lazy("places assises"), cells.whole(1, 60), str, empty=None, required=True, example="8", plain=True),
    Column("wheelchairs", gettext_lazy("fauteuils"), cells.whole(0, 12), str, empty=0, example="1", plain=True),
    Column("luggage", gettext_lazy("bagages"), cells.whole(0, 60), str, empty=0, example="6", plain=True),
    Column("depot", gettext_lazy("dépôt"), cells.line(200), required=True, help=gettext_lazy("Nom d'un dépôt déjà saisi."), example=gettext_lazy("Dépôt central")),
    Column("energy", gettext_lazy("énergie"), cells.choice(_ENERGY), cells.choice_words(_ENERGY), empty="electric", help=cells.choices_words(_ENERGY), example=gettext_lazy("électrique")),
    Column("range_m", gettext_lazy("autonomie (m)"), cells.whole(1_000, 2_000_000), str, empty=200_000, example="250000", plain=True),
    Column("active", gettext_lazy("en service"), cells.yes_no, cells.yes_no_words, empty=True, help=gettext_lazy("vide : oui"), example=gettext_lazy("oui")),
)  # fmt: skip


class _Vehicles:
    """The vehicles of the organisations that somebody manages."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.homes = {home.name: home for home in people.managed(self.user)}
        self.depots: dict[str, list[Place]] = {}
        for place in Place.objects.filter(kind=Place.Kind.DEPOT):
            self.depots.setdefault(" ".join(place.name.split()), []).append(place)
        self.usual = next(iter(self.homes), "")

    def rows(self) -> Iterable[tuple[Vehicle, Values]]:
        mine = Vehicle.objects.filter(organisation__in=[home.pk for home in self.homes.values()])
        for one in mine.select_related("organisation", "depot").order_by("name", "pk"):
            values = {column.key: getattr(one, column.key) for column in VEHICLES}
            yield one, values | {"organisation": one.organisation.name, "depot": one.depot.name}

    def keys(self, values: Values) -> Sequence[Hashable]:
        return [("name", str(values["name"]).casefold())]

    def fields(self, row: Row) -> dict[str, Any]:
        before = {title for title, __, __ in row.changes}
        wanted = {
            column.key: row.values[column.key]
            for column in VEHICLES
            if column.key in row.values and (row.present is None or str(column.title) in before)
        }
        wanted.pop("organisation", None)
        if "depot" in wanted:
            wanted["depot"] = self.depot(wanted["depot"])
        return wanted

    def depot(self, name: str) -> Place:
        found = self.depots.get(name, [])
        if len(found) != 1:
            why = _("Aucun dépôt ne porte ce nom") if not found else _("Plusieurs dépôts portent ce nom")
            raise Refused(
                "no-depot", _("%(why)s : corrigez parmi les arrêts et dépôts.") % {"why": why}, field="depot"
            )
        return found[0]

    def check(self, row: Row) -> None:
        home = row.values.get("organisation") or self.usual
        if home not in self.homes:
            raise Refused(
                "not-yours", _("Vous n'administrez pas d'organisation de ce nom."), field="organisation"
            )
        if row.present is not None and row.values.get("organisation", row.present.organisation.name) not in {
            "",
            row.present.organisation.name,
        }:
            raise Refused("other-home", _("Un véhicule ne change pas d'organisation."), field="organisation")
        wanted = actions.clean(self.fields(row), but=row.present.pk if row.present else None)
        if row.present is not None:
            actions.check_change(row.present, wanted)

    def write(self, found: list[Row]) -> None:
        added = [
            (self.homes[row.values.get("organisation") or self.usual], self.fields(row))
            for row in found
            if row.present is None
        ]
        actions.take(
            self.user, added, [(row.present, self.fields(row)) for row in found if row.present is not None]
        )


def vehicles(user: Any) -> Table:
    """Return the table of the vehicles of the organisations that ``user`` manages."""
    one = _Vehicles(user)
    return Table("vehicles", _("Véhicules"), VEHICLES, one.rows, one.keys, one.write, one.check)


SHIFTS = (
    Column("vehicle", gettext_lazy("véhicule"), cells.line(60), required=True, example="Minibus 1"),
    Column("day", gettext_lazy("jour"), cells.day, cells.day_words, empty=None, required=True, example="15/09/2026", plain=True),
    Column("opens", gettext_lazy("début"), cells.hour, cells.hour_words, empty=None, required=True, example="06:30", plain=True),
    Column("closes", gettext_lazy("fin"), cells.hour, cells.hour_words, empty=None, required=True, help=gettext_lazy("Avant le début : le lendemain matin."), example="14:00", plain=True),
    Column("driver", gettext_lazy("conducteur"), cells.line(254), help=gettext_lazy("Son adresse électronique ; vide : personne encore."), example="prenom.nom@exemple.fr"),
)  # fmt: skip


class _Shifts:
    """The shifts to come of the organisations that somebody manages."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.mine = [home.pk for home in people.managed(self.user)]
        self.vans = {van.name.casefold(): van for van in Vehicle.objects.filter(organisation__in=self.mine)}
        self.zone = ZoneInfo(settings.TIME_ZONE)

    def rows(self) -> Iterable[tuple[Shift, Values]]:
        coming = Shift.objects.filter(vehicle__organisation__in=self.mine, ends__gt=service_now())
        for one in coming.select_related("vehicle", "driver").order_by("starts", "vehicle__name"):
            starts, ends = one.starts.astimezone(self.zone), one.ends.astimezone(self.zone)
            if ends - starts > timedelta(hours=24) or starts.second or ends.second:
                continue  # made by a program: a cell could not say it
            yield (
                one,
                {
                    "vehicle": one.vehicle.name,
                    "day": starts.date(),
                    "opens": starts.time(),
                    "closes": ends.time(),
                    "driver": one.driver.email if one.driver else "",
                },
            )

    def keys(self, values: Values) -> Sequence[Hashable]:
        return [(str(values["vehicle"]).casefold(), values["day"], values["opens"])]

    def wanted(self, row: Row) -> shifts.Wanted:
        van = self.vans.get(str(row.values["vehicle"]).casefold())
        if van is None:
            raise Refused("unknown-vehicle", _("Aucun de vos véhicules ne porte ce nom."), field="vehicle")
        email = str(row.values.get("driver", "")).lower()
        driver = shifts.drivers(van.organisation_id).filter(email=email).first() if email else None
        if email and driver is None:
            raise Refused(
                "not-a-driver", _("Aucun conducteur de cette organisation n'a cette adresse."), field="driver"
            )
        return (van, *shifts.span(row.values["day"], row.values["opens"], row.values["closes"]), driver)

    def check(self, row: Row) -> None:
        if row.present is not None:
            if any(title != "conducteur" for title, __, __ in row.changes):
                raise Refused(
                    "shift-fixed",
                    _("Seul le conducteur d'un service se change ici : retirez-le et ajoutez-en un autre."),
                    field="closes",
                )
            self.wanted(row)
            return
        shifts.check(*self.wanted(row))

    def write(self, found: list[Row]) -> None:
        fresh = [self.wanted(row) for row in found if row.present is None]
        if fresh:
            shifts.add(self.user, fresh, source="file")
        for row in found:
            if row.present is not None:
                shifts.assign(self.user, row.present.pk, self.wanted(row)[3])


def planned_shifts(user: Any) -> Table:
    """Return the table of the shifts to come of the organisations that ``user`` manages."""
    one = _Shifts(user)
    return Table("shifts", _("Services des véhicules"), SHIFTS, one.rows, one.keys, one.write, one.check)
