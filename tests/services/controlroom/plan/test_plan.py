"""The safeguard plan: written by hand or from a workbook, found again, withdrawn and put back, erased after a year."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core import tables
from ressort.core.accounts.models import Membership, Organisation
from ressort.core.errors import Forbidden, Refused, Unknown
from ressort.core.journal.models import Event
from ressort.services.controlroom.plan import actions, queries
from ressort.services.controlroom.plan import tables as ours
from ressort.services.controlroom.plan.models import PlanEntry
from tests import worlds
from tests.core.test_workbooks import cell, xlsx

pytestmark = pytest.mark.django_db

SCHOOL = {"kind": "place", "name": "Gymnase des Tilleuls", "role": "centre d'accueil", "quantity": 120}
FILE = (
    "liste;nom;fonction ou sorte;téléphone;nombre ou capacité;précision\n"
    "personne;Camille Roy;adjointe à la sécurité;06 12 34 56 78;;\n"
    "moyen;Groupe électrogène;énergie;;2;au dépôt\n"
)


@pytest.fixture
def adele(still_clock):
    return worlds.person("adele")


def kinds():
    return list(
        Event.objects.filter(kind__startswith="controlroom.plan.")
        .order_by("seq")
        .values_list("kind", flat=True)
    )


def test_an_entry_is_added_changed_withdrawn_and_put_back(adele):
    made = actions.add(adele, SCHOOL | {"phone": "03 80 00 00 00"})
    assert made.phone == "+33380000000"
    actions.change(adele, made.pid, SCHOOL | {"quantity": 90})
    assert PlanEntry.objects.get(pid=made.pid).quantity == 90
    actions.withdraw(adele, made.pid)
    assert not queries.entries(adele).exists()
    actions.withdraw(adele, made.pid, back=True)
    assert queries.entries(adele).get().name == SCHOOL["name"]
    assert [kind.rpartition(".")[2] for kind in kinds()] == ["added", "changed", "withdrawn", "returned"]
    assert SCHOOL["name"] not in "".join(Event.objects.values_list("payload", flat=True))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"kind": "ghost"}, "kind"),
        ({"quantity": -1}, "quantity"),
        ({"phone": "12"}, "phone"),
        ({"other_phone": "12"}, "other_phone"),
        ({"email": "camille@"}, "email"),
        ({"lon": 5.0}, "lat"),
    ],
)
def test_what_is_typed_is_checked(adele, wrong, field):
    with pytest.raises(Refused) as refused:
        actions.add(adele, SCHOOL | wrong)
    assert refused.value.field == field
    assert not PlanEntry.objects.exists()


def test_others_neither_read_nor_write_it(adele, client):
    made = actions.add(adele, SCHOOL)
    rosa, diane = worlds.person("rosa"), worlds.person("diane")
    for user in (rosa, diane):
        with pytest.raises(Forbidden):
            actions.add(user, SCHOOL)
        client.force_login(user)
        assert client.get("/console/plan/").status_code == 403
    elsewhere = Organisation.objects.create(pid="o_elsewhere", name="Ailleurs")
    Membership.objects.filter(user=adele).update(organisation=elsewhere)
    adele = worlds.person("adele")  # her roles are read once a request
    with pytest.raises(Unknown):
        actions.withdraw(adele, made.pid)
    assert not queries.entries(adele).exists()


def test_a_file_is_tried_then_applied_whole_and_reads_back_to_the_same(adele):
    table = ours.plan(adele)
    tried = tables.read(table, FILE.encode())
    assert [row.state for row in tried.rows] == ["new", "new"]
    assert not PlanEntry.objects.exists()
    tables.apply(ours.plan(adele), FILE.encode())
    assert PlanEntry.objects.get(kind="person").phone == "+33612345678"
    assert kinds() == ["controlroom.plan.imported"]
    again = tables.read(ours.plan(adele), tables.export(ours.plan(adele)))
    assert {row.state for row in again.rows} == {"same"}
    changed = FILE.replace(";2;", ";3;")
    tables.apply(ours.plan(adele), changed.encode())
    assert PlanEntry.objects.get(kind="means").quantity == 3
    assert PlanEntry.objects.count() == 2


def test_the_workbook_of_a_town_hall_keeps_its_numbers(adele):
    book = xlsx(
        [
            [
                cell("A1", "Liste"),
                cell("B1", "Nom"),
                cell("C1", "Téléphone"),
                cell("D1", "Nombre ou capacité"),
            ],
            [cell("A2", "Personne"), cell("B2", "Camille Roy"), cell("C2", "612345678", "n")],
            [cell("A3", "lieu"), cell("B3", "Salle des fêtes"), cell("D3", "200", "n")],
        ]
    )
    tables.apply(ours.plan(adele), book)
    assert PlanEntry.objects.get(kind="person").phone == "+33612345678"
    assert PlanEntry.objects.get(kind="place").quantity == 200


def test_a_line_that_is_wrong_is_named_and_nothing_is_written(adele):
    bad = FILE + "lieu;;;;;\nbâtiment;Mairie;;;;\npersonne;Lou;;06;;\n"
    found = tables.read(ours.plan(adele), bad.encode())
    assert {(fault.line, str(fault.column)) for fault in found.faults} == {
        (4, "nom"),
        (5, "liste"),
        (6, "téléphone"),
    }
    assert not found.ready


def test_the_pages_are_read_searched_and_written(adele, client, django_assert_max_num_queries):
    client.force_login(adele)
    assert "pas encore ici" in client.get("/console/plan/").content.decode()
    sent = client.post(
        "/console/plan/nouvelle/",
        {
            "kind": "place",
            "name": "Salle <b>",
            "role": "accueil",
            "where": "Mairie de Valmont",
            "quantity": "80",
        },
    )
    assert sent.status_code == 302
    one = PlanEntry.objects.get()
    assert one.lon is not None
    with django_assert_max_num_queries(16):
        page = client.get("/console/plan/?q=salle").content.decode()
    assert "Salle &lt;b&gt;" in page
    assert "Salle &lt;b&gt;" not in client.get("/console/plan/?q=rien").content.decode()
    assert client.get(f"/console/plan/{one.pid}/").status_code == 200
    wrong = client.post(f"/console/plan/{one.pid}/", {"kind": "place", "name": "", "where": ""})
    assert wrong.status_code == 422
    gone = client.post(f"/console/plan/{one.pid}/retirer/", follow=True)
    assert f"/console/plan/{one.pid}/remettre/" in gone.content.decode()
    for missing in ("/console/plan/pl_none/", "/console/plan/fichier/autre.csv"):
        assert client.get(missing).status_code == 404


def test_places_are_on_the_map(adele, client):
    actions.add(adele, SCHOOL | {"lon": 5.0, "lat": 47.3})
    actions.add(adele, SCHOOL | {"name": "Sans point"})
    client.force_login(adele)
    found = client.get("/api/v1/controlroom/plan.geojson").json()["features"]
    assert [one["properties"]["name"] for one in found] == [SCHOOL["name"]]


def test_an_entry_nobody_confirmed_for_a_year_says_so(adele, client):
    made = actions.add(adele, SCHOOL)
    PlanEntry.objects.update(checked=made.checked - timedelta(days=366))
    client.force_login(adele)
    assert "À revoir" in client.get("/console/plan/").content.decode()
    actions.change(adele, made.pid, SCHOOL)
    assert "À revoir" not in client.get("/console/plan/").content.decode()
