"""The face in a browser: accessible, usable by keyboard, readable without scripts, and its map drawn."""

import os
import re
from pathlib import Path

import pytest

from tests.e2e.conftest import DESK, PHONE, until
from tests.e2e.keys import reads

SNAPSHOTS = Path(__file__).parent / "snapshots"
PUBLIC = [
    "/",
    "/donnees/",
    "/transport/",
    "/transport/arrets/",
    "/nulle-part/",
    "/chercher/?q=arret",
    "/connexion/",
    "/inscription/",
    "/accessibilite/",
    "/algorithmes/",
    "/licences/",
    "/mentions-legales/",
    "/connexion/lien/perime/",
]


STAFF = [
    "/mon-espace/",
    "/mon-espace/donnees/",
    "/mon-espace/messages/",
    "/console/",
    "/console/mur/",
    "/console/plan/",
    "/console/plan/nouvelle/",
    "/console/style/",
    "/console/recours/",
    "/console/messages/",
    "/console/messages/lettres/",
    "/console/conservation/",
    "/console/administration/",
    "/console/administration/personnes/",
    "/console/administration/personnes/inviter/",
    "/console/administration/organisations/",
    "/console/administration/vehicules/",
    "/console/administration/vehicules/nouveau/",
    "/console/administration/services/",
    "/console/administration/arrets/",
    "/console/administration/arrets/nouveau/",
    "/console/administration/reseau/",
    "/console/administration/apparence/",
    "/console/administration/fichiers/arrets/",
    "/console/transport/tournees/",
    "/console/transport/demandes/",
    "/console/transport/indicateurs/",
    "/console/transport/offre/",
    "/console/transport/offre/nouvelle/",
    "/console/a-faire/",
    "/console/administration/vacances/",
    "/console/capteurs/",
    "/console/capteurs/nouveau/",
    "/console/capteurs/quarantaine/",
    "/console/plan/importer/",
    "/console/poste/equipements/importer/",
    "/console/poste/couloirs/nouveau/",
    "/console/astreintes/importer/",
    "/console/astreintes/appeler/",
    "/console/astreintes/appels/",
    "/console/signalements/categories/fichier/",
]


def check(page, paths, in_every_shape):
    """Look at each page in every shape, and tell all that is wrong together."""
    wrong = []
    for path in paths:
        page.set_viewport_size(PHONE)
        page.goto(path)
        wrong += [f"{path} {said}" for said in in_every_shape(page)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(600, func_only=True)
def test_public_pages_are_accessible(visit, in_every_shape):
    check(visit("/", theme="light"), PUBLIC, in_every_shape)


@pytest.mark.timeout(1200, func_only=True)
def test_pages_of_staff_are_accessible(visit, in_every_shape):
    check(visit("/mon-espace/", person="adele", theme="light"), STAFF, in_every_shape)


def test_the_portal_works_without_scripts(visit):
    page = visit("/", person="rosa", java_script_enabled=False)
    page.goto("/mon-espace/")
    page.get_by_label("Téléphone").fill("06 12 34 56 78")
    page.get_by_role("button", name="Enregistrer").click()
    reads(page, "C'est enregistré.")
    page.get_by_role("button", name="Sombre").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_map_is_drawn_and_explained(visit):
    page = visit("/console/", person="diane", size=DESK)
    page.wait_for_selector("[data-map][data-ready]")
    assert page.get_by_label("Arrêts").is_checked()
    asked = page.evaluate("performance.getEntriesByType('resource').map(r => new URL(r.name).host)")
    assert set(asked) == {page.url.split("/")[2]}


def test_a_map_asked_for_waits_for_its_button_on_a_phone_only(visit, accessible):
    page = visit("/transport/arrets/")
    library = "performance.getEntriesByType('resource').filter(r => r.name.includes('maplibre-gl.')).length"
    page.locator("[data-map][data-waits] .outline").wait_for()
    assert page.evaluate(library) == 0
    page.get_by_role("button", name="Ouvrir la carte").press("Enter")
    page.wait_for_selector("[data-map][data-ready]")
    until(page, "document.activeElement.matches('.maplibregl-canvas')")
    assert page.get_by_role("button", name="Ouvrir la carte").count() == 0
    accessible(page)
    desk = visit("/transport/arrets/", size=DESK)
    desk.wait_for_selector("[data-map][data-ready]")


def test_the_console_is_driven_by_keyboard(visit):
    page = visit("/console/", person="diane", size=DESK)
    page.keyboard.press("?")
    page.wait_for_selector("dialog#keys[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#keys", state="hidden")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.wait_for_selector("[data-journal] [data-journal-list]")
    page.evaluate("document.getElementById('panel').innerHTML = '<header><h2>Van 1</h2></header>'")
    page.keyboard.press("Escape")
    page.locator("#panel h2", has_text="Van 1").wait_for(state="detached")
    page.wait_for_selector("#panel #tasks")  # what waits comes back in its place
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/console/")


def test_a_page_is_reached_from_the_palette_by_a_few_letters(visit, accessible):
    page = visit("/console/style/", person="diane", size=DESK)
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Page ou action")
    box.wait_for()
    accessible(page)
    box.fill("de")
    first = page.locator("#palette [role=option]:visible").first
    assert first.inner_text().startswith("Demandes"), "its own name before that of its service"
    box.fill("")
    box.press_sequentially("tourn")
    assert page.locator("#palette [role=option]:visible").count() == 3, "two pages and the search"
    box.press("ArrowDown")
    box.press("ArrowUp")
    box.press("Enter")
    page.wait_for_url("**/console/transport/tournees/")
    page.keyboard.press("d")
    page.wait_for_selector("body.compact")
    page.keyboard.press("d")
    page.wait_for_selector("body:not(.compact)")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Page ou action").press_sequentially("xyzzy")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chercher/?q=xyzzy")


