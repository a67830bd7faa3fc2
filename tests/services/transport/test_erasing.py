"""A traveller without an account is erased by the code of the trip, by themselves or by an agent; the trip stays a count."""

from __future__ import annotations

import pytest

from ressort.core.errors import Refused
from ressort.core.journal import receipts
from ressort.core.journal.models import Event
from ressort.services.transport import exporting
from ressort.services.transport.actions import asking, booking, erasing
from ressort.services.transport.models import Booking, Contact
from tests import worlds
from tests.services.transport.test_booking import NOBODY, book, wish
from tests.services.transport.test_pages import FORM, ask, text
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db


def test_a_trip_to_come_keeps_its_name_until_it_is_cancelled(still_clock):
    made = book()
    with pytest.raises(Refused, match="annulez-le"):
        erasing.erase_trip(NOBODY, made.code)
    booking.cancel(NOBODY, made.code)
    events = Event.objects.count()
    erasing.erase_trip(NOBODY, made.code)
    assert Event.objects.count() == events + 1
    assert Event.objects.last().kind == "transport.booking.forgotten"
    assert not Contact.objects.exists()
    assert receipts.find(made.demand.receipt).inputs == b""
    kept = Booking.objects.select_related("demand", "promise").get(pk=made.pk)
    assert (kept.walk_from_s, kept.demand.wish["from"], kept.promise.seats) == (0, [None] * 3, 1)


def test_the_page_asks_to_be_sure_and_offers_it_only_once(client, still_clock):
    made = book()
    where = f"/transport/trajets/{made.code}/"
    assert "Effacer mes coordonnées" not in text(client.get(where))
    client.post(f"{where}annuler/")
    assert "Effacer mes coordonnées" in text(client.get(where))
    check(client.post(f"{where}effacer/"), 422)
    assert Contact.objects.exists()
    answer = client.post(f"{where}effacer/", {"sure": "yes"}, follow=True)
    check(answer)
    assert "sont effacés" in text(answer)
    assert "Effacer mes coordonnées" not in text(answer)
    check(client.post(f"{where}effacer/", {"sure": "yes"}, follow=True))  # harmless twice


def test_refused_from_the_page_it_is_said_in_a_sentence(client, still_clock):
    made = book()
    answer = client.post(f"/transport/trajets/{made.code}/effacer/", {"sure": "yes"}, follow=True)
    assert "annulez-le d'abord" in text(answer)
    assert (
        client.post("/transport/trajets/222-222-222/effacer/", {"sure": "yes"}, follow=True).status_code
        == 404
    )


def test_a_session_forgets_a_trip_that_was_booked_and_its_other_tries(client, still_clock):
    ask(client)
    ask(client, hour="09:30")
    ask(client, origin="Rue Bravo")
    first, _again, other = client.session["wishes"]
    client.post(f"/transport/demandes/{first}/0/", {"name": "Rosa", "phone": ""})
    assert Booking.objects.get().contact.from_label.startswith(FORM["origin"])
    assert list(client.session["wishes"]) == [other]


def test_an_erased_account_leaves_its_trips_as_counts(still_clock):
    rosa = worlds.person("rosa")
    demand = asking.ask(rosa, wish())
    booking.accept(rosa, demand.pid, 0, booking.Rider("Rosa Martin"))
    assert len(exporting.export("p_rosa")["transport.Contact"]) == 1
    erasing.erase("p_rosa")
    assert exporting.export("p_rosa") == {
        "transport.Booking": [],
        "transport.Contact": [],
        "transport.Demand": [],
    }
    assert Booking.objects.count() == 1
