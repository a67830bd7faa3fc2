"""Observations by HTTP with rules on, while an operator's page listens: what is kept, how late an alarm is on screen.

Run: ``.venv/bin/python benchmarks/intake_http.py [--seconds 60] [--rate 5000] [--batch 500]``. One process serves as
``ressort serve`` does; a second one is the gateway of a thousand sensors, each with two series, and sends one batch
after another over a few connections. Ten rules watch them all. Each second one more sensor crosses a threshold: an alarm's
delay runs from the moment its batch is sent to the moment the stream of an open page tells it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np

SENSORS = 1000
PROBES = 600  # sensors that cross a threshold, one a second
LINES = 4  # connections of the gateway
RULES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("no2 > 180 fin 150", {"lasts": 120}),
    ("no2 > 200", {}),
    ("no2 monte de plus de 120 en 10 min", {}),
    ("no2 silencieux depuis 10 min", {}),
    ("temperature > 45", {"lasts": 60}),
    ("temperature < -25", {}),
    ("temperature baisse de plus de 15 en 5 min", {}),
    ("temperature silencieux depuis 15 min", {}),
    ("no2 > 150\ntemperature > 35", {"lasts": 60}),
    ("no2 > 190\ntemperature > 44", {"every": False, "lasts": 90}),
)


def main() -> None:
    """Serve, send, listen and sum up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=5000, help="observations a second")
    parser.add_argument("--batch", type=int, default=500, help="observations a request")
    asked = parser.parse_args()
    if told := os.environ.get("BENCH_GATEWAY"):
        print(json.dumps(gateway(asked, *told.split(" "))), flush=True)
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="intake-http-"))
    os.environ |= {"RESSORT_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "ressort.config.settings"}
    secret, topic = fill()
    server = subprocess.Popen(
        [sys.executable, "-m", "ressort.cli", "serve", "--port", str(port)], stdout=subprocess.DEVNULL
    )
    try:
        wait(lambda: answers(port))
        spent = cpu(server.pid)
        begun = time.monotonic()
        sent = subprocess.run(
            [sys.executable, *sys.argv],
            env={**os.environ, "BENCH_GATEWAY": f"{port} {secret} {topic}"},
            stdout=subprocess.PIPE,
            check=True,
        )
        share = (cpu(server.pid) - spent) / (time.monotonic() - begun)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    with closing(sqlite3.connect(folder / "ressort.sqlite3")) as database:
        loose, packed = (
            "SELECT COUNT(*) FROM intake_sample",
            "SELECT COALESCE(SUM(count), 0) FROM intake_block",
        )
        kept = sum(database.execute(asking).fetchone()[0] for asking in (loose, packed))
    shutil.rmtree(folder)
    found = json.loads(sent.stdout)
    print(json.dumps(found | {"kept": kept, "cpu_server": round(share, 2), "load": os.getloadavg()[0]}))


def fill() -> tuple[str, str]:
    """Write the installation, its sensors and its rules; return the gateway's secret and the topic of a page."""
    import django

    django.setup()
    from django.core.management import call_command

    from ressort.core.clock import wall_now
    from ressort.core.installation.models import Installation
    from ressort.core.intake import catalogue
    from ressort.core.intake.catalogue import Spec
    from ressort.core.intake.models import Device
    from ressort.core.live import tokens
    from ressort.services.controlroom.alarms.models import Rule

    call_command("migrate", interactive=False, verbosity=0)
    now = wall_now()
    Installation.objects.update_or_create(id=1, defaults={"begun": now, "finished": now})
    sensors = {f"s-{n}": [Spec("no2"), Spec("temperature")] for n in range(SENSORS)}
    catalogue.enrol({"gateway": [], **{f"p-{n}": [Spec("no2")] for n in range(PROBES)}, **sensors})
    secret = secrets.token_urlsafe(24)
    Device.objects.filter(code="gateway").update(digest=catalogue.digest(secret))
    gateway = Device.objects.get(code="gateway")
    Device.objects.exclude(pk=gateway.pk).update(gateway=gateway)
    for n, (lines, more) in enumerate(RULES):
        Rule.objects.create(name=f"Règle {n}", lines=lines, devices="s-* p-*", changed=now, **more)
    return secret, tokens.sign("kind:controlroom.alarm.raised")


def gateway(asked: Any, port: str, secret: str, topic: str) -> dict[str, Any]:
    """Send for the time asked at the rate asked; return what was sent, accepted, and how late it was."""
    batches: Queue[tuple[float, list[dict[str, Any]]] | None] = Queue()
    took: list[float] = []
    late: list[float] = []
    accepted: list[int] = []
    crossed: dict[int, float] = {}
    told: dict[int, float] = {}
    threading.Thread(target=listen, args=(port, topic, told), daemon=True).start()

    def send() -> None:
        line = HTTPConnection("127.0.0.1", int(port), timeout=30)
        head = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        while (work := batches.get()) is not None:
            due, items = work
            body = json.dumps(items)
            start = time.monotonic()
            if items[0]["value"] > 1000:
                crossed[int(items[0]["device"][2:])] = time.time()
            line.request("POST", "/api/v1/intake/observations", body, head)
            answer = line.getresponse()
            said = json.loads(answer.read())
            assert answer.status == 200, said
            took.append(time.monotonic() - start)
            late.append(time.monotonic() - due)
            accepted.append(said["accepted"])

    senders = [threading.Thread(target=send) for _ in range(LINES)]
    for one in senders:
        one.start()
    time.sleep(1)
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun, sent, probe = time.monotonic(), 0, 0
    while sent < asked.rate * asked.seconds:
        due = begun + sent / asked.rate
        time.sleep(max(0.0, due - time.monotonic()))
        at = datetime.now(UTC).isoformat()
        items = []
        for n in range(sent, sent + asked.batch):
            lap, rank = divmod(n, 2 * SENSORS)
            sensor, kind = divmod(rank, 2)
            value = 20 + lap % 7 if kind else 60 + (lap * 7 + sensor) % 40
            items.append(
                {
                    "device": f"s-{sensor}",
                    "property": ("no2", "temperature")[kind],
                    "value": value,
                    "at": datetime.fromtimestamp(begun_at(begun) + n / asked.rate, UTC).isoformat(),
                }
            )
        if probe <= (time.monotonic() - begun) and probe < PROBES:
            items.insert(0, {"device": f"p-{probe}", "property": "no2", "value": 1200, "at": at})
            probe += 1
        batches.put((due, items))
        sent += asked.batch
    for _ in senders:
        batches.put(None)
    for one in senders:
        one.join()
    ended = time.monotonic()
    used = resource.getrusage(resource.RUSAGE_SELF)
    time.sleep(3)
    delays = [told[n] - at for n, at in crossed.items() if n in told]
    spent = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return {
        "asked_a_second": asked.rate,
        "batch": asked.batch,
        "seconds": round(ended - begun, 1),
        "accepted": sum(accepted),
        "accepted_a_second": round(sum(accepted) / (ended - begun)),
        "answer_ms": spread(took),
        "behind_schedule_ms": spread(late),
        "alarms": f"{len(delays)} of {len(crossed)}",
        "alarm_on_page_ms": spread(delays),
        "cpu_gateway": round(spent / (ended - begun), 2),
    }


def begun_at(begun: float) -> float:
    """Return the instant of the world's clock at a monotonic one."""
    return time.time() - time.monotonic() + begun


def spread(values: list[float]) -> dict[str, float]:
    """Return the median, the 99th percentile and the worst, in milliseconds."""
    if not values:
        return {}
    low, high = np.quantile(values, [0.5, 0.99])
    return {"p50": round(1000 * low), "p99": round(1000 * high), "max": round(1000 * max(values))}


def listen(port: str, topic: str, told: dict[int, float]) -> None:
    """Follow the stream as an open page does, and note when each sensor's first alarm is told."""
    with socket.create_connection(("127.0.0.1", int(port))) as line:
        line.sendall(f"GET /stream/?topics={topic} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        with line.makefile("rb") as lines:
            for text in lines:
                if text.startswith(b"data: ") and b'"controlroom.alarm.raised"' in text:
                    device = json.loads(text[6:])["payload"]["device"]
                    told.setdefault(device - FIRST, time.time())


FIRST = 2  # row of the first probe: the gateway has the first


def answers(port: int) -> bool:
    """Tell whether the server answers."""
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as line:
            line.request("GET", "/connexion/")
            return line.getresponse().status == 200
    except OSError:
        return False


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait(true: Any, seconds: float = 120) -> None:
    """Look again and again until something is so."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise SystemExit("it did not come to an end")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
