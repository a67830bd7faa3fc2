"""A demonstration server for the tests: its own folder, its own port, the small town of the tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

from tests import worlds

READY = ("Ressort tourne", "Code d'installation")
DEADLINE = 600


class Server:
    """``ressort demo`` as a person starts it, in a process of its own; or ``ressort serve``, on a folder that is empty.

    ``made`` is the folder of a demonstration that was started once before: a copy of it saves building the town again.
    ``riders`` is how many are played in a day.
    """

    def __init__(
        self,
        folder: Path,
        osm: Path | None = None,
        *,
        verb: str = "demo",
        made: Path | None = None,
        riders: int | None = None,
    ) -> None:
        self.folder = folder
        self.options = [] if riders is None else ["--riders", str(riders)]
        self.verb = verb
        if made is not None:
            shutil.copytree(made, folder / "var")
        # the town that was made: from another file it would be built anew
        self.osm = osm or (made.parent if made else folder) / "valmont.osm"
        if not self.osm.exists():
            self.osm.write_text(worlds.osm(), encoding="utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.env = {**os.environ, "RESSORT_DATA": str(folder / "var"), "PYTHONUNBUFFERED": "1"}
        for name in ("DJANGO_SETTINGS_MODULE", "RESSORT_SECRET_KEY", "RESSORT_DEMO"):
            self.env.pop(name, None)
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []

    @property
    def url(self) -> str:
        """Address of the home page, without the last slash."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it says that it is ready."""
        command = [sys.executable, "-m", "ressort.cli", self.verb, "--port", str(self.port)]
        if self.verb == "demo":
            command += ["--osm", str(self.osm), *self.options]
        self.process = subprocess.Popen(
            command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        ready = threading.Event()
        threading.Thread(target=self._listen, args=(ready,), daemon=True).start()
        if not ready.wait(DEADLINE):
            self.kill()  # nothing may outlive a test
            raise AssertionError("".join(self.said[-40:]))
        assert self.process.poll() is None, "".join(self.said[-40:])

    def _listen(self, ready: threading.Event) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if any(word in line for word in READY):
                ready.set()
        ready.set()

    def kill(self) -> None:
        """Pull the plug."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self._close()

    def stop(self) -> int:
        """Ask it to stop, and return how it ended."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        finally:
            self._close()

    def _close(self) -> None:
        assert self.process is not None
        if self.process.stdout is not None and self.process.poll() is not None:
            self.process.stdout.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the database as it is on the disk."""
        file = self.folder / "var" / "ressort.sqlite3"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as database:
            return database.execute(query).fetchall()

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same installation."""
        return subprocess.run(
            [sys.executable, "-m", "ressort.cli", *words],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def get(self, path: str) -> Any:
        """Read JSON."""
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return json.load(answer)

    def post(self, path: str, body: Any) -> Any:
        """Send JSON and read JSON."""
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)
