"""Take the pictures of ``docs/img`` from a running demonstration: ``make shots``.

Without ``--url``, a demonstration is prepared in a scratch folder and stopped at the end. ``--all`` takes every
screen in both sizes and both themes, whole (``--into`` another folder, to look at them before a release); by default
only those that the documentation shows. ``--sequence rider|agent|administrator`` takes instead the numbered pictures of
one person's journey (``tools/journeys.py``). Needs Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import journeys
from journeys import shrink
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "img"
FLAGS = [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-dev-shm-usage",
    "--no-sandbox",
]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
THEMES = ("light", "dark")
PASSWORD = "ressort-demo"  # noqa: S105 - printed by the demonstration itself
FROM, TO = "Gare", "Hôpital"
READY = 600  # seconds for a first start
PORT = 8029
KEPT = {  # what the documentation shows
    "phone": ("home", "ask", "offers", "trip", "driver"),
    "desktop": ("trip", "board", "tours", "demands", "indicators"),
}


@contextmanager
def demonstration(url: str) -> Iterator[str]:
    """Yield the address of a demonstration: the one given, or one of our own, ended afterwards."""
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="ressort-shots-") as folder:
        env = {**os.environ, "RESSORT_DATA": folder}
        command = [sys.executable, "-m", "ressort.cli", "demo", "--port", str(PORT)]
        process = subprocess.Popen(command, env=env, cwd=ROOT)
        address = f"http://127.0.0.1:{PORT}"
        try:
            _wait(address, process)
            yield address
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit("The demonstration stopped before it was ready.")
        with suppress(OSError), urlopen(f"{address}/api/v1/clock", timeout=5):  # noqa: S310 - our own
            return
        time.sleep(1)
    raise SystemExit("The demonstration was not ready in time.")


class Camera:
    """Browsers of every size and theme on one demonstration, all looking at the same trip."""

    def __init__(self, chromium: Any, url: str, into: Path) -> None:
        self.chromium, self.url, self.into = chromium, url, into
        self.trip = self.sheet = self.receipt = ""
        self.known: dict[str, Any] = {}

    @contextmanager
    def page(self, size: str = "desktop", theme: str = "light", person: str = "") -> Iterator[Any]:
        """Yield a page of a new browser, signed in if a person is named."""
        context = self.chromium.new_context(
            base_url=self.url,
            viewport=SIZES[size],
            color_scheme=theme,
            locale="fr-FR",
            reduced_motion="reduce",
            device_scale_factor=1,
            storage_state=self.known.get(person),
        )
        context.add_cookies([{"name": "theme", "value": theme, "url": self.url}])
        page = context.new_page()
        page.set_default_timeout(90_000)  # a software GPU, on a machine that may be busy
        if person and person not in self.known:
            page.goto("/connexion/?next=/algorithmes/")
            page.get_by_label("Adresse électronique").first.fill(f"{person}@demo.ressort")
            page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Me connecter").click()
            page.wait_for_url("**/algorithmes/")
            self.known[person] = context.storage_state()
        yield page
        context.close()

    def ask(self, page: Any) -> None:
        """Fill the form of a trip across the town."""
        page.goto("/transport/")
        for field, typed in (("origin", FROM), ("destination", TO)):
            page.locator(f"[name={field}]").press_sequentially(typed)
            page.locator(".picker .option:visible").first.click()
        page.locator("h1").click()

    def prepare(self) -> None:
        """Book a ride, advance to the van's coming, find its driver's page, and stop the clock.

        A plan made better meanwhile may give the ride to another van: then book another.
        """
        while not self.sheet:
            self._book()

    def _book(self) -> None:
        with self.page() as page, self.page(person="diane") as diane:
            diane.goto("/console/transport/tournees/")
            self.rate(diane, 10)
            self.ask(page)
            page.get_by_role("button", name="Voir les propositions").click()
            page.get_by_role("link", name="Choisir cette proposition").first.click()
            page.get_by_label("Nom").fill("Rosa Lemaire")
            page.get_by_label("Téléphone").fill("06 12 34 56 78")
            page.get_by_role("button", name="Accepter cette proposition").click()
            page.wait_for_url("**/transport/trajets/*/")
            self.trip = page.url.removeprefix(self.url)
            with page.expect_navigation(timeout=300_000):
                page.get_by_role("button", name="Avancer jusqu'à mon passage").click()
            van = page.locator(".journey .ride strong").inner_text()
            self.rate(diane, 0)
            self.sheet = self._sheet(diane, van, page)

    def rate(self, page: Any, rate: int) -> None:
        """Set the speed of the demonstration's clock."""
        page.locator(f"[data-clock] button[value='{rate}']").click()
        page.locator(f"[data-clock] button[value='{rate}'][aria-pressed=true]").wait_for()

    def _sheet(self, diane: Any, van: str, rider: Any) -> str:
        """Return the driver's page whose next stop is the rider's."""
        stop = rider.locator(".journey .stop strong").first.inner_text()
        links = diane.locator("tbody a", has_text=van).evaluate_all("all => all.map(a => a.href)")
        for link in links:
            number = link.rstrip("/").split("/")[-1]
            diane.goto(f"/transport/conducteur/{number}/")
            if diane.locator("#next", has_text=stop).count():
                return f"/transport/conducteur/{number}/"
        return ""

    def shoot(self, name: str, size: str, theme: str, *, whole: bool) -> Path:
        """Take one picture: of the window, or of the whole page."""
        person, act = SCENES[name]
        with self.page(size, theme, person) as page:
            act(self, page)
            page.evaluate("document.fonts.ready")
            if page.locator("[data-map]:visible").count():
                page.wait_for_selector("[data-map][data-ready]")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(1500)  # labels of the map fade in
            file = self.into / f"{name}-{theme}-{size}.png"
            file.write_bytes(shrink(page.screenshot(full_page=whole)))
        return file


