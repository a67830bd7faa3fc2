"""What the house prints: decisions, the form to contest one, and the letters of the outbox."""

from __future__ import annotations

import json
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ressort.core.appeals.models import Appeal
from ressort.core.clock import service_now
from ressort.core.journal import receipts
from ressort.core.notify import queries
from ressort.web import printing, words
from ressort.web.context import Shell
from ressort.web.doors import door
from ressort.web.pages_receipts import told


@door("receipt.see")
@require_safe
def contest_form(request: HttpRequest, number: str = "") -> HttpResponse:
    """Print the blank form to contest a decision, with its number if it is known."""
    found = receipts.find(number).number if number else ""
    path = reverse("web:contest", args=[found]) if found else reverse("web:algorithms")
    data = {
        "title": _("Demander qu'une personne reprenne une décision"),
        "lead": _(
            "Une décision prise par un programme vous semble fausse ou injuste ? Une personne la relit."
        ),
        "link": request.build_absolute_uri(path),
        "qr_words": _("Code à scanner pour faire la même demande en ligne"),
        "number": found,
        "reasons": [str(label) for label in Appeal.Reason.labels],
        "words": {
            "number": _("Numéro de la décision (sur le reçu, il commence par R)"),
            "why": _("Pourquoi ?"),
            "more": _("Ce que vous voulez ajouter (facultatif)"),
            "who": _("Pour vous répondre"),
            "name": _("Nom"),
            "phone": _("Téléphone"),
            "email": _("Adresse électronique ou postale"),
            "back": _("Rendez cette feuille au guichet, ou lisez-la à l'accueil par téléphone."),
        },
    }
    return printing.download("contester", printing.pdf("contest", data))


@door("receipt.see")
@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Print a decision in words, with how to contest it."""
    found = receipts.find(number)
    tells = told(found)
    said = json.loads(found.words)
    decision = [said.get("decision", found.kind), _("Décidé le %(at)s.") % {"at": _moment(found.at)}]
    why = [said[key] for key in ("rule", "change") if said.get(key)]
    if tells["responsible"]:
        why.append(_("Qui en répond : %(who)s.") % {"who": tells["responsible"]})
    how = _(
        "Scannez le code, appelez-nous, ou rendez le formulaire papier au guichet : une personne la relit."
    )
    parts = [(_("La décision"), decision), (_("Pourquoi"), why), (_("La contester"), [how])]
    data = {
        "title": _("Reçu de décision %(number)s") % {"number": found.number},
        "code": "",
        "words": {},
        "parts": [{"title": title, "lines": [words.typo(str(one)) for one in said]} for title, said in parts],
        "link": request.build_absolute_uri(reverse("web:receipt", args=[found.number])),
        "qr_words": _("Code à scanner pour retrouver ce reçu"),
    }
    return printing.download(f"recu-{found.number}", printing.pdf("paper", data))


def _moment(at: datetime) -> str:
    here = at.astimezone(Shell.zone())
    return f"{here:%d/%m/%Y} {words.hour(here)}"


@door("notify.see")
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Print all the letters that wait, addressed for a window envelope."""
    del request
    found = [
        {
            "address": letter.address.splitlines(),
            "title": letter.title,
            "lines": [line for line in letter.body.splitlines() if line.strip()],
        }
        for letter in queries.letters()[:100]
    ]
    day = words.day(service_now().astimezone(Shell.zone()))
    if not found:
        found = [{"address": [], "title": _("Aucune lettre à imprimer"), "lines": []}]
    data = {"title": _("Lettres à imprimer"), "letters": found, "day": day}
    return printing.download("lettres", printing.pdf("letters", data))
