"""The embedded server: one process with the pages, the streams, the background work and, in a demo, the twin."""

from __future__ import annotations

import fcntl
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ressort.core.errors import Refused

_log = logging.getLogger(__name__)
GRACE = 3  # seconds given to open streams on stop


def claim(port: int, host: str = "127.0.0.1") -> None:
    """Make sure that the port is free before any long work.

    Raises
    ------
    Refused
        With what to do.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                "port-in-use",
                f"Le port {port} est déjà pris, sans doute par un Ressort qui tourne : arrêtez-le, "
                f"ou choisissez un autre port (make run PORT={port + 1}).",
            ) from error


@contextmanager
def hold(folder: Path, *, alone: bool) -> Iterator[None]:
    """Keep a data folder for this process while it serves; the system gives it back however the process ends.

    Parameters
    ----------
    alone : bool
        True for a demonstration, which may wipe what it finds; False for servers, of which several may share one.

    Raises
    ------
    Refused
        If another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Path(folder, ".lock").open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_NB | (fcntl.LOCK_EX if alone else fcntl.LOCK_SH))
        except BlockingIOError:
            raise Refused(
                "folder-in-use",
                f"Le dossier {folder} sert déjà à un autre Ressort qui tourne ou se prépare : attendez-le, "
                "arrêtez-le, ou indiquez un autre dossier (RESSORT_DATA=…).",
                status=409,
            ) from None
        yield


def static_files() -> None:
    """Gather the static files, hashed names and all; a second or two when nothing changed."""
    from django.conf import settings
    from django.core.management import call_command

    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)


def serve(
    *, port: int, host: str = "127.0.0.1", worker: bool = True, twin: bool = False, greeting: str = ""
) -> None:
    """Serve until stopped; Ctrl-C and SIGTERM end every part cleanly, open streams included."""
    import uvicorn

    from ressort.config.asgi import application
    from ressort.core import clock

    clock.resume()
    parts: list[Any] = []
    if worker:
        parts += _workers()
    if twin:
        from ressort.twin.pulse import Pulse

        parts.append(Pulse())
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=GRACE,
        lifespan="on",
        http="h11",
        server_header=False,
    )
    server = uvicorn.Server(config)
    for part in parts:
        part.start()
    _announce(server, greeting)
    try:
        server.run()
    finally:
        for part in parts:
            part.stop()
        for part in parts:
            part.join(timeout=10)


def _announce(server: Any, greeting: str) -> None:
    """Print the greeting once the server answers."""

    def wait() -> None:
        while not server.started and not server.should_exit:
            time.sleep(0.05)
        if server.started and greeting:
            print(greeting, flush=True)  # noqa: T201 - the terminal is the screen here

    threading.Thread(target=wait, daemon=True).start()


def _workers() -> list[Any]:
    from ressort.core.intake import mqtt
    from ressort.core.intake.watching import Runner
    from ressort.core.jobs.queue import Worker
    from ressort.core.notify.delivery import CARRIED, Postman
    from ressort.core.registry import periodic, watches

    reactions = Ticker("ressort-reactions", 1.0, react)
    carriers = [Postman(channel) for channel in CARRIED]
    rounds = [Ticker(task.name, task.seconds, task.run) for task in periodic()]
    return [Worker(), reactions, Runner(watches), *carriers, *mqtt.parts(), *rounds]


def work() -> None:
    """Do the background work until SIGTERM or Ctrl-C."""
    _until_stopped(_workers(), "Le travail de fond tourne ; Ctrl-C pour arrêter.")


def listen() -> None:
    """Take in what the broker has until SIGTERM or Ctrl-C.

    Raises
    ------
    Refused
        Without a broker.
    """
    from ressort.core.intake import mqtt

    parts = mqtt.parts()
    if not parts:
        raise Refused(
            "no-broker",
            "Aucun courtier n'est réglé : donnez RESSORT_MQTT_URL (mqtts://utilisateur:motdepasse@hote).",
        )
    _until_stopped(parts, "La réception MQTT tourne ; Ctrl-C pour arrêter.")


def _until_stopped(parts: list[Any], greeting: str) -> None:
    over = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: over.set())
    for part in parts:
        part.start()
    print(greeting, flush=True)  # noqa: T201
    over.wait()
    for part in parts:
        part.stop()
    for part in parts:
        part.join(timeout=10)


class Ticker(threading.Thread):
    """Runs a function again and again, with a pause between."""

    def __init__(self, name: str, seconds: float, run: Callable[[], Any]) -> None:
        super().__init__(name=name, daemon=True)
        self._seconds, self._run_once = seconds, run
        self._over = threading.Event()

    def run(self) -> None:
        """Run until stopped; a failure is logged and the next round comes all the same."""
        from django.db import connections

        while not self._over.wait(self._seconds):
            try:
                self._run_once()
            except Refused as refused:
                _log.info("%s: %s", self.name, refused.sentence)
            except Exception:  # one bad round must not end the service
                _log.exception("%s failed", self.name)
        connections.close_all()

    def stop(self) -> None:
        """End after the round at hand."""
        self._over.set()


def react() -> None:
    """Let every reaction read on from its cursor."""
    from ressort.core.journal import consume
    from ressort.core.registry import services

    for service in services():
        for reaction in service.reactions:
            consume(reaction.name, reaction.run, kind=reaction.kind)
