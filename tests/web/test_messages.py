"""The pages of the messages: choosing how to be told, the outbox, letters, and what carriers report."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from ressort.core.accounts.models import Organisation
from ressort.core.clock import wall_now
from ressort.core.journal.models import Event
from ressort.core.notify import delivery
from ressort.core.notify.models import Message, Preference, Subscription
from ressort.core.notify.sending import Recipient, send
from ressort.services.controlroom.orders.models import Crew, CrewMember, Trade
from ressort.web import throttle
from tests import worlds
from tests.core.notify.carriers import browser, gateway
from tests.web.test_pages import check

__all__ = ["gateway"]  # a fixture
pytestmark = pytest.mark.django_db
MINE, OUTBOX = "/mon-espace/messages/", "/console/messages/"


@pytest.fixture(autouse=True)
def _fresh():
    throttle.clear()


@pytest.fixture
def rosa(client, still_clock):
    user = worlds.person("rosa")
    client.force_login(user)
    return user


@pytest.fixture
def agathe(client, still_clock):
    user = worlds.person("agathe")
    client.force_login(user)
    return user


def write(key="k", to=None, **fields):
    to = to or Recipient.guest(email="lea@exemple.fr")
    return send("notify.trial", key=key, to=to, subject="b_1", **fields)[0]


def wishes(**fields):
    usual = {"quiet": "on", "quiet_from": "22:00", "quiet_to": "06:30", "postal": ""}
    return {**usual, "family-transport.trip": ["email", "sms"], **fields}


# ------------------------------------------------------------------ a person's choices


def test_a_person_sees_where_and_how_they_are_told(client, rosa, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        answer = client.get(MINE)
    check(answer)
    page = answer.content.decode()
    assert rosa.email in page
    assert "Ajouter un numéro" in page
    assert "dix minutes avant" in page


def test_only_what_concerns_a_person_is_asked_and_the_rest_stays_as_it_was(client, rosa):
    assert "Interventions confiées" not in client.get(MINE).content.decode()
    crew = Crew.objects.create(
        organisation=Organisation.objects.first(), name="Voirie", trade=Trade.values[0]
    )
    member = CrewMember.objects.create(crew=crew, user=rosa, since=wall_now())
    page = client.get(MINE).content.decode()
    assert "Interventions confiées" in page
    assert "on vous appelle" not in page
    client.post(MINE, wishes(**{"family-controlroom.work": ["push"]}))
    assert Preference.objects.get(user=rosa).families["controlroom.work"] == ["push"]
    member.delete()
    client.post(MINE, wishes(**{"family-controlroom.work": ["email"]}))
    assert Preference.objects.get(user=rosa).families["controlroom.work"] == ["push"]


def test_choices_are_kept_and_told_once(client, rosa):
    assert client.post(MINE, wishes()).status_code == 302
    kept = Preference.objects.get(user=rosa)
    assert kept.families["transport.trip"] == ["email", "sms"]
    assert kept.families["transport.after"] == []
    assert (kept.quiet_from, kept.quiet_to) == (22 * 60, 6 * 60 + 30)
    client.post(MINE, wishes())
    assert Event.objects.filter(kind="notify.preference.changed").count() == 1
    client.post(MINE, wishes(quiet=""))
    kept.refresh_from_db()
    assert kept.quiet_from == kept.quiet_to


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quiet_from": "25:00"}, "Écrivez l&#x27;heure ainsi"),
        ({"family-transport.trip": ["fax"]}, "fax"),
        ({"family-transport.trip": ["letter"]}, "écrivez votre adresse postale"),
        ({"postal": "\n".join("abcdefgh")}, "sept lignes"),
        ({"postal": "x" * 500}, "400"),
    ],
)
def test_what_is_typed_wrong_is_said_beside_its_field(client, rosa, fields, said):
    answer = client.post(MINE, wishes(**fields))
    check(answer, 422)
    assert said in answer.content.decode()
    assert not Preference.objects.exists()


def test_a_trial_message_goes_out_and_says_how_and_asking_too_often_is_braked(client, rosa):
    answer = client.post(f"{MINE}essai/", follow=True)
    assert "Un message d&#x27;essai part : courriel." in answer.content.decode()
    assert Message.objects.get().address == rosa.email
    codes = [client.post(f"{MINE}essai/").status_code for _ in range(10)]
    assert codes == [302] * 9 + [429]


def test_a_browser_subscribes_and_leaves(client, rosa):
    given = {"endpoint": "https://fcm.googleapis.com/fcm/send/abc", "label": "Firefox · Linux", **browser()}
    assert client.post(f"{MINE}appareils/", given).status_code == 302
    assert client.post(f"{MINE}appareils/", given).status_code == 302  # the same browser again
    device = Subscription.objects.get(user=rosa)
    assert "Firefox · Linux" in client.get(MINE).content.decode()
    client.force_login(worlds.person("denis"))
    assert client.post(f"{MINE}appareils/{device.pk}/").status_code == 404
    client.force_login(rosa)
    assert client.post(f"{MINE}appareils/{device.pk}/").status_code == 302
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"endpoint": "https://ailleurs.example/x"},
        {"endpoint": "https://fcm.googleapis.com/" + "x" * 600},
        {"p256dh": "é"},
        {"p256dh": ""},
        {"auth": "court"},
    ],
)
def test_what_no_browser_gives_is_refused(client, rosa, fields):
    given = {"endpoint": "https://fcm.googleapis.com/fcm/send/abc", **browser(), **fields}
    check(client.post(f"{MINE}appareils/", given), 422)
    assert not Subscription.objects.exists()


def test_a_dead_address_is_shown_and_may_be_used_again(client, rosa):
    Preference.objects.create(user=rosa, dead={"email": rosa.email})
    assert "Ne reçoit plus" in client.get(MINE).content.decode()
    assert client.post(f"{MINE}adresse/", {"channel": "email"}).status_code == 302
    assert "Ne reçoit plus" not in client.get(MINE).content.decode()
    check(client.post(f"{MINE}adresse/", {"channel": "email"}), 409)


def test_the_choices_are_for_those_who_are_signed_in(client):
    assert client.get(MINE).url.startswith("/connexion/")


# ------------------------------------------------------------------ the outbox


@pytest.mark.parametrize("name", ["rosa", "denis", "diane"])
def test_the_outbox_is_not_for_everybody(client, still_clock, name):
    row = write()
    client.force_login(worlds.person(name))
    for path in ("", "lettres/", f"{row.pid}/"):
        check(client.get(f"{OUTBOX}{path}"), 403)
    for path in (f"{row.pid}/renvoyer/", "lettres/imprimees/"):
        check(client.post(f"{OUTBOX}{path}"), 403)


def test_an_empty_outbox_teaches(client, agathe):
    answer = client.get(OUTBOX)
    check(answer)
    assert "Aucun message pour l'instant" in answer.content.decode()
    check(client.get(f"{OUTBOX}lettres/"))


def test_the_outbox_is_filtered_and_searched_by_code(client, agathe, django_assert_max_num_queries):
    for number in range(30):
        write(f"k{number}")
    Message.objects.filter(asked="k7").update(
        code="ABC-DEF-GHJ", title="Celui-ci", state="failed", error="Non."
    )
    with django_assert_max_num_queries(10):
        check(client.get(OUTBOX))
    for query in ("code=abcdefghj", "code=ABC-DEF-GHJ", "etat=failed", "etat=failed&canal=email"):
        page = client.get(f"{OUTBOX}?{query}").content.decode()
        assert page.count("<tr>") == 2, query
        assert "Celui-ci" in page
    for query in ("code=ZZZ-ZZZ-ZZZ", "canal=sms", "etat=nul&canal=letter", "code=<script>"):
        answer = client.get(f"{OUTBOX}?{query}")
        check(answer)
        assert "<script>alert" not in answer.content.decode()
    check(client.get(f"{OUTBOX}?page=999"))


def test_one_message_shows_its_words_and_each_try(client, agathe, gateway):
    [row] = send("notify.trial", key="k", to=Recipient.guest(phone="+33612345678"), subject="b_1")
    gateway.answers = [(503, b"")]
    delivery.deliver("sms")
    answer = client.get(f"{OUTBOX}{row.pid}/")
    check(answer)
    page = answer.content.decode()
    assert "06\u00a012\u00a034\u00a056\u00a078" in page
    assert "erreur\u00a0503" in page or "erreur 503" in page
    assert "un autre essai suivra" in page
    check(client.get(f"{OUTBOX}n_inconnu/"), 404)


def test_a_failed_message_is_sent_again_under_another_key(client, agathe, gateway):
    [row] = send("notify.trial", key="k", to=Recipient.guest(phone="+33612345678"), subject="b_1")
    gateway.answers = [(422, b"")]
    delivery.deliver("sms")
    assert client.post(f"{OUTBOX}{row.pid}/renvoyer/").status_code == 302
    check(client.post(f"{OUTBOX}{row.pid}/renvoyer/"), 409)  # it waits already
    delivery.deliver("sms")
    keys = [headers["Idempotency-Key"] for _, headers, _ in gateway.received]
    assert keys == ["k/sms", "k/sms~2"]
    row.refresh_from_db()
    assert row.state == "sent"
    assert Event.objects.filter(kind="notify.message.resent", actor=agathe.pid).count() == 1


def test_a_secret_link_is_never_shown_nor_sent_again(client, agathe):
    to = Recipient.person(worlds.person("rosa"))
    [row] = send("account.link", key="k", to=to, secret="https://ici/connexion/lien/s3cr3t/")
    page = client.get(f"{OUTBOX}{row.pid}/").content.decode()
    assert "s3cr3t" not in page
    assert "⟨lien personnel⟩" in page
    delivery.deliver("email")
    check(client.post(f"{OUTBOX}{row.pid}/renvoyer/"), 409)


def test_an_erased_message_says_so_and_stays_erased(client, agathe):
    row = write()
    Message.objects.filter(pk=row.pk).update(state="sent", blanked=True, address="", title="", body="")
    answer = client.get(f"{OUTBOX}{row.pid}/")
    check(answer)
    assert "sont effacés" in answer.content.decode()
    check(client.post(f"{OUTBOX}{row.pid}/renvoyer/"), 409)


def test_letters_are_printed_by_people_once(client, agathe):
    row = write()
    Message.objects.filter(pk=row.pk).update(channel="letter", address="Rosa Martin\n1 rue Alpha")
    answer = client.get(f"{OUTBOX}lettres/")
    check(answer)
    assert "1 rue Alpha" in answer.content.decode()
    assert "1 lettre attend" in client.get(OUTBOX).content.decode()
    assert client.post(f"{OUTBOX}lettres/imprimees/", {"letter": row.pid}).status_code == 302
    check(client.post(f"{OUTBOX}lettres/imprimees/", {"letter": row.pid}), 409)
    row.refresh_from_db()
    assert row.state == "printed"
    assert Event.objects.filter(kind="notify.letters.printed").count() == 1


def test_the_short_address_of_an_sms_opens_the_trip(client, still_clock):
    from tests.services.transport.test_messages import book

    made = book()
    assert client.get(f"/s/{made.code}").url == f"/transport/trajets/{made.code}/"
    assert client.get(f"/s/{made.code.replace('-', '').lower()}").url == f"/transport/trajets/{made.code}/"
    assert client.get("/s/ZZZ-ZZZ-ZZZ").url == "/"


# ------------------------------------------------------------------ reports of carriers


def report(client, body, **headers):
    text = json.dumps(body)
    return client.post("/api/v1/notify/reports", text, content_type="application/json", headers=headers), text


def sent(key="k", **fields):
    row = write(key, to=Recipient.person(worlds.person("rosa")))
    Message.objects.filter(pk=row.pk).update(state="sent", sent=wall_now(), **fields)
    return row


def test_a_report_needs_the_token_or_its_signature(client, still_clock, settings):
    row = sent()
    body = {"id": row.key, "status": "delivered"}
    assert report(client, body)[0].status_code == 401
    assert (
        report(client, body, Authorization="Bearer ")[0].status_code == 401
    )  # none is set: nobody may report
    settings.REPORTS_TOKEN = "jeton"
    assert report(client, body, Authorization="Bearer autre")[0].status_code == 401
    signed = hmac.new(b"jeton", json.dumps(body).encode(), hashlib.sha256).hexdigest()
    assert report(client, body, **{"X-Ressort-Signature": f"sha256={signed}"})[0].status_code == 200
    wrong = report(client, {**body, "status": "bounced"}, **{"X-Ressort-Signature": f"sha256={signed}"})[0]
    assert wrong.status_code == 401


def test_a_bounce_marks_the_message_and_the_address_once(client, still_clock, settings):
    settings.REPORTS_TOKEN = "jeton"
    row = sent(provider="g-9")
    rosa = worlds.person("rosa")
    for number in (row.key, "g-9", f"{row.key}~2"):
        body = {"id": number, "status": "bounced", "reason": "5.1.1 rosa@valmont.test unknown"}
        answer = report(client, body, Authorization="Bearer jeton")[0]
        assert answer.json() == {"pid": row.pid, "state": "bounced"}
    assert Event.objects.filter(kind="notify.message.bounced").count() == 1
    assert "rosa" not in Event.objects.get(kind="notify.message.bounced").payload
    assert Preference.objects.get(user=rosa).dead == {"email": rosa.email}
    client.force_login(worlds.person("adele"))
    assert "1 adresse refusée" in client.get(OUTBOX).content.decode()


def test_a_delivery_is_noted_once_and_unknown_numbers_are_said(client, still_clock, settings):
    settings.REPORTS_TOKEN = "jeton"
    row = sent()
    for _ in range(2):
        assert (
            report(client, {"id": row.key, "status": "delivered"}, Authorization="Bearer jeton")[
                0
            ].status_code
            == 200
        )
    row.refresh_from_db()
    assert (row.state, row.delivered is not None) == ("sent", True)
    assert Event.objects.filter(kind="notify.message.delivered").count() == 1
    answer = report(client, {"id": "inconnu", "status": "bounced"}, Authorization="Bearer jeton")[0]
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-message")
    answer = report(client, {"id": "x", "status": "mangé"}, Authorization="Bearer jeton")[0]
    assert answer.status_code == 422
