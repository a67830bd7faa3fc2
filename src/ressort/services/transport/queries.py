"""What people read of the transport service."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, QuerySet

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.fleet import planning
from ressort.core.fleet.models import Promise, Shift, Tour, Visit
from ressort.core.territory import school, zones
from ressort.engines.dispatch.problem import UNREACHABLE
from ressort.services.transport.access import local
from ressort.services.transport.models import Booking, Demand

OPEN = (Visit.State.PENDING, Visit.State.UNDER_WAY, Visit.State.ARRIVED)
"""States of a visit still to be made."""


def span_of(day: date) -> tuple[datetime, datetime]:
    """Return the two midnights of a day of the territory, in UTC: what lies between is the time lived, 23 to 25 h."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def today() -> date:
    """Return the day it is, in service time, where the territory is."""
    return local(service_now()).date()


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a vehicle at a stop: every visit there in a row, as a driver sees it."""

    place: Any
    planned: datetime
    visits: tuple[Visit, ...]
    state: str

    @property
    def ups(self) -> list[Visit]:
        """Visits at which riders get on."""
        return [visit for visit in self.visits if visit.is_pickup]

    @property
    def offs(self) -> list[Visit]:
        """Visits at which riders get off."""
        return [visit for visit in self.visits if not visit.is_pickup]

    def slack(self, now: datetime) -> int | None:
        """Return the smallest margin of its open visits, in seconds."""
        return min((slack(visit, now) for visit in self.visits if visit.state in OPEN), default=None)


def calls(visits: list[Visit]) -> list[Call]:
    """Group consecutive visits at the same place and in the same state of progress."""
    groups: list[list[Visit]] = []
    for visit in visits:
        last = groups[-1][-1] if groups else None
        together = last and last.place == visit.place and (last.state == "done") == (visit.state == "done")
        if together:
            groups[-1].append(visit)
        else:
            groups.append([visit])
    return [Call(g[0].place, g[0].planned, tuple(g), _progress(g)) for g in groups]


def _progress(visits: list[Visit]) -> str:
    states = {visit.state for visit in visits}
    for state in (Visit.State.ARRIVED, Visit.State.UNDER_WAY):
        if state in states:
            return str(state)
    if states == {Visit.State.DONE}:
        return str(Visit.State.DONE)
    return str(Visit.State.ARRIVED if Visit.State.DONE in states else Visit.State.PENDING)


def visits_of(tour: Tour) -> list[Visit]:
    """Return the visits of a tour in order, skipped ones left out, with everything a screen needs."""
    return list(
        tour.visits.exclude(state=Visit.State.SKIPPED)
        .select_related("promise__pickup", "promise__dropoff", "promise__booking__contact")
        .order_by("sequence")
    )


def tours_of(user: Any, day: date | None = None) -> QuerySet[Tour]:
    """Return a driver's own tours of a day, in order."""
    start, end = span_of(day or today())
    return (
        Tour.objects.filter(shift__driver=user, shift__starts__lt=end, shift__ends__gt=start)
        .select_related("shift__vehicle__depot", "shift__driver")
        .order_by("shift__starts")
    )


def current_tour(user: Any) -> Tour | None:
    """Return the tour a driver is on, else the next one today."""
    now = service_now()
    mine = tours_of(user).exclude(state=Tour.State.DONE)
    return mine.filter(shift__ends__gt=now).first()


def slack(visit: Visit, now: datetime) -> int:
    """Return the seconds left before an open visit overruns what was promised; below 0 it already does.

    What was planned for a moment already past cannot happen before now.
    """
    return int((visit.due - max(visit.planned, now)).total_seconds())


def demands(
    *, answer: str = "", search: str = "", limit: int = 100, before: int | None = None
) -> list[Demand]:
    """Return the latest demands, newest first, with what each was answered."""
    query = Demand.objects.order_by("-pk").prefetch_related(
        "bookings__promise__pickup", "bookings__promise__dropoff"
    )
    if answer in Demand.Answer.values:
        query = query.filter(answer=answer)
    if search:
        query = query.filter(receipt__icontains=search.strip().upper())
    if before:
        query = query.filter(pk__lt=before)
    return list(query[:limit])