def test_a_place_is_picked_by_keyboard(visit):
    page = visit("/console/style/", person="diane", size=DESK)
    box = page.get_by_role("combobox", name="Départ")
    box.press_sequentially("avenue")
    page.wait_for_selector(".picker .option")
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    assert (
        page.locator(f"#{box.get_attribute('aria-activedescendant')}").get_attribute("aria-selected")
        == "true"
    )
    box.press("Enter")
    assert box.get_attribute("aria-expanded") == "false"
    assert float(page.locator("[name=origin_lon]").input_value()) == pytest.approx(5.0, abs=0.1)


def test_the_journal_arrives_by_itself(visit):
    page = visit("/console/", person="diane", size=DESK)
    page.wait_for_selector("[data-journal] .dot-live")
    with page.expect_request(lambda request: "/stream/" in request.url):
        page.reload()
    page.evaluate(
        """() => fetch('/connexion/lien/', { method: 'POST', body: new URLSearchParams({
            'link-email': 'rosa@valmont.test',
            csrfmiddlewaretoken: document.querySelector('[name=csrfmiddlewaretoken]').value }) })"""
    )
    page.locator("[data-journal-latest]", has_text="lien de connexion").wait_for()


def test_the_last_word_is_heard_however_fast_it_comes(visit):
    page = visit("/console/", person="diane", size=DESK)
    page.evaluate(
        """() => {
            const one = document.createElement("div");
            one.dataset.live = "subject:x_1";
            one.setAttribute("hx-trigger", "live throttle:1s");
            window.heard = [];
            one.addEventListener("live", () => { window.heard.push(performance.now()); });
            document.body.append(one);
            const other = new BroadcastChannel("ressort-live");
            for (const seq of [-3, -2, -1]) other.postMessage({ type: "journal", data: { seq, kind: "x", subject: "x_1" } });
        }"""
    )
    until(page, "window.heard.length > 1")
    assert page.evaluate("window.heard[1] - window.heard[0]") >= 1000, "once more, when htmx listens again"


def test_nothing_moves_for_those_who_ask_for_stillness(visit):
    page = visit("/", person="diane", size=DESK, reduced_motion="reduce")
    page.add_init_script(
        "document.addEventListener('map:ready', (event) => { window.seen = event.detail.map; })"
    )
    for path in ("/console/", "/transport/", "/console/style/"):
        page.goto(path)
        longest = page.evaluate(
            """() => Math.max(0, ...[...document.querySelectorAll("*")].flatMap((one) => {
                const style = getComputedStyle(one);
                return `${style.transitionDuration},${style.animationDuration}`.split(",").map(parseFloat);
            }))"""
        )
        assert longest <= 0.001, f"{path}: {longest} s"
        started = page.evaluate(
            """async () => {
                document.documentElement.dataset.theme = "dark";
                await new Promise(requestAnimationFrame);
                return document.getAnimations().filter((one) => one instanceof CSSTransition).length;
            }"""
        )
        assert started == 0, f"{path}: {started} elements fade to the other theme"
    page.goto("/console/")
    page.wait_for_selector("[data-map][data-ready]")
    assert (
        page.evaluate(
            "() => { seen.easeTo({ zoom: seen.getZoom() + 1, duration: 900 }); return seen.isMoving(); }"
        )
        is False
    )


def heard(page):
    """Return what a screen reader meets on a page, in order: roles and names, figures made equal."""
    return re.sub(r"(?<!level=)\d+", "0", page.locator("body").aria_snapshot()) + "\n"


@pytest.mark.parametrize(
    ("name", "path", "person"),
    [
        ("signin", "/connexion/", ""),
        ("ask", "/transport/", ""),
        ("my-messages", "/mon-espace/messages/", "agathe"),
        ("administration", "/console/administration/", "adele"),
    ],
)
def test_what_a_screen_reader_hears_was_reviewed(visit, name, path, person):
    page = visit(path, person=person, size=DESK)
    file = SNAPSHOTS / f"{name}.yaml"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(heard(page), encoding="utf-8")
    assert heard(page) == file.read_text(encoding="utf-8"), (
        "read the difference; then UPDATE_SNAPSHOTS=1 writes it"
    )
