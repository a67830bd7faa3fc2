"""A page in English has no French left: every page that each kind of person can reach is read word by word."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

import ressort
from ressort.core import clock
from ressort.core.appeals.models import Appeal
from ressort.core.journal import declared
from ressort.core.journal.models import Event, Receipt
from ressort.core.live import topics
from ressort.core.notify.models import Message
from ressort.core.retold import retold
from ressort.core.territory.models import Place
from ressort.services.transport.actions import asking, booking, driving, replanning
from ressort.services.transport.models import Booking, Demand
from ressort.web import throttle
from tests import worlds
from tests.services.transport.test_booking import NOBODY, book, wish
from tests.services.transport.test_driving import own, up_and_off

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"
ROOT = Path(ressort.__file__).parent
SAID = (
    "title",
    "aria-label",
    "placeholder",
    "alt",
    "data-label",
    "data-confirm",
    "content",
    "aria-description",
)
FRENCH = re.compile(
    r"\b(le|la|les|du|des|une|est|sont|votre|vos|notre|nos|pour|avec|sans|aucune?|dans|cette?|ces|qui|que|sur|au|aux|"
    r"vous|nous|il|elle|ne|pas|plus|déjà|où|jusqu|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|voyageurs?|"
    r"arrêts?|véhicules?|trajets?|janvier|février|juillet|août|septembre|octobre|novembre|décembre)\b|[«»]",
    re.IGNORECASE,
)
# Proper names and words that English has too.
NAMES = re.compile(
    r"Arrêt \w+ \d|Hôpital de Valmont|Mairie de Valmont|Centre de secours|Valmont(?:-sur-Ressort| Mobilités)?|"
    r"(?:\d+ )?(?:Rue|Pont|Avenue|rue) (?:des )?\w+|Val'bus|Dépôt|Licence Ouverte|Français|Rosa|Denis|Diane|Agathe|"
    r"Adèle Martin|Près de \w+|Vous n'aurez rien|cnil\.fr|la ville|nom, longitude, latitude|\d+ le? \w+@",
)


class Words(HTMLParser):
    """What a person reads or hears of a page, and where it leads; what is marked as French is left out."""

    VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.said: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    @property
    def hidden(self) -> bool:
        return any(hidden for _, hidden in self.open)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        hidden = tag in {"script", "style", "code", "pre", "template"} or (
            tag != "html" and found.get("lang") == "fr"
        )
        if tag == "html":
            self.said += ["« page marked as French »"] if found.get("lang") != "en" else []
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if not hidden and not self.hidden:
            keys = SAID if tag != "meta" or found.get("name") == "description" else ()
            self.said += [found[key] for key in keys if found.get(key)]
            if tag == "input" and found.get("type") in {"submit", "button"}:
                self.said.append(found.get("value") or "")
        if tag not in self.VOID:
            self.open.append((tag, hidden))

    def handle_startendtag(self, tag, attrs):
        if tag in self.VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        while tag not in self.VOID and self.open:
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data):
        if data.strip() and not self.hidden:
            self.said.append(data)


@cache
def french_sentences() -> frozenset[str]:
    """Return every sentence of the catalogues that English says otherwise."""
    found = set()
    for file in ROOT.rglob("locale/en/LC_MESSAGES/django.po"):
        for entry in file.read_text().split("\n\n")[1:]:
            said = dict(re.findall(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$', entry, re.MULTILINE))
            english = {ast.literal_eval(text) for key, text in said.items() if key.startswith("msgstr")}
            for key in ("msgid", "msgid_plural"):
                if key in said and (text := ast.literal_eval(said[key])) not in english and len(text) > 3:
                    found.add(squeezed(text))
    return frozenset(found)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", text).strip()


def french_in(said: list[str]) -> list[str]:
    """Return what is French in some words."""
    found = []
    for one in map(squeezed, said):
        bare = NAMES.sub("", one)
        if bare in french_sentences() or FRENCH.search(bare):
            found.append(one)
    return found


def read(response, where: str) -> Words:
    words = Words(response.content.decode())
    assert not french_in(words.said), f"{where}: {french_in(words.said)}"
    return words


@pytest.fixture(autouse=True)
def _fresh():
    throttle.clear()


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def signed(client, name):
    if name:
        client.force_login(worlds.person(name), backend=BACKEND)
    return client


@pytest.fixture
def lived(still_clock):
    """A town where things have happened: a ride done, one lost, one cancelled, refusals, a delay, a review."""
    done, coming = own(book()), book(at=worlds.TUESDAY + timedelta(minutes=90))
    booking.cancel(NOBODY, book(at=worlds.TUESDAY + timedelta(minutes=120)).code)
    asking.ask(NOBODY, wish(at=worlds.TUESDAY + timedelta(minutes=45), passengers=6, wheelchairs=3))
    denis, tour = worlds.person("denis"), done.promise.tour_id
    up, off = up_and_off(done)
    for visit in (up, off):
        driving.depart(denis, tour)
        clock.simulate(visit.planned, rate=0)
        driving.arrive(denis, tour)
        driving.serve(denis, tour, visit.pk)
    replanning.delay(worlds.person("diane"), coming.promise.tour_id, 12)
    return done


PAGES = {
    "": ["/", "/transport/", "/transport/arrets/", "/accessibilite/", "/licences/", "/algorithmes/", "/donnees/",
         "/connexion/", "/inscription/", "/chercher/?q=gare", "/suivi/?code=NNNN", "/mentions-legales/",
         "/console/", "/mon-espace/", "/n-existe-pas/", "/transport/trajets/ZZZZZZZZZ/"],
    "rosa": ["/mon-espace/", "/mon-espace/donnees/", "/mon-espace/messages/", "/transport/trajets/", "/console/"],
    "denis": ["/console/", "/transport/conducteur/"],
    "agathe": ["/console/", "/console/transport/reserver/", "/console/messages/", "/console/recours/"],
    "diane": ["/console/", "/console/journal/", "/console/transport/tournees/", "/console/transport/indicateurs/",
              "/console/transport/offre/", "/console/transport/panneau/"],
    "adele": ["/console/administration/", "/console/conservation/", "/console/transport/offre/nouvelle/",
              "/console/administration/fichiers/personnes/", "/console/administration/fichiers/vehicules/",
              "/console/administration/fichiers/services/", "/console/administration/fichiers/arrets/"],
}  # fmt: skip
FILES = (".csv", ".zip", ".json", ".geojson", ".pbf", ".svg", ".webmanifest", ".js", ".pdf")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_that_a_person_reaches_is_in_english(english, lived, name):
    client = signed(english, name)
    states = [f"/transport/trajets/{one.code}/" for one in Booking.objects.all()]
    states += [f"/algorithmes/recus/{one.number}/" for one in Receipt.objects.all()]
    states += [f"/transport/demandes/{one.pid}/" for one in Demand.objects.all()]
    waiting, seen, french, read_pages = PAGES[name] + states, set(), [], 0
    while waiting:
        url = waiting.pop(0)
        shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", url) if url not in states else url
        if shape in seen or urlsplit(url).path.endswith(FILES) or "/style/" in url or "/api/" in url:
            continue
        seen.add(shape)
        response = client.get(url, follow=True)
        if not response.headers["Content-Type"].startswith("text/html"):
            continue
        assert response.status_code < 500, url
        words = Words(response.content.decode())
        read_pages += 1
        french += [f"{url}: {one}" for one in french_in(words.said)]
        base = response.redirect_chain[-1][0] if response.redirect_chain else url
        links = [urljoin(base, link).split("#")[0] for link in words.links]
        waiting += [link for link in links if link.startswith("/")]
    assert read_pages >= len(PAGES[name])
    assert not french, "\n".join(sorted(set(french)))


def test_the_pages_that_follow_an_answer_are_in_english(english, lived):
    form = {
        "origin": "Rue Alpha", "destination": "Hôpital de Valmont", "mode": "after", "day": "2026-09-15",
        "hour": "10:30", "passengers": "1", "wheelchairs": "0", "luggage": "0",
    }  # fmt: skip
    for change in (
        {"hour": "05:00"}, {"hour": "23:30"}, {"hour": ""}, {"day": "2026-02-31"}, {"day": "2026-09-20"},
        {"passengers": "99"}, {"passengers": "beaucoup"}, {"wheelchairs": "3"}, {"origin": "Xyzzy"},
        {"origin": "", "destination": ""}, {"origin_id": "not-a-uuid"}, {"mode": "never"},
        {"origin_lon": "abc", "origin_lat": "1", "origin": "A"}, {"luggage": "40"}, {"destination": "Rue Alpha"},
    ):  # fmt: skip
        read(english.post("/transport/", {**form, **change}, follow=True), str(change))
    offers = english.post("/transport/", form, follow=True)
    read(offers, "offers")
    demand = Demand.objects.order_by("-pk")[0]
    confirm = f"/transport/demandes/{demand.pid}/0/"
    read(english.get(confirm), "confirm")
    read(english.post(confirm, {"name": ""}), "no name")
    read(english.post(confirm, {"name": "Rosa", "phone": "12"}), "bad phone")
    trip = english.post(confirm, {"name": "Rosa", "phone": "0612345678"}, follow=True)
    read(trip, "trip")
    code = Booking.objects.order_by("-pk")[0].code
    read(english.post(f"/transport/trajets/{code}/annuler/", follow=True), "cancelled")
    read(english.post(f"/transport/trajets/{code}/annuler/", follow=True), "cancelled twice")
    read(english.post(f"/transport/trajets/{code}/effacer/", {"sure": "yes"}, follow=True), "erased")


def test_what_is_wrong_in_a_form_is_said_in_english(english, lived):
    number = Receipt.objects.first().number
    read(english.post("/connexion/", {"email": "nobody@valmont.test", "password": "wrong"}), "sign in")
    read(english.post("/connexion/", {}), "sign in, empty")
    read(english.post("/inscription/", {"name": "", "email": "x", "password": "short"}), "join")
    read(english.post(reverse("web:contest", args=[number]), {"reason": "", "way": "email"}), "contest")
    sent = english.post(
        reverse("web:contest", args=[number]), {"reason": "unseen", "way": "here"}, follow=True
    )
    read(sent, "contested")
    read(english.post(reverse("web:replay", args=[number])), "replayed")
    appeal = Appeal.objects.get()
    client = signed(english, "agathe")
    read(client.post(f"/console/recours/{appeal.pid}/prendre/", follow=True), "taken")
    read(
        client.post(f"/console/recours/{appeal.pid}/repondre/", {"outcome": "", "text": ""}, follow=True),
        "answer",
    )
    client = signed(english, "adele")
    for url, form in (
        ("/console/administration/personnes/inviter/", {"email": "x", "role": "king"}),
        ("/console/administration/vehicules/nouveau/", {"name": "", "seats": "many", "range_km": "x"}),
        ("/console/administration/arrets/nouveau/", {"name": "", "kind": "moon"}),
        (
            "/console/administration/services/",
            {"day": "2026-09-15", "vehicle": "", "first": "", "opens": "x"},
        ),
        ("/console/administration/organisations/", {"name": "", "kind": "x"}),
        ("/console/administration/apparence/", {"name": "", "accent": "red", "languages": []}),
        ("/console/administration/fichiers/vehicules/", {}),
        ("/console/transport/offre/nouvelle/", {"name": ""}),
    ):
        read(client.post(url, form, follow=True), url)


@pytest.mark.parametrize(
    "path", ["/api/v1/transport/trips/ZZZ", "/api/v1/jobs/none", "/api/v1/nowhere", "/api/v1/receipts/R-1"]
)
def test_the_problems_of_the_api_are_in_the_language_asked_for(english, path):
    answer = english.get(path)
    assert answer.status_code in {401, 403, 404, 422}
    assert not french_in([answer.json()["title"]])
    english.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    assert french_in([english.get(path).json()["title"]])


def test_the_journal_is_told_in_english_and_kept_as_it_was(lived):
    with translation.override("en"):
        assert not french_in([topics.tell(event) for event in Event.objects.all()])
        assert not french_in([translation.gettext(kind.says) for name, kind in declared().items()
                              if not name.startswith("test.")])  # fmt: skip
    event = Event.objects.filter(kind="transport.tour.delayed").first()
    assert topics.tell(event) == "Retard annoncé : 12 min."


def test_a_receipt_is_read_in_english_and_kept_in_french(english, lived):
    for receipt in Receipt.objects.all():
        kept = receipt.words
        read(english.get(reverse("web:receipt", args=[receipt.number])), receipt.number)
        receipt.refresh_from_db()
        assert receipt.words == kept
        assert french_in([kept])
    refused = Demand.objects.get(answer="refused")
    assert french_in([refused.sentence])
    with translation.override("en"):
        assert not french_in([retold(refused.sentence)])


def test_a_kept_sentence_is_said_again_with_its_values():
    with translation.override("en"):
        assert retold("La passerelle SMS a répondu par une erreur 503.") == (
            "The text-message gateway answered with error 503."
        )
        assert retold(
            "3 propositions faites, de la moins coûteuse en route et en marche à la plus coûteuse."
        ) == ("3 offers made, from the least to the most costly in road and walking.")
        assert retold("Ceci n'est pas une phrase de la maison.") == "Ceci n'est pas une phrase de la maison."
    assert retold("Trop tard : ce message n'était plus utile.").startswith("Trop tard")


def test_messages_that_failed_are_explained_in_english(english, lived):
    message = Message.objects.first()
    if message is not None:
        Message.objects.filter(pk=message.pk).update(state="failed", error="Le serveur SMTP ne répond pas.")
    read(signed(english, "agathe").get("/console/messages/"), "outbox")


def test_french_stays_the_language_of_the_house(client):
    assert settings.LANGUAGE_CODE == "fr"
    assert "Me déplacer" in client.get("/", headers={"Accept-Language": "de"}).content.decode()
    assert Place.Kind.STOP.label == "arrêt"
