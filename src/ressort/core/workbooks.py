"""The first sheet of a workbook (.xlsx, .xls, .ods) as the CSV that says the same: rows keep their numbers."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine
from django.utils.translation import gettext as _

MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
MOST_ROWS = 5_002
"""One header, the rows of a table, and one more: whoever reads them says that they are too many."""
MOST_COLUMNS = 200
MOST_OPENED = 40_000_000
"""Bytes of a workbook once unpacked: a few kilobytes can hold gigabytes."""


class UnreadableError(ValueError):
    """A workbook that cannot be read; its words say why."""


def text(data: bytes) -> str:
    """Return the first sheet that holds something, as CSV.

    Raises
    ------
    UnreadableError
        If it is no workbook, is protected, or is too big once opened.
    """
    if data.startswith(MAGIC[0]):
        _weigh(data)
    try:
        with calamine.load_workbook(io.BytesIO(data)) as book:
            sheets = (book.get_sheet_by_index(n) for n in range(len(book.sheet_names)))
            sheet = next((one for one in sheets if one.height), None)
            if sheet is None:
                raise UnreadableError(_("ce classeur est vide. Partez du modèle."))
            if sheet.width > MOST_COLUMNS:
                raise UnreadableError(_("sa première feuille a trop de colonnes. Partez du modèle."))
            rows = sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS)
    except calamine.PasswordError:
        raise UnreadableError(
            _("ce classeur est protégé par un mot de passe. Enregistrez-le sans, ou en CSV.")
        ) from None
    except (calamine.CalamineError, OSError):
        raise UnreadableError(_("ce classeur ne s'ouvre pas. Enregistrez-le en « CSV ».")) from None
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(
        [_words(cell) for cell in row] for row in rows
    )
    return out.getvalue()


def _weigh(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            opened = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile:
        raise UnreadableError(_("ce classeur ne s'ouvre pas. Enregistrez-le en « CSV ».")) from None
    if opened > MOST_OPENED:
        raise UnreadableError(_("ce classeur est trop gros une fois ouvert. Coupez-le en plusieurs."))


def _words(cell: Any) -> str:
    """Return a cell as somebody would type it."""
    if isinstance(cell, bool):
        return _("oui") if cell else _("non")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, date):  # a datetime is one too
        clock = f"{cell: %H:%M}" if isinstance(cell, datetime) and cell.time() != time() else ""
        return f"{cell:%d/%m/%Y}{clock}"
    if isinstance(cell, timedelta):
        hours, minutes = divmod(round(cell.total_seconds() / 60), 60)
        return f"{hours:02}:{minutes:02}"
    return f"{cell:%H:%M}" if isinstance(cell, time) else str(cell)
