"""All the equipment as arrays: the map of a metropolis is drawn tile by tile and counted at once, tens of thousands or ten.

Kept in memory. What is registered is always the newest, whichever process changed it; what devices say is taken in as
it arrives in this process, and read again every ``KEEP`` seconds for what arrived in another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from itertools import batched
from typing import Any

import numpy as np
import shapely
from django.urls import reverse
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ressort.core.clock import service_now
from ressort.core.intake.models import Latest
from ressort.core.intake.readings import BAD, milliseconds, spoken
from ressort.core.journal.models import Event, Head
from ressort.core.network.mvt import encode_layer
from ressort.engines.crowd import gather, mercator
from ressort.services.controlroom.equipment import states
from ressort.services.controlroom.equipment.interlocks import Seen
from ressort.services.controlroom.equipment.kinds import KINDS
from ressort.services.controlroom.equipment.models import Asset

KEEP = 30.0
FEW = 600
"""Up to so many pieces of equipment of a layer are each shown, however far one stands."""
NEAREST = 17
"""Zoom of the nearest tiles: there each piece is shown; nearer still, the map enlarges them."""
FLAGS = ("fault", "alarm")
_CODES = ("active", "failed", "stale", "off", "contradicted")
_BAD = (_CODES.index("failed"), _CODES.index("contradicted"))
_REGISTERED = tuple(
    f"controlroom.equipment.{deed}"
    for deed in ("added", "changed", "taken", "upkeep", "contradicted", "agreed", "witness")
)
_PART = 5000  # rows named in one query


class Picture:
    """The equipment at one reading of the registry; what devices say goes on changing in it."""

    def __init__(self) -> None:
        fields = ("pid", "name", "kind", "lon", "lat", "upkeep", "device_id", "witness__contradicted")
        rows = list(Asset.objects.order_by("pk").values_list(*fields))
        self.pids, self.names = [row[0] for row in rows], [row[1] for row in rows]
        self.kinds = [KINDS[row[2]] for row in rows]
        ranks = {code: rank for rank, code in enumerate(KINDS)}
        self.ranks = np.asarray([ranks[row[2]] for row in rows], np.int16)
        places = np.asarray([row[3:5] for row in rows], float).reshape(-1, 2)
        self.x, self.y = mercator(places[:, 0], places[:, 1])
        self.off = np.asarray([row[5] != Asset.Upkeep.IN_SERVICE for row in rows], bool)
        self.against = np.asarray([row[7] is not None for row in rows], bool)
        self.lasts = np.asarray([kind.stale_s for kind in self.kinds], np.int64) * 1000
        self.until = np.zeros(len(rows), np.int64)  # service time (ms) until which the state is believed
        self.failing = np.zeros((len(rows), len(FLAGS)), bool)
        self.said: list[Seen | None] = [None] * len(rows)
        self._of: dict[int, list[int]] = {}
        for number, row in enumerate(rows):
            if row[6]:
                self._of.setdefault(row[6], []).append(number)
        self._take(
            Latest.objects.filter(series__device__in=Asset.objects.exclude(device=None).values("device"))
        )

    def hear(self, series: Iterable[int]) -> None:
        """Take in what some series have just said."""
        for part in batched(sorted(series), _PART):
            self._take(Latest.objects.filter(series__in=part))

    def _take(self, newest: Any) -> None:
        fields = (
            "series__device_id",
            "series__observed",
            "series__kind",
            "series__choices",
            "value",
            "at",
            "quality",
        )
        for device, observed, kind, choices, value, at, quality in newest.values_list(*fields).iterator():
            for number in self._of.get(device, ()):
                if observed == self.kinds[number].state:
                    self.said[number] = Seen(spoken(kind, choices, value), at, quality)
                    self.until[number] = at + self.lasts[number] if quality != BAD else 0
                if observed in FLAGS:
                    self.failing[number, FLAGS.index(observed)] = spoken(kind, choices, value) is True

    def codes(self) -> NDArray[np.int8]:
        """Return the state of each piece now, as a rank in :data:`_CODES`."""
        stale = self.until < milliseconds(service_now())
        cases = [self.off, self.against, stale, self.failing.any(axis=1)]
        return np.select(cases, [3, 4, 2, 1], 0).astype(np.int8)

    def of(self, kinds: Iterable[str]) -> NDArray[np.bool_]:
        """Tell which pieces are of some classes."""
        known = list(KINDS)
        return np.isin(self.ranks, [known.index(kind) for kind in kinds if kind in KINDS])


_lock = threading.Lock()
_kept: tuple[float, int, Picture] | None = None


def picture() -> Picture:
    """Return the equipment, read again when the registry changed or what is kept is old."""
    global _kept  # noqa: PLW0603 - the one memory of this module
    with _lock:
        here = Head.objects.values_list("seq", flat=True).get(id=1)
        if _kept is None or time.monotonic() - _kept[0] > KEEP or _registered_since(_kept[1]):
            _kept = (time.monotonic(), here, Picture())
        elif here != _kept[1]:
            _kept = (_kept[0], here, _kept[2])
        return _kept[2]


def _registered_since(seq: int) -> bool:
    return Event.objects.filter(seq__gt=seq, kind__in=_REGISTERED).exists()


def hear(series: Iterable[int]) -> None:
    """Take in what has just arrived, if anybody looks at the equipment."""
    with _lock:
        known = _kept
    if known is not None and time.monotonic() - known[0] < KEEP:
        known[2].hear(series)


def forget() -> None:
    """Read again at the next question."""
    global _kept  # noqa: PLW0603
    with _lock:
        _kept = None


def counts() -> dict[str, int]:
    """Return how many pieces of equipment are in each state."""
    found = np.bincount(picture().codes(), minlength=len(_CODES))
    return {code: int(n) for code, n in zip(_CODES, found, strict=True)}


def in_state(code: str) -> set[str]:
    """Return the ids of the equipment in a state."""
    known = picture()
    return {known.pids[n] for n in np.flatnonzero(known.codes() == _CODES.index(code))}


def tile(kinds: Iterable[str], z: int, column: int, row: int) -> bytes:
    """Return one vector tile of the equipment of some classes, a layer named ``points``; empty where there is none.

    A point has the properties that :func:`ressort.services.controlroom.equipment.queries.shown` gives; a group has
    ``cluster``, ``point_count``, ``point_count_abbreviated`` and ``failed``, how many of it signal a fault or are
    contradicted by their witness.
    """
    known = picture()
    mine = np.flatnonzero(known.of(kinds))
    codes = known.codes()[mine]
    apart = len(mine) <= FEW or z >= NEAREST
    found = gather(known.x[mine], known.y[mine], np.isin(codes, _BAD), (z, column, row), apart=apart)
    features = [
        (shapely.Point(known.x[n] * 2**z, known.y[n] * 2**z), _told(known, n, _CODES[codes[k]]))
        for k, n in ((k, int(mine[k])) for k in found.singles)
    ]
    for x, y, count, failed in zip(
        found.x, found.y, found.counts.tolist(), found.marked.tolist(), strict=True
    ):
        short = str(count) if count < 1000 else f"{count / 1000:.1f}k"
        more = {"cluster": True, "point_count": count, "point_count_abbreviated": short, "failed": failed}
        features.append((shapely.Point(x * 2**z, y * 2**z), more))
    return encode_layer("points", features, (column, row)) if features else b""


def _told(known: Picture, n: int, code: str) -> dict[str, Any]:
    kind, said = known.kinds[n], known.said[n]
    words = _("sans nouvelles")
    if said is not None and code != "stale":
        words = states.state_words(kind, {kind.state: said})
    if code == "contradicted":
        words = _("%(said)s, contredit par son témoin") % {"said": words}
    return {
        "id": known.pids[n],
        "kind": kind.code,
        "state": code,
        "stale": code == "stale",
        "resting": True,
        "name": known.names[n],
        "label": f"{known.names[n]} · {words}",
        "panel": reverse("controlroom:asset", args=[known.pids[n]]),
    }
