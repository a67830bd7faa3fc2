"""Whether somebody may command, or maintain, a piece of equipment: the one place that says so, and why not.

The policy table names the roles. To that, an organisation adds what it lends to partners until a day
(:class:`Clearance`), and takes away what it keeps from one of its own people (:class:`Restriction`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.clock import wall_now
from ressort.core.errors import Forbidden
from ressort.services.controlroom.clearances.models import Clearance, Restriction, words_of
from ressort.web import words

ASK = "controlroom.command.ask"
APPROVE = "controlroom.command.approve"
MAINTAIN = "controlroom.equipment.maintain"
OVER = "clearance-over"
"""Code of what no longer goes, as what was lent is lent no more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody may, under which clearance when it is not their own equipment, and why not.

    Attributes
    ----------
    code : str
        ``forbidden``, ``clearance-over``, ``clearance-class`` or ``limited``.
    """

    ok: bool
    why: str = ""
    code: str = ""
    under: Clearance | None = None

    def __bool__(self) -> bool:
        return self.ok


class Rights:
    """What one person may do to equipment at a moment: two queries at most, however much equipment is asked about."""

    def __init__(self, user: Any, now: datetime | None = None) -> None:
        self.user, self.now = user, now or wall_now()

    def command(self, asset: Any, verb: str = ASK) -> Verdict:
        """Say whether they may command a piece of equipment, or agree to a command on it."""
        homes = self._homes(verb)
        if not homes:
            return Verdict(ok=False, why=policy.allowed(self.user, verb).why, code="forbidden")
        if asset.organisation_id in homes:
            return self._within(asset.organisation_id, asset.kind)
        return self._lent(asset, homes)

    def maintain(self, asset: Any) -> Verdict:
        """Say whether they may say where the maintenance of a piece of equipment stands."""
        verdict = policy.allowed(self.user, MAINTAIN, asset)
        if not verdict:
            return Verdict(ok=False, why=verdict.why, code="forbidden")
        return self._within(asset.organisation_id, asset.kind)

    def _homes(self, verb: str) -> set[int]:
        held = policy.roles(self.user)
        return {home for role in policy.table()[verb] for home in held.get(role, ())}

    @cached_property
    def _limits(self) -> dict[int, list[str]]:
        rows = Restriction.objects.filter(user=self.user.pk)
        return dict(rows.values_list("organisation_id", "kinds"))

    @cached_property
    def _clearances(self) -> list[Clearance]:
        """What was ever lent to their organisations, what ends last first."""
        held = policy.roles(self.user)
        mine = {home for homes in held.values() for home in homes}
        return list(Clearance.objects.filter(partner__in=mine).select_related("owner", "partner"))

    def _within(self, organisation: int, kind: str, under: Clearance | None = None) -> Verdict:
        kinds = self._limits.get(organisation)
        if kinds is not None and kind not in kinds:
            why = _("Votre habilitation est limitée à ceci : %(kinds)s.") % {"kinds": words_of(kinds)}
            return Verdict(ok=False, why=why, code="limited")
        return Verdict(ok=True, under=under)

    def _lent(self, asset: Any, homes: set[int]) -> Verdict:
        given = [
            one
            for one in self._clearances
            if one.owner_id == asset.organisation_id and one.partner_id in homes
        ]
        holding = [one for one in given if one.holds(self.now)]
        ours = [one for one in given if one.covers(asset.kind)]
        answers = [
            self._within(one.partner_id, asset.kind, one) for one in ours if one in holding
        ]  # the first that lets them act, else the limit that forbids it
        if answers:
            return next((one for one in answers if one.ok), answers[0])
        if ours:
            return Verdict(ok=False, why=_ended(ours[0]), code=OVER)
        if holding:
            kinds = words_of({kind for one in holding for kind in one.kinds})
            why = _("%(owner)s ne vous a confié que ceci : %(kinds)s.") % {
                "owner": holding[0].owner.name,
                "kinds": kinds,
            }
            return Verdict(ok=False, why=why, code="clearance-class")
        why = _("Cet équipement appartient à %(owner)s, qui ne vous en a pas confié la commande.") % {
            "owner": asset.organisation.name
        }
        return Verdict(ok=False, why=why, code="forbidden")


def _ended(one: Clearance) -> str:
    if one.withdrawn is not None:
        return _("%(owner)s a retiré votre habilitation le %(day)s.") % {
            "owner": one.owner.name,
            "day": words.day(localtime(one.withdrawn), year=True),
        }
    return _("Votre habilitation de %(owner)s s'arrêtait le %(day)s.") % {
        "owner": one.owner.name,
        "day": one.last_day,
    }


def may_command(user: Any, asset: Any, verb: str = ASK, *, now: datetime | None = None) -> Verdict:
    """Say whether somebody may command a piece of equipment now; for several, ask one :class:`Rights`."""
    return Rights(user, now).command(asset, verb)


def authorise(user: Any, asset: Any, verb: str = ASK, *, now: datetime | None = None) -> Clearance | None:
    """Refuse who may not command a piece of equipment; return the clearance under which they act, if any.

    Raises
    ------
    Forbidden
        With the code of the verdict, and its sentence.
    """
    verdict = may_command(user, asset, verb, now=now)
    if not verdict:
        raise _refusal(verdict)
    return verdict.under


def authorise_upkeep(user: Any, asset: Any, *, field: str = "") -> None:
    """Refuse who may not maintain a piece of equipment."""
    verdict = Rights(user).maintain(asset)
    if not verdict:
        raise _refusal(verdict, field)


def _refusal(verdict: Verdict, field: str = "") -> Forbidden:
    made = Forbidden(verdict.why)
    made.code, made.field = verdict.code, field
    return made


def told(under: Clearance | None) -> dict[str, str]:
    """Return what an event says of the clearance under which something was done."""
    return {"under": under.pid} if under else {}
