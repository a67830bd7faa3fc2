"""The bytes of a file that somebody hands over, read as text whatever program wrote it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ressort.core import workbooks
from ressort.core.errors import Refused

MOST_BYTES = 1_000_000


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8 (with or without BOM) or Windows-1252; the first sheet of a workbook as CSV.

    Raises
    ------
    Refused
        If it is too big, a workbook that does not open, or in neither encoding.
    """
    if len(data) > MOST_BYTES:
        raise bad(
            _("le fichier dépasse %(most_bytes)s ko : coupez-le en plusieurs.")
            % {"most_bytes": MOST_BYTES // 1000}
        )
    if data.startswith(workbooks.MAGIC):
        try:
            return workbooks.text(data)
        except workbooks.UnreadableError as error:
            raise bad(str(error)) from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise bad(_("il est en UTF-16. Enregistrez-le en « CSV UTF-8 »."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise bad(
                _("ses caractères ne sont ni en UTF-8 ni en Windows-1252. Enregistrez-le en « CSV UTF-8 ».")
            ) from None
    if "\x00" in text:
        raise bad(_("ce n'est pas du texte."))
    if not text.strip():
        raise bad(_("il est vide. Partez du modèle."))
    return text


def bad(why: str) -> Refused:
    """Return the refusal of a file that cannot be read."""
    return Refused("bad-table", _("Ce fichier ne peut pas être lu : %(why)s") % {"why": why}, field="file")
