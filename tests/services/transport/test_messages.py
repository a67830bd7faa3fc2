"""What riders are told: each message once, in their language, on one SMS, about their own trip alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import translation

from ressort.core import clock
from ressort.core.accounts import actions as accounts
from ressort.core.fleet.models import Promise, Tour, Visit
from ressort.core.journal import consume
from ressort.core.journal.models import Cursor, Event
from ressort.core.notify import delivery, gsm, sending
from ressort.core.notify.models import Message, Preference
from ressort.core.registry import service
from ressort.services.transport.actions import asking, booking, replanning, writing
from ressort.services.transport.events import TOLD
from ressort.services.transport.messages import MESSAGES, Told
from ressort.services.transport.models import Booking, Contact, Demand
from ressort.services.transport.wishes import Spot, Wish
from tests import worlds

pytestmark = pytest.mark.django_db
GUEST = AnonymousUser()


def spot(column: float, row: float) -> Spot:
    lon, lat = worlds.at(column, row)
    return Spot(lon, lat, f"{column}/{row}")


def book(
    user=GUEST, *, phone="06 12 34 56 78", email="", minutes=45, origin=Demand.Origin.PORTAL, replaces=None
):
    wish = Wish(spot(0.2, 0), spot(6.9, 7), clock.service_now() + timedelta(minutes=minutes))
    demand = asking.ask(user, wish, origin=origin, replaces=replaces)
    return booking.accept(user, demand.pid, 0, booking.Rider("Rosa Martin", phone, email))


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = "https://mobilites.valmont.example"
    settings.TERRITORY_NAME = "Valmont Mobilités"


LONG = "Place du Général-de-Gaulle – Hôtel de ville et médiathèque François-Mitterrand"


def read():
    """Let the reaction read on, as the background work does."""
    consume("transport.messages", writing.react, kind=TOLD)


def told(*kinds):
    rows = Message.objects.order_by("pk")
    return list(rows.filter(kind__in=[f"transport.{kind}" for kind in kinds]) if kinds else rows)


# ------------------------------------------------------------------ the words


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_renders_in_both_languages(still_clock, kind, language):
    made = book()
    made.promise.pickup.name = LONG
    mail = sending.Recipient.guest(email="rosa@exemple.fr", language=language)
    text = sending.Recipient.guest(phone="+33612345678", language=language)
    for state in ("accepted", "aboard", "broken"):
        made.state = state
        for by in ("rider", "staff"):
            context = Told(made, made.promise.pickup_from, made.promise.dropoff_until, by=by, replaces=True)
            for to in (mail, text):
                key = f"{state}{by}{to.phone}"
                rows = sending.send(kind.name, key=key, to=to, subject=made.pid, context=context, urgent=True)
                assert rows or "sms" not in kind.by
                for row in rows:
                    _check(row, made)


def _check(row, made):
    words = f"{row.title}\n{row.body}"
    assert "%(" not in words
    assert "{" not in words
    assert row.title
    assert "Valmont Mobilités" in row.body  # who writes
    assert "https://mobilites.valmont.example/" in row.body  # where to go on
    assert made.code in row.body
    assert "Rosa" not in words  # nobody's name travels
    if row.channel == "sms":
        assert gsm.places(row.body) <= 160
        assert row.body.endswith(f"https://mobilites.valmont.example/s/{made.code}")


def test_an_english_message_has_no_french_left(still_clock):
    made = book()
    found = {}
    for language in ("fr", "en"):
        to = sending.Recipient.guest(email="rosa@exemple.fr", language=language)
        context = Told(made, made.promise.pickup_from, made.promise.dropoff_until)
        found[language] = sending.send("transport.booked", key=language, to=to, context=context)[0]
    lines = {language: set(row.body.split("\n\n")) for language, row in found.items()}
    assert lines["fr"] & lines["en"] == {"Valmont Mobilités"}
    assert "Tuesday 15\u00a0September" in found["en"].body
    assert "mardi\u00a015\u00a0septembre" in found["fr"].body


# ------------------------------------------------------------------ when


def test_a_booking_is_confirmed_once_however_often_the_event_is_read(still_clock):
    made = book()
    read()
    [row] = told("booked")
    assert (row.channel, row.address, row.subject) == ("sms", "+33612345678", made.pid)
    assert row.quiet_until is None
    Cursor.objects.filter(name="transport.messages").update(seq=0)  # the cursor is lost
    read()
    for event in Event.objects.filter(kind="transport.booking.accepted"):
        writing.react(event)  # a second worker
    assert [one.pk for one in told("booked")] == [row.pk]


def test_a_crash_between_the_event_and_the_message_loses_nothing(still_clock):
    book()
    failing = [True]

    def run(event):
        writing.react(event)
        if failing.pop() if failing else False:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        consume("test.messages", run, kind=TOLD)
    assert not told()  # rolled back with the cursor
    consume("test.messages", run, kind=TOLD)
    assert len(told("booked")) == 1


def test_whoever_has_an_account_is_told_by_e_mail_in_their_language(still_clock):
    rosa = worlds.person("rosa")
    rosa.language = "en"
    rosa.save()
    made = book(rosa, phone="")
    read()
    [row] = told("booked")
    assert (row.channel, row.address, row.recipient) == ("email", rosa.email, rosa.pid)
    assert "Your trip is booked" in row.body
    assert f"/transport/trajets/{made.code}/" in row.body


def test_a_guest_is_told_in_the_language_of_the_page_they_booked_on(still_clock):
    with translation.override("en"):
        book()
        read()
        book(worlds.person("agathe"), minutes=90, origin=Demand.Origin.AGENT)
    read()
    english, french = told("booked")
    assert "Get on between" in english.body
    assert "Montez entre" in french.body  # an agent's language is not the rider's


def test_a_guest_may_leave_an_e_mail_address_instead_of_a_telephone(client, still_clock):
    wish = Wish(spot(0.2, 0), spot(6.9, 7), clock.service_now() + timedelta(minutes=45))
    demand = asking.ask(GUEST, wish)
    page = f"/transport/demandes/{demand.pid}/0/"
    assert 'name="email"' in client.get(page).content.decode()
    given = {"name": "Léa Martin", "email": "lea@exemple"}
    answer = client.post(page, given)
    assert answer.status_code == 422
    assert "prenom.nom@exemple.fr" in answer.content.decode()
    assert client.post(page, {**given, "email": "lea@exemple.fr"}).status_code == 302
    read()
    assert [(row.channel, row.address) for row in told("booked")] == [("email", "lea@exemple.fr")]
    client.force_login(worlds.person("rosa"))
    demand = asking.ask(worlds.person("rosa"), wish)
    assert 'name="email"' not in client.get(f"/transport/demandes/{demand.pid}/0/").content.decode()  # known


def test_nobody_is_told_when_nobody_can_be_reached_or_the_rider_is_played(
    still_clock, django_assert_num_queries
):
    book(phone="")
    played = book(phone="06 00 00 00 00", minutes=90, origin=Demand.Origin.TWIN)
    read()
    clock.simulate(played.promise.visits.get(is_pickup=True).planned - timedelta(minutes=5), rate=0)
    writing.approach()
    assert not told()
    event = Event.objects.get(kind="transport.booking.accepted", subject=played.pid)
    clock.service_now()  # read at most once a second
    with django_assert_num_queries(0):
        writing.react(event)


def test_an_event_read_hours_later_is_not_told(still_clock):
    book(minutes=600)
    clock.simulate(worlds.TUESDAY + timedelta(hours=7), rate=0)
    read()
    assert not told()


def test_a_booking_cancelled_before_sending_sends_only_the_cancellation(still_clock):
    made = book()
    read()
    booking.cancel(GUEST, made.code)
    read()
    assert [(row.kind, row.state) for row in told()] == [
        ("transport.booked", "cancelled"),
        ("transport.cancelled", "waiting"),
    ]
    assert "comme" not in told("cancelled")[0].body
    assert not told("cancelled")[0].urgent


def test_a_cancellation_by_the_staff_presses_and_says_so(still_clock):
    made = book(worlds.person("rosa"))
    booking.cancel(worlds.person("diane"), made.code)
    read()
    rows = told("cancelled")
    assert {row.channel for row in rows} == {"email", "sms"}
    assert all(row.urgent for row in rows)
    assert "Notre équipe a annulé" in rows[0].body


def test_a_trip_that_replaces_another_takes_back_what_was_not_yet_said_of_it(still_clock):
    first = book()
    read()
    again = book(minutes=90, replaces=Booking.objects.get(pk=first.pk))
    read()
    assert Message.objects.get(subject=first.pid).state == "cancelled"
    assert Message.objects.get(subject=again.pid).kind == "transport.booked"


def test_ten_minutes_before_by_the_plan_in_force_once(still_clock):
    made = book()
    planned = made.promise.visits.get(is_pickup=True).planned
    clock.simulate(planned - timedelta(minutes=11), rate=0)
    assert writing.approach() == 0
    clock.simulate(planned - timedelta(minutes=9), rate=0)
    assert writing.approach() == 1
    assert writing.approach() == 0
    [row] = told("approaching")
    assert row.urgent
    clock.simulate(planned + timedelta(hours=1), rate=0)
    assert delivery.claim("sms", "w") is None  # too late to be of use
    assert told("approaching")[0].state == "cancelled"


def test_a_delay_moves_the_moment_of_telling(still_clock):
    made = book()
    visit = made.promise.visits.get(is_pickup=True)
    clock.simulate(visit.planned - timedelta(minutes=9), rate=0)
    Visit.objects.filter(pk=visit.pk).update(planned=visit.planned + timedelta(minutes=5))
    assert writing.approach() == 0
    clock.simulate(visit.planned - timedelta(minutes=5), rate=0)
    assert writing.approach() == 1


def test_the_evening_before_from_six_for_those_who_booked_earlier(still_clock):
    made = book(minutes=26 * 60)
    for hour, count in ((15, 0), (16, 1), (17, 0)):  # 17:30, 18:30 and 19:30 in Paris
        clock.simulate(worlds.TUESDAY.replace(hour=hour), rate=0)
        assert writing.eve() == count
    [row] = told("eve")
    assert row.subject == made.pid
    assert row.quiet_until is None
    late = book(minutes=16 * 60)
    assert writing.eve() == 0  # booked this evening: the confirmation says it all
    assert late


def test_a_delay_that_overruns_the_promise_is_told_and_asks(still_clock):
    made = book()
    made.promise.refresh_from_db()
    Tour.objects.exclude(pk=driven(made).pk).update(state=Tour.State.BROKEN)  # no other van to the rescue
    clock.simulate(made.promise.pickup_from - timedelta(minutes=5), rate=0)
    replanning.delay(worlds.person("diane"), driven(made).pk, 60)
    read()
    [row] = told("changed")
    assert row.urgent
    assert "Cela vous va ? Répondez" in row.body
    replanning.delay(worlds.person("diane"), driven(made).pk, 120)
    read()
    states = [row.state for row in told("changed")]
    assert states == ["cancelled", "waiting"]  # only the newest is worth sending


def test_a_trip_that_nobody_can_keep_is_told_as_lost(still_clock):
    made = book()
    Booking.objects.filter(pk=made.pk).update(state="broken")
    Promise.objects.filter(pk=made.promise_id).update(state="broken")
    event = concerning(made)
    writing.react(event)
    writing.react(event)
    [row] = told("changed")
    assert "nous ne pouvons pas tenir" in row.body


def test_a_trip_moved_inside_its_promise_is_not_told(still_clock):
    made = book()
    writing.react(concerning(made))
    assert not told("changed")


def test_after_the_ride_thanks_by_e_mail_and_an_absence_is_told(still_clock):
    rosa = worlds.person("rosa")
    made = book(rosa)
    _event("transport.rider.alighted", made.pid, {"tour": 1, "place": 1, "late_s": 0})
    _event("transport.booking.no_show", made.pid, {"tour": 1})
    consume("test.after", writing.react, kind=("transport.rider.alighted", "transport.booking.no_show"))
    assert [(row.kind, row.channel) for row in told()] == [
        ("transport.arrived", "email"),
        ("transport.no_show", "email"),
    ]


def test_a_contact_that_goes_takes_its_messages_with_it(still_clock):
    made = book()
    read()
    Contact.objects.filter(booking=made).delete()
    row = Message.objects.get(subject=made.pid)
    assert (row.address, row.body, row.state) == ("", "", "cancelled")
    made.refresh_from_db()
    assert writing.recipient(Booking.objects.get(pk=made.pk)) is None


def test_an_erased_account_leaves_nothing_in_the_outbox(still_clock):
    rosa = worlds.person("rosa")
    book(rosa)
    read()
    Preference.objects.create(user=rosa)
    accounts.erase(rosa, actor=rosa)
    assert not Message.objects.exclude(address="", body="", title="").exists()


def test_the_manifest_declares_every_message_and_reads_only_what_it_tells():
    manifest = service("transport")
    assert manifest.messages == MESSAGES
    assert {reaction.name: reaction.kind for reaction in manifest.reactions}["transport.messages"] == TOLD


def driven(made):
    return Tour.objects.get(promises__booking=made)


def _event(kind, subject, payload):
    from django.db import transaction

    from ressort.core.journal import record

    with transaction.atomic():
        return record(kind, actor="system:test", subject=subject, payload=payload)


def concerning(made):
    payload = {"why": "clock", "kept": 0, "moved": 1, "broken": 0, "concerns": [made.pid]}
    return _event("transport.plan.repaired", "", payload)
