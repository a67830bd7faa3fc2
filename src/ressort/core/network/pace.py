"""How much slower traffic is at each hour of a day: one factor on planning times.

Nothing finer is honest without counts of the territory: peaks take 1.25 to 1.3 times the free-flow time of the
routing graph (which already holds turns, signals and urban speeds), nights a little less than 1. A measured profile
replaces ``WEEKDAY`` when the territory has one.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from ressort.core.network.answers import UNREACHABLE

# (from this second of the local day, factor)
WEEKDAY = (
    (0, 0.92),
    (21_600, 1.0),
    (26_100, 1.25),
    (33_300, 1.05),
    (57_600, 1.2),
    (60_300, 1.3),
    (68_400, 1.05),
    (75_600, 0.95),
)
WEEKEND = ((0, 0.92), (32_400, 1.0), (50_400, 1.08), (68_400, 1.0), (79_200, 0.95))


def factor(second: int, *, working_day: bool = True) -> float:
    """Return the factor at a second of the local day."""
    table = WEEKDAY if working_day else WEEKEND
    return next(value for start, value in reversed(table) if second % 86_400 >= start)


def factor_at(local: dt.datetime, *, working_day: bool) -> float:
    """Return the factor at a local time."""
    return factor(local.hour * 3600 + local.minute * 60 + local.second, working_day=working_day)


def slowed(seconds: NDArray[np.int32], by: float) -> NDArray[np.int32]:
    """Return a matrix of seconds slowed by a factor, rounded up; what is unreachable stays so."""
    return np.where(seconds == UNREACHABLE, UNREACHABLE, np.ceil(seconds * by)).astype(np.int32)
