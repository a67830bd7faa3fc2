"""Files joined to incidents: what they are, read in their bytes; where they are kept; how they are named."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.utils.translation import gettext as _

from ressort.core.errors import Refused

MOST = 10_000_000
"""Bytes of a file, at most."""
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}
_STRANGE = re.compile(r"[^\w .()'\-]+")


def folder() -> Path:
    """Return the folder of the files."""
    return Path(settings.DATA_DIR, "incidents")


def sniff(data: bytes) -> str:
    """Return what a file is, from its first and last bytes.

    Raises
    ------
    Refused
        If it is empty, too big, cut, or neither a picture nor a PDF.
    """
    if not data:
        raise _bad(_("il est vide."))
    if len(data) > MOST:
        raise _bad(_("il pèse plus de %(most)d Mo. Réduisez-le.") % {"most": MOST // 1_000_000})
    if data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in data[-4096:]:
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in data[-64:]:
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]:
        return "application/pdf"
    raise _bad(
        _(
            "ce n'est ni une photo (JPEG, PNG, WebP) ni un PDF entier. Enregistrez-le dans l'un de ces formats."
        )
    )


def _bad(why: str) -> Refused:
    return Refused("bad-file", _("Ce fichier ne peut pas être joint : %(why)s") % {"why": why}, field="file")


def safe_name(name: str, mime: str) -> str:
    """Return a name that is only a name: no folder, no control, no direction mark, the ending of what it is."""
    base = unicodedata.normalize("NFC", str(name)).replace("\\", "/").rsplit("/", 1)[-1]
    stem = _STRANGE.sub(" ", base.rsplit(".", 1)[0] if "." in base else base)
    stem = " ".join(stem.split()).strip(" .")[:80] or "piece"
    return f"{stem}.{ENDINGS[mime]}"


def keep(data: bytes) -> str:
    """Keep a file under the digest of its content; return the digest."""
    digest = hashlib.sha256(data).hexdigest()
    target = path(digest)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=target.parent, delete=False) as part:
            part.write(data)
        os.replace(part.name, target)  # noqa: PTH105 - whole or not at all, also when the power goes
    return digest


def path(digest: str) -> Path:
    """Return where the file of a digest is."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("not a digest")
    return folder() / digest[:2] / digest


def erase(digest: str) -> None:
    """Erase a file."""
    path(digest).unlink(missing_ok=True)
