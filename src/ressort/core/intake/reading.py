"""Reading series again: between two instants, as of an instant, thin enough to draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _

from ressort.core.errors import Unknown
from ressort.core.intake.keeping import HOUR
from ressort.core.intake.models import Block, Latest, Sample, Series
from ressort.core.intake.readings import Point, milliseconds
from ressort.engines import series as codec

AGGREGATED = 3
"""Quality of the mean of an hour, once its details are let go."""
_LOOK_BACK = 24 * HOUR


def find(code: str, observed: str) -> Series:
    """Return a declared series."""
    found = Series.objects.filter(device__code=code, observed=observed).select_related("device").first()
    if found is None:
        raise Unknown(
            "series",
            _("Le capteur « %(code)s » n'a pas déclaré la grandeur « %(observed)s ».")
            % {"code": code[:60], "observed": observed[:40]},
        )
    return found


def between(series: int, start: datetime, end: datetime) -> codec.Points:
    """Return the observations of ``[start, end)``: instants in milliseconds, values, qualities."""
    low, high = milliseconds(start), milliseconds(end)
    found = codec.empty()
    blocks = Block.objects.filter(series=series, hour__gte=low // HOUR, hour__lte=high // HOUR)
    for hour, mean, body in blocks.order_by("hour").values_list("hour", "mean", "body"):
        found = codec.merge(found, points_of(hour, mean, bytes(body)))
    rows = Sample.objects.filter(series=series, at__gte=low, at__lt=high).order_by("at")
    if fresh := list(rows.values_list("at", "value", "quality")):
        at, values, qualities = zip(*fresh, strict=True)
        open_ones = (np.array(at, np.int64), np.array(values, float), np.array(qualities, np.uint8))
        found = codec.merge(found, open_ones)
    return codec.between(found, low, high)


def points_of(hour: int, mean: float, body: bytes) -> codec.Points:
    """Return the observations of a packed hour; of one whose details were let go, its mean, in its middle."""
    if body:
        return codec.unpack(body)
    middle = np.array([hour * HOUR + HOUR // 2], np.int64)
    return middle, np.array([mean]), np.array([AGGREGATED], np.uint8)


def latest(series: Iterable[int]) -> dict[int, Point]:
    """Return the newest observation of each series that has one."""
    rows = Latest.objects.filter(series__in=list(series)).values_list("series_id", "at", "value", "quality")
    return {pk: Point(at, value, quality) for pk, at, value, quality in rows}


def as_of(at: datetime, look_back: int = _LOOK_BACK) -> Mapping[int, Point]:
    """Return what was the newest observation of every series at a moment, if not older than ``look_back`` ms."""
    limit = milliseconds(at)
    found: dict[int, Point] = {}
    for pk, seen, value, quality in _rows(_SAMPLES, limit, limit - look_back):
        found[pk] = Point(seen, value, quality)
    for pk, hour, mean, body in _rows(_BLOCKS, limit, limit - look_back):
        middle = hour * HOUR + HOUR // 2
        newest = codec.last(body, limit) if body else (middle, mean, AGGREGATED) if middle <= limit else None
        if newest and (pk not in found or newest[0] > found[pk].at):
            found[pk] = Point(*newest)
    return found


# One seek in the key per series, whatever the size of the tables.
_SAMPLES = (
    "SELECT x.series_id, x.at, x.value, x.quality FROM intake_series s JOIN intake_sample x ON x.series_id = s.id "
    "AND x.at = (SELECT max(y.at) FROM intake_sample y WHERE y.series_id = s.id AND y.at <= %s AND y.at >= %s)"
)
_BLOCKS = (
    "SELECT x.series_id, x.hour, x.mean, x.body FROM intake_series s JOIN intake_block x ON x.series_id = s.id "
    "AND x.hour = (SELECT max(y.hour) FROM intake_block y WHERE y.series_id = s.id AND y.first <= %s "
    "AND y.hour <= %s AND y.hour >= %s)"
)


def _rows(query: str, limit: int, oldest: int) -> list[tuple[Any, ...]]:
    given = [limit, oldest] if query is _SAMPLES else [limit, limit // HOUR, oldest // HOUR]
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return list(cursor.fetchall())
