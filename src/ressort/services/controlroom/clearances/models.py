"""Tables of clearances: what is lent to a partner, whom their own organisation limits."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation, User
from ressort.core.privacy import blank, impersonal, keeps, personal
from ressort.services.controlroom.equipment.kinds import KINDS
from ressort.web import words


def clearance_id() -> str:
    """Return a new id of a clearance."""
    return f"h_{secrets.token_hex(8)}"


def words_of(kinds: Iterable[str]) -> str:
    """Return classes in words, in the order in which they are declared; none is all of them."""
    kept = set(kinds)
    named = ", ".join(str(one.label) for one in KINDS.values() if one.code in kept)
    return named or str(_("Toutes les classes"))


class Clearance(models.Model):
    """Command of some classes of an organisation's equipment, lent to a partner. Instants are of the wall clock.

    Attributes
    ----------
    kinds : list of str
        Codes of classes; empty, all of them, those to come included.
    until : datetime
        The first instant at which it no longer holds.
    """

    pid = models.CharField(max_length=24, unique=True, default=clearance_id, editable=False)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kinds = models.JSONField(default=list)
    reason = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField()
    by = models.CharField(max_length=24, blank=True)
    withdrawn = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ["-until", "-pk"]

    def __str__(self) -> str:
        return self.pid

    def holds(self, now: datetime) -> bool:
        """Tell whether it lets somebody act at a moment."""
        return self.withdrawn is None and now < self.until

    def covers(self, kind: str) -> bool:
        """Tell whether it is about a class."""
        return not self.kinds or kind in self.kinds

    @property
    def last_day(self) -> str:
        """The last day on which it holds, in words."""
        return words.day(localtime(self.until - timedelta(seconds=1)), year=True)

    @property
    def classes(self) -> str:
        """Its classes in words."""
        return words_of(self.kinds)


class Restriction(models.Model):
    """Classes to which an organisation limits somebody of its own; without a row, nobody is limited."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kinds = models.JSONField(default=list)
    reason = models.CharField(max_length=200)
    since = models.DateTimeField(help_text="wall clock")
    by = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="one_restriction")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.organisation_id}"

    @property
    def classes(self) -> str:
        """Its classes in words."""
        return words_of(self.kinds)


impersonal(Clearance, "pid", "kinds", why=_("numéro et classes d'équipements"))
impersonal(Restriction, "kinds", why=_("classes d'équipements"))
personal(
    Clearance,
    title=_("Habilitations de partenaires"),
    people=_("les administrateurs"),
    fields={"by": _("qui l'a donnée"), "withdrawn_by": _("qui l'a retirée"), "reason": _("motif écrit")},
    purpose=_("Savoir qui a confié la commande d'équipements de la rue, et pourquoi"),
    recipients=_("les administrateurs des deux organismes ; les opérateurs qui agissent sous elle"),
    keep=timedelta(days=3 * 365),
    since="until",
    since_words=_("la fin de l'habilitation"),
    clock="wall",
    end=blank(
        _("les noms et le motif sont vidés, l'habilitation reste pour le journal"),
        by="",
        withdrawn_by="",
        reason="",
    ),
)
personal(
    Restriction,
    title=_("Habilitations limitées"),
    people=_("les opérateurs"),
    fields={
        "user": _("compte"),
        "organisation": _("organisme"),
        "reason": _("motif écrit"),
        "since": _("date"),
        "by": _("qui l'a limitée"),
    },
    purpose=_("Ne laisser commander que les équipements que l'on connaît"),
    recipients=_("les administrateurs de l'organisme, et vous"),
    end=keeps(_("jusqu'à ce qu'elle soit levée, ou autant que le compte")),
)
