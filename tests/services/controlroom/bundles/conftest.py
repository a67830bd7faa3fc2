"""A flood of the small town, real or played, and the work that makes its papers."""

from __future__ import annotations

import pytest

from ressort.core.jobs import queue
from ressort.services.controlroom.bundles.models import Bundle
from ressort.services.controlroom.incidents.actions import situations
from tests.services.controlroom.incidents.conftest import (  # noqa: F401 - fixtures
    _files_of_their_own,
    odile,
    opened,
    oscar,
    rescue,
    sam,
    town,
)


@pytest.fixture
def declare(oscar):  # noqa: F811
    """Return a function that declares a situation."""

    def make(**more):
        given = {
            "kind": "flood",
            "level": "alert",
            "headline": "Crue de la Dorne",
            "instruction": "Montez.",
            **more,
        }
        return situations.declare(oscar, situations.Declaration(**given))

    return make


@pytest.fixture
def flood(declare):
    return declare()


def work():
    """Do the background work that waits."""
    count = 0
    while queue.run_one("tests"):
        count += 1
    return count


def numbers(situation):
    return list(
        Bundle.objects.filter(situation=situation).order_by("number").values_list("number", flat=True)
    )
