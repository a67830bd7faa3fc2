"""Work is ordered, carried out on a phone, checked; a call is noted by keyboard, and answered."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.e2e.conftest import DESK, PHONE, until
from tests.e2e.keys import reads

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600, func_only=True)]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1600, 1200), (126, 124, 120)).save(out, "JPEG")
    file = tmp_path / "apres.jpg"
    file.write_bytes(out.getvalue())
    return file


def _crew(desk):
    """Make a crew, with Rosa in it."""
    desk.get_by_label("Nom").fill("Voirie nord")
    desk.get_by_label("Métier").select_option("road")
    desk.get_by_role("button", name="Enregistrer").click()
    desk.get_by_label("Adresse électronique du compte").fill("rosa@valmont.test")
    desk.get_by_role("button", name="Ajouter").click()
    reads(desk, "Rosa Martin est dans l'équipe.")


def _order(desk, in_every_shape):
    """Order something of the crew; return the number of the order."""
    desk.goto("/console/interventions/nouvelle/")
    desk.get_by_label("Que faut-il faire ?").fill("Reboucher le trou devant la mairie")
    desk.locator("[name=where]").fill("Mairie")
    desk.get_by_label("Métier").select_option("road")
    desk.get_by_label("Confier à").select_option(label="Voirie nord (voirie, 0)")
    desk.get_by_label("Haute", exact=True).check()
    desk.get_by_label("Consignes").fill("Baliser des deux côtés.")
    assert in_every_shape(desk) == []
    desk.set_viewport_size(DESK)
    desk.get_by_role("button", name="Préparer, et confier").click()
    reads(desk, "est confiée à Voirie nord")
    assert in_every_shape(desk) == []
    desk.set_viewport_size(DESK)
    return desk.url.rstrip("/").rsplit("/", 1)[1]


def test_a_crew_carries_out_what_the_control_room_orders(visit, in_every_shape, photo):
    desk = visit("/console/interventions/equipes/nouvelle/", "oscar", DESK)
    _crew(desk)
    number = _order(desk, in_every_shape)

    phone = visit("/equipe/", "rosa", PHONE)
    phone.get_by_role("link", name="Lire et répondre").wait_for()
    assert in_every_shape(phone) == []
    phone.get_by_role("link", name="Lire et répondre").click()
    reads(phone, "Baliser des deux côtés.")
    desk.get_by_text("Modifier", exact=True).click()  # the console changes its mind meanwhile
    desk.get_by_label("Consignes").fill("Baliser des deux côtés, et la nuit.")
    desk.get_by_role("button", name="Enregistrer").click()
    reads(desk, "l'équipe qui l'a est prévenue")
    phone.locator("#changed").get_by_text("Modifiée").wait_for()  # told by the live stream, nothing replaced
    phone.get_by_role("button", name="J'accepte").click()
    reads(phone, "Entre-temps, Oscar Vidal")
    phone.get_by_role("button", name="J'y vais").click()
    phone.get_by_role("button", name="Je suis arrivé").click()
    reads(phone, "vous êtes sur place")
    phone.locator("[name=photo]").set_input_files(str(photo))
    phone.get_by_role("button", name="Joindre la photo").click()
    phone.locator(".work-photos img").scroll_into_view_if_needed()
    until(phone, "document.querySelector('.work-photos img').naturalWidth === 1600")
    assert in_every_shape(phone) == []
    desk.locator("#work-state").get_by_text("Sur place").wait_for()  # told by the live stream
    phone.get_by_label("Ce qui a été fait").fill("Rebouché à froid.")
    phone.get_by_role("button", name="C'est fait").click()
    reads(phone, "C'est fait, merci.")
    desk.locator("#work-state").get_by_text("Rebouché à froid.").wait_for()

    desk.reload()
    desk.get_by_role("button", name="J'ai vérifié").click()
    desk.get_by_text("vérifiée et close").first.wait_for()
    assert desk.request.get(f"/equipe/{number}/feuille.pdf").body().startswith(b"%PDF-")


def test_the_board_is_read_by_everybody(visit, in_every_shape):
    desk = visit("/console/interventions/?state=all", "oscar", DESK)
    desk.get_by_role("heading", name="Interventions").first.wait_for()
    assert in_every_shape(desk) == []


def test_the_same_without_a_script(visit):
    desk = visit("/console/interventions/nouvelle/", "oscar", DESK, java_script_enabled=False)
    desk.get_by_label("Que faut-il faire ?").fill("Balayer la place")
    desk.get_by_label("Métier").select_option("clean")
    desk.get_by_label("Confier à").select_option(label="Valmont Mobilités")
    desk.get_by_role("button", name="Préparer, et confier").click()
    desk.get_by_role("link", name="Noter pour l'équipe").click()
    desk.get_by_role("button", name="J'accepte").click()
    desk.get_by_role("button", name="J'y vais").click()
    assert "En route" in desk.inner_text("main")


def test_a_call_is_noted_by_keyboard_alone_and_answered(visit, in_every_shape):
    page = visit("/console/contact/", "agathe", DESK)
    until(page, "document.activeElement.name === 'channel'")
    page.keyboard.press("u")  # they want an answer
    until(page, "document.querySelector('[name=kind]:checked').value === 'information'")
    page.keyboard.press("Tab")
    page.keyboard.type("Horaires de la déchèterie")
    page.locator("[name=phone]").fill("06 39 98 12 34")
    page.keyboard.press("Enter")
    reads(page, "À lire à la personne")
    assert in_every_shape(page) == []
    page.set_viewport_size(DESK)
    page.locator("body").press("n")
    page.wait_for_url("**/console/contact/")
    page.locator("[name=phone]").fill("06 39 98 12 34")
    page.locator("[name=phone]").press("Tab")
    page.locator("#known").get_by_text("Horaires de la déchèterie").wait_for()
    page.get_by_label("Quoi ?").fill("tro")
    page.locator("[name=where]").fill("Mairie")
    assert in_every_shape(page) == []
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="Noter", exact=True).click()
    reads(page, "Votre code de suivi est")
    page.goto("/console/contact/liste/")
    assert in_every_shape(page) == []
    page.set_viewport_size(DESK)
    page.get_by_role("link", name="Horaires de la déchèterie").click()
    page.locator("[name=answer]").fill("De 8 h à 18 h.")
    page.get_by_role("button", name="Répondre").click()
    reads(page, "La réponse est notée")
