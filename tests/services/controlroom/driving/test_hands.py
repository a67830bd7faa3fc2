"""Work done apart: each address has its lane, and a dead one stops no other."""

from __future__ import annotations

import threading

import pytest

from ressort.services.controlroom.driving import hands as module
from ressort.services.controlroom.driving.hands import Hands
from tests.core.intake.broker import until


@pytest.fixture(autouse=True)
def no_database(monkeypatch):
    monkeypatch.setattr(module, "close_old_connections", lambda: None)


def test_a_dead_address_stops_no_other(settings):
    settings.DRIVER_THREADS = 4
    hands, dead, done = Hands(), threading.Event(), []
    for number in range(6):
        assert hands.do(f"dead {number}", "dead", lambda: dead.wait(10))
    assert not hands.do("dead 5", "dead", dead.set)
    for number in range(20):
        hands.do(f"live {number}", "live", lambda number=number: done.append(number))
    until(lambda: len(done) == 20)
    dead.set()
    until(hands.idle)


def test_what_stumbles_stops_nothing(settings, caplog):
    settings.DRIVER_THREADS = 1
    hands, done = Hands(), []
    hands.do("a", "one", lambda: 1 / 0)
    hands.do("b", "one", lambda: done.append("b"))
    hands.do("c", "two", lambda: done.append("c"))
    until(lambda: set(done) == {"b", "c"})
    until(hands.idle)
    assert "stumbled" in caplog.text
