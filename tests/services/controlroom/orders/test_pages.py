"""The pages of work orders: who may open them, what they say, at what cost in queries."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ressort.services.controlroom.incidents.actions import opening
from ressort.services.controlroom.orders import glance
from ressort.services.controlroom.orders.actions import doing, ordering
from ressort.services.controlroom.orders.models import Crew, WorkOrder, WorkStep
from tests import worlds
from tests.services.controlroom.incidents.conftest import later
from tests.services.controlroom.orders.conftest import BACKEND
from tests.services.controlroom.reports.conftest import picture

pytestmark = pytest.mark.django_db


class Heads(HTMLParser):
    """How many first headings a page has, and whether every id is used once."""

    def __init__(self, text):
        super().__init__()
        self.h1, self.ids = 0, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.h1 += tag == "h1"
        self.ids += [value for name, value in attrs if name == "id"]


def text_of(answer):
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain.replace("&#x27;", "'"))


def page(client, name, *args, query="", status=200):
    answer = client.get(reverse(f"controlroom:{name}", args=args) + query)
    assert answer.status_code == status, answer.content.decode()[-800:]
    found = Heads(answer.content.decode())
    assert found.h1 == 1
    assert len(found.ids) == len(set(found.ids)), sorted(x for x in found.ids if found.ids.count(x) > 1)
    return text_of(answer)


def post(client, name, /, *args, status=302, **data):
    answer = client.post(reverse(f"controlroom:{name}", args=args), data)
    assert answer.status_code == status, text_of(answer)[:900]
    return answer


@pytest.fixture
def desk(client, town):
    client.force_login(town.oscar, backend=BACKEND)
    return client


@pytest.fixture
def phone(town):
    from django.test import Client

    client = Client()
    client.force_login(town.vera, backend=BACKEND)
    return client


def test_the_public_signs_in_and_a_crew_sees_no_console(client, phone, ordered):
    number = ordered().number
    for name, args in (("works", []), ("work", [number]), ("crews", []), ("work_new", [])):
        url = reverse(f"controlroom:{name}", args=args)
        assert client.get(url).url.startswith(reverse("web:signin"))
        assert phone.get(url).status_code == 403
    assert client.get(reverse("controlroom:crew_today")).url.startswith(reverse("web:signin"))


def test_empty_pages_teach(desk, phone, town, client):
    assert "répond depuis son téléphone" in page(desk, "works")
    assert "Tout montrer" in page(desk, "works", query="?state=closed")
    assert "arrive ici de soi-même" in page(phone, "crew_today")
    client.force_login(worlds.person("rosa"), backend=BACKEND)
    assert "Vous n'êtes dans aucune équipe" in page(client, "crew_today")


def test_made_given_carried_out_and_checked(desk, phone, town):
    given = {
        "title": "Reboucher",
        "trade": "road",
        "priority": "high",
        "where": "Mairie",
        "to": town.road.pid,
        "key": "a",
    }
    post(desk, "work_new", **given)
    post(desk, "work_new", **(given | {"to": ""}))  # sent twice: one order
    order = WorkOrder.objects.get()
    assert (order.state, order.crew, order.lon is not None) == ("assigned", town.road, True)
    number = order.number
    said = page(phone, "crew_today")
    assert "Lire et répondre" in said
    assert said.count("Reboucher") == 1
    assert "J'accepte" in page(phone, "crew_work", number)
    post(phone, "crew_act", number, "accept", version=2, key="k")
    post(phone, "crew_act", number, "accept", version=2, key="k")
    post(phone, "crew_act", number, "leave")
    assert "Je suis arrivé" in page(phone, "crew_work", number)
    post(phone, "crew_act", number, "arrive")
    photo = SimpleUploadedFile("a.jpg", picture(), content_type="image/jpeg")
    post(phone, "crew_act", number, "photo", photo=photo)
    kept = WorkOrder.objects.get().photos.get()
    answer = phone.get(reverse("controlroom:work_photo", args=[number, kept.pk]))
    assert answer["Content-Type"] == "image/jpeg"
    answer = post(phone, "crew_act", number, "finish", status=422, did="", minutes="")
    assert "Écrivez ce qui a été fait" in text_of(answer)
    post(phone, "crew_act", number, "finish", did="Rebouché.", minutes="12")
    assert "1 terminée aujourd'hui" in page(phone, "crew_today")
    assert "J'ai vérifié" in page(desk, "work", number)
    post(desk, "work_act", number, "check", text="")
    assert WorkOrder.objects.get().state == "closed"


def test_what_changed_meanwhile_is_said_on_the_phone(desk, phone, town, ordered):
    number = ordered().number
    ordering.change(town.oscar, number, instructions="Par la cour.")
    said = text_of(phone.get(reverse("controlroom:crew_changed", args=[number]) + "?version=2"))
    assert "Modifiée" in said
    assert text_of(phone.get(reverse("controlroom:crew_changed", args=[number]) + "?version=3")).strip() == ""
    answer = post(phone, "crew_act", number, "accept", version=2)
    told = [str(one) for one in get_messages(answer.wsgi_request)]
    assert any("Entre-temps, Oscar Martin : modifiée" in one for one in told)


def test_what_is_typed_too_late_is_kept_and_said(phone, town, ordered):
    number = ordered().number
    ordering.cancel(town.oscar, number)
    answer = phone.post(
        reverse("controlroom:crew_act", args=[number, "finish"]), {"did": "Fait avant."}, follow=True
    )
    assert "est gardé avec elle" in text_of(answer)
    assert WorkStep.objects.get(deed="note").text == "Fait avant."


def test_a_change_over_another_keeps_what_was_typed(desk, town, ordered):
    made = ordered()
    ordering.change(town.oscar, made.number, title="Déjà changé")
    given = {"title": "Ma version", "trade": "road", "priority": "low", "version": made.version}
    answer = post(desk, "work_act", made.number, "change", status=422, **given)
    assert "a changé pendant que vous écriviez" in text_of(answer)
    assert 'value="Ma version"' in answer.content.decode()
    version = re.search(r'name="version" value="(\d+)" id="change-version"', answer.content.decode())[1]
    post(desk, "work_act", made.number, "change", **(given | {"version": version}))
    assert WorkOrder.objects.get().title == "Ma version"


@pytest.mark.parametrize(
    "query",
    [
        "?source=<script>",
        "?source=alarm:9",
        "?titre=" + "x" * 5000,
        "?source=incident:INC-1",
        "?source=asset:zz",
    ],
)
def test_hostile_beginnings_are_answered(desk, query):
    answer = desk.get(reverse("controlroom:work_new") + query)
    assert answer.status_code in {200, 422}
    assert "<script>" not in answer.content.decode()


@pytest.mark.parametrize("deed", ["ufo", "note", "assign"])
def test_hostile_deeds_are_answered(phone, ordered, deed):
    assert phone.post(reverse("controlroom:crew_act", args=[ordered().number, deed])).status_code == 404


def test_the_board_sifts_and_is_taken_away(desk, phone, town, ordered):
    ordered(title="Un trou")
    ordered(title="Une lampe", to=town.light.pid, trade="light", priority="vital")
    ordered(title="À donner", to="")
    later(hours=2)
    said = page(desk, "works")
    assert said.rindex("Sans équipe") < said.index("À donner") < said.rindex("Voirie nord")
    assert "en retard de 1 h" in said
    assert "Une lampe" not in page(desk, "works", query=f"?crew={town.road.pid}")
    assert "Un trou" not in page(desk, "works", query="?late=1")
    assert "À donner" in page(desk, "works", query="?crew=none&par=etat")
    answer = desk.get(reverse("controlroom:works") + "?format=csv&state=open")
    assert answer.content.decode("utf-8-sig").count("\n") == 4
    answer = desk.get("/api/v1/controlroom/works.geojson")
    assert answer.json()["type"] == "FeatureCollection"


def test_sheets_are_printed_and_typed_back_once(desk, phone, town, ordered):
    made = ordered(instructions="Sonner.", lon=5.0, lat=47.3)
    ordered(title="Autre")
    for client, name, args in (
        (phone, "work_sheet", [made.number]), (phone, "work_sheets", []), (desk, "work_sheet", [made.number]),
    ):  # fmt: skip
        answer = client.get(reverse(f"controlroom:{name}", args=args))
        assert answer.content.startswith(b"%PDF"), name
    answer = desk.get(reverse("controlroom:work_sheets") + f"?equipe={town.road.pid}")
    assert answer.content.startswith(b"%PDF")
    assert desk.get(reverse("controlroom:work_sheets") + "?equipe=zz").status_code == 404
    assert 'value="2"' in desk.get(reverse("controlroom:work_typed", args=[made.number])).content.decode()
    later(hours=3)
    told = {
        "sheet": 2,
        "result": "failed",
        "words": "Portail fermé",
        "day": "2026-09-15",
        "arrived": "08:00",
        "finished": "08:20",
    }
    post(desk, "work_typed", made.number, **told)
    found = WorkOrder.objects.get(number=made.number)
    assert (found.state, found.minutes, found.reason) == ("failed", 20, "Portail fermé")
    assert "déjà saisie" in text_of(post(desk, "work_typed", made.number, status=422, **told))


def test_crews_are_made_and_joined(desk, town):
    post(desk, "crew_new", deed="crew", name="Propreté", trade="clean")
    made = Crew.objects.get(name="Propreté")
    answer = post(desk, "crew", made.pid, status=422, deed="join", email="nobody@valmont.test")
    assert "Aucun compte" in text_of(answer)
    post(desk, "crew", made.pid, deed="join", email="vera@valmont.test")
    assert "Vera Martin" in page(desk, "crew", made.pid)
    post(desk, "crew", made.pid, deed="part", person="p_vera")
    assert not made.members.exists()
    assert "Propreté" in page(desk, "crews")
    assert "porte déjà ce nom" in text_of(
        post(desk, "crew_new", status=422, deed="crew", name="Propreté", trade="clean")
    )


def test_the_pages_cost_the_same_for_many(desk, phone, town, ordered, django_assert_max_num_queries):
    for _n in range(9):
        made = ordered(lon=5.0, lat=47.3)
    doing.accept(town.vera, made.number)
    with django_assert_max_num_queries(16):
        page(desk, "works")
    with django_assert_max_num_queries(14):
        page(phone, "crew_today")
    with django_assert_max_num_queries(26):
        page(desk, "work", made.number)
    with django_assert_max_num_queries(16):
        page(phone, "crew_work", made.number)


def test_an_incident_shows_its_work_and_orders_more(desk, town, ordered):
    incident = opening.open_incident(town.oscar, opening.Draft("Arbre tombé", "road", "high"))
    number = ordered(source=f"incident:{incident.number}").number
    said = page(desk, "incident", incident.number)
    assert number in said
    assert "Demander une intervention" in said
    said = page(desk, "work_new", query=f"?source=incident:{incident.number}")
    assert "Déjà demandé pour lui" in said
    assert incident.number in page(desk, "work", number)


def test_the_board_of_what_waits_and_the_crew_s_own_follow_ups(desk, phone, town, ordered):
    number = ordered().number
    ordered(to="", title="Sans personne")
    doing.decline(town.vera, number, "Nacelle en panne")
    said = [(str(one.label), one.note) for one in glance.waiting(town.oscar)]
    assert said == [
        ("Confier à une autre équipe", "Reboucher le trou"),
        ("Confier une intervention", "Sans personne"),
    ]
    ordered()
    assert "Mes interventions : 1 à faire" in text_of(phone.get(reverse("web:account")))
