"""Categories of reports as an exchanged table."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core import cells
from ressort.core.accounts.models import Organisation
from ressort.core.tables import Column, Row, Table, Values
from ressort.services.controlroom.reports.actions import sorting
from ressort.services.controlroom.reports.models import ReportCategory


def _organisation(text: str) -> str:
    if not Organisation.objects.filter(name__iexact=text).exists():
        raise ValueError(
            _("Aucune organisation ne s'appelle « %(name)s » : écrivez-la comme dans l'administration.")
            % {"name": text[:60]}
        )
    return text


COLUMNS = (
    Column("code", gettext_lazy("code"), cells.line(40), required=True, example="nid-de-poule"),
    Column("name", gettext_lazy("nom"), cells.line(80), required=True, example=gettext_lazy("Trou dans la chaussée")),
    Column("group", gettext_lazy("famille"), cells.line(60), example=gettext_lazy("Chaussée et trottoirs")),
    Column("organisation", gettext_lazy("organisation responsable"), _organisation, required=True, example=gettext_lazy("Direction des routes")),
    Column("days", gettext_lazy("délai promis en jours"), cells.whole(1, sorting.MOST_DAYS), required=True, example="10", plain=True),
    Column("help", gettext_lazy("précision"), cells.line(200)),
    Column("words", gettext_lazy("autres mots"), cells.line(200), example=gettext_lazy("nid de poule, route abîmée")),
    Column("rank", gettext_lazy("ordre"), cells.whole(0, 30_000), empty=100, example="10", plain=True),
    Column("active", gettext_lazy("proposée au public"), cells.yes_no, cells.yes_no_words, empty=True, help=gettext_lazy("vide : oui"), example=gettext_lazy("oui")),
)  # fmt: skip


def categories(user: Any) -> Table:
    """Return the table of categories, for somebody who may change them."""

    def rows() -> Iterable[tuple[ReportCategory, Values]]:
        for one in ReportCategory.objects.select_related("organisation").order_by("rank", "code"):
            values = {column.key: getattr(one, column.key) for column in COLUMNS}
            yield one, values | {"organisation": one.organisation.name}

    def keys(values: Values) -> Sequence[Hashable]:
        return [("code", str(values["code"]).lower())]

    def check(row: Row) -> None:
        sorting.clean({key: value for key, value in row.values.items() if key != "organisation"})

    def write(found: list[Row]) -> None:
        fields = [(row.present, _fields(row.values)) for row in found]
        sorting.take(
            user,
            [values for present, values in fields if present is None],
            [(present, values) for present, values in fields if present is not None],
            source="file",
        )

    return Table("categories", _("Catégories de signalement"), COLUMNS, rows, keys, write, check)


def _fields(values: Values) -> dict[str, Any]:
    made = dict(values)
    made["organisation"] = Organisation.objects.filter(name__iexact=made["organisation"]).first()
    return made
