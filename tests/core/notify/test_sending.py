"""Who is told, by which channels, when; and that the same key never writes a second message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from ressort.core import clock
from ressort.core.accounts import actions as accounts
from ressort.core.journal.models import Event
from ressort.core.notify import actions, erasure, queries, sending
from ressort.core.notify.models import Message, Preference, Subscription
from ressort.core.notify.sending import Recipient, send
from ressort.core.retention import work
from tests import worlds

pytestmark = pytest.mark.django_db
LATE = worlds.TUESDAY.replace(hour=20, minute=30)  # 22:30 in Paris
BOTH = Recipient.guest(email="lea@exemple.fr", phone="+33612345678")


@pytest.fixture
def rosa(still_clock):
    user = worlds.person("rosa")
    user.phone = "+33611111111"
    user.save()
    return user


def subscribed(user, number=1):
    made = {"p256dh": "k", "auth": "a", "created": clock.wall_now()}
    return Subscription.objects.create(user=user, endpoint=f"https://push.example/{number}", **made)


def channels(rows):
    return [row.channel for row in rows]


def test_the_same_key_gives_the_same_rows(still_clock):
    first = send("test.alert", key="k", to=BOTH, subject="b_1", context="Léa")
    again = send("test.alert", key="k", to=Recipient.guest(phone="+33600000000"), context="un autre")
    assert [row.pk for row in again] == [row.pk for row in first]
    assert Message.objects.count() == 2


def test_a_message_is_written_with_the_caller_or_not_at_all(still_clock):
    with transaction.atomic():
        send("test.alert", key="k", to=BOTH, context="Léa")
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_a_kind_that_nobody_declares_cannot_be_sent(still_clock):
    with pytest.raises(LookupError, match="unknown is not declared"):
        send("test.unknown", key="k", to=BOTH)


def test_writing_records_no_event_of_its_own(still_clock):
    before = Event.objects.count()
    send("test.alert", key="k", to=BOTH, context="Léa")
    assert Event.objects.count() == before


def test_an_sms_is_for_what_presses_or_for_whom_nothing_else_reaches(still_clock):
    assert channels(send("test.note", key="1", to=BOTH, context=1)) == ["email"]
    assert channels(send("test.alert", key="2", to=BOTH, context=1)) == ["email", "sms"]
    assert channels(send("test.note", key="3", to=Recipient.guest(phone="+33612345678"), context=1)) == [
        "sms"
    ]
    assert send("test.note", key="4", to=Recipient.guest(), context=1) == []


def test_a_brief_message_takes_the_quickest_way_alone(rosa):
    assert channels(send("test.brief", key="1", to=Recipient.person(rosa), context=1)) == ["sms"]
    subscribed(rosa)
    subscribed(rosa, 2)
    assert channels(send("test.brief", key="2", to=Recipient.person(rosa), context=1)) == ["push", "push"]


def test_a_person_chooses_channels_by_family(rosa):
    wished = {"test": ["push", "letter"]}
    actions.choose(rosa, families=wished, quiet_from=0, quiet_to=0, postal="Rosa Martin\n1 rue Alpha")
    to = Recipient.person(rosa)
    assert channels(send("test.alert", key="1", to=to, context=1)) == ["letter"]
    soon = clock.service_now() + timedelta(days=3)
    assert send("test.alert", key="2", to=to, context=1, useful_until=soon) == []  # the post is too slow
    subscribed(rosa)
    assert channels(send("test.alert", key="3", to=to, context=1, useful_until=soon)) == ["push"]


def test_quiet_hours_postpone_what_does_not_press(rosa):
    clock.simulate(LATE, rate=0)
    to = Recipient.person(rosa)
    [note] = send("test.note", key="1", to=to, context=1)
    assert note.quiet_until == worlds.TUESDAY.replace(hour=5, minute=0) + timedelta(days=1)
    assert {row.quiet_until for row in send("test.alert", key="2", to=to, context=1)} == {None}
    assert send("test.note", key="3", to=to, context=1, awake=True)[0].quiet_until is None
    Preference.objects.create(user=rosa, quiet_from=0, quiet_to=0)
    assert send("test.note", key="4", to=to, context=1)[0].quiet_until is None


def test_an_address_that_bounced_is_not_used_until_somebody_says_it_works(rosa):
    Preference.objects.create(user=rosa, dead={"email": rosa.email})
    assert channels(send("test.alert", key="1", to=Recipient.person(rosa), context=1)) == ["sms"]
    actions.revive(rosa, "email")
    assert channels(send("test.alert", key="2", to=Recipient.person(rosa), context=1)) == ["email", "sms"]
    Message.objects.filter(asked="2", channel="sms").update(state="bounced")
    guest = Recipient.guest(phone=rosa.phone)
    assert send("test.alert", key="3", to=guest, context=1) == []


def test_what_waits_about_a_subject_is_taken_back(still_clock):
    send("test.alert", key="1", to=BOTH, subject="b_1", context=1)
    send("test.alert", key="2", to=BOTH, subject="b_2", context=1)
    Message.objects.filter(asked="1", channel="sms").update(state="sent")
    assert sending.cancel("b_1", why="Annulé avant l'envoi.") == 1
    assert set(Message.objects.filter(subject="b_1").values_list("state", flat=True)) == {"cancelled", "sent"}
    assert Message.objects.filter(subject="b_2", state="waiting").count() == 2


def test_the_secret_of_a_link_is_not_in_what_the_outbox_shows(rosa):
    secret = "https://ici.example/connexion/lien/s3cr3t/"
    [row] = send("account.link", key="1", to=Recipient.person(rosa), secret=secret)
    assert "s3cr3t" not in row.body
    assert "⟨lien personnel⟩" in row.body


# ------------------------------------------------------------------ erasure


def test_erasing_a_person_blanks_their_messages_and_drops_their_preferences(rosa):
    send("test.alert", key="1", to=Recipient.person(rosa), subject="b_1", context="Rosa")
    sent = send("test.alert", key="2", to=Recipient.person(rosa), subject="b_1", context="Rosa")
    Message.objects.filter(pk=sent[0].pk).update(state="sent")
    subscribed(rosa)
    Preference.objects.create(user=rosa, postal="1 rue Alpha")
    accounts.erase(rosa, actor=rosa)
    for row in Message.objects.all():
        assert (row.address, row.title, row.body, row.link, row.code) == ("", "", "", "", "")
        assert row.state in {"sent", "cancelled"}
    assert not Subscription.objects.exists()
    assert not Preference.objects.exists()


def test_a_guest_s_messages_are_blanked_by_subject_and_old_ones_by_age(still_clock):
    send("test.alert", key="1", to=BOTH, subject="b_1", context=1)
    send("test.alert", key="2", to=BOTH, subject="b_2", context=1)
    erasure.forget_subject("b_1")
    assert not Message.objects.filter(subject="b_1").exclude(address="", body="", state="cancelled").exists()
    Message.objects.filter(subject="b_2").update(state="sent")
    work.apply()
    assert Message.objects.filter(blanked=False).count() == 2
    clock.simulate(worlds.TUESDAY + timedelta(days=91), rate=0)
    work.apply()
    assert not Message.objects.exclude(address="").exists()


def test_a_letter_that_nobody_printed_in_time_is_dropped(rosa):
    actions.choose(rosa, families={"test": ["letter"]}, quiet_from=0, quiet_to=0, postal="1 rue Alpha")
    until = clock.service_now() + timedelta(days=5)
    [row] = send("test.note", key="1", to=Recipient.person(rosa), context=1, useful_until=until)
    assert list(queries.letters()) == [row]
    clock.simulate(until + timedelta(hours=1), rate=0)
    assert not queries.letters()
    assert erasure.drop_vain() == 1
    row.refresh_from_db()
    assert (row.state, row.error) == ("cancelled", erasure.TOO_LATE)
