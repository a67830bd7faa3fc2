"""What the service prints: the blank form for people without internet, and a trip's receipt."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ressort.core.accounts.mandate import Mandate
from ressort.services.transport import messages
from ressort.services.transport.actions import booking
from ressort.services.transport.models import ReceiptWay
from ressort.web import printing, words
from ressort.web.doors import door


@door("transport.offering.see")
@require_safe
def form(request: HttpRequest) -> HttpResponse:
    """Print the blank form « Demander un trajet »."""
    posted = (ReceiptWay.SMS, ReceiptWay.EMAIL, ReceiptWay.LETTER)
    data = {
        "title": _("Demander un trajet"),
        "lead": _("Sans internet : remplissez cette feuille, ou appelez-nous et lisez-la."),
        "link": request.build_absolute_uri(reverse("transport:home")),
        "qr_words": _("Code à scanner pour demander un trajet en ligne"),
        "mandates": [str(label) for label in Mandate.labels],
        "whens": [_("partir après cette heure"), _("arriver avant cette heure")],
        "counts": [_("Voyageurs"), _("Dont en fauteuil roulant"), _("Gros bagages")],
        "receipts": [*(str(way.label) for way in posted), _("Appel téléphonique")],
        "words": {
            "who": _("Qui voyage"),
            "name": _("Nom et prénom"),
            "phone": _("Téléphone"),
            "email": _("Adresse électronique (facultatif)"),
            "asker": _("Qui demande ?"),
            "trip": _("Le trajet"),
            "origin": _("D'où partez-vous ? (adresse ou arrêt, commune)"),
            "destination": _("Où allez-vous ? (adresse ou arrêt, commune)"),
            "day": _("Jour (jour, mois, année)"),
            "hour": _("Heure"),
            "note": _("Précision pour le conducteur (facultatif)"),
            "receipt": _("Comment vous répondre ?"),
            "postal": _("Adresse postale, pour une lettre (au moins quatre jours avant le trajet)"),
            "back": _(
                "Rendez cette feuille au guichet. Elle sert à réserver ce trajet, puis elle est détruite ; "
                "vos coordonnées s'effacent quatre-vingt-dix jours après le trajet."
            ),
        },
    }
    return printing.download("demander-un-trajet", printing.pdf("ask_trip", data))


@door("transport.trip.follow")
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """Print a trip: its code, where and when, what to do, and a way to follow it."""
    found = booking.find(code)
    promise = found.promise
    planned = {visit.is_pickup: visit.planned for visit in promise.visits.all()}
    told = messages.Told(
        found, planned.get(True, promise.pickup_from), planned.get(False, promise.dropoff_until)
    )
    text = messages.booked(told)
    contact = getattr(found, "contact", None)
    what = [
        _("Soyez à l'arrêt au début de ce créneau, avec ce papier ou son code."),
        _("Pour annuler ou changer : scannez le code ou appelez-nous."),
    ]
    parts = [
        {
            "title": text.title,
            "lines": [line for line in text.body.split("\n\n") if found.code not in line][:-1],
        },
        {"title": _("Ce que vous avez à faire"), "lines": [words.typo(line) for line in what]},
    ]
    data = {
        "title": _("Votre trajet, %(name)s") % {"name": contact.name} if contact else _("Votre trajet"),
        "code": found.code,
        "words": {"code": _("Code de suivi :")},
        "parts": parts,
        "link": request.build_absolute_uri(reverse("transport:trip", args=[found.code])),
        "qr_words": _("Code à scanner pour suivre ce trajet"),
    }
    return printing.download(f"trajet-{found.code}", printing.pdf("paper", data))
