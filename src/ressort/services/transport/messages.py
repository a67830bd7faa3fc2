"""What riders are told, in words: one function per kind of message.

Each says what happened and what to do, for that rider's trip alone. Who writes and the link are added by the house.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from ressort.core.notify.kinds import MessageKind, Text
from ressort.core.notify.models import Channel
from ressort.services.transport.access import local
from ressort.services.transport.models import Booking
from ressort.web import words

_STOP = 30  # characters of a stop's name in an SMS


@dataclass(frozen=True, slots=True)
class Told:
    """A trip as its messages tell it: the booking, and when the plan in force has the van come and arrive."""

    booking: Booking
    pickup: datetime
    arrival: datetime
    by: str = ""
    replaces: bool = False


def _language() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def _hour(at: datetime) -> str:
    return words.hour(local(at), _language())


def _day(at: datetime) -> str:
    return words.day(local(at), _language())


def _brief(at: datetime) -> str:
    """Return ``8h20``: an hour as short as people write it on a telephone."""
    here = local(at)
    return f"{here.hour}h{here.minute:02}" if _language() == "fr" else f"{here.hour}:{here.minute:02}"


def _cut(name: str) -> str:
    return name if len(name) <= _STOP else f"{name[: _STOP - 1].rstrip(' -–,')}."


def _text(told: Told, title: str, lines: list[str], short: str, call: str) -> Text:
    """Return the text with the trip's own link, and French spaces where French wants them."""
    code = told.booking.code
    body = "\n\n".join(line for line in lines if line)
    if _language() == "fr":
        title, body, short = (
            words.typo(title),
            "\n\n".join(map(words.typo, body.split("\n\n"))),
            words.typo(short),
        )
    return Text(title, body, short, reverse("transport:trip", args=[code]), call, code)


def _trip(told: Told) -> dict[str, str]:
    """Return what every sentence may need."""
    promise = told.booking.promise
    return {
        "code": told.booking.code,
        "day": _day(promise.pickup_from),
        "stop": promise.pickup.name,
        "cut": _cut(promise.pickup.name),
        "goal": promise.dropoff.name,
        "from": _hour(promise.pickup_from),
        "until": _hour(promise.pickup_until),
        "from_brief": _brief(promise.pickup_from),
        "until_brief": _brief(promise.pickup_until),
        "at": _hour(told.pickup),
        "at_brief": _brief(told.pickup),
        "arrival": _hour(told.arrival),
        "arrival_brief": _brief(told.arrival),
        "latest": _hour(promise.dropoff_until),
    }


def _boarding(told: Told, trip: dict[str, str]) -> str:
    """Return where to go and when, with the walk if there is one."""
    found = _("Montée : « %(stop)s », entre %(from)s et %(until)s.") % trip
    if told.booking.walk_from_s < 60:
        return found
    walk = _("Comptez %(walk)s à pied pour y aller.") % {"walk": words.duration(told.booking.walk_from_s)}
    return f"{found} {walk}"


def _price(booking: Booking) -> str:
    heads = booking.promise.seats + booking.promise.wheelchairs
    people = ngettext("%(n)d voyageur", "%(n)d voyageurs", heads) % {"n": heads}
    price = words.euros(booking.price_cents) if booking.price_cents else _("gratuit")
    return _("Prix : %(price)s, pour %(people)s.") % {"price": price, "people": people}


def booked(told: Told) -> Text:
    """Confirm: code, stop, walk, window, arrival, price, how to cancel."""
    trip = _trip(told)
    minutes = told.booking.offering.cancel_minutes
    return _text(
        told,
        _("Trajet réservé : %(day)s, %(from)s") % trip,
        [
            _("Votre trajet est réservé. Code de suivi : %(code)s.") % trip,
            _("Il remplace celui que vous aviez réservé avant.") if told.replaces else "",
            _("Jour : %(day)s.") % trip,
            _boarding(told, trip),
            _("Arrivée : « %(goal)s », vers %(arrival)s, au plus tard à %(latest)s.") % trip,
            _price(told.booking),
            _(
                "Vous ne venez plus ? Annulez par le lien ci-dessous, si possible %(minutes)d min avant : "
                "votre place servira à quelqu'un d'autre."
            )
            % {"minutes": minutes},
        ],
        _("réservé %(day)s. Montez entre %(from_brief)s et %(until_brief)s à « %(cut)s ».") % trip,
        _("Suivre ou annuler mon trajet"),
    )


def eve(told: Told) -> Text:
    """Remind, the evening before."""
    trip = _trip(told)
    return _text(
        told,
        _("Demain, votre minibus passe à partir de %(from)s") % trip,
        [
            _("Vous avez un trajet demain, %(day)s.") % trip,
            _boarding(told, trip),
            _("Arrivée : « %(goal)s », vers %(arrival)s.") % trip,
            _("Soyez à l'arrêt au début de ce créneau. Vous ne venez plus ? Annulez par le lien ci-dessous."),
        ],
        _("demain, montez entre %(from_brief)s et %(until_brief)s à « %(cut)s ».") % trip,
        _("Suivre ou annuler mon trajet"),
    )


def approaching(told: Told) -> Text:
    """Say that the van is about ten minutes away."""
    trip = _trip(told)
    return _text(
        told,
        _("Votre minibus passe vers %(at)s") % trip,
        [_("Votre minibus passe vers %(at)s à « %(stop)s ». Rejoignez l'arrêt maintenant.") % trip],
        _("votre minibus passe vers %(at_brief)s à « %(cut)s ». Rejoignez l'arrêt.") % trip,
        _("Voir où il est"),
    )


