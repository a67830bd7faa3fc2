"""Exchanged tables: read whatever a spreadsheet writes, say what is wrong by line and column, read back what was written."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ressort.core import cells, tables
from ressort.core.errors import Refused
from ressort.core.tables import Column, Table

COLUMNS = (
    Column("id", "identifiant", cells.line(40), plain=True, keep=True),
    Column("name", "nom", cells.line(80), required=True, example="=Exemple"),
    Column("seats", "places assises", cells.whole(1, 60), str, empty=None, example="8", plain=True),
    Column("lon", "longitude", cells.degrees(180), cells.degrees_words, empty=None, plain=True),
    Column("active", "en service", cells.yes_no, cells.yes_no_words, empty=True),
)


def table(rows=(), written=None):
    present = list(rows)
    return Table(
        "things",
        "Choses",
        COLUMNS,
        lambda: [(row["name"], row) for row in present],
        lambda values: [("id", values["id"])] if values["id"] else [("name", values["name"])],
        written.extend if written is not None else (lambda found: None),
    )


def row(**values):
    return {"id": "", "name": "Van", "seats": 6, "lon": None, "active": True} | values


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_usual_file_is_read(separator, encoding):
    text = (
        separator.join(["NOM", "Places  assises", "longitude"])
        + "\r\n"
        + separator.join(["Évian", "8", "-6.5"])
    )
    found = tables.read(table(), text.encode(encoding))
    assert found.rows[0].values == {"name": "Évian", "seats": 8, "lon": -6.5}
    assert (found.rows[0].state, found.ready) == ("new", True)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vide"),
        (b"  \n\n", "vide"),
        (b"PK\x03\x04rest", "classeur"),
        ("nom".encode("utf-16"), "UTF-16"),
        (b"nom\n\x00", "pas du texte"),
        (b"nom\n\x81\x8d", "Windows-1252"),
        (b"nom;couleur\nVan;bleu", "« couleur » n'est pas connue"),
        (b"nom;nom\nVan;Van", "deux fois"),
        (b"places assises\n8", "il manque la colonne « nom »"),
        (b"nom\n", "aucune ligne"),
        (b'nom;places assises\n"Van;8\n', "guillemet"),
        (b"nom\n" + b"x\n" * 5001, "5000 lignes"),
        (b"x" * 1_000_001, "1000 ko"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(data, words):
    with pytest.raises(Refused) as refused:
        tables.read(table(), data)
    assert words in refused.value.sentence
    assert refused.value.field == "file"


def test_faults_name_the_line_and_the_column():
    data = 'nom;places assises;longitude\nUn;8;5\n"Deux\nlignes";0;200\n;3;\nUn;4;\nQuatre;5;6;7\n'
    found = tables.read(table(), data.encode())
    said = [(fault.line, fault.column) for fault in found.faults]
    assert said == [(3, "places assises"), (3, "longitude"), (5, "nom"), (6, ""), (7, "")]
    assert "répète la ligne 2" in found.rows[3].faults[0].sentence
    assert not found.ready


def test_what_is_there_is_compared_cell_by_cell():
    here = table([row(name="A", seats=4), row(name="B"), row(name="C", id="7", active=False)])
    found = tables.read(
        here, b"identifiant;nom;places assises;en service\n;A;5;oui\n;B;6;oui\n7;Z;6;non\n;D;2;non"
    )
    assert [one.state for one in found.rows] == ["changed", "same", "changed", "new"]
    assert found.rows[0].changes == [("places assises", "4", "5")]
    assert found.rows[2].changes == [("nom", "C", "Z")]


def test_columns_left_out_and_rows_left_out_stay_as_they_are():
    here = table([row(name="A", seats=4, lon=5.0), row(name="B")])
    found = tables.read(here, b"nom\nA")
    assert [one.state for one in found.rows] == ["same"]
    assert not found.ready


def test_two_things_of_one_name_ask_for_the_identifier():
    here = table([row(name="A"), row(name="A", seats=2)])
    found = tables.read(here, b"nom;places assises\nA;9")
    assert "identifiant" in found.faults[0].sentence


@pytest.mark.django_db
def test_nothing_is_written_unless_all_is_right():
    written = []
    with pytest.raises(Refused, match="À corriger"):
        tables.apply(table(written=written), b"nom;places assises\nA;9\nB;999")
    with pytest.raises(Refused, match="ne change rien"):
        tables.apply(table([row(name="A")], written), b"nom\nA")
    assert written == []
    tables.apply(table([row(name="A")], written), b"nom;places assises\nA;6\nB;9")
    assert [one.values["name"] for one in written] == ["B"]
    assert connection.in_atomic_block


def test_the_template_reads_as_one_new_row():
    found = tables.read(table(), tables.template(table()))
    assert [one.state for one in found.rows] == ["new"]
    assert found.rows[0].values["name"] == "=Exemple"


def test_a_formula_is_written_as_words_only():
    text = tables.export(table([row(name="=2+3"), row(name="'=x"), row(name="-4", lon=-3.5)])).decode(
        "utf-8-sig"
    )
    assert "'=2+3" in text
    assert "''=x" in text
    assert ";-3.500000;" in text


names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.builds(
            row,
            name=st.builds(" ".join, st.lists(names, min_size=1, max_size=3)).filter(lambda n: len(n) <= 80),
            seats=st.none() | st.integers(1, 60),
            lon=st.none() | st.floats(-180, 180),
            active=st.booleans(),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda one: one["name"],
    )
)
def test_what_is_exported_reads_back_to_no_change(rows):
    here = table(rows)
    found = tables.read(here, tables.export(here))
    assert [one.state for one in found.rows] == ["same"] * len(rows), found.faults