@dataclass(frozen=True, slots=True)
class Indicators:
    """The service's counters over a day. Open definitions: see ``docs/reference/indicators.md``.

    Attributes
    ----------
    asked, offered, refused, booked, done, cancelled, no_shows, broken : int
    acceptance : float or None
        Share of demands that got at least one offer.
    wait_mean, wait_p90 : float or None
        Seconds between the moment asked for (walk included) and the pick-up, for those who asked to leave after.
    detour_mean, detour_p90 : float or None
        Ride time divided by the direct ride.
    punctuality : float or None
        Share of pick-ups inside the promised window.
    riders_per_hour : float or None
        Riders carried per hour of vehicle on shift, so far.
    shift_hours : float
        Hours of vehicles on shift, so far.
    driven_m : int
        Metres driven between stops, by the planning matrix: depots to first stops included, back to depots not.
    empty_share : float or None
        Share of them with nobody aboard.
    answer_ms : float or None
        Median time the engine took to answer, in milliseconds.
    refusals : dict of reason -> count
    """

    asked: int
    offered: int
    refused: int
    booked: int
    done: int
    cancelled: int
    no_shows: int
    broken: int
    acceptance: float | None
    wait_mean: float | None
    wait_p90: float | None
    detour_mean: float | None
    detour_p90: float | None
    punctuality: float | None
    riders_per_hour: float | None
    shift_hours: float
    driven_m: int
    empty_share: float | None
    answer_ms: float | None
    refusals: dict[str, int]


def indicators(day: date) -> Indicators:
    """Measure a day of service."""
    start, end = span_of(day)
    asked = Demand.objects.filter(at__gte=start, at__lt=end)
    answers = dict(asked.values_list("answer").annotate(n=Count("pk")))
    reasons = dict(asked.filter(answer="refused").values_list("reason").annotate(n=Count("pk")))
    bookings = Booking.objects.filter(promise__pickup_from__gte=start, promise__pickup_from__lt=end)
    states: dict[str, int] = dict(bookings.values_list("state").annotate(n=Count("pk")))
    waits, detours, punctual = _rides(bookings)
    offered, refused = answers.get("offered", 0), answers.get("refused", 0)
    spent = list(asked.values_list("milliseconds", flat=True))
    driven, empty = _driven(start, end)
    hours = _hours(start, end)
    return Indicators(
        asked=offered + refused,
        offered=offered,
        refused=refused,
        booked=sum(states.values()),
        done=states.get("done", 0),
        cancelled=states.get("cancelled", 0),
        no_shows=states.get("no_show", 0),
        broken=states.get("broken", 0),
        acceptance=_share(offered, offered + refused),
        wait_mean=_mean(waits),
        wait_p90=_quantile(waits, 0.9),
        detour_mean=_mean(detours),
        detour_p90=_quantile(detours, 0.9),
        punctuality=_share(sum(punctual), len(punctual)),
        riders_per_hour=round(_carried(start, end) / hours, 2) if hours > 0.25 else None,
        shift_hours=hours,
        driven_m=driven,
        empty_share=_share(empty, driven),
        answer_ms=_quantile(spent, 0.5),
        refusals=reasons,
    )


