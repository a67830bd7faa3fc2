"""The street of the equipment, an administrator who lends it, and a partner with two operators."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.clock import wall_now
from ressort.services.controlroom.clearances import actions
from ressort.services.controlroom.clearances.models import Clearance
from tests import worlds
from tests.services.controlroom.equipment.conftest import Street

HOME, NEXT = "o_valmont", "o_voisine"


def fresh(user: User) -> User:
    """Return somebody as their next request finds them: roles are kept for the time of one."""
    return User.objects.get(pk=user.pk)


class Lending:
    """What is lent of the street, to whom."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.adele = worlds.person("adele")
        self.home = Organisation.objects.get(pid=HOME)
        self.next = Organisation.objects.create(pid=NEXT, name="Métropole voisine")
        self.paula, self.pedro = (self.operator(name) for name in ("paula", "pedro"))

    def operator(self, name: str) -> User:
        user = User.objects.create_user(
            f"{name}@voisine.test", name=f"{name.capitalize()} Roux", pid=f"p_{name}"
        )
        Membership.objects.create(user=user, organisation=self.next, role="operator")
        return user

    def lend(self, *kinds: str, days: int = 30) -> Clearance:
        until = localdate(wall_now()) + timedelta(days=days)
        return actions.grant(self.adele, HOME, NEXT, kinds, until, "Marché du samedi")

    def end(self, clearance: Clearance) -> None:
        """Let the last day of a clearance have passed."""
        Clearance.objects.filter(pk=clearance.pk).update(until=self.street.wall - timedelta(seconds=1))


@pytest.fixture
def lending(db, still_clock) -> Lending:
    return Lending(Street())
