"""Two operators raise a bollard; the plug is pulled in between; a light is confirmed by the light itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DESK, PATIENCE, READER
from tests.e2e.server import Server
from tests.e2e.test_restart import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500, func_only=True)]
PASSWORD = "ressort-demo"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Iterator[Server]:
    """The demonstration as a person starts it, on the small town."""
    server = Server(tmp_path_factory.mktemp("street"), made=made)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def operator(browser: Any, demo: Server) -> Iterator[Callable[[str], Any]]:
    """Return ``operator("oscar")``: a page of somebody of the demonstration."""
    contexts: list[Any] = []

    def sign_in(name: str) -> Any:
        context = browser.new_context(base_url=demo.url, viewport=DESK, **READER)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.goto("/connexion/?next=/algorithmes/")
        page.get_by_label("Adresse électronique").first.fill(f"{name}@demo.ressort")
        page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Me connecter").click()
        page.wait_for_url("**/algorithmes/")
        return page

    yield sign_in
    for context in contexts:
        for page in context.pages:
            page.goto("about:blank")


def asset(demo: Server, code: str) -> str:
    return demo.rows(f"SELECT pid FROM controlroom_asset WHERE code = '{code}'")[0][0]


def ask(page: Any, pid: str, words: str, reason: str) -> None:
    page.goto(f"/console/poste/equipements/{pid}/")
    opened = page.locator("details", has=page.locator("summary", has_text=words))
    opened.locator("summary").click()
    opened.get_by_label("Motif").fill(reason)
    opened.get_by_role("button", name=words).click()
    page.wait_for_load_state()


def free(demo: Server, code: str) -> bool:
    """Tell whether the loop of a post last said that it is free: a vehicle may stand there for a while."""
    return demo.rows(
        "SELECT l.value FROM intake_latest l JOIN intake_series s ON s.id = l.series_id JOIN intake_device d "
        f"ON d.id = s.device_id WHERE d.code = '{code}' AND s.observed = 'loop'"
    ) == [(0.0,)]


def test_a_bollard_is_raised_by_two_people_and_survives_a_pulled_plug(demo, operator, in_every_shape):
    oscar = operator("oscar")
    post = asset(demo, "borne-1")
    until(lambda: free(demo, "borne-1"))
    ask(oscar, post, "Relever", "Fin de livraison")
    oscar.goto("/console/poste/commandes/")
    assert oscar.get_by_text("Une autre personne doit l'approuver").count() == 1
    assert in_every_shape(oscar) == []
    demo.kill()
    demo.start()
    odile = operator("odile")
    until(lambda: free(demo, "borne-1"))
    odile.goto("/console/poste/commandes/")
    odile.get_by_role("button", name="Approuver").click()
    ends = until(
        lambda: demo.rows(
            "SELECT state, why FROM controlroom_command WHERE verb = 'raise' AND ended IS NOT NULL"
        )
    )
    assert ends[0] in {("confirmed", ""), ("refused", "loop-not-free")}  # a vehicle may have come meanwhile


def test_a_light_is_done_when_the_light_says_so(demo, operator, in_every_shape):
    oscar = operator("oscar")
    lamp = asset(demo, "lampe-1")
    ask(oscar, lamp, "Régler", "Chantier de nuit")
    oscar.get_by_text("Confirmée par l'équipement").first.wait_for()
    for path in ("/console/poste/", "/console/poste/equipements/", f"/console/poste/equipements/{lamp}/"):
        oscar.goto(path)
        assert in_every_shape(oscar) == [], path
