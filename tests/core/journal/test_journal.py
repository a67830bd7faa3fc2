"""The journal: append-only, chained, free of personal data, followed by cursors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from ressort.core.accounts import actions as accounts
from ressort.core.accounts.models import User
from ressort.core.journal import chain, consume, correlated, declare, guards, record
from ressort.core.journal.models import Cursor, Event, Head

pytestmark = pytest.mark.django_db

declare("test.happened", "Il s'est passé {count} chose(s).", "count", "who", "list")


def happen(count: int = 1, **payload: object) -> Event:
    with transaction.atomic():
        return record("test.happened", actor="p_test", subject="x_1", payload={"count": count, **payload})


def test_numbers_follow_without_gap_and_each_digest_holds_the_one_before():
    before = Head.objects.filter(id=1).first()
    first, second = happen(), happen()
    assert first.seq == (before.seq if before else 0) + 1
    assert second.seq == first.seq + 1
    assert second.previous == first.digest
    assert list(chain.faults()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_event SET actor = 'p_other' WHERE seq = {seq}",
        "DELETE FROM journal_event WHERE seq = {seq}",
        "INSERT OR REPLACE INTO journal_event SELECT seq, id, 'x', at, wall, actor, subject, cause, correlation, "
        "territory, payload, previous, digest FROM journal_event WHERE seq = {seq}",
        "REPLACE INTO journal_event SELECT 999999, id, 'x', at, wall, actor, subject, cause, correlation, "
        "territory, payload, previous, digest FROM journal_event WHERE seq = {seq}",
    ],
)
def test_the_database_refuses_to_change_the_past(statement):
    if "REPLACE" in statement and connection.vendor != "sqlite":
        pytest.skip("only SQLite replaces rows with INSERT")
    seq = happen().seq
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(seq=seq))
    assert Event.objects.filter(seq=seq, kind="test.happened").exists()


def test_the_orm_is_refused_too():
    event = happen()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(seq=event.seq).delete()


@pytest.mark.parametrize("column", ["actor", "payload", "kind", "at", "subject", "correlation", "digest"])
def test_a_tampered_row_is_found(column):
    happen()
    tampered = happen(2)
    happen(3)
    guards.remove(connection)
    value = "2001-01-01 00:00:00" if column == "at" else "{}" if column == "payload" else "tampered"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE journal_event SET {column} = %s WHERE seq = %s", [value, tampered.seq])
    guards.install(connection)
    assert tampered.seq in {fault.seq for fault in chain.faults()}


@pytest.mark.parametrize("last", [True, False], ids=["the last one", "one in the middle"])
def test_a_removed_row_is_found(last):
    events = [happen(i) for i in range(3)]
    guards.remove(connection)
    Event.objects.filter(seq=events[2 if last else 1].seq).delete()
    guards.install(connection)
    assert list(chain.faults())


def test_what_is_recorded_during_the_verification_is_no_fault(monkeypatch):
    last = [happen(i) for i in range(3)][-1]
    plain = chain.digest

    def busy(event):
        if event.seq == last.seq:  # the chain is read to its end; meanwhile the server goes on
            happen(4)
        return plain(event)

    monkeypatch.setattr(chain, "digest", busy)
    assert list(chain.faults()) == []
    monkeypatch.setattr(chain, "digest", plain)
    assert list(chain.faults()) == []


def test_a_row_added_behind_the_end_is_found():
    last = happen()
    kept = Head.objects.values("seq", "digest").get(id=1)
    happen()
    Head.objects.filter(id=1).update(**kept)
    assert [fault.seq for fault in chain.faults()] == [last.seq + 1]


def test_a_missing_protection_is_found_and_comes_back_after_a_migration():
    guards.remove(connection)
    assert [fault.seq for fault in chain.faults()] == [0] * len(guards.missing(connection))
    guards.after_migrate(using="default")
    assert guards.missing(connection) == []


@pytest.mark.parametrize(
    "value", ["Rosa Martin", "rosa@valmont.test", "0612345678", "+33612345678", {"name": "Rosa"}, b"x"]
)
def test_personal_data_cannot_enter_a_payload(value):
    with pytest.raises(ValueError, match="journal"):
        happen(who=value)


def test_kinds_and_fields_must_be_declared():
    with transaction.atomic():
        with pytest.raises(ValueError, match="not declared"):
            record("test.unheard_of", actor="p_test")
        with pytest.raises(ValueError, match="not declared"):
            record("test.happened", actor="p_test", payload={"unknown": 1})


def test_an_event_outside_a_transaction_is_refused():
    with ThreadPoolExecutor(1) as pool:  # another thread has a connection of its own, in no transaction
        outside = pool.submit(record, "test.happened", actor="p_test")
        with pytest.raises(RuntimeError, match="outside a transaction"):
            outside.result()


def test_events_of_one_request_share_their_correlation():
    with correlated() as shared:
        one, two = happen(), happen()
    assert one.correlation == two.correlation == shared
    assert happen().correlation != shared


def test_a_consumer_reads_each_event_once_and_takes_up_where_it_stopped():
    happen()
    consume("reader", lambda event: None)
    wanted = [happen(i).seq for i in range(3)]
    seen: list[int] = []

    def run(event: Event) -> None:
        if event.seq == wanted[1] and len(seen) == 1:
            seen.append(-1)
            raise RuntimeError("the power went out")
        seen.append(event.seq)

    with pytest.raises(RuntimeError, match="power"):
        consume("reader", run, kind="test.")
    assert Cursor.objects.get(name="reader").seq == wanted[0]
    assert consume("reader", run, kind="test.") == 2
    assert seen == [wanted[0], -1, wanted[1], wanted[2]]


def test_erasing_a_person_leaves_the_chain_valid_and_no_trace_of_the_name():
    user = accounts.create("erase.me@valmont.test", "Éloïse Éphémère", phone="06 12 34 56 78")
    pid = user.pid
    accounts.erase(user, actor=user)
    assert not User.objects.filter(pid=pid).exists()
    assert list(chain.faults()) == []
    told = "".join(f"{e.actor}{e.subject}{e.payload}" for e in Event.objects.all())
    assert pid in told
    assert not any(trace in told.lower() for trace in ("erase.me", "éphémère", "612345678"))
