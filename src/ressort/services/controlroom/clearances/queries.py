"""What pages read of clearances: what is lent, what is lent to us, who is limited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.accounts.models import Membership, Organisation, Role, User
from ressort.core.clock import wall_now
from ressort.services.controlroom.clearances.models import Clearance, Restriction

MANAGE = "controlroom.clearance.manage"
SOON = timedelta(days=14)
ENDED = 50


@dataclass(frozen=True, slots=True)
class Told:
    """A clearance as people read it: state, its word, who gave it, whether it still goes or could again."""

    clearance: Clearance
    state: str
    word: str
    by: str
    holds: bool
    returns: bool


def mine(user: Any) -> QuerySet[Organisation]:
    """Return the organisations whose clearances somebody manages, by name."""
    held = policy.roles(user)
    homes = {home for role in policy.table()[MANAGE] for home in held.get(role, ())}
    return Organisation.objects.filter(pk__in=homes).order_by("name")


def partners(homes: Iterable[Organisation]) -> QuerySet[Organisation]:
    """Return the organisations to which something can be lent; every one, when there are several homes."""
    kept = list(homes)
    rows = Organisation.objects.order_by("name")
    return rows.exclude(pk=kept[0].pk) if len(kept) == 1 else rows


def operators(homes: Iterable[Organisation]) -> QuerySet[User]:
    """Return the people who command for organisations now, by name."""
    held = Membership.objects.filter(organisation__in=list(homes), role=Role.OPERATOR)
    held = held.exclude(until__lte=wall_now())
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("name", "pk")


def lent(homes: Iterable[Organisation]) -> list[Told]:
    """Return what organisations lend and lent, what holds first."""
    return _told(Clearance.objects.filter(owner__in=list(homes)))


def borrowed(homes: Iterable[Organisation]) -> list[Told]:
    """Return what is lent to organisations, and was."""
    return _told(Clearance.objects.filter(partner__in=list(homes)))


def _told(rows: QuerySet[Clearance]) -> list[Told]:
    now = wall_now()
    found = list(rows.select_related("owner", "partner"))
    holding = [one for one in found if one.holds(now)]
    ended = [one for one in found if not one.holds(now)][:ENDED]
    names = dict(User.objects.filter(pid__in={one.by for one in found}).values_list("pid", "name"))
    return [
        Told(
            one,
            *_state(one, now),
            names.get(one.by, "–"),
            one.holds(now),
            one.withdrawn is not None and now < one.until,
        )
        for one in [*holding, *ended]
    ]


def _state(one: Clearance, now: datetime) -> tuple[str, str]:
    if one.withdrawn is not None:
        return "cancelled", _("Retirée")
    if one.until <= now:
        return "done", _("Finie")
    return ("soon", _("Finit bientôt")) if one.until - now <= SOON else ("active", _("En cours"))


def limits(homes: Iterable[Organisation]) -> list[Restriction]:
    """Return who is limited in organisations, by name."""
    rows = Restriction.objects.filter(organisation__in=list(homes))
    return list(rows.select_related("user", "organisation").order_by("user__name", "pk"))


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what is kept of a person here."""
    rows = Clearance.objects.filter(Q(by=pid) | Q(withdrawn_by=pid)).select_related("partner")
    limited = Restriction.objects.filter(Q(user__pid=pid) | Q(by=pid)).select_related("organisation", "user")
    return {
        "controlroom.Clearance": [
            {
                _("Partenaire"): one.partner.name,
                _("Motif"): one.reason if one.by == pid else "",
                _("Donnée"): one.since if one.by == pid else None,
                _("Retirée"): one.withdrawn if one.withdrawn_by == pid else None,
            }
            for one in rows
        ],
        "controlroom.Restriction": [
            {
                _("Organisation"): one.organisation.name,
                _("Classes"): one.classes if one.user.pid == pid else "",
                _("Motif"): one.reason,
                _("Depuis"): one.since,
            }
            for one in limited
        ],
    }


def erase(pid: str) -> None:
    """Empty the names and the reasons of an administrator; the limit of whoever is erased goes."""
    Clearance.objects.filter(by=pid).update(by="", reason="")
    Clearance.objects.filter(withdrawn_by=pid).update(withdrawn_by="")
    Restriction.objects.filter(user__pid=pid).delete()
    Restriction.objects.filter(by=pid).update(by="")
