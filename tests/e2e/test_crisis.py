"""From the alarm to the report: one operator sees a sensor's alarm through a procedure that lowers a bollard."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.keys import reads
from tests.e2e.test_controlroom import asset, demo, operator
from tests.e2e.test_restart import until

__all__ = ["demo", "operator"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(500, func_only=True)]


def write_rule(oscar: Any) -> None:
    """Write a rule, tried on the day before first."""
    oscar.goto("/console/alarmes/regles/nouvelle/")
    oscar.get_by_label("Nom").fill("Lampe allumée de jour")
    oscar.get_by_label("Capteurs").fill("lampe-1")
    oscar.get_by_label("Conditions").fill("level > 20")
    oscar.get_by_role("button", name="Essayer").click()
    reads(oscar, "Elle regarde 1 capteur")
    oscar.get_by_label("À l'essai").uncheck()
    oscar.get_by_role("button", name="Écrire la règle").click()
    oscar.get_by_role("link", name="Lampe allumée de jour").wait_for()


def ring(demo: Any, oscar: Any) -> None:
    """Make the device itself say what raises the alarm, and take it."""
    oscar.goto(f"/console/poste/equipements/{asset(demo, 'lampe-1')}/")
    dim = oscar.locator("details", has=oscar.locator("summary", has_text="Régler"))
    dim.locator("summary").click()
    dim.locator("input[type=number]").fill("80")
    dim.get_by_label("Motif").fill("Contrôle")
    dim.get_by_role("button", name="Régler").click()
    until(
        lambda: demo.rows(
            "SELECT 1 FROM controlroom_alarm a JOIN controlroom_rule r ON r.id = a.rule_id "
            "WHERE a.ended IS NULL AND r.name = 'Lampe allumée de jour'"
        )
    )
    oscar.goto("/console/alarmes/")
    oscar.get_by_role("link", name="Lampe allumée de jour").click()
    oscar.get_by_role("button", name="Je la prends").click()


def open_incident(oscar: Any) -> str:
    """Open an incident of the alarm; return its address."""
    oscar.get_by_role("link", name="Ouvrir un incident").click()
    oscar.get_by_label("Catégorie").select_option("light")
    oscar.get_by_label("Haute", exact=True).check()
    oscar.get_by_role("button", name="Ouvrir et prendre en charge").click()
    reads(oscar, "vous l'avez pris en charge")
    return str(oscar.url)


def lower_the_post(demo: Any, oscar: Any, incident: str) -> None:
    """Follow the procedure to its command, and come back to it once the post itself says that it is down."""
    start = oscar.locator("details", has=oscar.locator("summary", has_text="Commencer une procédure"))
    if start.get_attribute("open") is None:
        start.locator("summary").click()
    start.get_by_label("Procédure").select_option(label="Passage d'un véhicule de secours")
    start.get_by_role("button", name="Commencer").click()
    oscar.get_by_role("button", name="C'est vérifié").click()
    oscar.get_by_role("link", name="Ouvrir la commande").click()
    lower = oscar.locator("details[open]", has=oscar.locator("summary", has_text="Abaisser"))
    assert lower.get_by_label("Motif").input_value() != ""
    lower.get_by_role("button", name="Abaisser").click()
    oscar.wait_for_url(lambda url: url.startswith(incident))
    until(lambda: demo.rows("SELECT 1 FROM controlroom_command WHERE verb = 'lower' AND state = 'confirmed'"))
    oscar.get_by_role("button", name="Fait", exact=True).click()
    oscar.get_by_role("button", name="C'est vérifié").wait_for()


def see_it_again(demo: Any, oscar: Any, in_every_shape: Any) -> None:
    """Look at the same moments in the replay, by keyboard, and find that its address is that of the moment."""
    ((told,),) = demo.rows(
        "SELECT max(at) FROM journal_event WHERE kind = 'controlroom.command.confirmed' AND payload LIKE '%lower%'"
    )
    at = datetime.fromisoformat(told).replace(tzinfo=UTC).timestamp() + 1
    oscar.goto(f"/console/rejeu/?a={at:.0f}")
    oscar.locator("[data-map][data-ready]").wait_for()
    panel = oscar.locator("#moment")
    panel.get_by_text("Lampe allumée de jour").first.wait_for()
    panel.get_by_text("Abaisser : ").first.wait_for()
    panel.get_by_text("confirmée par l'équipement").first.wait_for()
    assert in_every_shape(oscar) == []
    oscar.goto("/console/rejeu/")
    oscar.get_by_label("Moment de la journée").focus()
    for _ in range(3):
        oscar.keyboard.press("PageDown")
    reads(oscar, "Rien n'était en cours")
    before = oscar.url
    oscar.reload()
    reads(oscar, "Rien n'était en cours")
    assert oscar.url == before
    oscar.get_by_role("link", name="Fait marquant d'après").click()
    oscar.locator("#moment .timeline li").first.wait_for()  # told by the journal


def close(oscar: Any, incident: str) -> bytes:
    """Close the incident; return its printed report."""
    oscar.goto(incident)
    oscar.get_by_role("button", name="Arrêter la procédure").click()
    oscar.get_by_text("Clore avec un compte rendu").click()
    oscar.get_by_label("Résolu", exact=True).check()
    oscar.get_by_label("Compte rendu", exact=True).fill("Secours passés, borne relevée.")
    oscar.get_by_role("button", name="Clore l'incident").click()
    reads(oscar, "est clos.")
    link = oscar.get_by_role("link", name="Compte rendu (PDF)").get_attribute("href")
    return bytes(oscar.request.get(link).body())


def test_an_alarm_becomes_an_incident_a_command_a_replay_and_a_report(demo, operator, in_every_shape):
    oscar = operator("oscar")
    write_rule(oscar)
    ring(demo, oscar)
    incident = open_incident(oscar)
    lower_the_post(demo, oscar, incident)
    see_it_again(demo, oscar, in_every_shape)
    assert close(oscar, incident).startswith(b"%PDF-")
