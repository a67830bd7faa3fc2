"""Pages of reports: every journey without a script, who may open what, what a page costs in queries."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ressort.core import registry
from ressort.core.journal.models import Event
from ressort.services.controlroom.reports.actions import handling, making
from ressort.services.controlroom.reports.models import Follower, Report, ReportCategory
from tests import worlds
from tests.services.controlroom.reports.conftest import here, make, picture
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"
HTMX = {"HX-Request": "true"}


def said(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain.replace("&#x27;", "'"))


def point(**more):
    return {"lon": f"{here().lon:.6f}", "lat": f"{here().lat:.6f}", **more}


@pytest.fixture
def oscar(client, town):
    client.force_login(town.oscar, backend=BACKEND)
    return client


def send(client, **more):
    data = point(categorie="nid-de-poule", lieu="devant l'école", key="k1", text="", email="", phone="")
    return client.post(reverse("controlroom:report_details"), data | more)


def test_the_portal_opens_on_it(client, town):
    page = client.get("/")
    check(page)
    assert "Signaler un problème dans la rue" in page.content.decode()


def test_a_report_from_beginning_to_end_without_a_script(client, town):
    first = client.get(reverse("controlroom:report_start"))
    check(first)
    asked = {
        "category": "nid-de-poule",
        "where": "",
        "where_lon": point()["lon"],
        "where_lat": point()["lat"],
    }
    second = client.get(reverse("controlroom:report_start"), asked)
    assert second.status_code == 302
    page = client.get(second.url)
    check(page)
    assert "Valmont Mobilités vous répond en 10 jours au plus" in said(page)
    done = send(client, photo=SimpleUploadedFile("p.jpg", picture(), "image/jpeg"), email="eve@exemple.fr")
    assert done.status_code == 302
    mine = client.get(done.url)
    check(mine)
    code = Follower.objects.get().code
    assert code in said(mine)
    assert send(client).url == done.url, "sent twice is sent once"
    assert client.get("/suivi/", {"code": code.lower()}).url == done.url, "« Mes suivis » finds it"
    assert registry.service("controlroom").capabilities["controlroom.find_by_code"](code) == done.url


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"where": "", "category": "eau"}, "Dites où c'est"),
        ({"where": "zzzz qqqq", "category": "eau"}, "n'a pas été trouvé"),
        ({"where_lon": "999", "where_lat": "0", "where": "x", "category": "eau"}, "longitude"),
        ({"where_lon": "5.9", "where_lat": "45", "where": "x", "category": "eau"}, "hors du territoire"),
        ({**{f"where_{k}": v for k, v in point().items()}, "where": "x", "category": "non"}, "Choisissez dans la liste"),
    ],
)  # fmt: skip
def test_what_is_wrong_on_the_first_screen_is_said(client, town, asked, sentence):
    page = client.get(reverse("controlroom:report_start"), asked)
    check(page, 422)
    assert sentence in said(page)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"email": "eve"}, "adresse électronique n'est pas complète"),
        ({"phone": "12"}, "numéro de téléphone n'est pas complet"),
        ({"text": "a" * 4001}, "4000 caractères"),
        ({"photo": SimpleUploadedFile("p.pdf", b"%PDF-1.7")}, "JPEG, PNG ou WebP"),
        ({"photo": SimpleUploadedFile("p.jpg", b"")}, "n'est pas arrivée entière"),
    ],
)
def test_what_is_wrong_on_the_second_screen_is_said(client, town, more, sentence):
    page = send(client, **more)
    check(page, 422)
    assert sentence in said(page)
    assert not Report.objects.exists()


def test_an_address_broken_by_hand_starts_again(client, town):
    for query in ("", "?categorie=non", "?categorie=eau&lon=x&lat=1"):
        answer = client.get(reverse("controlroom:report_details") + query)
        assert (answer.status_code, answer.url) == (302, reverse("controlroom:report_start"))


def test_an_address_that_sends_too_much_is_slowed_down(client, town):
    for n in range(10):
        assert send(client, key=f"k{n}").status_code == 302
    page = send(client, key="k11")
    assert page.status_code == 422
    assert "Trop d'essais" in said(page)


def test_me_too_is_proposed_before_sending(client, town):
    one = make()
    page = client.get(reverse("controlroom:report_details"), point(categorie="nid-de-poule"))
    check(page)
    link = reverse("controlroom:report_me_too", args=[one.report.pid])
    assert link in page.content.decode()
    assert "Un grand trou" not in said(page), "words are nobody's before an agent has read them"
    check(client.get(link))
    done = client.post(link, {"email": "luc@exemple.fr", "phone": ""})
    check(client.get(done.url))
    assert making.find(one.report.pid).supporters == 2
    handling.finish(town.oscar, one.report.pid)
    check(client.post(link, {"email": "", "phone": ""}), 422)


def test_words_and_photo_wait_for_an_agent_to_publish_them(client, town):
    one = make(photo=picture())
    page, file = (
        reverse(f"controlroom:{name}", args=[one.report.pid]) for name in ("report", "report_photo")
    )
    check(client.get(page))
    assert "Un grand trou" not in said(client.get(page))
    assert client.get(file).status_code == 404
    own = client.get(reverse("controlroom:report_follow", args=[one.code]))
    check(own)
    assert "Un grand trou" in said(own)
    assert client.get(file, {"code": one.code}).status_code == 200
    other = make(where=here(5, 5))
    assert client.get(file, {"code": other.code}).status_code == 404
    handling.show(town.oscar, one.report.pid, shown=True)
    assert "Un grand trou" in said(client.get(page))
    answer = client.get(file)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8")
    handling.show(town.oscar, one.report.pid, shown=False)
    assert client.get(file).status_code == 404


def test_what_is_written_never_becomes_a_page(client, town, oscar):
    nasty = "<script>alert(1)</script>"
    one = make(text=nasty, where=here())
    for page in (reverse("controlroom:report_follow", args=[one.code]), reverse("controlroom:report_panel", args=[one.report.pid])):  # fmt: skip
        text = client.get(page).content.decode()
        assert nasty not in text
        assert "&lt;script&gt;" in text


def test_erasing_needs_a_tick_and_says_what_is_gone(client, town):
    one = make(email="eve@exemple.fr")
    address = reverse("controlroom:report_forget", args=[one.code])
    assert client.post(address).status_code == 422
    page = client.post(address, {"sure": "yes"}, follow=True)
    check(page)
    assert "sont effacés" in said(page)


def test_lists_say_what_maps_say(client, town):
    make()
    done = make(category="eau", where=here(5, 5))
    handling.finish(worlds.person("adele"), done.report.pid)
    check(client.get(reverse("controlroom:reports")))
    page = client.get(reverse("controlroom:reports") + "?etat=closed")
    assert "1 fois sur 1" in said(page)
    assert "Fuite d'eau" in said(page)
    found = client.get("/api/v1/controlroom/reports.geojson").json()["features"]
    assert [one["properties"]["label"] for one in found] == ["Trou dans la chaussée – Reçu"]
    assert "url" in found[0]["properties"]
    client.force_login(town.oscar, backend=BACKEND)
    found = client.get("/api/v1/controlroom/reports.geojson").json()["features"]
    assert "panel" in found[0]["properties"]


def test_without_categories_pages_teach(client, still_clock):
    page = client.get(reverse("controlroom:report_start"))
    check(page)
    assert "Pas encore de signalement" in said(page)
    client.force_login(worlds.person("adele"), backend=BACKEND)
    check(client.get(reverse("controlroom:report_board")))
    page = client.get(reverse("controlroom:report_categories"))
    check(page)
    assert "liste usuelle" in said(page)


# ------------------------------------------------------------------ agents


def act(client, pid, deed, **data):
    return client.post(reverse("controlroom:report_act", args=[pid, deed]), data, headers=HTMX)


def test_an_operator_deals_with_a_report_in_its_panel(oscar, town):
    one = make(email="eve@exemple.fr", photo=picture())
    check(oscar.get(reverse("controlroom:report_board")))
    check(oscar.get(reverse("controlroom:report_panel", args=[one.report.pid])))
    part = oscar.get(reverse("controlroom:report_panel", args=[one.report.pid]), headers=HTMX)
    assert "<html" not in part.content.decode()
    assert "eve@exemple.fr" in said(part)
    incident = f"/console/incidents/nouveau/?source=report%3A{one.report.pid}"
    assert incident in part.content.decode()
    done = act(oscar, one.report.pid, "take")
    taken = oscar.get(done.url, headers=HTMX)
    assert "Revenir en arrière" in said(taken)
    assert act(oscar, one.report.pid, "plan", day="hier").status_code == 422
    assert act(oscar, one.report.pid, "plan", day="2026-09-20", text="").status_code == 302
    wrong = act(oscar, one.report.pid, "refuse", reason="", text="")
    assert (wrong.status_code, "Choisissez pourquoi" in said(wrong)) == (422, True)
    assert act(oscar, one.report.pid, "finish", text="Rebouché.").status_code == 302
    assert act(oscar, one.report.pid, "reopen").status_code == 302
    assert act(oscar, one.report.pid, "fly").status_code == 404
    assert Report.objects.get().state == "taken"


def test_an_operator_joins_what_is_proposed(oscar, town):
    one, two = make(), make()
    panel = oscar.get(reverse("controlroom:report_panel", args=[two.report.pid]))
    check(panel)
    assert f'value="{one.report.pid}"' in panel.content.decode()
    assert act(oscar, two.report.pid, "merge", into=one.report.pid).status_code == 302
    page = oscar.get(reverse("controlroom:report_follow", args=[two.code]))
    check(page)
    assert "a rejoint un autre" in said(page)


def test_another_organisation_reads_and_does_not_touch(oscar, town):
    leak = make(category="eau", email="eve@exemple.fr").report
    panel = oscar.get(reverse("controlroom:report_panel", args=[leak.pid]))
    check(panel)
    assert "relève d'une autre organisation" in said(panel)
    assert "eve@exemple.fr" not in said(panel)
    assert act(oscar, leak.pid, "take").status_code == 403


@pytest.mark.parametrize(
    "query", ["?etat=closed", "?etat=zzz&categorie=zzz", "?retard=1&miens=1", "?page=999"]
)
def test_filters_never_break_the_list(oscar, town, query):
    make()
    check(oscar.get(reverse("controlroom:report_board") + query))


def test_lists_and_panels_ask_the_database_little(oscar, town, django_assert_max_num_queries):
    for n in range(12):
        make(where=here(1 + n / 3, 3), key=f"k{n}")
    pid = Report.objects.first().pid
    with django_assert_max_num_queries(14):
        oscar.get(reverse("controlroom:report_board"))
    with django_assert_max_num_queries(18):
        oscar.get(reverse("controlroom:report_panel", args=[pid]))
    with django_assert_max_num_queries(10):
        oscar.get(reverse("controlroom:reports"))


def desk(client, **more):
    data = {"do": "look", "way_in": "phone", "category": "nid-de-poule", "where": "devant", "mandate": "self",
            "where_lon": point()["lon"], "where_lat": point()["lat"], "text": "", "key": "d1"}  # fmt: skip
    return client.post(reverse("controlroom:report_for"), data | more)


def test_an_agent_types_for_a_caller(client, town):
    client.force_login(worlds.person("agathe"), backend=BACKEND)
    check(client.get(reverse("controlroom:report_for")))
    done = desk(client, phone="06 12 34 56 78")
    page = client.get(done.url)
    check(page)
    assert Follower.objects.get().code in said(page)
    again = desk(client, key="d2")
    check(again)
    assert "Est-ce l'un de ceux-ci ?" in said(again)
    same = desk(client, key="d2", do=f"same:{Report.objects.get().pid}", email="luc@exemple.fr")
    assert same.status_code == 302
    assert Report.objects.get().supporters == 2
    other = desk(client, key="d2", do="send")
    assert other.status_code == 302
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"category": ""}, "Choisissez une catégorie"),
        ({"where": "", "where_lon": "", "where_lat": ""}, "Dites où c'est"),
        ({"way_in": "pigeon"}, "Sélectionnez un choix valide"),
        ({"postal": "3 rue des Lilas"}, "le nom à qui adresser"),
        ({"do": "same:r_nulle"}, "Aucun signalement"),
    ],
)
def test_what_is_wrong_at_the_desk_is_said(client, town, more, sentence):
    client.force_login(worlds.person("agathe"), backend=BACKEND)
    page = desk(client, **more)
    check(page, 422)
    assert sentence in said(page)


@pytest.mark.parametrize("name", ["report_board", "report_for", "report_categories"])
def test_the_console_is_for_staff(client, town, name):
    assert client.get(reverse(f"controlroom:{name}")).status_code == 302
    client.force_login(worlds.person("rosa"), backend=BACKEND)
    assert client.get(reverse(f"controlroom:{name}")).status_code == 403


# ------------------------------------------------------------------ categories


@pytest.fixture
def adele(client, town):
    client.force_login(worlds.person("adele"), backend=BACKEND)
    return client


def test_an_authority_starts_from_the_usual_list(adele, town):
    ReportCategory.objects.all().delete()
    page = reverse("controlroom:report_categories")
    assert adele.post(page, {"organisation": ""}).status_code == 422
    assert adele.post(page, {"organisation": town.ours.pk}).status_code == 302
    assert ReportCategory.objects.filter(organisation=town.ours).count() == 13
    check(adele.get(page))
    assert Event.objects.filter(kind="controlroom.category.changed").count() == 1


def test_a_category_is_made_and_changed(adele, town):
    new = reverse("controlroom:report_category_new")
    check(adele.get(new))
    fields = {
        "name": "Banc cassé",
        "group": "",
        "organisation": town.ours.pk,
        "days": "20",
        "rank": "",
        "active": "on",
    }
    assert adele.post(new, fields).status_code == 302
    assert ReportCategory.objects.get(code="banc-casse").days == 20
    check(adele.post(new, fields), 422)
    one = reverse("controlroom:report_category", args=["banc-casse"])
    check(adele.get(one))
    check(adele.post(one, fields | {"days": "0"}), 422)
    assert adele.post(one, fields | {"days": "9", "active": ""}).status_code == 302
    found = ReportCategory.objects.get(code="banc-casse")
    assert (found.days, found.active) == (9, False)


def test_categories_leave_and_come_back_as_a_file(adele, town):
    address = reverse("controlroom:report_categories_file")
    check(adele.get(address))
    for name in ("report_categories_template", "report_categories_export"):
        assert adele.get(reverse(f"controlroom:{name}")).status_code == 200
    file = adele.get(reverse("controlroom:report_categories_export")).content
    same = adele.post(address, {"file": SimpleUploadedFile("c.csv", file)})
    assert "rien à appliquer" in said(same)
    other = file.replace(b";10;", b";12;") + "banc;Banc;;Valmont Mobilités;5;;;;\r\n".encode()
    trial = adele.post(address, {"file": SimpleUploadedFile("c.csv", other)})
    check(trial)
    data = re.search(r'name="data" value="([^"]+)"', trial.content.decode())[1]
    assert adele.post(address, {"deed": "apply", "data": data}).status_code == 302
    assert ReportCategory.objects.get(code="nid-de-poule").days == 12
    assert ReportCategory.objects.filter(code="banc").exists()
    wrong = "code;nom;organisation responsable;délai promis en jours\r\nBanc !;Banc;Nulle;0\r\n"
    page = adele.post(address, {"file": SimpleUploadedFile("c.csv", wrong.encode())})
    check(page, 422)
    assert "Aucune organisation ne s'appelle" in said(page)
