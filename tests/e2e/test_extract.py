"""The same demonstration on real streets: a ride is booked in a browser, and its van comes and drives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error

from ressort.engines.geodesy import distance
from tests.e2e.conftest import DESK, PATIENCE, PHONE, READER
from tests.e2e.server import Server
from tests.e2e.test_transport import PASSWORD

OSM = Path(__file__).resolve().parents[3] / "shared" / "data" / "osm"
TRIP = re.compile(r"/transport/trajets/[A-Z0-9-]+/$")

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.timeout(900, func_only=True),
    pytest.mark.skipif(not OSM.exists(), reason="../shared is not beside this checkout"),
]


def far_apart(server: Server) -> tuple[str, str]:
    """Return the names of the first stop and of the one farthest from it, among names that are used once."""
    stops = server.get("/api/v1/transport/stops.geojson")["features"]
    names = [stop["properties"]["name"] for stop in stops]
    points = {
        stop["properties"]["name"]: stop["geometry"]["coordinates"]
        for stop in stops
        if names.count(stop["properties"]["name"]) == 1
    }
    first = min(points)
    return first, max(points, key=lambda name: distance(*points[first], *points[name]))


def choose(page: Any, field: str, name: str) -> None:
    page.locator(f"[name={field}]").press_sequentially(name)
    page.locator(".picker .option:visible", has_text=name).first.click()


def hurry(browser: Any, server: Server) -> None:
    """Have the dispatcher set the clock to its fastest: a ride across a country is long."""
    page = browser.new_context(base_url=server.url, viewport=DESK, **READER).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("/connexion/?next=/console/transport/tournees/")
    page.get_by_label("Adresse électronique").first.fill("diane@demo.ressort")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Me connecter").click()
    page.locator("[data-clock] button[value='60']").click()
    page.locator("[data-clock] button[value='60'][aria-pressed=true]").wait_for()
    page.goto("about:blank")


@pytest.mark.parametrize(
    "file", ["monaco_2021.osm.pbf", "redon_centre_35.osm.gz", "liechtenstein_2015.osm.pbf"]
)
def test_a_ride_on_real_streets(tmp_path, browser, file):
    server = Server(tmp_path, OSM / file, riders=120)
    server.start()
    try:
        page = browser.new_context(base_url=server.url, viewport=PHONE, **READER).new_page()
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.set_default_timeout(PATIENCE)
        origin, destination = far_apart(server)
        page.goto("/transport/")
        choose(page, "origin", origin)
        choose(page, "destination", destination)
        page.get_by_role("button", name="Voir les propositions").click()
        page.get_by_role("link", name=re.compile("^Choisir")).first.click()
        page.get_by_label("Nom").fill("Rosa Lemaire")
        page.get_by_role("button", name="Accepter cette proposition").click()
        page.wait_for_url(TRIP)
        code = page.url.rstrip("/").split("/")[-1]
        with page.expect_navigation(url=TRIP, timeout=180_000):
            page.get_by_role("button", name="Avancer jusqu'à mon passage").click()
        page.get_by_role("heading", level=1).filter(
            has_text=re.compile("Votre minibus|Bon voyage|arrivé")
        ).wait_for()
        page.locator("[data-map]").scroll_into_view_if_needed()  # on a phone it is drawn once reached
        page.wait_for_selector("[data-map][data-ready]")
        ends = server.get(f"/transport/trajets/{code}/carte.geojson?part=ends")["features"]
        assert {end["properties"].get("name", "") for end in ends} & {origin, destination}
        hurry(browser, server)
        try:
            page.get_by_role("heading", name="Vous êtes arrivé").wait_for(
                timeout=420_000
            )  # the twin drives it
        except Error as error:
            error.add_note(f"the page says: {page.get_by_role('heading', level=1).inner_text()}")
            for table in ("transport_booking", "fleet_promise", "fleet_visit", "fleet_tour", "journal_event"):
                error.add_note(f"{table}: {server.rows(f'SELECT * FROM {table} ORDER BY 1 DESC LIMIT 3')}")
            raise
        page.goto("about:blank")
        assert broken == []
    finally:
        server.stop()
