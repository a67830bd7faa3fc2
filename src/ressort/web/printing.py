"""Documents to print: one function, :func:`pdf`, over typst templates of the house.

What people typed goes in as JSON and is only ever shown as text: a template never evaluates it. Every document is
PDF/UA-1 (tagged, titled, with its language), in the installation's name and colour.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import segno
import typst
from django.http import HttpResponse
from django.utils.translation import get_language

from ressort.core.installation import branding, reading
from ressort.core.notify import sending
from ressort.web import words

FOLDER = Path(__file__).with_name("printed")
TEMPLATES = {path.stem for path in FOLDER.glob("*.typ")} - {"house"}
_DRAWN = re.compile(
    "[^\\n\u0020-\u007e\u00a0-\u024f\u0370-\u03ff\u0400-\u045f\u1e00-\u1eff"
    "\u2010-\u2027\u202f-\u2040\u20a0-\u20bf\u2190-\u2199\u2212\u25a1]"
)
"""What the font has no drawing for: PDF/UA refuses a text that cannot be read."""
INK = "#1f4e79"
"""Colour of headings where the installation chose none."""


def pdf(template: str, data: dict[str, Any]) -> bytes:
    """Return a printed document.

    Parameters
    ----------
    template : str
        Name of a file of ``web/printed``.
    data : dict
        JSON of what it shows; ``title`` is needed. ``link`` becomes a QR code, and so does that of each of ``sheets``.

    Raises
    ------
    LookupError
        If there is no such template.
    """
    if template not in TEMPLATES:
        raise LookupError(f"no printed template {template}")
    inputs = _readable({**_house(), **data})
    if link := data.get("link"):
        inputs["qr"] = _qr(link)
    for sheet in inputs.get("sheets", ()):  # a bundle: each sheet its own code
        sheet["qr"] = _qr(sheet["link"])
    found = typst.compile(
        str(FOLDER / f"{template}.typ"),
        root=str(FOLDER),
        font_paths=[],
        ignore_system_fonts=True,  # the same paper on every machine
        format="pdf",
        sys_inputs={"data": json.dumps(inputs, ensure_ascii=True)},
        pdf_standards=["ua-1"],
    )
    assert isinstance(found, bytes)
    return found


def _qr(link: str) -> str:
    return str(
        segno.make(link, error="m", micro=False).svg_inline(scale=4, border=2, dark="#000", light="#fff")
    )


def _readable(value: Any) -> Any:
    """Return the data with every character that the font cannot draw shown as an empty box."""
    match value:
        case str():
            return _DRAWN.sub("□", unicodedata.normalize("NFC", value))
        case list() | tuple():
            return [_readable(one) for one in value]
        case dict():
            return {name: _readable(one) for name, one in value.items()}
    return value


def download(name: str, data: bytes) -> HttpResponse:
    """Answer with a document, shown in the browser and kept by nobody on the way."""
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"},
    )


def _house() -> dict[str, Any]:
    english = (get_language() or "fr").startswith("en")
    accent = reading.accent()
    found: dict[str, Any] = {
        "sender": sending.sender(),
        "phone": words.phone(reading.phone()) if reading.phone() else "",
        "accent": accent if re.fullmatch(r"#[0-9a-fA-F]{6}", accent) else INK,
        "lang": "en" if english else "fr",
        "region": "GB" if english else "FR",
    }
    if logo := _logo(reading.current().logo):
        found |= {"logo": logo[0], "logo_format": logo[1]}
    return found


@cache
def _logo(name: str) -> tuple[list[int], str] | None:
    """Return the logo as numbers, as JSON carries them; its name changes with its content."""
    path = branding.path(name)
    return (list(path.read_bytes()), path.suffix.removeprefix(".")) if path else None
