"""An administrator withdraws what is lent to a partner and gives it back; the partner reads it; an observer only looks."""

from __future__ import annotations

import pytest

from tests.e2e.keys import reads
from tests.e2e.test_controlroom import ask, asset, demo, operator  # noqa: F401 - fixtures
from tests.e2e.test_restart import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]
STATE = "SELECT state FROM controlroom_command WHERE verb = 'lower' AND under_id IS NOT NULL AND ended IS NOT NULL"
PAGE = "/console/habilitations/"


def test_a_partner_commands_what_is_lent_until_it_is_taken_back(demo, operator, in_every_shape):  # noqa: F811
    adele, sacha = operator("adele"), operator("sacha")
    post = asset(demo, "borne-1")
    ask(sacha, post, "Abaisser", "Passage d'un fourgon")
    assert until(lambda: demo.rows(STATE)) == [("confirmed",)]
    sacha.goto(f"/console/poste/equipements/{post}/")
    reads(sacha, "Vous agissez sous l'habilitation")
    assert in_every_shape(sacha) == []
    adele.goto(PAGE)
    assert in_every_shape(adele) == []
    adele.get_by_role("button", name="Retirer").click()
    reads(adele, "ce qui est maintenu se relâche")
    sacha.reload()
    reads(sacha, "a retiré votre habilitation")
    assert sacha.get_by_role("heading", name="Commander").count() == 0
    adele.get_by_role("button", name="Revenir en arrière").click()
    reads(adele, "Rendue, jusqu'au")
    sacha.reload()
    sacha.get_by_role("heading", name="Commander").wait_for()
    adele.get_by_text("Limiter une personne").click()
    adele.locator("#limiter").get_by_label("Personne").select_option(label="Oscar Vidal")
    adele.locator("#limiter").get_by_label("Point lumineux").check()
    adele.locator("#limiter").get_by_label("Pourquoi").fill("Formation")
    assert in_every_shape(adele) == []
    adele.get_by_role("button", name="Limiter", exact=True).click()
    reads(adele, "Oscar Vidal : limité à ceci")
    oscar = operator("oscar")
    oscar.goto(f"/console/poste/equipements/{post}/")
    reads(oscar, "limitée à ceci")
    assert in_every_shape(adele) == []


def test_an_observer_sees_what_is_shared_and_nothing_to_press(demo, operator, in_every_shape):  # noqa: F811
    solene = operator("solene")
    solene.goto("/console/incidents/")
    solene.get_by_role("heading", name="Partagés avec vous").wait_for()
    assert in_every_shape(solene) == []
    solene.goto("/console/")
    solene.get_by_role("heading", name="À suivre maintenant").wait_for()
    solene.goto(f"/console/poste/equipements/{asset(demo, 'borne-1')}/")
    assert solene.locator("main form").count() == 0
