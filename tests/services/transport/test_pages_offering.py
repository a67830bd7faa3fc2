"""Offerings by their forms: drafted, compared with what is in force, published, withdrawn, thrown away."""

import pytest

from ressort.core.accounts.models import Membership, Organisation
from ressort.core.errors import Refused
from ressort.core.journal.models import Event
from ressort.core.territory.models import Place
from ressort.services.transport.actions import offerings
from ressort.services.transport.forms_offering import OfferingForm, read_hours, write_hours
from ressort.services.transport.models import Hours, Offering
from tests import worlds
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
LIST = "/console/transport/offre/"


@pytest.fixture
def adele(client, still_clock):
    found = worlds.person("adele")
    client.force_login(found)
    return found


@pytest.fixture
def draft(adele):
    return offerings.next_version(adele, Offering.objects.get().pk)


def filled(draft, **change):
    """What a browser sends of the form as it is shown."""
    form = OfferingForm.of(draft)
    sent = {}
    for bound in form:
        value = bound.value()
        if value is None:
            value = ""
        sent[bound.html_name] = (
            bound.field.prepare_value(value) if not hasattr(value, "isoformat") else value.isoformat()
        )
    return sent | change


def text(answer):
    return answer.content.decode().replace("&#x27;", "'")


def test_the_next_version_is_changed_compared_and_published(client, adele):
    old = Offering.objects.get()
    page = text(client.get(LIST))
    assert "Préparer la version suivante" in page
    answer = client.post(f"{LIST}{old.pk}/suivante/")
    draft = Offering.objects.get(version=2)
    assert answer.url == f"{LIST}{draft.pk}/"
    page = client.get(answer.url)
    check(page)
    assert "la même chose" in text(page)
    kept = [str(place.pk) for place in Place.objects.filter(kind="stop")[:5]]
    change = {
        "price": "2,50",
        "day_5": "8:00-12:00, 14:00-18:30",
        "walk_m": "600",
        "wait_s": "20",
        "all_places": "some",
        "places": kept,
        "riders": "registered",
    }
    assert client.post(answer.url, filled(draft, **change)).url == answer.url
    page = text(client.get(answer.url))
    for words in ("2,50", "08:00-12:00, 14:00-18:30", "fermé", "personnes inscrites", "12", "5 :"):
        assert words in page
    draft.refresh_from_db()
    assert (draft.price_cents, draft.wait_s, draft.places.count(), draft.hours.filter(day=5).count()) == (
        250,
        1200,
        5,
        2,
    )
    assert Event.objects.order_by("-seq")[0].kind == "transport.offering.changed"
    assert client.post(f"{LIST}{draft.pk}/publier/").url == LIST
    draft.refresh_from_db()
    assert draft.state == "published"
    assert client.get(f"{LIST}{draft.pk}/").url == LIST
    check(client.post(f"{LIST}{draft.pk}/retirer/"), 422)
    client.post(f"{LIST}{draft.pk}/retirer/", {"sure": "yes"})
    draft.refresh_from_db()
    assert draft.state == "withdrawn"


def test_saving_what_is_shown_changes_nothing(client, draft):
    before = {
        key: getattr(draft, key)
        for key in ("price_cents", "wait_s", "walk_m", "ride_factor", "valid_from", "riders")
    }
    hours = sorted(draft.hours.values_list("day", "opens", "closes"))
    assert client.post(f"{LIST}{draft.pk}/", filled(draft)).status_code == 302
    draft.refresh_from_db()
    assert {key: getattr(draft, key) for key in before} == before
    assert sorted(draft.hours.values_list("day", "opens", "closes")) == hours
    assert draft.vehicles.count() == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"valid_from": ""}, "premier jour"),
        ({"valid_from": "demain"}, "Écrivez la date"),
        ({"price": "cher"}, "nombre"),
        ({"price": "500"}, "De 0 à 20000"),
        ({"walk_m": "9999"}, "De 0 à 5000"),
        ({"passengers_max": "0"}, "De 1 à 30"),
        ({"ride_factor": "9"}, "De 1 à 5"),
        ({"day_0": "toute la journée"}, "Écrivez les heures ainsi"),
        ({"day_0": "6:00-12:00, 11:00-14:00"}, "se chevauchent"),
        ({"riders": "nobility"}, "nobility"),
    ],
)
def test_a_draft_is_checked(client, draft, change, words):
    answer = client.post(f"{LIST}{draft.pk}/", filled(draft, **change))
    check(answer, 422)
    assert words in text(answer)


def test_a_new_offering_starts_from_its_name(client, adele):
    check(client.get(f"{LIST}nouvelle/"))
    answer = client.post(f"{LIST}nouvelle/", {"name": "Navette", "organisation": "o_valmont"})
    made = Offering.objects.get(name="Navette")
    assert answer.url == f"{LIST}{made.pk}/"
    page = client.get(answer.url)
    check(page)
    assert "Aucune version de cette offre n'est en vigueur" in text(page)
    check(client.post(f"{LIST}{made.pk}/publier/"), 409)
    answer = client.post(f"{LIST}nouvelle/", {"name": "navette", "organisation": "o_valmont"})
    check(answer, 422)
    assert "version suivante" in text(answer)
    check(client.post(f"{LIST}nouvelle/", {"name": "X", "organisation": "o_none"}), 422)


def test_a_draft_is_thrown_away_and_a_published_version_is_not(client, draft):
    assert client.post(f"{LIST}{draft.pk}/abandonner/").url == LIST
    assert not Offering.objects.filter(pk=draft.pk).exists()
    check(client.post(f"{LIST}{Offering.objects.get().pk}/abandonner/"), 409)
    check(client.post(f"{LIST}{Offering.objects.get().pk}/danser/"), 404)
    check(client.get(f"{LIST}999/"), 404)


def test_forms_are_the_administrators_of_the_organisation(client, draft):
    client.force_login(worlds.person("diane"))
    page = text(client.get(LIST))
    assert "Préparer la version suivante" not in page
    check(client.get(f"{LIST}{draft.pk}/"), 403)
    check(client.post(f"{LIST}{draft.pk}/publier/"), 403)
    other = Organisation.objects.create(name="Ailleurs")
    Membership.objects.create(user=worlds.person("diane"), organisation=other, role="administrator")
    check(client.get(f"{LIST}{draft.pk}/"), 403)
    with pytest.raises(Refused):
        offerings.draft(worlds.person("diane"), Organisation.objects.get(pid="o_valmont"), "X")


def test_the_pages_ask_the_database_little(client, draft, django_assert_max_num_queries):
    for path in (LIST, f"{LIST}{draft.pk}/", f"{LIST}nouvelle/"):
        with django_assert_max_num_queries(26):
            client.get(path)


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("", []),
        ("6:30-12:00", [(390, 720)]),
        ("6h-12h et 14h30 à 19h", [(360, 720), (870, 1140)]),
        ("18:00-01:00", [(1080, 1500)]),
        ("08:00–24:00", [(480, 1440)]),
    ],
)
def test_hours_are_read_as_people_write_them(typed, spans):
    assert read_hours(typed, "day_0") == spans
    assert read_hours(write_hours(spans), "day_0") == spans


def test_a_holiday_is_a_day_of_its_own(client, draft):
    client.post(f"{LIST}{draft.pk}/", filled(draft, day_7="9:00-12:00"))
    assert draft.hours.get(day=Hours.Day.HOLIDAY).opens == 540
