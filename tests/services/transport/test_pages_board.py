"""The console's pages of on-demand transport: who may open them, what they say, at what cost in queries."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils.html import escape

from ressort.core import clock
from ressort.core.fleet.models import Tour
from ressort.core.live.latest import hub
from ressort.services.transport import asked, picture, queries, tourplan
from ressort.services.transport.actions import asking, booking, driving, replanning
from ressort.services.transport.models import Booking, Demand, Offering
from ressort.services.transport.pages_board import PAGE
from tests import worlds
from tests.services.transport.test_booking import NOBODY, book, spot, wish

pytestmark = pytest.mark.django_db
PAGES = ("board", "tours", "demands", "indicators", "offering")
COPIED = ("offering", "at", "expires", "actor", "origin", "wish", "answer", "offers", "receipt")
BACKEND = "ressort.core.accounts.backends.EmailBackend"


class Heads(HTMLParser):
    """How many first headings a page has, and whether every id is used once."""

    def __init__(self, text):
        super().__init__()
        self.h1, self.ids = 0, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.h1 += tag == "h1"
        self.ids += [value for name, value in attrs if name == "id"]


@pytest.fixture
def diane(client, still_clock):
    client.force_login(worlds.person("diane"), backend=BACKEND)
    return client


def text_of(response):
    """Return the words of a page, without tags, spaces made simple."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain.replace("&#x27;", "'"))


def page(client, name, query="", **kwargs):
    response = client.get(reverse(f"transport:{name}", kwargs=kwargs) + query)
    assert response.status_code == 200
    found = Heads(response.content.decode())
    assert found.h1 == 1, f"{name}: {found.h1} first headings"
    assert len(found.ids) == len(set(found.ids)), f"{name}: an id is used twice"
    return response


def panel(client, url):
    response = client.get(url, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    return response


def twenty():
    """Make twenty bookings all over the morning."""
    return [book(at=worlds.TUESDAY + timedelta(minutes=45 + 25 * n)) for n in range(20)]


# ------------------------------------------------------------------ who may open them


@pytest.mark.parametrize("name", [*PAGES, "summary"])
def test_the_public_is_sent_to_sign_in_and_a_rider_is_refused(client, still_clock, name):
    url = reverse(f"transport:{name}")
    answer = client.get(url)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("web:signin"))
    client.force_login(worlds.person("rosa"), backend=BACKEND)
    assert client.get(url).status_code == 403


def test_a_driver_sees_vehicles_but_neither_demands_nor_counters(client, still_clock):
    client.force_login(worlds.person("denis"), backend=BACKEND)
    assert client.get(reverse("transport:demands")).status_code == 403
    assert client.get(reverse("transport:indicators")).status_code == 403
    tour = Tour.objects.first()
    assert client.get(reverse("transport:vehicle", args=[tour.pk])).status_code == 200


# ------------------------------------------------------------------ what they show


@pytest.mark.parametrize("name", PAGES)
def test_each_page_renders_for_a_dispatcher_with_and_without_trips(diane, name):
    page(diane, name)
    twenty()
    page(diane, name)


@pytest.mark.parametrize("name", ["tours", "indicators"])
@pytest.mark.parametrize("day", ["2026-09-14", "2026-09-16", "demain", "9999-12-31", "0001-01-01", "<b>"])
def test_any_day_can_be_asked_for(diane, name, day):
    answer = page(diane, name, f"?jour={day}")
    assert "<b>" not in answer.content.decode()


def test_an_empty_day_teaches_what_will_be_there(diane):
    assert "Aucune tournée ce jour-là" in text_of(page(diane, "tours", "?jour=2026-01-01"))
    assert "Rien à mesurer ce jour-là" in text_of(page(diane, "indicators", "?jour=2026-01-01"))
    assert "Aucune demande pour l'instant" in text_of(page(diane, "demands"))
    Offering.objects.all().delete()
    assert "Aucune offre publiée" in text_of(page(diane, "offering"))


def test_the_live_map_has_the_vehicles_and_the_legs_being_driven(diane):
    book()
    layers = page(diane, "board").context["layers"]
    assert {"stops", "vehicles", "legs"} <= {layer["key"] for layer in layers}
    assert diane.get("/console/transport/?couche=trajets").json()["features"] == []
    tour = Tour.objects.get(visits__isnull=False, visits__is_pickup=True)
    clock.simulate(worlds.TUESDAY + timedelta(minutes=45), rate=0)
    driving.depart(worlds.person("diane"), tour.pk)
    (leg,) = diane.get("/console/transport/?couche=trajets").json()["features"]
    assert leg["geometry"]["type"] == "LineString"
    assert leg["properties"]["panel"] == reverse("transport:vehicle", args=[tour.pk])


