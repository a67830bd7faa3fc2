"""An agent books for a caller with the keyboard alone, within the keys that half a minute allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DESK, PHONE, READER, until
from tests.e2e.keys import reads
from tests.e2e.server import Server
from tests.e2e.test_transport import person

__all__ = ["person"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400, func_only=True)]

DESK_URL = "/console/transport/reserver/"
BUDGET = 120
"""Keys in thirty seconds for somebody who types 240 a minute, the speed asked of an operator."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Iterator[Server]:
    """The demonstration as a person starts it, on the small town."""
    server = Server(tmp_path_factory.mktemp("agent"), made=made)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Any) -> None:
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.count += len(text)
        self.page.keyboard.type(text)

    def tab_to(self, wanted: Any) -> None:
        for _ in range(40):
            if wanted.evaluate("one => one === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"Tab never reaches {wanted}")

    def place(self, label: str, typed: str, wanted: str) -> None:
        box = self.page.get_by_role("combobox", name=label)
        self.tab_to(box)
        self.type(typed)
        shown = self.page.locator(f"#{box.get_attribute('aria-controls')} .option")
        shown.filter(has_text=wanted).first.wait_for()
        for _ in range(6):
            self.press("ArrowDown")
            if shown.filter(has_text=wanted).and_(self.page.locator("[aria-selected=true]")).count():
                break
        self.press("Enter")
        assert wanted in box.input_value()


def test_a_caller_is_booked_by_keyboard_in_half_a_minute(person, accessible):
    page = person("diane", DESK)
    page.goto(DESK_URL)
    accessible(page)
    keys = Keys(page)
    keys.press("g")
    assert page.locator("[name=way_in]:checked").get_attribute("value") == "counter"
    keys.press("t")
    keys.tab_to(page.locator("#id_name"))
    keys.type("Odile Bernardin")
    keys.press("Tab")
    keys.type("0612345699")
    keys.place("D'où ?", "1 rue alp", "Rue Alpha")
    keys.place("Vers où ?", "hopital", "Hôpital de Valmont")
    keys.press("Enter")
    page.locator("[data-choose='1']").wait_for()
    until(page, "document.activeElement.id === 'desk-answer'")  # once what came is in place
    assert "proposition" in page.locator("#desk-says").inner_text()
    accessible(page)
    keys.press("1")
    page.get_by_role("heading", name="Je vous lis :").wait_for()
    until(page, "document.activeElement.id === 'desk-read'")
    accessible(page)
    print(f"keys pressed: {keys.count} of {BUDGET}")  # noqa: T201 - what it costs, for the report
    assert keys.count <= BUDGET
    keys.press("e")
    page.get_by_text(" comme ").first.wait_for()
    code = page.locator(".code").first.inner_text()
    the_receipt_is_in_the_outbox(page, code)
    again(page, accessible)


def the_receipt_is_in_the_outbox(page: Any, code: str) -> None:
    adele = page.context.browser.new_context(base_url=page.url.split("/console")[0], **READER)
    desk = adele.new_page()
    desk.goto("/connexion/?next=/algorithmes/")
    desk.get_by_label("Adresse électronique").first.fill("adele@demo.ressort")
    desk.get_by_label("Mot de passe", exact=True).fill("ressort-demo")
    desk.get_by_role("button", name="Me connecter").click()
    desk.wait_for_url("**/algorithmes/")
    for _ in range(30):  # the reaction follows the journal a moment later
        desk.goto(f"/console/messages/?code={code}")
        if desk.get_by_text("06 12 34 56 99").count():
            break
        desk.wait_for_timeout(500)
    assert desk.get_by_text("SMS").count()
    desk.get_by_text("06 12 34 56 99").first.wait_for()
    adele.close()


def again(page: Any, accessible: Callable[[Any], None]) -> None:
    """The same person calls back: a few keys are enough."""
    page.locator("#desk-read").focus()
    keys = Keys(page)
    keys.press("n")
    page.wait_for_url(f"**{DESK_URL}")
    keys.press("Tab")
    keys.type("345699")
    page.get_by_role("button", name="Encore le même").first.wait_for()
    accessible(page)
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Enter")
    page.locator("[data-choose='1']").wait_for()
    keys.press("1")
    page.get_by_role("heading", name="Je vous lis :").wait_for()
    print(f"keys pressed for the same trip again: {keys.count}")  # noqa: T201 - what it costs, for the report
    assert keys.count <= 15


def test_errors_are_told_and_escape_asks_before_starting_again(person, accessible):
    page = person("diane", DESK)
    page.goto(DESK_URL)
    page.keyboard.press("Tab")
    page.locator("#id_name").focus()
    page.keyboard.type("Odile")
    page.keyboard.press("Enter")
    page.locator("#id_origin[aria-invalid=true]").wait_for()
    until(page, "document.activeElement.id === 'id_origin'")
    assert "lieu de départ" in page.locator("#desk-says").inner_text()
    accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="Recommencer ?").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{DESK_URL}")
    assert page.locator("#id_name").input_value() == ""
    page.locator("h1").click()
    page.keyboard.press("?")
    page.get_by_text("réserver cette proposition").first.wait_for()


def test_the_desk_is_accessible_in_every_shape(person, in_every_shape):
    page = person("diane")
    page.goto(DESK_URL)
    assert in_every_shape(page) == []


def test_the_same_without_scripts(person):
    page = person("diane", PHONE, java_script_enabled=False)
    page.goto(DESK_URL)
    page.locator("#id_name").fill("Odile")
    page.locator("#id_origin").fill("1 Rue Alpha")
    page.locator("#id_destination").fill("Hôpital de Valmont")
    page.get_by_role("button", name="Voir les propositions").first.click()
    page.get_by_role("button", name="Réserver cette proposition").first.click()
    reads(page, "Je vous lis")
    assert "Hôpital de Valmont" in page.locator(".desk-aloud").first.inner_text()
