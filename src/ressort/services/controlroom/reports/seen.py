"""What somebody has seen: which kind of thing, where, in what words. Everything typed is checked here."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from ressort.core.accounts.actions import clean_email, clean_name, clean_phone
from ressort.core.errors import Refused
from ressort.core.network import places
from ressort.core.network.build import active_version
from ressort.core.network.geocoder import Geocoder
from ressort.core.network.router import NoNetwork
from ressort.core.territory.models import Place
from ressort.engines.geodesy import grown
from ressort.services.controlroom.reports.models import ReportCategory

LONGEST = 4000
"""Characters of a description, as Open311 has it."""
SURE = 65.0
"""Score above which words alone are taken for a place."""
AROUND = 2_000.0
"""Metres around the street network within which something may be reported."""


@dataclass(frozen=True, slots=True)
class Where:
    """A point and how people name it."""

    lon: float
    lat: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is reported.

    Attributes
    ----------
    category : str
        Code of a published category.
    where : Where
    text : str
        Free words, may be empty.
    """

    category: str
    where: Where
    text: str = ""

    def checked(self) -> tuple[ReportCategory, Seen]:
        """Return the category and the same with every field cleaned, or refuse with a sentence."""
        found = category(self.category)
        where = point(self.where.lon, self.where.lat, self.where.label)
        return found, replace(self, where=where, text=clean_text(self.text))


@dataclass(frozen=True, slots=True)
class Reach:
    """How somebody can be told what becomes of it: all may be empty."""

    email: str = ""
    phone: str = ""
    name: str = ""
    postal: str = ""

    def checked(self) -> Reach:
        """Return the same with every field cleaned, or refuse with a sentence."""
        postal = "\n".join(" ".join(line.split()) for line in self.postal.splitlines() if line.strip())
        if len(postal) > 400:
            raise Refused("long-address", _("L'adresse postale tient en 400 caractères."), field="postal")
        name = clean_name(self.name) if self.name.strip() else ""
        if postal and not name:
            raise Refused("no-name", _("Écrivez le nom à qui adresser la lettre."), field="name")
        return Reach(
            clean_email(self.email) if self.email.strip() else "", clean_phone(self.phone), name, postal
        )


def category(code: str) -> ReportCategory:
    """Return a category that the public may choose."""
    found = (
        ReportCategory.objects.select_related("organisation").filter(code=code[:40], active=True).first()
        if code
        else None
    )
    if found is None:
        raise Refused(
            "no-category", _("Choisissez dans la liste ce que vous voulez signaler."), field="category"
        )
    return found


def clean_text(text: str, field: str = "text") -> str:
    """Return a text without control characters, in at most :data:`LONGEST` characters."""
    kept = "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or c == "\n").strip()
    if len(kept) > LONGEST:
        raise Refused(
            "long-text",
            _("Ce texte tient en %(most)s caractères ; il en a %(count)s : raccourcissez-le.")
            % {"most": LONGEST, "count": len(kept)},
            field=field,
        )
    return kept


def where(text: str = "", place: str = "", lon: Any = "", lat: Any = "") -> Where:
    """Find where a person means, from a place's id, a point, or words.

    Raises
    ------
    Refused
        With the field ``where``: nothing is found there, or it is outside the territory.
    """
    words = " ".join(text.split())[:200]
    if place:
        try:
            known = Place.objects.filter(public_id=uuid.UUID(place), active=True).first()
        except ValueError:
            known = None
        if known is not None:
            return point(known.lon, known.lat, known.name)
    if lon not in {None, ""} and lat not in {None, ""}:
        return point(lon, lat, words)
    if not words:
        raise Refused(
            "no-place",
            _("Dites où c'est : une adresse, un point de la carte, ou votre position."),
            field="where",
        )
    try:
        hits = places.search(words, limit=1)
    except NoNetwork:
        hits = []
    if not hits or hits[0].score < SURE:
        near = (
            _("Vouliez-vous dire « %(label)s » ?") % {"label": hits[0].label}
            if hits
            else _("Essayez le nom d'une rue et de la commune.")
        )
        raise Refused(
            "unknown-place",
            _("« %(words)s » n'a pas été trouvé. %(near)s") % {"words": words[:60], "near": near},
            field="where",
        )
    return point(hits[0].lon, hits[0].lat, hits[0].label)


def point(lon: Any, lat: Any, label: str = "") -> Where:
    """Return a point of the territory, named by its nearest address when nobody named it."""
    try:
        x, y = float(lon), float(lat)
    except (TypeError, ValueError):
        x = y = math.nan
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        raise Refused("bad-point", _("Ce point n'est pas une longitude et une latitude."), field="where")
    version = active_version()
    if version is not None and version.bounds:
        west, south, east, north = grown(tuple(version.bounds), AROUND)
        if not (west <= x <= east and south <= y <= north):
            raise Refused(
                "outside",
                _("Ce lieu est hors du territoire : signalez-le à la commune où il se trouve."),
                field="where",
            )
    words = " ".join(label.split())[:200]
    return Where(x, y, "".join(c for c in words if c.isprintable()) or address_of(x, y))


def address_of(lon: float, lat: float) -> str:
    """Return the nearest address by the street network, '' where there is none."""
    version = active_version()
    return Geocoder.of(version).reverse(lon, lat)[:200] if version is not None else ""
