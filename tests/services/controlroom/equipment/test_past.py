"""The equipment and its commands at a past moment: what a screen showed then is what it shows again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.intake import keeping
from ressort.services.controlroom.equipment import asking, past, queries, registering
from ressort.services.controlroom.equipment.models import Asset, Command
from tests import worlds
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"


def said(found: dict) -> dict[str, tuple[str, str]]:
    return {
        f["properties"]["name"]: (f["properties"]["state"], f["properties"]["label"])
        for f in found["features"]
    }


def test_every_moment_is_shown_as_it_was(street):
    """Live pictures are kept while things happen, then each moment is opened again and compared."""
    seen = []

    def look() -> None:
        # devices answer within the second of the step that woke them
        seen.append((street.service + timedelta(milliseconds=999), said(queries.geojson())))

    street.later(2)
    look()
    asking.ask(street.oscar, street.asset("lampe-1").pid, "dim", reason="essai", params={"level": 30})
    for _ in range(4):
        street.later(2)
        look()
    street.fault("lampe-1", "silent")
    street.later(5)
    registering.upkeep(street.oscar, street.asset("borne-1").pid, Asset.Upkeep.MAINTENANCE)
    look()
    street.service += timedelta(minutes=30)
    street.later(1)
    look()
    assert len({str(picture) for _, picture in seen}) >= 3
    for at, picture in seen:
        assert said(queries.geojson(at=at)) == picture, at
    clock.simulate(street.service + timedelta(hours=5), rate=0)
    assert keeping.pack()  # hours that are over are read from their packed form
    for at, picture in seen:
        assert said(queries.geojson(at=at)) == picture, at


def test_a_command_is_told_as_it_stood(street):
    asking.ask(street.oscar, street.asset("lampe-1").pid, "dim", reason="essai", params={"level": 30})
    asked = street.service
    street.later(20)
    assert Command.objects.get().state == Command.State.CONFIRMED
    assert [*past.then(street.oscar, asked - timedelta(seconds=1))] == []
    before, after = ([*past.then(street.oscar, at)] for at in (asked, street.service))
    assert [task.tone for task in before] == ["warn"]
    assert [task.note for task in after] == ["confirmée par l'équipement"]
    assert "lampe-1" in after[0].label
    assert [*past.then(street.oscar, street.service + past.RECENT + timedelta(minutes=1))] == []
    assert [*past.then(worlds.person("rosa"), street.service)] == []


def test_programs_and_panels_ask_for_a_moment(client, street):
    client.force_login(street.oscar, backend=BACKEND)
    street.later(2)
    start = street.service
    asking.ask(street.oscar, street.asset("lampe-1").pid, "dim", reason="essai", params={"level": 30})
    street.later(20)
    path = "/api/v1/controlroom/equipment.geojson"
    then = json.loads(client.get(path, {"kind": "street_light", "at": start.isoformat()}).content)
    now = json.loads(client.get(path, {"kind": "street_light"}).content)
    ahead = client.get(path, {"kind": "street_light", "at": (street.service + timedelta(days=9)).isoformat()})
    assert said(then) != said(now) == said(json.loads(ahead.content))
    assert client.get(path, {"at": "hier"}).status_code == 422
    panel = then["features"][0]["properties"]["panel"]
    page = client.get(panel)
    check(page)
    assert "0 W" in page.content.decode()
    check(client.get(panel.split("?")[0] + f"?a={int(start.timestamp()) - 10 * 86400}"))
    check(client.get(panel.split("?")[0] + "?a=x"), 422)
