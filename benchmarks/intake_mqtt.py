"""Messages a second through a broker at QoS 1: kept, then acknowledged, by ``ressort intake mqtt`` in a process of its own.

Run: ``.venv/bin/python benchmarks/intake_mqtt.py [seconds] [messages a second] [observations a message] [MQTT version]``;
a rate of 0 sends as fast as the broker takes. Needs ``mosquitto``. Prints what was sent and kept, the delay from the
last message sent to the last one kept, and the CPU of each process as a share of one core.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

SECONDS, RATE, EACH = (int(x) for x in (*sys.argv[1:4], *("10", "0", "1")[len(sys.argv) - 1 :]))
VERSION = sys.argv[4] if len(sys.argv) > 4 else "5"
DEVICES = 500
WINDOW = 200
"""Messages the generator has sent without their acknowledgement."""


def main() -> None:
    """Start a broker, an intake and a generator, and sum up."""
    mosquitto = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="intake-mqtt-"))
    rules = folder / "mosquitto.conf"
    rules.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\n")
    os.environ |= {
        "RESSORT_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "ressort.config.settings",
        "RESSORT_MQTT_URL": f"mqtt://127.0.0.1:{port}?version={VERSION}",
    }
    import django

    django.setup()
    from django.core.management import call_command

    from ressort.core.intake import catalogue
    from ressort.core.intake.catalogue import Spec

    call_command("migrate", interactive=False, verbosity=0)
    catalogue.enrol({f"d-{n}": [Spec("no2")] for n in range(DEVICES)})
    broker = subprocess.Popen([mosquitto, "-c", str(rules)], stderr=subprocess.DEVNULL)
    intake = subprocess.Popen(
        [sys.executable, "-m", "ressort.cli", "intake", "mqtt"], stdout=subprocess.DEVNULL
    )
    with closing(sqlite3.connect(folder / "ressort.sqlite3", timeout=30)) as database:
        wait(lambda: database.execute("SELECT 1 FROM intake_link WHERE up").fetchone())
        before = resource.getrusage(resource.RUSAGE_SELF)
        spent = {"intake": cpu(intake.pid), "broker": cpu(broker.pid)}
        begin = time.monotonic()
        sent = generate(port)
        middle = time.monotonic()
        after = resource.getrusage(resource.RUSAGE_SELF)
        generator = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

        def kept() -> int:
            return int(database.execute("SELECT COUNT(*) FROM intake_sample").fetchone()[0])

        wait(lambda: kept() >= sent * EACH)
        end = time.monotonic()
        total = kept()
        used = {name: cpu(one.pid) - spent[name] for name, one in (("intake", intake), ("broker", broker))}
    for one in (intake, broker):
        one.send_signal(signal.SIGTERM)
        one.wait(20)
    shutil.rmtree(folder)
    print(
        json.dumps(
            {
                "mqtt": VERSION,
                "messages": sent,
                "observations_each": EACH,
                "sent_a_second": round(sent / (middle - begin)),
                "kept_messages_a_second": round(sent / (end - begin)),
                "kept_observations_a_second": round(total / (end - begin)),
                "late_seconds": round(end - middle, 2),
                "cpu_generator": round(generator / (middle - begin), 2),
                **{f"cpu_{name}": round(value / (end - begin), 2) for name, value in used.items()},
                "load": os.getloadavg()[0],
            }
        )
    )


def generate(port: int) -> int:
    """Publish at QoS 1 for the time asked, at the rate asked; return how many messages were."""
    from paho.mqtt import client as paho

    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="bench")
    client.max_inflight_messages_set(WINDOW)
    client.connect("127.0.0.1", port)
    client.loop_start()
    begin, sent, acknowledged = time.monotonic(), 0, [0]
    client.on_publish = lambda *_: acknowledged.__setitem__(0, acknowledged[0] + 1)
    start = time.time() - 86_400
    while time.monotonic() - begin < SECONDS:
        if sent - acknowledged[0] >= WINDOW or (RATE and sent >= (time.monotonic() - begin) * RATE):
            time.sleep(0.0005)
            continue
        lap, device = divmod(sent, DEVICES)
        at = [datetime.fromtimestamp(start + (lap * EACH + n) / 100, UTC).isoformat() for n in range(EACH)]
        if EACH == 1:
            client.publish(f"ressort/d-{device}/no2", json.dumps({"value": sent % 90, "at": at[0]}), qos=1)
        else:
            batch = [{"property": "no2", "value": n, "at": one} for n, one in enumerate(at)]
            client.publish(f"ressort/d-{device}", json.dumps(batch), qos=1)
        sent += 1
    wait(lambda: acknowledged[0] >= sent)
    client.disconnect()
    client.loop_stop()
    return sent


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait(true: object, seconds: float = 120) -> None:
    """Look again and again until something is so."""
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        if time.monotonic() > end:
            raise SystemExit("it did not come to an end")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
