"""Every screen the product has, and how to come before it: what ``tools/shots.py`` photographs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shots import Camera

NOT_ROWS = (
    *("/nouveau/", "/inviter/", "/nouvelle/", "/lettres/", "/regles/", "/liste/"),
    *("/importer/", "/saisir/", "/categories/", "/quarantaine/", "/equipes/", "/contact/", "/couloirs/"),
)
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
        chosen = [one for one in links if one != below and "?" not in one and not one.endswith(NOT_ROWS)]
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


def _typed(camera: Camera, page: Any) -> None:
    """Type a paper sheet back, from the page of an order."""
    _into("/equipe/", "/equipe/BI-")(camera, page)
    page.goto(f"{page.url}papier/")


def _report(_camera: Camera, page: Any) -> None:
    """Say where and what, as somebody in the street: the second screen asks for details."""
    page.goto("/signaler/")
    page.locator("[name=where]").press_sequentially("Gare")
    page.locator(".picker .option:visible").first.click()
    page.locator("label.kind").first.click()
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/signaler/details/**")


def _draft(_camera: Camera, page: Any) -> None:
    """Open the draft of the next offering, prepared if there is none."""
    page.goto("/console/transport/offre/")
    link = page.get_by_role("link", name="Poursuivre le brouillon")
    if not link.count():
        page.get_by_role("button", name="Préparer la version suivante").first.click()
        page.wait_for_load_state()
        page.goto("/console/transport/offre/")
    page.goto(link.first.get_attribute("href"))


def _command(_camera: Camera, page: Any) -> None:
    """Unfold what a piece of equipment can be asked."""
    _into("/console/poste/equipements/?classe=bollard", "/console/poste/equipements/")(_camera, page)
    page.locator("details.more > summary").first.click()


def _run(_camera: Camera, page: Any) -> None:
    """An incident whose procedure is being followed, or whose first step waits."""
    _into("/console/incidents/", "/console/incidents/")(_camera, page)
    if page.get_by_role("button", name="Prendre en charge").count():
        page.get_by_role("button", name="Prendre en charge").first.click()
        page.wait_for_load_state()
    if page.get_by_role("button", name="Commencer", exact=True).count():
        page.get_by_role("button", name="Commencer", exact=True).first.click()
        page.wait_for_load_state()
    page.goto(page.url.split("#")[0])  # from its top


def _way(_camera: Camera, page: Any) -> None:
    """Ask for the way from the hospital to the station."""
    page.goto("/console/poste/couloirs/nouveau/")
    page.get_by_label("Le véhicule part de").select_option(label="Un autre lieu, écrit ci-dessous")
    for field, typed in (("origin", "Hôpital"), ("destination", "Gare")):
        page.locator(f"[name={field}]").press_sequentially(typed)
        page.locator(".picker .option:visible").first.click()
    page.get_by_label("Motif").fill("Feu d'appartement")
    page.get_by_role("button", name="Calculer le chemin").click()
    page.get_by_role("heading", name="Sur le chemin").wait_for()


def _corridor(_camera: Camera, page: Any) -> None:
    """A corridor that waits for a second person, opened if there is none."""
    _into("/console/poste/couloirs/", "/console/poste/couloirs/")(_camera, page)
    if page.url.rstrip("/").endswith("couloirs"):
        _way(_camera, page)
        page.get_by_role("button", name="Ouvrir le couloir").click()
        page.get_by_text("Une autre personne doit l'approuver").wait_for()


def _prepared(_camera: Camera, page: Any) -> None:
    page.goto("/console/situations/")
    page.get_by_role("link", name="Canicule").click()
    page.get_by_label("C'est un EXERCICE").check()


def _situation(_camera: Camera, page: Any) -> None:
    """A heat wave declared as an exercise, declared now if there is none."""
    _into("/console/situations/", "/console/situations/s_")(_camera, page)
    if "/s_" not in page.url:
        _prepared(_camera, page)
        page.get_by_label("Oui, publier ce message maintenant").check()
        page.get_by_role("button", name="Déclarer et publier").click()
        page.get_by_text("La situation est déclarée et publiée.").wait_for()
        page.goto(page.url.split("#")[0])


def _sheets(_camera: Camera, page: Any) -> None:
    _situation(_camera, page)
    page.get_by_role("link", name="Ressaisir des fiches").click()
    page.get_by_label("Code de la fiche").wait_for()


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
    "offering-edit": ("adele", _draft),
    "report-start": ("", _at("/signaler/")),
    "report-details": ("", _report),
    "reports": ("", _at("/signalements/")),
    "report": ("", _into("/signalements/?vue=liste", "/signalements/")),
    "situations-public": ("", _at("/situations/")),
    "room": ("oscar", _at("/console/poste/")),
    "equipment": ("oscar", _at("/console/poste/equipements/")),
    "asset": ("oscar", _command),
    "equipment-import": ("adele", _at("/console/poste/equipements/importer/")),
    "commands": ("oscar", _at("/console/poste/commandes/")),
    "junction": (
        "oscar",
        _into("/console/poste/equipements/?classe=signal_junction", "/console/poste/equipements/"),
    ),
    "addresses": ("adele", _at("/console/poste/adresses/")),
    "trials": ("adele", _at("/console/poste/observation/")),
    "trial": ("adele", _into("/console/poste/observation/", "/console/poste/observation/")),
    "reflex": ("adele", _at("/console/poste/reflexes/nouveau/")),
    "faults": ("adele", _at("/console/poste/pannes/")),
    "alarms": ("oscar", _at("/console/alarmes/")),
    "alarm": ("oscar", _into("/console/alarmes/", "/console/alarmes/")),
    "rules": ("adele", _at("/console/alarmes/regles/")),
    "rule": ("adele", _into("/console/alarmes/regles/", "/console/alarmes/regles/")),
    "rule-new": ("adele", _at("/console/alarmes/regles/nouvelle/")),
    "replay": ("oscar", _at("/console/rejeu/")),
    "wall": ("oscar", _at("/console/mur/")),
    "incidents": ("oscar", _at("/console/incidents/")),
    "incident-list": ("oscar", _at("/console/incidents/liste/")),
    "incident-new": ("oscar", _at("/console/incidents/nouveau/")),
    "incident": ("oscar", _run),
    "playbooks": ("adele", _at("/console/procedures/")),
    "playbook": ("adele", _into("/console/procedures/", "/console/procedures/")),
    "situations": ("oscar", _at("/console/situations/")),
    "situation-prepared": ("oscar", _prepared),
    "situation": ("oscar", _situation),
    "paper-sheets": ("oscar", _sheets),
    "corridors": ("oscar", _at("/console/poste/couloirs/")),
    "way": ("oscar", _way),
    "corridor": ("oscar", _corridor),
    "duty": ("oscar", _at("/console/astreintes/")),
    "duty-line": ("adele", _into("/console/astreintes/", "/console/astreintes/lignes/")),
    "duty-people": ("oscar", _at("/console/astreintes/personnes/")),
    "duty-import": ("oscar", _at("/console/astreintes/importer/")),
    "duty-call": ("oscar", _at("/console/astreintes/appeler/")),
    "cascade": ("oscar", _into("/console/astreintes/appels/", "/console/astreintes/appels/ca_")),
    "floor": ("oscar", _at("/console/salle/")),
    "handover": ("oscar", _at("/console/releve/")),
    "plan": ("oscar", _at("/console/plan/")),
    "plan-new": ("oscar", _at("/console/plan/nouvelle/")),
    "plan-import": ("oscar", _at("/console/plan/importer/")),
    "works": ("oscar", _at("/console/interventions/")),
    "work": ("oscar", _into("/console/interventions/", "/console/interventions/BI-")),
    "work-new": ("oscar", _at("/console/interventions/nouvelle/")),
    "crews": ("oscar", _at("/console/interventions/equipes/")),
    "crew": ("oscar", _into("/console/interventions/equipes/", "/console/interventions/equipes/q_")),
    "crew-today": ("victor", _at("/equipe/")),
    "crew-work": ("victor", _into("/equipe/", "/equipe/BI-")),
    "work-typed": ("victor", _typed),
    "contact-new": ("agathe", _at("/console/contact/")),
    "contacts": ("agathe", _at("/console/contact/liste/")),
    "contact": ("agathe", _into("/console/contact/liste/", "/console/contact/")),
    "report-board": ("oscar", _at("/console/signalements/")),
    "report-one": ("oscar", _into("/console/signalements/", "/console/signalements/")),
    "report-for": ("agathe", _at("/console/signalements/saisir/")),
    "report-categories": ("adele", _at("/console/signalements/categories/")),
    "devices": ("adele", _at("/console/capteurs/")),
    "device": ("adele", _into("/console/capteurs/", "/console/capteurs/")),
    "quarantine": ("adele", _at("/console/capteurs/quarantaine/")),
    "clearances": ("adele", _at("/console/habilitations/")),
}
