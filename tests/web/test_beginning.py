"""The first run: from an empty database to a booking, through the pages alone; each step can be left and refused."""

import io
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.fleet.models import Shift, Tour, Vehicle
from ressort.core.installation import beginning, reading
from ressort.core.installation.models import Installation
from ressort.core.jobs import queue
from ressort.core.jobs.models import Job
from ressort.core.network.models import NetworkVersion
from ressort.core.territory.models import Place, Territory
from ressort.services.transport.models import Booking, Hours, Offering
from ressort.web import throttle
from tests import worlds
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
PASSWORD = "une longue phrase à retenir"
PERSON = {"name": "Ève Bourg", "email": "eve@exemple.fr", "password": PASSWORD}


@pytest.fixture
def empty(still_clock):
    """The installation as it is before anything: no row of any table of ours but the journal."""
    throttle.clear()
    for model in (
        Tour,
        Shift,
        Hours,
        Offering,
        Vehicle,
        Place,
        Membership,
        Organisation,
        User,
        Territory,
        NetworkVersion,
    ):
        model.objects.all().delete()
    Installation.objects.all().delete()
    reading.forget()


@pytest.fixture
def begun(client, empty):
    """An administrator exists and is signed in."""
    code = beginning.new_code()
    client.post("/demarrer/", {"code": code})
    client.post("/demarrer/administrateur/", PERSON)
    return client


def upload(name="valmont.osm", data=None):
    return SimpleUploadedFile(name, worlds.osm().encode() if data is None else data)


def texts(response):
    return response.content.decode()


def test_the_whole_first_run_from_an_empty_database_to_a_booking(
    client, empty, django_capture_on_commit_callbacks
):
    begin(client)
    look_and_streets(client)
    with django_capture_on_commit_callbacks(execute=True):  # asks for the travel times
        first_service(client)
    while queue.run_one("test"):
        pass
    check(client.get("/demarrer/"))
    assert client.post("/demarrer/terminer/", {"next": "/transport/"}).url == "/transport/"
    first_trip(client)
    assert Booking.objects.get().offering.name == "Val'bus"


def begin(client):
    """The code, the administrator, the territory."""
    answer = client.get("/")
    check(answer, 503)
    assert "Cette plateforme se prépare" in texts(answer)
    code = beginning.new_code()
    check(client.get("/demarrer/"))
    assert (
        client.post("/demarrer/", {"code": code.lower().replace("-", " ")}).url == "/demarrer/administrateur/"
    )
    check(client.get("/demarrer/administrateur/"))
    assert client.post("/demarrer/administrateur/", PERSON).url == "/demarrer/territoire/"

    answer = client.get("/demarrer/territoire/", {"q": "dijon"})
    check(answer)
    assert "Dijon Métropole" in texts(answer)
    answer = client.get("/demarrer/territoire/", {"q": "dijon", "siren": "242100410"})
    check(answer)
    assert "Chenôve" in texts(answer)
    assert client.post("/demarrer/territoire/", {"siren": "242100410"}).url == "/demarrer/apparence/"
    assert Organisation.objects.get().name == "Dijon Métropole"


def look_and_streets(client):
    """The name and colours, then the street network, loaded by the worker."""
    check(client.get("/demarrer/apparence/"))
    form = {
        "name": "Valmont",
        "phone": "03 53 01 21 00",
        "accent": "#8a1f5c",
        "languages": ["fr"],
        "services": ["transport"],
    }
    assert client.post("/demarrer/apparence/", form).url == "/demarrer/reseau/"

    check(client.get("/demarrer/reseau/"))
    assert client.post("/demarrer/reseau/", {"file": upload()}).url == "/demarrer/reseau/"
    answer = client.get("/demarrer/reseau/")
    check(answer)
    assert "Arrêter le chargement" in texts(answer)
    assert "progressbar" in texts(answer) or "<progress" in texts(answer)
    assert queue.run_one("test")
    answer = client.get("/demarrer/reseau/")
    assert "est en service" in texts(answer)


