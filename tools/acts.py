"""How to come before the screens that no address alone opens, as a person would: by pressing and typing."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shots import Camera

NOT_ROWS = (
    *("/nouveau/", "/inviter/", "/nouvelle/", "/lettres/", "/regles/", "/liste/"),
    *(
        ".pdf",
        ".csv",
        "/importer/",
        "/saisir/",
        "/categories/",
        "/quarantaine/",
        "/equipes/",
        "/contact/",
        "/couloirs/",
    ),
)
type Act = Callable[[Camera, Any], None]
BROKEN = "Nom;Commune;Longitude;Latitude\nArrêt sans point;;;\n;Dijon;abc;47,3\n"


def at(path: str) -> Act:
    return lambda _camera, page: page.goto(path) and None


def offers(camera: Camera, page: Any) -> None:
    camera.ask(page)
    page.get_by_role("button", name="Voir les propositions").click()
    page.wait_for_url("**/transport/demandes/*/")


def refused(camera: Camera, page: Any) -> None:
    camera.ask(page)
    for field in ("passengers", "wheelchairs"):
        page.locator(f"[name={field}]").evaluate("one => { one.value = 4; }")
    page.get_by_role("button", name="Voir les propositions").click()
    page.wait_for_url("**/transport/demandes/*/")


def wrong(camera: Camera, page: Any) -> None:
    camera.ask(page)
    page.locator("[name=destination]").fill("Xyzzy plugh")
    page.get_by_role("button", name="Voir les propositions").click()
    page.locator("[aria-invalid=true]").first.wait_for()


def accept(camera: Camera, page: Any) -> None:
    offers(camera, page)
    page.get_by_role("link", name="Choisir cette proposition").first.click()
    page.get_by_label("Nom").wait_for()


def receipt(camera: Camera, page: Any) -> None:
    page.goto(camera.trip)
    page.get_by_role("link", name="pourquoi cette proposition").click()
    page.wait_for_url("**/recus/*/")


def contest(camera: Camera, page: Any) -> None:
    receipt(camera, page)
    page.get_by_role("link", name="Demander qu'une personne").first.click()
    page.locator("main form").first.wait_for()


def appeal(_camera: Camera, page: Any) -> None:
    """Open the first appeal of the desk; the demonstration's camera has asked for one."""
    page.goto("/console/recours/")
    link = page.locator("main a[href^='/console/recours/']:not([href*='?'])")
    if link.count():
        page.goto(link.first.get_attribute("href"))


def first(path: str) -> Act:
    """Open a list of the console, then its first row in the panel."""

    def act(_camera: Camera, page: Any) -> None:
        page.goto(path)
        page.locator("details.more > summary").evaluate_all("all => all.forEach(one => one.click())")
        page.locator("main tbody a").first.click()
        page.locator("#panel h2").first.wait_for()

    return act


def into(path: str, below: str) -> Act:
    """Open a list, then the first page below it."""

    def act(_camera: Camera, page: Any) -> None:
        page.goto(path)
        links = page.locator(f"main a[href^='{below}']").evaluate_all(
            "all => all.map(a => a.getAttribute('href'))"
        )
        chosen = [one for one in links if one != below and "?" not in one and not one.endswith(NOT_ROWS)]
        if chosen:
            page.goto(chosen[0])

    return act


def wrong_file(_camera: Camera, page: Any) -> None:
    """Check a file full of mistakes: nothing of it is written."""
    page.goto("/console/administration/fichiers/arrets/")
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        file.write(BROKEN)
        file.flush()
        page.locator("main input[type=file]").set_input_files(str(Path(file.name)))
        page.locator("main form:has(input[type=file]) button").first.click()
        page.wait_for_load_state()


def palette(_camera: Camera, page: Any) -> None:
    page.goto("/console/transport/tournees/")
    page.keyboard.press("Control+k")
    page.locator("#palette-find").wait_for()
    page.keyboard.type("de")


def keys(_camera: Camera, page: Any) -> None:
    page.goto("/console/transport/tournees/")
    page.keyboard.press("?")
    page.locator("dialog#keys[open]").wait_for()


def trip(camera: Camera, page: Any) -> None:
    page.goto(camera.trip)


def driver(camera: Camera, page: Any) -> None:
    page.goto(camera.sheet or "/transport/conducteur/")


def typed(camera: Camera, page: Any) -> None:
    """Type a paper sheet back, from the page of an order."""
    into("/equipe/", "/equipe/BI-")(camera, page)
    page.goto(f"{page.url}papier/")