def test_the_summary_is_a_fragment_that_names_its_latest_demands(diane):
    made = book()
    summary = panel(diane, reverse("transport:summary"))
    assert escape(made.promise.pickup.name) in summary.content.decode()
    assert "Toutes les tournées tiennent leurs promesses" in text_of(summary)
    assert diane.get(reverse("transport:summary")).url == reverse("transport:board")


def test_a_breakdown_is_what_the_summary_shows_first(diane):
    tour = book().promise.tour
    replanning.break_down(worlds.person("diane"), tour.pk)
    said = text_of(panel(diane, reverse("transport:summary")))
    assert "En panne" in said
    assert tour.shift.vehicle.name in said


def test_the_panel_of_a_vehicle_names_riders_only_to_those_who_may_drive_it(diane, client):
    made = book()
    tour = made.promise.tour
    clock.simulate(made.promise.pickup_from, rate=0)
    for act in (driving.depart, driving.arrive):
        act(worlds.person("diane"), tour.pk)
    visit = tour.visits.get(is_pickup=True)
    driving.serve(worlds.person("diane"), tour.pk, visit.pk)
    url = reverse("transport:vehicle", args=[tour.pk])
    said = text_of(panel(diane, url))
    assert "Rosa Martin" in said
    assert made.promise.dropoff.name in said
    assert reverse("transport:sheet", args=[tour.pk]) in panel(diane, url).content.decode()
    client.force_login(worlds.person("agathe"), backend=BACKEND)
    assert "Rosa Martin" not in text_of(panel(client, url))


def test_a_panel_opened_alone_is_a_whole_page(diane):
    made = book()
    page(diane, "vehicle", tour=made.promise.tour_id)
    page(diane, "demand_panel", pid=made.demand.pid)


@pytest.mark.parametrize("url", ["vehicules/999999/", "demandes/d_unknown/"])
def test_what_does_not_exist_is_said(diane, url):
    assert diane.get(f"/console/transport/{url}").status_code == 404


# ------------------------------------------------------------------ demands and why


def test_a_demand_says_why_it_was_accepted_or_refused(diane):
    made = book()
    while (refused := asking.ask(NOBODY, wish(passengers=6))).offers:
        booking.accept(NOBODY, refused.pid, 0, booking.Rider("Groupe Martin"))
    said = text_of(page(diane, "demands"))
    assert made.demand.receipt in said
    assert "Accepté" in said
    assert "Refusé" in said
    told = asked.tell(queries.demands())
    assert told[0].state == "refused"
    assert told[0].why
    assert "proposition" in told[-1].why
    explained = text_of(panel(diane, reverse("transport:demand_panel", args=[refused.pid])))
    assert refused.sentence in explained
    assert "Ce qui aurait fonctionné au plus près" in explained


def test_demands_are_filtered_by_answer_and_found_by_receipt(diane):
    made = book()
    other = asking.ask(NOBODY, wish())
    receipt = made.demand.receipt
    assert receipt in text_of(page(diane, "demands", "?reponse=offered"))
    assert receipt not in text_of(page(diane, "demands", "?reponse=refused"))
    found = text_of(page(diane, "demands", f"?recu={receipt[2:9].lower()}"))
    assert receipt in found
    assert other.receipt not in found
    nothing = text_of(page(diane, "demands", "?recu=%3Cscript%3E"))
    assert "Rien ne correspond" in nothing
    assert "<script>" not in nothing


def test_older_demands_are_one_link_away(diane):
    one = asking.ask(NOBODY, wish())
    copies = [Demand(pid=f"d_{n}", **{name: getattr(one, name) for name in COPIED}) for n in range(PAGE + 1)]
    made = [one, *Demand.objects.bulk_create(copies)]
    first = page(diane, "demands")
    assert [told.demand.pid for told in first.context["demands"]] == [d.pid for d in made[:1:-1]]
    assert f"avant={made[2].pk}" in first.content.decode()
    second = page(diane, "demands", f"?avant={made[2].pk}")
    assert [told.demand.pid for told in second.context["demands"]] == [made[1].pid, made[0].pid]
    assert second.context["more"] is None
    assert page(diane, "demands", "?avant=²").status_code == 200


def test_a_demand_without_offers_names_the_nearest_stops_and_no_address(still_clock):
    demand = asking.ask(NOBODY, wish(origin=spot(0.2, 0), destination=spot(6.9, 7)))
    Demand.objects.filter(pk=demand.pk).update(offers=[], nearest=[], answer="refused", reason="CAPACITY")
    (told,) = asked.tell(queries.demands())
    assert told.start.startswith("près de Arrêt")
    assert told.end.startswith("près de Arrêt")
    assert told.why == "Plus de place"


# ------------------------------------------------------------------ tours and counters


