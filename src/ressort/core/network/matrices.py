"""Planning matrices kept from one day to the next: every stop to every stop, for one version, profile and revision.

Computing one takes seconds to minutes, so that it happens in the background (:func:`rebuild`, from a job) and the
last one stands meanwhile (:func:`current`). A new address costs one row and one column (:meth:`PlanningMatrix.with_points`).
Files: ``matrices/<digest>.npy`` (2 x n x n int32: seconds, metres) in the version's folder, named by their content.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from ressort.core.journal import record
from ressort.core.network.answers import Lonlat
from ressort.core.network.closures import revision
from ressort.core.network.events import REBUILT
from ressort.core.network.models import NetworkVersion, StopMatrix
from ressort.core.network.osm import Progress
from ressort.core.network.router import Router

STEP = gettext_noop("Temps de parcours")  # said by ``blocks``, which must not know Django


@dataclass(frozen=True, slots=True)
class PlanningMatrix:
    """Seconds and metres between every two of ``points``, and what they were computed from.

    Attributes
    ----------
    points : tuple of (lon, lat)
    seconds, metres : ndarray of int32, shape (n, n)
        ``UNREACHABLE`` (-1) where there is no way.
    version : str
        Network version.
    profile, revision : str
        Who travels, and the digest of the closures it was computed under.
    digest : str
        SHA-256 of seconds and metres: a decision receipt names it.
    fresh : bool
        False when closures changed since: still the best there is until the next one lands.
    """

    points: tuple[Lonlat, ...]
    seconds: NDArray[np.int32]
    metres: NDArray[np.int32]
    version: str
    profile: str
    revision: str
    digest: str
    fresh: bool = True

    def with_points(self, points: Sequence[Lonlat], at: dt.datetime | None = None) -> PlanningMatrix:
        """Return the matrix with more points at its end: one row and one column for each, computed now."""
        if not points:
            return self
        router = Router.of(self.version)
        added = [(float(lon), float(lat)) for lon, lat in points]
        every = (*self.points, *added)
        # Two narrow questions instead of one wide: the old block is known already.
        out = router.matrix(added, every, self.profile, at)
        back = router.matrix(self.points, added, self.profile, at)
        both = []
        for known, row, column in zip((self.seconds, self.metres), out, back, strict=True):
            both.append(np.vstack([np.hstack([known, column]), row]))
        seconds, metres = both
        return PlanningMatrix(
            every,
            seconds,
            metres,
            self.version,
            self.profile,
            self.revision,
            _digest(seconds, metres),
            self.fresh,
        )


def current(
    points: Sequence[Lonlat],
    profile: str = "car",
    *,
    version: NetworkVersion | None = None,
    at: dt.datetime | None = None,
) -> PlanningMatrix | None:
    """Return the kept matrix of these points, in this order: of today's closures, else the latest one.

    None when none was ever built for them on this version: call :func:`rebuild`.
    """
    version = version or NetworkVersion.objects.filter(state=NetworkVersion.State.ACTIVE).first()
    if version is None:
        return None
    wanted = revision(at)
    rows = version.matrices.filter(profile=profile, points_digest=_points_digest(points))
    for row in sorted(rows, key=lambda row: (row.revision == wanted, row.created, row.pk), reverse=True):
        if (found := _read(row, points, fresh=row.revision == wanted)) is not None:
            return found
    return None


def rebuild(
    points: Sequence[Lonlat],
    profile: str = "car",
    *,
    version: NetworkVersion | None = None,
    at: dt.datetime | None = None,
    progress: Progress | None = None,
) -> PlanningMatrix:
    """Compute the matrix of a set of points under the closures of a time, keep it, and say so in the journal.

    Returns the kept one at once when it is up to date: a job taken up again does not pay twice.

    Raises
    ------
    NoNetwork
        When no version is given and none is in service.
    """
    router = Router.of(version) if version is not None else Router.active()
    version = version or NetworkVersion.objects.get(pk=router.folder.name)
    kept = current(points, profile, version=version, at=at)
    if kept is not None and kept.fresh:
        return kept
    seen = revision(at)
    seconds, metres = router.matrix(points, points, profile, at, progress=progress)
    digest = _digest(seconds, metres)
    _write(_file(version, digest), seconds, metres)
    with transaction.atomic():
        StopMatrix.objects.update_or_create(
            version=version,
            profile=profile,
            points_digest=_points_digest(points),
            revision=seen,
            defaults={"count": len(points), "digest": digest},
        )
        payload = {"count": len(points), "profile": profile, "digest": digest, "version": str(version.pk)}
        record(REBUILT.name, actor="system:network", subject=str(version.pk), payload=payload)
    return PlanningMatrix(
        tuple((float(lon), float(lat)) for lon, lat in points),
        seconds,
        metres,
        str(version.pk),
        profile,
        seen,
        digest,
    )


def _points_digest(points: Sequence[Lonlat]) -> str:
    return hashlib.sha256(np.asarray(points, dtype="<f8").tobytes()).hexdigest()


def _digest(seconds: NDArray[np.int32], metres: NDArray[np.int32]) -> str:
    return hashlib.sha256(seconds.astype("<i4").tobytes() + metres.astype("<i4").tobytes()).hexdigest()


def _file(version: NetworkVersion, digest: str) -> Path:
    return version.folder / "matrices" / f"{digest}.npy"


def _write(file: Path, seconds: NDArray[np.int32], metres: NDArray[np.int32]) -> None:
    file.parent.mkdir(exist_ok=True)
    work = file.with_suffix(f".{os.getpid()}.part")
    with work.open("wb") as out:
        np.save(out, np.stack([seconds, metres]))
    work.replace(file)


def _read(row: StopMatrix, points: Sequence[Lonlat], *, fresh: bool) -> PlanningMatrix | None:
    """Return a kept matrix, None when its file is missing or is no longer what it was."""
    try:
        seconds, metres = np.load(_file(row.version, row.digest))
    except (OSError, ValueError, EOFError):
        return None
    if _digest(seconds, metres) != row.digest:
        return None
    known = tuple((float(lon), float(lat)) for lon, lat in points)
    return PlanningMatrix(
        known, seconds, metres, str(row.version_id), row.profile, row.revision, row.digest, fresh
    )
