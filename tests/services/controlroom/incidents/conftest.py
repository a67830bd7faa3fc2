"""Who stands in the control room of the small town: two operators, an agent, a partner that reads along."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.services.controlroom.incidents.actions import opening
from tests import worlds

BACKEND = "ressort.core.accounts.backends.EmailBackend"


@pytest.fixture(autouse=True)
def _files_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)


@pytest.fixture
def town(still_clock):
    return Organisation.objects.get(pid="o_valmont")


def _person(name, organisation, role):
    found = User.objects.create_user(
        f"{name.lower()}@valmont.test", worlds.PASSWORD, name=f"{name} Martin", pid=f"p_{name.lower()}"
    )
    Membership.objects.create(user=found, organisation=organisation, role=role)
    return found


@pytest.fixture
def oscar(town):
    return User.objects.filter(pid="p_oscar").first() or _person("Oscar", town, "operator")


@pytest.fixture
def odile(town):
    return User.objects.filter(pid="p_odile").first() or _person("Odile", town, "operator")


@pytest.fixture
def rescue(still_clock):
    """A partner organisation."""
    return Organisation.objects.create(pid="o_secours", name="Secours de Valmont", kind="partner")


@pytest.fixture
def sam(rescue):
    """An operator of the partner."""
    return _person("Sam", rescue, "operator")


@pytest.fixture
def opened(oscar):
    """Return a function that opens an incident."""

    def make(**more):
        given = {"title": "Arbre tombé", "category": "road", "priority": "high", **more}
        return opening.open_incident(
            more.pop("user", oscar), opening.Draft(**{k: v for k, v in given.items() if k != "user"})
        )

    return make


def later(**span) -> datetime:
    """Move the still clock forward."""
    from datetime import timedelta

    to = clock.service_now() + timedelta(**span)
    clock.simulate(to, rate=0)
    return to
