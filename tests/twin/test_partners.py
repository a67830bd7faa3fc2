"""The partner of the demonstration: one of theirs looks on, another commands the bollards, each until a day."""

from __future__ import annotations

import pytest

from ressort.core.accounts import policy
from ressort.core.accounts.models import Membership, User
from ressort.services.controlroom.clearances.deciding import Rights
from ressort.services.controlroom.clearances.models import Clearance
from ressort.services.controlroom.equipment.models import Asset
from ressort.twin import fleet

pytestmark = pytest.mark.django_db


def test_the_partner_looks_and_is_lent_the_bollards_once(still_clock):
    for _ in range(2):
        fleet.accounts(0)
        fleet.clearances()
    solene, sacha = (User.objects.get(email=f"{name}@demo.ressort") for name in ("solene", "sacha"))
    assert policy.only_looks(solene)
    assert Membership.objects.filter(user__in=[solene, sacha]).exclude(until=None).count() == 2
    lent = Clearance.objects.get()
    post, lamp = (Asset(kind=kind, organisation=fleet.organisation()) for kind in ("bollard", "street_light"))
    assert Rights(sacha).command(post).under == lent
    assert not Rights(sacha).command(lamp)
    assert not Rights(solene).command(post)
