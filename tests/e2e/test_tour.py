"""The guided tour in a browser: by keyboard alone, and without scripts."""

from __future__ import annotations

import re

import pytest

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.keys import reads

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300, func_only=True)]


def drawn(page):
    """Wait for the map of a page, if it has one."""
    if page.locator("[data-map]:not([data-waits]):visible").count():
        page.wait_for_selector("[data-map][data-ready]")


def test_a_rider_is_shown_around_by_keyboard(visit, accessible):
    page = visit("/", "rosa", PHONE)
    drawn(page)
    accessible(page)
    page.get_by_role("link", name="Commencer la visite").press("Enter")
    page.wait_for_url("**/transport/?visite=1#id_origin")
    bar = page.locator(".tour-bar")
    assert bar.evaluate("one => one === document.activeElement"), "the sentence is read first"
    assert page.locator(":target").get_attribute("id") == "id_origin"
    drawn(page)
    accessible(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**visite=2**")
    drawn(page)
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Tab")
    assert bar.get_by_role("link", name="Précédente").evaluate("one => one === document.activeElement")
    bar.get_by_role("button", name="Quitter la visite").press("Enter")
    reads(page, "Visite refermée")
    page.goto("/")
    assert page.get_by_text("Découvrir en 2 minutes").count() == 0
    page.goto("/mon-espace/")
    drawn(page)
    accessible(page)
    page.get_by_role("button", name="Reprendre la visite guidée").press("Enter")
    page.wait_for_url(re.compile(r"visite=1"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_dispatcher_s_tour_stays_out_of_the_way(visit, accessible, theme):
    page = visit("/console/", "diane", DESK, theme)
    drawn(page)
    accessible(page)
    page.get_by_role("link", name="Le journal et les touches").click()
    page.wait_for_url("**#journal")
    drawn(page)
    accessible(page)
    bar, journal = page.locator(".tour-bar").bounding_box(), page.locator("#journal").bounding_box()
    assert bar["y"] + bar["height"] <= journal["y"], "what is shown is not hidden"
    page.keyboard.press("?")
    page.locator("#keys").get_by_role("button", name="Reprendre la visite guidée").wait_for()


def test_the_tour_without_scripts(visit):
    page = visit("/", "agathe", PHONE, java_script_enabled=False)
    for number in range(1, 6):
        name = "Commencer la visite" if number == 1 else "Suivante"
        page.get_by_role("link", name=name).click()
        reads(page, f"étape {number} sur 5")
    page.get_by_role("button", name="Terminer la visite").click()
    reads(page, "Visite refermée")
    assert page.locator(".tour-bar").count() == 0
