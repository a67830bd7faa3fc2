"""Queueing, leasing and running jobs.

A worker takes a job by writing its name and a lease on the row, and renews the lease while it works. When a
worker dies, the lease runs out and another takes the job up again, so the work of a kind must be repeatable:
what it writes it writes once, by key or by version.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, connections, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ressort.core.clock import wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.jobs.models import Job
from ressort.core.journal import correlated, declare, record

LEASE = timedelta(seconds=20)
MAX_ATTEMPTS = 5
_log = logging.getLogger(__name__)

declare("job.done", "Un travail de fond est terminé.", "job_kind", "attempts")
declare("job.failed", "Un travail de fond a échoué.", "job_kind", "attempts")
declare("job.cancelled", "Un travail de fond a été arrêté.", "job_kind")

Work = Callable[["Running"], Any]
_kinds: dict[str, Work] = {}
_wake = threading.Event()


class Cancelled(Exception):  # noqa: N818 - not an error: somebody asked
    """The job was asked to stop."""


class LeaseLost(Exception):  # noqa: N818 - another worker has the job now
    """The worker was believed dead and its job taken; it must not write any more."""


class Running:
    """A job being run: what its work function receives.

    Attributes
    ----------
    job : Job
        The row as it was when the job was taken.
    payload : dict
    """

    def __init__(self, job: Job, worker: str) -> None:
        self.job = job
        self.payload: dict[str, Any] = dict(job.payload)
        self._worker = worker
        self._said = float("-inf")

    def progress(self, step: str, done: float) -> None:
        """Say where the work stands (at most twice a second reaches the table) and renew the lease.

        Raises
        ------
        Cancelled
            If somebody asked to stop.
        LeaseLost
            If another worker has taken the job.
        """
        if time.monotonic() - self._said < 0.5 and done < 1:
            return
        self._said = time.monotonic()
        kept = Job.objects.filter(pk=self.job.pk, worker=self._worker, state=Job.State.RUNNING).update(
            step=step[:160], done=max(0.0, min(1.0, done)), lease_until=wall_now() + LEASE
        )
        if not kept:
            raise LeaseLost
        if Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists():
            raise Cancelled


def work(kind: str) -> Callable[[Work], Work]:
    """Register the function that does the jobs of ``kind``."""

    def register(function: Work) -> Work:
        _kinds[kind] = function
        return function

    return register


def enqueue(
    kind: str,
    payload: dict[str, Any] | None = None,
    *,
    actor: str = "system:jobs",
    key: str | None = None,
    delay: float = 0.0,
) -> Job:
    """Queue a job; with a ``key``, return the live job that already has it instead of a second one."""
    if kind not in _kinds:
        raise LookupError(f"no work is registered for jobs of kind {kind}")
    with transaction.atomic():
        if key and (live := Job.objects.filter(key=key).first()):
            return live
        job = Job.objects.create(
            kind=kind,
            payload=payload or {},
            key=key,
            actor=actor,
            created=wall_now(),
            not_before=wall_now() + timedelta(seconds=delay) if delay else None,
        )
        transaction.on_commit(_wake.set)
    return job


def find(pid: str) -> Job:
    """Return a job by its public id."""
    job = Job.objects.filter(pid=pid).first()
    if job is None:
        raise Unknown("job", _("Aucun travail ne porte le numéro « %(pid)s ».") % {"pid": pid[:30]})
    return job


def cancel(pid: str, *, actor: str) -> None:
    """Ask a job to stop: at once if it waits, at its next progress if it runs."""
    job = find(pid)
    with transaction.atomic():
        if Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
            state=Job.State.CANCELLED, key=None, ended=wall_now()
        ):
            record("job.cancelled", actor=actor, subject=job.pid, payload={"job_kind": job.kind})
        elif not Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True):
            raise Refused("job-over", _("Ce travail est déjà terminé."), status=409)


def take(worker: str) -> Job | None:
    """Take the oldest job that waits, or whose worker's lease ran out."""
    now = wall_now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    due = Q(not_before=None) | Q(not_before__lte=now)
    if not Job.objects.filter(free & due).exists():  # no write lock for an empty queue
        return None
    with transaction.atomic():
        query = Job.objects.filter(free & due).order_by("id")
        if connection.features.has_select_for_update_skip_locked:
            query = query.select_for_update(skip_locked=True)
        job = query.first()
        if job is None:
            return None
        job.state, job.worker, job.lease_until = Job.State.RUNNING, worker, now + LEASE
        job.attempts += 1
        job.save(update_fields=["state", "worker", "lease_until", "attempts"])
    return job


def run_one(worker: str) -> bool:
    """Take and run one job; return whether there was one."""
    job = take(worker)
    if job is None:
        return False
    running = Running(job, worker)
    with correlated(job.pid), _renewing(job, worker):
        try:
            if job.attempts > MAX_ATTEMPTS:
                raise RuntimeError(f"{job.attempts - 1} workers died while doing it")  # noqa: TRY301
            result = _kinds[job.kind](running)
        except LeaseLost:
            _log.warning("job %s (%s) was taken by another worker", job.pid, job.kind)
        except Cancelled:
            _end(job, worker, Job.State.CANCELLED, "job.cancelled", {})
        except Exception as error:  # the queue goes on; the row and the log keep the reason
            _log.exception("job %s (%s) failed", job.pid, job.kind)
            text = error.sentence if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
            _end(job, worker, Job.State.FAILED, "job.failed", {"attempts": job.attempts}, error=text)
        else:
            _end(job, worker, Job.State.DONE, "job.done", {"attempts": job.attempts}, result=result, done=1.0)
    return True


def _end(job: Job, worker: str, state: str, kind: str, payload: dict[str, Any], **fields: Any) -> None:
    with transaction.atomic():
        if Job.objects.filter(pk=job.pk, worker=worker, state=Job.State.RUNNING).update(
            state=state, key=None, ended=wall_now(), lease_until=None, **fields
        ):
            record(kind, actor="system:jobs", subject=job.pid, payload={"job_kind": job.kind, **payload})


class _renewing:  # noqa: N801 - reads as a statement: with _renewing(job)
    """Renew a job's lease from a side thread, so that a long kernel call does not lose it."""

    def __init__(self, job: Job, worker: str) -> None:
        self._job, self._worker = job, worker
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name=f"lease-{job.pid}", daemon=True)

    def __enter__(self) -> None:
        if connection.in_atomic_block:  # a test's transaction: another connection could only wait for it
            return
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _renew(self) -> None:
        while not self._over.wait(LEASE.total_seconds() / 3):
            Job.objects.filter(pk=self._job.pk, worker=self._worker, state=Job.State.RUNNING).update(
                lease_until=wall_now() + LEASE
            )
        connections.close_all()


class Worker(threading.Thread):
    """A thread that runs jobs until it is stopped; in the embedded process, or in ``ressort worker``."""

    def __init__(self) -> None:
        super().__init__(name="ressort-worker", daemon=True)
        self.worker = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._over = threading.Event()

    def run(self) -> None:
        """Run jobs; sleep until woken, at most a second."""
        while not self._over.is_set():
            _wake.clear()
            try:
                if run_one(self.worker):
                    continue
            except Exception:  # a locked or restarting database: say so and go on
                _log.exception("the worker could not take a job")
            _wake.wait(1.0)
        connections.close_all()

    def stop(self) -> None:
        """Finish the job at hand, then end."""
        self._over.set()
        _wake.set()
