"""The one path by which observations come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import connection, transaction

from ressort.core.clock import reading as clock_reading
from ressort.core.clock import service_now, wall_now
from ressort.core.intake import catalogue, keeping, quarantine, watching
from ressort.core.intake.models import Arrival, Device
from ressort.core.intake.readings import AHEAD, Known, Unfit, believed, milliseconds, parsed

MOST = 10_000
"""Observations in one batch."""
ARRIVED = np.dtype([("series", "<i8"), ("at", "<i8"), ("value", "<f8"), ("quality", "u1")])
_LOCK = 0x1A7A6E  # PostgreSQL: arrivals are numbered in the order in which they are committed


@dataclass(slots=True)
class Outcome:
    """What became of a batch: ``faults`` are (rank in the batch, reason), ``believed`` the rows of all others in order."""

    accepted: int = 0
    duplicates: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)
    believed: list[tuple[int, int, float, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Sorted:
    rows: list[tuple[int, int, float, int]] = field(default_factory=list)
    faults: list[tuple[int, Unfit]] = field(default_factory=list)
    fresh: set[int] = field(default_factory=set)


def observe(items: Iterable[Any], *, speaker: Device | None = None, wall: bool = False) -> Outcome:
    """Take a batch in: believe, keep, remember the newest of each series, tell those who watch; one transaction.

    What cannot be believed is put in quarantine and never stops the rest. The same observation (device, property,
    instant) sent again changes nothing, so a sender without an answer sends its batch again.

    Parameters
    ----------
    items : iterable
        Observations in either shape of ``readings.py``; ``at`` may also be an aware datetime.
    speaker : Device, optional
        Whose token it was: it may speak for itself and for those behind it. None: the house itself speaks.
    wall : bool
        Instants are of the world's clock, as real devices know no other; they are told in service time where a
        simulation runs fast.
    """
    batch = list(items)
    with transaction.atomic():
        return _take(batch, _sort(batch, speaker, wall=wall), wall=wall)


def _take(batch: list[Any], found: _Sorted, *, wall: bool) -> Outcome:
    now = wall_now()
    outcome = Outcome(faults=[(rank, unfit.reason) for rank, unfit in found.faults], believed=found.rows)
    if found.faults:
        quarantine.put([(unfit, batch[rank]) for rank, unfit in found.faults], now, wall=wall)
    if not found.rows:
        return outcome
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    rows = keeping.unpacked(found.rows)
    outcome.accepted = keeping.insert(rows)
    outcome.duplicates = len(found.rows) - outcome.accepted
    if found.fresh:
        Device.objects.filter(pk__in=found.fresh, first_seen=None).update(first_seen=now)
        transaction.on_commit(catalogue.forget)
    if outcome.accepted:
        keeping.remember(rows, milliseconds(now))
        Arrival.objects.create(at=now, body=np.array(rows, ARRIVED).tobytes())
        transaction.on_commit(watching.wake)
    return outcome


class _Reader:
    """Reads the items of one batch against the catalogue."""

    def __init__(self, speaker: Device | None, *, wall: bool) -> None:
        clock = clock_reading()
        self.speaker = speaker
        self.here = milliseconds(wall_now() if wall else clock.now)
        self.oldest = self.here - keeping.RAW_DAYS * 86_400_000
        self.shift = _shift(clock.rate) if wall and clock.simulated else None
        self.known, self.devices = catalogue.known()
        self.tried = False

    def read(self, item: Any) -> tuple[Known, tuple[int, int, float, int]]:
        """Return the series and the row of an item, or raise :class:`Unfit`."""
        code, observed, value, at, quality = parsed(item)
        series = self.known.get((code, observed))
        if series is None and not self.tried:  # declared a moment ago by another process?
            self.tried = True
            self.known, self.devices = catalogue.known(missing=True)
            series = self.known.get((code, observed))
        if why := self.why_not(code, series):
            raise Unfit(why, code, observed)
        assert series is not None
        if not self.oldest <= at <= self.here + AHEAD:
            raise Unfit("future" if at > self.here else "too-old", code, observed)
        number = believed(series, value)
        if isinstance(number, str):
            raise Unfit(number, code, observed)
        return series, (series.series, self.shift(at) if self.shift else at, number, quality)

    def why_not(self, code: str, series: Known | None) -> str:
        """Return why nothing of this device or property is heard, empty when it is."""
        pk, gateway, retired = self.devices.get(code, (0, None, False))
        if not pk or (self.speaker is not None and self.speaker.pk not in {pk, gateway}):
            return "unknown-device"
        if retired:
            return "retired"
        return "" if series else "unknown-property"


def _sort(batch: Sequence[Any], speaker: Device | None, *, wall: bool) -> _Sorted:
    reader, found = _Reader(speaker, wall=wall), _Sorted()
    for rank, item in enumerate(batch):
        try:
            series, row = reader.read(item)
        except Unfit as unfit:
            found.faults.append((rank, unfit))
            continue
        found.rows.append(row)
        if not series.seen:
            found.fresh.add(series.device)
    return found


def _shift(rate: float) -> Any:
    """Return how an instant of the world's clock is told in a service clock that runs ``rate`` times as fast."""
    wall, service = milliseconds(wall_now()), milliseconds(service_now())
    return lambda at: service + round((at - wall) * rate)
