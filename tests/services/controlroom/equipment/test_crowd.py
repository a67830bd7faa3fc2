"""The equipment as arrays says the same as the equipment piece by piece, and a metropolis fits in small tiles."""

from __future__ import annotations

from collections import Counter

import mapbox_vector_tile
import pytest

from ressort.core.accounts.models import Organisation
from ressort.core.intake import watching
from ressort.services.controlroom.equipment import crowd, queries, registering
from ressort.services.controlroom.equipment.kinds import KINDS
from ressort.services.controlroom.equipment.models import Asset
from tests import worlds

pytestmark = pytest.mark.django_db
LIGHTS = "/tiles/equipements/street_light,cabinet,message_sign"


def points(body: bytes) -> list[dict]:
    return (
        [one["properties"] for one in mapbox_vector_tile.decode(body)["points"]["features"]] if body else []
    )


def piece_by_piece() -> dict[str, str]:
    return {one.asset.pid: one.code for one in queries.standing(Asset.objects.all())}


def in_arrays() -> dict[str, str]:
    return {pid: code for code in ("active", "failed", "stale", "off") for pid in crowd.in_state(code)}


def test_arrays_follow_what_is_said_kept_in_repair_and_no_longer_heard(street):
    watching.deliver("controlroom.map", queries.publish)
    assert in_arrays() == piece_by_piece()
    street.fault("feux-1", "conflict")
    street.later(5)
    watching.deliver("controlroom.map", queries.publish)
    assert in_arrays()[street.asset("feux-1").pid] == "failed"
    registering.follow("p_oscar", street.asset("lampe-1").pid, Asset.Upkeep.MAINTENANCE, cause="")
    assert in_arrays()[street.asset("lampe-1").pid] == "off"
    street.busy = {one.code for one in Asset.objects.all()}
    street.later(1)
    assert in_arrays() == piece_by_piece()
    assert crowd.counts() == dict.fromkeys(("active", "failed", "stale", "off", "contradicted"), 0) | Counter(
        piece_by_piece().values()
    )


def test_a_tile_says_of_a_piece_what_the_document_says(street):
    (told,) = points(crowd.tile(["street_light"], 0, 0, 0))
    (feature,) = queries.geojson(["street_light"])["features"]
    said = feature["properties"]
    assert told == {name: said[name] for name in told}
    assert set(told) >= {"id", "kind", "state", "label", "name", "panel"}
    assert crowd.tile(["street_light"], 3, 0, 0) == b""


def test_thousands_of_lights_are_told_in_few_features_and_none_is_lost(street):
    town = Organisation.objects.get(pid="o_valmont")
    lon, lat = worlds.at(0, 0)
    rows = [
        (town, {"code": f"l-{n}", "kind": "street_light", "name": f"Candélabre {n}", "lon": lon + 0.0002 * (n % 50),
                "lat": lat + 0.0001 * (n // 50), "device": "", "driver": ""})
        for n in range(2000)
    ]  # fmt: skip
    registering.take(worlds.person("adele"), rows, source="test")
    found = points(crowd.tile(["street_light"], 8, *column_row(lon, lat, 8)))
    assert len(found) <= 128
    assert sum(one.get("point_count", 1) for one in found) == 2001
    assert crowd.counts()["stale"] >= 2000


def column_row(lon: float, lat: float, z: int) -> tuple[int, int]:
    import numpy as np

    x, y = crowd.mercator(np.asarray([lon]), np.asarray([lat]))
    return int(x[0] * 2**z), int(y[0] * 2**z)


def test_tiles_are_for_those_who_see_the_equipment(client, street, django_assert_max_num_queries):
    assert client.get(f"{LIGHTS}/0/0/0.pbf").status_code in {302, 401, 403}
    client.force_login(street.oscar, backend="ressort.core.accounts.backends.EmailBackend")
    crowd.counts()
    with django_assert_max_num_queries(6):
        answer = client.get(f"{LIGHTS}/0/0/0.pbf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert [one["kind"] for one in points(answer.content)] == ["street_light"]
    assert client.get(f"{LIGHTS}/4/0/0.pbf").status_code == 204
    assert client.get(f"{LIGHTS}/2/4/0.pbf").status_code == 404
    assert client.get(f"{LIGHTS}/25/0/0.pbf").status_code == 404
    assert client.get("/tiles/equipements/ufo/0/0/0.pbf").status_code == 204


def test_the_classes_of_the_layer_exist():
    assert set(LIGHTS.rsplit("/", 1)[1].split(",")) <= set(KINDS)
