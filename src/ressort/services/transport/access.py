"""Which stops a person can walk to, and how long it takes; the opening hours of an offering."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db.models import Q, prefetch_related_objects
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.network.router import Router
from ressort.core.territory import calendars
from ressort.core.territory.models import Place
from ressort.engines import geodesy
from ressort.services.transport import pausing
from ressort.services.transport.models import Hours, Offering
from ressort.services.transport.wishes import Spot
from ressort.web import words

NEAREST = 4
"""How many stops around a point are considered."""
AROUND = 120
"""How many days before and after a refused one are looked at for days that would do."""
WALK_SPEED = 1.25  # m/s, when the router knows no way on foot


@dataclass(frozen=True, slots=True)
class Access:
    """A stop that can be walked to or from: ``seconds`` and ``metres`` on foot."""

    place: int
    name: str
    lon: float
    lat: float
    seconds: int
    metres: int


def around(spots: Iterable[Spot], walk_m: int) -> Q:
    """Return the condition of the stops worth looking at: a spot's own, and those in a box around it."""
    found = Q()
    for spot in spots:
        west, south, east, north = geodesy.grown((spot.lon, spot.lat, spot.lon, spot.lat), 1.01 * walk_m)
        found |= Q(lon__range=(west, east), lat__range=(south, north))
        if spot.place is not None:
            found |= Q(pk=spot.place)
    return found


def accesses(spot: Spot, stops: Sequence[Place], walk_m: int, *, outward: bool) -> list[Access]:
    """Return the stops within a walk of a point, nearest first.

    Parameters
    ----------
    spot : Spot
        A stop itself is reached without walking and is alone in the answer.
    stops : sequence of Place
    walk_m : int
        Longest walk, in metres.
    outward : bool
        True when walking from the spot to the stop, False when walking from the stop.
    """
    for stop in stops:
        if stop.pk == spot.place:
            return [Access(stop.pk, stop.name, stop.lon, stop.lat, 0, 0)]
    near = _nearest(spot, stops, walk_m)
    if not near:
        return []
    points = [(stop.lon, stop.lat) for stop in near]
    here = [(spot.lon, spot.lat)]
    router = Router.active()
    seconds, metres = router.matrix(here, points, "foot") if outward else router.matrix(points, here, "foot")
    found = []
    for stop, walk_s, walk in zip(near, seconds.ravel(), metres.ravel(), strict=True):
        if 0 <= walk <= walk_m:
            found.append(Access(stop.pk, stop.name, stop.lon, stop.lat, int(walk_s), int(walk)))
    return sorted(found, key=lambda access: access.seconds)


def _nearest(spot: Spot, stops: Sequence[Place], walk_m: int) -> list[Place]:
    if not stops:
        return []
    lon = np.array([stop.lon for stop in stops])
    lat = np.array([stop.lat for stop in stops])
    away = geodesy.distances(spot.lon, spot.lat, lon, lat)
    order = np.argsort(away, kind="stable")[:NEAREST]
    return [stops[i] for i in order if away[i] <= walk_m]


def in_force(at: datetime) -> Offering:
    """Return the published offering for a moment.

    Raises
    ------
    Refused
        If there is none that day.
    """
    day = local(at).date()
    found = (
        Offering.objects.filter(state=Offering.State.PUBLISHED, valid_from__lte=day)
        .filter(Q(valid_to=None) | Q(valid_to__gte=day))
        .order_by("-version", "-pk")
        .first()
    )
    if found is None:
        raise Refused(
            "no-offering",
            _("Aucun service n'est proposé le %(day)s.") % {"day": f"{day:%d/%m/%Y}"},
            field="at",
        )
    return found


