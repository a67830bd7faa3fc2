"""Incidents as a file of rows."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ressort.core.tables import Column, Table
from ressort.services.controlroom.incidents.models import Incident


def _moment(value: Any) -> str:
    return f"{localtime(value):%d/%m/%Y %H:%M}"


def table(found: Any) -> Table:
    """Return these incidents as a table to take away."""
    columns = (
        Column("number", _("Numéro")),
        Column("exercise", _("Exercice"), write=lambda value: _("EXERCICE") if value else ""),
        Column("title", _("Titre")),
        Column("category", _("Catégorie")),
        Column("priority", _("Priorité")),
        Column("state", _("État")),
        Column("address", _("Lieu")),
        Column("lon", _("Longitude"), plain=True),
        Column("lat", _("Latitude"), plain=True),
        Column("opened", _("Ouvert"), write=_moment, plain=True),
        Column("take_by", _("À prendre en charge avant"), write=_moment, plain=True),
        Column("taken", _("Pris en charge"), write=_moment, plain=True),
        Column("solve_by", _("À résoudre avant"), write=_moment, plain=True),
        Column("closed", _("Clos"), write=_moment, plain=True),
        Column("outcome", _("Issue")),
        Column("situation", _("Situation")),
    )
    return Table(
        "incidents",
        _("Incidents"),
        columns,
        lambda: ((one, _values(one)) for one in found),
        lambda _v: (),
        lambda _r: None,
    )


def _values(one: Incident) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in
             ("number", "exercise", "title", "address", "lon", "lat", "opened", "take_by", "taken", "solve_by", "closed")}  # fmt: skip
    return plain | {
        "category": one.get_category_display(),
        "priority": one.get_priority_display(),
        "state": one.get_state_display(),
        "outcome": one.get_outcome_display() if one.outcome else "",
        "situation": str(one.situation.told) if one.situation else "",
    }
