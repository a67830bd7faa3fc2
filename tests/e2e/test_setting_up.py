"""The journey of an administrator: from an empty folder to the first booking, in a browser, with nothing prepared.

The issue gives a person fifteen minutes. What the machine spends is measured; what the person does is counted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.conftest import DESK, PATIENCE, PHONE, READER
from tests.e2e.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400, func_only=True)]

CODE = re.compile(r"Code d'installation :\s+(\S+)")
TRIP = re.compile(r"/transport/trajets/[A-Z0-9-]+/$")
BOUND = 15 * 60  # seconds for a person, loading included
PASSWORD = "une-phrase-de-passe"
REST = ["Samedi", "Dimanche", "Jour férié"]


@dataclass
class Walk:
    """What somebody does at the screen, counted: pages read, fields filled, buttons pressed."""

    page: Any
    accessible: Callable[[Any], None]
    steps: list[str] = field(default_factory=list)
    fields: int = 0
    presses: int = 0
    begun: float = field(default_factory=time.monotonic)

    def arrive(self, heading: str) -> None:
        """Wait for a page, and let axe read it."""
        self.page.get_by_role("heading", level=1, name=heading).wait_for()
        self.accessible(self.page)
        self.steps.append(f"{time.monotonic() - self.begun:6.1f} s  {heading}")

    def fill(self, label: str, value: str) -> None:
        """Type into a field found by its label."""
        self.page.get_by_label(label, exact=True).fill(value)
        self.fields += 1

    def press(self, name: str, role: str = "button") -> None:
        """Press a button or a link found by its words."""
        self.page.get_by_role(role, name=name).first.click()
        self.presses += 1

    def said(self) -> str:
        """Return the account of the journey."""
        spent = time.monotonic() - self.begun
        return "\n".join(
            [
                *self.steps,
                f"pages: {len(self.steps)}, fields: {self.fields}, buttons: {self.presses}, wall time: {spent:.0f} s",
            ]
        )


@pytest.fixture
def empty(tmp_path: Any) -> Iterator[Server]:
    """``ressort serve`` on a folder where nothing is."""
    server = Server(tmp_path, verb="serve")
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def look(browser: Any, empty: Server) -> Iterator[Callable[..., Any]]:
    """Return ``look(size)``: a browser of one's own. A script error, or an answer of 500, fails the test.

    503 is what the pages answer until the platform opens.
    """
    contexts: list[Any] = []
    broken: list[str] = []

    def arrive(size: dict[str, int]) -> Any:
        context = browser.new_context(base_url=empty.url, viewport=size, **READER)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on(
            "response",
            lambda answer: broken.append(f"{answer.status} {answer.url}") if answer.status == 500 else None,
        )
        return page

    yield arrive
    for context in contexts:
        for page in context.pages:
            page.goto("about:blank")  # closing a context can wait for ever on a software GPU
    assert broken == []


def begin(walk: Walk, code: str) -> None:
    """Prove who installs, and open an account."""
    walk.page.goto("/demarrer/")
    walk.arrive("Bienvenue dans Ressort")
    walk.fill("Code d'installation", code)
    walk.press("Commencer")
    walk.arrive("Qui administre")
    walk.fill("Votre nom", "Ève Bourgeois")
    walk.fill("Votre adresse électronique", "eve@exemple.fr")
    walk.fill("Choisissez un mot de passe", PASSWORD)
    walk.press("Créer mon compte et continuer")


def describe(walk: Walk) -> None:
    """Choose the territory and accept the name proposed."""
    walk.arrive("Quel territoire")
    walk.fill("Intercommunalité, commune ou SIREN", "dijon")
    walk.press("Chercher")
    walk.press("Dijon Métropole", "link")
    walk.page.get_by_role("heading", level=2, name="Dijon Métropole").wait_for()
    walk.accessible(walk.page)
    walk.press("C'est ce territoire")
    walk.arrive("Nom et apparence")
    assert walk.page.locator("[name=name]").input_value() == "Dijon Métropole"
    walk.press("Enregistrer et continuer")


def load(walk: Walk, file: str) -> None:
    """Send the streets, and wait for them."""
    walk.arrive("Le réseau de rues")
    walk.page.locator("input[type=file]").set_input_files(file)
    walk.fields += 1
    walk.press("Charger ce réseau")
    walk.page.get_by_text("est en service").wait_for(timeout=180_000)
    walk.accessible(walk.page)
    walk.press("Continuer", "link")


def publish(walk: Walk) -> None:
    """Take the stops found, run every day of the week, publish, and open."""
    walk.arrive("Le premier service")
    walk.press("Prendre les arrêts trouvés dans le réseau")
    walk.page.get_by_label("Nom du service").wait_for()
    walk.accessible(walk.page)
    for day in REST:
        walk.page.get_by_label(day).check()
        walk.fields += 1
    walk.press("Publier cette offre")
    walk.page.get_by_role("button", name="Ouvrir et réserver un premier trajet").wait_for()
    walk.accessible(walk.page)
    walk.press("Ouvrir et réserver un premier trajet")


def book(walk: Walk) -> None:
    """Book a trip across the town for the day after tomorrow."""
    walk.arrive("Où voulez-vous aller")
    walk.page.locator("[name=mode][value=after]").check()
    when = {"day": (datetime.now(tz=UTC).date() + timedelta(days=2)).isoformat(), "hour": "10:00"}
    where = {"origin": "1 Rue Alpha", "destination": "Hôpital de Valmont"}
    for name, words in {**when, **where}.items():
        walk.page.locator(f"[name={name}]").fill(words)
        walk.fields += 1
    walk.press("Voir les propositions")
    walk.page.get_by_role("link", name="Choisir cette proposition").first.wait_for()
    walk.accessible(walk.page)
    walk.press("Choisir cette proposition", "link")
    if not walk.page.get_by_label("Nom", exact=True).input_value():
        walk.fill("Nom", "Ève Bourgeois")
    walk.press("Accepter cette proposition")
    walk.page.wait_for_url(TRIP)


def test_an_empty_folder_becomes_a_service_that_takes_bookings(empty, look, accessible, capsys):
    found = CODE.search("".join(empty.said))
    assert found, "".join(empty.said)
    passer_by = look(PHONE)
    passer_by.goto("/transport/")
    passer_by.get_by_role("heading", name="Cette plateforme se prépare").wait_for()
    accessible(passer_by)
    walk = Walk(look(DESK), accessible)
    begin(walk, found[1])
    describe(walk)
    load(walk, str(empty.osm))
    publish(walk)
    book(walk)
    walk.page.wait_for_selector("[data-map][data-ready]")
    walk.arrive(walk.page.get_by_role("heading", level=1).inner_text())
    with capsys.disabled():
        print(f"\n{walk.said()}")  # noqa: T201 - what the journey costs, for whoever runs it
    assert time.monotonic() - walk.begun < BOUND
    assert walk.fields <= 15, "a person is asked for little"
    passer_by.goto("/transport/")
    passer_by.get_by_role("heading", name="Où voulez-vous aller").wait_for()
    assert empty.rows("SELECT count(*) FROM transport_booking") == [(1,)]
    assert empty.command("check", "journal").returncode == 0