def changed(told: Told) -> Text:
    """Tell what a delay or a breakdown changed: a new time to agree to, a later arrival, or that the trip is lost."""
    trip = _trip(told)
    if told.booking.state == Booking.State.BROKEN:
        return _text(
            told,
            _("Nous ne pouvons pas tenir votre trajet de %(from)s") % trip,
            [
                _("Aucun véhicule ne peut plus vous prendre à l'heure promise. Nous en sommes désolés.")
                % trip,
                _("Ouvrez votre trajet : nous vous montrons ce qui reste possible. Ou appelez-nous."),
            ],
            _("nous ne pouvons pas tenir votre trajet de %(from_brief)s, pardon. Autre heure :") % trip,
            _("Choisir un autre trajet"),
        )
    if told.booking.state == Booking.State.ABOARD:
        return _text(
            told,
            _("Vous arriverez vers %(arrival)s") % trip,
            [
                _(
                    "Votre minibus a du retard : arrivée à « %(goal)s » vers %(arrival)s. Vous n'avez rien à faire."
                )
                % trip
            ],
            _("minibus en retard, arrivée vers %(arrival_brief)s. Vous n'avez rien à faire.") % trip,
            _("Suivre mon trajet"),
        )
    return _text(
        told,
        _("Retard : votre minibus passera vers %(at)s") % trip,
        [
            _(
                "Votre minibus a du retard. Il passera vers %(at)s à « %(stop)s », au lieu de %(until)s au plus tard."
            )
            % trip,
            _("Arrivée : « %(goal)s », vers %(arrival)s.") % trip,
            _("Dites-nous si cela vous va : gardez ce trajet, choisissez une autre heure, ou annulez."),
        ],
        _("retard, minibus vers %(at_brief)s à « %(cut)s ». Cela vous va ? Répondez :") % trip,
        _("Répondre"),
    )


def cancelled(told: Told) -> Text:
    """Confirm a cancellation, and say by whom."""
    trip = _trip(told)
    title = _("Trajet annulé : %(day)s, %(from)s") % trip
    if told.by == "rider":
        return _text(
            told,
            title,
            [
                _("Votre trajet du %(day)s, %(from)s, est annulé, comme vous l'avez demandé.") % trip,
                _("Vous n'avez rien à faire. Merci de nous avoir prévenus."),
            ],
            _("votre trajet du %(day)s, %(from_brief)s, est annulé.") % trip,
            _("Voir ce trajet"),
        )
    return _text(
        told,
        title,
        [
            _("Notre équipe a annulé votre trajet du %(day)s, %(from)s, au départ de « %(stop)s ».") % trip,
            _("Vous ne l'avez pas demandé ? Réservez-en un autre, ou appelez-nous."),
        ],
        _("notre équipe a annulé votre trajet du %(day)s, %(from_brief)s. Un autre trajet :") % trip,
        _("Réserver un autre trajet"),
    )


def no_show(told: Told) -> Text:
    """Say that the driver saw nobody."""
    trip = _trip(told)
    return _text(
        told,
        _("Nous ne vous avons pas vu à %(from)s") % trip,
        [
            _("Le conducteur a attendu à « %(stop)s » après l'heure promise (%(from)s) et ne vous a pas vu.")
            % trip,
            _("Une erreur ? Appelez-nous. Vous voulez encore partir ? Réservez un autre trajet."),
        ],
        _("le conducteur ne vous a pas vu à « %(cut)s » à %(from_brief)s. Une erreur ? Appelez-nous.") % trip,
        _("Réserver un autre trajet"),
    )


def arrived(told: Told) -> Text:
    """Thank, after the ride."""
    trip = _trip(told)
    return _text(
        told,
        _("Vous êtes arrivé à « %(goal)s »") % trip,
        [_("Merci d'avoir voyagé avec nous. Un oubli à bord, une remarque ? Appelez-nous.") % trip],
        _("merci d'avoir voyagé avec nous. Un oubli à bord, une remarque ? Appelez-nous."),
        _("Revoir ce trajet"),
    )


_TRIPS = gettext_lazy("Vos trajets : réservation, rappel, retard, annulation")
_VAN = gettext_lazy("Votre minibus approche, dix minutes avant")
_AFTER = gettext_lazy("Après le trajet : merci, objets oubliés")
_BY = (Channel.EMAIL, Channel.SMS, Channel.PUSH)

MESSAGES = (
    MessageKind("transport.booked", "transport.trip", _TRIPS, booked, by=(*_BY, Channel.LETTER)),
    MessageKind("transport.eve", "transport.trip", _TRIPS, eve),
    MessageKind("transport.changed", "transport.trip", _TRIPS, changed, urgent=True),
    MessageKind("transport.cancelled", "transport.trip", _TRIPS, cancelled, by=(*_BY, Channel.LETTER)),
    MessageKind("transport.no_show", "transport.trip", _TRIPS, no_show),
    MessageKind("transport.approaching", "transport.approach", _VAN, approaching, urgent=True, brief=True),
    MessageKind("transport.arrived", "transport.after", _AFTER, arrived, by=(Channel.EMAIL, Channel.PUSH)),
)
