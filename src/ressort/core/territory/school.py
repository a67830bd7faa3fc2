"""School holidays by zone (A, B, C), read from the calendar that the ministry of education publishes.

The dates are decided by order each year: they are data that an administrator loads, never a rule of the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from icalendar import Calendar

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.core.journal import declare, record
from ressort.core.territory.models import SchoolHoliday
from ressort.core.territory.zones import ZONES

LOADED = declare("territory.calendar.loaded", "Vacances scolaires chargées, périodes : {periods}.", "periods")

LONGEST = timedelta(days=100)
MOST_BYTES = 1_000_000
_ZONES = re.compile(r"\bzones?\s+([ABC](?:\s*(?:,|/|-|et|&)\s*[ABC])*)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a calendar would do: the periods it brings, those known already, those it takes away."""

    fresh: tuple[SchoolHoliday, ...]
    same: tuple[SchoolHoliday, ...]
    gone: tuple[SchoolHoliday, ...]

    @property
    def changes(self) -> bool:
        """Whether loading it would change anything."""
        return bool(self.fresh or self.gone)


def load(file: Path, zone: str = "") -> int:
    """Load an iCalendar file from the disk, as :func:`replace` does; return how many periods it holds.

    Raises
    ------
    Refused
        If the file does not exist, and as :func:`read` does. Nothing is changed then.
    """
    try:
        data = file.read_bytes()
    except OSError:
        raise Refused("no-calendar", _("Le fichier « %(file)s » n'existe pas.") % {"file": file}) from None
    return _replace(read(data, file.name, zone), "system:calendar")


def replace(user: Any, data: bytes, name: str, zone: str = "") -> int:
    """Replace the school holidays of the zones that a calendar speaks of, from its first day on.

    Parameters
    ----------
    data : bytes
        An iCalendar file; each event lasts whole days and names its zone (« Zone A », « Zones A et C »).
    name : str
        Of the file, for the sentences of a refusal.
    zone : str
        The zone of the events that name none.

    Returns
    -------
    int
        How many periods the calendar holds.

    Raises
    ------
    Refused
        As :func:`read` does. Nothing is changed then.
    """
    authorise(user, "calendar.load")
    return _replace(read(data, name, zone), user.pid)


def _replace(found: list[SchoolHoliday], actor: str) -> int:
    with transaction.atomic():
        for letter, first in _starts(found).items():
            SchoolHoliday.objects.filter(zone=letter, last__gte=first).delete()
        SchoolHoliday.objects.bulk_create(found)
        record(LOADED.name, actor=actor, payload={"periods": len(found)})
    return len(found)


def _starts(found: Iterable[SchoolHoliday]) -> dict[str, date]:
    """Return the first day that a calendar speaks of in each zone: what is older is kept."""
    starts: dict[str, date] = {}
    for one in found:
        starts[one.zone] = min(one.first, starts.get(one.zone, one.first))
    return starts


def try_out(user: Any, data: bytes, name: str, zone: str = "") -> Trial:
    """Tell what :func:`replace` would do, and change nothing."""
    authorise(user, "calendar.load")
    found = read(data, name, zone)
    known = [
        one
        for letter, first in _starts(found).items()
        for one in SchoolHoliday.objects.filter(zone=letter, last__gte=first)
    ]
    had, has = {_key(one) for one in known}, {_key(one) for one in found}
    return Trial(
        fresh=tuple(one for one in found if _key(one) not in had),
        same=tuple(one for one in found if _key(one) in had),
        gone=tuple(one for one in known if _key(one) not in has),
    )


def _key(one: SchoolHoliday) -> tuple[str, str, date, date]:
    return one.zone, one.name, one.first, one.last


def read(data: bytes, name: str, zone: str = "") -> list[SchoolHoliday]:
    """Return the periods of a calendar, unsaved, each once, in order.

    Raises
    ------
    Refused
        If it cannot be read, holds no period, or a period has no zone.
    """
    if zone and zone.upper() not in ZONES:
        raise Refused("bad-zone", _("Les zones scolaires sont A, B et C."), field="zone")
    found = {_key(one): one for event in _events(data, name) for one in _periods(event, zone.upper())}
    if not found:
        raise Refused(
            "empty-calendar", _("« %(name)s » ne contient aucune période.") % {"name": name}, field="file"
        )
    return [found[key] for key in sorted(found, key=lambda key: (key[2], key[0]))]


def _events(data: bytes, name: str) -> list[Any]:
    try:
        if len(data) > MOST_BYTES:
            raise ValueError  # noqa: TRY301
        return list(Calendar.from_ical(data).walk("VEVENT"))
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        raise Refused(
            "bad-calendar",
            _("« %(name)s » n'est pas un calendrier iCalendar lisible.") % {"name": name},
            field="file",
        ) from None


def _periods(event: Any, usual: str) -> list[SchoolHoliday]:
    """Return the periods of an event, one for each zone; a pre-term day of teachers alone is not one."""
    name = " ".join(str(event.get("SUMMARY", "")).split())
    said = " ".join((name, str(event.get("DESCRIPTION", ""))))
    if re.search(r"enseignant", said, re.IGNORECASE):
        return []
    zones = {letter for named in _ZONES.findall(said) for letter in re.findall("[ABC]", named.upper())}
    first = _day(event, "DTSTART")
    last = _day(event, "DTEND") - timedelta(days=1) if event.get("DTEND") else first
    if first is None or last < first or last - first > LONGEST:
        raise Refused(
            "bad-period",
            _("La période « %(name)s » n'a pas de dates possibles.") % {"name": name[:80]},
            field="file",
        )
    if not zones and not usual:
        raise Refused(
            "no-zone", _("La période « %(name)s » ne dit pas sa zone.") % {"name": name[:80]}, field="zone"
        )
    short = _ZONES.sub("", name).strip(" -–:()") or name
    return [
        SchoolHoliday(zone=letter, name=short[:120], first=first, last=last)
        for letter in sorted(zones or {usual})
    ]


def _day(event: Any, key: str) -> date:
    value = event.get(key)
    at = value.dt if value is not None and hasattr(value, "dt") else None
    if not isinstance(at, date):
        raise Refused(
            "bad-period", _("Une période de ce calendrier n'a pas de date de début et de fin."), field="file"
        )
    return at.date() if isinstance(at, datetime) else at


def holiday(day: date, zone: str) -> str:
    """Return the name of the school holiday of a zone that a day is in, '' for none or when none was loaded."""
    found = SchoolHoliday.objects.filter(zone=zone, first__lte=day, last__gte=day)
    return found.values_list("name", flat=True).first() or ""


def periods(zone: str, *, since: date | None = None) -> list[SchoolHoliday]:
    """Return what is known of a zone, oldest first; from a day on, when one is given."""
    found = SchoolHoliday.objects.filter(zone=zone)
    return list(found.filter(last__gte=since) if since else found) if zone else []


def everything() -> list[SchoolHoliday]:
    """Return all that is loaded, zone by zone, oldest first."""
    return list(SchoolHoliday.objects.order_by("zone", "first"))
