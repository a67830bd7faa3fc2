"""An incident from its first minute to its report: a playbook is written, followed, and the end printed."""

from __future__ import annotations

from tests.e2e.conftest import DESK, PHONE, until
from tests.e2e.keys import reads

STEPS = """Vérifier : La route est-elle coupée ?
Décider : Y a-t-il un blessé ?
- Oui -> secours
- Non -> fin
[secours]
Appeler : Secours, 18"""


def test_an_incident_is_conducted_with_a_playbook_and_closed(visit, in_every_shape):
    page = visit("/console/procedures/nouvelle/", "adele", DESK)
    page.get_by_label("Nom de la procédure").fill("Arbre sur la chaussée")
    page.get_by_role("button", name="Écrire ses étapes").click()
    page.get_by_label("Étapes").fill("Apeler : x")
    reads(page, "Vouliez-vous écrire « appeler »")  # while one types, without sending
    page.get_by_label("Étapes").fill(STEPS)
    reads(page, "Cette procédure se lit bien.")
    assert in_every_shape(page) == []
    page.get_by_role("button", name="Enregistrer et publier").click()
    reads(page, "La version 1 est publiée.")

    page.goto("/console/incidents/nouveau/?source=call:7&titre=Arbre%20tombé")
    page.get_by_label("Catégorie").select_option("road")
    page.get_by_label("Haute", exact=True).check()
    page.get_by_text("Montrer sur la carte").click()
    page.locator("[data-point] [data-map][data-ready]").wait_for()
    page.locator("[data-point] .maplibregl-canvas").click()
    until(page, "document.querySelector('[name=where_lon]').value !== ''")
    page.locator("[data-point] .maplibregl-marker").wait_for()
    page.get_by_role("button", name="Ouvrir et prendre en charge").click()
    reads(page, "vous l'avez pris en charge")
    page.get_by_role("button", name="Commencer", exact=True).click()
    note = page.get_by_label("Précision")
    note.fill("vu de la caméra 4")
    page.get_by_role("button", name="C'est vérifié").focus()
    with page.expect_response(lambda answer: "part=procedures" in answer.url):
        page.evaluate("document.getElementById('incident-runs').dispatchEvent(new CustomEvent('live'))")
    page.locator("#incident-runs:not(.htmx-request)").wait_for()
    assert note.input_value() == "vu de la caméra 4"  # what is half written outlives a refresh
    page.get_by_role("button", name="C'est vérifié").click()
    page.locator("#incident-runs").get_by_text("vérifié : vu de la caméra 4").wait_for()
    assert note.input_value() == ""
    page.get_by_role("button", name="Oui → étape 3").click()
    page.get_by_role("button", name="Appelé").click()
    reads(page, "la procédure est finie")
    page.get_by_label("Nouvelle ligne").fill("Un blessé léger, pris en charge par les secours.")
    page.get_by_role("button", name="Écrire la ligne").click()
    page.locator("#incident-log").get_by_text("Un blessé léger").wait_for()
    assert in_every_shape(page) == []

    other = visit(page.url, "adele", PHONE)  # somebody else looks on, from a telephone
    page.get_by_text("Clore avec un compte rendu").click()
    page.get_by_label("Résolu", exact=True).check()
    page.get_by_label("Compte rendu", exact=True).fill("Arbre retiré.")
    page.get_by_role("button", name="Clore l'incident").click()
    reads(page, "est clos.")
    other.locator("#incident-state").get_by_text("Arbre retiré.").wait_for()  # told by the live stream
    report = page.request.get(page.get_by_role("link", name="Compte rendu (PDF)").get_attribute("href"))
    assert report.body().startswith(b"%PDF-")
    page.goto("/console/incidents/liste/")
    assert in_every_shape(page) == []


def test_an_exercise_is_announced_and_ended(visit, in_every_shape):
    page = visit("/console/situations/", "adele", DESK)
    page.get_by_text("Déclarer une situation").click()
    page.get_by_label("C'est un EXERCICE").check()
    page.get_by_label("Ce qui arrive", exact=True).select_option("heat")
    page.get_by_label("Phrase pour le public").fill("Forte chaleur jusqu'à jeudi")
    page.get_by_label("Oui, publier ce message maintenant").check()
    page.get_by_role("button", name="Déclarer et publier").click()
    reads(page, "La situation est déclarée et publiée.")
    its = page.url
    assert in_every_shape(page) == []
    page.goto("/situations/")
    reads(page, "Ceci est un EXERCICE")
    assert "EXERCICE" in page.locator(".banner").inner_text()
    assert in_every_shape(page) == []
    page.goto(its)
    page.get_by_label("Oui, la situation est terminée").check()
    page.get_by_role("button", name="Terminer la situation").click()
    reads(page, "la fin est publiée")
    assert page.locator(".banner").count() == 0


def test_the_board_in_every_shape(visit, in_every_shape):
    page = visit("/console/incidents/", "adele", DESK)
    assert in_every_shape(page) == []
