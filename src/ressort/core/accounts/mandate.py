"""Acting for somebody else: how they reached us, by what mandate, and who typed.

Every service that lets an agent act for a person on the phone, at the counter or from a paper form carries an
:class:`OnBehalf` through its action. The codes go to the journal; the free reference is personal data, and stays in an
erasable table beside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.errors import Refused

LONGEST = 60
"""Characters of a reference: the number of a paper form, of a file."""


class Way(models.TextChoices):
    """How the person reached the agent."""

    PHONE = "phone", _("au téléphone")
    COUNTER = "counter", _("au guichet")
    PAPER = "paper", _("par formulaire papier")


class Mandate(models.TextChoices):
    """Who asks for the person concerned."""

    SELF = "self", _("la personne elle-même")
    RELATIVE = "relative", _("un proche")
    PROFESSIONAL = "professional", _("un professionnel (soin, aide sociale)")


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """What an agent says of an act done for somebody.

    Attributes
    ----------
    origin : str
        A :class:`Way`.
    mandate : str
        A :class:`Mandate`.
    reference : str
        Optional, free: never in the journal.
    typed_by : str
        Pseudonymous id of the agent, filled by :meth:`checked`.
    """

    origin: str
    mandate: str = Mandate.SELF
    reference: str = ""
    typed_by: str = ""

    def checked(self, user: Any) -> OnBehalf:
        """Return the same, cleaned and signed by ``user``.

        Raises
        ------
        Refused
            With the field concerned; also when nobody is signed in.
        """
        pid = str(getattr(user, "pid", ""))
        if not pid:
            raise Refused("sign-in-first", "Connectez-vous pour agir au nom de quelqu'un.", status=403)
        if self.origin not in Way.values:
            raise Refused(
                "no-way-in",
                "Dites comment la personne vous a joint : téléphone, guichet ou formulaire papier.",
                field="way_in",
            )
        if self.mandate not in Mandate.values:
            raise Refused("no-mandate", "Dites qui demande : la personne, un proche ou un professionnel.",
                          field="mandate")  # fmt: skip
        reference = " ".join(self.reference.split())
        if len(reference) > LONGEST or not reference.isprintable():
            raise Refused(
                "long-reference", f"La référence tient en {LONGEST} caractères au plus.", field="reference"
            )
        return replace(self, reference=reference, typed_by=pid)
