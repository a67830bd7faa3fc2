"""Offerings follow one another: drafted from the last, checked, published, withdrawn; zones get virtual stops."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ressort.core.errors import Forbidden, Refused
from ressort.core.fleet import planning
from ressort.core.network import matrices
from ressort.core.territory.models import Area
from ressort.engines import geodesy
from ressort.services.transport.actions import asking, offerings
from ressort.services.transport.models import Offering
from tests import worlds
from tests.services.transport.test_booking import NOBODY, wish

pytestmark = pytest.mark.django_db


def zone() -> Area:
    (west, south), (east, north) = worlds.at(-0.5, -0.5), worlds.at(7.5, 7.5)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return Area.objects.create(
        kind="service", name="Valmont", geometry=json.dumps({"type": "Polygon", "coordinates": [ring]})
    )


def test_the_next_version_is_a_draft_until_published(still_clock):
    adele = worlds.person("adele")
    old = Offering.objects.get()
    draft = offerings.next_version(adele, old.pk)
    assert (draft.version, draft.state, draft.places.count()) == (2, "draft", old.places.count())
    draft.price_cents = 250
    draft.save()
    assert asking.ask(NOBODY, wish()).offering == old
    offerings.publish(adele, draft.pk)
    answer = asking.ask(NOBODY, wish())
    assert answer.offering == draft
    assert answer.offers[0]["price_cents"] == 250
    offerings.withdraw(adele, draft.pk)
    assert asking.ask(NOBODY, wish()).offering == old


def test_only_the_administrator_of_the_organisation_publishes(still_clock):
    old = Offering.objects.get()
    for name in ("rosa", "denis", "diane"):
        with pytest.raises(Forbidden):
            offerings.next_version(worlds.person(name), old.pk)


@pytest.mark.parametrize("change", ["places", "vehicles", "hours", "dates", "state"])
def test_what_is_incomplete_is_not_published_and_says_why(still_clock, change):
    adele = worlds.person("adele")
    draft = offerings.next_version(adele, Offering.objects.get().pk)
    if change == "dates":
        Offering.objects.filter(pk=draft.pk).update(valid_to=draft.valid_from - timedelta(days=1))
    elif change == "state":
        offerings.publish(adele, draft.pk)
    elif change == "hours":
        draft.hours.all().delete()
    else:
        getattr(draft, change).clear()
    with pytest.raises(Refused, match="ne peut pas être publiée"):
        offerings.publish(adele, draft.pk)


def test_a_zone_gets_virtual_stops_apart_and_can_be_ridden(still_clock):
    adele = worlds.person("adele")
    draft = offerings.next_version(adele, Offering.objects.get().pk)
    made = offerings.virtual_stops(adele, draft.pk, zone())
    assert len(made) >= 8
    for one in made:
        for other in made:
            if one.pk != other.pk:
                assert geodesy.distance(one.lon, one.lat, other.lon, other.lat) >= offerings.SPACING
    offerings.publish(adele, draft.pk)
    matrices.rebuild([(lon, lat) for _, lon, lat in planning.planning_places()], planning.PROFILE)
    planning.forget()
    answer = asking.ask(NOBODY, wish())
    assert answer.offers
    assert {answer.offers[0]["pickup"], answer.offers[0]["dropoff"]} <= {stop.pk for stop in made}
    with pytest.raises(Refused, match="ne se modifie pas"):
        offerings.virtual_stops(adele, draft.pk, zone())
