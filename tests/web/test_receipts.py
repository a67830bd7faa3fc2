"""A decision is read in words, contested in two clicks, followed, and answered at the desk."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from ressort.core import clock
from ressort.core.appeals.models import Appeal, Statement
from ressort.core.journal import receipts
from ressort.core.journal.models import Event, Receipt
from ressort.core.notify.models import Message
from ressort.services.transport.actions import asking
from ressort.web import algorithms, throttle
from tests import worlds
from tests.services.transport.test_booking import NOBODY, wish
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
REFUSED = {"at": worlds.TUESDAY + timedelta(minutes=45), "passengers": 6, "wheelchairs": 3}


@pytest.fixture(autouse=True)
def _fresh():
    throttle.clear()


@pytest.fixture
def number(still_clock):
    return asking.ask(NOBODY, wish()).receipt


def send(client, number, **more):
    form = {"reason": "unseen", "way": "here", **more}
    return client.post(reverse("web:contest", args=[number]), form)


# ------------------------------------------------------------------ the receipt


def test_a_receipt_says_what_the_law_asks_in_words(client, number, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        answer = client.get(reverse("web:receipt", args=[number]))
    check(answer)
    page = answer.content.decode()
    for said in (
        "Pourquoi cette réponse", "Ce qui aurait changé la réponse", "Données utilisées pour vous",
        "Règles et poids, appliqués à votre cas", "Ce qui a été fait, dans l'ordre", "D'où viennent les données",
        "Valmont Mobilités", "Décide seul", "OpenStreetMap",
    ):  # fmt: skip
        assert said in page, said
    assert "<svg" in page.split('class="qr"')[1][:400]


def test_a_refusal_is_told_too(client, still_clock):
    demand = asking.ask(NOBODY, wish(**REFUSED))
    assert demand.answer == "refused"
    page = client.get(reverse("web:receipt", args=[demand.receipt])).content.decode()
    assert "Aucune n" in page
    assert "places pour" not in page.split("<h1")[0]


def test_a_receipt_whose_inputs_are_gone_is_still_read(client, number):
    Receipt.objects.update(inputs=b"")
    answer = client.get(reverse("web:receipt", args=[number]))
    check(answer)
    assert "gardé" in answer.content.decode()
    check(client.post(reverse("web:replay", args=[number])), 410)
    assert client.post(f"/api/v1/receipts/{number}/replay").status_code == 410


def test_a_receipt_of_a_service_that_left_is_read_and_not_computed(client, number):
    Receipt.objects.update(kind="gone.decision")
    check(client.get(reverse("web:receipt", args=[number])))
    check(client.post(reverse("web:replay", args=[number])), 422)


def test_computing_again_gives_the_same(client, number):
    answer = client.post(reverse("web:replay", args=[number]))
    check(answer)
    assert "la réponse est la même" in answer.content.decode()


# ------------------------------------------------------------------ contesting


def test_two_clicks_and_no_account(client, number):
    page = client.get(reverse("web:receipt", args=[number])).content.decode()
    assert reverse("web:contest", args=[number]) in page
    check(client.get(reverse("web:contest", args=[number])))
    answer = send(client, number, text="Je ne peux pas marcher 400 m.")
    made = Appeal.objects.get()
    assert answer.url == reverse("web:appeal", args=[made.code])
    answer = client.get(answer.url)
    check(answer)
    page = answer.content.decode()
    assert made.code in page
    assert "mercredi" in page  # 15 days after a Tuesday
    assert "Je ne peux pas marcher" in page
    assert client.get("/suivi/", {"code": made.code.lower()}).url == reverse("web:appeal", args=[made.code])


def test_what_is_missing_is_said_beside_its_field(client, number):
    for form, said in (
        ({"reason": ""}, "Choisissez la raison"),
        ({"way": "email", "email": "rosa"}, "adresse électronique n"),
        ({"way": "phone", "phone": "12"}, "numéro de téléphone n"),
    ):
        answer = send(client, number, **form)
        check(answer, 422)
        assert said in answer.content.decode()
    assert not Appeal.objects.exists()


def test_what_is_typed_is_text(client, number):
    send(client, number, text="<script>alert(1)</script>")
    page = client.get(reverse("web:appeal", args=[Appeal.objects.get().code])).content
    assert b"<script>alert" not in page


def test_contesting_again_and_again_is_braked(client, still_clock):
    codes = []
    for _ in range(3):
        number = asking.ask(NOBODY, wish()).receipt
        codes += [send(client, number).status_code for _ in range(4)]
    assert codes == [302] * 10 + [429] * 2


def test_an_unknown_follow_number_or_receipt_is_explained(client, still_clock):
    check(client.get(reverse("web:appeal", args=["E-22222-22222"])), 404)
    check(client.get(reverse("web:contest", args=["R-00000-00000"])), 404)


def test_a_signed_in_person_finds_it_in_their_space(client, number):
    client.force_login(worlds.person("rosa"))
    form = client.get(reverse("web:contest", args=[number])).content.decode()
    assert "rosa@valmont.test" in form
    send(client, number)
    assert f"Réexamen de la décision {number}" in client.get("/mon-espace/").content.decode()


def test_a_person_erases_what_they_wrote_with_the_number(client, number):
    send(client, number, text="secret", way="phone", phone="06 12 34 56 78")
    where = reverse("web:appeal_erase", args=[Appeal.objects.get().code])
    check(client.post(where), 422)
    check(client.post(where, {"sure": "yes"}, follow=True))
    assert not Statement.objects.exists()
    assert Event.objects.filter(kind="appeal.forgotten", actor="public").count() == 1


# ------------------------------------------------------------------ the desk


@pytest.fixture
def desk(client):
    client.force_login(worlds.person("agathe"))
    return client


def test_the_desk_is_for_those_who_answer(client, number):
    assert client.get("/console/recours/").status_code == 302
    client.force_login(worlds.person("denis"))
    check(client.get("/console/recours/"), 403)


def test_an_empty_desk_teaches(desk, still_clock):
    answer = desk.get("/console/recours/")
    check(answer)
    assert "Rien n'attend de réponse" in answer.content.decode()
    check(desk.get("/console/recours/", {"etat": "answered"}))
    check(desk.get("/console/recours/", {"etat": "nonsense", "page": "x"}))


def test_it_is_answered_with_the_receipt_beside_it(desk, number, django_assert_max_num_queries):
    send(desk, number, text="Pourquoi ?", way="email", email="rosa@exemple.fr")
    made = Appeal.objects.get()
    assert "E-" in Message.objects.get(kind="appeal.received").title
    where = reverse("web:appeal_desk", args=[made.pid])
    clock.simulate(worlds.TUESDAY + timedelta(days=16), rate=0)
    with django_assert_max_num_queries(10):
        page = desk.get("/console/recours/").content.decode()
    assert "Délai dépassé" in page
    check(desk.post(reverse("web:appeal_act", args=[made.pid, "prendre"]), follow=True))
    with django_assert_max_num_queries(16):
        answer = desk.get(where)
    check(answer)
    assert "Données utilisées pour vous" in answer.content.decode()
    again = desk.get(where, {"refaire": "1"}).content.decode()
    assert "la réponse est la même" in again
    check(desk.post(reverse("web:appeal_answer", args=[made.pid]), {"outcome": "explained", "text": ""}), 422)
    reply = {"outcome": "explained", "text": "Les deux minibus étaient pleins à cette heure."}
    check(desk.post(reverse("web:appeal_answer", args=[made.pid]), reply, follow=True))
    page = desk.get(reverse("web:appeal", args=[made.code])).content.decode()
    assert "Agathe Martin" in page
    assert "étaient pleins" in page
    told = Message.objects.get(kind="appeal.answered")
    assert told.address == "rosa@exemple.fr"
    assert "pleins" not in told.body
    check(desk.post(reverse("web:appeal_act", args=[made.pid, "rouvrir"]), follow=True))
    check(desk.post(reverse("web:appeal_act", args=[made.pid, "effacer"]), follow=True))
    assert not Statement.objects.exists()
    check(desk.get(where))


def test_what_came_too_late_is_said_without_breaking(desk, number):
    send(desk, number)
    made = Appeal.objects.get()
    answer = desk.post(reverse("web:appeal_act", args=[made.pid, "rouvrir"]), follow=True)
    assert "rechargez la page" in answer.content.decode()
    check(desk.post(reverse("web:appeal_act", args=[made.pid, "manger"])), 404)
    check(desk.get(reverse("web:appeal_desk", args=["a_nobody"])), 404)


# ------------------------------------------------------------------ the register


def test_the_register_says_the_values_in_force_and_what_was_measured(client, number):
    asking.ask(NOBODY, wish(**REFUSED))
    send(client, number)
    answer = client.get("/algorithmes/")
    check(answer)
    page = answer.content.decode()
    for said in (
        "Propositions de trajet",
        "Révision des tournées",
        "Marche la plus longue",
        "400",
        "Contester",
        "EUPL-1.2",
    ):
        assert said in page, said
    offers, replanning = client.get("/api/v1/algorithms").json()
    assert offers["results"]["decisions"] == 2
    assert offers["results"]["refused_share"] == offers["results"]["contested_share"] == 0.5
    assert offers["results"]["changed_share"] is None
    assert offers["since"] == "2026-01-01"
    assert replanning["receipts"] == []
    sheet = client.get("/algorithmes/registre.csv").content.decode("utf-8-sig")
    assert sheet.splitlines()[0].startswith("key;name;")
    assert len(sheet.splitlines()) == 3


def test_the_register_costs_little_and_finds_receipts(client, number, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        client.get("/algorithmes/")
    assert client.get("/algorithmes/", {"number": number}).url == reverse("web:receipt", args=[number])


def test_an_installation_where_nothing_decides_says_so(client, still_clock, monkeypatch):
    monkeypatch.setattr(algorithms.registry, "algorithms", lambda: ())
    answer = client.get("/algorithmes/")
    check(answer)
    assert "Aucun calcul ne décide ici" in answer.content.decode()
    assert algorithms.as_csv() == "\ufeff"


def test_every_kind_of_receipt_has_its_entry_in_the_register():
    from ressort.core import registry

    kinds = {kind for kind in receipts._replayers if not kind.startswith("test.")}
    assert kinds
    for kind in kinds:
        assert registry.algorithm_of(kind) is not None, kind


def test_what_is_told_of_a_decision_holds_only_words(number):
    from ressort.services.transport.algorithms import tell_offer

    found = receipts.find(number)
    told = tell_offer(receipts.inputs(found), json.loads(found.answer))
    assert all(str(what) and str(value) for what, value in told.data)
    assert len(told.operations) == 4


def test_an_agent_types_a_re_examination_for_somebody(client, still_clock):
    from ressort.core.appeals.models import Appeal
    from tests.services.transport.test_booking import book

    number = book().demand.receipt
    address = f"/algorithmes/recus/{number}/contester/pour/"
    typed = {"reason": "wrong", "way": "here", "way_in": "paper", "mandate": "relative", "reference": "F-9"}
    assert client.post(address, typed).status_code == 302
    assert not Appeal.objects.exists(), "signing in comes first"
    client.force_login(worlds.person("rosa"), backend="ressort.core.accounts.backends.EmailBackend")
    assert client.post(address, typed).status_code == 403
    client.force_login(worlds.person("agathe"), backend="ressort.core.accounts.backends.EmailBackend")
    assert "Contester pour quelqu" in client.get(f"/algorithmes/recus/{number}/").content.decode()
    assert client.post(address, {**typed, "way_in": "fax"}).status_code == 422
    assert client.post(address, typed).status_code == 302
    made = Appeal.objects.get()
    assert (made.origin, made.mandate, made.typed_by, made.owner_pid) == ("paper", "relative", "p_agathe", "")
    assert made.statement.reference == "F-9"
