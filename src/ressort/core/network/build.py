"""Load a street network: read, build, store, then put in service in one transaction.

Everything slow happens in a folder of its own, beside the running network; a failure or a cancellation removes it
and changes nothing. A version is kept as long as something refers to it.
"""

from __future__ import annotations

import hashlib
import shutil
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_noop as noop

from ressort.core.journal import record
from ressort.core.network import graph, osm
from ressort.core.network.closures import apply_speeds
from ressort.core.network.communes import communes_of
from ressort.core.network.draw import write_tiles
from ressort.core.network.events import ACTIVATED, LOADED, RETIRED
from ressort.core.network.folders import networks_folder
from ressort.core.network.models import LiveSpeed, NetworkVersion
from ressort.core.network.osm import Extract, Progress
from ressort.core.network.outline import OUTLINE_FILE, write_outline
from ressort.core.network.rows import inventory_refs, store
from ressort.core.network.tiles import TILES_FILE
from ressort.core.territory.models import Territory
from ressort.engines.geodesy import Box, grown

type InUse = Callable[[], Iterable[uuid.UUID]]

in_use: list[InUse] = []
"""Callables that return the versions something still refers to (planned tours, receipts …)."""

# Share of the whole that each step takes, measured on a town: the bar moves evenly.
_SHARES = {
    noop("Mise en ordre du fichier"): (0.0, 0.05),
    noop("Lecture du fichier"): (0.05, 0.25),
    noop("Graphe routier"): (0.25, 0.6),
    noop("Dessin de la carte"): (0.6, 0.8),
    noop("Inventaire et adresses"): (0.8, 1.0),
}


def load(
    file: Path,
    *,
    territory: Territory | None = None,
    name: str = "",
    activate: bool = True,
    actor: str = "system:network",
    progress: Progress | None = None,
) -> NetworkVersion:
    """Load an OpenStreetMap extract as a new version of the street network.

    Parameters
    ----------
    file : Path
        ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.osm.pbf``.
    territory : Territory, optional
        The file must touch it; its communes name the streets' communes.
    name : str, optional
        Shown to people; the file's name by default.
    activate : bool
        Put it in service once built.
    actor : str
        Who asked, for the journal.
    progress : callable, optional
        Called with ``(step in French, share done of the whole)``. Raise :class:`~ressort.core.network.osm.Cancelled`
        in it to stop.

    Returns
    -------
    NetworkVersion
        In state ``active`` (or ``ready``).

    Raises
    ------
    NetworkRefused
        With a sentence; the running network is untouched.
    """
    file = Path(file)
    identifier = uuid.uuid4()
    final = networks_folder() / str(identifier)
    work = networks_folder() / f".{identifier}"
    work.mkdir(parents=True)
    try:
        version, extract, refs = _build(file, work, identifier, _scaled(progress), territory)
        version.name = name or file.name.split(".osm")[0]
        work.rename(final)
        _settle(version, extract, refs, territory, activate=activate, actor=actor, progress=_scaled(progress))
    except BaseException:
        # The rows are the last thing written: if they had been, nothing would have been raised.
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(final, ignore_errors=True)
        raise
    if activate and LiveSpeed.objects.exists():
        apply_speeds()
    return version


def _scaled(progress: Progress | None) -> Progress:
    """Return a progress of the whole, which never goes back: a step that guesses its share may guess too high first."""
    said = 0.0

    def scaled(step: str, done: float) -> None:
        nonlocal said
        if progress is not None:
            low, high = _SHARES.get(step, (0.0, 1.0))
            said = max(said, low + (high - low) * min(1.0, max(0.0, done)))
            progress(step, said)

    return scaled


