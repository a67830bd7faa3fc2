"""Server-sent events as a plain ASGI application: ``/stream/?topics=<token>,<token>``.

One pump per process reads new journal events once and hands the ready bytes to every follower: the cost of an
event does not grow with the number of screens beyond a queue write each. ``Last-Event-ID`` (or ``after=``) replays
from the last events kept in memory, and from the journal when it asks for older ones, so nothing is lost across a
broken connection; a follower that cannot keep up is disconnected and comes back the same way.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from ressort.core.clock import ClockReading, reading, wall_now
from ressort.core.journal.models import Event
from ressort.core.journal.recording import recorded
from ressort.core.live import tokens, topics
from ressort.core.live.latest import hub

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

HEARTBEAT = 10.0
LATEST_PERIOD = 0.5
FRESH = timedelta(seconds=60)  # how long a page may travel, scripts included
KEPT = 2000  # last events in memory: what a page has missed meanwhile, without a query for each
POLL = 1.0  # events of other processes, and a clock that was moved, are seen at the latest after this
OFF = 2.0  # wall seconds by which a page's clock may be wrong before it is told
BACKLOG = 2000  # queued frames after which a follower is told to come back
_log = logging.getLogger(__name__)


def frame(event: str, data: Any, number: int | None = None) -> bytes:
    """Return one server-sent event."""
    head = f"id: {number}\n" if number is not None else ""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return f"{head}event: {event}\ndata: {text}\n\n".encode()


class Follower:
    """One open screen: its topics and the frames waiting for it."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self.topics = frozenset(topic for topic in wanted if not topic.startswith("latest:"))
        self.channels = frozenset(t.removeprefix("latest:") for t in wanted if t.startswith("latest:"))
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(BACKLOG)
        self.revision = 0
        self.seen = -1
        self.catching_up = True

    def offer(self, data: bytes | None) -> None:
        """Queue a frame; drop the connection rather than a frame when the screen cannot keep up."""
        try:
            self.queue.put_nowait(data)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)

    def wants(self, event: Event) -> bool:
        """Tell whether an event is for this screen."""
        return any(topics.carries(topic, event) for topic in self.topics)