def _at(path: str) -> Callable[[Camera, Any], None]:
    return lambda _camera, page: page.goto(path) and None


def _offers(camera: Camera, page: Any) -> None:
    camera.ask(page)
    page.get_by_role("button", name="Voir les propositions").click()
    page.wait_for_url("**/transport/demandes/*/")


def _refused(camera: Camera, page: Any) -> None:
    camera.ask(page)
    for field in ("passengers", "wheelchairs"):
        page.locator(f"[name={field}]").evaluate("one => { one.value = 4; }")
    page.get_by_role("button", name="Voir les propositions").click()
    page.wait_for_url("**/transport/demandes/*/")


def _wrong(camera: Camera, page: Any) -> None:
    camera.ask(page)
    page.locator("[name=destination]").fill("Xyzzy plugh")
    page.get_by_role("button", name="Voir les propositions").click()
    page.locator("[aria-invalid=true]").first.wait_for()


def _accept(camera: Camera, page: Any) -> None:
    _offers(camera, page)
    page.get_by_role("link", name="Choisir cette proposition").first.click()
    page.get_by_label("Nom").wait_for()


def _receipt(camera: Camera, page: Any) -> None:
    page.goto(camera.trip)
    page.get_by_role("link", name="pourquoi cette proposition").click()
    page.wait_for_url("**/recus/*/")


def _contest(camera: Camera, page: Any) -> None:
    _receipt(camera, page)
    page.get_by_role("link", name="Demander qu'une personne").first.click()
    page.locator("main form").first.wait_for()


def _first(path: str) -> Callable[[Camera, Any], None]:
    """Open a list of the console, then its first row in the panel."""

    def act(_camera: Camera, page: Any) -> None:
        page.goto(path)
        page.locator("details.more > summary").evaluate_all("all => all.forEach(one => one.click())")
        page.locator("main tbody a").first.click()
        page.locator("#panel h2").first.wait_for()

    return act


