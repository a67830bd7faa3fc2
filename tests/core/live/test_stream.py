"""The stream: nothing lost across a broken line, many screens at once, a clean end, and only what is signed."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.test import TransactionTestCase

from ressort.core import clock
from ressort.core.journal import declare, record
from ressort.core.journal.models import Head
from ressort.core.live import tokens
from ressort.core.live.latest import Hub, hub
from ressort.core.live.stream import Stream

declare("test.live", "Événement {n}.", "n", "concerns")


def happen(first: int, last: int, subject: str = "x_1", **payload: Any) -> None:
    with transaction.atomic():
        for n in range(first, last + 1):
            record("test.live", actor="p_test", subject=subject, payload={"n": n, **payload})


class Screen:
    """A browser on the stream, without the browser."""

    def __init__(self, stream: Stream, *topics: str, after: int | None = None, token: str = "") -> None:
        query = f"topics={token or ','.join(tokens.sign(topic) for topic in topics)}"
        headers = [] if after is None else [(b"last-event-id", str(after).encode())]
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": "/stream/",
            "query_string": query.encode(),
            "headers": headers,
        }
        self.stream, self.frames, self.status = stream, asyncio.Queue[tuple[str, Any]](), 0
        self.gone, self.ended, self.opened = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def open(self) -> Screen:
        self.task = asyncio.create_task(self.stream(self.scope, self._receive, self._send))
        await asyncio.wait_for(self.opened.wait(), 10)
        return self

    async def _receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.opened.set()
            return
        for block in message["body"].decode().split("\n\n"):
            lines = dict(
                line.split(": ", 1)
                for line in block.splitlines()
                if ": " in line and not line.startswith(":")
            )
            if "data" in lines:
                self.frames.put_nowait((lines.get("event", ""), json.loads(lines["data"])))
        if not message.get("more_body"):
            self.ended.set()

    async def numbers(self, count: int) -> list[int]:
        found: list[int] = []
        while len(found) < count:
            event, data = await asyncio.wait_for(self.frames.get(), 20)
            if event == "journal":
                found.append(data["payload"]["n"])
        return found

    async def leave(self) -> None:
        self.gone.set()
        if self.task:
            await asyncio.wait_for(self.task, 10)


class StreamTests(TransactionTestCase):
    """The stream reads through connections of its own, so these tests commit for real."""

    def setUp(self) -> None:
        self.addCleanup(connections.close_all)

    async def test_nothing_is_lost_across_a_broken_line(self) -> None:
        stream = Stream()
        await sync_to_async(happen)(1, 3)
        seen = (await sync_to_async(Head.objects.get)(id=1)).seq
        await sync_to_async(happen)(4, 9)
        screen = await Screen(stream, "kind:test.live", after=seen).open()
        assert await screen.numbers(6) == [4, 5, 6, 7, 8, 9]
        await sync_to_async(happen)(10, 12)
        assert await screen.numbers(3) == [10, 11, 12]
        await screen.leave()
        await stream.close()

    async def test_what_happens_while_a_page_travels_is_not_lost(self) -> None:
        stream = Stream()
        await sync_to_async(happen)(1, 3)
        screen = Screen(stream, "kind:test.live")  # its page is made now
        await sync_to_async(happen)(4, 5)
        await screen.open()
        await sync_to_async(happen)(6, 6)
        heard = await screen.numbers(3)
        while heard[-1] != 6:  # the second before the page is told again
            heard += await screen.numbers(1)
        assert heard == list(range(heard[0], 7))
        assert heard[0] <= 4
        await screen.leave()
        await stream.close()

    async def test_what_memory_no_longer_holds_is_read_from_the_journal(self) -> None:
        stream = Stream(kept=4)
        early = await Screen(stream, "kind:test.live").open()
        for n in range(1, 13):
            await sync_to_async(happen)(n, n)
        heard = await early.numbers(12)
        assert heard == list(range(1, 13))
        head = (await sync_to_async(Head.objects.get)(id=1)).seq
        for missed in (2, 4, 5, 12):
            late = await Screen(stream, "kind:test.live", after=head - missed).open()
            assert await late.numbers(missed) == list(range(13 - missed, 13))
            await late.leave()
        await early.leave()
        await stream.close()

    async def test_screens_that_come_while_things_happen_miss_nothing(self) -> None:
        stream = Stream(kept=8)
        await sync_to_async(happen)(1, 1)
        seen = (await sync_to_async(Head.objects.get)(id=1)).seq
        screens: list[Screen] = []
        for n in range(2, 42):
            opening = asyncio.gather(*(Screen(stream, "kind:test.live", after=seen).open() for _ in range(3)))
            await sync_to_async(happen)(n, n)
            screens += await opening
        for screen in screens:
            assert await screen.numbers(40) == list(range(2, 42))
        await stream.close()
        for screen in screens:
            await asyncio.wait_for(screen.task, 10)

    async def test_a_clock_that_is_moved_is_told_to_every_screen_once(self) -> None:
        noon = datetime(2026, 9, 15, 10, tzinfo=UTC)
        await sync_to_async(clock.simulate)(noon, 10)
        stream = Stream()
        screens = [await Screen(stream, f"kind:test.{name}").open() for name in ("live", "other")]
        await sync_to_async(happen)(1, 1)
        assert await screens[0].numbers(1) == [1]  # the pump has looked at the clock
        await sync_to_async(clock.simulate)(noon + timedelta(hours=1), 60)
        for screen in screens:
            kind, told = await asyncio.wait_for(screen.frames.get(), 20)
            assert (kind, told["rate"]) == ("clock", 60)
            now = datetime.fromisoformat(told["now"])
            assert timedelta(0) <= now - noon - timedelta(hours=1) < timedelta(minutes=20)
        await sync_to_async(happen)(2, 2)
        assert await screens[0].numbers(1) == [2]
        assert screens[1].frames.empty()
        for screen in screens:
            await screen.leave()
        await stream.close()

    async def test_topics_carry_only_their_own(self) -> None:
        stream = Stream()
        mine = await Screen(stream, "subject:b_mine").open()
        await sync_to_async(happen)(1, 1, subject="b_other")
        await sync_to_async(happen)(2, 2, subject="b_mine")
        await sync_to_async(happen)(3, 3, subject="t_1", concerns=["b_mine"])
        assert await mine.numbers(2) == [2, 3]
        await mine.leave()
        await stream.close()

    async def test_five_hundred_screens_get_every_event_in_order(self) -> None:
        stream = Stream()
        screens = [await Screen(stream, "kind:test.live").open() for _ in range(500)]
        for n in range(1, 31, 10):
            await sync_to_async(happen)(n, n + 9)
        for screen in screens:
            assert await screen.numbers(30) == list(range(1, 31))
        assert len(stream.followers) == 500
        await stream.close()
        for screen in screens:
            await asyncio.wait_for(screen.ended.wait(), 10)
            await asyncio.wait_for(screen.task, 10)
        assert not stream.followers

    async def test_forged_or_missing_tokens_are_refused(self) -> None:
        stream = Stream()
        for token, status in (("journal:forged", 403), (" ", 403)):
            screen = await Screen(stream, token=token).open()
            assert screen.status == status
            await screen.leave()

    async def test_latest_values_reach_screens(self) -> None:
        stream = Stream()
        screen = await Screen(stream, "latest:test.vans").open()
        hub.publish("test.vans", {"1": [5.0, 47.3]})
        event, data = await asyncio.wait_for(screen.frames.get(), 10)
        assert (event, data) == ("latest", {"channel": "test.vans", "values": {"1": [5.0, 47.3]}})
        await screen.leave()
        await stream.close()


def test_a_hub_keeps_only_the_newest_and_tells_what_left():
    kept = Hub()
    kept.publish("c", {"a": 1, "b": 2})
    revision, values = kept.since("c", 0)
    assert values == {"a": 1, "b": 2}
    kept.publish("c", {"a": 3, "b": None})
    _, values = kept.since("c", revision)
    assert values == {"a": 3, "b": None}
    assert kept.snapshot("c") == {"a": 3}


def test_a_token_is_signed_for_one_topic():
    assert tokens.topic_of(tokens.sign("kind:transport")) == "kind:transport"
    assert tokens.topic_of("kind:transport") is None
