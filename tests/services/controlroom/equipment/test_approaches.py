"""The approaches of junctions come in by a file and go out by one; nothing else of their parameters moves."""

from __future__ import annotations

import json

import pytest

from ressort.core import tables as exchanged
from ressort.services.controlroom.equipment import approaches, tables
from ressort.services.controlroom.equipment.models import Asset
from tests import worlds

pytestmark = pytest.mark.django_db
HEAD = "code;classe;nom;longitude;latitude;branches\r\n"
BRANCHES = {"1": [12, 192], "2": [102, 282]}


def table():
    return tables.equipment(worlds.person("adele"))


def test_a_file_says_the_approaches_and_reads_back_to_the_same(street):
    Asset.objects.filter(code="feux-1").update(parameters={"cycle": 70})
    row = "feux-1;carrefour à feux;feux-1;{};{};1: 12 192; 2 : 102°, 282°\r\n".replace(";1:", ';"1:').replace(
        "282°", '282°"'
    )
    data = (HEAD + row.format(*worlds.at(3, 0))).encode()
    found = exchanged.apply(table(), data)
    assert [one.state for one in found.rows] == ["changed"]
    kept = Asset.objects.get(code="feux-1")
    assert kept.parameters == {"cycle": 70, "approaches": BRANCHES}
    assert sorted(approaches.declared(kept)) == [(1, 12), (1, 192), (2, 102), (2, 282)]
    out = exchanged.export(table())
    assert b"1: 12 192; 2: 102 282" in out
    assert {one.state for one in exchanged.read(table(), out).rows} == {"same"}


def test_geojson_says_them_as_an_object(street):
    feature = {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [5.04, 47.32]},
        "properties": {"code": "feux-9", "kind": "carrefour à feux", "name": "Carrefour 9", "approaches": BRANCHES},
    }  # fmt: skip
    data = tables.as_table(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())
    exchanged.apply(table(), data)
    assert Asset.objects.get(code="feux-9").parameters == {"approaches": BRANCHES}
    feature["properties"] |= {"code": "feux-10", "approaches": {"1": {"a": [None]}}}
    wrong = tables.as_table(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())
    assert exchanged.read(table(), wrong).faults


@pytest.mark.parametrize(
    "text",
    ["nord", "1", "1:", "9: 10", "1: 361", "1: 10; 1: 20", "1: -5", "1: 1 2 3 4 5", "1: ²", ": 3", "0: 3"],
)
def test_what_cannot_be_an_approach_is_told(street, text):
    row = f'feux-9;carrefour à feux;Carrefour 9;5,04;47,32;"{text}"\r\n'
    found = exchanged.read(table(), (HEAD + row).encode())
    assert [(one.column, "caps d'arrivée" in str(one.sentence)) for one in found.faults] == [
        ("branches", True)
    ]


def test_only_junctions_have_some(street):
    row = 'borne-9;borne;Borne 9;5,04;47,32;"1: 10"\r\n'
    found = exchanged.read(table(), (HEAD + row).encode())
    assert ["carrefour à feux" in str(one.sentence) for one in found.faults] == [True]
