"""How observations are kept: rows for the last hours, one packed row per series and hour after that, figures in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from ressort.core.clock import service_now, wall_now
from ressort.core.intake.models import Arrival, Block, Held, Link, Quarantine, Sample, Series
from ressort.core.intake.readings import milliseconds
from ressort.engines import series as codec

HOUR = 3_600_000
RAW_DAYS = 35
"""Days for which every observation is kept; then the mean, lowest and highest of each hour."""
FIGURE_DAYS = 3 * 365
HELD_DAYS = 30
OPEN_HOURS = 1
"""Hours that stay row by row besides the one under way: late ones are cheap there."""
_CHUNK = 400  # series packed in one transaction

Row = tuple[int, int, float, int]


def packed_until() -> int:
    """Return the instant before which observations may be packed."""
    return (milliseconds(service_now()) // HOUR - OPEN_HOURS) * HOUR


def unpacked(rows: list[Row]) -> list[Row]:
    """Return the rows without those that a packed hour already holds, nor the same one twice."""
    seen = {(series, at): (series, at, value, quality) for series, at, value, quality in reversed(rows)}
    limit = packed_until()
    late = defaultdict(set)
    for series, at in seen:
        if at < limit:
            late[series, at // HOUR].add(at)
    for (series, hour), body in _packed(late).items():
        # an hour of which only the figures are left cannot say what it held: it takes nothing more
        held = set(codec.unpack(body)[0].tolist()) if body else late[series, hour]
        for at in late[series, hour] & held:
            del seen[series, at]
    return list(seen.values())[::-1]


def _packed(late: Mapping[tuple[int, int], object]) -> dict[tuple[int, int], bytes]:
    """Return the packed hours among some."""
    wanted = sorted({series for series, __ in late})
    hours = sorted({hour for __, hour in late})
    found = {}
    for start in range(0, len(wanted), 500):
        rows = Block.objects.filter(series__in=wanted[start : start + 500], hour__in=hours)
        for series, hour, body in rows.values_list("series_id", "hour", "body"):
            if (series, hour) in late:
                found[series, hour] = bytes(body)
    return found


def insert(rows: Sequence[Row]) -> int:
    """Write rows that are not there yet; return how many."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO intake_sample (series_id, at, value, quality) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            rows,
        )
        return int(cursor.rowcount)


def remember(rows: Sequence[Row], received: int) -> None:
    """Keep the newest observation of each series."""
    newest: dict[int, Row] = {}
    for row in rows:
        if row[0] not in newest or row[1] > newest[row[0]][1]:
            newest[row[0]] = row
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO intake_latest (series_id, at, value, quality, received) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (series_id) DO UPDATE SET at = excluded.at, value = excluded.value, "
            "quality = excluded.quality, received = excluded.received WHERE excluded.at > intake_latest.at",
            [(*row, received) for row in newest.values()],
        )


# ------------------------------------------------------------------ packing


def pack() -> int:
    """Pack the hours that are over; return how many observations were."""
    limit, done = packed_until(), 0
    for chunk in _chunks():
        with transaction.atomic():
            done += _pack(chunk, limit)
    return done


def _chunks() -> Iterator[list[int]]:
    last = 0
    while ids := list(
        Series.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_CHUNK]
    ):
        yield ids
        last = ids[-1]


def _pack(ids: list[int], limit: int) -> int:
    ready = Sample.objects.filter(series__gte=ids[0], series__lte=ids[-1], at__lt=limit)
    rows = list(ready.order_by("series", "at").values_list("series_id", "at", "value", "quality"))
    if not rows:
        return 0
    series, at, values, qualities = (np.array(column) for column in zip(*rows, strict=True))
    hours = at // HOUR
    starts = np.flatnonzero((np.diff(series, prepend=-1) != 0) | (np.diff(hours, prepend=-1) != 0))
    first, last = int(hours.min()), int(hours.max())
    present = {
        (one.series_id, one.hour): one
        for one in Block.objects.filter(series__in=ids, hour__gte=first, hour__lte=last)
    }
    made = []
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        key = (int(series[start]), int(hours[start]))
        points = (at[start:end], values[start:end].astype(float), qualities[start:end].astype(np.uint8))
        if (held := present.get(key)) is not None:
            if not held.body:
                continue
            points = codec.merge(codec.unpack(bytes(held.body)), points)
        made.append(_block(key, points))
    Block.objects.bulk_create(
        made,
        batch_size=200,
        update_conflicts=True,
        unique_fields=["series", "hour"],
        update_fields=["first", "count", "mean", "low", "high", "body"],
    )
    ready.delete()
    return len(rows)


def _block(key: tuple[int, int], points: codec.Points) -> Block:
    at, values, _ = points
    return Block(
        series_id=key[0], hour=key[1], first=int(at[0]), count=len(at), mean=float(values.mean()),
        low=float(values.min()), high=float(values.max()), body=codec.pack(*points),
    )  # fmt: skip


# ------------------------------------------------------------------ letting go


def tidy() -> dict[str, int]:
    """Pack, then let go of what was kept for its time: details, figures, arrivals everybody has read, old quarantine."""
    packed = pack()
    hour = milliseconds(service_now()) // HOUR
    wall = wall_now()
    with transaction.atomic():
        thinned = Block.objects.filter(hour__lt=hour - RAW_DAYS * 24).exclude(body=b"").update(body=b"")
        dropped, __ = Block.objects.filter(hour__lt=hour - FIGURE_DAYS * 24).delete()
    with transaction.atomic():
        _drop(Held.objects.filter(at__lt=wall - timedelta(days=HELD_DAYS)))
        _drop(Quarantine.objects.filter(last__lt=wall - timedelta(days=HELD_DAYS)))
        _drop(Link.objects.filter(tried__lt=wall - timedelta(days=HELD_DAYS)))  # of a broker that is no more
        _drop(Arrival.objects.filter(at__lt=wall - timedelta(hours=24)))
    return {"packed": packed, "thinned": thinned, "dropped": dropped}


def _drop(rows: Any) -> None:
    rows.delete()