def first_service(client):
    """Stops of the network, two vans, hours: published."""
    check(client.get("/demarrer/transport/"))
    assert client.post("/demarrer/transport/arrets/", {"deed": "network"}).url == "/demarrer/transport/"
    answer = client.get("/demarrer/transport/")
    check(answer)
    stops = Place.objects.filter(kind__in=("stop", "virtual_stop"))
    assert stops.count() > 20
    first = {
        "name": "Val'bus", "vehicles": "2", "seats": "8", "wheelchairs": "1", "depot": str(stops[0].public_id),
        "opens": "06:30", "closes": "19:30", "days": ["0", "1", "2", "3", "4"], "price": "1,80",
    }  # fmt: skip
    answer = client.post("/demarrer/transport/", first)
    assert answer.status_code == 302, re.findall(r'class="error-summary.*?</div>', texts(answer), re.DOTALL)
    answer = client.get("/demarrer/transport/")
    check(answer)
    assert "Ouvrir et réserver un premier trajet" in texts(answer)
    assert Shift.objects.count() == 2 * 20


def first_trip(client):
    """A trip across the town, asked and accepted."""
    answer = client.get("/transport/")
    check(answer)
    assert "Valmont" in texts(answer)
    (west, south), (east, north) = worlds.at(0, 0), worlds.at(7, 7)
    trip = {
        "origin": "Rue Alpha", "origin_lon": west, "origin_lat": south, "destination": "Avenue Hôtel",
        "destination_lon": east, "destination_lat": north, "mode": "now", "passengers": "1", "wheelchairs": "0", "luggage": "0",
    }  # fmt: skip
    answer = client.post("/transport/", trip)
    assert answer.status_code == 302, texts(answer)[-3000:]
    page = texts(client.get(answer.url))
    accept = re.search(r"/transport/demandes/\w+/\d+/", page)
    assert accept, page[-3000:]
    answer = client.post(accept[0], {"name": "Ève Bourg", "phone": ""})
    assert answer.url.startswith("/transport/trajets/")


def test_until_it_is_finished_every_other_page_is_calm(client, empty):
    for path in ("/", "/transport/", "/console/", "/console/administration/", "/mon-espace/", "/nulle-part/"):
        check(client.get(path), 503)
    answer = client.get("/api/v1/clock", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (503, "not-set-up")
    check(client.get("/connexion/"))


def test_the_calm_page_says_who_to_ask(client, empty):
    Installation.objects.create(id=1, phone="+33353012100", email="mairie@valmont.test")
    reading.forget()
    page = texts(client.get("/"))
    assert "03 53 01 21 00" in page
    assert "mairie@valmont.test" in page


def test_steps_are_closed_without_the_code(client, empty):
    beginning.new_code()
    for step in ("administrateur", "territoire", "apparence", "reseau", "transport"):
        assert client.get(f"/demarrer/{step}/").url == "/demarrer/"
        assert client.post(f"/demarrer/{step}/", PERSON).url == "/demarrer/"
    assert not User.objects.exists()


def test_a_wrong_code_is_refused_and_guessing_is_braked(client, empty):
    beginning.new_code()
    answer = client.post("/demarrer/", {"code": "AAAA-BBBB-CCCC"})
    check(answer, 422)
    assert "pas le code" in texts(answer)
    codes = [client.post("/demarrer/", {"code": "X"}).status_code for _ in range(10)]
    assert codes[-1] == 429


def test_a_new_code_voids_the_one_before(client, empty):
    old = beginning.new_code()
    client.post("/demarrer/", {"code": old})
    beginning.new_code()
    assert client.get("/demarrer/administrateur/").url == "/demarrer/"
    assert not beginning.code_is(old)
    assert not beginning.code_is("")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "eve"}, "pas complète"),
        ({"password": "court"}, "court"),
        ({"name": ""}, "Écrivez votre nom"),
    ],
)
def test_the_first_administrator_is_checked(client, empty, change, words):
    client.post("/demarrer/", {"code": beginning.new_code()})
    answer = client.post("/demarrer/administrateur/", PERSON | change)
    check(answer, 422)
    assert words in texts(answer)
    assert not User.objects.exists()


def test_the_code_is_spent_and_the_administrator_resumes_by_signing_in(begun):
    assert not Installation.objects.get().code
    other = Client()
    assert other.get("/demarrer/territoire/").url.startswith("/connexion/?next=")
    assert other.get("/demarrer/").url.startswith("/connexion/")
    form = {"email": PERSON["email"], "password": PASSWORD, "next": "/demarrer/"}
    assert other.post("/connexion/", form).url == "/demarrer/"
    page = texts(other.get("/demarrer/"))
    assert "Où en est l'installation" in page.replace("&#x27;", "'")
    assert begun.get("/demarrer/administrateur/").url == "/demarrer/"


