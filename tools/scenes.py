"""Every screen the product has, and how to come before it: what ``tools/shots.py`` photographs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shots import Camera

type Act = Callable[[Camera, Any], None]
BROKEN = "Nom;Commune;Longitude;Latitude\nArrêt sans point;;;\n;Dijon;abc;47,3\n"


def _at(path: str) -> Act:
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


def _appeal(_camera: Camera, page: Any) -> None:
    """Open the first appeal of the desk; the demonstration's camera has asked for one."""
    page.goto("/console/recours/")
    link = page.locator("main a[href^='/console/recours/']:not([href*='?'])")
    if link.count():
        page.goto(link.first.get_attribute("href"))


def _first(path: str) -> Act:
    """Open a list of the console, then its first row in the panel."""

    def act(_camera: Camera, page: Any) -> None:
        page.goto(path)
        page.locator("details.more > summary").evaluate_all("all => all.forEach(one => one.click())")
        page.locator("main tbody a").first.click()
        page.locator("#panel h2").first.wait_for()

    return act


def _into(path: str, below: str) -> Act:
    """Open a list, then the first page below it."""

    def act(_camera: Camera, page: Any) -> None:
        page.goto(path)
        links = page.locator(f"main a[href^='{below}']").evaluate_all(
            "all => all.map(a => a.getAttribute('href'))"
        )
        chosen = [
            one
            for one in links
            if one != below
            and "?" not in one
            and not one.endswith(("/nouveau/", "/inviter/", "/nouvelle/", "/lettres/"))
        ]
        if chosen:
            page.goto(chosen[0])

    return act


def _import(_camera: Camera, page: Any) -> None:
    """Check a file full of mistakes: nothing of it is written."""
    page.goto("/console/administration/fichiers/arrets/")
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        file.write(BROKEN)
        file.flush()
        page.locator("main input[type=file]").set_input_files(str(Path(file.name)))
        page.locator("main form:has(input[type=file]) button").first.click()
        page.wait_for_load_state()


def _palette(_camera: Camera, page: Any) -> None:
    page.goto("/console/transport/tournees/")
    page.keyboard.press("Control+k")
    page.locator("#palette-find").wait_for()
    page.keyboard.type("de")


def _keys(_camera: Camera, page: Any) -> None:
    page.goto("/console/transport/tournees/")
    page.keyboard.press("?")
    page.locator("dialog#keys[open]").wait_for()


def _trip(camera: Camera, page: Any) -> None:
    page.goto(camera.trip)


def _driver(camera: Camera, page: Any) -> None:
    page.goto(camera.sheet or "/transport/conducteur/")


ADMIN = "/console/administration"
SCENES: dict[str, tuple[str, Act]] = {
    "home": ("", _at("/")),
    "search": ("", _at("/chercher/?q=gare")),
    "search-none": ("", _at("/chercher/?q=xyzzy")),
    "signin": ("", _at("/connexion/")),
    "join": ("", _at("/inscription/")),
    "accessibility": ("", _at("/accessibilite/")),
    "licences": ("", _at("/licences/")),
    "algorithms": ("", _at("/algorithmes/")),
    "receipt": ("", _receipt),
    "contest": ("", _contest),
    "my-appeal": ("", lambda camera, page: page.goto(camera.appeal) and None),
    "unknown": ("", _at("/nulle-part/")),
    "forbidden": ("rosa", _at(f"{ADMIN}/personnes/")),
    "stops": ("", _at("/transport/arrets/")),
    "ask": ("", lambda camera, page: camera.ask(page)),
    "wrong": ("", _wrong),
    "offers": ("", _offers),
    "refused": ("", _refused),
    "accept": ("", _accept),
    "trip": ("", _trip),
    "data": ("", _at("/donnees/")),
    "account": ("rosa", _at("/mon-espace/")),
    "trips": ("rosa", _at("/transport/trajets/")),
    "my-data": ("rosa", _at("/mon-espace/donnees/")),
    "my-messages": ("rosa", _at("/mon-espace/messages/")),
    "driver": ("diane", _driver),
    "console": ("diane", _at("/console/")),
    "tasks": ("adele", _at("/console/a-faire/")),
    "palette": ("diane", _palette),
    "keys": ("diane", _keys),
    "style": ("diane", _at("/console/style/")),
    "board": ("diane", _at("/console/transport/")),
    "tours": ("diane", _at("/console/transport/tournees/")),
    "vehicle": ("diane", _first("/console/transport/tournees/")),
    "demands": ("diane", _at("/console/transport/demandes/")),
    "demand": ("diane", _first("/console/transport/demandes/")),
    "indicators": ("diane", _at("/console/transport/indicateurs/")),
    "book-for": ("agathe", _at("/console/transport/reserver/")),
    "appeals": ("agathe", _at("/console/recours/")),
    "appeal": ("agathe", _appeal),
    "outbox": ("adele", _at("/console/messages/")),
    "message": ("adele", _into("/console/messages/", "/console/messages/")),
    "letters": ("adele", _at("/console/messages/lettres/")),
    "retention": ("adele", _at("/console/conservation/")),
    "administration": ("adele", _at(f"{ADMIN}/")),
    "people": ("adele", _at(f"{ADMIN}/personnes/")),
    "person": ("adele", _into(f"{ADMIN}/personnes/?q=Diane", f"{ADMIN}/personnes/")),
    "invite": ("adele", _at(f"{ADMIN}/personnes/inviter/")),
    "organisations": ("adele", _at(f"{ADMIN}/organisations/")),
    "vehicles": ("adele", _at(f"{ADMIN}/vehicules/")),
    "vehicle-new": ("adele", _at(f"{ADMIN}/vehicules/nouveau/")),
    "shifts": ("adele", _at(f"{ADMIN}/services/")),
    "places": ("adele", _at(f"{ADMIN}/arrets/")),
    "place-new": ("adele", _at(f"{ADMIN}/arrets/nouveau/")),
    "holidays": ("adele", _at(f"{ADMIN}/vacances/")),
    "network": ("adele", _at(f"{ADMIN}/reseau/")),
    "branding": ("adele", _at(f"{ADMIN}/apparence/")),
    "import": ("adele", _at(f"{ADMIN}/fichiers/arrets/")),
    "import-wrong": ("adele", _import),
    "offering": ("adele", _at("/console/transport/offre/")),
    "offering-new": ("adele", _at("/console/transport/offre/nouvelle/")),
    "offering-edit": ("adele", _into("/console/transport/offre/", "/console/transport/offre/")),
}