def test_a_tour_shows_its_rides_and_the_margin_left(still_clock):
    made = book()
    bar = next(bar for bar in tourplan.of_day(queries.today()) if bar.visits)
    assert (bar.riders, bar.aboard) == (1, 0)
    assert bar.slack_s == min(queries.slack(visit, still_clock) for visit in bar.visits)
    plan = tourplan.draw(tourplan.of_day(queries.today()), queries.today(), still_clock)
    assert [lane.name for lane in plan.lanes] == ["Van 1", "Van 2", "Van 3"]
    (lane,) = [lane for lane in plan.lanes if lane.marks]
    assert {"shift", "drive"} <= {span.kind.split()[0] for span in lane.spans}
    assert [mark.kind for mark in lane.marks] == ["on", "off"]
    assert made.promise.pickup.name in lane.marks[0].title


def test_a_promise_that_is_overrun_shows_as_late(still_clock):
    made = book()
    late = made.promise.dropoff_until + timedelta(minutes=5)
    (bar,) = [bar for bar in tourplan.of_day(queries.today()) if bar.visits]
    assert queries.slack(bar.visits[-1], late) == -300
    plan = tourplan.draw([bar], queries.today(), late)
    assert "late" in {span.kind for span in plan.lanes[0].spans}
    assert tourplan.said(-300).endswith("de retard")


def test_counters_are_those_of_the_day(still_clock):
    made = book()
    tour = made.promise.tour
    diane = worlds.person("diane")
    clock.simulate(made.promise.pickup_from, rate=0)
    for is_pickup, at in ((True, made.promise.pickup_from), (False, made.promise.dropoff_from)):
        clock.simulate(at + timedelta(minutes=1), rate=0)
        driving.depart(diane, tour.pk)
        driving.arrive(diane, tour.pk)
        driving.serve(diane, tour.pk, tour.visits.get(is_pickup=is_pickup).pk)
    found = queries.indicators(queries.today())
    assert (found.asked, found.offered, found.booked, found.done) == (1, 1, 1, 1)
    assert found.acceptance == found.punctuality == 1.0
    assert found.driven_m >= made.promise.direct_m > 0
    assert found.empty_share == pytest.approx(1 - made.promise.direct_m / found.driven_m, abs=0.01)
    assert found.shift_hours > 0
    assert made.pid
    assert Booking.objects.get().state == "done"


# ------------------------------------------------------------------ the map


def test_a_moving_vehicle_carries_all_the_map_needs(still_clock):
    tour = Tour.objects.select_related("shift__vehicle").filter(shift__starts__lte=still_clock).first()
    value = picture.moving(tour, 5.0012345678, 47.3, 91.4, 2, "moving")
    hub.publish(picture.CHANNEL, {str(tour.pk): value})
    found = {f["properties"]["id"]: f for f in picture.vehicles_geojson()["features"]}
    assert len(found) == 3
    mine = found[str(tour.pk)]
    assert mine["geometry"]["coordinates"] == [5.001235, 47.3]
    assert mine["properties"]["heading"] == 91
    assert mine["properties"]["panel"] == reverse("transport:vehicle", args=[tour.pk])
    assert "2 à bord" in mine["properties"]["label"]
    others = [f["properties"] for key, f in found.items() if key != str(tour.pk)]
    assert all(properties["resting"] for properties in others)


def test_riders_see_their_van_without_the_console(still_clock):
    made = book()
    (van,) = picture.trip_geojson(made, "van")["features"]
    assert van["properties"]["id"] == str(made.promise.tour_id)
    assert not {"panel", "aboard", "seats"} & set(van["properties"])


def test_a_driver_sees_their_own_vehicle_alone(still_clock):
    tour = Tour.objects.filter(shift__starts__lte=still_clock).first()
    van = picture.driver_layers(tour)[-1]
    assert van["channel"] == picture.own_channel(tour.pk)
    assert [f["properties"]["id"] for f in van["data"]["features"]] == [str(tour.pk)]
    shapes = [
        [feature["geometry"]["type"] for feature in picture.way_geojson(tour, part)["features"]]
        for part in ("way", "stop", "")
    ]
    assert shapes == [["LineString"], ["Point"], ["LineString", "Point"]]


# ------------------------------------------------------------------ what they cost


@pytest.mark.parametrize(
    ("name", "most"), [("board", 23), ("tours", 8), ("demands", 11), ("indicators", 15), ("offering", 11)]
)
def test_pages_cost_no_more_queries_with_twenty_trips(diane, django_assert_max_num_queries, name, most):
    twenty()
    page(diane, name)
    with django_assert_max_num_queries(most):
        page(diane, name)


def test_panels_cost_no_more_queries_with_twenty_trips(diane, django_assert_max_num_queries):
    made = twenty()
    with django_assert_max_num_queries(21):
        panel(diane, reverse("transport:summary"))
    with django_assert_max_num_queries(8):
        panel(diane, reverse("transport:vehicle", args=[made[0].promise.tour_id]))
    with django_assert_max_num_queries(11):
        panel(diane, reverse("transport:demand_panel", args=[made[0].demand.pid]))
