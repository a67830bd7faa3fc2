"""Work orders as a file of rows."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ressort.core.tables import Column, Table
from ressort.services.controlroom.orders.models import WorkOrder


def _moment(value: Any) -> str:
    return f"{localtime(value):%d/%m/%Y %H:%M}"


def table(found: Any) -> Table:
    """Return these orders as a table to take away."""
    columns = (
        Column("number", _("Numéro")),
        Column("title", _("Intervention")),
        Column("trade", _("Métier")),
        Column("priority", _("Priorité")),
        Column("state", _("État")),
        Column("who", _("Confiée à")),
        Column("address", _("Lieu")),
        Column("lon", _("Longitude"), plain=True),
        Column("lat", _("Latitude"), plain=True),
        Column("asset", _("Équipement")),
        Column("source", _("Origine")),
        Column("source_id", _("Numéro d'origine")),
        Column("created", _("Préparée"), write=_moment, plain=True),
        Column("due", _("À faire avant"), write=_moment, plain=True),
        Column("arrived", _("Arrivée"), write=_moment, plain=True),
        Column("finished", _("Fin"), write=_moment, plain=True),
        Column("minutes", _("Temps passé (min)"), plain=True),
        Column("did", _("Ce qui a été fait")),
        Column("reason", _("Raison")),
        Column("materials", _("Matériel")),
    )
    return Table(
        "work",
        _("Interventions"),
        columns,
        lambda: ((one, _values(one)) for one in found),
        lambda _v: (),
        lambda _r: None,
    )


def _values(one: WorkOrder) -> dict[str, Any]:
    names = ("number", "title", "who", "address", "lon", "lat", "source_id", "created", "due", "arrived", "finished", "minutes",
             "did", "reason", "materials")  # fmt: skip
    plain = {name: getattr(one, name) for name in names}
    return plain | {
        "trade": one.get_trade_display(),
        "priority": one.get_priority_display(),
        "state": one.get_state_display(),
        "source": one.get_source_display(),
        "asset": one.asset.code if one.asset else "",
    }
