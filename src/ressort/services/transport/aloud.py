"""A booking in words to read aloud, and its code spelled as people spell on the telephone in French."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ressort.services.transport.access import local
from ressort.services.transport.models import Booking
from ressort.web import words

_NAMES = (
    "Anatole Berthe Célestin Désiré Eugène François Gaston Henri Irma Joseph Kléber Louis Marcel "
    "Nicolas Oscar Pierre Quintal Raoul Suzanne Thérèse Ursule Victor William Xavier Yvonne Zoé"
)
SPELLED = {name[0]: name for name in _NAMES.split()}
"""The alphabet that French operators spelled with: letter -> first name."""


def spelled(code: str) -> list[str]:
    """Return what to say for each character of a code: « K comme Kléber », « 7 »."""
    return [
        _("%(letter)s comme %(name)s") % {"letter": c, "name": SPELLED[c]} if c in SPELLED else c
        for c in code.upper()
        if c.isalnum()
    ]


def confirmation(booking: Booking) -> list[str]:
    """Return the sentences an agent reads: when, where to get on, where one arrives, the price, the code."""
    promise = booking.promise
    said = {
        "day": words.day(local(promise.pickup_from)),
        "from": words.hour(local(promise.pickup_from)),
        "until": words.hour(local(promise.pickup_until)),
        "stop": promise.pickup.name,
        "goal": promise.dropoff.name,
        "latest": words.hour(local(promise.dropoff_until)),
        "walk": words.duration(booking.walk_from_s),
        "price": words.euros(booking.price_cents),
        "code": booking.code,
    }
    lines = [
        _("Votre trajet est réservé pour %(day)s.") % said,
        _("Le minibus vous prend à l'arrêt « %(stop)s », entre %(from)s et %(until)s.") % said,
        _("Comptez %(walk)s à pied pour y aller.") % said if booking.walk_from_s >= 60 else "",
        _("Vous arrivez à « %(goal)s », au plus tard à %(latest)s.") % said,
        _("Le prix est de %(price)s, à bord.") % said if booking.price_cents else _("C'est gratuit."),
        _("Votre code est %(code)s. Voulez-vous que je l'épelle ?") % said,
    ]
    return [words.typo(line) for line in lines if line]
