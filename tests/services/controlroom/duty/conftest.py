"""A line with two people on it, in the control room of the small town."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core.clock import service_now
from ressort.core.journal.models import Event
from ressort.services.controlroom.duty.actions import lines, planning
from tests import worlds
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
def adele(town):  # noqa: F811
    return worlds.person("adele")


@pytest.fixture
def roads(adele):
    """A line of two ranks, with a chief."""
    chief = lines.add_contact(adele, name="Cécile Chef", email="cecile@valmont.test")
    return lines.add_line(
        adele, name="Astreinte voirie", purpose="", ranks=2, minutes=10, chief=str(chief.pk)
    )


@pytest.fixture
def paul(adele):
    return lines.add_contact(adele, name="Paul Petit", phone="06 12 34 56 78", by="sms")


@pytest.fixture
def rita(adele):
    return lines.add_contact(adele, name="Rita Roy", phone="06 98 76 54 32", email="rita@valmont.test")


@pytest.fixture
def manned(adele, roads, paul, rita):
    """The line, with Paul at the first rank and Rita at the second, from yesterday until in a week."""
    start, end = service_now() - timedelta(days=1), service_now() + timedelta(days=7)
    planning.plan(adele, roads.pid, 1, paul.pk, start, end)
    planning.plan(adele, roads.pid, 2, rita.pk, start, end)
    return roads


def here():
    return Event.objects.count()


def kinds(after):
    """Return the kinds of the events recorded since."""
    found = Event.objects.filter(seq__gt=after).order_by("seq").values_list("kind", flat=True)
    return [kind.removeprefix("controlroom.") for kind in found]
