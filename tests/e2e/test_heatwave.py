"""A heat wave is played from its preset: transport and the portal say so, papers are made, the report ends it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import PHONE, READER
from tests.e2e.keys import reads
from tests.e2e.test_controlroom import demo, operator
from tests.e2e.test_restart import until

__all__ = ["demo", "operator"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(500, func_only=True)]


@pytest.fixture
def rider(browser: Any, demo: Any) -> Any:
    """Somebody on their phone, without an account."""
    context = browser.new_context(base_url=demo.url, viewport=PHONE, **READER)
    context.set_default_timeout(90_000)
    page = context.new_page()
    yield page
    page.goto("about:blank")


def hours(page: Any) -> str:
    """Return the hours of today as the page of transport says them."""
    page.goto("/transport/")
    return str(page.locator("dt", has_text="Aujourd'hui").locator("+ dd").inner_text())


def open_as_exercise(oscar: Any, in_every_shape: Any) -> str:
    """Declare the heat wave prepared ahead, as an exercise; return the address of the situation."""
    oscar.goto("/console/situations/")
    oscar.get_by_role("link", name="Canicule").click()
    oscar.get_by_label("C'est un EXERCICE").check()
    assert oscar.get_by_label("Phrase pour le public").input_value().startswith("Fortes chaleurs")
    assert oscar.get_by_label("Transport : pas de trajet aux heures chaudes").is_checked()
    assert in_every_shape(oscar) == []
    oscar.get_by_label("Oui, publier ce message maintenant").check()
    oscar.get_by_role("button", name="Déclarer et publier").click()
    reads(oscar, "La situation est déclarée et publiée.")
    situation = str(oscar.url)
    oscar.goto("/console/poste/")  # its map and its panel leave the banner its place, on a phone too
    assert in_every_shape(oscar) == []
    assert oscar.viewport_size == PHONE
    banner = oscar.locator(".banner").bounding_box()
    assert banner["y"] == 0
    assert banner["x"] == 0
    assert oscar.locator(".rail").bounding_box()["width"] == PHONE["width"]
    return situation


def see_it_on_a_phone(demo: Any, rider: Any, before: str, in_every_shape: Any, accessible: Any) -> None:
    """Find the exercise on every page, and what it would change of transport; today's hours stay as they are."""
    until(lambda: demo.rows("SELECT 1 FROM transport_pause WHERE ended IS NULL AND exercise"))
    assert hours(rider) == before
    reads(rider, "aucun trajet n'est proposé de 12")
    reads(rider, "C'est annoncé, pas appliqué")
    assert in_every_shape(rider) == []
    rider.goto("/")
    banner = rider.get_by_text("EXERCICE · Canicule, alerte").first
    banner.wait_for()
    accessible(rider)
    rider.goto("/situations/")
    reads(rider, "Ceci est un EXERCICE : rien n'est réel.")


def take_the_papers(demo: Any, oscar: Any, situation: str, in_every_shape: Any) -> str:
    """Download the bundle that made itself, then ask for another; return the code of a sheet."""
    until(lambda: demo.rows("SELECT 1 FROM controlroom_bundle WHERE made IS NOT NULL"))
    oscar.goto(situation)
    papers = oscar.locator("#paper")
    link = papers.get_by_role("link", name="Télécharger la liasse 1")
    link.wait_for()
    answer = oscar.request.get(link.get_attribute("href"))
    assert bytes(answer.body()).startswith(b"%PDF-")
    assert "EXERCICE" in answer.headers["content-disposition"]
    papers.get_by_role("button", name="Imprimer maintenant").click()
    reads(oscar, "La liasse se prépare")
    papers.get_by_role("link", name="Télécharger la liasse 2").wait_for()  # it comes by itself
    reads(oscar, "aucun trajet n'est proposé de 12")
    assert in_every_shape(oscar) == []
    return str(demo.rows("SELECT code FROM controlroom_papersheet ORDER BY id LIMIT 1")[0][0])


def type_a_sheet(
    oscar: Any, odile: Any, situation: str, code: str, in_every_shape: Any, accessible: Any
) -> None:
    """Type a sheet; somebody else who holds it reads that it is done."""
    oscar.goto(situation)
    oscar.get_by_role("link", name="Ressaisir des fiches").click()
    oscar.get_by_label("Code de la fiche").fill(code.replace("-", "").lower())
    accessible(oscar)
    oscar.get_by_role("button", name="Saisir cette fiche").click()
    oscar.get_by_role("radio", name="Un nouvel incident").check()
    shown = oscar.locator(".quiet time").first.get_attribute("datetime")
    oscar.get_by_label("Heure").fill(oscar.evaluate(HOUR, shown))
    oscar.get_by_label("Ce qui s'est passé").fill("Malaise joué devant la gare")
    oscar.get_by_label("L'incident en une phrase").fill("Malaise joué devant la gare")
    oscar.get_by_label("Catégorie").select_option("safety")
    assert in_every_shape(oscar) == []
    oscar.get_by_role("button", name="Enregistrer la fiche").click()
    reads(oscar, "La fiche est saisie")
    odile.goto(f"/console/fiches/{code}/")
    reads(odile, "Cette fiche est déjà saisie, par")
    accessible(odile)


HOUR = """text => new Date(text).toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" })"""


def end_it(oscar: Any, situation: str, accessible: Any) -> bytes:
    """End the exercise; return its after-action report."""
    oscar.goto(situation)
    oscar.get_by_label("Oui, la situation est terminée : publier la fin").check()
    oscar.get_by_role("button", name="Terminer la situation").click()
    reads(oscar, "La situation est terminée ; la fin est publiée.")
    link = oscar.get_by_role("link", name="Retour d'expérience (PDF)")
    link.wait_for()
    reads(oscar, "Repris : tout est comme avant.")  # it comes by itself
    accessible(oscar)
    return bytes(oscar.request.get(link.get_attribute("href")).body())


def test_a_heat_wave_is_played_from_its_preset_to_its_report(
    demo, operator, rider, in_every_shape, accessible
):
    before = hours(rider)
    oscar = operator("oscar")
    situation = open_as_exercise(oscar, in_every_shape)
    see_it_on_a_phone(demo, rider, before, in_every_shape, accessible)
    code = take_the_papers(demo, oscar, situation, in_every_shape)
    type_a_sheet(oscar, operator("odile"), situation, code, in_every_shape, accessible)
    assert end_it(oscar, situation, accessible).startswith(b"%PDF-")
    until(lambda: demo.rows("SELECT 1 FROM transport_pause WHERE ended IS NOT NULL"))
    assert hours(rider) == before
    assert rider.get_by_text("aucun trajet n'est proposé").count() == 0
    rider.goto("/")
    assert rider.get_by_text("EXERCICE · Canicule").count() == 0
