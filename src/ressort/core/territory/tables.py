"""Stops and depots as an exchanged table."""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core import cells
from ressort.core.errors import Refused
from ressort.core.tables import Column, Row, Table, Values
from ressort.core.territory import actions
from ressort.core.territory.models import Place

_KINDS = {str(kind): kind.label for kind in actions.KINDS}


def _identifier(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise ValueError(_("Laissez l'identifiant tel que l'export le donne, ou la cellule vide.")) from None


COLUMNS = (
    Column(
        "id", gettext_lazy("identifiant"), _identifier, help=gettext_lazy("Donné par l'export ; vide pour un nouvel arrêt."), plain=True, keep=True
    ),
    Column("name", gettext_lazy("nom"), cells.line(200), required=True, example=gettext_lazy("Mairie")),
    Column(
        "kind", gettext_lazy("type"), cells.choice(_KINDS), cells.choice_words(_KINDS), empty="stop", help=gettext_lazy("arrêt, arrêt virtuel, dépôt"), example=gettext_lazy("arrêt")
    ),
    Column("lon", gettext_lazy("longitude"), cells.degrees(180), cells.degrees_words, empty=None, required=True, example="5.041470", plain=True),
    Column("lat", gettext_lazy("latitude"), cells.degrees(90), cells.degrees_words, empty=None, required=True, example="47.321580", plain=True),
    Column("commune", gettext_lazy("commune"), cells.line(100), example="Dijon"),
    Column(
        "accessible", gettext_lazy("accessible"), cells.yes_no, cells.yes_no_words, empty=None, help=gettext_lazy("oui, non, ou vide si personne ne sait"), example=gettext_lazy("oui")
    ),
    Column("active", gettext_lazy("en service"), cells.yes_no, cells.yes_no_words, empty=True, help=gettext_lazy("vide : oui"), example=gettext_lazy("oui")),
)  # fmt: skip


def stops(user: Any) -> Table:
    """Return the table of stops and depots, for somebody who may change them."""

    def rows() -> Iterable[tuple[Place, Values]]:
        for place in Place.objects.filter(kind__in=actions.KINDS).order_by("kind", "name", "pk"):
            yield place, {"id": str(place.public_id)} | {c.key: getattr(place, c.key) for c in COLUMNS[1:]}

    def keys(values: Values) -> Sequence[Hashable]:
        named = ("name", values["kind"], values["name"])
        return [("id", values["id"]), named] if values["id"] else [named]

    def check(row: Row) -> None:
        if row.values.get("id") and (row.present is None or str(row.present.public_id) != row.values["id"]):
            raise Refused(
                "unknown-stop",
                _("Aucun arrêt n'a cet identifiant : videz la cellule pour en créer un."),
                field="id",
            )
        wanted = actions.clean(_fields(row))
        if row.present is not None:
            actions.check_change(row.present, wanted)

    def write(found: list[Row]) -> None:
        actions.take(
            user,
            [_fields(row) for row in found if row.present is None],
            [(row.present, _fields(row)) for row in found if row.present is not None],
            source="file",
        )

    return Table("stops", _("Arrêts et dépôts"), COLUMNS, rows, keys, write, check)


def _fields(row: Row) -> dict[str, Any]:
    """Return the fields a row sets; what is written as before stays as it is, to the last decimal."""
    before = {title for title, __, __ in row.changes}
    return {
        column.key: row.values[column.key]
        for column in COLUMNS[1:]
        if column.key in row.values and (row.present is None or str(column.title) in before)
    }
