"""Journeys in pictures: what one person sees, from the first page to the last, for ``docs/journeys.md``.

``tools/shots.py --sequence NAME`` takes them. The rider and the agent walk through a demonstration; the administrator
begins with ``ressort serve`` on an empty folder, and a village for streets.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
PASSWORD = "ressort-demo"  # noqa: S105 - printed by the demonstration itself
PORT = 8028
CODE = re.compile(r"Code d'installation :\s+(\S+)")
WIDTH = 720  # a picture of a desk is shown small


def shrink(png: bytes) -> bytes:
    """Return a picture of at most 256 colours, which is all that flat screens and maps need."""
    few = Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return min(out.getvalue(), png, key=len)


class Reporter:
    """Takes numbered pictures of one page."""

    def __init__(self, page: Any, into: Path, name: str) -> None:
        self.page, self.into, self.name, self.count = page, into, name, 0

    def look(self) -> None:
        """Take the next picture, once the page is still."""
        self.page.wait_for_load_state("networkidle")
        if self.page.locator("[data-map]:not([data-waits]):visible").count():
            self.page.wait_for_selector("[data-map][data-ready]")
            self.page.wait_for_timeout(1500)  # labels of the map fade in
        self.count += 1
        png = self.page.screenshot()
        if self.page.viewport_size["width"] > WIDTH:
            png = _narrow(png)
        file = self.into / f"{self.name}-{self.count:02}.png"
        file.write_bytes(shrink(png))
        print(f"{file.name}  {file.stat().st_size / 1000:.0f} kB", flush=True)

    def press(self, name: str, role: str = "button") -> None:
        """Press what bears these words."""
        self.page.get_by_role(role, name=name).first.click()


def _narrow(png: bytes) -> bytes:
    picture = Image.open(io.BytesIO(png))
    out = io.BytesIO()
    picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS).save(
        out, "PNG"
    )
    return out.getvalue()


def rider(shot: Reporter) -> None:
    """Ask for a trip, choose an offer, accept it, follow it."""
    page = shot.page
    page.goto("/")
    shot.look()
    page.goto("/transport/")
    for field, typed in (("origin", "Gare"), ("destination", "Hôpital")):
        page.locator(f"[name={field}]").press_sequentially(typed)
        page.locator(".picker .option:visible").first.click()
    page.locator("h1").click()
    shot.look()
    shot.press("Voir les propositions")
    page.wait_for_url("**/transport/demandes/*/")
    shot.look()
    shot.press("Choisir cette proposition", "link")
    page.get_by_label("Nom").fill("Rosa Lemaire")
    page.get_by_label("Téléphone").fill("06 12 34 56 78")
    shot.look()
    shot.press("Accepter cette proposition")
    page.wait_for_url("**/transport/trajets/*/")
    shot.look()
    with page.expect_navigation(timeout=300_000):
        shot.press("Avancer jusqu'à mon passage")
    shot.look()


def agent(shot: Reporter) -> None:
    """Book for somebody on the phone by keyboard, read the promise aloud, see what was sent."""
    page = shot.page
    page.goto("/connexion/?next=/console/transport/reserver/")
    page.get_by_label("Adresse électronique").first.fill("agathe@demo.ressort")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    shot.press("Me connecter")
    page.wait_for_url("**/console/transport/reserver/")
    keys = page.keyboard
    shot.look()
    page.locator("#id_name").focus()
    keys.type("Odile Bernardin")
    keys.press("Tab")
    keys.type("06 12 34 56 99")
    for label, typed in (("D'où ?", "Gare"), ("Vers où ?", "Hôpital")):
        box = page.get_by_role("combobox", name=label)
        box.focus()
        keys.type(typed)
        page.locator(f"#{box.get_attribute('aria-controls')} .option").first.wait_for()
        keys.press("ArrowDown")
        keys.press("Enter")
    shot.look()
    keys.press("Enter")
    page.locator("[data-choose='1']").wait_for()
    shot.look()
    keys.press("1")
    page.get_by_role("heading", name="Je vous lis :").wait_for()
    shot.look()
    keys.press("e")
    page.locator(".code").first.wait_for()
    shot.look()
    page.goto("/console/messages/")
    shot.look()


def administrator(shot: Reporter, code: str, streets: Path) -> None:
    """Set an installation up, from the code in the terminal to the first booking."""
    page = shot.page
    page.goto("/demarrer/")
    page.get_by_label("Code d'installation").fill(code)
    shot.look()
    shot.press("Commencer")
    page.get_by_label("Votre nom").fill("Ève Bourgeois")
    page.get_by_label("Votre adresse électronique").fill("eve@exemple.fr")
    page.get_by_label("Choisissez un mot de passe").fill("une-phrase-de-passe")
    shot.look()
    shot.press("Créer mon compte et continuer")
    page.get_by_label("Intercommunalité").fill("dijon")
    shot.press("Chercher")
    shot.press("Dijon Métropole", "link")
    shot.look()
    shot.press("C'est ce territoire")
    shot.look()
    shot.press("Enregistrer et continuer")
    page.locator("input[type=file]").set_input_files(str(streets))
    shot.look()
    shot.press("Charger ce réseau")
    page.get_by_text("est en service").wait_for(timeout=180_000)
    shot.press("Continuer", "link")
    shot.press("Prendre les arrêts trouvés dans le réseau")
    page.get_by_label("Nom du service").wait_for()
    for day in ("Samedi", "Dimanche", "Jour férié"):
        page.get_by_label(day).check()
    shot.look()
    shot.press("Publier cette offre")
    page.get_by_text("est publiée").first.wait_for()
    shot.look()
    shot.press("Ouvrir et réserver un premier trajet")
    page.locator("[name=mode][value=after]").check()
    day = (datetime.now(tz=UTC).date() + timedelta(days=2)).isoformat()
    wish = {"day": day, "hour": "10:00", "origin": "1 Rue Alpha", "destination": "Hôpital de Valmont"}
    for name, words in wish.items():
        page.locator(f"[name={name}]").fill(words)
    shot.press("Voir les propositions")
    shot.press("Choisir cette proposition", "link")
    shot.press("Accepter cette proposition")
    page.wait_for_url("**/transport/trajets/*/")
    shot.look()


JOURNEYS: dict[str, dict[str, int]] = {"rider": PHONE, "agent": DESK, "administrator": DESK}


@contextmanager
def empty_folder() -> Iterator[tuple[str, str, Path]]:
    """Serve an empty folder; yield its address, the set-up code, and a file of streets."""
    with tempfile.TemporaryDirectory(prefix="ressort-journey-") as folder:
        streets = Path(folder) / "valmont.osm"
        command = [sys.executable, "-m", "ressort.cli"]
        subprocess.run([*command, "town", str(streets), "--village"], check=True)
        env = {**os.environ, "RESSORT_DATA": f"{folder}/data", "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            [*command, "serve", "--port", str(PORT)], env=env, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            code = next((found[1] for line in process.stdout if (found := CODE.search(line))), "")
            if not code:
                raise SystemExit("The server stopped before it gave its code.")
            threading.Thread(target=process.stdout.read, daemon=True).start()  # never fills its pipe
            yield f"http://127.0.0.1:{PORT}", code, streets
        finally:
            process.terminate()
            process.wait(30)


def take(name: str, url: str, into: Path, browser: str, flags: list[str]) -> None:
    """Take the pictures of one journey into a folder."""
    into.mkdir(parents=True, exist_ok=True)
    for old in into.glob(f"{name}-*.png"):
        old.unlink()
    if name == "administrator":
        with empty_folder() as (address, code, streets):
            _walk(name, address, into, browser, flags, lambda shot: administrator(shot, code, streets))
        return
    from shots import demonstration

    with demonstration(url) as address:
        _walk(name, address, into, browser, flags, {"rider": rider, "agent": agent}[name])


def _walk(
    name: str, url: str, into: Path, browser: str, flags: list[str], walk: Callable[[Reporter], None]
) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=flags)
        context = chromium.new_context(
            base_url=url,
            viewport=JOURNEYS[name],
            locale="fr-FR",
            reduced_motion="reduce",
            device_scale_factor=1,
        )
        page = context.new_page()
        page.set_default_timeout(90_000)  # a software GPU, on a machine that may be busy
        walk(Reporter(page, into, name))
        page.goto("about:blank")
        chromium.close()
