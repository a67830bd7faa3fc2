"""Every page of the house renders, is well made, and opens only to those it is for."""

import re
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from ressort.core.accounts import actions, policy
from ressort.core.accounts.models import Organisation, User
from ressort.core.notify.delivery import deliver_all
from ressort.web import throttle

pytestmark = pytest.mark.django_db
PUBLIC = ["home", "search", "signin", "join", "accessibility", "licences", "algorithms", "style"]
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
DRAWN = {"path", "circle", "rect", "line", "polyline", "polygon"}


class Page(HTMLParser):
    """What a page is made of, read strictly: every element that opens must close."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.labels, self.controls, self.heads, self.lang = [], [], set(), [], 0, ""
        self.described, self.within = set(), []
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.lang = found.get("lang", self.lang) if tag == "html" else self.lang
        self.heads += tag == "h1"
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "label" and "for" in found:
            self.labels.add(found["for"])
        self.described |= set((found.get("aria-describedby") or "").split())
        if tag in {"input", "select", "textarea"} and found.get("type") != "hidden":
            named = "aria-label" in found or "label" in self.open
            self.controls.append((found.get("id"), named))
        if tag not in VOID | DRAWN:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        if tag not in VOID | DRAWN:
            raise AssertionError(f"<{tag}/> closes nothing")
        if tag in VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if tag in VOID | DRAWN:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"


def check(response, status=200):
    assert response.status_code == status
    page = Page(response.content.decode())
    assert page.heads == 1
    assert page.lang in {"fr", "en"}
    assert len(page.ids) == len(set(page.ids)), "an id is used twice"
    for name, labelled in page.controls:
        assert labelled or name in page.labels, f"no label for {name}"
    assert page.described <= set(page.ids), "a field points to an explanation that is not there"
    return page


@pytest.fixture(autouse=True)
def _fresh():
    throttle.clear()


@pytest.fixture
def anne():
    return User.objects.create_user("anne@exemple.fr", "une-phrase-longue", name="Anne Lebon")


@pytest.fixture
def dispatcher():
    user = User.objects.create_user("regule@exemple.fr", "une-phrase-longue", name="Renée Gulateur")
    actions.appoint(user, Organisation.objects.create(name="Le Syndicat"), "dispatcher")
    return user


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_public_pages_are_well_made(client, name, language):
    client.cookies["django_language"] = language
    check(client.get(reverse(f"web:{name}")))


@pytest.mark.parametrize("name", ["home", "accessibility", "signin"])
def test_public_pages_ask_the_database_little(client, name, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        client.get(reverse(f"web:{name}"))


def test_the_console_asks_the_database_little(client, dispatcher, django_assert_max_num_queries):
    """Eight for the shell and the map; the rest asks each service what waits for the person."""
    client.force_login(dispatcher)
    with django_assert_max_num_queries(16):  # the last ones: who on duty is being called, closed stops
        check(client.get(reverse("web:console")))


def test_no_page_reads_without_a_content_policy(client):
    policy_said = client.get("/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in policy_said
    assert "unsafe-eval" not in policy_said


def patterns(resolver, prefix=""):
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "api":
                yield from patterns(one, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one.callback


def test_every_page_names_the_verb_it_asks_for():
    found = list(patterns(get_resolver()))
    assert len(found) > 20
    nameless = [path for path, view in found if getattr(view, "verb", None) not in policy.table()]
    assert nameless == []


# ------------------------------------------------------------------ doors and errors


def test_a_visitor_is_sent_to_sign_in_and_comes_back(client, anne):
    answer = client.get("/console/")
    assert answer.status_code == 302
    assert answer.url == "/connexion/?next=%2Fconsole%2F"
    form = {"email": "ANNE@exemple.fr", "password": "une-phrase-longue", "next": "/mon-espace/"}
    answer = client.post("/connexion/", form)
    assert answer.url == "/mon-espace/"
    check(client.get(answer.url))


def test_a_fragment_sends_the_whole_page_to_sign_in(client):
    answer = client.get("/console/journal/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"][:11]) == (204, "/connexion/")


def test_somebody_without_the_role_is_told_why(client, anne):
    client.force_login(anne)
    answer = client.get("/console/")
    check(answer, 403)
    assert "Votre compte ne permet pas cette action" in answer.content.decode()


def test_nobody_is_sent_to_another_site_after_signing_in(client, anne):
    form = {"email": anne.email, "password": "une-phrase-longue", "next": "https://ailleurs.example/"}
    assert client.post("/connexion/", form).url == "/"


def test_an_unknown_page_says_what_and_what_to_do(client):
    answer = client.get("/nulle-part/")
    check(answer, 404)
    assert "/nulle-part/" in answer.content.decode()


def test_an_unknown_page_is_a_problem_document_for_a_program(client):
    answer = client.get("/nulle-part/", headers={"Accept": "application/json"})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404
    assert answer.json()["code"] == "not-found"


def test_a_refusal_is_a_toast_for_a_fragment(client):
    answer = client.get("/algorithmes/recus/R-00000-00000/", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "Aucun reçu" in answer.content.decode()


def test_what_breaks_is_said_without_anything_that_may_be_broken(client, monkeypatch, settings):
    settings.DEBUG = False
    client.raise_request_exception = False

    def broken(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("ressort.web.pages.followed", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "Quelque chose a cassé chez nous" in text
    assert "secret detail" not in text


def test_a_button_address_opened_by_hand_is_explained(client):
    check(client.get("/langue/"), 405)


def test_html_in_a_search_is_text(client):
    answer = client.get("/chercher/", {"q": "<script>alert(1)</script>"})
    check(answer)
    assert b"<script>alert" not in answer.content


def test_an_unknown_follow_up_number_is_said_on_the_home_page(client):
    answer = client.get("/suivi/", {"code": "<b>X</b>"}, follow=True)
    check(answer)
    assert "Aucun suivi ne porte le numéro" in answer.content.decode()
    assert b"<b>X" not in answer.content


# ------------------------------------------------------------------ accounts


def test_a_wrong_password_says_so_beside_nothing_secret(client, anne):
    answer = client.post("/connexion/", {"email": anne.email, "password": "non"})
    page = check(answer, 422)
    assert "ne vont pas ensemble" in answer.content.decode()
    assert page


def test_guessing_is_braked(client, anne):
    form = {"email": anne.email, "password": "non"}
    codes = [client.post("/connexion/", form).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_a_one_time_link_signs_in_once_and_only_by_a_button(client, anne):
    check(client.post("/connexion/lien/", {"link-email": anne.email}))
    assert mail.outbox == []  # a worker sends it, outside the request
    deliver_all()
    address = re.search(r"http://testserver(/connexion/lien/\S+)", mail.outbox[0].body)[1]
    check(client.get(address))
    assert "_auth_user_id" not in client.session  # a mail program that opens links does not spend it
    assert client.post(address).url == "/"
    assert client.session["_auth_user_id"] == str(anne.pk)
    check(client.post(address), 403)


def test_an_unknown_address_gets_the_same_words(client):
    answer = client.post("/connexion/lien/", {"link-email": "personne@exemple.fr"})
    assert "Si un compte existe" in answer.content.decode()
    assert mail.outbox == []


def test_an_account_is_opened_changed_and_erased(client):
    form = {"name": "Léa", "email": "lea@exemple.fr", "phone": "06 12 34 56 78", "password": ""}
    assert client.post("/inscription/", form).status_code == 302
    check(client.get("/mon-espace/"))
    bad = {"name": "Léa", "phone": "12", "language": "fr"}
    answer = client.post("/mon-espace/", bad)
    check(answer, 422)
    assert "numéro de téléphone" in answer.content.decode()
    assert client.post("/mon-espace/", {**bad, "phone": "", "wheelchair": "on"}).status_code == 302
    assert User.objects.get(email="lea@exemple.fr").wheelchair
    check(client.post("/mon-espace/effacer/", {}), 422)
    assert client.post("/mon-espace/effacer/", {"sure": "yes"}).status_code == 302
    assert not User.objects.filter(email="lea@exemple.fr").exists()


def test_language_and_theme_are_remembered(client):
    client.post("/langue/", {"language": "en", "next": "/accessibilite/"})
    assert b'<html lang="en"' in client.get("/").content
    client.post("/apparence/", {"theme": "dark"})
    assert b'data-theme="dark"' in client.get("/").content
    client.post("/apparence/", {"theme": "auto"})
    assert b"data-theme=" not in client.get("/").content.split(b">", 2)[1]


# ------------------------------------------------------------------ console, clock, map


def test_a_real_clock_cannot_be_driven(client, anne):
    client.force_login(anne)
    answer = client.post("/console/horloge/", {"rate": "10"})
    check(answer, 409)


def test_the_journal_is_told_in_words(client, dispatcher):
    client.force_login(dispatcher)
    actions.sign_in_link(dispatcher.email)
    assert "Un lien de connexion a été demandé." in client.get("/console/journal/").content.decode()


def test_the_map_style_and_its_themes(client):
    assert client.get("/map/style-dark.json").json()["version"] == 8
    assert client.get("/map/style-rose.json").status_code == 404


def test_the_outline_of_the_network_stands_where_the_map_waits(client):
    page = client.get("/transport/arrets/").content.decode()
    address = re.search(r'class="outline" src="([^"]+)"', page)[1]
    answer = client.get(address)
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg ")
    assert "immutable" in answer["Cache-Control"]
    assert client.get("/map/outline-00000000-0000-0000-0000-000000000000.svg").status_code == 204


def test_a_tile_of_nowhere_is_empty(client):
    missing = "/tiles/00000000-0000-0000-0000-000000000000/14/8000/5000.pbf"
    assert client.get(missing).status_code == 204
