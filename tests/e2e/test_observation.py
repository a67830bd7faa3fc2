"""An administrator spoils a light and sees it never said done; writes a reflex and reads that it is not ready."""

from __future__ import annotations

import pytest

from tests.e2e.keys import reads
from tests.e2e.test_controlroom import ask, asset, demo, operator  # noqa: F401 - fixtures
from tests.e2e.test_restart import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500, func_only=True)]
STATE = "SELECT state, why FROM controlroom_command WHERE verb = 'dim' AND ended IS NOT NULL"


def test_a_spoilt_light_is_never_said_done_and_a_reflex_begins_by_observing(demo, operator, in_every_shape):  # noqa: F811
    adele, oscar = operator("adele"), operator("oscar")
    lamp = asset(demo, "lampe-1")
    adele.goto("/console/poste/pannes/")
    assert in_every_shape(adele) == []
    row = adele.locator("tr", has_text="Lampe du quai 1")
    row.locator("select").select_option("off")
    row.get_by_role("button", name="Mettre").click()
    adele.get_by_text("Panne mise").first.wait_for()
    ask(oscar, lamp, "Régler", "Chantier de nuit")
    ends = until(lambda: demo.rows(STATE))
    assert ends[0] == ("timed_out", "silent")
    junction = asset(demo, "feux-1")
    oscar.goto(f"/console/poste/equipements/{junction}/")
    oscar.get_by_role("heading", name="Feux", exact=True).wait_for()
    assert in_every_shape(oscar) == []
    oscar.goto("/console/poste/reflexes/nouveau/")
    oscar.get_by_label("Nom").fill("Éclairer quand le comptage se tait")
    oscar.get_by_label("Quand cette règle").select_option(label="Comptage muet")
    oscar.get_by_label("Code de l'équipement").fill("lampe-2")
    oscar.get_by_label("Commande").fill("dim")
    oscar.get_by_label("Réglage").fill("80")
    assert in_every_shape(oscar) == []
    oscar.get_by_role("button", name="Écrire le réflexe").click()
    reads(oscar, "Pas encore prêt")
    assert in_every_shape(oscar) == []
    for path in (
        "/console/poste/adresses/",
        f"/console/poste/equipements/{lamp}/pilote/",
        "/console/poste/observation/",
    ):
        adele.goto(path)
        assert in_every_shape(adele) == [], path
