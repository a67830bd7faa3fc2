"""Two crews of the small town, an operator who orders, and somebody of each crew."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.journal.models import Event
from ressort.services.controlroom.orders.actions import crews, ordering
from ressort.services.controlroom.orders.actions.following import react as follow
from ressort.services.controlroom.orders.actions.telling import react as tell
from ressort.services.controlroom.orders.events import FOLLOWED, TOLD
from tests import worlds

BACKEND = "ressort.core.accounts.backends.EmailBackend"


@pytest.fixture(autouse=True)
def _files_of_their_own(tmp_path, settings):
    settings.DATA_DIR = tmp_path


def person(name, organisation=None, role="operator"):
    email = f"{name.lower()}@valmont.test"
    found = User.objects.create_user(email, worlds.PASSWORD, name=f"{name} Martin", pid=f"p_{name.lower()}")
    if organisation is not None:
        Membership.objects.create(user=found, organisation=organisation, role=role)
    return found


@pytest.fixture
def town(still_clock) -> SimpleNamespace:
    ours = Organisation.objects.get(pid="o_valmont")
    oscar = person("Oscar", ours)
    road, light = crews.make(oscar, "Voirie nord", "road"), crews.make(oscar, "Éclairage", "light")
    vera, lucie = person("Vera"), person("Lucie")
    crews.join(oscar, road.pid, vera.email)
    crews.join(oscar, light.pid, lucie.email)
    return SimpleNamespace(ours=ours, oscar=oscar, road=road, light=light, vera=vera, lucie=lucie)


@pytest.fixture
def ordered(town):
    """Return a function that makes an order, given to the road crew unless told otherwise."""

    def make(to=None, **more):
        given = {"title": "Reboucher le trou", "trade": "road", "priority": "normal", **more}
        made = ordering.draft(town.oscar, ordering.Draft(**given))
        return made if to == "" else ordering.assign(town.oscar, made.number, to or town.road.pid)

    return make


def events(prefix="controlroom.work."):
    return list(Event.objects.filter(kind__startswith=prefix).order_by("seq").values_list("kind", flat=True))


def react():
    """Read the journal as the reactions do."""
    for event in Event.objects.order_by("seq"):
        if event.kind in FOLLOWED:
            follow(event)
        if event.kind in TOLD:
            tell(event)
