"""What can be undone says so, and its way back is an action like another."""

from __future__ import annotations

import re

import pytest

from ressort.core.accounts.models import Membership
from ressort.core.fleet.models import Vehicle
from ressort.core.territory.models import Place
from tests import worlds

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"
ROOT = "/console/administration"


@pytest.fixture
def adele(client):
    client.force_login(worlds.person("adele"), backend=BACKEND)
    return client


def back(answer) -> tuple[str, dict[str, str]]:
    """Return the form of the way back on a page: where it goes, and what it posts."""
    page = answer.content.decode()
    form = re.search(
        r'<form method="post" action="([^"]+)">(?:(?!</form>).)*Revenir en arrière', page, re.DOTALL
    )
    assert form, "no way back on this page"
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[0]))
    fields.pop("csrfmiddlewaretoken")
    return form[1], fields


def test_a_stop_changed_by_mistake_is_put_back(adele, still_clock):
    stop = Place.objects.filter(kind="stop").first()
    page = f"{ROOT}/arrets/{stop.public_id}/"
    form = {"name": "Autre nom", "kind": "stop", "lon": stop.lon, "lat": stop.lat, "accessible": "yes"}
    url, fields = back(adele.post(page, form, follow=True))
    changed = Place.objects.get(pk=stop.pk)
    assert (changed.name, changed.active) == ("Autre nom", False)
    assert url == page
    adele.post(url, fields)
    again = Place.objects.get(pk=stop.pk)
    assert (again.name, again.active, again.accessible) == (stop.name, True, stop.accessible)
    assert (again.lon, again.lat) == pytest.approx((stop.lon, stop.lat), abs=1e-6)


def test_a_vehicle_put_out_of_service_by_mistake_comes_back(adele, still_clock):
    van = Vehicle.objects.get(name="Van 1")
    page = f"{ROOT}/vehicules/{van.pid}/"
    form = {"name": "Van 1", "seats": "2", "wheelchairs": "0", "luggage": "0", "energy": "diesel", "range_km": "100",
            "depot": str(van.depot.public_id), "organisation": "o_valmont"}  # fmt: skip
    url, fields = back(adele.post(page, form, follow=True))
    assert not Vehicle.objects.get(pk=van.pk).active
    adele.post(url, fields)
    again = Vehicle.objects.get(pk=van.pk)
    assert (again.seats, again.active, again.luggage) == (van.seats, True, van.luggage)


def test_a_role_withdrawn_by_mistake_is_given_back(adele):
    denis = worlds.person("denis")
    held = Membership.objects.get(user=denis)
    page = f"{ROOT}/personnes/{denis.pid}/roles/{held.pk}/"
    url, fields = back(adele.post(page, {"deed": "take"}, follow=True))
    assert not Membership.objects.filter(user=denis).exists()
    adele.post(url, fields)
    assert Membership.objects.get(user=denis).role == held.role


def test_somebody_sent_away_by_mistake_comes_back(adele):
    denis = worlds.person("denis")
    url, fields = back(
        adele.post(f"{ROOT}/personnes/{denis.pid}/agir/", {"deed": "leave", "sure": "yes"}, follow=True)
    )
    adele.post(url, fields)
    denis.refresh_from_db()
    assert denis.is_active


def test_a_hostile_name_in_a_way_back_stays_text(adele, still_clock):
    stop = Place.objects.filter(kind="stop").first()
    Place.objects.filter(pk=stop.pk).update(name='"><script>alert(1)</script>')
    page = f"{ROOT}/arrets/{stop.public_id}/"
    form = {"name": "Sage", "kind": "stop", "lon": stop.lon, "lat": stop.lat, "active": "on"}
    assert b"<script>alert(1)" not in adele.post(page, form, follow=True).content
