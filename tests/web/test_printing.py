"""Printed documents: whole, tagged, light, and never a program."""

from __future__ import annotations

import pytest

from ressort.web import printing

pytestmark = pytest.mark.django_db
HOSTILE = [
    '#panic("run")',
    '*x* _y_ $z$ `c` <a> @b = t // no /* no */ \\ #import "house.typ"',
    '"; #read("/etc/passwd")',
    "\u202e\u0000é漢",
]


def paper(**more) -> dict:
    usual = {
        "title": "Votre trajet",
        "code": "ABC-DEF-GHJ",
        "words": {"code": "Code :"},
        "link": "https://a.test/",
    }
    return {**usual, "qr_words": "Code à scanner", "parts": [{"title": "Quoi", "lines": ["Dites."]}], **more}


def test_a_document_is_tagged_and_says_its_title_and_language():
    made = printing.pdf("paper", paper())
    assert made.startswith(b"%PDF-1.7")
    for mark in (b"/StructTreeRoot", b"/Lang", b"/MarkInfo", b"pdfuaid", b"Votre trajet"):
        assert mark in made, mark
    assert len(made) < 60_000


@pytest.mark.parametrize("words", HOSTILE)
def test_what_people_typed_is_text_and_never_markup(words):
    made = printing.pdf("paper", paper(title=words, parts=[{"title": words, "lines": [words]}]))
    assert made.startswith(b"%PDF")
    letter = {"address": [words, words], "title": words, "lines": [words]}
    assert printing.pdf("letters", {"title": words, "letters": [letter], "day": words}).startswith(b"%PDF")


def test_an_unknown_template_is_a_programmer_s_error():
    with pytest.raises(LookupError):
        printing.pdf("../../etc/passwd", {"title": "x"})


@pytest.mark.parametrize("address", ["/algorithmes/contester.pdf", "/transport/formulaire.pdf"])
def test_blank_forms_are_public_and_light(client, address):
    made = client.get(address)
    assert made.status_code == 200
    assert made["Content-Type"] == "application/pdf"
    assert len(made.content) < 60_000
    assert made.content.count(b"/Type/Page/") == 1, "one sheet of paper"


def test_letters_are_for_those_who_look_after_messages(client):
    assert client.get("/console/messages/lettres/lettres.pdf").status_code == 302
