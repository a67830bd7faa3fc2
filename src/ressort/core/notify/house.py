"""The messages of the house itself: the sign-in link, the invitation, and the trial that a person sends to oneself."""

from __future__ import annotations

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


SIGN_IN = MessageKind(
    "account.link",
    "account",
    gettext_lazy("Votre compte"),
    _sign_in,
    urgent=True,
    by=(Channel.EMAIL,),
    always=True,
)
INVITATION = MessageKind(
    "account.invitation",
    "account",
    gettext_lazy("Votre compte"),
    _invitation,
    urgent=True,
    by=(Channel.EMAIL,),
    always=True,
)
TRIAL = MessageKind("notify.trial", "account", gettext_lazy("Votre compte"), _trial, urgent=True, always=True)


for _kind in (SIGN_IN, INVITATION, TRIAL):
    register(_kind)
