"""The rider's and the driver's pages without JavaScript, as forms and answers; who may open what."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from ressort.core import clock
from ressort.core.fleet.models import Visit
from ressort.core.network import build, closures
from ressort.core.territory.models import Place
from ressort.services.transport.models import Booking, Demand, Offering
from tests import worlds
from tests.services.transport.test_booking import book
from tests.services.transport.test_driving import own, up_and_off

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"
FORM = {
    "origin": "Rue Alpha",
    "destination": "Hôpital de Valmont",
    "mode": "after",
    "day": "2026-09-15",
    "hour": "08:30",
    "passengers": "1",
    "wheelchairs": "0",
    "luggage": "0",
}


@pytest.fixture
def signed(client):
    def sign(name: str):
        client.force_login(worlds.person(name), backend=BACKEND)
        return client

    return sign


def text(answer) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def book_for(client, **change) -> Booking:
    """Book the first offer for somebody, as an agent without scripts does."""
    typed = {**FORM, "way_in": "phone", "mandate": "self", "name": "Monsieur Paul", **change}
    page = client.post("/console/transport/reserver/", typed).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(demand|asked)" value="([^"]+)"', page))
    answer = client.post("/console/transport/reserver/", {**typed, **hidden, "do": "choose:0"})
    assert answer.status_code == 302, text(answer)[:3000]
    return Booking.objects.get(demand__pid=hidden["demand"])


def ask(client, **change):
    return client.post("/transport/", {**FORM, **change}, follow=True)


def test_from_the_form_to_the_promise_without_a_script(client, still_clock):
    assert "Où voulez-vous aller" in text(client.get("/transport/"))
    offers = ask(client)
    assert "Vos propositions" in text(offers)
    assert "Rue Alpha" in text(offers)
    demand = Demand.objects.get()
    assert "Rue Alpha" not in str(demand.wish), "the address stays in the session until a trip is booked"
    confirm = f"/transport/demandes/{demand.pid}/0/"
    assert client.post(confirm, {"name": ""}).status_code == 422
    done = client.post(confirm, {"name": "<script>alert(1)</script>", "phone": "0612345678"}, follow=True)
    made = Booking.objects.get()
    assert done.redirect_chain[-1][0] == f"/transport/trajets/{made.code}/"
    assert made.contact.from_label.startswith("Rue Alpha")
    assert b"<script>alert(1)" not in done.content
    assert client.get(f"/transport/demandes/{demand.pid}/").status_code == 302, (
        "an accepted demand leads to its trip"
    )
    cancelled = client.post(f"/transport/trajets/{made.code}/annuler/", follow=True)
    assert "Trajet annulé" in text(cancelled)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hour": "05:00"}, "déjà passée"),
        ({"hour": "23:30"}, "roule"),
        ({"hour": ""}, "quelle heure"),
        ({"day": "2026-02-31"}, "date"),
        ({"passengers": "0"}, "voyageurs par réservation"),
        ({"passengers": "99"}, "voyageurs par réservation"),
        ({"passengers": "beaucoup"}, "nombre"),
        ({"wheelchairs": "3"}, "fauteuils"),
        ({"origin": "Xyzzy plugh"}, "pas été trouvé"),
        ({"origin": "alert script 1"}, "vouliez-vous dire « arrêt"),
        ({"origin": "", "destination": ""}, "lieu de départ"),
        ({"origin": "A", "origin_lon": "abc", "origin_lat": "1"}, "longitude"),
        ({"origin_id": "not-a-uuid"}, "desservi"),
        ({"mode": "never"}, "corriger"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(client, still_clock, change, said):
    answer = ask(client, **change)
    assert answer.status_code == 422
    assert said in text(answer).lower() or said in text(answer)
    assert 'value="Hôpital de Valmont"' in answer.content.decode() or change.get("destination") == ""
    assert not Demand.objects.exists()


def test_a_refusal_tells_why_and_what_works_nearby(client, still_clock):
    Offering.objects.update(passengers_max=40)
    ask(client, passengers="7")
    page = ask(client, passengers="7")
    assert "Pas de place à cette heure" in text(page)
    assert "Il manque 1 siège." in text(page)


def test_a_trip_is_changed_from_its_page(client, still_clock):
    old = book()
    form = client.get(f"/transport/?remplace={old.code}")
    assert old.promise.pickup.name in form.content.decode()
    ask(client, replaces=old.code, hour="10:00")
    demand = Demand.objects.order_by("-pk")[0]
    client.post(f"/transport/demandes/{demand.pid}/0/", {"name": "Rosa"})
    old.refresh_from_db()
    assert old.state == Booking.State.CANCELLED


def test_an_agent_books_for_somebody(signed, still_clock):
    client = signed("agathe")
    made = book_for(client, way_in="counter")
    assert (made.origin, made.typed_by, made.owner_pid, made.rider) == ("counter", "p_agathe", "", None)


def test_a_rider_finds_own_trips_and_nobody_elses(signed, still_clock):
    client = signed("rosa")
    ask(client)
    client.post(f"/transport/demandes/{Demand.objects.get().pid}/0/", {"name": "Rosa"})
    other = book()
    page = client.get("/transport/trajets/").content.decode()
    assert Booking.objects.get(owner_pid="p_rosa").code in page
    assert other.code not in page


@pytest.mark.parametrize(
    "path", ["/transport/trajets/AAA-AAA-AAA/", "/transport/demandes/d_x/", "/transport/conducteur/999/"]
)
def test_unknown_things_are_clear_404s(signed, still_clock, path):
    answer = signed("diane").get(path)
    assert answer.status_code == 404


def test_a_driver_does_a_whole_ride_by_buttons(signed, still_clock):
    made = own(book())
    tour = made.promise.tour_id
    up, off = up_and_off(made)
    client = signed("denis")
    base = f"/transport/conducteur/{tour}/"
    assert client.get("/transport/conducteur/").headers["Location"] == base
    clock.simulate(up.planned, rate=0)
    assert "Je pars" in text(client.get(base))
    assert "Je suis arrivé" in text(client.post(f"{base}partir/", follow=True))
    assert "Est monté" in text(client.post(f"{base}arriver/", follow=True))
    assert "à bord" in text(client.post(f"{base}servir/", {"visit": up.pk}, follow=True))
    clock.simulate(off.planned, rate=0)
    client.post(f"{base}partir/")
    client.post(f"{base}arriver/")
    client.post(f"{base}servir/", {"visit": off.pk})
    made.refresh_from_db()
    assert made.state == Booking.State.DONE
    assert "Service terminé" in text(client.post(f"{base}fin/", follow=True))


@pytest.mark.parametrize(
    ("deed", "data", "said"),
    [
        ("retard", {"minutes": "abc"}, "en minutes"),
        ("retard", {"minutes": "9999"}, "180"),
        ("servir", {"visit": "x"}, "voyageur"),
        ("servir", {"visit": "999999"}, "n'est pas"),
        ("arriver", {}, "Est monté"),
        ("retard", {"minutes": "5"}, "Retard annoncé"),
        ("panne", {}, "panne"),
    ],
)
def test_a_drivers_mistakes_and_troubles_are_said(signed, still_clock, deed, data, said):
    made = own(book())
    answer = signed("denis").post(f"/transport/conducteur/{made.promise.tour_id}/{deed}/", data, follow=True)
    assert said.lower() in text(answer).lower()


def test_somebody_elses_tour_is_closed(signed, still_clock):
    made = own(book())
    base = f"/transport/conducteur/{made.promise.tour_id}/"
    assert signed("rosa").get(base).status_code == 403
    assert signed("agathe").post(f"{base}partir/").status_code == 403
    assert Visit.objects.get(promise=made.promise, is_pickup=True).state == Visit.State.PENDING


def test_maps_of_a_trip_and_of_a_driver(signed, still_clock):
    made = own(book())
    client = signed("denis")
    for part in ("ends", "way", "van", "nonsense"):
        found = client.get(f"/transport/trajets/{made.code}/carte.geojson?part={part}").json()
        assert found["type"] == "FeatureCollection"
    way = client.get(f"/transport/conducteur/{made.promise.tour_id}/trace.geojson").json()
    assert way["features"]


def test_a_new_network_leaves_promised_trips_and_new_ones_working(client, still_clock, tmp_path):
    made = book()
    file = tmp_path / "again.osm"
    file.write_text(worlds.osm(), encoding="utf-8")
    build.load(file, name="Valmont, nouvelle version")
    from ressort.core.fleet import planning

    planning.forget()
    assert "Vos propositions" in text(ask(client))
    assert made.promise.pickup.name in text(client.get(f"/transport/trajets/{made.code}/"))


def test_a_closed_street_is_obeyed_once_the_matrix_lands(client, still_clock):
    from ressort.core.fleet import planning
    from ressort.core.jobs import queue
    from ressort.core.jobs.models import Job

    before = planning.ground().file
    for name in ("Pont Charlie", "Pont Foxtrot"):
        closures.close(name, starts=still_clock - timedelta(hours=1), actor="p_test")
    planning.forget()
    planning.ground()
    assert Job.objects.filter(kind=planning.MATRIX_JOB, state="queued").count() == 1
    while queue.run_one("w"):
        pass
    planning.forget()
    assert planning.ground().file != before
    answer = ask(client)
    assert "Aucune route ouverte" in text(answer)


def test_a_street_closed_this_morning_is_open_to_the_trips_of_tomorrow(client, still_clock):
    from ressort.core.fleet import planning
    from ressort.core.jobs import queue

    planning.ground()
    for name in ("Pont Charlie", "Pont Foxtrot"):
        closures.close(name, starts=still_clock, ends=still_clock + timedelta(hours=2), actor="p_test")
    planning.forget()
    planning.ground()
    while queue.run_one("w"):
        pass
    planning.forget()
    assert "Aucune route ouverte" in text(ask(client))
    assert "Vos propositions" in text(ask(client, day="2026-09-16"))


def test_a_street_closed_tomorrow_is_closed_to_the_trips_of_tomorrow(client, still_clock):
    from ressort.core.fleet import planning
    from ressort.core.jobs import queue

    planning.ground()
    tomorrow = still_clock + timedelta(days=1)
    for name in ("Pont Charlie", "Pont Foxtrot"):
        closures.close(
            name, starts=tomorrow - timedelta(hours=2), ends=tomorrow + timedelta(hours=8), actor="p_test"
        )
    ask(client, day="2026-09-16")  # the travel times of that moment are asked for
    while queue.run_one("w"):
        pass
    planning.forget()
    assert "Aucune route ouverte" in text(ask(client, day="2026-09-16"))
    assert "Vos propositions" in text(ask(client))


def test_a_stop_is_known_by_its_id(client, still_clock):
    stop = Place.objects.get(name="Arrêt Delta 1")
    answer = ask(client, origin=stop.name, origin_id=str(stop.public_id))
    assert stop.name in text(answer)


# ------------------------------------------------------------------ what a page costs


@pytest.mark.parametrize(
    ("person", "path", "bound"),
    [
        ("", "/transport/", 6),
        ("", "/transport/arrets/", 6),
        ("", "/transport/demandes/{demand}/", 4),
        ("", "/transport/demandes/{demand}/0/", 4),
        ("", "/transport/trajets/{code}/", 5),
        ("rosa", "/transport/trajets/", 5),
        ("denis", "/transport/conducteur/{tour}/", 10),
        ("agathe", "/console/transport/reserver/", 8),
    ],
)
def test_pages_ask_the_database_little(
    client, still_clock, person, path, bound, django_assert_max_num_queries
):
    """Twelve bookings cost a page no more than one."""
    for n in range(12):
        made = own(book(at=worlds.TUESDAY + timedelta(minutes=30 + 20 * n)))
    if person:
        client.force_login(worlds.person(person), backend=BACKEND)
    ask(client)
    where = {
        "demand": Demand.objects.order_by("-pk")[0].pid,
        "code": made.code,
        "tour": made.promise.tour_id,
    }
    address = path.format(**where)
    client.get(address)  # what is kept between requests is there
    with django_assert_max_num_queries(bound):
        assert client.get(address).status_code == 200
