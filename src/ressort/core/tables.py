"""Tables that people exchange as CSV: declared once as columns, then read, checked, compared with what is there, applied.

A :class:`Table` says which columns a kind of thing has and how its rows are recognised; everything else – separators,
encodings, headers, faults told by line and column, the dry run, the export that reads back to the same – is here.
Cells that a spreadsheet would take for a formula are written behind an apostrophe and read without it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.decoding import bad, decode
from ressort.core.errors import Refused, Words
from ressort.core.retold import in_both

MOST_ROWS = 5_000
_FORMULA = re.compile(r"^'*[=+\-@\t\r]")

type Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    key, title : str
        Name in code, and header of the file.
    read : callable
        From the words of a cell (never empty) to a value; raises ``ValueError`` with a French sentence.
    write : callable
        From a value to the words of a cell; ``read(write(value))`` is the value.
    empty : object
        Value of an empty cell.
    required : bool
        An empty cell is a fault, and so is a file without the column.
    help, example : str
        For the page and the template.
    plain : bool
        Numbers and dates: never written behind an apostrophe.
    keep : bool
        An empty cell says nothing: what is there stays.
    """

    key: str
    title: Words
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    empty: Any = ""
    required: bool = False
    help: Words = ""
    example: Words = ""
    plain: bool = False
    keep: bool = False

    def words(self, value: Any) -> str:
        """Return a value as the words of its cell."""
        return "" if value is None or value == "" else self.write(value)

    def settled(self, value: Any) -> str:
        """Return the words of a value once written and read again: what two values are compared by."""
        words = self.words(value)
        try:
            return self.words(self.read(words)) if words else self.words(self.empty)
        except (Refused, ValueError):  # kept before today's rules: it compares as it is
            return words


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, where, and what to do. ``column`` is a header, empty for the whole row."""

    line: int
    column: str
    sentence: str


@dataclass(slots=True)
class Row:
    """A row of a file beside what is there.

    Attributes
    ----------
    state : str
        ``new``, ``changed``, ``same`` or ``refused``.
    present : object
        What is there, as the table's ``rows`` gave it; None for a new one.
    changes : list of (title, before, after)
    heard : str
        The cells as they were written, for people.
    """

    line: int
    values: dict[str, Any]
    state: str = "new"
    present: Any = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of thing that can be exchanged.

    Parameters
    ----------
    name, title : str
        ``stops``, « Arrêts ».
    columns : sequence of Column
    rows : callable
        Returns what is there: pairs (thing, values by key).
    keys : callable
        From values to the keys by which a row is recognised, the surest first; several things may share a weak one.
    write : callable
        ``write(rows)`` writes the new and changed rows and records one event, inside the caller's transaction.
    check : callable, optional
        ``check(row)`` raises :class:`Refused` (its ``field`` names a column) for what columns cannot see alone.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Callable[[], Iterable[tuple[Any, Values]]]
    keys: Callable[[Values], Sequence[Hashable]]
    write: Callable[[list[Row]], None]
    check: Callable[[Row], None] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a file would do: its rows, each with its state."""

    rows: tuple[Row, ...]

    def of(self, state: str) -> list[Row]:
        """Return the rows of a state."""
        return [row for row in self.rows if row.state == state]

    @property
    def faults(self) -> list[Fault]:
        """Everything that is wrong, in the order of the file."""
        return [fault for row in self.rows for fault in row.faults]

    @property
    def ready(self) -> bool:
        """Tell whether it can be applied: nothing wrong, something to do."""
        return not self.faults and any(row.state in {"new", "changed"} for row in self.rows)


# ------------------------------------------------------------------ writing


def export(table: Table) -> bytes:
    """Return what is there as CSV: ``;``, UTF-8 with BOM, as French spreadsheets open it."""
    return _written(table, (values for __, values in table.rows()))


def template(table: Table) -> bytes:
    """Return a file with the headers and one example row."""
    out = io.StringIO(newline="")
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow([str(column.title) for column in table.columns])
    sheet.writerow([_guarded(column, str(column.example)) for column in table.columns])
    return out.getvalue().encode("utf-8-sig")


def _written(table: Table, rows: Iterable[Values]) -> bytes:
    out = io.StringIO(newline="")
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow([str(column.title) for column in table.columns])
    for values in rows:
        sheet.writerow([_guarded(column, column.words(values[column.key])) for column in table.columns])
    return out.getvalue().encode("utf-8-sig")


def _guarded(column: Column, words: str) -> str:
    return f"'{words}" if not column.plain and _FORMULA.match(words) else words


def _bare(column: Column, words: str) -> str:
    return words[1:] if not column.plain and words.startswith("'") and _FORMULA.match(words) else words


# ------------------------------------------------------------------ reading


