"""The plug is pulled in the middle of the day: nothing is lost, nothing is doubled, started work goes on."""

from __future__ import annotations

import http.cookiejar
import re
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from tests.e2e.server import Server
from tests.worlds import at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600, func_only=True)]


def until(true: Callable[[], Any], seconds: float = 90) -> Any:
    """Wait for something, looking at it again and again, with a deadline."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        Event().wait(0.2)
    raise AssertionError("it did not happen in time")


def book(server: Server) -> str:
    """Book a ride as a program would and return its code."""
    (x, y), (u, v) = at(0.1, 0), at(6.9, 7)
    now = server.get("/api/v1/clock")["now"]
    wish = {
        "origin": {"lon": x, "lat": y, "text": "A"},
        "destination": {"lon": u, "lat": v, "text": "B"},
        "at": now,
    }
    wish["at"] = now[:11] + f"{(int(now[11:13]) + 1) % 24:02}" + now[13:]
    demand = server.post("/api/v1/transport/demands", wish)
    choice = (demand["offers"] or demand["nearest"])[0]
    body = {"rank": choice["rank"], "name": "Rosa Martin", "phone": "0612345678"}
    return server.post(f"/api/v1/transport/demands/{demand['pid']}/accept", body)["code"]


def test_kill_9_in_the_middle_of_the_day(tmp_path, made):
    server = Server(tmp_path, made=made)
    server.start()
    try:
        code = book(server)
        trip = server.get(f"/api/v1/transport/trips/{code}")
        queue_advance(server, code)
        until(
            lambda: server.rows(
                "SELECT 1 FROM jobs_job WHERE kind='twin.advance' AND state='running' AND done > 0.05",
            )
        )
        server.kill()
        before = server.rows("SELECT seq, digest FROM journal_event ORDER BY seq")
        booked = server.rows("SELECT pid FROM transport_booking ORDER BY id")
        assert server.command("check", "journal").returncode == 0

        server.start()
        after = server.rows("SELECT seq, digest FROM journal_event ORDER BY seq")
        assert after[: len(before)] == before, "an event was lost or changed"
        assert server.rows("SELECT pid FROM transport_booking ORDER BY id")[: len(booked)] == booked
        again = server.get(f"/api/v1/transport/trips/{code}")
        assert (again["pickup_from"], again["dropoff_until"]) == (trip["pickup_from"], trip["dropoff_until"])
        until(
            lambda: server.rows(
                "SELECT 1 FROM jobs_job WHERE kind='twin.advance' AND state='done' AND attempts > 1"
            )
        )

        doubled = Counter(
            key for (key,) in server.rows("SELECT key FROM transport_booking WHERE key IS NOT NULL")
        )
        assert not [key for key, count in doubled.items() if count > 1]
        accepted = server.rows(
            "SELECT COUNT(*), COUNT(DISTINCT subject) FROM journal_event WHERE kind='transport.booking.accepted'",
        )
        assert accepted[0][0] == accepted[0][1]
        assert accepted[0][0] == server.rows("SELECT COUNT(*) FROM transport_booking")[0][0]
        ends = server.rows(
            "SELECT promise_id, is_pickup, COUNT(*) c FROM fleet_visit WHERE state<>'skipped' GROUP BY 1, 2 HAVING c > 1",
        )
        assert ends == []
        said = server.command("check", "journal")
        assert said.returncode == 0, said.stderr
    finally:
        ended = server.stop()
    assert ended in {0, -15}, "it must stop cleanly with SIGTERM"


def queue_advance(server: Server, code: str) -> None:
    """Press « avancer jusqu'à mon passage » as a browser without JavaScript does."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{server.url}/transport/trajets/{code}/", timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, "the page of a trip has its form"
    data = urllib.parse.urlencode({"code": code, "csrfmiddlewaretoken": token[1]}).encode()
    request = urllib.request.Request(f"{server.url}/demo/avancer/", data, {"Referer": server.url})
    assert browser.open(request, timeout=20).status == 200
