"""The newest value of each key of a channel: positions, last states. Lossy on purpose.

A follower that is slow misses intermediate values, never the last one. In the embedded process the hub is shared
memory; several processes share it through whichever broker the installation runs (``brokers``).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any


class Hub:
    """Channels of keyed values, each value stamped with a growing revision."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._revision = 0
        self._channels: dict[str, dict[str, tuple[int, Any]]] = {}

    def publish(self, channel: str, values: Mapping[str, Any]) -> None:
        """Set the newest values of some keys; None takes a key away (and followers are told)."""
        with self._lock:
            self._revision += 1
            kept = self._channels.setdefault(channel, {})
            for key, value in values.items():
                kept[key] = (self._revision, value)

    def since(self, channel: str, revision: int) -> tuple[int, dict[str, Any]]:
        """Return the current revision and the values set after ``revision``."""
        with self._lock:
            kept = self._channels.get(channel, {})
            return self._revision, {key: value for key, (at, value) in kept.items() if at > revision}

    def snapshot(self, channel: str) -> dict[str, Any]:
        """Return every present value of a channel."""
        with self._lock:
            return {
                key: value for key, (_, value) in self._channels.get(channel, {}).items() if value is not None
            }

    def clear(self) -> None:
        """Forget everything (a demo started afresh)."""
        with self._lock:
            self._channels.clear()


hub = Hub()
"""The process's hub."""
