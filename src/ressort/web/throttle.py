"""A brake on repeated tries of a secret, per process: enough to make guessing hopeless."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

from django.utils.translation import gettext as _

from ressort.core.errors import Refused

TRIES = 10
SPAN = 300.0  # seconds
_KEPT = 10_000

_lock = threading.Lock()
_tries: OrderedDict[str, deque[float]] = OrderedDict()


def _recent(key: str) -> deque[float]:
    tries = _tries.setdefault(key, deque(maxlen=TRIES))
    since = time.monotonic() - SPAN
    while tries and tries[0] < since:
        tries.popleft()
    return tries


def check(key: str) -> None:
    """Refuse when ``key`` was counted ten times within five minutes.

    Raises
    ------
    Refused
        Status 429.
    """
    with _lock:
        if len(_recent(key)) >= TRIES:
            raise Refused(
                "too-many-tries",
                _("Trop d'essais d'affilée. Attendez cinq minutes, puis recommencez."),
                status=429,
            )


def count(key: str) -> None:
    """Note one failed try."""
    with _lock:
        _recent(key).append(time.monotonic())
        _tries.move_to_end(key)
        while len(_tries) > _KEPT:
            _tries.popitem(last=False)


def forget(key: str) -> None:
    """Start again from nothing after a success."""
    with _lock:
        _tries.pop(key, None)


def clear() -> None:
    """Forget everything (tests)."""
    with _lock:
        _tries.clear()
