"""Carrying: at least once under one key, taken up again after a kill, with back-off, until it fails for good."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection, connections

from ressort.core import clock
from ressort.core.clock import wall_now
from ressort.core.journal.models import Event
from ressort.core.journal.reading import payload
from ressort.core.notify import delivery
from ressort.core.notify.channels import carrier
from ressort.core.notify.models import Message
from ressort.core.notify.sending import Recipient, send
from tests import worlds

pytestmark = pytest.mark.django_db
PHONE = Recipient.guest(phone="+33612345678")


def write(key="k", kind="test.alert", **fields):
    [row] = send(kind, key=key, to=PHONE, subject="b_1", context="Léa", **fields)
    return row


def again(row):
    """Let the back-off of a message pass."""
    Message.objects.filter(pk=row.pk).update(not_before=wall_now())


def told(kind):
    return [payload(event) for event in Event.objects.filter(kind=f"notify.message.{kind}")]


def test_a_message_is_carried_once_and_told(still_clock, gateway, settings):
    settings.SMS_TOKEN = "jeton"
    row = write()
    assert delivery.deliver("sms") == 1
    assert delivery.deliver("sms") == 0
    [(path, headers, body)] = gateway.received
    assert (path, headers["Authorization"], headers["Idempotency-Key"]) == ("/send", "Bearer jeton", "k/sms")
    assert json.loads(body) == {"to": "+33612345678", "message": row.body, "id": "k/sms"}
    row.refresh_from_db()
    assert (row.state, row.provider, row.attempts, row.error) == ("sent", "g-1", 1, "")
    assert row.sent == clock.service_now()
    assert told("sent") == [{"message_kind": "test.alert", "channel": "sms", "about": "b_1", "attempts": 1}]
    assert [one.outcome for one in row.tries.all()] == ["sent"]


def test_a_worker_killed_between_the_call_and_the_result_is_followed_by_another_with_the_same_key(
    still_clock, gateway
):
    row = write()
    taken = delivery.claim("sms", "worker-1")
    carrier("sms").carry(delivery.parcel(taken))  # … and here the first worker dies
    assert delivery.deliver("sms", "worker-2") == 0  # it is still believed alive
    Message.objects.filter(pk=row.pk).update(lease_until=wall_now() - timedelta(seconds=1))
    assert delivery.deliver("sms", "worker-2") == 1
    assert [headers["Idempotency-Key"] for _, headers, _ in gateway.received] == ["k/sms", "k/sms"]
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 2)
    assert len(told("sent")) == 1


def test_a_worker_believed_dead_writes_nothing_any_more(still_clock, gateway):
    row = write()
    late = delivery.claim("sms", "worker-1")
    Message.objects.filter(pk=row.pk).update(lease_until=wall_now() - timedelta(seconds=1))
    delivery.deliver("sms", "worker-2")
    delivery._try(late)
    assert len(told("sent")) == 1
    assert Message.objects.get(pk=row.pk).attempts == 2


def test_workers_that_keep_dying_do_not_try_for_ever(still_clock, gateway):
    row = write()
    for number in range(delivery.TRIES):
        assert delivery.claim("sms", f"worker-{number}")
        Message.objects.filter(pk=row.pk).update(lease_until=wall_now() - timedelta(seconds=1))
    delivery.deliver("sms")
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "L'envoi a été interrompu plusieurs fois.")
    assert gateway.received == []


def test_a_gateway_that_fails_is_tried_again_later_and_later_then_it_is_said(still_clock, gateway):
    row = write()
    gateway.answers = [(503, b"")] * delivery.TRIES
    pauses = []
    for _ in range(delivery.TRIES):
        before = wall_now()
        assert delivery.deliver("sms") == 1
        assert delivery.deliver("sms") == 0  # not before the pause is over
        row.refresh_from_db()
        pauses.append(round((row.not_before - before).total_seconds()))
        again(row)
    assert pauses[:5] == [30, 120, 480, 1920, 7680]
    assert row.state == "failed"
    assert row.error == "La passerelle SMS a répondu par une erreur 503."
    assert told("failed")[0]["reason"] == "http-503"
    assert len({headers["Idempotency-Key"] for _, headers, _ in gateway.received}) == 1
    assert [one.outcome for one in row.tries.all()] == ["again"] * 5 + ["failed"]


def test_a_refusal_that_trying_again_cannot_help_fails_at_once(still_clock, gateway):
    row = write()
    gateway.answers = [(422, b"")]
    delivery.deliver("sms")
    assert Message.objects.get(pk=row.pk).state == "failed"


def test_a_gateway_that_is_not_there_or_redirects_is_said(still_clock, gateway, settings):
    row = write()
    gateway.answers = [(302, b"")]
    delivery.deliver("sms")
    row.refresh_from_db()
    assert (row.state, row.error) == ("waiting", "La passerelle SMS a répondu par une erreur 302.")
    settings.SMS_URL = "http://127.0.0.1:1/"
    again(row)
    delivery.deliver("sms")
    row.refresh_from_db()
    assert row.error == "La passerelle SMS ne répond pas."


def test_the_call_is_made_outside_any_transaction(still_clock, gateway):
    write()
    mine, depths = connections["default"], []
    gateway.look = lambda: depths.append(len(mine.savepoint_ids))  # the test itself is in one
    before = len(mine.savepoint_ids)
    assert delivery.deliver("sms") == 1
    assert depths == [before]


def test_urgent_messages_go_first(still_clock, gateway):
    write("a", "test.note")
    write("b")
    delivery.deliver("sms", most=1)
    assert gateway.received[0][1]["Idempotency-Key"] == "b/sms"


def test_what_is_no_longer_useful_is_dropped_not_sent(still_clock, gateway):
    row = write(useful_until=clock.service_now() + timedelta(minutes=5))
    clock.simulate(worlds.TUESDAY + timedelta(minutes=6), rate=0)
    assert delivery.deliver("sms") == 0
    row.refresh_from_db()
    assert (row.state, row.error) == ("cancelled", "Trop tard : ce message n'était plus utile.")
    assert gateway.received == []


def test_quiet_hours_hold_a_message_back_until_they_end(still_clock, gateway):
    clock.simulate(worlds.TUESDAY.replace(hour=20), rate=0)  # 22:00 in Paris
    row = write(kind="test.note")
    assert delivery.deliver("sms") == 0
    clock.simulate(row.quiet_until, rate=0)
    assert delivery.deliver("sms") == 1


def test_workers_that_were_down_at_bedtime_do_not_wake_anybody(still_clock, gateway):
    row = write(kind="test.note")
    clock.simulate(worlds.TUESDAY.replace(hour=21), rate=0)  # 23:00 in Paris
    assert delivery.deliver("sms") == 0
    row.refresh_from_db()
    assert row.state == "waiting"
    assert row.quiet_until == worlds.TUESDAY.replace(hour=5, minute=0) + timedelta(days=1)


def test_an_adapter_s_slip_is_one_failed_try(still_clock, gateway, settings):
    row = write()
    settings.SMS_BODY = None
    delivery.deliver("sms")
    row.refresh_from_db()
    assert row.state == "waiting"
    assert row.error.startswith("L'envoi a échoué")


def test_an_empty_outbox_costs_one_query(still_clock, django_assert_num_queries):
    clock.service_now()  # read at most once a second
    with django_assert_num_queries(1):
        delivery.deliver("sms")


@pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="a postman closes its connection when it stops, and with it the transaction of the test",
)
def test_a_postman_carries_until_it_is_stopped(still_clock, gateway):
    row = write()
    postman = delivery.Postman("sms")
    gateway.look = postman.stop  # somebody stops it while it is calling
    postman.run()
    assert Message.objects.get(pk=row.pk).state == "sent"
