from __future__ import annotations

import json
from pathlib import Path

import pytest

from ressort.core.errors import Refused
from ressort.core.journal.models import Event
from ressort.core.territory.loading import from_places, load_epci, table_folder
from ressort.core.territory.models import Scale, Territory

pytestmark = pytest.mark.django_db

DIJON = "242100410"


def _has_table() -> bool:
    try:
        table_folder()
    except Refused:
        return False
    return True


needs_table = pytest.mark.skipif(not _has_table(), reason="needs the npm packages (make setup)")


def _collection(tmp_path: Path, *features: dict) -> Path:
    file = tmp_path / "contours.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return file


def _feature(code: object, geometry: object, key: str = "code") -> dict:
    return {"type": "Feature", "properties": {key: code}, "geometry": geometry}


SQUARE = {
    "type": "Polygon",
    "coordinates": [[[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.4], [5.0, 47.3]]],
}


@needs_table
@pytest.mark.parametrize(
    ("siren", "name", "count"),
    [
        (DIJON, "Dijon Métropole", 23),
        ("246700488", "Eurométropole de Strasbourg", 33),
        ("200067932", "Golfe du Morbihan", 34),
    ],
)
def test_any_epci_is_loaded(siren: str, name: str, count: int) -> None:
    epci = load_epci(siren)
    assert name.lower() in epci.name.lower() or name.rsplit(maxsplit=1)[-1].lower() in epci.name.lower()
    assert epci.children.count() == count
    assert epci.population == sum(child.population for child in epci.children.all())
    assert all(child.scale == Scale.COMMUNE and child.postal_codes for child in epci.children.all())


@needs_table
def test_loading_twice_changes_nothing() -> None:
    load_epci(DIJON)
    before = list(Territory.objects.order_by("code").values())
    load_epci(DIJON)
    assert list(Territory.objects.order_by("code").values()) == before
    assert Event.objects.filter(kind="territory.loaded").count() == 2


@needs_table
def test_centres_and_contours(tmp_path: Path) -> None:
    file = _collection(tmp_path, _feature("21231", SQUARE, "INSEE_COM"), _feature("75056", SQUARE))
    epci = load_epci(DIJON, file, centres={"21166": (5.00491, 47.2926)})
    dijon, chenove = Territory.objects.get(code="21231"), Territory.objects.get(code="21166")
    assert (dijon.lon, dijon.lat) == pytest.approx((5.05, 47.35))
    assert json.loads(dijon.contour)["type"] == "Polygon"
    assert (chenove.lon, chenove.lat, chenove.contour) == (5.00491, 47.2926, "")
    assert 5.0 < epci.lon < 5.1


@needs_table
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "lisible"),
        ("[]", "FeatureCollection"),
        (
            json.dumps({"features": [_feature("21231", {"type": "Point", "coordinates": [5, 47]})]}),
            "polygone",
        ),
        (json.dumps({"features": [_feature("21231", {"type": "Blob"})]}), "illisible"),
        (
            json.dumps(
                {
                    "features": [
                        _feature(
                            "21231",
                            {
                                "type": "Polygon",
                                "coordinates": [[[8e5, 6e6], [9e5, 6e6], [9e5, 7e6], [8e5, 6e6]]],
                            },
                        )
                    ]
                }
            ),
            "WGS 84",
        ),
        (json.dumps({"features": [_feature("99999", SQUARE)]}), "aucune commune"),
    ],
)
def test_bad_contours_are_refused_with_their_place(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "c.geojson"
    file.write_text(content)
    with pytest.raises(Refused, match=words):
        load_epci(DIJON, file)
    assert not Territory.objects.exists()


@needs_table
def test_an_unknown_siren_is_refused() -> None:
    with pytest.raises(Refused, match="neuf chiffres"):
        load_epci("123")


def test_a_territory_comes_from_the_places_of_a_network() -> None:
    whole = from_places(
        "Monaco", [("Monte-Carlo", 7.43, 43.74, 15_000), ("La Condamine", 7.42, 43.735, 4_000)]
    )
    assert whole.population == 19_000
    assert [child.name for child in whole.children.all()] == ["Monte-Carlo", "La Condamine"]
    assert 7.42 < whole.lon < 7.43
    again = from_places("Monaco", [("Monte-Carlo", 7.43, 43.74, 15_000)])
    assert again.children.count() == 1
    with pytest.raises(Refused):
        from_places("Rien", [])
