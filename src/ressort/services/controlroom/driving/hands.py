"""Work that waits for somebody far away: done apart, few at a time for each address, so that a dead one stops no other."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections, connections

_log = logging.getLogger(__name__)
ABREAST = 2
"""How much is done at once at one address."""


class Hands:
    """Threads that end when nothing is left to do; one lane for each address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lanes: dict[str, deque[tuple[str, Callable[[], object]]]] = {}
        self._at: dict[str, int] = {}
        self._known: set[str] = set()

    def do(self, key: str, lane: str, deed: Callable[[], object]) -> bool:
        """Do something apart; what is already waiting or under way under the same key is not asked twice."""
        if not settings.DRIVER_THREADS:
            deed()
            return True
        with self._lock:
            if key in self._known:
                return False
            self._known.add(key)
            self._lanes.setdefault(lane, deque()).append((key, deed))
            if self._at.get(lane, 0) >= ABREAST or sum(self._at.values()) >= settings.DRIVER_THREADS:
                return True
            self._at[lane] = self._at.get(lane, 0) + 1
        threading.Thread(target=self._work, args=(lane,), name="ressort-driver", daemon=True).start()
        return True

    def _work(self, lane: str) -> None:
        try:
            while (task := self._next(lane)) is not None:
                key, deed = task
                close_old_connections()
                try:
                    deed()
                except Exception:  # one device's trouble is nobody else's
                    _log.exception("a driver stumbled")
                finally:
                    with self._lock:
                        self._known.discard(key)
        finally:
            connections.close_all()

    def _next(self, lane: str) -> tuple[str, Callable[[], object]] | None:
        """Return what is next in this lane; else this thread leaves it, for one that has nobody."""
        with self._lock:
            if queue := self._lanes.get(lane):
                return queue.popleft()
            self._leave(lane)
            waiting = next(
                (name for name, queue in self._lanes.items() if queue and not self._at.get(name)), None
            )
        if waiting is not None:
            self._start(waiting)
        return None

    def _leave(self, lane: str) -> None:
        self._lanes.pop(lane, None)
        self._at[lane] -= 1
        if not self._at[lane]:
            del self._at[lane]

    def _start(self, lane: str) -> None:
        with self._lock:
            if self._at.get(lane, 0) >= ABREAST:
                return
            self._at[lane] = self._at.get(lane, 0) + 1
        threading.Thread(target=self._work, args=(lane,), name="ressort-driver", daemon=True).start()

    def idle(self) -> bool:
        """Tell whether nothing is under way."""
        with self._lock:
            return not self._known and not self._at


hands = Hands()