class Stream:
    """The ASGI application and its pump.

    Parameters
    ----------
    kept
        How many of the last events stay in memory.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self.followers: set[Follower] = set()
        self.seq = 0
        self._kept: deque[tuple[Event, bytes]] = deque(maxlen=kept)
        self._starting = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None
        self._news: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told: tuple[datetime, ClockReading] | None = None
        self._lock = threading.Lock()
        self._closing = False
        recorded.connect(self._wake, dispatch_uid="live-stream")

    def _wake(self, **_: Any) -> None:
        with self._lock:
            if self._loop and self._news and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._news.set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one follower until it leaves or the server stops."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        given = [token for value in query.get("topics", []) for token in value.split(",")]
        valid = {token: topic for token in given if (topic := tokens.topic_of(token))}
        wanted = frozenset(valid.values())
        if not wanted or scope["method"] != "GET":
            await _refuse(send, 403 if given else 400)
            return
        follower = Follower(wanted)
        await self._start()
        follower.seen, exact = _after(scope, query)
        fresh = [] if exact else [at for token in valid if (at := tokens.made_at(token)) > wall_now() - FRESH]
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
        self.followers.add(follower)
        writer = asyncio.create_task(self._write(follower, send))
        try:
            if follower.topics:
                await self._catch_up(follower, min(fresh, default=None))
            leaving = asyncio.create_task(_left(receive))
            await asyncio.wait({writer, leaving}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
        finally:
            self.followers.discard(follower)
            writer.cancel()

    async def _catch_up(self, follower: Follower, made: datetime | None) -> None:
        """Queue what the follower missed, until it stands where the pump stands; then the pump takes over.

        A page that was just ``made`` has missed what happened while it travelled: it is told from its making on, and
        may hear of an event twice rather than never.
        """
        if follower.seen < 0:
            follower.seen = self.seq
        if made is not None:
            first = next((event.seq for event, _ in self._kept if event.wall >= made), self.seq + 1)
            follower.seen = min(follower.seen, first - 1)
        while follower.seen < self.seq:
            for event, data in await self._missed(follower.seen):
                follower.seen = event.seq
                if follower.wants(event):
                    await follower.queue.put(data)
        follower.catching_up = False  # no await since the comparison: no event can slip between

    async def _missed(self, seen: int) -> list[tuple[Event, bytes]]:
        """Return events after one, oldest first: from memory if it goes back so far, else from the journal."""
        if seen >= self._kept[0][0].seq - 1:
            ahead = self.seq - seen
            return list(itertools.islice(self._kept, len(self._kept) - ahead, None))
        return await sync_to_async(_told_after)(seen)

    async def _write(self, follower: Follower, send: Send) -> None:
        while True:
            try:
                data = await asyncio.wait_for(follower.queue.get(), HEARTBEAT)
            except TimeoutError:
                data = frame("beat", {})
            if data is None:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            await send({"type": "http.response.body", "body": data, "more_body": True})

    async def _start(self) -> None:
        async with self._starting:  # of many screens at once, one starts the pump
            if self._pump is None or self._pump.done():
                with self._lock:
                    self._loop = asyncio.get_running_loop()
                    self._news = asyncio.Event()
                self.seq, last = await sync_to_async(_last)(self._kept.maxlen or KEPT)
                self._kept.clear()
                self._kept.extend((event, _told(event)) for event in last)
                self._pump = asyncio.create_task(self._run())

    async def _run(self) -> None:
        assert self._news is not None
        polled = latest = asyncio.get_running_loop().time()
        while not self._closing:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LATEST_PERIOD)
            now = asyncio.get_running_loop().time()
            if self._news.is_set() or now - polled >= POLL:
                self._news.clear()
                polled = now
                try:
                    events, clock = await sync_to_async(_look)(self.seq)
                except Exception:  # a busy database must not silence every screen for good
                    _log.exception("the stream could not read the journal")
                    continue
                for event in events:
                    self._hand_out(event)
                self._tell_time(clock)
            if now - latest >= LATEST_PERIOD:
                latest = now
                self._hand_out_latest()

    def _hand_out(self, event: Event) -> None:
        self.seq = event.seq
        data = _told(event)
        self._kept.append((event, data))
        for follower in self.followers:
            if not follower.catching_up and event.seq > follower.seen:
                follower.seen = event.seq
                if follower.wants(event):
                    follower.offer(data)

    def _tell_time(self, clock: ClockReading) -> None:
        """Set the pages' clocks when the service's clock does not run as they go on by themselves."""
        here = wall_now()
        if self._told:
            then, told = self._told
            off = abs((clock.now - told.now).total_seconds() - (here - then).total_seconds() * told.rate)
            if clock.rate == told.rate and off < max(clock.rate, 1.0) * OFF:
                return
            data = frame("clock", {"now": clock.now.isoformat(), "rate": clock.rate})
            for follower in self.followers:
                follower.offer(data)
        self._told = (here, clock)

    def _hand_out_latest(self) -> None:
        made: dict[tuple[str, int], tuple[int, bytes]] = {}
        for follower in self.followers:
            start = follower.revision
            for channel in follower.channels:
                if (channel, start) not in made:
                    revision, values = hub.since(channel, start)
                    body = frame("latest", {"channel": channel, "values": values}) if values else b""
                    made[channel, start] = (revision, body)
                revision, body = made[channel, start]
                follower.revision = max(follower.revision, revision)
                if body:
                    follower.offer(body)

    async def close(self) -> None:
        """Let every follower go, so that the server can stop at once."""
        self._closing = True
        for follower in list(self.followers):
            follower.offer(None)
        if self._pump:
            self._pump.cancel()


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


async def _refuse(send: Send, status: int) -> None:
    body = json.dumps(
        {
            "title": "Ce flux demande un jeton de sujet valide : rechargez la page.",
            "status": status,
            "code": "bad-topic",
        },
        ensure_ascii=False,
    ).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _after(scope: Scope, query: dict[str, list[str]]) -> tuple[int, bool]:
    """Return the last event the browser has (-1 for none), and whether all its pages have it: after a broken line."""
    broken = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
    text = broken or (query.get("after") or [""])[0]
    known = text.isdigit() and len(text) < 19
    return (int(text) if known else -1), bool(broken and known)


def _told(event: Event) -> bytes:
    return frame("journal", topics.public(event), event.seq)


def _last(count: int) -> tuple[int, list[Event]]:
    """Return where the journal stands and its last events, oldest first."""
    close_old_connections()
    last = list(Event.objects.order_by("-seq")[:count])[::-1]
    return (last[-1].seq if last else 0), last


def _events(after: int) -> list[Event]:
    close_old_connections()
    return list(Event.objects.filter(seq__gt=after).order_by("seq")[:500])


def _look(after: int) -> tuple[list[Event], ClockReading]:
    return _events(after), reading()


def _told_after(seq: int) -> list[tuple[Event, bytes]]:
    return [(event, _told(event)) for event in _events(seq)]


stream = Stream()
"""The process's stream."""
