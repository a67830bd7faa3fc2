"""Files of the administration: what is exported reads back to no change; a dry run changes nothing; then all or nothing."""

import base64
import io

import pytest
from django.core import mail

from ressort.core import tables
from ressort.core.accounts.models import Membership, User
from ressort.core.accounts.tables import staff
from ressort.core.fleet.models import Shift, Tour, Vehicle
from ressort.core.fleet.tables import planned_shifts, vehicles
from ressort.core.journal.models import Event
from ressort.core.notify.delivery import deliver_all
from ressort.core.territory.models import Place
from ressort.core.territory.tables import stops
from tests import worlds
from tests.web.administration.conftest import ROOT
from tests.web.administration.test_people import last_kind, text
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
MAKERS = {"personnes": staff, "vehicules": vehicles, "services": planned_shifts, "arrets": stops}


def send(client, name, sheet):
    data = sheet if isinstance(sheet, bytes) else sheet.encode()
    return client.post(f"{ROOT}/fichiers/{name}/", {"file": io.BytesIO(data)})


def apply(client, name, sheet):
    data = base64.b64encode(sheet.encode()).decode()
    return client.post(f"{ROOT}/fichiers/{name}/", {"deed": "apply", "data": data})


@pytest.mark.parametrize("name", MAKERS)
def test_an_export_reads_back_to_no_change(client, adele, name):
    Place.objects.filter(name__startswith="Arrêt A").update(
        accessible=True, name="  Deux  espaces; et « guillemets »"
    )
    Place.objects.filter(name="Arrêt Bravo 3").update(name="=SOMME(A1)", accessible=False, active=False)
    User.objects.filter(pid="p_denis").update(phone="+33612345678")
    answer = client.get(f"{ROOT}/fichiers/{name}/export.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.content.startswith("\N{BOM}".encode())
    found = tables.read(MAKERS[name](adele), answer.content)
    assert len(found.rows) > 2
    assert {row.state for row in found.rows} == {"same"}, found.faults
    page = send(client, name, answer.content)
    check(page)
    assert "rien à appliquer" in text(page)


@pytest.mark.parametrize("name", MAKERS)
def test_the_template_has_every_column(client, adele, name):
    head = client.get(f"{ROOT}/fichiers/{name}/modele.csv").content.decode("utf-8-sig").splitlines()[0]
    assert head.split(";") == [column.title for column in MAKERS[name](adele).columns]


def test_stops_are_tried_then_applied(client, adele):
    before, (lon, lat) = Place.objects.count(), worlds.at(2, 2)
    known = Place.objects.get(name="Arrêt Alpha 1")
    sheet = f"identifiant;nom;longitude;latitude\n;Mairie;{lon:.6f};{lat:.6f}\n{known.public_id};Gare;{known.lon:.6f};{known.lat:.6f}\n"
    page = send(client, "arrets", sheet)
    check(page)
    assert "Essai à blanc" in text(page)
    assert "Arrêt Alpha 1" in text(page)
    assert Place.objects.count() == before
    answer = apply(client, "arrets", sheet)
    assert answer.url == f"{ROOT}/arrets/"
    known.refresh_from_db()
    assert (known.name, Place.objects.count()) == ("Gare", before + 1)
    event = Event.objects.order_by("-seq")[0]
    assert (event.kind, event.payload) == ("territory.stops.taken", '{"added":1,"changed":1,"source":"file"}')
    check(apply(client, "arrets", sheet.splitlines()[0] + "\n" + sheet.splitlines()[2]), 409)


def test_what_is_wrong_is_told_by_line_and_nothing_is_applied(client, adele):
    before, (lon, lat) = Place.objects.count(), worlds.at(2, 2)
    sheet = f"nom;longitude;latitude;type\nMairie;{lon};{lat};arrêt\nLoin;2,35;48,85;arrêt\nX;{lat};{lon};arrêt\nY;{lon};{lat};quai\n"
    page = send(client, "arrets", sheet.encode("cp1252"))
    check(page, 422)
    said = text(page)
    for words in ("hors du réseau", "échangées", "Écrivez l'un de ces mots", "Corrigez ces lignes"):
        assert words in said
    check(apply(client, "arrets", sheet), 409)
    check(apply(client, "arrets", "couleur\nbleu"), 422)
    check(client.post(f"{ROOT}/fichiers/arrets/", {"deed": "apply", "data": "%%%"}), 422)
    check(client.post(f"{ROOT}/fichiers/arrets/", {}), 422)
    check(send(client, "arrets", b"PK\x03\x04"), 422)
    assert Place.objects.count() == before


def test_an_unknown_identifier_is_not_taken_for_another_stop(client, adele):
    known = Place.objects.get(name="Arrêt Alpha 1")
    sheet = f"identifiant;nom;longitude;latitude\n{'0' * 8}-0000-4000-8000-{'0' * 12};{known.name};{known.lon:.6f};{known.lat:.6f}"
    page = send(client, "arrets", sheet)
    check(page, 422)
    assert "videz la cellule" in text(page)


def test_vehicles_are_taken_and_their_faults_told(client, adele):
    sheet = "nom;places assises;dépôt;énergie\nVan 1;9;Dépôt;diesel\nVan 7;4;Dépôt;gaz\n"
    check(send(client, "vehicules", sheet))
    apply(client, "vehicules", sheet)
    assert Vehicle.objects.get(name="Van 1").seats == 9
    assert Vehicle.objects.get(name="Van 7").organisation.pid == "o_valmont"
    assert last_kind() == "fleet.vehicles.taken"
    page = send(
        client,
        "vehicules",
        "nom;places assises;dépôt;organisation\nVan 8;4;Nulle part;\nVan 9;4;Dépôt;Ailleurs\nVan 9;99;;\n",
    )
    check(page, 422)
    for words in ("Aucun dépôt ne porte ce nom", "pas d'organisation de ce nom", "de 1 à 60", "vide"):
        assert words in text(page)


def test_people_are_given_their_roles_and_invited(client, adele):
    sheet = "adresse électronique;nom;rôle;téléphone\nnina@exemple.fr;Nina Blanc;conducteur;0612345678\ndenis@valmont.test;Denis Roux;Conducteur;\n"
    check(send(client, "personnes", sheet))
    assert apply(client, "personnes", sheet).url == f"{ROOT}/personnes/"
    nina = User.objects.get(email="nina@exemple.fr")
    assert (nina.phone, Membership.objects.get(user=nina).role) == ("+33612345678", "driver")
    assert worlds.person("denis").name == "Denis Roux"
    deliver_all()
    assert [message.to for message in mail.outbox] == [["nina@exemple.fr"]]


def test_a_file_does_not_lose_the_last_administrator(client, adele):
    page = send(
        client,
        "personnes",
        "adresse électronique;nom;rôle;jusqu’au\nadele@valmont.test;Adèle Martin;Administrateur;01/01/2099\n",
    )
    check(page, 422)
    assert "dernier administrateur" in text(page)


def test_shifts_are_planned_by_a_file(client, adele):
    sheet = "véhicule;jour;début;fin;conducteur\nVan 2;05/10/2026;6h30;12:00;denis@valmont.test\nVan 3;2026-10-05;22:00;01:00;\n"
    check(send(client, "services", sheet))
    before = Shift.objects.count()
    assert apply(client, "services", sheet).url == f"{ROOT}/services/"
    assert Shift.objects.count() == Tour.objects.count() == before + 2
    again = sheet.replace("denis@valmont.test", "")
    apply(client, "services", again)
    assert not Shift.objects.filter(starts__date="2026-10-05", driver__isnull=False).exists()
    page = send(
        client,
        "services",
        "véhicule;jour;début;fin;conducteur\nVan 2;05/10/2026;07:00;12:00;\nVan 0;06/10/2026;07:00;12:00;\nVan 2;32/10/2026;7;12:00;\nVan 2;07/10/2026;07:00;12:00;rosa@valmont.test\nVan 2;05/10/2026;06:30;13:00;\n",
    )
    check(page, 422)
    for words in (
        "roule déjà",
        "Aucun de vos véhicules",
        "Écrivez la date ainsi",
        "Écrivez l'heure ainsi",
        "Aucun conducteur",
        "Seul le conducteur",
    ):
        assert words in text(page)
