"""The guided tour: proposed once per role, a few steps on real pages, closed and taken again."""

import re

import pytest
from django.urls import reverse

from ressort.core import registry
from ressort.core.accounts import policy
from ressort.core.accounts.models import Membership, Role, User
from ressort.core.journal.models import Event
from ressort.web import tours
from tests import worlds

pytestmark = pytest.mark.django_db
PEOPLE = {
    "rider": "rosa",
    "driver": "denis",
    "agent": "agathe",
    "dispatcher": "diane",
    "operator": "oscar",
    "administrator": "adele",
    "observer": "solene",
}
CARD = "Découvrir en 2 minutes"


def stages(client, role):
    if role == "operator":
        worlds.reports()
    if role == "observer":
        solene = User.objects.create_user("solene@valmont.test", name="Solène Martin", pid="p_solene")
        Membership.objects.create(user=solene, organisation=rosa_works_at(), role=Role.OBSERVER)
    client.force_login(worlds.person(PEOPLE[role]))
    page = client.get("/mon-espace/").content.decode()
    listed = page.split('<ol class="tour-steps">')[1].split("</ol>")[0]
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', listed)]


@pytest.mark.parametrize("role", PEOPLE)
def test_every_step_opens_its_page_and_highlights_what_is_there(still_clock, client, role):
    links = stages(client, role)
    assert 4 <= len(links) <= 6
    for number, link in enumerate(links, 1):
        address, _, anchor = link.partition("#")
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, link
        page = answer.content.decode()
        assert f"étape {number} sur {len(links)}" in page, link
        assert CARD not in page, "the bar replaces the card"
        assert not anchor or f'id="{anchor}"' in page, link
        assert ("Suivante" in page, "Terminer la visite" in page) == (
            number < len(links),
            number == len(links),
        )
        assert ("Précédente" in page) == (number > 1)


def test_nobody_is_proposed_a_tour_before_signing_in(still_clock, client):
    assert CARD not in client.get("/").content.decode()
    assert "Visite guidée" not in client.get("/?visite=1").content.decode()
    assert client.post("/visite/", {"deed": "close"}).status_code in {302, 401, 403}
    assert not Event.objects.filter(kind="account.toured").exists()


def test_closing_is_remembered_and_undone_from_the_account(still_clock, client):
    client.force_login(worlds.person("rosa"))
    assert CARD in client.get("/").content.decode()
    closed = client.post("/visite/", {"deed": "close", "next": "/transport/"}, follow=True)
    assert closed.redirect_chain == [("/transport/", 302)]
    assert "Visite refermée" in closed.content.decode()
    client.post("/visite/", {"deed": "close"})
    assert Event.objects.filter(kind="account.toured").count() == 1, "twice is once"
    assert CARD not in client.get("/").content.decode()
    assert "Reprendre la visite guidée" in client.get("/mon-espace/").content.decode()
    again = client.post("/visite/", {"deed": "start"})
    assert again.url.startswith("/transport/?visite=1")
    assert CARD in client.get("/").content.decode()
    assert Event.objects.filter(kind="account.toured").count() == 2


def test_a_new_role_brings_its_own_tour(still_clock, client):
    rosa = worlds.person("rosa")
    client.force_login(rosa)
    client.post("/visite/", {"deed": "close"})
    Membership.objects.create(user=rosa, organisation=rosa_works_at(), role=Role.AGENT)
    page = client.get("/").content.decode()
    assert CARD in page
    assert "Réserver pour quelqu" in page


def rosa_works_at():
    from ressort.core.accounts.models import Organisation

    return Organisation.objects.get(pid="o_valmont")


def test_somebody_with_several_roles_is_shown_the_foremost(still_clock, rf):
    diane = worlds.person("diane")
    Membership.objects.create(user=diane, organisation=rosa_works_at(), role=Role.DRIVER)
    request = rf.get("/")
    request.user = User.objects.get(pk=diane.pk)
    assert tours.of(request).role == "dispatcher"


@pytest.mark.parametrize("typed", ["0", "99", "-1", "x", "<script>", "1" * 500])
def test_a_step_that_does_not_exist_is_the_page_alone(still_clock, client, typed):
    client.force_login(worlds.person("rosa"))
    answer = client.get("/transport/", {"visite": typed})
    assert answer.status_code == 200
    assert "Visite guidée" not in answer.content.decode()


@pytest.mark.parametrize("deed", ["", "burn"])
def test_an_unknown_deed_is_refused_in_words(still_clock, client, deed):
    client.force_login(worlds.person("rosa"))
    answer = client.post("/visite/", {"deed": deed})
    assert answer.status_code in {400, 422}
    assert "reprenez-la" in answer.content.decode()
    assert client.get("/visite/").status_code == 405


def test_the_driver_s_page_keeps_the_step_on_its_way_to_the_tour(still_clock, client):
    client.force_login(worlds.person("denis"))
    assert client.get("/transport/conducteur/?visite=2").url.endswith("/?visite=2")


def test_the_card_costs_no_query(still_clock, client, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(worlds.person("diane"))
    client.get("/mon-espace/")
    with CaptureQueriesContext(
        connection,
    ) as before:
        client.get("/mon-espace/")
    User.objects.filter(pid="p_diane").update(toured="dispatcher")
    with django_assert_num_queries(len(before)):
        client.get("/mon-espace/")


def test_the_house_and_the_services_declare_steps_that_exist():
    declared = [(role, step) for role, steps in tours.HOUSE.items() for step in steps]
    declared += [(r, s) for one in registry.services() for r, steps in one.tours.items() for s in steps]
    for role, step in declared:
        assert role in Role.values
        assert step.verb in policy.table()
        assert reverse(step.url)
        assert len(str(step.sentence)) < 130, step.sentence


def test_the_keys_dialog_starts_it_again(still_clock, client):
    client.force_login(worlds.person("diane"))
    assert "Reprendre la visite guidée" in client.get("/console/").content.decode()
