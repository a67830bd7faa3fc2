"""The page of clearances: lent, taken back, limited, freed, undone; what the pages of equipment say of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.clock import wall_now
from ressort.services.controlroom.clearances import actions
from ressort.services.controlroom.clearances.models import Clearance, Restriction
from ressort.services.controlroom.equipment import asking
from ressort.services.controlroom.incidents.actions import opening
from tests import worlds
from tests.services.controlroom.clearances.conftest import HOME, NEXT
from tests.services.controlroom.equipment.test_commands import ask
from tests.services.controlroom.equipment.test_pages import sign_in
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
PAGE = "/console/habilitations/"


def form(**more):
    until = localdate(wall_now()) + timedelta(days=20)
    return {
        "owner": HOME, "partner": NEXT, "kinds": ["bollard"], "until": until.isoformat(), "reason": "Marché",
    } | more  # fmt: skip


def text(response):
    return re.sub(r"[\s\u00a0\u202f]+", " ", response.content.decode())


def undone(client, response):
    """Send the form that a message carries to take the deed back; return what the page says then."""
    page = response.content.decode()
    before = page.rpartition("Revenir en arrière")[0]
    form = before[before.rindex("<form") :]
    address = re.search(r'action="([^"]+)"', form)
    assert address, "no way back is offered"
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    fields.pop("csrfmiddlewaretoken", None)
    return client.post(address[1], fields, follow=True)


def test_an_empty_page_teaches(lending, client):
    sign_in(client, lending.adele)
    page = client.get(PAGE)
    check(page)
    said = text(page)
    for words in ("Rien n'est confié", "Aucun partenaire ne vous confie", "Personne n'est limité"):
        assert words in said.replace("&#x27;", "'").replace("’", "'"), words


def test_command_is_lent_taken_back_and_given_back(lending, client):
    sign_in(client, lending.adele)
    page = client.post(f"{PAGE}confier/", form(), follow=True)
    check(page)
    assert "Métropole voisine" in text(page)
    lent = Clearance.objects.get()
    assert (lent.kinds, lent.by) == (["bollard"], "p_adele")
    page = client.post(f"{PAGE}{lent.pid}/retirer/", follow=True)
    check(page)
    assert "Retirée" in text(page)
    page = undone(client, page)
    check(page)
    lent.refresh_from_db()
    assert lent.withdrawn is None
    assert client.post(f"{PAGE}{lent.pid}/rendre/").status_code == 409
    assert client.post(f"{PAGE}{lent.pid}/brûler/").status_code == 404
    assert client.post(f"{PAGE}h_nothing/retirer/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"partner": HOME}, "Choisissez une organisation de la liste"),
        ({"partner": "o_nothing"}, "Choisissez une organisation de la liste"),
        ({"kinds": ["licorne"]}, "Choisissez des classes de la liste"),
        ({"until": "bientôt"}, "15/09/2026"),
        ({"until": "2000-01-01"}, "dans un an"),
        ({"reason": ""}, "Dites pourquoi"),
        ({"reason": "x" * 201}, "200 caractères"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(lending, client, wrong, said):
    sign_in(client, lending.adele)
    page = client.post(f"{PAGE}confier/", form(**wrong))
    check(page, 422)
    assert said in text(page)
    assert not Clearance.objects.exists()


def test_somebody_is_limited_freed_and_limited_again(lending, client):
    sign_in(client, lending.adele)
    given = {
        "organisation": HOME,
        "person": "p_oscar",
        "kinds": ["street_light", "siren"],
        "reason": "Formation",
    }
    page = client.post(f"{PAGE}limiter/", given, follow=True)
    check(page)
    row = Restriction.objects.get()
    assert row.kinds == ["street_light", "siren"]
    page = client.post(f"{PAGE}personnes/{row.pk}/lever/", follow=True)
    assert not Restriction.objects.exists()
    undone(client, page)
    again = Restriction.objects.get()
    assert (again.kinds, again.reason, again.user.pid) == (["street_light", "siren"], "Formation", "p_oscar")
    check(client.post(f"{PAGE}limiter/", given | {"kinds": []}), 422)
    check(client.post(f"{PAGE}limiter/", given | {"person": "p_paula"}), 422)
    assert client.post(f"{PAGE}personnes/999/lever/").status_code == 404


def test_an_administrator_of_the_partner_reads_what_is_lent_to_them(lending, client):
    chief = User.objects.create_user("chef@voisine.test", name="Chef", pid="p_chef")
    Membership.objects.create(user=chief, organisation=lending.next, role="administrator")
    lent = lending.lend("bollard")
    sign_in(client, chief)
    page = client.get(PAGE)
    check(page)
    assert "Valmont Mobilités" in text(page)
    assert f"{lent.pid}/retirer" not in page.content.decode()
    assert client.post(f"{PAGE}{lent.pid}/retirer/").status_code == 403
    assert client.post(f"{PAGE}confier/", form()).status_code == 422


def test_somebody_who_manages_two_organisations_chooses_whose(lending, client):
    Membership.objects.create(user=lending.adele, organisation=lending.next, role="administrator")
    sign_in(client, lending.adele)
    page = client.get(PAGE)
    check(page)
    assert 'id="confier-owner"' in page.content.decode()
    check(client.post(f"{PAGE}confier/", form(owner=NEXT, partner=NEXT)), 422)
    assert client.post(f"{PAGE}confier/", form(owner=NEXT, partner=HOME)).status_code == 302


def test_only_administrators_open_it(lending, client):
    for user in (lending.street.oscar, lending.paula, worlds.person("diane"), worlds.person("rosa")):
        sign_in(client, user)
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}confier/", form()).status_code == 403
        assert "habilitations" not in client.get("/console/", follow=True).content.decode()


def test_the_page_of_equipment_says_under_which_clearance_or_why_not(lending, client):
    post = lending.street.asset("borne-1")
    path = f"/console/poste/equipements/{post.pid}/"
    sign_in(client, lending.paula)
    page = client.get(path)
    check(page)
    assert "qui ne vous en a pas confié la commande" in text(page)
    assert "ordre-lower" not in page.content.decode()
    lent = lending.lend("bollard")
    page = client.get(path)
    check(page)
    assert "habilitation de Valmont Mobilités, jusqu" in text(page)
    assert "Marché du samedi" in text(page)
    assert "ordre-lower" in page.content.decode()
    assert client.post(f"{path}commandes/lower/", {"lower-reason": "Livraison"}).status_code == 302
    lending.end(lent)
    assert "arrêtait le" in text(client.get(path))
    late = client.post(f"{path}commandes/lower/", {"lower-reason": "Livraison"})
    assert late.status_code == 403
    assert "arrêtait le" in text(late)


def test_the_commands_page_offers_only_what_one_may(lending, client):
    waits = ask(lending.street, "borne-1", "raise")
    sign_in(client, lending.paula)
    shown = f"{waits.pid}/approuver"
    page = client.get("/console/poste/commandes/")
    check(page)
    assert shown not in page.content.decode()
    lending.lend()
    assert shown in client.get("/console/poste/commandes/").content.decode()
    assert client.post(f"/console/poste/commandes/{waits.pid}/approuver/").status_code == 302


def test_the_page_bounds_its_queries(lending, client, django_assert_max_num_queries):
    now = wall_now()
    for number in range(40):
        other = Organisation.objects.create(pid=f"o_{number}", name=f"Organisation {number}")
        Clearance.objects.create(
            owner=lending.home, partner=other, kinds=[], reason="x", since=now, until=now + timedelta(days=number),
            by="p_adele",
        )  # fmt: skip
    actions.limit(lending.adele, HOME, "p_oscar", ["bollard"], "x")
    sign_in(client, lending.adele)
    client.get(PAGE)
    with django_assert_max_num_queries(22):
        check(client.get(PAGE))


def test_an_observer_opens_what_they_see_and_posts_nothing(lending, client):
    town = lending.home
    solene = User.objects.create_user("solene@valmont.test", name="Solène Martin", pid="p_solene")
    Membership.objects.create(user=solene, organisation=town, role="observer")
    number = opening.open_incident(
        lending.street.oscar, opening.Draft("Fuite", "water", "normal", "Rue X", None, None)
    ).number
    waits = ask(lending.street, "borne-1", "raise")
    post = lending.street.asset("borne-1")
    sign_in(client, solene)
    home = client.get("/console/")
    assert "À suivre maintenant" in text(home)
    assert "Fuite" in text(home)
    for path in (
        "/console/poste/", "/console/poste/equipements/", f"/console/poste/equipements/{post.pid}/", "/console/alarmes/",
        "/console/incidents/", f"/console/incidents/{number}/", "/console/rejeu/", "/console/situations/",
    ):  # fmt: skip
        page = client.get(path)
        assert page.status_code == 200, path
        main = page.content.decode().split("<main")[1]
        assert (
            'method="post"' not in main.replace("/visite/", "").split("</main")[0]
            or path == "/console/rejeu/"
        ), path
    for path in (
        "/console/poste/commandes/", "/console/signalements/", "/console/transport/", "/console/interventions/",
        "/console/habilitations/", "/console/plan/", "/console/administration/personnes/",
    ):  # fmt: skip
        assert client.get(path).status_code == 403, path
    for path in (
        f"/console/poste/equipements/{post.pid}/commandes/lower/", f"/console/poste/commandes/{waits.pid}/approuver/",
        f"/console/poste/equipements/{post.pid}/entretien/", "/console/poste/urgence/",
        f"/console/incidents/{number}/faire/prendre/",
    ):  # fmt: skip
        assert client.post(path).status_code == 403, path
    assert asking.find(waits.pid).state == "drafted"
