"""Take the pictures of ``docs/img`` from a running demonstration: ``make shots``.

Without ``--url``, a demonstration is prepared in a scratch folder and stopped at the end. ``--all`` takes every
screen in both sizes and both themes, whole (``--into`` another folder, to look at them before a release); by default
only those that the documentation shows. ``--axe`` also has axe read each screen in each of its shapes, and ends badly
where it finds something to say. ``--sequence rider|agent|administrator`` takes instead the numbered pictures of
one person's journey (``tools/journeys.py``). Needs Chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import journeys
from journeys import shrink
from playwright.sync_api import Error, sync_playwright
from scenes import SCENES

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
TRIES = 3  # trips booked until one is carried by the van that was promised
OPEN = range(7, 18)  # hours at which the demonstration's minibuses take somebody at once
PATIENCE = 30_000  # milliseconds for one step of a page; a scene that takes longer is told and left out
PAINT = """async (theme) => {
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("theme:changed"));
    await document.fonts.ready;
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame); // all of it is painted anew
}"""
HIDDEN = """() => { const stage = document.querySelector(".console .stage");
    return stage ? Math.max(0, stage.scrollHeight - stage.clientHeight) : 0; }"""
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = """async () => (await axe.run({ runOnly: { type: "tag",
    values: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] } })).violations
    .map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`)"""
TALLEST = 4000  # pixels more than the window
KEPT = {  # what the documentation shows
    "phone": ("home", "ask", "offers", "trip", "driver", "report-start"),
    "desktop": ("trip", "board", "tours", "demands", "indicators", "room", "incident"),
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
        self.trip = self.sheet = self.appeal = ""
        self.known: dict[str, Any] = {}
        self.axe = ""
        self.said: list[str] = []
        self.pages: dict[tuple[str, str], Any] = {}

    def open(self, size: str = "desktop", person: str = "") -> Any:
        """Return a page of this size for this person: one browser profile each, signed in once and kept."""
        if (size, person) in self.pages:
            return self.pages[size, person]
        context = self.chromium.new_context(
            base_url=self.url,
            viewport=SIZES[size],
            locale="fr-FR",
            reduced_motion="reduce",
            device_scale_factor=1,
            storage_state=self.known.get(person),
        )
        context.add_cookies([{"name": "theme", "value": "light", "url": self.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        if person and person not in self.known:
            page.goto("/connexion/?next=/algorithmes/")
            page.get_by_label("Adresse électronique").first.fill(f"{person}@demo.ressort")
            page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Me connecter").click()
            page.wait_for_url("**/algorithmes/")
            self.known[person] = context.storage_state()
        self.pages[size, person] = page
        return page

    def ask(self, page: Any) -> None:
        """Fill the form of a trip across the town."""
        page.goto("/transport/")
        for field, typed in (("origin", FROM), ("destination", TO)):
            page.locator(f"[name={field}]").press_sequentially(typed)
            page.locator(".picker .option:visible").first.click()
        self._later(page)
        page.locator("h1").click()

    def prepare(self) -> None:
        """Book a ride, advance to the van's coming, find its driver's page, and stop the clock.

        A plan made better meanwhile may give the ride to another van: then book another, a few times at most.
        """
        for _try in range(TRIES):
            with suppress(Error):
                self._book()
            if self.sheet:
                break
        self.rate(self.open(person="diane"), 0)
        if not self.trip:
            raise SystemExit("No trip could be booked: start the demonstration again with --fresh.")
        with suppress(Error):
            self._contest()

    def _contest(self) -> None:
        """Ask that a person look at the trip's decision again: the desk of appeals has something to show."""
        page = self.open("desktop")
        SCENES["contest"][1](self, page)
        page.locator("[name=reason]").first.evaluate("""one => { if (one.type === "radio") one.checked = true;
            else one.selectedIndex = 1; }""")
        page.get_by_label("Adresse électronique").fill("rosa@demo.ressort")
        page.get_by_role("button", name="Envoyer ma demande").click()
        page.wait_for_url("**/recours/*/")
        self.appeal = page.url.removeprefix(self.url)

    def _now(self) -> datetime:
        with urlopen(f"{self.url}/api/v1/clock", timeout=20) as answer:  # noqa: S310 - our own
            return datetime.fromisoformat(json.load(answer)["now"]).astimezone(ZoneInfo("Europe/Paris"))

    def _later(self, page: Any) -> None:
        """Ask for tomorrow morning when the day's service is over or has not begun."""
        now = self._now()
        if now.hour in OPEN:
            return
        day = now.date() + timedelta(days=1 if now.hour >= OPEN.stop else 0)
        page.locator("[name=mode][value=after]").check(force=True)
        page.locator("[name=day]").fill(day.isoformat())
        page.locator("[name=hour]").fill("08:30")

    def _book(self) -> None:
        page, diane = self.open("desktop"), self.open(person="diane")
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
        page.goto("/console/transport/tournees/")
        page.locator(f"[data-clock] button[value='{rate}']").click()
        page.locator(f"[data-clock] button[value='{rate}'][aria-pressed=true]").wait_for()

    def _sheet(self, diane: Any, van: str, rider: Any) -> str:
        """Return the driver's page whose next stop is the rider's."""
        stop = rider.locator(".journey .stop strong").first.inner_text()
        links = diane.locator("tbody a", has_text=van).evaluate_all("all => all.map(a => a.href)")
        for link in links:
            number = link.rstrip("/").split("/")[-1]
            diane.goto(f"/transport/conducteur/{number}/")
            if diane.locator("section.next:not([hidden]) h2", has_text=stop).count():
                return f"/transport/conducteur/{number}/"
        return ""

    def shoot(self, name: str, size: str, *, whole: bool) -> Iterator[Path]:
        """Take one screen in both themes, of the window or of the whole page, and yield the files.

        The page is opened once and its theme changed on the spot, as a person does with the button.
        """
        person, act = SCENES[name]
        page = self.open(size, person)
        act(self, page)
        for box in page.locator("[data-map][data-waits]:not([data-asked-for]):visible").all():
            box.scroll_into_view_if_needed()  # a phone draws it once it is reached
        page.evaluate("scrollTo(0, 0)")
        for theme in THEMES:
            page.evaluate(PAINT, theme)
            if page.locator("[data-map]:not([data-waits]):visible").count():
                page.wait_for_selector("[data-map][data-ready]")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(1500)  # tiles of the other theme are drawn, labels fade in
            file = self.into / f"{name}-{theme}-{size}.png"
            if self.axe:
                if not page.evaluate("'axe' in window"):
                    page.evaluate(self.axe)
                self.said += [f"{file.stem}: {one}" for one in page.evaluate(RULES)]
            if whole and (
                hidden := page.evaluate(HIDDEN)
            ):  # the console scrolls inside: make the window taller
                page.set_viewport_size(
                    {**SIZES[size], "height": SIZES[size]["height"] + min(hidden, TALLEST)}
                )
            file.write_bytes(shrink(page.screenshot(full_page=whole)))
            page.set_viewport_size(SIZES[size])
            yield file


def main() -> None:
    """Take the pictures asked for, and say the weight of each."""
    parser = argparse.ArgumentParser(
        description="Take the pictures of docs/img from a running demonstration."
    )
    parser.add_argument("--url", default="", help="a demonstration that runs already")
    parser.add_argument("--all", action="store_true", help="every screen in every size and theme")
    parser.add_argument("--only", nargs="*", default=list(SCENES), choices=list(SCENES), metavar="SCREEN")
    parser.add_argument("--axe", action="store_true", help="have axe read each screen")
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
        camera.axe = AXE.read_text(encoding="utf-8") if asked.axe else ""
        camera.prepare()
        missed = []
        for name in asked.only:
            for size in SIZES:
                if asked.all or name in KEPT[size]:
                    try:
                        for file in camera.shoot(name, size, whole=asked.all):
                            print(f"{file.name}  {file.stat().st_size / 1000:.0f} kB", flush=True)
                    except Error as error:
                        missed.append(f"{name} ({size}): {str(error).splitlines()[0]}")
        camera.rate(camera.open(person="diane"), 10)
        for page in camera.pages.values():
            page.goto("about:blank")  # ends its streams
        chromium.close()
    if missed or camera.said:
        raise SystemExit("\n  ".join(["Not taken, or axe finds something to say:", *missed, *camera.said]))


if __name__ == "__main__":
    main()
