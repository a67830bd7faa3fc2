"""An operator opens the way to a fire engine, sees what opens and what does not, and gives the street back."""

from __future__ import annotations

from typing import Any

import pytest

from ressort.twin.town.village import at
from tests.e2e.keys import reads
from tests.e2e.test_controlroom import demo, operator  # noqa: F401 - fixtures
from tests.e2e.test_restart import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500, func_only=True)]
ROOT = "/console/poste/couloirs/"


def put(page: Any, name: str, column: float, row: float) -> None:
    """Choose a place as the list of places does: its words and its point."""
    lon, lat = at(column, row)
    page.locator(f"#id_{name}").fill(f"{column}, {row}")
    for axis, value in (("lon", lon), ("lat", lat)):
        page.locator(f"[name={name}_{axis}]").evaluate("(box, value) => { box.value = value; }", str(value))


def test_a_way_is_opened_by_two_people_watched_and_given_back(demo, operator, in_every_shape):  # noqa: F811
    oscar = operator("oscar")
    oscar.goto(f"{ROOT}nouveau/")
    assert in_every_shape(oscar) == []
    oscar.get_by_label("Le véhicule part de").select_option(label="Un autre lieu, écrit ci-dessous")
    put(oscar, "origin", 1, 3)
    put(oscar, "destination", 7, 3)
    oscar.get_by_label("Motif").fill("Feu d'appartement")
    oscar.get_by_role("button", name="Calculer le chemin").click()
    oscar.get_by_role("heading", name="Sur le chemin").wait_for()
    assert oscar.locator(".way input[type=checkbox]").count() >= 1
    assert in_every_shape(oscar) == []
    oscar.get_by_role("button", name="Ouvrir le couloir").click()
    reads(oscar, "Une autre personne doit l'approuver")
    path = oscar.url
    odile = operator("odile")
    odile.goto(path)
    odile.get_by_role("button", name="Approuver et ouvrir").click()
    odile.get_by_role("button", name="Relâcher tout").first.wait_for()
    oscar.get_by_role("button", name="Relâcher tout").first.wait_for()  # his own page follows by itself
    until(
        lambda: demo.rows("SELECT 1 FROM controlroom_command WHERE within LIKE 'k_%' AND state = 'confirmed'")
    )
    assert in_every_shape(oscar) == []
    oscar.get_by_role("button", name="Relâcher tout").first.click()
    reads(oscar, "Relâché par une personne")
    until(lambda: not demo.rows("SELECT 1 FROM controlroom_command WHERE held"))
    oscar.goto(ROOT)
    assert in_every_shape(oscar) == []