SCENES: dict[str, tuple[str, Callable[[Camera, Any], None]]] = {
    "home": ("", _at("/")),
    "search": ("", _at("/chercher/?q=gare")),
    "search-none": ("", _at("/chercher/?q=xyzzy")),
    "signin": ("", _at("/connexion/")),
    "join": ("", _at("/inscription/")),
    "accessibility": ("", _at("/accessibilite/")),
    "licences": ("", _at("/licences/")),
    "algorithms": ("", _at("/algorithmes/")),
    "receipt": ("", _receipt),
    "unknown": ("", _at("/nulle-part/")),
    "stops": ("", _at("/transport/arrets/")),
    "ask": ("", lambda camera, page: camera.ask(page)),
    "wrong": ("", _wrong),
    "offers": ("", _offers),
    "refused": ("", _refused),
    "accept": ("", _accept),
    "trip": ("", lambda camera, page: page.goto(camera.trip) and None),
    "account": ("rosa", _at("/mon-espace/")),
    "trips": ("rosa", _at("/transport/trajets/")),
    "driver": ("diane", lambda camera, page: page.goto(camera.sheet) and None),
    "contest": ("", _contest),
    "data": ("", _at("/donnees/")),
    "my-data": ("rosa", _at("/mon-espace/donnees/")),
    "my-messages": ("rosa", _at("/mon-espace/messages/")),
    "console": ("diane", _at("/console/")),
    "appeals": ("agathe", _at("/console/recours/")),
    "outbox": ("adele", _at("/console/messages/")),
    "retention": ("adele", _at("/console/conservation/")),
    "administration": ("adele", _at("/console/administration/")),
    "people": ("adele", _at("/console/administration/personnes/")),
    "vehicles": ("adele", _at("/console/administration/vehicules/")),
    "shifts": ("adele", _at("/console/administration/services/")),
    "places": ("adele", _at("/console/administration/arrets/")),
    "network": ("adele", _at("/console/administration/reseau/")),
    "branding": ("adele", _at("/console/administration/apparence/")),
    "style": ("diane", _at("/console/style/")),
    "board": ("diane", _at("/console/transport/")),
    "tours": ("diane", _at("/console/transport/tournees/")),
    "vehicle": ("diane", _first("/console/transport/tournees/")),
    "demands": ("diane", _at("/console/transport/demandes/")),
    "demand": ("diane", _first("/console/transport/demandes/")),
    "indicators": ("diane", _at("/console/transport/indicateurs/")),
    "offering": ("adele", _at("/console/transport/offre/")),
    "book-for": ("agathe", _at("/console/transport/reserver/")),
}


def main() -> None:
    """Take the pictures asked for, and say the weight of each."""
    parser = argparse.ArgumentParser(
        description="Take the pictures of docs/img from a running demonstration."
    )
    parser.add_argument("--url", default="", help="a demonstration that runs already")
    parser.add_argument("--all", action="store_true", help="every screen in every size and theme")
    parser.add_argument("--only", nargs="*", default=list(SCENES), choices=list(SCENES), metavar="SCREEN")
    parser.add_argument("--into", type=Path, default=IMAGES, help="folder of the pictures")
    parser.add_argument(
        "--sequence", choices=list(journeys.JOURNEYS), help="one journey, in numbered pictures"
    )
    asked = parser.parse_args()
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not browser:
        raise SystemExit("No Chromium here (Debian: apt install chromium).")
    if asked.sequence:
        into = asked.into / "journeys" if asked.into == IMAGES else asked.into
        journeys.take(asked.sequence, asked.url, into, browser, FLAGS)
        return
    asked.into.mkdir(parents=True, exist_ok=True)
    with demonstration(asked.url) as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        camera = Camera(chromium, url, asked.into)
        camera.prepare()
        for name in asked.only:
            for size in SIZES:
                if asked.all or name in KEPT[size]:
                    for theme in THEMES:
                        file = camera.shoot(name, size, theme, whole=asked.all)
                        print(f"{file.name}  {file.stat().st_size / 1000:.0f} kB", flush=True)
        with camera.page(person="diane") as diane:
            diane.goto("/console/transport/tournees/")
            camera.rate(diane, 10)
        chromium.close()


if __name__ == "__main__":
    main()
