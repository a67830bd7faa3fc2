"""The network cable of a driver's page is pulled for a whole tour: nothing is lost, nothing is doubled, conflicts are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cable import Cable
from tests.e2e.conftest import PATIENCE, PHONE, READER, until
from tests.e2e.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500, func_only=True)]
MAIN = "#sheet [data-call]:not([hidden]) button.main:visible"


@pytest.fixture
def demo(tmp_path: Path, made: Path) -> Iterator[Server]:
    server = Server(tmp_path, made=made)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def cable(demo: Server) -> Iterator[Cable]:
    found = Cable(demo.port)
    yield found
    found.close()


def busiest(server: Server) -> int:
    """Return the tour with the most riders still to come."""
    query = "SELECT tour_id FROM fleet_visit WHERE state = 'pending' GROUP BY tour_id ORDER BY count(*) DESC LIMIT 1"
    return int(server.rows(query)[0][0])


def press(page: Any) -> str:
    """Press the main button of the page and wait for it to give way to the next; return its words."""
    button = page.locator(MAIN).first
    words = " ".join(button.inner_text().split())
    button.evaluate("one => { one.dataset.pressed = ''; }")
    button.click()
    page.locator(f"{MAIN}[data-pressed]").wait_for(state="hidden")
    return words


def test_a_whole_tour_without_network(demo, cable, browser, accessible):
    context = browser.new_context(base_url=cable.url, viewport=PHONE, **READER)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.set_default_timeout(PATIENCE)
    page.goto("/connexion/?next=/console/transport/tournees/")
    page.get_by_label("Adresse électronique").first.fill("diane@demo.ressort")
    page.get_by_label("Mot de passe", exact=True).fill("ressort-demo")
    page.get_by_role("button", name="Me connecter").click()
    page.locator("[data-clock] button[value='0']").click()
    page.locator("[data-clock] button[value='0'][aria-pressed=true]").wait_for()
    tour = busiest(demo)
    page.goto(f"/transport/conducteur/{tour}/")
    page.locator("[data-tour][data-ready]").wait_for(state="attached")
    press(page)  # the first deed goes through the network, and takes the wheel
    page.locator("[data-call][data-state=under_way]").wait_for()
    sheet = page.locator("#sheet")

    cable.cut()
    told = [press(page), press(page)]
    page.locator("[data-tour]", has_text="gardé").wait_for()
    accessible(page)
    cancelled = demo.rows(
        "SELECT b.code, v.id FROM transport_booking b JOIN fleet_visit v ON v.promise_id = b.promise_id "
        f"WHERE v.tour_id = {tour} AND v.state = 'pending' AND v.is_pickup ORDER BY v.sequence DESC LIMIT 1"
    )[0]
    demo.post(f"/api/v1/transport/trips/{cancelled[0]}/cancel", {})
    page.reload()  # opens without network, as it was left
    page.locator("[data-tour]", has_text="gardé").wait_for()
    while page.locator(MAIN).count():
        told.append(press(page))
    sheet.get_by_text("Rien à faire pour l'instant").wait_for()
    kept = page.evaluate(f"JSON.parse(localStorage.getItem('ressort-tour-{tour}-deeds'))")
    assert [deed["kind"] for deed in kept][:2] == ["arrive", "serve"]
    assert len(kept) == len(told)
    before = demo.rows(f"SELECT count(*) FROM fleet_visit WHERE tour_id = {tour} AND state = 'done'")[0][0]

    cable.mend()
    page.locator("[data-tour]", has_text="déjà traité").first.wait_for()
    until(page, f"localStorage.getItem('ressort-tour-{tour}-deeds') === '[]'")
    accessible(page)
    after = demo.rows(f"SELECT count(*) FROM fleet_visit WHERE tour_id = {tour} AND state = 'done'")[0][0]
    served = sum(deed["kind"] == "serve" for deed in kept)
    refused = demo.rows(f"SELECT kind, code FROM transport_report WHERE tour_id = {tour} AND code != ''")
    assert after - before == served - len([kind for kind, _ in refused if kind == "serve"])
    assert {code for _, code in refused} <= {"visit-over", "not-aboard"}
    assert refused, "the rider who had cancelled was told as aboard: a person must settle it"
    reports = demo.rows(f"SELECT key FROM transport_report WHERE tour_id = {tour}")
    assert {deed["key"] for deed in kept} <= {key for (key,) in reports}
    assert len(reports) == len(set(reports)) == len(kept) + 1
    assert "intact" in demo.command("check", "journal").stdout
    page.get_by_role("button", name="J'ai lu").click()
    page.locator("[data-tour]:empty").wait_for(state="attached")
    page.goto("about:blank")
    assert broken == []
