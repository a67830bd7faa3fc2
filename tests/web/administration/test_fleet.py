"""Vehicles, shifts and stops: added, changed, refused while somebody counts on them."""

from datetime import date, timedelta

import pytest

from ressort.core.accounts.models import Membership, Organisation
from ressort.core.errors import Refused
from ressort.core.fleet import actions, shifts
from ressort.core.fleet.models import Shift, Tour, Vehicle
from ressort.core.jobs.models import Job
from ressort.core.journal.models import Event
from ressort.core.territory import actions as places
from ressort.core.territory.models import Place
from tests import worlds
from tests.services.transport.test_booking import book
from tests.web.administration.conftest import ROOT
from tests.web.administration.test_people import last_kind, text
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 9, 14)


def van(**change):
    depot = Place.objects.get(kind="depot")
    return {
        "name": "Van 9", "organisation": "o_valmont", "seats": "7", "wheelchairs": "1", "luggage": "4", "energy": "diesel",
        "range_km": "600", "depot": str(depot.public_id), "active": "on",
    } | change  # fmt: skip


@pytest.fixture
def booked(still_clock):
    """A trip is promised aboard one of the vans."""
    return book()


def test_a_vehicle_is_added_and_changed(client, adele):
    assert client.post(f"{ROOT}/vehicules/nouveau/", van()).url == f"{ROOT}/vehicules/"
    made = Vehicle.objects.get(name="Van 9")
    assert (made.seats, made.range_m, made.energy) == (7, 600_000, "diesel")
    assert last_kind() == "fleet.vehicle.added"
    check(client.get(f"{ROOT}/vehicules/{made.pid}/"))
    client.post(f"{ROOT}/vehicules/{made.pid}/", van(seats="9", active=""))
    made.refresh_from_db()
    assert (made.seats, made.active) == (9, False)
    event = Event.objects.order_by("-seq")[0]
    assert (event.kind, event.payload) == ("fleet.vehicle.changed", '{"fields":["active","seats"]}')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Donnez un nom"),
        ({"name": "VAN 1"}, "s'appelle déjà"),
        ({"seats": "0"}, "De 1 à 60"),
        ({"seats": "beaucoup"}, "nombre"),
        ({"wheelchairs": "99"}, "De 0 à 12"),
        ({"energy": "charbon"}, "charbon"),
        ({"depot": "nulle-part"}, "dépôt de la liste"),
        ({"range_km": "0"}, "autonomie"),
    ],
)
def test_a_vehicle_is_checked(client, adele, change, words):
    answer = client.post(f"{ROOT}/vehicules/nouveau/", van(**change))
    check(answer, 422)
    assert words in text(answer)
    assert Vehicle.objects.count() == 3


def test_a_vehicle_with_promised_trips_keeps_its_places(client, adele, booked):
    vehicle = booked.promise.tour.shift.vehicle
    page = f"{ROOT}/vehicules/{vehicle.pid}/"
    same = {
        "name": vehicle.name,
        "seats": vehicle.seats,
        "wheelchairs": vehicle.wheelchairs,
        "luggage": "6",
        "energy": "electric",
        "range_km": "200",
    }
    assert "trajet est promis" in text(client.get(page))
    for change in ({"active": ""}, {"seats": "1"}):
        answer = client.post(page, van(**same) | change)
        check(answer, 422)
        assert "promis à bord" in text(answer)
    assert client.post(page, van(**same) | {"seats": "12"}).status_code == 302


def test_a_vehicle_of_elsewhere_is_out_of_reach(client, adele):
    other = Organisation.objects.create(name="Ailleurs")
    Vehicle.objects.filter(name="Van 1").update(organisation=other)
    check(client.get(f"{ROOT}/vehicules/v_0/"), 403)
    check(client.get(f"{ROOT}/vehicules/v_none/"), 404)
    assert "Van 1<" not in text(client.get(f"{ROOT}/vehicules/"))


def test_empty_lists_say_what_to_do_first(client, adele):
    Tour.objects.all().delete()
    Shift.objects.all().delete()
    Vehicle.objects.all().delete()
    assert "Aucun véhicule" in text(client.get(f"{ROOT}/vehicules/"))
    assert "d'abord un véhicule" in text(client.get(f"{ROOT}/services/"))
    Place.objects.all().delete()
    assert "d'abord un dépôt" in text(client.get(f"{ROOT}/vehicules/"))
    assert "Prendre les arrêts trouvés" in text(client.get(f"{ROOT}/arrets/"))


# ------------------------------------------------------------------ shifts


