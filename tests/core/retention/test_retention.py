"""What has been kept for its declared time goes, by batches, with one event that holds numbers only."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from typer.testing import CliRunner

from ressort.core import clock
from ressort.core.accounts.actions import make_token
from ressort.core.accounts.models import Token, User
from ressort.core.clock import wall_now
from ressort.core.errors import Refused
from ressort.core.fleet import positions
from ressort.core.fleet.models import Shift, Vehicle, VehicleState
from ressort.core.jobs import queue
from ressort.core.jobs.models import Job
from ressort.core.journal import chain, receipts
from ressort.core.journal.models import Event
from ressort.core.retention import work
from ressort.services.transport.actions import booking
from ressort.services.transport.models import Booking, Contact, Demand
from tests import worlds
from tests.services.transport.test_booking import book

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def later(**span):
    clock.simulate(worlds.TUESDAY + timedelta(**span), rate=0)


def test_nothing_is_touched_before_its_time_and_all_is_told_after(still_clock):
    made = book()
    later(days=89)
    assert work.apply()["transport.Contact"] == 0
    later(days=92)
    assert work.look()["transport.Contact"] == 1
    counts = work.apply()
    assert (counts["transport.Contact"], counts["transport.Demand"]) == (1, 1)
    made.refresh_from_db()
    demand = made.demand
    assert not Contact.objects.filter(booking=made).exists()
    assert (demand.wish["from"], demand.offers, demand.actor) == ([None] * 3, [], "")
    assert demand.wish["passengers"] == 1
    event = Event.objects.filter(kind=work.DONE).last()
    assert set(json.loads(event.payload)["counts"]) >= {"transport.Contact:1", "transport.Demand:1"}
    assert work.runs()[0].counts["transport.Contact"] == 1
    assert work.apply()["transport.Demand"] == 0  # once is enough
    assert not list(chain.faults())


def test_after_a_year_a_trip_is_a_count_and_a_receipt_is_its_words(still_clock):
    made = book()
    number = made.demand.receipt
    assert receipts.replay(number).same
    later(days=370)
    work.apply()
    receipt = receipts.find(number)
    assert (receipt.inputs, receipt.subject) == (b"", "")
    assert json.loads(receipt.words)["rule"]
    with pytest.raises(Refused, match="plus gardé"):
        receipts.replay(number)
    kept = Booking.objects.get(pk=made.pk)
    assert (kept.rider, kept.owner_pid, kept.typed_by) == (None, "", "")
    assert kept.promise.seats == 1


def test_it_works_by_small_batches_to_the_end(still_clock, monkeypatch):
    monkeypatch.setattr(work, "BATCH", 2)
    old = wall_now() - timedelta(days=40)
    Job.objects.bulk_create(
        Job(kind="test", actor="p_1", created=old, ended=old, error="Jean a tout cassé", state="failed")
        for _ in range(5)
    )
    Job.objects.create(kind="test", actor="p_1", created=old)  # never ended: kept
    assert work.apply()["jobs.Job"] == 5
    assert Job.objects.count() == 1


def test_sessions_and_spent_links_go_with_the_real_clock(still_clock):
    rosa = worlds.person("rosa")
    Session.objects.create(
        session_key="a" * 32, session_data="x", expire_date=wall_now() - timedelta(minutes=1)
    )
    Session.objects.create(session_key="b" * 32, session_data="x", expire_date=wall_now() + timedelta(days=1))
    make_token(rosa, "mon téléphone", days=-8)
    make_token(rosa, "mon autre téléphone", days=5)
    work.apply()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["b" * 32]
    assert list(Token.objects.values_list("label", flat=True)) == ["mon autre téléphone"]


def test_an_account_nobody_uses_is_erased_but_not_an_agents_nor_a_programs(still_clock):
    long_ago = wall_now() - timedelta(days=3 * 365 + 1)
    User.objects.update(last_login=long_ago)
    robot = User.objects.create_user("robot@valmont.test", name="Robot")
    User.objects.filter(pk=robot.pk).update(last_login=long_ago)
    make_token(robot, "borne")
    assert work.apply()["accounts.User"] == 1
    assert not User.objects.filter(pid="p_rosa").exists()
    assert User.objects.filter(pid__in=("p_agathe", "p_denis", robot.pid)).count() == 3
    assert Event.objects.filter(kind="account.erased", subject="p_rosa", actor="system:privacy").exists()


def test_who_drove_is_forgotten_after_a_year_not_the_hours(still_clock):
    later(days=380)
    hours = Shift.objects.count()
    assert work.apply()["fleet.Shift"] == 7
    assert Shift.objects.filter(driver=None).count() == hours


def test_a_position_that_nothing_renews_is_forgotten(still_clock):
    van = Vehicle.objects.first()
    VehicleState.objects.create(vehicle=van, lon=5.0, lat=47.3, at=worlds.TUESDAY)
    assert positions.forget_stale() == 0
    later(minutes=16)
    assert positions.forget_stale() == 1


def test_a_dry_run_counts_and_touches_nothing(still_clock):
    book()
    later(days=400)
    events = Event.objects.count()
    counts = work.look()
    assert counts["transport.Contact"] == 1
    assert (Contact.objects.count(), Event.objects.count()) == (1, events)


def test_it_is_queued_once_a_day(still_clock):
    work.daily()
    work.daily()
    assert Job.objects.filter(kind=work.JOB).count() == 1
    assert queue.run_one("w")
    job = Job.objects.get(kind=work.JOB)
    assert (job.state, job.result["transport.Contact"]) == ("done", 0)
    work.daily()
    assert Job.objects.filter(kind=work.JOB).count() == 1


def test_the_command_tells_what_it_would_do(still_clock, monkeypatch):
    from ressort import cli

    monkeypatch.setattr(cli, "django", lambda **_: None)
    book()
    later(days=95)
    said = CliRunner().invoke(cli.app, ["retention", "--dry-run"])
    assert said.exit_code == 0, said.output
    assert "à effacer ou vider" in said.output
    assert Contact.objects.exists()
    said = CliRunner().invoke(cli.app, ["retention"])
    assert said.exit_code == 0, said.output
    assert not Contact.objects.exists()


def test_a_forgotten_demand_still_shows_in_the_console(still_clock, client):
    book()
    asked = Demand.objects.get()
    later(days=95)
    work.apply()
    client.force_login(worlds.person("diane"))
    assert client.get("/console/transport/demandes/").status_code == 200
    assert client.get(f"/console/transport/demandes/{asked.pid}/").status_code == 200
    assert (
        client.get(f"/transport/trajets/{booking.find(Booking.objects.get().code).code}/").status_code == 200
    )