def folded(text: str) -> str:
    """Return a header without accents, case, nor what is around words."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c))))


def read(table: Table, data: bytes) -> Comparison:
    """Read a file and compare it with what is there; nothing is written.

    Raises
    ------
    Refused
        If it is no table at all. Faults of single rows are in the comparison.
    """
    text = decode(data)
    columns, lines = _lines(table, text)
    present = list(table.rows())
    known: dict[Hashable, list[tuple[Any, Values]]] = {}
    for thing, values in present:
        for key in table.keys(values):
            known.setdefault(key, []).append((thing, values))
    rows: list[Row] = []
    seen: dict[Hashable, int] = {}
    for number, cells in lines:
        row = _row(columns, number, cells)
        if not row.faults:
            _compare(table, row, known, seen)
        rows.append(row)
    if not rows:
        raise bad(_("il n'a que des titres, aucune ligne."))
    return Comparison(tuple(rows))


def apply(table: Table, data: bytes) -> Comparison:
    """Read a file again and write what it changes, in one transaction.

    Raises
    ------
    Refused
        If anything is wrong in it, or nothing would change.
    """
    with transaction.atomic():
        found = read(table, data)
        if found.faults:
            raise Refused(
                "table-faults",
                _("Rien n'a été changé. À corriger d'abord dans ce fichier : %(faults)s.")
                % {"faults": len(found.faults)},
                status=409,
            )
        if not found.ready:
            raise Refused("no-change", _("Ce fichier ne change rien : tout est déjà ainsi."), status=409)
        table.write([row for row in found.rows if row.state in {"new", "changed"}])
    return found


def _lines(table: Table, text: str) -> tuple[list[Column], list[tuple[int, list[str]]]]:
    head = next(line for line in text.splitlines() if line.strip())
    titles = {folded(title): column for column in table.columns for title in in_both(column.title)}

    def found(separator: str) -> int:
        return sum(folded(cell) in titles for cell in next(csv.reader([head], delimiter=separator)))

    separator = max(";,\t", key=found)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        start = 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error:
        raise bad(
            _("la ligne %(line_num)s est mal formée : un guillemet n'est pas refermé.")
            % {"line_num": reader.line_num}
        ) from None
    (__, heads), *rest = lines
    if len(rest) > MOST_ROWS:
        raise bad(_("il a plus de %(most_rows)s lignes : coupez-le en plusieurs.") % {"most_rows": MOST_ROWS})
    columns = []
    for cell in heads:
        column = titles.get(folded(cell))
        if column is None:
            names = ", ".join(str(column.title) for column in table.columns)
            raise bad(
                _("la colonne « %(column)s » n'est pas connue. Colonnes possibles : %(names)s.")
                % {"column": cell.strip()[:40], "names": names}
            )
        if column in columns:
            raise bad(_("la colonne « %(title)s » y est deux fois.") % {"title": column.title})
        columns.append(column)
    if missing := [column.title for column in table.columns if column.required and column not in columns]:
        raise bad(_("il manque la colonne « %(missing)s ». Partez du modèle.") % {"missing": missing[0]})
    return columns, rest


def _row(columns: list[Column], number: int, cells: list[str]) -> Row:
    row = Row(number, {}, heard=", ".join(words for cell in cells if (words := cell.strip()))[:160])
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        row.faults.append(
            Fault(
                number,
                "",
                _("Cette ligne a %(cells)s cellules pour %(columns)s colonnes : un séparateur est en trop.")
                % {"cells": len(cells), "columns": len(columns)},
            )
        )
    for column, cell in zip(columns, [*cells, *[""] * len(columns)], strict=False):
        words = _bare(column, cell.strip())
        if not words:
            if not column.keep:
                row.values[column.key] = column.empty
            if column.required:
                row.faults.append(
                    Fault(number, str(column.title), _("Cette cellule est vide : remplissez-la."))
                )
            continue
        try:
            row.values[column.key] = column.read(words)
        except (Refused, ValueError) as error:
            sentence = error.sentence if isinstance(error, Refused) else str(error)
            row.faults.append(Fault(number, str(column.title), sentence))
    if row.faults:
        row.state = "refused"
    return row


def _compare(
    table: Table, row: Row, known: Mapping[Hashable, list[tuple[Any, Values]]], seen: dict[Hashable, int]
) -> None:
    whole = {column.key: column.empty for column in table.columns} | row.values
    keys = list(table.keys(whole))
    if keys and keys[0] in seen:
        _refuse(row, "", _("Cette ligne répète la ligne %(seen)s : gardez-en une.") % {"seen": seen[keys[0]]})
        return
    seen.update(dict.fromkeys(keys[:1], row.line))
    values: Values | None = None
    for key in keys:
        if matches := known.get(key):
            if len(matches) > 1:
                _refuse(row, "", _("Plusieurs portent ce nom : indiquez l'identifiant donné par l'export."))
                return
            row.present, values = matches[0]
            break
    if values is not None:
        row.changes += _changes(table, values, row)
        row.state = "changed" if row.changes else "same"
    if table.check and row.state != "same":
        try:
            table.check(row)
        except Refused as refused:
            title = next((str(c.title) for c in table.columns if c.key == refused.field), "")
            _refuse(row, title, refused.sentence)


def _changes(table: Table, values: Values, row: Row) -> list[tuple[str, str, str]]:
    found = []
    for column in table.columns:
        if column.key in row.values:
            before, after = column.settled(values[column.key]), column.words(row.values[column.key])
            if before != after:
                found.append((str(column.title), before, after))
    return found


def _refuse(row: Row, column: str, sentence: str) -> None:
    row.state = "refused"
    row.faults.append(Fault(row.line, column, sentence))
