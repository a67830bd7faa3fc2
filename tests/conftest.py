"""What every test stands on: one small named town, a still clock, and nothing kept between tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, settings

from tests import worlds

# machines are shared: how long an example takes says nothing of the code
settings.register_profile("ressort", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ressort")


_terminal: list[Any] = []


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember where to write (see below); workers have no terminal."""
    _terminal.append(session.config.pluginmanager.get_plugin("terminalreporter"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name a failure as soon as it comes, with its last lines: a run of half an hour may be stopped before its end."""
    if report.failed and _terminal and _terminal[-1]:
        _terminal[-1].write_line(
            f"\n{report.nodeid} ({report.when})\n{report.longreprtext[-1500:]}\n", red=True
        )


def _flush_past_the_guards() -> None:
    """Give the test runner's flush a path: the journal refuses to be emptied, also by tests; then build the town again."""
    flush = TransactionTestCase._fixture_teardown

    def teardown(self: Any) -> None:
        from ressort.core.journal import guards

        guards.remove(connection)
        try:
            flush(self)
        finally:
            guards.install(connection)
        worlds.build()  # the next test of this process expects the town

    TransactionTestCase._fixture_teardown = teardown


_flush_past_the_guards()


@pytest.fixture(scope="session", autouse=True)
def _addresses() -> None:
    """Read the addresses once, under the tests' own settings: a test that plays a demonstration must not be first."""
    from django.urls import get_resolver

    assert get_resolver().url_patterns


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Build the small town once per worker; every test starts from it and is rolled back to it."""
    with django_db_blocker.unblock():
        worlds.build()


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    from ressort.core.clock import simulation
    from ressort.core.fleet import planning
    from ressort.core.installation import reading
    from ressort.core.intake import catalogue
    from ressort.core.live.latest import hub
    from ressort.core.network import places
    from ressort.services.controlroom.equipment import crowd
    from ressort.services.controlroom.incidents import announced

    translation.activate("fr")  # a page asked for in English leaves its language to the thread
    simulation.forget()
    planning.forget()
    places.forget()
    reading.forget()
    catalogue.forget()
    announced.forget()
    crowd.forget()
    hub.clear()
    yield
    simulation.forget()


@pytest.fixture(autouse=True)
def _kept_for_long(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where queries are counted, keep what is read now and then for the whole test, however slow the machine."""
    if not {"django_assert_max_num_queries", "django_assert_num_queries"} & set(request.fixturenames):
        return
    from ressort.core.clock import simulation
    from ressort.core.fleet import planning
    from ressort.core.installation import reading
    from ressort.services.controlroom.incidents import announced

    monkeypatch.setattr(reading, "KEEP", 3600.0)
    monkeypatch.setattr(announced, "KEEP", 3600.0)
    monkeypatch.setattr(planning, "_KEEP", 3600.0)
    monkeypatch.setattr(simulation, "_REFRESH", 3600.0)


@pytest.fixture
def still_clock(db: None) -> datetime:
    """A Tuesday, 07:30 in Paris; the clock stands still."""
    from ressort.core import clock

    clock.simulate(worlds.TUESDAY, rate=0)
    return worlds.TUESDAY
