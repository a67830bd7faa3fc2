"""What riders are told: each message once, in their language, on one SMS, about their own trip alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from ressort.core import clock
from ressort.core.notify import gsm, sending
from ressort.core.notify.models import Message
from ressort.services.transport.actions import asking, booking
from ressort.services.transport.messages import MESSAGES, Told
from ressort.services.transport.models import Demand
from ressort.services.transport.wishes import Spot, Wish
from tests import worlds

pytestmark = pytest.mark.django_db
GUEST = AnonymousUser()


def spot(column: float, row: float) -> Spot:
    lon, lat = worlds.at(column, row)
    return Spot(lon, lat, f"{column}/{row}")


def book(
    user=GUEST, *, phone="06 12 34 56 78", email="", minutes=45, origin=Demand.Origin.PORTAL, replaces=None
):
    wish = Wish(spot(0.2, 0), spot(6.9, 7), clock.service_now() + timedelta(minutes=minutes))
    demand = asking.ask(user, wish, origin=origin, replaces=replaces)
    return booking.accept(user, demand.pid, 0, booking.Rider("Rosa Martin", phone, email))


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = "https://mobilites.valmont.example"
    settings.TERRITORY_NAME = "Valmont Mobilités"


def told(*kinds):
    rows = Message.objects.order_by("pk")
    return list(rows.filter(kind__in=[f"transport.{kind}" for kind in kinds]) if kinds else rows)


# ------------------------------------------------------------------ the words


LONG = "Place du Général-de-Gaulle – Hôtel de ville et médiathèque François-Mitterrand"


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("state", ["accepted", "aboard", "broken"])
@pytest.mark.parametrize("by", ["rider", "staff"])
def test_every_kind_renders_in_both_languages(still_clock, kind, language, state, by):
    made = book()
    made.promise.pickup.name = LONG
    made.state = state
    context = Told(made, made.promise.pickup_from, made.promise.dropoff_until, by=by, replaces=True)
    by_channel = {}
    for number, to in enumerate(
        (sending.Recipient.guest(phone="+33612345678", language=language),
         sending.Recipient.guest(email="rosa@exemple.fr", language=language))
    ):  # fmt: skip
        for row in sending.send(
            kind.name, key=f"k{number}", to=to, subject=made.pid, context=context, urgent=True
        ):
            by_channel[row.channel] = row
    assert by_channel
    for row in by_channel.values():
        words = f"{row.title}\n{row.body}"
        assert "%(" not in words
        assert "{" not in words
        assert row.title
        assert "Valmont Mobilités" in row.body  # who writes
        assert "https://mobilites.valmont.example/" in row.body  # where to go on
        assert made.code in row.body
        assert "Rosa" not in words  # nobody's name travels
    if "sms" in by_channel:
        body = by_channel["sms"].body
        assert gsm.places(body) <= 160
        assert body.endswith(f"https://mobilites.valmont.example/s/{made.code}")


def test_an_english_message_has_no_french_left(still_clock):
    made = book()
    found = {}
    for language in ("fr", "en"):
        to = sending.Recipient.guest(email="rosa@exemple.fr", language=language)
        context = Told(made, made.promise.pickup_from, made.promise.dropoff_until)
        found[language] = sending.send("transport.booked", key=language, to=to, context=context)[0]
    lines = {language: set(row.body.split("\n\n")) for language, row in found.items()}
    assert lines["fr"] & lines["en"] == {"Valmont Mobilités"}
    assert "Tuesday 15\u00a0September" in found["en"].body
    assert "mardi\u00a015\u00a0septembre" in found["fr"].body
