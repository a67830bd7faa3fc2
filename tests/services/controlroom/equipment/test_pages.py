"""The console's pages of the equipment, and what programs read and ask."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ressort.core.intake.models import Series
from ressort.core.live.latest import hub
from ressort.services.controlroom.equipment import asking, queries
from ressort.services.controlroom.equipment.models import Asset, Command
from tests import worlds
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"


def sign_in(client, user):
    client.force_login(user, backend=BACKEND)


def test_an_operator_looks_asks_and_another_approves(client, street):
    sign_in(client, street.oscar)
    check(client.get("/console/poste/"))
    check(client.get("/console/poste/equipements/"))
    check(client.get("/console/poste/equipements/?classe=bollard&etat=active&nom=borne"))
    check(client.get("/console/poste/equipements/?etat=failed"))
    borne = street.asset("borne-1")
    page = client.get(f"/console/poste/equipements/{borne.pid}/")
    check(page)
    assert "relevée" in page.content.decode()
    answer = client.post(
        f"/console/poste/equipements/{borne.pid}/commandes/raise/", {"raise-reason": "Fin de livraison"}
    )
    assert answer.status_code == 302
    command = Command.objects.get()
    assert command.state == Command.State.DRAFTED
    check(client.get("/console/poste/commandes/"))
    own = client.post(f"/console/poste/commandes/{command.pid}/approuver/")
    assert own.status_code == 409
    sign_in(client, street.odile)
    check(client.get("/console/poste/commandes/"))
    assert client.post(f"/console/poste/commandes/{command.pid}/approuver/").status_code == 302
    street.wall = max(street.wall, street.now(command).asked)
    street.later(8)
    assert street.now(command).state == Command.State.CONFIRMED
    assert "Confirmée par l" in client.get("/console/poste/commandes/").content.decode()


def test_what_is_wrong_is_said_beside_the_field(client, street):
    sign_in(client, street.oscar)
    lampe = street.asset("lampe-1")
    path = f"/console/poste/equipements/{lampe.pid}/commandes/dim/"
    check(client.post(path, {"dim-reason": "", "dim-level": "50"}), 422)
    page = client.post(path, {"dim-reason": "x", "dim-level": "500"})
    check(page, 422)
    assert "de 0 à 100" in page.content.decode()
    assert client.post(f"/console/poste/equipements/{lampe.pid}/commandes/zzz/", {}).status_code == 409
    assert client.get("/console/poste/equipements/e_nothing/").status_code == 404


def test_a_hold_is_kept_by_the_page_and_released(client, street):
    sign_in(client, street.oscar)
    borne = street.asset("borne-1")
    client.post(
        f"/console/poste/equipements/{borne.pid}/commandes/lower/",
        {"lower-reason": "Pompiers", "lower-hold": "on"},
    )
    command = Command.objects.get()
    street.wall = max(street.wall, command.asked)
    street.later(6)
    assert street.now(command).held
    page = client.get("/console/poste/commandes/")
    check(page)
    assert "Maintenir encore" in page.content.decode()
    path = f"/console/poste/commandes/{command.pid}"
    assert client.post(f"{path}/maintenir/", headers={"HX-Request": "true"}).status_code == 204
    assert client.post(f"{path}/relacher/").status_code == 302
    assert not street.now(command).held


def test_an_emergency_is_declared_and_ended_from_the_page(client, street):
    sign_in(client, street.oscar)
    assert client.post("/console/poste/urgence/", {"reason": "Incendie"}).status_code == 302
    assert asking.emergency()
    check(client.get("/console/poste/commandes/"))
    client.post("/console/poste/urgence/", {"deed": "end"})
    assert not asking.emergency()


def test_upkeep_is_noted(client, street):
    sign_in(client, street.oscar)
    lampe = street.asset("lampe-1")
    assert (
        client.post(f"/console/poste/equipements/{lampe.pid}/entretien/", {"upkeep": "out"}).status_code
        == 302
    )
    assert street.asset("lampe-1").upkeep == "out"
    assert (
        client.post(f"/console/poste/equipements/{lampe.pid}/entretien/", {"upkeep": "x"}).status_code == 422
    )


def upload(client, text, name="e.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post("/console/poste/equipements/importer/", {"file": SimpleUploadedFile(name, data)})


def test_a_file_is_tried_then_applied(client, street):
    sign_in(client, worlds.person("adele"))
    check(client.get("/console/poste/equipements/importer/"))
    text = (
        "code;classe;nom;longitude;latitude;rattaché à;capteur;pilote\n"
        "armoire-1;armoire;Armoire du port;5.01;47.3;;;\n"
        "lampe-9;point lumineux;Lampe du port;5.0101;47.3;armoire-1;lampe-9;Simulé\n"
    )
    page = upload(client, text)
    check(page)
    assert not Asset.objects.filter(code="lampe-9").exists()
    data = page.context["data"]
    done = client.post("/console/poste/equipements/importer/", {"deed": "apply", "data": data})
    assert done.status_code == 302
    lampe = Asset.objects.get(code="lampe-9")
    assert (lampe.parent.code, lampe.device.code, lampe.driver, lampe.capabilities) == (
        "armoire-1", "lampe-9", "simulated", ["dim"],
    )  # fmt: skip
    assert Series.objects.filter(device=lampe.device).count() == 3
    back = client.get("/console/poste/equipements/fichiers/export.csv").content
    assert not upload(client, back).context["found"].ready
    check(client.get(f"/console/poste/equipements/{lampe.parent.pid}/"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("12;borne;B;5;47;;", "lettre"),
        ("b-1;licorne;B;5;47;;", "classe"),
        ("b-1;borne;B;500;47;;", "longitude"),
        ("b-1;borne;B;5;47;rien;", "Aucun équipement"),
        ("b-1;borne;B;5;47;;borne-1", "déjà celui"),
        ("borne-1;armoire;B;5;47;;", "ne change pas de classe"),
    ],
)
def test_faults_of_a_file_are_told_by_line(client, street, row, said):
    sign_in(client, worlds.person("adele"))
    page = upload(client, "code;classe;nom;longitude;latitude;rattaché à;capteur\n" + row + "\n")
    check(page, 422)
    assert said.lower() in page.content.decode().lower()


def test_geojson_is_a_table_too(client, street):
    sign_in(client, worlds.person("adele"))
    point = {"type": "Point", "coordinates": [5.02, 47.31]}
    feature = {
        "type": "Feature",
        "geometry": point,
        "properties": {"code": "b-7", "kind": "borne", "name": "Porte"},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    page = upload(client, text, "e.geojson")
    check(page)
    assert page.context["counts"]["new"] == 1
    for bad in ('{"type": "x"}', '{"features": [1, {"geometry": null}]}', "{"):
        assert upload(client, bad, "e.geojson").status_code == 422


def test_the_inventory_of_streets_becomes_equipment(client, street):
    sign_in(client, worlds.person("adele"))
    page = client.get("/console/poste/equipements/importer/")
    known = page.context["inventory"]
    answer = client.post("/console/poste/equipements/inventaire/")
    assert answer.status_code == (302 if known else 409)
    assert Asset.objects.filter(source="osm").count() == known


def test_the_map_says_states_and_hears_of_changes(client, street):
    sign_in(client, street.oscar)
    found = client.get("/api/v1/controlroom/equipment.geojson?kind=bollard,siren").json()["features"]
    assert {one["properties"]["kind"] for one in found} == {"bollard", "siren"}
    assert all(one["properties"]["state"] == "active" for one in found)
    import numpy as np

    from ressort.core.intake.observing import ARRIVED

    series = Series.objects.get(device__code="borne-1", observed="position")
    queries.publish(np.array([(series.pk, 1, 0, 0)], ARRIVED))
    assert set(hub.snapshot("controlroom.bollards")) == {street.asset("borne-1").pid}


def test_a_program_asks_and_reads(client, street):
    sign_in(client, street.oscar)
    lampe = street.asset("lampe-1")
    path = f"/api/v1/controlroom/equipment/{lampe.pid}/commands"
    body = {"verb": "dim", "params": {"level": 40}, "reason": "essai"}
    made = client.post(path, body, content_type="application/json", headers={"Idempotency-Key": "a"}).json()
    again = client.post(path, body, content_type="application/json", headers={"Idempotency-Key": "a"}).json()
    assert made["pid"] == again["pid"]
    assert client.get(f"/api/v1/controlroom/commands/{made['pid']}").json()["state"] == "checked"
    bad = client.post(path, {**body, "params": {"level": 400}}, content_type="application/json")
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-param")


def test_others_see_and_do_not_command(client, street):
    sign_in(client, worlds.person("diane"))
    lampe = street.asset("lampe-1")
    check(client.get(f"/console/poste/equipements/{lampe.pid}/"))
    assert client.get("/console/poste/commandes/").status_code == 403
    assert client.post(f"/console/poste/equipements/{lampe.pid}/commandes/dim/", {}).status_code == 403
    assert client.get("/console/poste/equipements/importer/").status_code == 403


def test_pages_bound_their_queries(client, street, django_assert_max_num_queries):
    town = street.asset("lampe-1").organisation
    Asset.objects.bulk_create(
        Asset(code=f"x-{n}", kind="camera", name=f"Caméra {n}", lon=5, lat=47, organisation=town)
        for n in range(80)
    )
    sign_in(client, street.oscar)
    for path in ("/console/poste/equipements/", "/console/poste/", "/console/poste/commandes/"):
        client.get(path)
        with django_assert_max_num_queries(22):
            assert client.get(path).status_code == 200