def report(_camera: Camera, page: Any) -> None:
    """Say where and what, as somebody in the street: the second screen asks for details."""
    page.goto("/signaler/")
    page.locator("[name=where]").press_sequentially("Gare")
    page.locator(".picker .option:visible").first.click()
    page.locator("label.kind").first.click()
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/signaler/details/**")


def draft(_camera: Camera, page: Any) -> None:
    """Open the draft of the next offering, prepared if there is none."""
    page.goto("/console/transport/offre/")
    link = page.get_by_role("link", name="Poursuivre le brouillon")
    if not link.count():
        page.get_by_role("button", name="Préparer la version suivante").first.click()
        page.wait_for_load_state()
        page.goto("/console/transport/offre/")
    page.goto(link.first.get_attribute("href"))


def command(_camera: Camera, page: Any) -> None:
    """Unfold what a piece of equipment can be asked."""
    into("/console/poste/equipements/?classe=bollard", "/console/poste/equipements/")(_camera, page)
    page.locator("details.more > summary").first.click()


def run(_camera: Camera, page: Any) -> None:
    """An incident whose procedure is being followed, or whose first step waits."""
    into("/console/incidents/", "/console/incidents/")(_camera, page)
    if page.get_by_role("button", name="Prendre en charge").count():
        page.get_by_role("button", name="Prendre en charge").first.click()
        page.wait_for_load_state()
    if page.get_by_role("button", name="Commencer", exact=True).count():
        page.get_by_role("button", name="Commencer", exact=True).first.click()
        page.wait_for_load_state()
    page.goto(page.url.split("#")[0])  # from its top


def handed_over(camera: Camera, page: Any) -> None:
    """Open a past handover; written by one and taken by the other if there is none."""
    past = into("/console/releve/", "/console/releve/")
    past(camera, page)
    if page.url.rstrip("/").endswith("releve"):
        leaving = camera.open(person="odile")
        leaving.goto("/console/releve/")
        leaving.get_by_label("Consignes pour la suite").fill("Rappeler le fleuriste de la place.")
        leaving.get_by_role("button", name="Écrire les consignes").click()
        leaving.get_by_text("Les consignes sont écrites.").wait_for()
        page.reload()
        page.get_by_role("button", name="J'ai lu, je prends la relève").click()
        page.get_by_text("Vous avez pris la relève.").wait_for()
        past(camera, page)


def playbook_draft(camera: Camera, page: Any) -> None:
    """Open the draft of a playbook, prepared if there is none."""
    into("/console/procedures/", "/console/procedures/")(camera, page)
    draft = page.get_by_role("link", name="Poursuivre le brouillon")
    if draft.count():
        page.goto(draft.get_attribute("href"))
    elif "/modifier/" not in page.url:
        page.get_by_role("button", name="Préparer la version suivante").click()
        page.wait_for_url("**/modifier/")


def way(_camera: Camera, page: Any) -> None:
    """Ask for the way from the hospital to the station."""
    page.goto("/console/poste/couloirs/nouveau/")
    page.get_by_label("Le véhicule part de").select_option(label="Un autre lieu, écrit ci-dessous")
    for field, typed in (("origin", "Hôpital"), ("destination", "Gare")):
        page.locator(f"[name={field}]").press_sequentially(typed)
        page.locator(".picker .option:visible").first.click()
    page.get_by_label("Motif").fill("Feu d'appartement")
    page.get_by_role("button", name="Calculer le chemin").click()
    page.get_by_role("heading", name="Sur le chemin").wait_for()


def corridor(_camera: Camera, page: Any) -> None:
    """A corridor that waits for a second person, opened if there is none."""
    into("/console/poste/couloirs/", "/console/poste/couloirs/")(_camera, page)
    if page.url.rstrip("/").endswith("couloirs"):
        way(_camera, page)
        page.get_by_role("button", name="Ouvrir le couloir").click()
        page.get_by_text("Une autre personne doit l'approuver").wait_for()


def prepared(_camera: Camera, page: Any) -> None:
    page.goto("/console/situations/")
    page.get_by_role("link", name="Canicule").click()
    page.get_by_label("C'est un EXERCICE").check()


def situation(_camera: Camera, page: Any) -> None:
    """A heat wave declared as an exercise, declared now if there is none."""
    into("/console/situations/", "/console/situations/s_")(_camera, page)
    if "/s_" not in page.url:
        prepared(_camera, page)
        page.get_by_label("Oui, publier ce message maintenant").check()
        page.get_by_role("button", name="Déclarer et publier").click()
        page.get_by_text("La situation est déclarée et publiée.").wait_for()
        page.goto(page.url.split("#")[0])


def sheets(_camera: Camera, page: Any) -> None:
    situation(_camera, page)
    page.get_by_role("link", name="Ressaisir des fiches").click()
    page.get_by_label("Code de la fiche").wait_for()


def through(act: Act, below: str) -> Act:
    """Come before a screen, then follow its first link to a page below an address."""

    def there(camera: Camera, page: Any) -> None:
        act(camera, page)
        page.goto(page.locator(f"main a[href^='{below}']").first.get_attribute("href"))

    return there


def under(act: Act, ending: str) -> Act:
    """Come before a screen, then open the one below it."""

    def there(camera: Camera, page: Any) -> None:
        act(camera, page)
        page.goto(f"{page.url.split('#')[0].rstrip('/')}/{ending}/")

    return there


def followed(camera: Camera, page: Any) -> None:
    """Send a report, and see where it stands."""
    report(camera, page)
    page.get_by_label("Ce que vous avez vu").fill("Un trou profond, devant l'arrêt.")
    page.get_by_role("button", name="Envoyer le signalement").click()
    page.wait_for_url("**/signaler/suivi/**")


def booked_for(camera: Camera, page: Any) -> None:
    page.goto(f"/console/transport/reserver/{camera.trip.rstrip('/').split('/')[-1]}/")


def contest_for(camera: Camera, page: Any) -> None:
    receipt(camera, page)
    page.goto(f"{page.url}contester/pour/")


def answer(camera: Camera, page: Any) -> None:
    """Open the page of somebody called while on duty, by the link of the message that an administrator reads."""
    reader = camera.open(person="adele")
    reader.goto("/console/messages/?q=astreinte")
    links = reader.locator("main a[href^='/console/messages/']")
    for link in links.evaluate_all("all => all.map(one => one.getAttribute('href'))"):
        reader.goto(link)
        if found := re.search(r"/astreinte/[^/\s]+/", reader.locator("main").inner_text()):
            page.goto(found[0])
            return
