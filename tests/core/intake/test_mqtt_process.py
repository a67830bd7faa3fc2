"""``ressort intake mqtt`` as a process of its own, killed between reception and commit: nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.core.intake.broker import MOSQUITTO, PUBLISH, WHY_NOT, Broker, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not (MOSQUITTO and PUBLISH), reason=WHY_NOT),
]
ENROL = """
import django
django.setup()
from ressort.core.intake import catalogue
from ressort.core.intake.catalogue import Spec
catalogue.enrol({"air-1": [Spec("no2")]})
"""


class Installation:
    """A folder with its tables, a device, and ``ressort intake mqtt`` when started."""

    def __init__(self, folder, url):
        self.folder = folder
        self.env = {**os.environ, "RESSORT_DATA": str(folder), "RESSORT_MQTT_URL": url, "RESSORT_LOG": "INFO"}
        for name in ("RESSORT_SECRET_KEY", "RESSORT_DEMO", "RESSORT_DATABASE"):
            self.env.pop(name, None)
        self.env["DJANGO_SETTINGS_MODULE"] = "ressort.config.settings"
        self.ressort("migrate")
        subprocess.run([sys.executable, "-c", ENROL], env=self.env, check=True, timeout=120)
        self.process = None

    def ressort(self, *words):
        return subprocess.run(
            [sys.executable, "-m", "ressort.cli", *words],
            env=self.env,
            check=True,
            timeout=300,
            capture_output=True,
        )

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ressort.cli", "intake", "mqtt"],
            env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def end(self, how):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)
        return self.process.returncode if self.process else 0

    def database(self):
        return closing(sqlite3.connect(self.folder / "ressort.sqlite3", timeout=30, isolation_level=None))

    def values(self):
        with self.database() as database:
            return [value for (value,) in database.execute("SELECT value FROM intake_sample ORDER BY at")]

    def is_up(self):
        with self.database() as database:
            return database.execute("SELECT 1 FROM intake_link WHERE up").fetchone()


@pytest.fixture
def broker(tmp_path):
    made = Broker(tmp_path)
    made.start()
    yield made
    made.stop()


def dated(first, count):
    """Return observations a second apart, as lines for ``mosquitto_pub -l``."""
    begin = datetime.now(UTC) - timedelta(hours=1)
    return "".join(
        json.dumps({"value": n, "at": (begin + timedelta(seconds=n)).isoformat()}) + "\n"
        for n in range(first, first + count)
    )


def test_a_process_killed_between_reception_and_commit_loses_nothing(tmp_path, broker):
    (tmp_path / "var").mkdir()
    here = Installation(tmp_path / "var", broker.url())
    here.start()
    try:
        until(here.is_up)
        with here.database() as database:  # nothing can be committed while this is open
            database.execute("BEGIN IMMEDIATE")
            broker.publish("ressort/air-1/no2", dated(0, 1).strip())
            until(lambda: broker.said("'ressort/air-1/no2'") >= 2)  # received from one, sent to the other
            here.end(signal.SIGKILL)
            database.execute("ROLLBACK")
        assert here.values() == []
        here.start()
        until(lambda: here.values() == [0])
        before = broker.said("'ressort/air-1/no2'")
        here.end(signal.SIGKILL)
        here.start()
        # a second kill, in the middle of a flow
        publisher = subprocess.Popen(
            [PUBLISH, "-h", "127.0.0.1", "-p", str(broker.port), "-t", "ressort/air-1/no2", "-q", "1", "-l"],
            stdin=subprocess.PIPE,
        )
        publisher.stdin.write(dated(1, 3000).encode())
        publisher.stdin.close()
        until(lambda: len(here.values()) > 100)
        here.end(signal.SIGKILL)
        assert publisher.wait(60) == 0
        here.start()
        until(lambda: len(here.values()) >= 3001)
        assert sorted(here.values()) == list(range(3001)), "each once, none missing"
        assert broker.said("'ressort/air-1/no2'") > before
    finally:
        ended = here.end(signal.SIGTERM)
    assert ended == 0, "it ends cleanly when asked"


def test_the_command_says_what_is_missing(tmp_path):
    env = {**os.environ, "RESSORT_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ressort.config.settings"}
    env.pop("RESSORT_MQTT_URL", None)
    said = subprocess.run(
        [sys.executable, "-m", "ressort.cli", "intake", "mqtt"], env=env, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert said.returncode == 2
    assert "RESSORT_MQTT_URL" in said.stderr
    env["RESSORT_MQTT_URL"] = "http://broker"
    said = subprocess.run(
        [sys.executable, "-m", "ressort.cli", "intake", "mqtt"], env=env, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert said.returncode != 0
    assert "RESSORT_MQTT_URL ne se lit pas" in said.stderr