def test_somebody_else_is_not_let_into_the_set_up(begun):
    rosa = User.objects.create_user("rosa@exemple.fr", PASSWORD, name="Rosa")
    other = Client()
    other.force_login(rosa)
    check(other.get("/demarrer/territoire/"), 403)


def test_an_unknown_territory_is_refused(begun):
    check(begun.get("/demarrer/territoire/", {"siren": "000000000"}), 404)
    check(begun.post("/demarrer/territoire/", {"siren": "000000000"}), 404)
    answer = begun.get("/demarrer/territoire/", {"q": "zzzz"})
    check(answer)
    assert "Rien de ce nom" in texts(answer)


def test_it_cannot_open_without_name_nor_territory(begun):
    check(begun.post("/demarrer/terminer/"), 409)
    begun.post("/demarrer/territoire/", {"siren": "242100410"})
    check(begun.post("/demarrer/terminer/"), 409)
    assert not reading.is_finished()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (upload("plan.pdf"), "pas un extrait"),
        (upload("vide.osm", b""), "vide"),
        (None, "Choisissez un fichier"),
    ],
)
def test_a_bad_network_file_is_refused_with_its_sentence(begun, file, words):
    answer = begun.post("/demarrer/reseau/", {"file": file} if file else {})
    check(answer, 422)
    assert words in texts(answer)
    assert not Job.objects.filter(kind="network.load").exists()


def test_a_path_that_is_not_there_is_refused(begun):
    answer = begun.post("/demarrer/reseau/", {"path": "/nulle/part.osm.pbf"})
    check(answer, 422)
    assert "existe pas" in texts(answer)


def test_an_unreadable_network_is_told_once_the_job_has_failed(begun):
    begun.post("/demarrer/reseau/", {"file": upload("bad.osm", b"<osm><node")})
    assert queue.run_one("test")
    answer = begun.get("/demarrer/reseau/")
    check(answer)
    assert "pas un fichier OpenStreetMap lisible" in texts(answer)
    assert not Path(Job.objects.get(kind="network.load").payload["file"]).exists(), "what was sent is gone"


def test_a_load_can_be_stopped_and_started_again(begun):
    begun.post("/demarrer/reseau/", {"file": upload()})
    answer = begun.post("/demarrer/reseau/", {"file": upload()})
    check(answer, 422)
    assert "se charge déjà" in texts(answer)
    fragment = begun.get("/console/administration/reseau/progression/")
    assert fragment.status_code == 200
    assert begun.post("/console/administration/reseau/arreter/", {"from": "setup"}).url == "/demarrer/reseau/"
    job = Job.objects.get(kind="network.load")
    assert not Path(job.payload["file"]).exists()
    check(begun.post("/console/administration/reseau/arreter/"), 409)
    assert "a été arrêté" in texts(begun.get("/demarrer/reseau/"))
    assert not queue.run_one("test")


def test_stops_of_a_bad_list_are_told_line_by_line(begun):
    worlds.network()
    sheet = "nom;longitude;latitude\nMairie;5,001;47,301\nGare;plus loin;47,302\n"
    answer = begun.post("/demarrer/transport/arrets/", {"file": io.BytesIO(sheet.encode("cp1252"))})
    check(answer, 422)
    assert "Ligne 3, longitude" in texts(answer)
    good = sheet.replace("plus loin", "5,004")
    assert begun.post("/demarrer/transport/arrets/", {"file": io.BytesIO(good.encode())}).status_code == 302
    assert Place.objects.count() == 2


def test_a_first_service_that_cannot_be_keeps_nothing(begun):
    worlds.network()
    begun.post("/demarrer/transport/arrets/", {"deed": "network"})
    first = {
        "name": "Val'bus", "vehicles": "2", "seats": "99", "wheelchairs": "0", "depot": str(Place.objects.first().public_id),
        "opens": "06:30", "closes": "19:30", "days": ["0"], "price": "1",
    }  # fmt: skip
    for wrong in (
        {},
        {"seats": "8", "closes": "05:00"},
        {"seats": "8", "vehicles": "0"},
        {"seats": "8", "days": []},
    ):
        check(begun.post("/demarrer/transport/", first | wrong), 422)
    assert not Vehicle.objects.exists()
    assert not Offering.objects.exists()


def test_once_finished_the_set_up_leads_to_the_administration(client):
    adele = worlds.person("adele")
    assert client.get("/demarrer/").url == "/"
    client.force_login(adele)
    assert client.get("/demarrer/reseau/").url == "/console/administration/"
