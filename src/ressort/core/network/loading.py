"""Loading a street network in the background: asked from a page, followed, stopped."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.core.jobs import queue
from ressort.core.jobs.models import Job
from ressort.core.journal import declare, record
from ressort.core.network import build, osm
from ressort.core.network.osm import NetworkRefused
from ressort.core.territory.models import Territory
from ressort.engines.geodesy import grown

LOAD_JOB = "network.load"
LIVE = (Job.State.QUEUED, Job.State.RUNNING)
AROUND = 3_000
"""Metres around the streets within which a point is still reached."""

ASKED = declare("network.load.asked", "Le chargement d'un réseau de rues a été demandé.", "job")


def uploads() -> Path:
    """Return the folder where files wait to be loaded."""
    return Path(settings.DATA_DIR, "uploads")


def receive(name: str, chunks: Iterable[bytes]) -> Path:
    """Keep an uploaded extract until it is loaded.

    Raises
    ------
    NetworkRefused
        If it is not an extract by its name, is empty, or the disk is full.
    """
    osm.check_suffix(name)
    place = uploads() / uuid.uuid4().hex
    place.mkdir(parents=True)
    file = place / Path(name.replace("\\", "/")).name[-100:]
    try:
        with file.open("wb") as out:
            for chunk in chunks:
                out.write(chunk)
        osm.check_file(file)
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise NetworkRefused(
            "no-room", _("Le disque du serveur est plein : libérez de la place, puis recommencez.")
        ) from error
    except NetworkRefused:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return file


def ask(user: Any, file: Path, *, name: str = "") -> Job:
    """Ask for an extract to be loaded for the territory; one load at a time.

    Parameters
    ----------
    file : Path
        On the server: uploaded, or put there by hand.

    Raises
    ------
    NetworkRefused
        If there is no such file, or it is not an extract by its name.
    """
    authorise(user, "network.load")
    osm.check_file(file)
    if (live := latest()) is not None and live.state in LIVE:
        _forget(file)
        raise NetworkRefused(
            "already-loading", _("Un réseau se charge déjà : attendez sa fin, ou arrêtez-le.")
        )
    territory = Territory.objects.filter(parent=None).order_by("pk").first()
    with transaction.atomic():
        job = queue.enqueue(
            LOAD_JOB,
            {"file": str(file.resolve()), "name": name, "territory": territory.code if territory else ""},
            actor=user.pid,
            key=LOAD_JOB,
        )
        record(ASKED.name, actor=user.pid, payload={"job": job.pid})
    return job


def latest() -> Job | None:
    """Return the last load that was asked for."""
    return Job.objects.filter(kind=LOAD_JOB).order_by("-id").first()


def stop(user: Any) -> None:
    """Stop the load under way: at once if it waits, at its next step if it runs.

    Raises
    ------
    Refused
        If nothing is being loaded.
    """
    authorise(user, "network.load")
    job = latest()
    if job is None or job.state not in LIVE:
        raise Refused("no-load", _("Aucun réseau n'est en cours de chargement."), status=409)
    queue.cancel(job.pid, actor=user.pid)
    job.refresh_from_db()
    if job.state == Job.State.CANCELLED:  # no worker had it yet: nobody else will remove its file
        _forget(Path(job.payload["file"]))


@queue.work(LOAD_JOB)
def run(job: queue.Running) -> dict[str, Any]:
    """Load the extract; what was uploaded for it goes once it is loaded, refused or stopped."""
    file = Path(job.payload["file"])
    territory = Territory.objects.filter(code=job.payload.get("territory", "")).first()
    try:
        version = build.load(
            file,
            territory=territory,
            name=job.payload.get("name", "") or (territory.name if territory else ""),
            actor=job.job.actor,
            progress=job.progress,
        )
    except queue.LeaseLost:  # another worker reads the same file now
        raise
    except BaseException:
        _forget(file)
        raise
    _forget(file)
    return {"version": str(version.pk), "counts": version.counts}


def _forget(file: Path) -> None:
    if file.parent.parent == uploads().resolve() or file.parent.parent == uploads():
        shutil.rmtree(file.parent, ignore_errors=True)


def out_of_reach(lon: float, lat: float) -> str:
    """Say why a van cannot come to a point: it lies outside the street network in service."""
    version = build.active_version()
    if version is None:
        return ""
    west, south, east, north = grown(tuple(version.bounds), AROUND)
    if west <= lon <= east and south <= lat <= north:
        return ""
    if west <= lat <= east and south <= lon <= north:
        return _("Longitude et latitude semblent échangées : la longitude vient d'abord.")
    return _(
        "Ce point (%(lon)s, %(lat)s) est hors du réseau de rues en service (longitude %(west)s à %(east)s, latitude %(south)s à %(north)s) : corrigez-le."
    ) % {
        "lon": f"{lon:.5f}",
        "lat": f"{lat:.5f}",
        "west": f"{west:.3f}",
        "east": f"{east:.3f}",
        "south": f"{south:.3f}",
        "north": f"{north:.3f}",
    }
