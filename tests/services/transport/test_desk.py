"""The agent's desk: one page that finds people, asks, books and says how the receipt goes."""

from __future__ import annotations

import re

import pytest

from ressort.core.errors import Forbidden, Refused
from ressort.core.journal import reading
from ressort.core.journal.models import Event
from ressort.core.notify.models import Message
from ressort.services.transport import aloud, riders
from ressort.services.transport.actions import asking, booking, writing
from ressort.services.transport.models import Booking, Demand
from tests import worlds
from tests.services.transport.test_booking import NOBODY, book, wish
from tests.services.transport.test_pages import BACKEND, FORM, book_for, text

pytestmark = pytest.mark.django_db
DESK = "/console/transport/reserver/"
TYPED = {**FORM, "way_in": "phone", "mandate": "self", "name": "Léa Petit"}


@pytest.fixture
def desk(client, still_clock):
    client.force_login(worlds.person("agathe"), backend=BACKEND)
    return client


def told(made: Booking) -> list[str]:
    """Run the reaction to a booking; return the channels its confirmation takes."""
    writing.react(Event.objects.get(kind="transport.booking.accepted", subject=made.pid))
    return list(Message.objects.filter(subject=made.pid).values_list("channel", flat=True))


def test_only_agents_may_search_ask_and_book_for_somebody(client, still_clock):
    assert client.get(DESK).status_code == 302
    client.force_login(worlds.person("rosa"), backend=BACKEND)
    assert client.get(DESK).status_code == 403
    assert client.post(f"{DESK}personnes/", {"q": "Martin"}).status_code == 403
    with pytest.raises(Forbidden):
        asking.ask(worlds.person("rosa"), wish(), origin=Demand.Origin.PHONE)
    with pytest.raises(Forbidden):
        riders.search(NOBODY, "Martin")
    demand = asking.ask(worlds.person("agathe"), wish(), origin=Demand.Origin.PHONE)
    with pytest.raises(Forbidden):
        booking.accept(NOBODY, demand.pid, 0, booking.Rider("Rosa"))


def test_what_is_noted_and_what_stays_out_of_the_journal(desk):
    made = book_for(desk, way_in="paper", mandate="professional", reference="F-17", name="Léa Petit")
    assert (made.origin, made.mandate, made.typed_by, made.owner_pid) == (
        "paper",
        "professional",
        "p_agathe",
        "",
    )
    assert made.contact.reference == "F-17"
    event = Event.objects.get(kind="transport.booking.accepted")
    kept = reading.payload(event)
    assert (kept["origin"], kept["mandate"], kept["typed_by"]) == ("paper", "professional", "p_agathe")
    assert "F-17" not in str(kept)
    assert "Réservé pour vous par l'accueil" in text(desk.get(f"/transport/trajets/{made.code}/"))
    assert "accueil" not in text(desk.get(f"/transport/trajets/{book().code}/")).replace("Accueil", "")


