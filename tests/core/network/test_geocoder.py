from __future__ import annotations

import pytest

from ressort.core.network.geocoder import Geocoder, fold
from ressort.core.network.models import Address, Feature, NetworkVersion, Street
from tests.core.network import village


@pytest.fixture
def geocoder() -> Geocoder:
    """A few streets of two communes, with the traps of French names."""

    def street(name: str, commune: str, column: float) -> Street:
        a, b = village.at(column, 0), village.at(column, 1)
        return Street(
            name=name, commune=commune, lon=a[0], lat=a[1], bounds=[*a, *b], lines=[[list(a), list(b)]]
        )

    streets = [
        street("Rue des Tilleuls", "Talant", 0),
        street("Rue des Tilleuls", "Chenôve", 40),
        street("Rue de l'Église", "Talant", 1),
        street("Avenue de Saint-Étienne", "Talant", 2),
        street("Place du Général Œillet", "Chenôve", 41),
    ]
    features = [
        Feature(number=1, kind="town", name="Chenôve", lon=5.1, lat=47.3, commune="Chenôve"),
        Feature(number=2, kind="hospital", name="CHU Saint-Bénigne", lon=5.05, lat=47.32, commune="Talant"),
        Feature(number=3, kind="stop", name="Gare", lon=5.02, lat=47.32, commune="Talant"),
    ]
    lon, lat = village.at(0, 0.5)
    addresses = [
        Address(number=number, street="Rue des Tilleuls", commune="Talant", lon=lon, lat=lat + 0.0001 * rank)
        for rank, number in enumerate(("4", "12", "12 bis", "40"))
    ]
    return Geocoder(features, streets, addresses)


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("12 rue des tilleuls talant", "12 Rue des Tilleuls, Talant"),
        ("12bis, rue des Tilleuls, Talant", "12 bis Rue des Tilleuls, Talant"),
        ("RUE DES TILEULS CHENOVE", "Rue des Tilleuls, Chenôve"),
        ("r de leglise", "Rue de l'Église, Talant"),
        ("rue de l’eglise", "Rue de l'Église, Talant"),
        ("av st etienne", "Avenue de Saint-Étienne, Talant"),
        ("pl gal oeillet", "Place du Général Œillet, Chenôve"),
        ("chu", "CHU Saint-Bénigne, Talant"),
        ("gare", "Gare, Talant"),
        ("chenov", "Chenôve"),
    ],
)
def test_what_people_type_is_found(geocoder: Geocoder, typed: str, label: str) -> None:
    assert geocoder.search(typed)[0].label == label


def test_closer_comes_first_among_equals(geocoder: Geocoder) -> None:
    here = geocoder.search("rue des tilleuls", near=village.at(40, 0))
    there = geocoder.search("rue des tilleuls", near=village.at(0, 0))
    assert here[0].commune == "Chenôve"
    assert there[0].commune == "Talant"


@pytest.mark.parametrize(
    "typed", ["", "   ", "?!", "12", "zzzz qqqq", "<script>", "'; DROP TABLE", "é" * 5_000]
)
def test_nonsense_finds_nothing_and_breaks_nothing(geocoder: Geocoder, typed: str) -> None:
    assert [hit for hit in geocoder.search(typed) if hit.score > 80] == []


def test_an_unknown_number_gives_the_street_near_it(geocoder: Geocoder) -> None:
    hit = geocoder.search("38 rue des tilleuls talant")[0]
    assert (hit.kind, hit.label) == ("street", "Rue des Tilleuls, Talant")
    assert hit.lat == pytest.approx(village.at(0, 0.5)[1] + 0.0003)


def test_points_have_words(geocoder: Geocoder) -> None:
    assert geocoder.reverse(*village.at(0, 0.5)) == "4 Rue des Tilleuls, Talant"
    assert geocoder.reverse(*village.at(1, 0.1)) == "Rue de l'Église, Talant"
    assert geocoder.reverse(5.3, 47.5) == "Chenôve"
    assert Geocoder([], [], []).reverse(5.0, 47.0) == ""


def test_folding_forgets_accents_case_and_abbreviations() -> None:
    assert fold("Av. du Dr Œdipe-Ève") == "avenue du docteur oedipe eve"


def test_a_loaded_network_is_searched(network: NetworkVersion) -> None:
    geocoder = Geocoder.active()
    assert geocoder is Geocoder.of(network)
    assert geocoder.search("4 rue du nord 3")[0].label == "4 Rue du Nord 3, Villebois"
    assert geocoder.search("lavoir")[0].kind == "stop"
    assert geocoder.reverse(*village.at(0.5, 3.04)) == "4 Rue du Nord 3, Villebois"


@pytest.mark.django_db
def test_a_stop_of_the_service_is_found_by_its_own_name_and_only_once():
    from ressort.core.network import places
    from ressort.core.territory.models import Place

    stop = Place.objects.get(name="Arrêt Delta 1")
    found = places.search("arret delta 1")
    assert (found[0].place, found[0].label) == (str(stop.public_id), "Arrêt Delta 1")
    odd = Place.objects.create(kind="virtual_stop", name="Rue Alpha (8)", lon=stop.lon, lat=stop.lat)
    assert places.search("Rue Alpha (8)")[0].place == str(odd.public_id)
    copy = next(hit for hit in places.search("Hôpital de Valmont") if not hit.place)
    Place.objects.create(kind="hospital", name="Hôpital de Valmont", lon=copy.lon, lat=copy.lat)
    found = [hit.place for hit in places.search("Hôpital de Valmont") if hit.kind == "hospital"]
    assert len(found) == 1
    assert found[0], "the installation's own, not the map's copy"
    odd.delete()
    assert all(hit.label != "Rue Alpha (8)" for hit in places.search("Rue Alpha (8)"))


@pytest.mark.django_db
def test_depots_and_closed_stops_are_not_offered():
    from ressort.core.network import places
    from ressort.core.territory.models import Place

    Place.objects.filter(name="Arrêt Delta 1").update(active=False)
    labels = [hit.label for text in ("Dépôt", "Arrêt Delta 1") for hit in places.search(text)]
    assert "Dépôt" not in labels
    assert "Arrêt Delta 1" not in labels
