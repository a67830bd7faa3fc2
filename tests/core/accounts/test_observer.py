"""An observer looks at the control room of their organisation, for a time, and does nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core import registry
from ressort.core.accounts import policy
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.clock import wall_now

pytestmark = pytest.mark.django_db
LOOKS = {"see", "read"}
"""How the verbs end that change nothing."""


def observer(until=None):
    town = Organisation.objects.get(pid="o_valmont")
    user = User.objects.create_user("solene@valmont.test", name="Solène Martin", pid="p_solene")
    Membership.objects.create(user=user, organisation=town, role="observer", until=until)
    return User.objects.get(pk=user.pk)


def test_an_observer_has_only_verbs_that_look():
    registry.services()
    held = {verb for verb, row in policy.table().items() if policy.OBSERVER in row}
    assert {verb.rpartition(".")[2] for verb in held} <= LOOKS
    assert held == {
        "console.see", "journal.see", "controlroom.equipment.see", "controlroom.alarm.see", "controlroom.rule.see",
        "controlroom.incident.see", "controlroom.incident.read", "controlroom.situation.see",
    }  # fmt: skip


def test_what_holds_the_data_of_riders_and_of_reports_stays_shut():
    user = observer()
    for verb in (
        "controlroom.report.see", "transport.board.see", "transport.demand.see", "transport.tour.see", "notify.see",
        "people.manage", "controlroom.enquiry.handle", "controlroom.command.ask", "intake.see",
    ):  # fmt: skip
        assert not policy.allowed(user, verb), verb


def test_the_access_ends_by_itself():
    assert policy.only_looks(observer(wall_now() + timedelta(minutes=1)))
    Membership.objects.filter(role="observer").update(until=wall_now() - timedelta(seconds=1))
    late = User.objects.get(pid="p_solene")
    assert not policy.only_looks(late)
    assert not policy.allowed(late, "console.see")


def test_somebody_who_works_here_too_is_asked_as_before():
    user = observer()
    Membership.objects.create(
        user=user, organisation=Organisation.objects.get(pid="o_valmont"), role="operator"
    )
    assert not policy.only_looks(User.objects.get(pk=user.pk))