def _rides(bookings: QuerySet[Booking]) -> tuple[list[float], list[float], list[bool]]:
    """Return waits, detour ratios and punctuality of the rides of some bookings, from what drivers noted."""
    visits = Visit.objects.filter(promise__booking__in=bookings, state=Visit.State.DONE)
    fields = ("promise", "is_pickup", "arrived", "left")
    ends: dict[int, dict[bool, tuple[datetime, datetime]]] = defaultdict(dict)
    for promise, is_pickup, arrived, left in visits.values_list(*fields):
        ends[promise][is_pickup] = (arrived, left)
    waits, detours, punctual = [], [], []
    rows = bookings.filter(promise__in=ends).values_list(
        "promise", "asked", "asked_arrival", "walk_from_s", "promise__pickup_until", "promise__direct_s"
    )
    for promise, asked, by_arrival, walk, until, direct in rows:
        if True not in ends[promise]:
            continue
        arrived, left = ends[promise][True]
        punctual.append(arrived <= until)
        if not by_arrival:
            waits.append(max(0.0, (arrived - asked).total_seconds() - walk))
        if False in ends[promise] and direct:
            detours.append((ends[promise][False][0] - left).total_seconds() / direct)
    return waits, detours, punctual


def _hours(start: datetime, end: datetime) -> float:
    """Return the hours of vehicles on shift, so far."""
    now = service_now()
    shifts = Shift.objects.filter(starts__lt=min(now, end), ends__gt=start).values_list("starts", "ends")
    return sum((min(b, now, end) - max(a, start)).total_seconds() for a, b in shifts) / 3600


def _carried(start: datetime, end: datetime) -> int:
    """Return the people who got on."""
    promises = Promise.objects.filter(
        state__in=(Promise.State.ABOARD, Promise.State.KEPT), pickup_from__gte=start, pickup_from__lt=end
    )
    return sum(seats + chairs for seats, chairs in promises.values_list("seats", "wheelchairs"))


def _driven(start: datetime, end: datetime) -> tuple[int, int]:
    """Return the metres driven between the stops served, and those of them driven with nobody aboard."""
    visits = Visit.objects.filter(state=Visit.State.DONE, left__gte=start, left__lt=end)
    fields = ("tour", "tour__shift__vehicle__depot", "is_pickup", "promise__pickup", "promise__dropoff")
    rows = list(visits.order_by("tour", "sequence").values_list(*fields))
    try:
        ground = planning.ground() if rows else None
    except Refused:  # travel times are being computed: better no figure than a wrong one
        ground = None
    if ground is None:
        return 0, 0
    aboard: dict[int, int] = defaultdict(int)
    stood: dict[int, int] = {}
    driven = empty = 0
    for tour, depot, is_pickup, pickup, dropoff in rows:
        here = pickup if is_pickup else dropoff
        metres = _metres(ground, stood.get(tour, depot), here)
        driven += metres
        empty += metres if aboard[tour] == 0 else 0
        stood[tour] = here
        aboard[tour] += 1 if is_pickup else -1
    return driven, empty


def _metres(ground: planning.Ground, origin: int, destination: int) -> int:
    """Return the way between two places; 0 for a place that is no longer served."""
    i, j = ground.index.get(origin), ground.index.get(destination)
    if i is None or j is None or ground.matrix.seconds[i, j] >= UNREACHABLE:
        return 0
    return int(ground.matrix.metres[i, j])


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _quantile(values: list[float], share: float) -> float | None:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else None


def stops_before(visit: Visit) -> int | None:
    """Return how many stops the van makes before a pick-up; None once it is done."""
    if visit.state == Visit.State.DONE:
        return None
    before = Visit.objects.filter(tour=visit.tour_id, state__in=OPEN, sequence__lt=visit.sequence)
    places = {
        (pickup if is_pickup else dropoff)
        for is_pickup, pickup, dropoff in before.values_list(
            "is_pickup", "promise__pickup", "promise__dropoff"
        )
    }
    return len(places - {visit.place.pk})


def aboard(tour: Tour) -> list[Promise]:
    """Return who is in the vehicle."""
    return list(
        Promise.objects.filter(tour=tour, state=Promise.State.ABOARD)
        .select_related("dropoff", "booking__contact")
        .order_by("dropoff_until")
    )


def school_known() -> dict[str, Any]:
    """Return the zone of the territory and the school holidays that are known from today on."""
    zone = zones.of_territory()
    return {"zone": zone, "holidays": school.periods(zone, since=today())}
