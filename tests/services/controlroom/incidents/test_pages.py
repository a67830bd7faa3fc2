"""The pages of incidents: who may open them, what they say, at what cost in queries."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ressort.core.clock import service_now
from ressort.services.controlroom.incidents import files, queries
from ressort.services.controlroom.incidents import tasks as waiting
from ressort.services.controlroom.incidents.actions import closing, handling, sharing
from ressort.services.controlroom.incidents.models import Incident, Line
from tests import worlds
from tests.services.controlroom.incidents.conftest import BACKEND, later
from tests.services.controlroom.incidents.test_actions import PDF, PNG

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


@pytest.fixture
def desk(client, oscar):
    client.force_login(oscar, backend=BACKEND)
    return client


def page(client, name, *args, query="", status=200):
    answer = client.get(reverse(f"controlroom:{name}", args=args) + query)
    assert answer.status_code == status, answer.content.decode()[-800:]
    found = Heads(answer.content.decode())
    assert found.h1 == 1
    assert len(found.ids) == len(set(found.ids)), sorted(x for x in found.ids if found.ids.count(x) > 1)
    return answer


def text_of(answer):
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain.replace("&#x27;", "'"))


def do(client, number, deed, status=302, **data):
    answer = client.post(reverse("controlroom:incident_act", args=[number, deed]), data)
    assert answer.status_code == status, text_of(answer)[:600]
    return answer


@pytest.mark.parametrize("name", ["incidents", "incident_list", "incident_new"])
def test_the_public_signs_in_and_a_rider_is_refused(client, still_clock, name):
    url = reverse(f"controlroom:{name}")
    assert client.get(url).url.startswith(reverse("web:signin"))
    client.force_login(worlds.person("rosa"), backend=BACKEND)
    assert client.get(url).status_code == 403


def test_empty_pages_teach(desk):
    assert "Un incident s'ouvre d'une alarme" in text_of(page(desk, "incidents"))
    assert "ouverts et clos" in text_of(page(desk, "incident_list"))
    assert "Tout montrer" in text_of(page(desk, "incident_list", query="?state=closed"))


def test_opened_by_hand_taken_and_taken_back(desk, oscar):
    url = reverse("controlroom:incident_new")
    given = {"title": "Arbre tombé", "priority": "high", "category": "road", "where": "Mairie", "take": "1"}
    answer = desk.post(url, given, follow=True)
    found = Incident.objects.get()
    assert (found.state, found.taken_by, found.lon is not None) == ("taken", oscar, True)
    assert "vous l'avez pris en charge" in text_of(answer)
    assert "Revenir en arrière" in text_of(answer)
    do(desk, found.number, "rendre")
    assert Incident.objects.get().state == "new"


def test_opened_from_an_alarm_it_says_from_what_and_what_is_already_there(desk, opened):
    opened(source="alarm:12")
    answer = page(
        desk, "incident_new", query="?source=alarm:12&titre=Armoire%20muette&lon=5.04&lat=47.32&lieu=Ici"
    )
    said = text_of(answer)
    assert "alarme 12" in said
    assert "INC-2026-0001" in said
    assert 'value="Armoire muette"' in answer.content.decode()
    assert 'value="5.040000"' in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?source=<script>",
        "?lon=nan&lat=1",
        "?lon=9e9&lat=2",
        "?titre=" + "x" * 5000,
        "?priorite=ufo",
        "?situation=x",
    ],
)
def test_hostile_prefills_are_harmless(desk, query):
    answer = page(desk, "incident_new", query=query)
    assert "<script>" not in answer.content.decode().replace('<script type="module"', "").replace(
        "<script nonce", ""
    )


def test_what_is_wrong_is_said_beside_its_field(desk):
    url = reverse("controlroom:incident_new")
    answer = desk.post(
        url, {"title": "", "priority": "ufo", "where_lon": "999", "where_lat": "1", "where": "x"}
    )
    assert answer.status_code == 422
    assert "Dites en une phrase" in text_of(answer)
    assert not Incident.objects.exists()


def test_the_board_opens_on_what_presses(desk, opened, oscar):
    calm, over, vital = (
        opened(title="Lampe", priority="low"),
        opened(title="Borne"),
        opened(title="Fuite", priority="vital"),
    )
    later(minutes=1)
    said = text_of(page(desk, "incidents"))
    assert said.index("À faire maintenant") < said.index("Fuite") < said.index("Borne") < said.index("Lampe")
    handling.take(oscar, vital.number)
    closing.close(oscar, vital.number, "false", "Rien.")
    later(minutes=30)
    said = text_of(page(desk, "incidents"))
    assert "prise en charge : dépassée de 21 min" in said
    assert "1 délai dépassé" in said
    assert said.index("Borne") < said.index("Lampe")
    assert [one.incident for one in queries.board(oscar)] == [over, calm]


def test_the_board_costs_the_same_for_many(desk, opened, oscar, django_assert_max_num_queries):
    for n in range(12):
        number = opened(title=f"n {n}").number
        handling.add_task(oscar, number, "Baliser")
    page(desk, "incidents")
    with django_assert_max_num_queries(18):
        page(desk, "incidents")


def test_the_list_is_sifted_sorted_and_taken_away(desk, opened, oscar):
    one, other = opened(title="=cmd|calc", category="light"), opened(title="Borne", address="Rue Verte")
    closing.close(oscar, other.number, "solved", "Fait.")
    assert "Borne" not in text_of(page(desk, "incident_list", query="?state=open"))
    assert "Borne" in text_of(page(desk, "incident_list", query="?q=verte"))
    said = text_of(page(desk, "incident_list", query="?sort=number"))
    assert said.index(one.number) < said.index(other.number)
    for query in ("?sort=ufo", "?page=x", "?page=99", "?state=ufo&priority=&category=<b>"):
        page(desk, "incident_list", query=query)
    file = desk.get(reverse("controlroom:incident_list") + "?format=csv&sort=number")
    rows = file.content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("Numéro;Exercice;Titre")
    assert "'=cmd|calc" in rows[1]
    assert file["Content-Disposition"].startswith("attachment")


def test_the_page_of_one_says_all_and_costs_a_bounded_number_of_queries(
    desk, opened, oscar, rescue, django_assert_max_num_queries
):
    number = opened(address="Rue Verte", lon=5.04, lat=47.32).number
    for n in range(8):
        handling.add_task(oscar, number, f"Tâche {n}")
        handling.log(oscar, number, f"Ligne {n}")
        sharing.join(oscar, number, f"{n}.png", PNG + bytes([n]) + PNG)
        sharing.involve(oscar, number, f"Organisme {n}")
    page(desk, "incident", number)
    with django_assert_max_num_queries(30):
        said = text_of(page(desk, "incident", number))
    assert "Ligne 7" in said
    assert "Tâche 7" in said
    assert "Organisme 7" in said
    assert "Incident INC-2026-0001 ouvert" in said


def test_what_is_typed_on_the_page_is_done_or_refused_there(desk, opened, rescue):
    number = opened().number
    do(desk, number, "prendre")
    do(desk, number, "ligne", text="Vu.", kind="note", hour="07:10")
    do(desk, number, "tache", task="Baliser", who="Équipe 2")
    do(desk, number, "associer", organisation=rescue.name)
    do(desk, number, "priorite", priority="low")
    do(desk, number, "modifier", title="Chêne tombé", category="road", where="Rue Verte")
    found = Incident.objects.get()
    row = found.involved.get()
    do(desk, number, "partager", row=row.pk, until=(service_now() + timedelta(days=2)).date().isoformat())
    do(desk, number, "departager", row=row.pk)
    task = found.todos.get()
    for deed in ("faite", "defaite", "abandonnee"):
        do(desk, number, deed, row=task.pk)
    do(desk, number, "clore", outcome="solved", report="Fait.")
    do(desk, number, "rouvrir")
    found.refresh_from_db()
    assert (found.title, found.priority, found.state) == ("Chêne tombé", "low", "taken")
    for deed, data, said in (
        ("ligne", {"text": "", "kind": "note"}, "Écrivez ce qui s'est passé"),
        ("ligne", {"text": "a", "kind": "note", "hour": "99"}, "Écrivez l'heure ainsi"),
        ("tache", {"task": ""}, "Écrivez ce qui est à faire"),
        ("clore", {"outcome": "ufo", "report": ""}, "compte rendu"),
        ("fusionner", {"into": "INC-1"}, "n'existe pas"),
        ("joindre", {}, "Choisissez un fichier"),
        ("associer", {"organisation": rescue.name}, "y est déjà"),
        ("partager", {"row": row.pk, "until": "hier"}, "Écrivez une date"),
        ("situation", {"situation": "s_0"}, "choix"),
    ):
        status = 404 if "n'existe pas" in said else 422
        assert said in text_of(do(desk, number, deed, status, **data)), deed
    do(desk, number, "ufo", 404)
    do(desk, number, "faite", 409, row="x")


def test_a_correction_has_its_form_and_stands_beside(desk, opened, oscar):
    number = opened().number
    line = handling.log(oscar, number, "Deux blessés.")
    answer = page(desk, "incident", number, query=f"?corriger={line.pk}")
    assert "qui reste comme elle a été écrite" in text_of(answer)
    do(desk, number, "corriger", text="Un seul.", line=line.pk)
    assert Line.objects.count() == 2
    said = text_of(page(desk, "incident", number, query="?corriger=x"))
    assert "Deux blessés." in said
    assert "Un seul." in said


def test_files_come_back_as_what_they_are(desk, opened):
    number = opened().number
    for name, data in (("photo.exe", PNG), ('a".pdf', PDF)):
        do(desk, number, "joindre", file=SimpleUploadedFile(name, data))
    do(desk, number, "joindre", 422, file=SimpleUploadedFile("x.png", b"<html>"))
    rows = list(Incident.objects.get().attachments.all())
    for row, disposition in zip(rows, ("inline", "attachment"), strict=True):
        answer = desk.get(reverse("controlroom:incident_file", args=[number, row.pk]))
        assert answer["Content-Type"] == row.mime
        assert answer["Content-Disposition"].startswith(disposition)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
    do(desk, number, "retirer-piece", row=rows[0].pk)
    assert desk.get(reverse("controlroom:incident_file", args=[number, rows[0].pk])).status_code == 404
    do(desk, number, "remettre-piece", row=rows[0].pk)
    files.erase(rows[0].digest)
    assert desk.get(reverse("controlroom:incident_file", args=[number, rows[0].pk])).status_code == 404


def test_parts_refresh_alone_and_the_panel_is_a_panel(desk, opened):
    number = opened(lon=5.04, lat=47.32).number
    for query in ("?part=etat", "?part=taches", "?part=journal"):
        answer = desk.get(
            reverse("controlroom:incident", args=[number]) + query, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 200
        assert "<html" not in answer.content.decode()
    panel = reverse("controlroom:incident_panel", args=[number])
    assert "<html" not in desk.get(panel, headers={"HX-Request": "true"}).content.decode()
    assert desk.get(panel).status_code == 302
    assert desk.get(reverse("controlroom:incident_point", args=[number])).json()["features"]
    layer = desk.get("/api/v1/controlroom/incidents.geojson").json()
    assert layer["features"][0]["properties"]["panel"] == panel


def test_a_partner_reads_and_has_no_button(client, opened, oscar, sam, rescue):
    number = opened().number
    client.force_login(sam, backend=BACKEND)
    assert client.get(reverse("controlroom:incident", args=[number])).status_code == 403
    row = sharing.involve(oscar, number, rescue.name)
    sharing.share(oscar, number, row.pk, (service_now() + timedelta(days=1)).date())
    answer = page(client, "incident", number)
    assert "vous donne cet incident à lire" in text_of(answer)
    assert "/faire/" not in answer.content.decode()
    assert "Partagés avec vous" in text_of(page(client, "incidents"))
    do(client, number, "prendre", 403)


def test_what_waits_is_on_the_board_of_the_console(opened, oscar, still_clock):
    opened()
    found = list(waiting.waiting(oscar))
    assert [(one.label, one.tone) for one in found] == [("Prendre en charge : Arbre tombé", "warn")]
    assert list(waiting.waiting(worlds.person("rosa"))) == []


def test_an_unknown_incident_is_said_to_be_unknown(desk):
    answer = desk.get(reverse("controlroom:incident", args=["INC-1"]))
    assert answer.status_code == 404
    assert "n'existe pas" in text_of(answer)