def test_the_page_reads_it_aloud(desk):
    made = book_for(desk, phone="06 12 34 56 78")
    page = text(desk.get(f"{DESK}{made.code}/"))
    assert "Je vous lis" in page
    assert f"Votre code est {made.code}" in page
    assert "Il part par SMS au 06 12 34 56 78" in page
    assert aloud.spelled("K7-Z") == ["K comme Kléber", "7", "Z comme Zoé"]
    assert set(aloud.SPELLED) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.mark.parametrize(
    ("typed", "ways"),
    [
        ({"phone": "06 12 34 56 78", "email": "lea@exemple.test"}, ["sms"]),
        ({"email": "lea@exemple.test"}, ["email"]),
        ({}, []),
        ({"phone": "06 12 34 56 78", "receipt_by": "none"}, []),
        ({"phone": "06 12 34 56 78", "receipt_by": "print"}, []),
        ({"phone": "06 12 34 56 78", "email": "lea@exemple.test", "receipt_by": "email"}, ["email"]),
        (
            {"receipt_by": "letter", "postal": "12 rue Alpha\r\n21000 Valmont", "day": "2026-09-21"},
            ["letter"],
        ),
    ],
)
def test_the_receipt_goes_the_way_that_was_chosen_and_no_other(desk, typed, ways):
    made = book_for(desk, **typed)
    assert told(made) == ways
    if ways == ["letter"]:
        assert Message.objects.get().address.splitlines() == [
            "Monsieur Paul",
            "12 rue Alpha",
            "21000 Valmont",
        ]
        assert desk.get("/console/messages/lettres/lettres.pdf").content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"receipt_by": "sms"}, "numéro où envoyer le SMS"),
        ({"receipt_by": "email"}, "adresse électronique où envoyer"),
        ({"receipt_by": "letter"}, "adresse où poster"),
        ({"receipt_by": "letter", "postal": "12 rue Alpha"}, "n'arriverait pas avant"),
        ({"phone": "12"}, "numéro de téléphone n'est pas complet"),
        ({"name": ""}, "Écrivez votre nom"),
        ({"way_in": "fax"}, "fax"),
        ({"reference": "x" * 61}, "60"),
    ],
)
def test_a_receipt_that_cannot_arrive_is_refused_and_nothing_is_booked(desk, typed, said):
    first = desk.post(DESK, {**FORM, "way_in": "phone", "mandate": "self"}).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(demand|asked)" value="([^"]+)"', first))
    answer = desk.post(DESK, {**TYPED, **hidden, **typed, "do": "choose:0"})
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Réserver cette proposition" in text(answer), "the offers stay"
    assert not Booking.objects.exists()


def test_offers_do_not_outlive_the_question(desk):
    first = desk.post(DESK, TYPED).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(demand|asked)" value="([^"]+)"', first))
    answer = desk.post(DESK, {**TYPED, **hidden, "passengers": "2", "do": "choose:0"})
    assert answer.status_code == 200
    assert not Booking.objects.exists()
    assert Demand.objects.count() == 2


def test_people_are_found_by_number_or_name_and_their_trip_asked_again(desk):
    made = book_for(desk, name="Éléonore Petit", phone="06 12 34 56 78")
    agathe = worlds.person("agathe")
    for words in ("345678", "06 12 34", "+33612345678", "éléonore", "Petit Élé", "Petit"):
        assert [one.name for one in riders.search(agathe, words)] == ["Éléonore Petit"], words
    for words in ("", "x", "99999", "%", "Dupont", "0" * 200):
        assert riders.search(agathe, words) == [], words
    found = text(desk.post(f"{DESK}personnes/", {"q": "Petit"}))
    assert "Encore le même" in found
    like = desk.post(DESK, {"do": f"like:{made.code}"})
    assert 'value="Éléonore Petit"' in like.content.decode()
    again = desk.post(DESK, {**TYPED, "origin": "", "destination": "", "do": f"again:{made.code}"})
    assert "Réserver cette proposition" in text(again)
    desk.post(f"/transport/trajets/{made.code}/annuler/")
    desk.post(f"/transport/trajets/{made.code}/effacer/", {"sure": "yes"})
    assert riders.search(agathe, "Petit") == [], "who was erased is found no more"


def test_hostile_posts_are_answered_with_sentences(desk):
    for do in ("choose:99", "choose:x", "like:", "again:AAA-AAA-AAA", "dance", ""):
        answer = desk.post(DESK, {**TYPED, "do": do})
        assert answer.status_code in {200, 404, 422}, do
    assert desk.post(DESK, {}).status_code == 422
    assert desk.get(f"{DESK}AAA-AAA-AAA/").status_code == 404


def test_a_fragment_for_htmx_is_the_form_alone(desk):
    answer = desk.post(DESK, TYPED, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "Réserver cette proposition" in text(answer)


def test_an_action_refuses_a_mandate_that_is_not_one(still_clock):
    from ressort.core.accounts.mandate import OnBehalf

    agathe = worlds.person("agathe")
    demand = asking.ask(agathe, wish(), origin=Demand.Origin.PHONE)
    with pytest.raises(Refused):
        booking.accept(agathe, demand.pid, 0, booking.Rider("Rosa"), behalf=OnBehalf("fax"))


def test_a_trip_and_its_decision_are_printed(desk, still_clock):
    made = book_for(desk, name='#panic("x") *é*')
    for address in (f"/transport/trajets/{made.code}/recu.pdf",
                    f"/algorithmes/recus/{made.demand.receipt}/recu.pdf",
                    f"/algorithmes/recus/{made.demand.receipt}/contester.pdf"):  # fmt: skip
        answer = desk.get(address)
        assert answer.content.startswith(b"%PDF"), address
        assert len(answer.content) < 60_000


@pytest.mark.parametrize(
    ("way", "to", "channel", "address"),
    [
        ("sms", "", "sms", "+33612345678"),
        ("sms", "07 11 22 33 44", "sms", "+33711223344"),
        ("email", "fille@exemple.fr", "email", "fille@exemple.fr"),
    ],
)
def test_the_receipt_is_sent_again_or_another_way(desk, way, to, channel, address):
    made = book_for(desk, phone="06 12 34 56 78", receipt_by="none")
    assert told(made) == []
    page = f"{DESK}{made.code}/recu/"
    for _twice in range(2):
        answer = desk.post(page, {"way": way, "to": to, "key": "k1"})
        assert answer.url == f"{DESK}{made.code}/"
    sent = Message.objects.get(subject=made.pid)
    assert (sent.channel, sent.address) == (channel, address)
    events = Event.objects.filter(kind="transport.receipt.sent", subject=made.pid)
    assert reading.payload(events.last()) == {"way": way}
    made.contact.refresh_from_db()
    assert made.contact.phone == "+33612345678", "what was typed for one message is not kept"
    assert not made.contact.email


def test_a_letter_is_written_for_a_trip_that_is_far_enough(desk):
    made = book_for(desk, phone="06 12 34 56 78", receipt_by="none", day="2026-09-21")
    answer = desk.post(
        f"{DESK}{made.code}/recu/", {"way": "letter", "to": "1 rue de la Gare\n\n21000  Dijon"}
    )
    assert answer.url == f"{DESK}{made.code}/"
    sent = Message.objects.get(subject=made.pid)
    assert (sent.channel, sent.address) == ("letter", "Monsieur Paul\n1 rue de la Gare\n21000 Dijon")


@pytest.mark.parametrize(
    ("way", "to", "said"),
    [
        ("email", "", "où envoyer le reçu"),
        ("email", "fille", "pas complète"),
        ("sms", "12", "téléphone"),
        ("letter", "1 rue de la Gare\n21000 Dijon", "n'arriverait pas"),
        ("pigeon", "", "Dites comment"),
    ],
)
def test_a_receipt_that_reaches_nobody_is_refused_in_words(desk, way, to, said):
    made = book_for(desk, phone="06 12 34 56 78", receipt_by="none")
    answer = desk.post(f"{DESK}{made.code}/recu/", {"way": way, "to": to})
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Message.objects.filter(subject=made.pid).exists()


def test_only_agents_send_receipts(client, still_clock):
    made = book()
    client.force_login(worlds.person("rosa"), backend=BACKEND)
    assert client.post(f"{DESK}{made.code}/recu/", {"way": "sms"}).status_code == 403
