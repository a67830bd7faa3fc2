"""The plan as an exchanged table, from the workbook of a town hall."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core import cells
from ressort.core.accounts.actions import clean_phone
from ressort.core.tables import Column, Row, Table, Values, folded
from ressort.services.controlroom.plan import actions, queries
from ressort.services.controlroom.plan.models import PlanEntry

_KINDS = {str(kind): kind.label for kind in PlanEntry.Kind}


def _phone(text: str) -> str:
    """Read a phone number; a workbook drops the zero it begins with."""
    return clean_phone(f"0{text}" if re.fullmatch(r"[1-9]\d{8}", text) else text)


COLUMNS = (
    Column("kind", gettext_lazy("liste"), cells.choice(_KINDS), cells.choice_words(_KINDS), required=True, help=cells.choices_words(_KINDS), example=gettext_lazy("lieu")),
    Column("name", gettext_lazy("nom"), cells.line(120), required=True, example=gettext_lazy("Gymnase des Tilleuls")),
    Column("role", gettext_lazy("fonction ou sorte"), cells.line(120), example=gettext_lazy("centre d'accueil"), keep=True),
    Column("quantity", gettext_lazy("nombre ou capacité"), cells.whole(0, 1_000_000), str, empty=None, example="120", plain=True, keep=True),
    Column("phone", gettext_lazy("téléphone"), _phone, example="03 80 00 00 00", plain=True, keep=True),
    Column("other_phone", gettext_lazy("autre téléphone"), _phone, plain=True, keep=True),
    Column("email", gettext_lazy("adresse électronique"), cells.line(254), keep=True),
    Column("address", gettext_lazy("adresse"), cells.line(200), example=gettext_lazy("3 rue des Tilleuls"), keep=True),
    Column("lon", gettext_lazy("longitude"), cells.degrees(180), cells.degrees_words, empty=None, plain=True, keep=True),
    Column("lat", gettext_lazy("latitude"), cells.degrees(90), cells.degrees_words, empty=None, plain=True, keep=True),
    Column("note", gettext_lazy("précision"), cells.line(300), example=gettext_lazy("clé à la mairie"), keep=True),
)  # fmt: skip


class _Plan:
    """The plan of the organisation somebody writes for."""

    def __init__(self, user: Any) -> None:
        self.user = user

    def rows(self) -> Iterable[tuple[PlanEntry, Values]]:
        for one in queries.entries(self.user).filter(organisation=queries.home(self.user)):
            yield one, {column.key: getattr(one, column.key) for column in COLUMNS}

    def keys(self, values: Values) -> Sequence[Hashable]:
        return [(values["kind"], folded(values["name"] or ""), folded(values.get("role") or ""))]

    def words(self, row: Row) -> dict[str, Any]:
        there = {column.key: getattr(row.present, column.key) for column in COLUMNS} if row.present else {}
        return actions.cleaned(there | dict(row.values))

    def check(self, row: Row) -> None:
        self.words(row)

    def write(self, found: list[Row]) -> None:
        added = [self.words(row) for row in found if row.present is None]
        changed = [(row.present, self.words(row)) for row in found if row.present is not None]
        actions.take(self.user, added, changed)


def plan(user: Any) -> Table:
    """Return the safeguard plan of the organisation that ``user`` writes for."""
    one = _Plan(user)
    return Table("plan", _("Plan de sauvegarde"), COLUMNS, one.rows, one.keys, one.write, one.check)