def test_shifts_are_added_for_several_days_with_their_tours(client, adele):
    form = {
        "vehicle": "v_0",
        "driver": "p_denis",
        "first": "2026-10-05",
        "last": "2026-10-09",
        "opens": "22:00",
        "closes": "01:30",
    }
    answer = client.post(f"{ROOT}/services/?jour=2026-10-05", form)
    assert answer.status_code == 302
    made = Shift.objects.filter(starts__gte="2026-10-05T00:00:00+02:00")
    assert made.count() == Tour.objects.filter(shift__in=made).count() == 5
    assert made[0].ends - made[0].starts == timedelta(hours=3.5)
    assert "Denis Martin" in text(client.get(f"{ROOT}/services/", {"jour": "2026-10-07"}))
    answer = client.post(f"{ROOT}/services/", form)
    check(answer, 422)
    assert "roule déjà" in text(answer)
    assert made.count() == 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first": "2020-01-01"}, "déjà passé"),
        ({"first": "2028-01-01"}, "plus d'un an"),
        ({"last": "2027-10-01"}, "deux mois"),
        ({"closes": "05:05"}, "15 minutes"),
        ({"vehicle": "v_none"}, "véhicule de la liste"),
        ({"first": ""}, "Indiquez le jour"),
        ({"opens": "25:00"}, "Écrivez l'heure"),
    ],
)
def test_a_shift_is_checked(client, adele, change, words):
    form = {
        "vehicle": "v_0",
        "driver": "",
        "first": "2026-10-05",
        "last": "",
        "opens": "05:00",
        "closes": "10:00",
    }
    answer = client.post(f"{ROOT}/services/", form | change)
    check(answer, 422)
    assert words in text(answer)


def test_a_driver_drives_one_van_at_a_time_and_only_for_their_organisation(adele):
    vans = list(Vehicle.objects.order_by("pid"))
    denis, rosa = worlds.person("denis"), worlds.person("rosa")
    starts, ends = shifts.span(date(2026, 10, 5), *_hours(6, 12))
    shifts.add(adele, [(vans[0], starts, ends, denis)])
    with pytest.raises(Refused, match="conduit déjà"):
        shifts.add(adele, [(vans[1], starts, ends, denis)])
    with pytest.raises(Refused, match="pas conducteur"):
        shifts.add(adele, [(vans[1], starts, ends, rosa)])


def _hours(opens, closes):
    from datetime import time

    return time(opens), time(closes)


def test_a_week_is_copied_without_what_is_taken(client, adele):
    before = Shift.objects.count()
    answer = client.post(f"{ROOT}/services/copier/", {"day": "2026-09-14", "weeks": "2"})
    assert answer.url == f"{ROOT}/services/?jour=2026-09-14"
    week = shifts.of_week([Organisation.objects.get(pid="o_valmont").pk], MONDAY).count()
    after = Shift.objects.count()
    assert 0 < after - before <= 2 * week
    answer = client.post(f"{ROOT}/services/copier/", {"day": "2026-09-14", "weeks": "2"})
    check(answer, 409)
    assert Shift.objects.count() == after
    for weeks in ("0", "99", "mille", ""):
        check(client.post(f"{ROOT}/services/copier/", {"day": "2026-09-14", "weeks": weeks}), 422)
    check(client.post(f"{ROOT}/services/copier/", {"day": "2027-05-03", "weeks": "1"}), 409)


def test_a_copied_shift_keeps_its_hour_over_a_clock_change(adele):
    starts, ends = shifts.span(date(2026, 10, 19), *_hours(6, 12))
    shifts.add(adele, [(Vehicle.objects.get(pid="v_0"), starts, ends, None)])
    shifts.copy_week(adele, date(2026, 10, 19), 1)
    copied = Shift.objects.get(starts__date="2026-10-26", vehicle__pid="v_0")
    assert copied.starts.isoformat() == "2026-10-26T05:00:00+00:00"


def test_a_shift_with_a_promise_stays_and_another_goes(client, adele, booked):
    used = booked.promise.tour.shift
    check(client.post(f"{ROOT}/services/{used.pk}/", {"deed": "remove"}), 409)
    free = Shift.objects.exclude(pk=used.pk).order_by("-starts")[0]
    client.post(f"{ROOT}/services/{free.pk}/", {"deed": "remove", "day": "2026-09-14"})
    assert not Shift.objects.filter(pk=free.pk).exists()
    check(client.post(f"{ROOT}/services/{free.pk}/", {"deed": "remove"}), 404)


