"""Citizens of the demonstration: the same sights for a day and a seed, said once, dealt with in time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.journal import chain
from ressort.core.notify.models import Message
from ressort.services.controlroom.reports.actions import sorting
from ressort.services.controlroom.reports.models import Report
from ressort.twin.players import citizens
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _town(still_clock, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    citizens.sights.cache_clear()
    citizens._agreed.clear()
    ours = Organisation.objects.get(pid="o_valmont")
    sorting.start(worlds.person("adele"), ours)
    odile = User.objects.create_user(citizens.OPERATOR, worlds.PASSWORD, name="Odile Perrin")
    Membership.objects.create(user=odile, organisation=ours, role="operator")


def test_a_day_is_always_the_same_and_is_said_once(still_clock):
    day = worlds.TUESDAY.date()
    seen = citizens.sights(day, 1)
    citizens.sights.cache_clear()
    assert citizens.sights(day, 1) == seen
    assert citizens.sights(day, 2) != seen
    evening = still_clock + timedelta(hours=15)
    clock.simulate(evening, rate=0)
    made = citizens.play(evening, 1)
    assert made >= citizens.A_DAY - 2, "one or two may fall outside the small town"
    assert citizens.play(evening, 1) == 0
    assert all(one.at <= evening for one in Report.objects.all())


def test_the_days_before_leave_some_old_some_repaired(still_clock):
    list(citizens.before(worlds.TUESDAY.date(), worlds.TUESDAY, seed=1))
    states = set(Report.objects.values_list("state", flat=True))
    assert {"done"} < states
    assert Report.objects.filter(photo__isnull=False).exists()
    assert Message.objects.count() == 0
    assert list(chain.faults()) == []
