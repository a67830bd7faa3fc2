"""A few devices with what they said: now, earlier today, and long ago."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from ressort.core.accounts import actions as accounts
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.intake import catalogue, keeping
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.models import Block, Device, Series
from ressort.core.intake.observing import observe
from ressort.services.controlroom.equipment.models import Asset
from tests import worlds

AIR = (Spec("no2", unit="µg/m³", low=0, high=1000), Spec("temperature", unit="°C"), Spec("door", "flag"))
POST = Spec("position", "choice", choices=("up", "down", "moving"))


@pytest.fixture
def sta(still_clock) -> SimpleNamespace:
    """Return the city's sensors: two air stations, a bollard, and the keys of those who read and send."""
    adele = worlds.person("adele")
    town = Organisation.objects.get(pid="o_valmont")
    oscar = User.objects.create_user("oscar@valmont.test", worlds.PASSWORD, name="Oscar Vidal", pid="p_oscar")
    Membership.objects.create(user=oscar, organisation=town, role="operator")
    _gateway, secret = catalogue.provision(adele, "gw-1")
    for code, specs in (("air-1", AIR), ("air-2", AIR[:2]), ("post-1", (POST,))):
        catalogue.provision(adele, code, gateway="gw-1" if code != "air-2" else "")
        catalogue.declare_series(adele, code, specs)
    for code, name, lon, lat in (
        ("air-1", "Place d'Armes", 5.04, 47.32),
        ("post-1", "Borne Nord", 5.1, 47.4),
    ):
        Asset.objects.create(code=code, kind="air_sensor", name=name, lon=lon, lat=lat, organisation=town,
                             device=Device.objects.get(code=code))  # fmt: skip
    series = {f"{one.device.code}/{one.observed}": one.pk for one in Series.objects.select_related("device")}
    return SimpleNamespace(
        now=still_clock, gateway=secret, key=accounts.make_token(oscar, "essai"), oscar=oscar, series=series
    )


def said(value, at, device="air-1", name="no2", **more):
    """Return an observation."""
    return {"device": device, "property": name, "value": value, "at": at, **more}


@pytest.fixture
def history(sta) -> SimpleNamespace:
    """Five hours of minutes of one series, most of them packed; others have little; one hour kept only its mean."""
    start = sta.now - timedelta(hours=5)
    batch = []
    for minute in range(301):
        at = start + timedelta(minutes=minute)
        batch.append(said(minute % 50, at))
        if minute % 100 == 0:
            batch += [said("down", at, "post-1", "position"), said(minute % 200 == 0, at, name="door"),
                      said(20.5, at, "air-2", "temperature", quality="doubtful")]  # fmt: skip
    observe(batch)
    keeping.pack()
    first = Block.objects.filter(series=sta.series["air-1/no2"]).order_by("hour")[0]
    Block.objects.filter(series=first.series_id, hour=first.hour).update(body=b"")
    sta.start = start
    return sta


@pytest.fixture
def ask(sta):
    """Return a function that asks as a program with a person's key: ``ask("Things", **{"$top": 2})``."""
    client = Client(headers={"authorization": f"Bearer {sta.key}"})

    def asked(path, expected=200, /, **query):
        answer = client.get(path if path.startswith("http") else f"/sta/v1.1/{path}", query or None)
        assert answer.status_code == expected, answer.content
        return answer.json()

    asked.client = client
    return asked
