"""The wall: what waits, the gravest first and no more than a wall holds; nothing for those who may not see the console."""

from __future__ import annotations

import re

import pytest

from ressort.core.registry import Task
from ressort.web import pages_wall, tasks
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def diane(client):
    client.force_login(worlds.person("diane"))
    return client


def test_the_wall_shows_the_map_the_hour_and_that_nothing_waits(diane):
    page = diane.get("/console/mur/").content.decode()
    assert 'data-theme="dark"' in page
    assert "data-map" in page
    assert "data-clock-face" in page
    assert 'class="rail"' not in page


def test_what_waits_is_sorted_across_services_and_the_rest_is_counted(diane, monkeypatch):
    many = [Task(f"petit {n}", "/", tone="info", icon="bell") for n in range(9)]
    grave = [Task("grave", "/", tone="bad", icon="bell"), Task("bientôt", "/", tone="warn", icon="bell")]
    groups = [tasks.Group("Un", "transport", many), tasks.Group("Deux", "controlroom", grave)]
    monkeypatch.setattr(tasks, "waiting", lambda _user: groups)
    page = diane.get("/console/mur/", headers={"HX-Request": "true"}).content.decode()
    told = re.findall(r'<strong class="clip">([^<]+)</strong>', page)
    assert told[:3] == ["grave", "bientôt", "petit 0"]
    assert len(told) == pages_wall.MOST
    assert "et 3 autres" in page
    assert "<html" not in page


def test_the_public_is_sent_to_sign_in_and_a_rider_is_refused(client):
    assert client.get("/console/mur/").status_code == 302
    client.force_login(worlds.person("rosa"))
    assert client.get("/console/mur/").status_code == 403


def test_the_wall_is_read_in_few_questions(diane, django_assert_max_num_queries):
    diane.get("/console/mur/")
    with django_assert_max_num_queries(30):
        diane.get("/console/mur/", headers={"HX-Request": "true"})
