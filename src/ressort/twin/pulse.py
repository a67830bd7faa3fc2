"""The heartbeat of a demonstration: plays the town at the clock's speed, in the embedded process."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

from django.db import OperationalError, connections

from ressort.core import clock
from ressort.twin import day

_log = logging.getLogger(__name__)
PERIOD = 0.5  # wall seconds between two looks
ANSWER = 0.1  # … and between two looks at what is asked of simulated devices
AHEAD = timedelta(
    seconds=45
)  # service time between two looks at most: at x60 a beat is 36 s when all is well
REMEMBER = 5.0  # wall seconds between two writings of positions


class Pulse(threading.Thread):
    """Plays until stopped."""

    def __init__(self) -> None:
        super().__init__(name="ressort-twin", daemon=True)
        self._over = threading.Event()

    def run(self) -> None:
        """Play at the clock's speed; while somebody advances the clock, leave the town to the advance."""
        remembered = looked = 0.0
        while not self._over.wait(ANSWER):
            if not day.playing.acquire(blocking=False):
                continue
            try:
                if time.monotonic() - looked < PERIOD:
                    day.hurry(clock.service_now())
                    continue
                looked = time.monotonic()
                self._beat()
                if time.monotonic() - remembered > REMEMBER:
                    remembered = time.monotonic()
                    day.drivers.remember(clock.service_now())
            except OperationalError:
                _log.warning("the database was busy; the town goes on at the next beat")
            except Exception:  # the show goes on; the log keeps the reason
                _log.exception("the twin stumbled")
            finally:
                day.playing.release()
        connections.close_all()

    @staticmethod
    def _beat() -> None:
        now = clock.service_now()
        morning = day.quiet(now)
        if morning and morning - now > timedelta(minutes=10):
            clock.jump(morning)
            now = morning
        clock.heartbeat(now + AHEAD)
        day.step(now)

    def stop(self) -> None:
        """End after the beat at hand."""
        self._over.set()
