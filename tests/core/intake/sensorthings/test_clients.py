"""``frost_sta_client`` as it is on PyPI, on a live server: what it lists, reads, pages, expands and creates."""

from __future__ import annotations

import json
from datetime import timedelta

import frost_sta_client as fsc
import pytest
import requests

from ressort.core.clock import wall_now
from ressort.core.intake.models import Quarantine, Sample
from tests.live import serving

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:furl.pathstr:DeprecationWarning"),  # the client's own
]


@pytest.fixture
def server(history, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    with serving() as address:
        yield f"{address}/sta/v1.1"


@pytest.fixture
def service(server, history):
    """The client of somebody who may see observations."""
    return fsc.SensorThingsService(server, auth_handler=fsc.AuthHandler("essai", history.key))


@pytest.fixture
def gateway(server, history):
    """The client of a gateway."""
    return fsc.SensorThingsService(server, auth_handler=fsc.AuthHandler("gw-1", history.gateway))


def test_things_and_what_they_lead_to(service):
    things = service.things().query().list()
    assert sorted(thing.id for thing in things) == ["air-1", "air-2", "gw-1", "post-1"]
    thing = service.things().find("air-1")
    assert thing.name == "Place d'Armes"
    assert sorted(one.name for one in thing.get_datastreams().query().list()) == [
        "air-1/door", "air-1/no2", "air-1/temperature",
    ]  # fmt: skip
    (place,) = thing.get_locations().query().list().entities
    assert place.location == {"type": "Point", "coordinates": [5.04, 47.32]}
    assert list(thing.get_historical_locations().query().list()) == []


def test_a_datastream_with_its_unit_and_observations(service, history):
    stream = service.datastreams().find(history.series["air-1/no2"])
    assert stream.unit_of_measurement.symbol == "µg/m³"
    assert stream.observed_area == {"type": "Point", "coordinates": [5.04, 47.32]}
    assert stream == service.datastreams().find("air-1/no2")
    found = stream.get_observations().query().filter("result eq 7").list()
    assert {one.result for one in found} == {7}


def test_pages_are_followed_by_the_client_itself(service, history):
    stream = service.datastreams().find(history.series["air-1/no2"])
    query = stream.get_observations().query().top(50).orderby("phenomenonTime", "ASC").count()
    listed = query.list()
    assert listed.count == 272
    assert len(listed.entities) == 50
    every = list(listed)
    assert len(every) == 272
    assert [one.result_time for one in every] == sorted(one.result_time for one in every)
    since = (history.now - timedelta(minutes=30)).isoformat()
    assert (
        len(list(stream.get_observations().query().filter(f"phenomenonTime gt {since}").top(7).list())) == 30
    )


def test_expansion_and_selection(service):
    found = service.things().query().filter("id eq 'air-1'").expand(
        "Locations,Datastreams($orderby=name;$expand=Sensor,ObservedProperty,Observations($orderby=phenomenonTime desc;$top=1))"
    ).list()  # fmt: skip
    (thing,) = found.entities
    assert thing.locations.entities[0].name == "Place d'Armes"
    door, no2, _temperature = thing.datastreams.entities
    assert no2.observed_property.name == "no2"
    assert no2.sensor.encoding_type == "text/html"
    assert [one.result for one in no2.observations.entities] == [0]
    assert [one.result for one in door.observations.entities] == [False]
    (named,) = service.things().query().filter("id eq 'air-1'").select("name").list().entities
    assert (named.name, named.description) == ("Place d'Armes", None)


def test_sensors_properties_and_features(service):
    assert service.sensors().find("post-1").metadata.endswith("/console/capteurs/post-1/")
    assert sorted(one.id for one in service.observed_properties().query().list()) == [
        "door", "no2", "position", "temperature",
    ]  # fmt: skip
    feature = service.features_of_interest().find("air-1")
    assert feature.feature["geometry"]["coordinates"] == [5.04, 47.32]
    assert (
        len(list(feature.get_observations().query().filter("resultQuality eq 'good'").top(100).list())) > 200
    )


def test_a_gateway_creates_an_observation_and_reads_it_again(gateway, history):
    stream = gateway.datastreams().find("air-1/temperature")
    made = fsc.Observation(result=19.5, phenomenon_time=wall_now(), datastream=stream)
    gateway.create(made)
    assert made.id.startswith(f"{history.series['air-1/temperature']}-")
    again = gateway.observations().find(made.id)
    assert (again.result, again.result_quality) == (19.5, "good")
    now = fsc.Observation(result="up", datastream=gateway.datastreams().find("post-1/position"))
    gateway.create(now)
    assert gateway.observations().find(now.id).result in {
        "up",
        "down",
    }  # the clock stands still: the first word stays


def test_a_data_array_of_the_client(gateway, history):
    stream = gateway.datastreams().find("air-1/temperature")
    table = fsc.model.ext.data_array_value.DataArrayValue()
    table.datastream = stream
    names = table.Property
    table.components = {names.PHENOMENON_TIME, names.RESULT}
    at = wall_now()
    for value in (18.5, 19):
        table.add_observation(fsc.Observation(result=value, phenomenon_time=at))
    document = fsc.model.ext.data_array_document.DataArrayDocument()
    document.add_data_array_value(table)
    links = [one.self_link for one in gateway.observations().create(document)]
    assert len(links) == 2
    assert all("/Observations('" in link for link in links)
    assert Sample.objects.filter(series=history.series["air-1/temperature"]).count() == 1


def test_what_the_client_may_not(gateway, service, history):
    for deed in (
        lambda: gateway.create(fsc.Thing(name="x", description="y")),
        lambda: gateway.delete(gateway.things().find("air-1")),
        lambda: gateway.patch(gateway.things().find("air-1"), [{"op": "add", "path": "/name", "value": "x"}]),
        lambda: gateway.update(gateway.things().find("air-1")),
    ):
        with pytest.raises(requests.HTTPError) as refused:
            deed()
        assert refused.value.response.status_code == 405
        assert refused.value.response.json()["message"]
    stream = service.datastreams().find("air-2/no2")
    with pytest.raises(requests.HTTPError) as refused:
        service.create(fsc.Observation(result=1, datastream=stream))
    assert refused.value.response.status_code == 401
    with pytest.raises(requests.HTTPError) as refused:
        gateway.create(fsc.Observation(result=1, datastream=stream))
    assert refused.value.response.json()["code"] == "unknown-device"
    assert json.loads(Quarantine.objects.get().held.get().body)["result"] == 1
