"""Those who watch observations: each reads on from a stored cursor, so that a crash after the commit loses nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from ressort.core.intake.models import Arrival
from ressort.core.journal.models import Cursor

arrived = threading.Event()
"""Set when observations were committed by this process."""
_BATCH = 50
_locks: dict[str, threading.Lock] = {}

type Arrivals = NDArray[Any]


def wake() -> None:
    """Tell the runner that something arrived."""
    arrived.set()


def deliver(name: str, run: Callable[[Arrivals], Any]) -> int:
    """Run a watcher on the observations it has not seen yet; return how many.

    ``run`` receives a structured array with ``series``, ``at``, ``value`` and ``quality``, in the order of arrival.
    Its writes and its cursor are one transaction.
    """
    done = 0
    cursor_name = f"intake:{name}"
    with _locks.setdefault(name, threading.Lock()):
        while True:
            found = _next(cursor_name)
            if not found:
                return done
            arrivals = np.concatenate([found_rows(one.body) for one in found])
            with transaction.atomic():
                cursor = Cursor.objects.select_for_update().get(name=cursor_name)
                if cursor.seq >= found[0].pk:  # another process has
                    continue
                run(arrivals)
                Cursor.objects.filter(name=cursor_name).update(seq=found[-1].pk)
            done += len(arrivals)


def found_rows(body: bytes | memoryview) -> Arrivals:
    """Return a kept batch as an array."""
    from ressort.core.intake.observing import ARRIVED

    return np.frombuffer(bytes(body), ARRIVED)


def _next(name: str) -> list[Arrival]:
    seq = Cursor.objects.filter(name=name).values_list("seq", flat=True).first()
    if seq is None:  # a watcher that starts reads from now on, not what was there before it
        last = Arrival.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        seq = Cursor.objects.get_or_create(name=name, defaults={"seq": last})[0].seq
    return list(Arrival.objects.filter(pk__gt=seq).order_by("pk")[:_BATCH])


class Runner(threading.Thread):
    """A thread that lets every watcher read on as soon as something arrived."""

    def __init__(self, watches: Callable[[], Any]) -> None:
        super().__init__(name="ressort-observations", daemon=True)
        self._watches = watches
        self._over = threading.Event()

    def run(self) -> None:
        """Deliver until stopped; a watcher that fails is logged and tried again at the next round."""
        import logging

        from django.db import connections

        log = logging.getLogger(__name__)
        while not self._over.is_set():
            arrived.wait(1.0)  # another process may have taken observations in
            arrived.clear()
            for watch in self._watches():
                try:
                    deliver(watch.name, watch.run)
                except Exception:
                    log.exception("the watcher %s stumbled", watch.name)
        connections.close_all()

    def stop(self) -> None:
        """End after the round at hand."""
        self._over.set()
        arrived.set()
