"""The installation's logo: what is accepted, where it is kept. A picture that could run something is refused."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext as _

from ressort.core.errors import Refused

MOST = 300_000
"""Bytes of a logo, at most."""

KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
_PNG = b"\x89PNG\r\n\x1a\n"
_ELEMENTS = frozenset(
    [
        "svg",
        "g",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "title",
        "desc",
        "defs",
        "lineargradient",
        "radialgradient",
        "stop",
        "clippath",
        "mask",
        "use",
        "symbol",
        "style",
        "pattern",
        "metadata",
    ]
)
_ELSEWHERE = re.compile(r"url\s*\(\s*['\"]?\s*(?!#)|@import|expression\s*\(|javascript:|data:", re.IGNORECASE)


def folder() -> Path:
    """Return the folder of the logo."""
    return Path(settings.DATA_DIR, "branding")


def path(name: str) -> Path | None:
    """Return the file of a logo by its kept name, None when it is not there."""
    found = folder() / Path(name).name
    return found if name and found.is_file() else None


def keep(data: bytes) -> str:
    """Check a logo and keep it under the name of its content; return that name.

    Raises
    ------
    Refused
        ``bad-logo``, with what is wrong.
    """
    ending = check(data)
    name = f"logo-{hashlib.sha256(data).hexdigest()[:16]}{ending}"
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / name).write_bytes(data)
    return name


def check(data: bytes) -> str:
    """Return ``.svg`` or ``.png``.

    Raises
    ------
    Refused
        If it is neither, too big, or an SVG that holds more than shapes and words.
    """
    if len(data) > MOST:
        raise _bad(_("il pèse plus de %(most)s ko. Réduisez-le.") % {"most": MOST // 1000})
    if data.startswith(_PNG):
        return _png(data)
    if b"<svg" in data[:4000]:
        _svg(data)
        return ".svg"
    raise _bad(_("ce n'est ni un SVG ni un PNG. Exportez-le dans l'un de ces deux formats."))


def _png(data: bytes) -> str:
    if len(data) < 24 or data[12:16] != b"IHDR" or b"IEND" not in data[-16:]:
        raise _bad(_("ce PNG est incomplet. Enregistrez-le à nouveau."))
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if not (16 <= width <= 4000 and 16 <= height <= 4000):
        raise _bad(
            _("il mesure %(width)s × %(height)s points ; de 16 à 4 000 de côté sont acceptés.")
            % {"width": width, "height": height}
        )
    return ".png"


def _svg(data: bytes) -> None:
    """Refuse an SVG with scripts, handlers, foreign content, entities, or addresses elsewhere."""
    if b"<!DOCTYPE" in data.upper() and b"<!ENTITY" in data.upper():
        raise _bad(_("ce SVG définit des entités. Exportez-le en « SVG simple »."))
    try:
        parser = ET.XMLParser()  # noqa: S314 - entities are refused above, and the size is bounded
        root = ET.fromstring(data, parser)  # noqa: S314
    except (ET.ParseError, expat.ExpatError, ValueError, LookupError):
        raise _bad(_("ce SVG n'est pas du XML lisible. Exportez-le à nouveau.")) from None
    if _local(root.tag) != "svg":
        raise _bad(_("ce SVG ne commence pas par une image."))
    for element in root.iter():
        tag = _local(element.tag)
        if tag not in _ELEMENTS and not _foreign(element.tag):
            raise _bad(
                _("ce SVG contient « %(tag)s », qui peut agir ou charger autre chose. Retirez-le.")
                % {"tag": tag[:30]}
            )
        if tag == "style" and _ELSEWHERE.search(element.text or ""):
            raise _bad(_("la feuille de style de ce SVG charge quelque chose d'ailleurs. Retirez-la."))
        for name, value in element.attrib.items():
            _attribute(_local(name), value)


def _attribute(name: str, value: str) -> None:
    if name.startswith("on"):
        raise _bad(_("ce SVG contient un script (« %(name)s »). Retirez-le.") % {"name": name[:30]})
    if name in {"href", "src"} and not value.strip().startswith("#"):
        raise _bad(_("ce SVG renvoie à une autre adresse. Incorporez l'image en tracés."))
    if _ELSEWHERE.search(value):
        raise _bad(_("ce SVG renvoie à une autre adresse. Incorporez l'image en tracés."))


def _local(tag: object) -> str:
    return str(tag).rsplit("}", 1)[-1].lower() if isinstance(tag, str) else "?"


def _foreign(tag: object) -> bool:
    """Tell whether an element is of a drawing program's own vocabulary, which browsers do not act upon."""
    space = str(tag).partition("}")[0].lstrip("{") if isinstance(tag, str) and tag.startswith("{") else ""
    return bool(space) and space not in {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/1999/xlink",
    }


def _bad(why: str) -> Refused:
    return Refused("bad-logo", _("Ce logo ne peut pas servir : %(why)s") % {"why": why}, field="logo")
