"""Observations by MQTT: a client of an external broker, which acknowledges a message once it is kept, never before.

One thread does everything in turn – read, keep, acknowledge – so that no acknowledgement can cross a reconnection and
be taken for that of another message.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import select
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connections
from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from ressort.core.clock import wall_now
from ressort.core.intake import carrying, links, outgoing
from ressort.core.intake.messages import Message

_log = logging.getLogger(__name__)
BATCH = 500
LINGER = 0.1
"""Seconds that a message may wait for others before its batch is kept."""
QUIET = 0.003  # … and less when nothing follows: a broker may send no more before it is answered
TICK = 0.5
KEEPALIVE = 30
PATIENCE = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts to reach a broker, or a database."""
REMEMBERED = 7 * 86_400
"""Seconds for which the broker is asked to keep what is sent while nobody listens."""
INFLIGHT = 1_000


class Intake(threading.Thread):
    """Takes in what a broker has, until stopped. Only one process of an installation does at a time."""

    def __init__(self, broker: dict[str, Any] | None = None, *, topics: list[str] | None = None) -> None:
        super().__init__(name="ressort-mqtt", daemon=True)
        self._broker = cast("dict[str, Any]", broker or settings.MQTT)
        self._topics = topics or settings.MQTT_TOPICS
        self._name: str = settings.MQTT_CLIENT
        self._marker = f"ressort/_marker/{self._name}"
        self._asked = list(self._topics)
        if not any(paho.topic_matches_sub(one, self._marker) for one in self._topics):
            self._asked.append(self._marker)
        answers = f"{outgoing.ANSWERS}+"
        if not any(paho.topic_matches_sub(one, f"{outgoing.ANSWERS}x") for one in self._topics):
            self._asked.append(answers)
        self._over = threading.Event()
        self._bell = outgoing.bell()
        self._given: dict[int, int] = {}  # message id -> row that the broker has not acknowledged yet
        self._look = 0.0  # when the table of what is to be published is read again
        self._client: paho.Client | None = None
        self._answered = False  # why the connection ends was said already
        self._fresh = False  # what was kept by the broker while nobody listened has all come
        self._pending: list[tuple[paho.MQTTMessage, Message | None]] = []
        self._answers: list[tuple[str, dict[str, Any]]] = []
        self._since = 0.0  # when the first of them came
        self._read = 0
        self._failed = 0
        self._wait_until = 0.0
        self.standing = links.Standing(self._name, self._broker["shown"])

    # ------------------------------------------------------------------ life

    def run(self) -> None:
        """Hold the connection until stopped; what fails is said, shown, and tried again."""
        with _alone(self._over, settings.DATA_DIR) as mine:
            while mine and not self._over.is_set():
                try:
                    self.round()
                except Exception as error:  # whatever happens, the next attempt comes
                    _log.exception("mqtt: %s", self._broker["shown"])
                    self._lost(str(error))
                    self._over.wait(self._pause())
            self.close()
        connections.close_all()

    def stop(self) -> None:
        """End after the round at hand."""
        self._over.set()

    def close(self) -> None:
        """Keep what has come, say good-bye, and leave the rest to the broker."""
        if self._client is not None and self._client.is_connected():
            self._keep()
            self._answered = True  # on purpose: nothing was lost
            self._client.disconnect()
        if self._client is not None:
            self._pending.clear()
            self._client = None
            self.standing.left()

    def round(self) -> None:
        """Connect if need be, then read what is there and keep it when it is time."""
        if self._client is None or self._client.socket() is None:
            if time.monotonic() < self._wait_until:
                self._over.wait(min(TICK, max(0.0, self._wait_until - time.monotonic())))
                return
            self._connect()
            return
        client, link = self._client, cast("Any", self._client.socket())
        held = time.monotonic() < self._wait_until  # the database did not answer
        self._publish(client)
        reading = [self._bell, *([link] if len(self._pending) < BATCH else [])]
        writing = [link] if client.want_write() else []
        patience = QUIET if self._pending and not held else TICK
        readable, writable, _ = select.select(reading, writing, [], patience)
        if self._bell in readable:
            outgoing.hush()
            self._look = 0.0
            readable.remove(self._bell)
        if readable:
            _answer_at_once(link)
            self._drain(client)
        if writable:
            client.loop_write()
        client.loop_misc()
        due = not readable or len(self._pending) >= BATCH or time.monotonic() - self._since >= LINGER
        if due and not held:
            self._keep()
        self.standing.beat()

    # ------------------------------------------------------------------ the connection

    def _connect(self) -> None:
        self._client = client = self._made()
        self._answered = self._fresh = False
        host, port = self._broker["host"], self._broker["port"]
        try:
            if self._broker["version"] == "5":
                asked = Properties(PacketTypes.CONNECT)
                asked.SessionExpiryInterval = REMEMBERED
                asked.ReceiveMaximum = INFLIGHT
                client.connect(host, port, KEEPALIVE, clean_start=False, properties=asked)
            else:
                client.connect(host, port, KEEPALIVE)
        except (OSError, ValueError) as error:
            self._lost(str(error))

    def _made(self) -> paho.Client:
        five = self._broker["version"] == "5"
        client = paho.Client(
            paho.CallbackAPIVersion.VERSION2,
            client_id=self._name,
            clean_session=None if five else False,
            protocol=paho.MQTTv5 if five else paho.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = 5.0
        if self._broker["user"]:
            client.username_pw_set(self._broker["user"], self._broker["password"] or None)
        if self._broker["tls"]:
            client.tls_set(ca_certs=self._broker["ca"] or None, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        client.on_socket_open = _at_once
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        return client

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        if code.is_failure:
            self._answered = True
            self._lost(str(code))
            return
        # at most once acknowledged twice, never lost: QoS 2 would be taken over before it is kept
        if self._broker["version"] == "5":
            client.subscribe([(one, SubscribeOptions(qos=1)) for one in self._asked])
        else:
            client.subscribe([(one, 1) for one in self._asked])

    def _on_subscribe(self, client: paho.Client, _data: Any, _mid: Any, codes: Any, _properties: Any) -> None:
        refused = [topic for topic, code in zip(self._asked, codes, strict=False) if code.is_failure]
        if set(refused) >= set(self._topics):
            self._answered = True
            self._lost(links.REFUSED + ", ".join(refused))
            client.disconnect()
            return
        said = links.REFUSED + ", ".join(refused) if refused else ""
        self.standing.connected(said)
        level = logging.WARNING if self._failed or refused else logging.INFO
        _log.log(level, "mqtt: connected to %s %s", self._broker["shown"], said)
        self._failed = 0
        # it comes back after all that the broker had kept: from then on messages are fresh
        client.publish(self._marker, b"", qos=1)

    def _on_disconnect(
        self, _client: paho.Client, _data: Any, _flags: Any, code: Any, _properties: Any
    ) -> None:
        self._given.clear()  # published again: whoever receives it twice knows its key
        # the broker sends again what was not acknowledged; the rest it has forgotten, and it is kept here
        self._pending = [pair for pair in self._pending if not pair[0].qos]
        if not self._answered and not self._over.is_set():
            self._lost(str(code))

    def _lost(self, why: str) -> None:
        pause = self._pause()
        self._wait_until = time.monotonic() + pause
        _log.warning("mqtt: %s: %s; again in %.0f s", self._broker["shown"], why, pause)
        self.standing.lost(why)

    def _pause(self) -> float:
        self._failed += 1
        return PATIENCE[min(self._failed, len(PATIENCE)) - 1]

    # ------------------------------------------------------------------ what leaves

    def _publish(self, client: paho.Client) -> None:
        """Publish what waits, once the link stands; what the broker has not acknowledged is not given twice on one link."""
        if not self._fresh and not self.standing.up:
            return
        if time.monotonic() < self._look:
            return
        self._look = time.monotonic() + TICK
        try:
            rows = outgoing.waiting(wall_now(), self._given.values())
        except (DatabaseError, InterfaceError) as error:
            close_old_connections()
            _log.warning("mqtt: what is to be published could not be read: %s", error)
            return
        for row in rows:
            told = client.publish(row.topic, bytes(row.body), qos=1, properties=self._about(row))
            if told.rc == paho.MQTT_ERR_SUCCESS:
                self._given[told.mid] = row.pk

    def _about(self, row: outgoing.Outgoing) -> Properties | None:
        """Say, in MQTT 5, what a message answers to and how long it is worth: a device that wakes up late never gets it."""
        if self._broker["version"] != "5":
            return None
        said = Properties(PacketTypes.PUBLISH)
        said.ResponseTopic = outgoing.where(row.key)
        said.CorrelationData = row.key.encode()
        said.MessageExpiryInterval = max(1, int((row.expires - wall_now()).total_seconds()))
        return said

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, code: Any, _properties: Any) -> None:
        row = self._given.pop(mid, None)
        if row is None:
            return
        if code.is_failure:
            _log.warning("mqtt: the broker refuses what is published: %s", code)
        try:
            outgoing.published([row])
        except (DatabaseError, InterfaceError) as error:  # published again, under the same key
            close_old_connections()
            _log.warning("mqtt: %s", error)

    # ------------------------------------------------------------------ messages

    def _drain(self, client: paho.Client) -> None:
        """Read packets as long as they bring messages; TLS may hold some that no select tells of."""
        before = -1
        while before != self._read and len(self._pending) < BATCH:
            before = self._read
            if client.loop_read():
                return

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self._read += 1
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        if topic == self._marker:
            self._fresh = True
            self._pending.append(
                (message, None)
            )  # answered in its turn: acknowledgements keep the order of arrival
            return
        if topic.startswith(outgoing.ANSWERS):
            if (said := outgoing.hear(topic, bytes(message.payload))) and not message.retain:
                self._answers.append(said)
            self._pending.append((message, None))
            return
        if not self._pending:
            self._since = time.monotonic()
        fresh = self._fresh and not message.dup
        taken = Message(topic, bytes(message.payload), wall_now(), fresh=fresh, retained=message.retain)
        self._pending.append((message, taken))

    def _keep(self) -> None:
        """Keep what has come, then acknowledge it; without a database nothing is acknowledged, and it is tried again."""
        if not self._pending:
            return
        batch = [one for _, one in self._pending if one is not None]
        try:
            outgoing.keep(self._answers)
            outcome = carrying.keep(batch) if batch else (0, 0)
        except (DatabaseError, InterfaceError) as error:
            close_old_connections()
            pause = self._pause()
            self._wait_until = time.monotonic() + pause
            _log.warning("mqtt: nothing could be kept: %s; again in %.0f s", error, pause)
            return
        self._failed = 0
        self._answers.clear()
        client = self._client
        for message, _ in self._pending:
            if client is not None and message.qos:
                client.ack(message.mid, message.qos)
        self._pending.clear()
        self.standing.took(len(batch), *outcome)


def _at_once(_client: Any, _data: Any, link: Any) -> None:
    """Let acknowledgements leave as they are written: small as they are, each would wait for the one before."""
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _answer_at_once(link: Any) -> None:
    """Let TCP confirm at once, where the system can: a broker that gathers small packets waits for it."""
    if hasattr(socket, "TCP_QUICKACK"):  # forgotten by the system after a while, so said again
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


@contextlib.contextmanager
def _alone(over: threading.Event, folder: Path) -> Any:
    """Wait to be the only one on this machine: two clients of one name would throw each other out."""
    with Path(folder, ".mqtt.lock").open("a", encoding="utf-8") as file:
        told = False
        while not over.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not told:
                    _log.warning("mqtt: another process of this installation listens; standing by")
                told = True
                over.wait(2.0)
                continue
            yield True
            return
        yield False


def parts() -> list[Intake]:
    """Return the threads that listen, for a server or a worker: one, when a broker is set."""
    return [Intake()] if settings.MQTT else []