def _build(
    file: Path, work: Path, identifier: uuid.UUID, progress: Progress, territory: Territory | None
) -> tuple[NetworkVersion, Extract, dict[str, int]]:
    """Do everything that needs no database, in the work folder."""
    begun = time.monotonic()
    log: list[str] = []

    def said(step: str) -> None:
        log.append(f"{time.monotonic() - begun:7.2f} s  {step}")

    progress("Mise en ordre du fichier", 0.0)
    pbf = work / "source.osm.pbf"
    osm.put_in_order(file, pbf)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    said("fichier mis en ordre")
    extract = osm.read(pbf, within=_box(territory), progress=progress, named=file.name)
    said("fichier lu")
    warnings = graph.build_graph(pbf, work, progress=progress)
    said("graphe routier construit")
    refs = inventory_refs(extract)
    drawn = write_tiles(extract, work / TILES_FILE, ids=refs, progress=progress)
    write_outline(extract, work / OUTLINE_FILE)
    said("carte dessinée")
    pbf.unlink()
    version = NetworkVersion(
        id=identifier,
        source=file.name,
        sha256=digest,
        bounds=list(extract.bounds),
        counts=extract.counts() | {"tiles": drawn["tiles"], "tile_bytes": drawn["bytes"]},
        state=NetworkVersion.State.READY,
        log="\n".join([*log, warnings]).strip(),
    )
    return version, extract, refs


def _box(territory: Territory | None) -> Box | None:
    """Return the bounds of a territory, widened by what a centre leaves out; None when nothing is known."""
    if territory is None:
        return None
    points = [
        (t.lon, t.lat)
        for t in (territory, *territory.children.all())
        if t.lon is not None and t.lat is not None
    ]
    if not points:
        return None
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    return grown((min(lons), min(lats), max(lons), max(lats)), 3_000)


def _settle(
    version: NetworkVersion,
    extract: Extract,
    refs: dict[str, int],
    territory: Territory | None,
    *,
    activate: bool,
    actor: str,
    progress: Progress,
) -> None:
    """Write the rows, put the version in service, and say so in the journal: one transaction."""
    progress("Inventaire et adresses", 0.0)
    communes = communes_of(extract, territory)
    with transaction.atomic():
        version.save(force_insert=True)
        store(version, extract, communes, refs, progress)
        if activate:
            _put_in_service(version)
        payload = {key: version.counts[key] for key in ("drivable", "addresses")}
        payload |= {"active": activate, "sha256": version.sha256}
        code = territory.code if territory is not None else ""
        progress("Inventaire et adresses", 1.0)
        record(LOADED.name, actor=actor, subject=str(version.id), payload=payload, territory=code)


def _put_in_service(version: NetworkVersion) -> None:
    NetworkVersion.objects.filter(state=NetworkVersion.State.ACTIVE).update(state=NetworkVersion.State.READY)
    version.state = NetworkVersion.State.ACTIVE
    version.save(update_fields=["state"])


def activate(version: NetworkVersion, *, actor: str = "system:network") -> None:
    """Put a version that is ready (or an older one) in service; it takes the live speeds with it."""
    with transaction.atomic():
        _put_in_service(version)
        record(ACTIVATED.name, actor=actor, subject=str(version.id))
    apply_speeds()


def active_version() -> NetworkVersion | None:
    """Return the version in service, None before the first load."""
    return NetworkVersion.objects.filter(state=NetworkVersion.State.ACTIVE).first()


def retire_unreferenced() -> list[uuid.UUID]:
    """Remove the versions that are not in service and that nothing refers to; return their identifiers.

    The row stays, marked retired, so that an old receipt can still name it; its files, inventory and addresses go.
    """
    kept = {identifier for hook in in_use for identifier in hook()}
    retired: list[uuid.UUID] = []
    for version in NetworkVersion.objects.filter(state=NetworkVersion.State.READY).exclude(pk__in=kept):
        with transaction.atomic():
            for rows in (version.features, version.streets, version.addresses, version.matrices):
                rows.all().delete()
            version.state = NetworkVersion.State.RETIRED
            version.save(update_fields=["state"])
            record(RETIRED.name, actor="system:network", subject=str(version.pk))
        shutil.rmtree(version.folder, ignore_errors=True)
        retired.append(version.pk)
    return retired
