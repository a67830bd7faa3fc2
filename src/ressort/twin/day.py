"""The day of the town: riders and drivers at a time; shifts made ahead; nights passed over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from ressort.core import clock
from ressort.core.accounts.models import User
from ressort.core.fleet.models import Promise, Shift, Tour, Vehicle, Visit
from ressort.core.jobs import queue
from ressort.core.journal import correlated, declare, record
from ressort.services.transport.access import local
from ressort.services.transport.models import Booking
from ressort.twin.models import TwinState
from ressort.twin.players import citizens, crews, riders
from ressort.twin.players.drivers import Drivers

declare("twin.clock.advanced", "L'horloge de la démonstration avance.", "seconds")

AHEAD_DAYS = 16
SHIFTS = ((330, 825), (405, 915), (810, 1290), (885, 1350))  # minutes after midnight
ADVANCE_JOB = "twin.advance"
BEFORE = timedelta(seconds=75)
"""How long before the van comes an advance stops at the latest, when it has not left for the stop by then."""
STRIDE = 15  # service seconds between two looks while the clock is advanced
playing = threading.RLock()
"""Held while the town is played: the pulse and an advance never play at once."""
drivers = Drivers()


def step(now: datetime, *, draw: bool = True) -> None:
    """Play everything due at ``now``."""
    state = TwinState.objects.get(pk=1)
    with correlated(f"twin-{now:%Y%m%d%H%M%S}"):
        if riders.day_over(state, now):
            state.day, state.played = local(now).date(), 0
            state.save(update_fields=["day", "played"])
            make_shifts(state.day)
        riders.play(state, now)
        if int(now.timestamp()) % 60 < STRIDE:
            riders.change_minds(state, now)
            citizens.play(now, state.seed)
            citizens.deal(now)
            crews.play(now)
        drivers.play(now, draw=draw)
    if "controlroom" in settings.SERVICES:
        from ressort.twin.players.streets import streets  # its tables are there only with the service

        streets.play(now, draw=draw)


def hurry(now: datetime) -> None:
    """Let simulated devices answer without waiting for the town's next look."""
    if "controlroom" in settings.SERVICES:
        from ressort.twin.players.streets import streets

        streets.hurry(now)


def make_shifts(first: date, days: int = AHEAD_DAYS) -> int:
    """Make the shifts and tours of the coming days that do not exist yet; return how many."""
    zone = ZoneInfo(settings.TIME_ZONE)
    vehicles = list(Vehicle.objects.filter(active=True).order_by("pk"))
    people = list(User.objects.filter(memberships__role="driver").order_by("pk"))
    known = set(
        Shift.objects.filter(starts__gte=datetime.combine(first, time(), zone)).values_list(
            "vehicle", "starts"
        )
    )
    made = []
    for day in (first + timedelta(days=n) for n in range(days)):
        for number, vehicle in enumerate(vehicles):
            for half in (0, 2):
                opens, closes = SHIFTS[half + number % 2]
                starts = _clock(day, opens, zone)
                if (vehicle.pk, starts) not in known:
                    driver = people[(2 * number + half // 2) % len(people)] if people else None
                    made.append(
                        Shift(vehicle=vehicle, driver=driver, starts=starts, ends=_clock(day, closes, zone))
                    )
    with transaction.atomic():
        Shift.objects.bulk_create(made)
        Tour.objects.bulk_create(Tour(shift=shift) for shift in made)
    return len(made)


def _clock(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone)


def quiet(now: datetime) -> datetime | None:
    """Return the next morning if the town is asleep (nobody works and nobody is expected), else None."""
    if Shift.objects.filter(starts__lte=now + timedelta(minutes=5), ends__gt=now).exists():
        return None
    if Promise.objects.filter(state=Promise.State.ABOARD).exists():
        return None
    coming = Shift.objects.filter(starts__gt=now).order_by("starts").first()
    return coming.starts - timedelta(minutes=3) if coming else None


def advance(user: Any, to: datetime, code: str = "") -> Any:
    """Ask for the clock to be advanced to a moment, everything in between being played (a job).

    With the ``code`` of a trip, the clock stops just before its van comes, even if the plan brings it earlier.
    """
    from ressort.core.accounts.policy import authorise
    from ressort.core.errors import Refused

    authorise(user, "clock.advance")
    reading = clock.reading()
    if not reading.simulated:
        raise Refused(
            "real-clock", _("L'horloge de cette installation est réelle : elle ne s'avance pas."), status=409
        )
    ahead = (to - reading.now).total_seconds()
    if not 0 < ahead <= 86_400:
        raise Refused("bad-advance", _("L'horloge s'avance de quelques secondes à 24 heures."), field="to")
    with transaction.atomic():
        actor = getattr(user, "pid", "") or "public"
        record("twin.clock.advanced", actor=actor, payload={"seconds": int(ahead)})
        return queue.enqueue(ADVANCE_JOB, {"to": to.isoformat(), "code": code}, actor=actor, key=ADVANCE_JOB)


@queue.work(ADVANCE_JOB)
def run_advance(job: queue.Running) -> None:
    """Play the town up to a moment, faster than the clock would."""
    to = datetime.fromisoformat(job.payload["to"])
    code = job.payload.get("code", "")
    with playing:
        try:
            fast_forward(to, job.progress, (lambda: passage(code)) if code else None)
        finally:
            clock.simulate(rate=TwinState.objects.get(pk=1).rate)


def passage(code: str) -> datetime | None:
    """Return the moment just before a trip's van comes (or brings its rider there); None when it is over."""
    trip = Booking.objects.select_related("promise").filter(code=code).first()
    if trip is None or trip.state not in {Booking.State.ACCEPTED, Booking.State.ABOARD}:
        return None
    visit = (
        trip.promise.visits.filter(is_pickup=trip.state == Booking.State.ACCEPTED)
        .exclude(state__in=(Visit.State.SKIPPED, Visit.State.DONE))
        .first()
    )
    if visit is None:
        return None
    if visit.state != Visit.State.PENDING:  # it is on its way: from now on one sees it come
        return clock.service_now()
    return visit.planned - BEFORE


def fast_forward(to: datetime, progress: Any, sooner: Callable[[], datetime | None] | None = None) -> None:
    """Play from now to ``to`` in strides, the clock standing still in each; ``sooner`` may bring the end forward."""
    start = now = clock.service_now()
    limit = to
    while now < to:
        if sooner and (found := sooner()):
            to = min(limit, found)
            if now >= to:
                return
        now = min(now + timedelta(seconds=STRIDE), to)
        clock.simulate(now, rate=0)
        step(now, draw=now >= to)
        progress(
            noop("Avance jusqu'à %(hour)s") % {"hour": f"{local(to):%H:%M}"}, (now - start) / (to - start)
        )
