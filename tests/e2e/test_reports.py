"""Somebody reports a hole with a photo on a phone, with and without scripts, and follows it to its repair."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DESK, until
from tests.e2e.keys import reads
from tests.worlds import at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300, func_only=True)]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a phone takes it: larger than what is kept."""
    from PIL import Image, ImageDraw

    made = Image.new("RGB", (2400, 1800), (126, 124, 120))
    ImageDraw.Draw(made).ellipse((900, 700, 1600, 1200), fill=(52, 48, 44))
    file = tmp_path / "trou.jpg"
    out = io.BytesIO()
    made.save(out, "JPEG")
    file.write_bytes(out.getvalue())
    return file


def test_a_hole_is_reported_on_a_phone_and_followed_to_its_repair(
    visit: Callable[..., Any], accessible: Callable[..., None], photo: Path
) -> None:
    lon, lat = at(2.4, 3.0)
    phone = visit("/", geolocation={"longitude": lon, "latitude": lat}, permissions=["geolocation"])
    phone.get_by_role("link", name="Signaler un problème dans la rue").click()
    accessible(phone)
    phone.get_by_role("button", name="Je suis devant").click()
    until(phone, "document.querySelector('[name=where_lon]').value !== ''")
    before = phone.locator("[name=where_lat]").input_value()
    phone.get_by_text("Montrer sur la carte").click()
    phone.locator("[data-point] [data-map][data-ready]").wait_for()
    phone.locator("[data-point] .maplibregl-canvas").click(position={"x": 90, "y": 120})
    until(phone, f"document.querySelector('[name=where_lat]').value !== '{before}'")
    phone.get_by_role("button", name="Je suis devant").click()
    until(phone, f"document.querySelector('[name=where_lat]').value === '{before}'")
    phone.get_by_text("Trou dans la chaussée").click()
    phone.get_by_role("button", name="Continuer").click()
    phone.wait_for_url("**/signaler/details/**")
    accessible(phone)
    phone.get_by_label("Photo").set_input_files(str(photo))
    until(phone, "document.querySelector('[data-photo] img').naturalWidth === 1600")
    phone.get_by_label("Ce que vous avez vu").fill("Un trou profond, devant l'arrêt.")
    phone.get_by_role("button", name="Envoyer le signalement").click()
    phone.wait_for_url("**/signaler/suivi/**")
    accessible(phone)
    until(phone, "document.querySelector('img.report-photo').naturalWidth === 1600")
    code = re.search(r"/suivi/([\w-]+)/", phone.url)[1]

    desk = visit("/console/signalements/", person="oscar", size=DESK)
    accessible(desk)
    desk.get_by_role("link", name="Trou dans la chaussée").first.click()
    desk.get_by_role("button", name="Prendre en charge").click()
    panel = desk.locator("#panel")
    panel.get_by_text("Signalement pris en charge.").wait_for()
    accessible(desk)
    panel.get_by_text("C'est réparé").first.click()
    panel.locator("#finish-text").fill("Rebouché ce matin.")
    panel.get_by_role("button", name="C'est réparé").click()
    panel.get_by_text("les personnes qui suivent sont prévenues").wait_for()

    phone.goto("/")
    phone.get_by_label("J'ai un numéro de suivi").fill(code.lower())
    phone.get_by_role("button", name="Suivre").click()
    reads(phone, "Merci de nous avoir prévenus")
    assert "Rebouché ce matin." in phone.inner_text("main")
    accessible(phone)


def test_the_same_without_a_script_and_the_neighbour_says_me_too(
    visit: Callable[..., Any], photo: Path
) -> None:
    for again in (False, True):
        page = visit("/signaler/", java_script_enabled=False)
        page.get_by_label("Où est-ce ?").fill("Rue Bravo")
        page.get_by_text("Fuite d'eau").click()
        page.get_by_role("button", name="Continuer").click()
        if again:
            page.get_by_role("link", name="Moi aussi").first.click()
            page.get_by_role("button", name="Moi aussi").click()
        else:
            page.get_by_label("Photo").set_input_files(str(photo))
            page.get_by_role("button", name="Envoyer le signalement").click()
        page.wait_for_url("**/signaler/suivi/**")
    assert "2 personnes l'ont vu" in page.inner_text("main").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("path", "person"),
    [
        ("/signaler/", ""),
        ("/signalements/", ""),
        ("/console/signalements/", "oscar"),
        ("/console/signalements/saisir/", "oscar"),
        ("/console/signalements/categories/", "adele"),
        ("/console/signalements/categories/nouvelle/", "adele"),
    ],
)
def test_pages_hold_in_every_shape(
    visit: Callable[..., Any], in_every_shape: Callable[[Any], list[str]], path: str, person: str
) -> None:
    assert in_every_shape(visit(path, person=person)) == []
