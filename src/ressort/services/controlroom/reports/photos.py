"""Photographs that people send: recognised by their bytes, bounded, drawn again without what the device wrote in them."""

from __future__ import annotations

import io
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from ressort.core.errors import Refused

MOST_BYTES = 12_000_000
MOST_PIXELS = 60_000_000
"""Above it a small file could fill the memory once opened."""
SIDE = 1600
"""Longest side of what is kept: enough to see a hole, too little to recognise somebody far away."""
QUALITY = 80
KINDS = ("JPEG", "PNG", "WEBP")
ACCEPT = "image/jpeg,image/png,image/webp"
_NAME = re.compile(r"[0-9a-f]{32}\.jpg")
_SIGNS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
_STRAY = 3600.0  # seconds after which a file that no row knows was left by a transaction that failed


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph as it is kept: JPEG bytes without metadata, and its size."""

    data: bytes
    width: int
    height: int


def _kind(data: bytes) -> str:
    for sign, kind in _SIGNS.items():
        if data.startswith(sign):
            return kind
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def drawn(data: bytes) -> Photo:
    """Return a photograph drawn again: upright, at most :data:`SIDE` pixels, nothing but its pixels.

    Raises
    ------
    Refused
        If it is too big, or not a JPEG, PNG or WebP picture that can be read.
    """
    if len(data) > MOST_BYTES:
        raise Refused(
            "photo-too-big",
            _("Cette photo dépasse %(most)s Mo : prenez-la moins grande, ou envoyez sans photo.")
            % {"most": MOST_BYTES // 1_000_000},
            status=413,
            field="photo",
        )
    kind = _kind(data)
    if not kind:
        raise _unreadable()
    try:
        with Image.open(io.BytesIO(data), formats=(kind,)) as found:
            if found.width * found.height > MOST_PIXELS:
                raise _unreadable()
            found.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(found).convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, UnidentifiedImageError) as error:
        raise _unreadable() from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _unreadable() from error
    upright.thumbnail((SIDE, SIDE))
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())  # no EXIF, no comment, no colour profile
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), *bare.size)


def _unreadable() -> Refused:
    return Refused(
        "bad-photo",
        _("Ce fichier n'est pas une photo que nous savons lire : envoyez une image JPEG, PNG ou WebP."),
        field="photo",
    )


def folder() -> Path:
    """Return the folder of the photos."""
    return Path(settings.DATA_DIR, "photos")


def path(name: str) -> Path:
    """Return the file of a photo, spread over 256 folders."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name} is not the name of a photo")
    return folder() / name[:2] / name


def keep(photo: Photo) -> str:
    """Write a photo to its own file and return its name."""
    name = f"{secrets.token_hex(16)}.jpg"
    file = path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(photo.data)
    return name


def drop(name: str) -> None:
    """Erase the file of a photo; nothing happens if it is gone already."""
    path(name).unlink(missing_ok=True)


def tidy() -> int:
    """Erase files that no row knows; return how many."""
    from ressort.services.controlroom.orders.models import WorkPhoto
    from ressort.services.controlroom.reports.models import ReportPhoto

    files = {file.name: file for file in folder().glob("*/*.jpg")} if folder().exists() else {}
    known: set[str] = set()
    for rows in (ReportPhoto.objects.all(), WorkPhoto.objects.all()):
        known |= set(rows.filter(name__in=list(files)).values_list("name", flat=True))
    count = 0
    for name in files.keys() - known:
        if time.time() - files[name].stat().st_mtime > _STRAY:
            files[name].unlink(missing_ok=True)
            count += 1
    return count
