"""What is kept of people: the public register, one's own data to read and take away, what administrators see."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.accounts.actions import make_token
from ressort.core.appeals import actions as appeals
from ressort.core.privacy import holdings
from ressort.core.retention import work
from ressort.services.transport.actions import asking, booking
from ressort.web import mydata
from tests import worlds
from tests.services.transport.test_booking import wish
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa(still_clock):
    rosa = worlds.person("rosa")
    demand = asking.ask(rosa, wish())
    booking.accept(rosa, demand.pid, 0, booking.Rider("=Rosa", "06 12 34 56 78", note="bouton rouge"))
    appeals.contest(rosa, demand.receipt, "other", text="Et mon chien ?")
    make_token(rosa, "ma montre")
    return rosa


def test_the_register_of_processing_says_everything_declared(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        answer = client.get("/donnees/")
    check(answer)
    page = answer.content.decode()
    for one in holdings():
        assert f'id="{one.label}"' in page
    assert "90" in page
    listed = client.get("/api/v1/processing").json()
    assert {one["table"] for one in listed} == {one.label for one in holdings()}
    assert next(one for one in listed if one["table"] == "transport.Contact")["days"] == 90
    sheet = client.get("/donnees/registre.csv").content.decode("utf-8-sig")
    assert len(sheet.splitlines()) == len(holdings()) + 1


def test_durations_are_said_in_words():
    said = [
        mydata.length(timedelta(**span))
        for span in ({"days": 365}, {"days": 730}, {"days": 1}, {"minutes": 15})
    ]
    assert said == ["un an", "2 ans", "un jour", "15 minutes"]


def test_a_person_reads_all_that_is_kept_of_them(client, rosa, django_assert_max_num_queries):
    client.force_login(rosa)
    with django_assert_max_num_queries(41):  # one or two for each table of the services, whatever it holds
        answer = client.get("/mon-espace/donnees/")
    check(answer)
    page = answer.content.decode()
    for said in (
        "rosa@valmont.test",
        "=Rosa",
        "bouton rouge",
        "Et mon chien",
        "ma montre",
        "Coordonnées des voyageurs",
    ):
        assert said in page, said
    assert "/mon-espace/donnees/" in client.get("/mon-espace/").content.decode()


def test_somebody_new_sees_only_their_account(client, still_clock):
    client.force_login(worlds.person("rosa"))
    answer = client.get("/mon-espace/donnees/")
    check(answer)
    assert "Rien de vous dans" in answer.content.decode()


def test_it_is_taken_away_as_a_zip_for_programs_and_people(client, rosa):
    client.force_login(rosa)
    answer = client.get("/mon-espace/donnees/export.zip")
    assert answer.headers["Cache-Control"] == "no-store"
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    document = json.loads(files.read("donnees.json"))
    tables = {table["table"]: table for table in document["tables"]}
    assert tables["transport.Contact"]["rows"][0]["Nom"] == "=Rosa"
    assert tables["appeals.Appeal"]["rows"][0]["Ce que vous avez écrit"] == "Et mon chien ?"
    assert {row["Sorte"] for row in tables["journal.Event"]["rows"]} >= {
        "transport.booking.accepted",
        "appeal.received",
    }
    assert "bouton rouge" in files.read("donnees.html").decode()
    sheet = files.read("transport.Contact.csv").decode("utf-8-sig")
    assert "'=Rosa" in sheet  # a spreadsheet must not run it


def test_nobody_reads_anothers_data(client, rosa):
    assert client.get("/mon-espace/donnees/").status_code == 302
    client.force_login(worlds.person("agathe"))
    assert "bouton rouge" not in client.get("/mon-espace/donnees/").content.decode()


def test_administrators_see_what_ran_and_what_will(client, rosa):
    client.force_login(worlds.person("agathe"))
    check(client.get("/console/conservation/"), 403)
    client.force_login(worlds.person("adele"))
    answer = client.get("/console/conservation/")
    check(answer)
    assert "Aucun passage" in answer.content.decode()
    clock.simulate(worlds.TUESDAY + timedelta(days=100), rate=0)
    work.apply()
    answer = client.get("/console/conservation/")
    check(answer)
    assert "Coordonnées des voyageurs : 1" in answer.content.decode()


def test_every_table_a_service_exports_is_declared(rosa):
    declared = {one.label for one in holdings()}
    from ressort.core import registry

    for service in registry.services():
        assert set(service.export(rosa.pid)) <= declared