def local(at: datetime) -> datetime:
    """Return an instant in the territory's own time."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE))


def school_holiday(offering: Offering, day: date) -> str:
    """Return the name of the school holidays by which a day has hours of its own, '' where it has none.

    A public holiday stays one: its own hours come first.
    """
    if calendars.day_type(day) == calendars.HOLIDAY:
        return ""
    return next((one.name for one in offering.school_holidays if one.first <= day <= one.last), "")


def openings(offering: Offering, day: date, *, usual: bool = False) -> list[tuple[datetime, datetime]]:
    """Return when the service runs on a day, as UTC-comparable instants; ``usual`` leaves school holidays out."""
    away = not usual and bool(school_holiday(offering, day))
    if away and offering.school == Offering.School.CLOSED:
        return []
    kind = Hours.Day.HOLIDAY if calendars.day_type(day) == calendars.HOLIDAY else Hours.Day(day.weekday())
    midnight = datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE))
    prefetch_related_objects([offering], "hours")  # read once, for the night before too
    spans = [
        (_wall(midnight, hours.opens), _wall(midnight, hours.closes))
        for hours in offering.hours.all()
        if hours.day == kind and hours.school == away
    ]
    return spans if usual or not offering.pauses else pausing.without(spans, offering.pauses, midnight)


def _wall(midnight: datetime, minutes: int) -> datetime:
    """Return a time of day as people say it: on the days of a clock change too, 07:00 is 07:00."""
    naive = midnight.replace(tzinfo=None) + timedelta(minutes=minutes)
    return naive.replace(tzinfo=midnight.tzinfo)


def is_open(offering: Offering, at: datetime, *, usual: bool = False) -> bool:
    """Tell whether the service runs at a moment (an opening may run past midnight)."""
    day = local(at).date()
    yesterday = openings(offering, day - timedelta(days=1), usual=usual)
    spans = [*yesterday, *openings(offering, day, usual=usual)]
    return any(start <= at <= end for start, end in spans)


def check_open(offering: Offering, at: datetime) -> None:
    """Refuse a moment at which the service does not run, and say when it does."""
    if is_open(offering, at):
        return
    day = local(at).date()
    today = openings(offering, day)
    holiday = school_holiday(offering, day)
    hours = [one for one in offering.pauses if one.area_id is None]
    if hours and is_open(offering, at, usual=True):
        raise Refused("paused", pausing.sentence(hours[0]), field="at")
    if holiday and is_open(offering, at, usual=True):
        raise Refused("school-holiday", _in_holiday(offering, at, holiday, today), field="at")
    if not today:
        raise Refused(
            "closed", _("Le service ne roule pas le %(day)s.") % {"day": f"{day:%d/%m/%Y}"}, field="at"
        )
    raise Refused("closed", _("Le service roule %(said)s ce jour-là.") % {"said": _said(today)}, field="at")


def _said(spans: Sequence[tuple[datetime, datetime]]) -> str:
    return _(" et ").join(
        _("de %(start)s à %(end)s") % {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
        for start, end in spans
    )


def _in_holiday(
    offering: Offering, at: datetime, holiday: str, today: Sequence[tuple[datetime, datetime]]
) -> str:
    """Return why a school holiday refuses a moment, and the nearest days that would do at the same time of day."""
    said = {"holiday": holiday, "day": f"{local(at):%d/%m/%Y}", "said": _said(today)}
    why = (
        _("Vacances scolaires (%(holiday)s) : le %(day)s, le service roule %(said)s.")
        if today
        else _("Vacances scolaires (%(holiday)s) : le service ne roule pas le %(day)s.")
    ) % said
    language = (get_language() or "fr")[:2]
    days = [words.day(one, language) for one in nearest_days(offering, at)]
    if not days:
        return why
    near = _("À la même heure, il roule le %(days)s.") % {"days": _(" et le ").join(days)}
    return f"{why} {near}"


def nearest_days(offering: Offering, at: datetime) -> list[datetime]:
    """Return the last day before and the first after a moment on which the service runs at that time of day."""
    moment, today = local(at).replace(fold=0), local(service_now()).date()
    found = []
    for step in (-1, 1):
        for away in range(1, AROUND + 1):
            other = moment + timedelta(days=step * away)  # wall time: 07:00 stays 07:00 over a clock change
            day = other.date()
            if day < max(today, offering.valid_from) or (offering.valid_to and day > offering.valid_to):
                break
            if other >= local(service_now()) and is_open(offering, other):
                found.append(other)
                break
    return found


def at_home(naive: datetime) -> datetime:
    """Return a time typed without offset as an instant: the territory's own time.

    Raises
    ------
    Refused
        If that time does not exist (the hour skipped in March). The hour lived twice in October means the first.
    """
    home = naive.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
    back = home.astimezone(UTC).astimezone(home.tzinfo).replace(tzinfo=None)
    if back != naive:
        raise Refused(
            "no-such-time",
            _("Cette heure n'existe pas ce jour-là : les montres avancent d'une heure."),
            field="at",
        )
    return home


def noon(day: date) -> datetime:
    """Return the noon of a day of the territory."""
    return datetime.combine(day, time(12), ZoneInfo(settings.TIME_ZONE))
