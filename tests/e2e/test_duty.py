"""A night: a line is made and manned, called for an incident, answered from a telephone; then the shift is handed over."""

from __future__ import annotations

import re

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.keys import reads


def test_a_line_is_called_until_somebody_answers_and_the_shift_is_handed_over(visit, in_every_shape):
    page = manned(visit, in_every_shape)
    called(page, in_every_shape)
    answered(page, visit, in_every_shape)
    handed_over(page, visit, in_every_shape)


def manned(visit, in_every_shape):
    """Make a line of two ranks, and give each a rotation."""
    page = visit("/console/astreintes/personnes/", "adele", DESK)
    for name, phone in (("Paul Petit", "06 12 34 56 78"), ("Rita Roy", "06 98 76 54 32")):
        page.get_by_label("Nom").fill(name)
        page.get_by_label("Téléphone").fill(phone)
        page.get_by_label("SMS seulement").check()
        page.get_by_role("button", name="Ajouter").click()
        reads(page, f"{name} est sur la liste.")
    assert in_every_shape(page) == []

    page.goto("/console/astreintes/nouvelle/")
    page.get_by_label("Nom").fill("Astreinte voirie")
    page.get_by_role("button", name="Créer l'astreinte").click()
    reads(page, "L'astreinte est créée.")
    for rank, name in ((1, "Paul Petit"), (2, "Rita Roy")):
        page.get_by_text("Une rotation, semaine après semaine").click()
        form = page.locator("form[action$='/rotation/']")
        form.get_by_label("Premier jour").fill("2026-09-11")
        form.get_by_label("Rang").fill(str(rank))
        form.get_by_label("Semaine 1").select_option(label=name)
        form.get_by_role("button", name="Générer la rotation").click()
        reads(page, "tours d'une semaine sont au tableau")
    reads(page, "Aucun trou")
    assert in_every_shape(page) == []

    return page


def called(page, in_every_shape):
    """Call it for an incident; the first rank says no by voice."""
    page.goto("/console/incidents/nouveau/?titre=Arbre%20tombé")
    page.get_by_label("Catégorie").select_option("road")
    page.get_by_role("button", name="Ouvrir et prendre en charge").click()
    reads(page, "vous l'avez pris en charge")
    its = page.url
    page.get_by_role("link", name="Appeler une astreinte").click()
    page.get_by_role("radio", name=re.compile("Astreinte voirie")).check()
    page.get_by_label("Pourquoi ?").fill("Tronçonneuse et balisage")
    assert in_every_shape(page) == []
    page.get_by_role("button", name="Appeler", exact=True).click()
    reads(page, "On appelle Paul Petit.")
    page.get_by_role("button", name="Paul Petit : ne peut pas").click()
    reads(page, "Paul Petit ne peut pas : c'est noté.")
    assert in_every_shape(page) == []

    page.goto(its)


def answered(page, visit, in_every_shape):
    """The second rank answers by the link of the message, from a telephone, while the operator looks on."""
    calls = page.locator("#incident-calls")
    reads(calls, "Rita Roy")
    outbox = visit("/console/messages/", "adele", DESK)
    code = outbox.locator("a[href^='?code=']").first.inner_text()  # of the last message: Rita's
    phone = visit(f"/s/{code}", size=PHONE)
    phone.get_by_role("heading", name="Arbre tombé").wait_for()
    assert in_every_shape(phone) == []
    phone.get_by_label("Une précision").fill("J'y suis dans 20 minutes")
    phone.get_by_role("button", name="J'ai reçu, je m'en charge").click()
    reads(phone, "C'est noté : vous vous en chargez.")
    reads(calls, "J'y suis dans 20 minutes")  # told by the live stream
    page.locator("#incident-log").get_by_text("Rita Roy s'en charge.").wait_for()


def handed_over(page, visit, in_every_shape):
    """Somebody else takes the shift over."""
    page.goto("/console/salle/")
    page.get_by_label("Chef de salle").check()
    page.get_by_role("button", name="Je suis en salle").click()
    reads(page, "Vous êtes en salle.")
    assert in_every_shape(page) == []
    page.get_by_role("link", name="Relève", exact=True).click()
    page.get_by_label("Consignes pour la suite").fill("Rappeler le fleuriste")
    page.get_by_role("button", name="Écrire les consignes").click()
    reads(page, "Les consignes sont écrites.")
    assert in_every_shape(page) == []
    other = visit("/console/releve/", "oscar", PHONE)
    other.get_by_role("button", name="J'ai lu, je prends la relève").click()
    reads(other, "Vous avez pris la relève.")
    reads(other, "Rappeler le fleuriste")
    assert in_every_shape(other) == []
