"""The read side from the text of the standard: addresses, links, options, pages, and a bounded number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from ressort.core.intake import catalogue
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.models import Device
from tests import worlds

pytestmark = pytest.mark.django_db
BASE = "http://testserver/sta/v1.1"


def pages(ask, path, **query):
    """Return every entity of a collection, following the links."""
    found, answer, turns = [], ask(path, **query), 0
    while True:
        found += answer["value"]
        turns += 1
        assert turns < 400
        if "@iot.nextLink" not in answer:
            return found
        answer = ask(answer["@iot.nextLink"])


def test_the_root_lists_the_collections_and_what_is_done_of_the_standard(ask):
    found = ask("")
    names = [one["name"] for one in found["value"]]
    assert sorted(names) == sorted(
        ["Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "Observations",
         "FeaturesOfInterest"]
    )  # fmt: skip
    assert found["value"][0]["url"] == f"{BASE}/Things"
    assert (
        "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel" in found["serverSettings"]["conformance"]
    )


def test_a_thing_with_its_links(ask, sta):
    found = ask("Things('air-1')")
    assert found["@iot.id"] == "air-1"
    assert found["@iot.selfLink"] == f"{BASE}/Things('air-1')"
    assert found["name"] == "Place d'Armes"
    assert found["properties"]["gateway"] == "gw-1"
    assert found["Datastreams@iot.navigationLink"] == f"{BASE}/Things('air-1')/Datastreams"
    assert ask("Things('air-2')")["name"] == "air-2"
    assert ask("Things('air-1')/name") == {"name": "Place d'Armes"}
    assert ask.client.get("/sta/v1.1/Things('air-1')/name/$value").content.decode() == "Place d'Armes"


def test_every_link_leads_somewhere(ask, history):
    seen, todo = set(), [f"{BASE}/{kind['name']}" for kind in ask("")["value"]]
    while todo:
        address = todo.pop()
        if address in seen or len(seen) > 150:
            continue
        seen.add(address)
        found = ask(address)
        for entity in found.get("value", [found])[:3]:
            todo += [text for name, text in entity.items() if name.endswith(("navigationLink", "selfLink"))]
    assert len(seen) > 40


def test_both_forms_of_a_datastreams_id(ask, history):
    key = history.series["air-1/no2"]
    one, other = ask(f"Datastreams({key})"), ask("Datastreams('air-1/no2')")
    assert one == other
    assert one["@iot.id"] == key
    assert one["name"] == "air-1/no2"
    assert one["unitOfMeasurement"] == {
        "name": "microgram per cubic metre", "symbol": "µg/m³", "definition": "urn:ogc:def:uom:UCUM::ug/m3",
    }  # fmt: skip
    assert one["observationType"].endswith("OM_Measurement")
    assert one["phenomenonTime"].endswith("/2026-09-15T05:30:00.000Z")
    assert ask(f"Datastreams({key})/Thing")["@iot.id"] == "air-1"
    assert ask(f"Datastreams({key})/ObservedProperty")["name"] == "no2"
    assert ask(f"Datastreams({key})/Sensor")["name"] == "air-1"
    assert ask(f"Things('air-1')/Datastreams({key})")["name"] == "air-1/no2"
    assert ask(f"Things('air-2')/Datastreams({key})", 404)["code"] == "unknown-entity"


@pytest.mark.parametrize(
    "path",
    ["Nothing", "Things('none')", "Things(3)", "Datastreams(999999)", "Datastreams('x')", "Things/name", "Things('air-1')/none",
     "Observations('1-2')", "Observations('x')", "Observations(3)", "Things('air-1", "Things('air-1')/Datastreams/Thing",
     "Datastreams(99999999999999)", "$value", "Things/$value", "Things('air-1')/name/$ref", "HistoricalLocations(1)",
     "CreateObservations"],
)  # fmt: skip
def test_what_is_not_there_is_404(ask, path):
    assert ask(path, 404)["message"]


def test_pages_of_the_catalogue(ask, sta):
    catalogue.enrol({f"many-{n:03}": [Spec("x")] for n in range(250)})
    first = ask("Things", **{"$count": "true"})
    assert (first["@iot.count"], len(first["value"])) == (254, 100)
    assert len(pages(ask, "Things")) == 254
    assert len(pages(ask, "Things", **{"$top": 60})) == 254
    names = [
        one["@iot.id"] for one in pages(ask, "Things", **{"$orderby": "id desc", "$select": "id", "$top": 99})
    ]
    assert names == sorted(names, reverse=True)
    assert len(set(names)) == 254
    assert ask("Things", **{"$top": 0, "$count": "true"})["value"] == []
    assert len(ask("Things", **{"$top": 5000})["value"]) == 254


def test_only_what_is_selected(ask, sta):
    (one,) = ask("Things", **{"$select": "name,id,Datastreams", "$filter": "id eq 'air-1'"})["value"]
    assert sorted(one) == ["@iot.id", "Datastreams@iot.navigationLink", "name"]


def test_observations_of_a_datastream_by_time_both_ways_and_in_pages(ask, history):
    key = history.series["air-1/no2"]
    whole = pages(ask, f"Datastreams({key})/Observations", **{"$orderby": "phenomenonTime asc", "$top": 1000})
    assert len(whole) == 301 - 30 + 1  # the mean of the first half hour instead of its minutes
    times = [one["resultTime"] for one in whole]
    assert times == sorted(times)
    assert whole[0]["resultQuality"] == "mean"
    assert whole[-1]["result"] == 300 % 50
    for top in (7, 50, 271, 272):
        small = pages(
            ask, f"Datastreams({key})/Observations", **{"$orderby": "phenomenonTime asc", "$top": top}
        )
        assert small == whole, top
        back = pages(
            ask, f"Datastreams({key})/Observations", **{"$orderby": "phenomenonTime desc", "$top": top}
        )
        assert back == whole[::-1], top
    assert ask(f"Datastreams({key})/Observations", **{"$skip": 270})["value"] == whole[270:]
    assert ask(f"Datastreams({key})/Observations", **{"$count": "true", "$top": 1})["@iot.count"] == 272
    assert ask(whole[5]["@iot.selfLink"]) == whole[5]
    assert ask(whole[0]["@iot.selfLink"]) == whole[0]


def test_observations_of_everything(ask, history):
    whole = pages(ask, "Observations", **{"$top": 90})
    assert len(whole) == 272 + 3 * 4
    assert len({one["@iot.id"] for one in whole}) == len(whole)
    of_thing = ask("FeaturesOfInterest('post-1')/Observations")["value"]
    assert {one["result"] for one in of_thing} == {"down"}
    newest = ask(
        "Observations", **{"$orderby": "phenomenonTime desc", "$top": 2, "$expand": "Datastream/Thing"}
    )["value"]
    assert newest[0]["Datastream"]["Thing"]["@iot.id"]


def test_filters_on_observations(ask, history):
    at = history.now - timedelta(minutes=30)
    path = f"Datastreams({history.series['air-1/no2']})/Observations"

    def results(text, **more):
        return [one["result"] for one in pages(ask, path, **{"$filter": text, "$top": 20, **more})]

    assert len(results(f"phenomenonTime gt {at:%Y-%m-%dT%H:%M:%SZ}")) == 30
    assert len(results(f"phenomenonTime ge {at:%Y-%m-%dT%H:%M:%S}+00:00")) == 31
    assert len(results("phenomenonTime gt now() sub duration'PT30M'")) == 30
    assert set(results("result ge 48 and result lt 49.5")) == {48, 49}
    assert results("result eq 7 or (result mod 50) eq 8")[:2] == [7, 8]
    assert results("result gt 1000") == []
    assert ask(path, **{"$filter": "result eq 7", "$count": "true"})["@iot.count"] == 5
    assert len(results("minute(phenomenonTime) eq 15")) == 5
    doubtful = ask("Observations", **{"$filter": "resultQuality eq 'doubtful'"})["value"]
    assert {one["result"] for one in doubtful} == {20.5}
    flags = ask("Observations", **{"$filter": "result eq true"})["value"]
    assert [one["result"] for one in flags] == [True, True]
    words = ask(
        "Observations",
        **{"$filter": "Datastream/ObservedProperty/name eq 'position' and startswith(result,'do')"},
    )
    assert len(words["value"]) == 4


def test_filters_on_the_catalogue(ask, sta):
    def ids(kind, text):
        return [one["@iot.id"] for one in ask(kind, **{"$filter": text})["value"]]

    assert ids("Things", "startswith(id,'air')") == ["air-1", "air-2"]
    assert ids("Things", "substringof('Arm',name) or name eq 'gw-1'") == ["gw-1", "air-1"]
    assert ids("Things", "Datastreams/ObservedProperty/name eq 'no2'") == ["air-1", "air-2"]
    assert ids("Datastreams", "Thing/name eq 'Place d''Armes' and properties/kind eq 'number'") == [
        sta.series["air-1/no2"], sta.series["air-1/temperature"],
    ]  # fmt: skip
    assert ids("Datastreams", "unitOfMeasurement/symbol eq '°C'") == [
        sta.series["air-1/temperature"], sta.series["air-2/temperature"],
    ]  # fmt: skip
    assert ids("Datastreams", "not (properties/high gt 5)")[0] == sta.series["air-1/temperature"]
    assert ids("ObservedProperties", "length(name) eq 3") == ["no2"]
    square = "geography'POLYGON ((5.0 47.3, 5.05 47.3, 5.05 47.35, 5.0 47.35, 5.0 47.3))'"
    assert ids("Locations", f"st_within(location, {square})") == ["air-1"]
    assert ids("Locations", f"not st_within(location, {square})") == ["post-1"]
    assert ids("Locations", "geo.distance(location, geography'POINT(5.1 47.4)') lt 0.01") == ["post-1"]


def test_expansion_two_levels_deep(ask, history):
    inner = "Datastreams($select=name,id;$orderby=name desc;$top=2;$count=true;$expand=Observations($orderby=phenomenonTime desc;$top=1),ObservedProperty)"
    (one,) = ask("Things", **{"$filter": "id eq 'air-1'", "$expand": f"Locations,{inner}"})["value"]
    assert one["Locations"][0]["location"] == {"type": "Point", "coordinates": [5.04, 47.32]}
    assert [stream["name"] for stream in one["Datastreams"]] == ["air-1/temperature", "air-1/no2"]
    assert one["Datastreams@iot.count"] == 3
    rest = ask(one["Datastreams@iot.nextLink"])["value"]
    assert [stream["name"] for stream in rest] == ["air-1/door"]
    no2 = one["Datastreams"][1]
    assert no2["ObservedProperty"]["name"] == "no2"
    assert [seen["result"] for seen in no2["Observations"]] == [0]
    assert "Observations@iot.nextLink" in no2
    assert one["Datastreams"][0]["Observations"] == []
    (stream,) = ask(
        "Datastreams",
        **{"$filter": "name eq 'air-1/no2'", "$expand": "Observations($top=5;$orderby=phenomenonTime desc)"},
    )["value"]
    newest = ask(
        f"Datastreams({stream['@iot.id']})/Observations", **{"$top": 8, "$orderby": "phenomenonTime desc"}
    )["value"]
    assert stream["Observations"] == newest[:5]
    assert ask(stream["Observations@iot.nextLink"])["value"][:3] == newest[5:8]


def test_observations_as_arrays(ask, history):
    path = f"Datastreams({history.series['air-1/no2']})/Observations"
    found = ask(path, resultFormat="dataArray", **{"$top": 3, "$select": "result,phenomenonTime"})
    (table,) = found["value"]
    assert table["components"] == ["result", "phenomenonTime"]
    assert table["dataArray@iot.count"] == len(table["dataArray"]) == 3
    assert "resultFormat=dataArray" in found["@iot.nextLink"]
    assert {
        one["Datastream@iot.navigationLink"]
        for one in ask("Observations", resultFormat="dataArray", **{"$top": 900})["value"]
    } >= {f"{BASE}/Datastreams({history.series['air-1/no2']})"}


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("Things", {"$filter": "name gt 5"}, "ne va pas"),
        ("Things", {"$filter": "nom eq 'x'"}, "ne peut pas être filtré"),
        ("Things", {"$filter": "name eq"}, "trop tôt"),
        ("Things", {"$filter": "name eq 'x"}, "ne se lit pas"),
        ("Things", {"$filter": "name eq 'x')"}, "n'attend pas"),
        ("Things", {"$filter": "(" * 100}, "imbriqué"),
        ("Things", {"$filter": "name"}, "oui ou par non"),
        ("Things", {"$filter": "sqrt(3) eq 3"}, "n'existe pas"),
        ("Things", {"$top": "-1"}, "entier"),
        ("Things", {"$top": "x"}, "entier"),
        ("Things", {"$skip": "999999"}, "nextLink"),
        ("Things", {"$count": "oui"}, "true"),
        ("Things", {"$what": "1"}, "n'existe pas"),
        ("Things", {"$orderby": "name up"}, "$orderby"),
        ("Things", {"$expand": "Nothing"}, "ce qui peut l'être"),
        ("Things", {"$expand": "Datastreams($top=1"}, "refermée"),
        ("Things", {"$expand": "Datastreams($expand=Thing($expand=Datastreams($expand=Thing)))"}, "niveaux"),
        ("Things", {"resultFormat": "dataArray"}, "Observations"),
        ("Observations", {"$orderby": "result"}, "phenomenonTime"),
        ("Observations", {"$skiptoken": "x"}, "skiptoken"),
        ("Observations", {"$filter": "result gt 3 or Datastream/id eq 3"}, "Joignez"),
        ("Locations", {"$filter": "st_within(location, geography'CIRCLE (1 2)')"}, "POLYGON"),
        ("Locations", {"$filter": "location eq null"}, "ne va pas"),
        ("FeaturesOfInterest", {"$expand": "Observations"}, "Datastreams"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_400_with_a_sentence(ask, history, path, query, said):
    assert said in ask(path, 400, **query)["message"]


def test_who_may_read(sta, ask):
    assert Client().get("/sta/v1.1/Things").status_code == 401
    assert "Basic" in Client().get("/sta/v1.1/Things").headers["WWW-Authenticate"]
    wrong = Client(headers={"authorization": "Bearer rst_wrong"}).get("/sta/v1.1/Things")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad-key")
    for header in ("Basic !!", "Basic ", "Digest x", "Bearer"):
        assert Client(headers={"authorization": header}).get("/sta/v1.1/Things").status_code == 401
    client = Client()
    client.force_login(worlds.person("denis"), backend="ressort.core.accounts.backends.EmailBackend")
    assert client.get("/sta/v1.1/Things").status_code == 403
    client.force_login(sta.oscar, backend="ressort.core.accounts.backends.EmailBackend")
    assert client.get("/sta/v1.1/Things").status_code == 200


def test_a_gateways_key_reads_what_is_behind_it(sta, history):
    client = Client(headers={"authorization": f"Bearer {sta.gateway}"})
    ids = [one["@iot.id"] for one in client.get("/sta/v1.1/Things").json()["value"]]
    assert sorted(ids) == ["air-1", "gw-1", "post-1"]
    assert client.get("/sta/v1.1/Things('air-2')").status_code == 404
    assert client.get(f"/sta/v1.1/Datastreams({sta.series['air-2/no2']})/Observations").status_code == 404
    found = client.get("/sta/v1.1/Observations", {"$filter": "resultQuality eq 'doubtful'"}).json()["value"]
    assert found == []
    assert [one["@iot.id"] for one in client.get("/sta/v1.1/Locations").json()["value"]] == [
        "air-1",
        "post-1",
    ]


def test_pages_of_other_sites_may_ask_and_nothing_unchanged_is_sent_twice(ask, sta):
    answer = ask.client.get("/sta/v1.1/Things")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    again = ask.client.get("/sta/v1.1/Things", headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    asked = Client().options("/sta/v1.1/Things")
    assert asked.status_code == 204
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]


COLLECTIONS = [
    (
        "Things",
        {
            "$count": "true",
            "$expand": "Locations,HistoricalLocations,Datastreams($expand=ObservedProperty,Sensor,Thing)",
        },
    ),
    ("Locations", {"$expand": "Things"}),
    ("HistoricalLocations", {"$count": "true"}),
    ("Datastreams", {"$count": "true", "$expand": "Thing,Sensor,ObservedProperty,Observations($top=3)"}),
    ("Sensors", {"$expand": "Datastreams"}),
    ("ObservedProperties", {"$expand": "Datastreams"}),
    ("Observations", {"$expand": "Datastream($expand=Thing),FeatureOfInterest"}),
    ("FeaturesOfInterest", {"$count": "true"}),
]


@pytest.mark.parametrize(("path", "query"), COLLECTIONS)
def test_a_page_costs_a_bounded_number_of_queries(ask, history, django_assert_max_num_queries, path, query):
    catalogue.enrol({f"many-{n:03}": [Spec("x"), Spec("y")] for n in range(120)})
    assert Device.objects.count() > 120
    with django_assert_max_num_queries(24):
        ask(path, **query)
