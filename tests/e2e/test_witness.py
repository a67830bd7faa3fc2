"""A bollard says that it is down and has not moved: its witness gives it away, on the map, in the alarms, on its page."""

from __future__ import annotations

import pytest

from tests.e2e.keys import reads
from tests.e2e.test_controlroom import ask, asset, demo, operator  # noqa: F401 - fixtures
from tests.e2e.test_restart import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]
SAYS = "La borne se dit abaissée, le témoin la voit relevée."


def test_a_lie_comes_out_and_is_forgiven(demo, operator, in_every_shape):  # noqa: F811
    post = asset(demo, "borne-1")
    adele = operator("adele")
    adele.goto("/console/poste/pannes/")
    row = adele.locator("tr", has=adele.locator(f"a[href$='/{post}/']"))
    row.locator("select").select_option("lying")
    row.get_by_role("button", name="Mettre").click()
    adele.wait_for_load_state()
    oscar = operator("oscar")
    ask(oscar, post, "Abaisser", "Passage des pompiers")
    until(lambda: demo.rows("SELECT 1 FROM controlroom_witness WHERE contradicted IS NOT NULL"))
    oscar.goto(f"/console/poste/equipements/{post}/")
    oscar.get_by_text(SAYS).first.wait_for()
    assert oscar.get_by_text("Contredite par le témoin").count() >= 1
    assert in_every_shape(oscar) == []
    oscar.goto("/console/poste/equipements/?etat=contradicted")
    oscar.get_by_role("link", name="Borne 1").wait_for()
    assert in_every_shape(oscar) == []
    until(lambda: demo.rows("SELECT 1 FROM controlroom_alarm WHERE ended IS NULL AND severity = 3"))
    oscar.goto("/console/alarmes/")
    oscar.get_by_role("link", name="Contredit par son témoin").click()
    reads(oscar, SAYS)
    adele.goto(f"/console/poste/equipements/{post}/")
    adele.locator("#witness summary").click()
    adele.get_by_label("Capteur témoin").fill("borne-1")
    adele.locator("#witness").get_by_role("button", name="Noter").click()
    adele.get_by_text("Un témoin est un autre capteur").first.wait_for()
    assert in_every_shape(adele) == []
    adele.goto("/console/poste/pannes/")
    row.locator("select").select_option("")
    row.get_by_role("button", name="Mettre").click()
    until(lambda: not demo.rows("SELECT 1 FROM controlroom_witness WHERE contradicted IS NOT NULL"))
    until(lambda: not demo.rows("SELECT 1 FROM controlroom_alarm WHERE ended IS NULL AND severity = 3"))
