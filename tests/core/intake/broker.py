"""A real mosquitto for the tests: on a free port, its data in a folder of the test, stopped and started at will."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

MOSQUITTO = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
PUBLISH = shutil.which("mosquitto_pub")
WHY_NOT = "it needs the Debian packages mosquitto and mosquitto-clients"


def until(true: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait for something, looking at it again and again, with a deadline."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        Event().wait(0.02)
    raise AssertionError("it did not happen in time")


class Broker:
    """``mosquitto`` with a configuration of its own; ``rules`` are added to it."""

    def __init__(self, folder: Path, *rules: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "mosquitto.log"
        self.settings = folder / "mosquitto.conf"
        lines = [
            f"listener {self.port} 127.0.0.1",
            "persistence true",
            f"persistence_location {folder}/",
            "autosave_interval 1",
            f"log_dest file {self.log}",
            "log_type all",
            "max_queued_messages 0",
            *([f"user {user}"] if (user := os.environ.get("USER")) else ["user root"]),
            *(rules or ["allow_anonymous true"]),
        ]
        self.settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        assert MOSQUITTO
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.settings)])
        until(self._answers)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """Stop; what it keeps for its clients is written."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
            self.process = None

    def said(self, word: str) -> int:
        """Return how often its log says something."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(word) if self.log.exists() else 0

    def url(self, rest: str = "") -> str:
        """Return its address."""
        return f"mqtt://127.0.0.1:{self.port}{rest}"

    def publish(self, topic: str, body: str | bytes, *more: str) -> None:
        """Publish with the unmodified client, at QoS 1 unless told."""
        assert PUBLISH
        quality = [] if "-q" in more else ["-q", "1"]
        subprocess.run(
            [
                PUBLISH,
                "-h",
                "127.0.0.1",
                "-p",
                str(self.port),
                "-t",
                topic,
                "-s" if body else "-n",
                *quality,
                *more,
            ],
            input=body if isinstance(body, bytes) else body.encode(),
            check=True,
            timeout=30,
        )
