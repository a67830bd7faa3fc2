"""Series that grow: what the browser draws, and the table that says the same."""

from datetime import UTC, datetime, timedelta

import pytest

from ressort.web.charts import Series
from ressort.web.series import ROWS, LiveChart
from tests import worlds

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def figure(count):
    moments = [START + timedelta(minutes=5 * i) for i in range(count)]
    rows = [Series("à bord", [float(i) for i in range(count)]), Series("occupés", [None] * count)]
    return LiveChart("À bord", moments, rows, source="/suite.json", topic="kind:transport.")


def test_the_data_has_a_moment_its_words_and_a_value_per_series():
    data = figure(3).data()
    assert data["at"] == [round(START.timestamp()) + 300 * i for i in range(3)]
    assert len(data["hours"]) == 3
    assert data["rows"] == [[0.0, 1.0, 2.0], [None, None, None]]


def test_the_table_is_the_newest_first_and_short():
    table = figure(40).table
    assert len(table) == ROWS
    assert table[0][1] == ["39", "–"]


def test_nothing_yet_is_an_empty_table():
    assert figure(0).table == []


@pytest.mark.django_db
def test_the_style_page_draws_the_journal_for_those_who_may_read_it(client):
    assert 'data-source="/console/style/journal.json"' not in client.get("/console/style/").content.decode()
    assert client.get("/console/style/journal.json").status_code == 302
    client.force_login(worlds.person("diane"))
    assert 'data-source="/console/style/journal.json"' in client.get("/console/style/").content.decode()
    data = client.get("/console/style/journal.json").json()
    assert len(data["at"]) == len(data["hours"]) == len(data["rows"][0]) == 30