def test_a_driver_is_assigned(client, adele):
    Shift.objects.filter(driver__isnull=False).update(driver=None)
    shift = Shift.objects.order_by("starts")[0]
    client.post(f"{ROOT}/services/{shift.pk}/", {"driver": "p_denis"})
    shift.refresh_from_db()
    assert shift.driver == worlds.person("denis")
    check(client.post(f"{ROOT}/services/{shift.pk}/", {"driver": "p_nobody"}), 422)
    client.post(f"{ROOT}/services/{shift.pk}/", {"driver": ""})
    shift.refresh_from_db()
    assert shift.driver is None


# ------------------------------------------------------------------ stops


def stop(**change):
    lon, lat = worlds.at(2, 3)
    return {
        "name": "Marché",
        "kind": "stop",
        "lon": f"{lon:.6f}".replace(".", ","),
        "lat": f"{lat:.6f}",
        "accessible": "yes",
        "active": "on",
    } | change


def test_a_stop_is_added_by_coordinates_or_by_address(client, adele, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{ROOT}/arrets/nouveau/", stop()).url == f"{ROOT}/arrets/"
    made = Place.objects.get(name="Marché")
    assert (round(made.lon, 5), made.accessible, made.source) == (round(worlds.at(2, 3)[0], 5), True, "hand")
    assert Job.objects.filter(kind="fleet.matrix").exists(), "travel times are asked for at once"
    client.post(f"{ROOT}/arrets/nouveau/", stop(name="Alpha", lon="", lat="", where="Rue Alpha"))
    assert abs(Place.objects.get(name="Alpha").lat - worlds.at(0, 0)[1]) < 0.001
    check(client.get(f"{ROOT}/arrets/{made.public_id}/"))
    client.post(f"{ROOT}/arrets/{made.public_id}/", stop(name="Halles", active=""))
    made.refresh_from_db()
    assert (made.name, made.active) == ("Halles", False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Donnez un nom"),
        ({"kind": "hospital"}, "hospital"),
        ({"lon": "", "lat": ""}, "Indiquez une adresse"),
        ({"lon": "abc"}, "degrés"),
        ({"lat": "95"}, "degrés"),
        ({"where": "zzzz qqqq"}, "pas été trouvé"),
        ({"lon": "2.35", "lat": "48.85"}, "hors du réseau"),
        ({"lon": "47.304", "lat": "5.004"}, "échangées"),
    ],
)
def test_a_stop_is_checked(client, adele, change, words):
    answer = client.post(f"{ROOT}/arrets/nouveau/", stop(**change))
    check(answer, 422)
    assert words in text(answer)


def test_a_stop_of_a_promised_trip_is_renamed_but_neither_moved_nor_closed(client, adele, booked):
    place = booked.promise.pickup
    same = {"name": "Autre nom", "lon": f"{place.lon:.6f}", "lat": f"{place.lat:.6f}", "accessible": ""}
    place.lon, place.lat = round(place.lon, 6), round(place.lat, 6)
    place.save()
    page = f"{ROOT}/arrets/{place.public_id}/"
    assert client.post(page, stop(**same)).status_code == 302
    for change in ({"active": ""}, {"lon": f"{place.lon + 0.001:.6f}"}):
        answer = client.post(page, stop(**same) | change)
        check(answer, 422)
        assert "Trajets promis par" in text(answer)


def test_stops_of_the_network_are_taken_once(client, adele):
    assert client.post(f"{ROOT}/arrets/reseau/").url == f"{ROOT}/arrets/"
    count = Place.objects.count()
    assert count > 20
    check(client.post(f"{ROOT}/arrets/reseau/"), 409)
    assert Place.objects.count() == count
    check(client.get(f"{ROOT}/arrets/"))


def test_unknown_things_are_not_found(client, adele):
    check(client.get(f"{ROOT}/arrets/nulle-part/"), 404)
    check(client.get(f"{ROOT}/personnes/p_none/"), 404)
    check(client.get(f"{ROOT}/fichiers/recettes/"), 404)


def test_verbs_are_the_administrators_alone(still_clock):
    diane = worlds.person("diane")
    home = Membership.objects.get(user=diane).organisation
    for act in (
        lambda: actions.add(diane, home, name="X", seats=4, depot=Place.objects.get(kind="depot")),
        lambda: shifts.copy_week(diane, MONDAY, 1),
        lambda: places.add(diane, name="X", kind="stop", lon=5.0, lat=47.3),
        lambda: places.take(diane, [], source="file"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "forbidden"
