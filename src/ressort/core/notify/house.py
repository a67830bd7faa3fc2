"""The messages of the house itself: the sign-in link, the invitation, and the trial that a person sends to oneself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.notify.kinds import HIDDEN, MessageKind, Text, register
from ressort.core.notify.models import Channel


def _sign_in(context: Any) -> Text:
    """Write the sign-in link; where it stands is hidden until the message leaves."""
    del context
    body = _(
        "Vous avez demandé à vous connecter. Ouvrez ce lien ; il sert une fois, pendant vingt minutes.\n\n"
        "%(link)s\n\n"
        "Vous n'avez rien demandé ? Ignorez ce message : rien ne change."
    )
    return Text(title=_("Votre lien de connexion"), body=body % {"link": HIDDEN}, short="")


def _invitation(context: Any) -> Text:
    del context
    body = _(
        "Vous êtes invité à travailler sur cette plateforme. Ouvrez ce lien pour entrer et choisir un mot de passe ; "
        "il sert une fois, pendant sept jours.\n\n"
        "%(link)s"
    )
    return Text(title=_("Votre invitation"), body=body % {"link": HIDDEN}, short="")


def _trial(context: Any) -> Text:
    del context
    return Text(
        title=_("Message d'essai"),
        body=_(
            "Vous avez demandé un message d'essai. Il est bien arrivé : nos prochains messages arriveront ici aussi.\n\n"
            "Vous n'avez rien à faire."
        ),
        short=_("Message d'essai : il est bien arrivé. Vous n'avez rien à faire."),
        link="/mon-espace/messages/",
        call=_("Choisir mes messages"),
    )


def _by_mail(name: str, write: Callable[[Any], Text]) -> MessageKind:
    """Return a kind that carries a one-time link: by e-mail alone, at once, whatever the preferences say."""
    label = gettext_lazy("Votre compte")
    return MessageKind(name, "account", label, write, urgent=True, by=(Channel.EMAIL,), always=True)


SIGN_IN = _by_mail("account.link", _sign_in)
INVITATION = _by_mail("account.invitation", _invitation)
TRIAL = MessageKind("notify.trial", "account", gettext_lazy("Votre compte"), _trial, urgent=True, always=True)


for _kind in (SIGN_IN, INVITATION, TRIAL):
    register(_kind)
