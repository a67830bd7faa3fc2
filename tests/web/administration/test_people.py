"""People: found, invited, given roles for a time, let go; the last administrator stays."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from ressort.core.accounts import actions, organisations, people, policy
from ressort.core.accounts.models import Membership, Organisation, Token, User
from ressort.core.clock import wall_now
from ressort.core.errors import Forbidden, Refused, Unknown
from ressort.core.journal.models import Event
from ressort.core.notify.delivery import deliver_all
from ressort.core.notify.models import Message
from tests import worlds
from tests.web.administration.conftest import ROOT
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
NEW = {
    "email": "Nina@Exemple.fr",
    "name": "Nina Blanc",
    "phone": "",
    "role": "driver",
    "organisation": "o_valmont",
    "until": "",
}
PAGES = ["", "personnes/", "personnes/inviter/", "organisations/", "vehicules/", "vehicules/nouveau/", "services/", "arrets/",
         "arrets/nouveau/", "reseau/", "vacances/", "apparence/", "fichiers/personnes/", "fichiers/vehicules/", "fichiers/services/", "fichiers/arrets/"]  # fmt: skip


def text(answer):
    return answer.content.decode().replace("&#x27;", "'")


def last_kind():
    return Event.objects.order_by("-seq").values_list("kind", flat=True)[0]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_well_made_and_asks_little(client, adele, page, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        check(client.get(f"{ROOT}/{page}"))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["diane", "denis", "rosa"])
def test_only_administrators_come_in(client, still_clock, page, who):
    client.force_login(worlds.person(who))
    check(client.get(f"{ROOT}/{page}"), 403)


def test_visitors_are_sent_to_sign_in(client):
    for page in PAGES:
        assert client.get(f"{ROOT}/{page}").url.startswith("/connexion/")


def test_the_rail_shows_the_administration_to_those_who_may(client, adele):
    assert f'href="{ROOT}/"' in text(client.get("/console/"))
    client.force_login(worlds.person("diane"))
    assert f'href="{ROOT}/"' not in text(client.get("/console/"))


def test_people_are_found_by_name_role_and_state(client, adele):
    page = text(client.get(f"{ROOT}/personnes/", {"q": "denis"}))
    assert "denis@valmont.test" in page
    assert "diane@valmont.test" not in page
    assert "rosa@valmont.test" not in text(client.get(f"{ROOT}/personnes/")), "riders are nobody's staff"
    assert "agathe@valmont.test" in text(
        client.get(f"{ROOT}/personnes/", {"role": "agent", "state": "active"})
    )
    assert "Personne ne correspond" in text(client.get(f"{ROOT}/personnes/", {"state": "off"}))


@pytest.mark.parametrize("typed", ["Éric", "eric", "ERIC le", "éric.le"])
def test_accents_do_not_hide_anybody(client, adele, typed):
    user = User.objects.create_user(
        "éric.le@valmont.test" if "." in typed else "e@valmont.test", None, name="Éric Le Goff"
    )
    Membership.objects.create(user=user, organisation=Organisation.objects.get(pid="o_valmont"), role="agent")
    page = text(client.get(f"{ROOT}/personnes/", {"q": typed}))
    assert "Éric Le Goff" in page
    assert "diane@valmont.test" not in page


def test_the_list_of_many_asks_no_more(client, adele, django_assert_max_num_queries):
    home = Organisation.objects.get(pid="o_valmont")
    for number in range(60):
        user = User.objects.create_user(f"n{number}@valmont.test", None, name=f"Nom {number}")
        Membership.objects.create(user=user, organisation=home, role="driver")
    with django_assert_max_num_queries(16):
        check(client.get(f"{ROOT}/personnes/"))


def test_an_invited_person_comes_by_the_link_once_and_chooses_a_password(client, adele):
    answer = client.post(f"{ROOT}/personnes/inviter/", NEW)
    person = User.objects.get(email="nina@exemple.fr")
    assert answer.url == f"{ROOT}/personnes/{person.pid}/"
    assert last_kind() == "people.invited"
    assert "Invité" in text(client.get(answer.url))
    assert mail.outbox == []  # a worker sends it, outside the request
    deliver_all()
    assert "/connexion/lien/" not in text(client.get("/console/messages/"))
    address = re.search(r"http://testserver(/connexion/lien/\S+)", mail.outbox[0].body)[1]
    other = Client()
    check(other.get(address))
    check(other.post(address, {"password": "court"}), 422)
    assert other.post(address, {"password": "une phrase bien à moi"}).url == "/"
    assert other.get("/console/").status_code == 200
    check(Client().post(address), 403)
    assert (
        Client().post("/connexion/", {"email": person.email, "password": "une phrase bien à moi"}).status_code
        == 302
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "nina"}, "pas complète"),
        ({"name": ""}, "Écrivez le nom"),
        ({"role": "emperor"}, "Choisissez un rôle"),
        ({"role": "rider"}, "Choisissez un rôle"),
        ({"organisation": "o_elsewhere"}, "Choisissez une de vos organisations"),
        ({"until": "2020-01-01"}, "déjà passée"),
        ({"until": "demain"}, "Écrivez la date ainsi"),
        ({"phone": "12"}, "téléphone"),
        ({"email": "denis@valmont.test"}, "déjà conducteur"),
    ],
)
def test_an_invitation_is_checked(client, adele, change, words):
    answer = client.post(f"{ROOT}/personnes/inviter/", NEW | change)
    check(answer, 422)
    assert words in text(answer)
    assert not Message.objects.exists()


def test_where_no_mail_leaves_the_link_is_given_by_hand(client, adele):
    client.post(f"{ROOT}/personnes/inviter/", NEW)
    person = User.objects.get(email="nina@exemple.fr")
    answer = client.post(f"{ROOT}/personnes/{person.pid}/agir/", {"deed": "hand"})
    check(answer)
    address = re.search(r"http://testserver(/connexion/lien/[^\"?]+)", text(answer))[1]
    assert "/connexion/lien/" not in text(client.get(f"{ROOT}/personnes/{person.pid}/")), "shown once"
    deliver_all()
    assert mail.outbox == [], "the link of the message is void, so it does not leave"
    assert Client().post(address, {"password": "une phrase bien à moi"}).url == "/"


def test_an_invitation_is_sent_again_and_withdrawn(client, adele):
    person, old = people.invite(
        adele, Organisation.objects.get(pid="o_valmont"), email="n@ex.fr", name="N", role="agent"
    )
    Token.objects.filter(user=person).update(expires=wall_now() - timedelta(seconds=1))
    assert "expirée" in text(client.get(f"{ROOT}/personnes/{person.pid}/"))
    client.post(f"{ROOT}/personnes/{person.pid}/agir/", {"deed": "send"})
    client.post(f"{ROOT}/personnes/{person.pid}/agir/", {"deed": "send"})
    states = list(Message.objects.order_by("pk").values_list("state", flat=True))
    assert states == [Message.State.CANCELLED, Message.State.WAITING], "a void link does not leave"
    with pytest.raises(Refused):
        actions.consume_link(old)
    assert Token.objects.filter(user=person, expires__gt=wall_now()).count() == 1
    assert (
        client.post(f"{ROOT}/personnes/{person.pid}/agir/", {"deed": "withdraw"}).url == f"{ROOT}/personnes/"
    )
    assert not Message.objects.exclude(state=Message.State.CANCELLED).exists()
    assert not User.objects.filter(pk=person.pk).exists()
    assert last_kind() == "people.invitation_withdrawn"


def test_a_known_account_receives_the_role_and_keeps_its_name(client, adele):
    client.post(f"{ROOT}/personnes/inviter/", NEW | {"email": "rosa@valmont.test", "name": "Autre"})
    rosa = worlds.person("rosa")
    assert rosa.name == "Rosa Martin"
    assert policy.allowed(rosa, "console.see")
    assert not Message.objects.exists()


def test_roles_are_given_limited_and_taken(client, adele):
    denis = worlds.person("denis")
    page = f"{ROOT}/personnes/{denis.pid}/"
    until = (wall_now() + timedelta(days=3)).date()
    form = {"new-role": "agent", "new-organisation": "o_valmont", "new-until": until.isoformat()}
    assert client.post(f"{page}roles/", form).url == page
    held = Membership.objects.get(user=denis, role="agent")
    assert held.until.date() == until
    check(client.post(f"{page}roles/", form), 422)
    client.post(f"{page}roles/{held.pk}/", {"until": ""})
    held.refresh_from_db()
    assert held.until is None
    check(client.post(f"{page}roles/{held.pk}/", {"until": "hier"}), 422)
    client.post(f"{page}roles/{held.pk}/", {"deed": "take"})
    assert not Membership.objects.filter(pk=held.pk).exists()
    assert last_kind() == "people.role_taken"
    check(client.post(f"{page}roles/{held.pk}/", {"deed": "take"}), 404)


def test_a_leaver_is_out_at_once_and_may_come_back(client, adele):
    denis, phone = worlds.person("denis"), Client()
    phone.force_login(denis)
    secret, link = actions.make_token(denis, "appli"), actions.sign_in_link(denis.email)
    assert phone.get("/transport/conducteur/").url.startswith("/transport/conducteur/")
    page = f"{ROOT}/personnes/{denis.pid}/agir/"
    check(client.post(page, {"deed": "leave"}), 422)
    client.post(page, {"deed": "leave", "sure": "yes"})
    assert phone.get("/transport/conducteur/").url.startswith("/connexion/")
    assert actions.bearer(secret) is None
    with pytest.raises(Refused):
        actions.consume_link(link)
    assert not Client().login(email=denis.email, password=worlds.PASSWORD)
    check(client.post(page, {"deed": "leave", "sure": "yes"}), 409)
    client.post(page, {"deed": "return"})
    assert phone.get("/transport/conducteur/").url.startswith("/connexion/"), "the session stays ended"
    assert actions.bearer(secret) is None
    assert Client().login(email=denis.email, password=worlds.PASSWORD)
    check(client.post(page, {"deed": "return"}), 409)
    check(client.post(page, {"deed": "dance"}), 400)


def test_the_last_administrator_cannot_be_lost(client, adele):
    held = Membership.objects.get(user=adele, role="administrator")
    page = f"{ROOT}/personnes/{adele.pid}/"
    later = (wall_now() + timedelta(days=9)).date().isoformat()
    for path, form in (
        (f"{page}roles/{held.pk}/", {"deed": "take"}),
        (f"{page}roles/{held.pk}/", {"until": later}),
        (f"{page}agir/", {"deed": "leave", "sure": "yes"}),
        ("/mon-espace/effacer/", {"sure": "yes"}),
    ):
        answer = client.post(path, form)
        check(answer, 409)
        assert "dernier administrateur" in text(answer)
    home = Organisation.objects.get(pid="o_valmont")
    people.give(adele, "p_diane", home, "administrator", wall_now() + timedelta(days=2))
    check(client.post(f"{page}roles/{held.pk}/", {"deed": "take"}), 409)
    people.give(adele, "p_agathe", home, "administrator")
    assert client.post(f"{page}roles/{held.pk}/", {"deed": "take"}).status_code == 302
    assert not policy.allowed(worlds.person("adele"), "people.manage")


def test_an_administrator_knows_nobody_of_elsewhere(adele):
    other = Organisation.objects.create(name="Ailleurs")
    boss = User.objects.create_user("boss@ailleurs.test", None, name="Boss")
    Membership.objects.create(user=boss, organisation=other, role="administrator")
    with pytest.raises(Unknown):
        people.find(adele, boss.pid)
    with pytest.raises(Forbidden):
        people.invite(adele, other, email="x@ex.fr", name="X", role="agent")
    with pytest.raises(Forbidden):
        organisations.rename(adele, other.pid, "À moi")
    Membership.objects.create(user=worlds.person("denis"), organisation=other, role="driver")
    with pytest.raises(Forbidden, match="autre organisation"):
        people.leave(adele, "p_denis")
    with pytest.raises(Forbidden):
        people.correct(adele, "p_denis", name="Denise", phone="")


def test_coordinates_are_corrected(client, adele):
    page = f"{ROOT}/personnes/p_denis/"
    assert (
        client.post(f"{page}corriger/", {"who-name": "Denis Roux", "who-phone": "06 12 34 56 78"}).url == page
    )
    assert worlds.person("denis").phone == "+33612345678"
    check(client.post(f"{page}corriger/", {"who-name": "", "who-phone": "12"}), 422)


def test_organisations_are_created_and_renamed(client, adele):
    page = f"{ROOT}/organisations/"
    assert client.post(page, {"deed": "create", "name": "Cars du Val", "kind": "operator"}).url == page
    made = Organisation.objects.get(name="Cars du Val")
    assert last_kind() == "organisation.created"
    check(client.post(page, {"deed": "create", "name": "cars du VAL", "kind": "operator"}), 422)
    check(client.post(page, {"deed": "create", "name": "Z", "kind": "royaume"}), 422)
    assert client.post(page, {"pid": made.pid, "name": "Cars du Mont"}).url == page
    made.refresh_from_db()
    assert made.name == "Cars du Mont"
    answer = client.post(page, {"pid": made.pid, "name": "Valmont Mobilités"})
    check(answer, 422)
    assert "s'appelle déjà" in text(answer)
    check(client.post(page, {"pid": "o_none", "name": "X"}), 422)
