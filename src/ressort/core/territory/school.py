"""School holidays by zone (A, B, C), read from the calendar that the ministry of education publishes.

The dates are decided by order each year: they are data that an administrator loads, never a rule of the code.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from icalendar import Calendar

from ressort.core.errors import Refused
from ressort.core.journal import declare, record
from ressort.core.territory.models import SchoolHoliday

LOADED = declare("territory.calendar.loaded", "Vacances scolaires chargées, périodes : {periods}.", "periods")

ZONES = ("A", "B", "C")
LONGEST = timedelta(days=100)
MOST_BYTES = 2_000_000
_ZONES = re.compile(r"\bzones?\s+([ABC](?:\s*(?:,|/|-|et|&)\s*[ABC])*)\b", re.IGNORECASE)


def load(file: Path, zone: str = "") -> int:
    """Replace the school holidays of the zones that an iCalendar file speaks of, from its first day on.

    Parameters
    ----------
    file : Path
        An iCalendar file; each event lasts whole days and names its zone (« Zone A », « Zones A et C »).
    zone : str
        The zone of the events that name none.

    Returns
    -------
    int
        How many periods are known for these zones and years.

    Raises
    ------
    Refused
        If the file cannot be read, holds no period, or a period has no zone. Nothing is changed then.
    """
    if zone and zone.upper() not in ZONES:
        raise Refused("bad-zone", _("Les zones scolaires sont A, B et C."), field="zone")
    found = [one for event in _events(file) for one in _periods(event, zone.upper())]
    if not found:
        raise Refused("empty-calendar", _("« %(name)s » ne contient aucune période.") % {"name": file.name})
    with transaction.atomic():
        for letter in {one.zone for one in found}:
            first = min(one.first for one in found if one.zone == letter)
            SchoolHoliday.objects.filter(zone=letter, last__gte=first).delete()
        SchoolHoliday.objects.bulk_create(found)
        record(LOADED.name, actor="system:calendar", payload={"periods": len(found)})
    return len(found)


def _events(file: Path) -> list[Any]:
    try:
        data = file.read_bytes()
    except OSError:
        raise Refused("no-calendar", _("Le fichier « %(file)s » n'existe pas.") % {"file": file}) from None
    try:
        if len(data) > MOST_BYTES:
            raise ValueError  # noqa: TRY301
        return list(Calendar.from_ical(data).walk("VEVENT"))
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        raise Refused(
            "bad-calendar", _("« %(name)s » n'est pas un calendrier iCalendar lisible.") % {"name": file.name}
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
            "bad-period", _("La période « %(name)s » n'a pas de dates possibles.") % {"name": name[:80]}
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
        raise Refused("bad-period", _("Une période de ce calendrier n'a pas de date de début et de fin."))
    return at.date() if isinstance(at, datetime) else at


def holiday(day: date, zone: str) -> str:
    """Return the name of the school holiday of a zone that a day is in, '' for none or when none was loaded."""
    found = SchoolHoliday.objects.filter(zone=zone, first__lte=day, last__gte=day)
    return found.values_list("name", flat=True).first() or ""
