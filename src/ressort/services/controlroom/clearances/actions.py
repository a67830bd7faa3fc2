"""What administrators do: lend command to a partner, take it back, limit somebody of their own, free them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Organisation
from ressort.core.accounts.people import Within
from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.clearances import queries
from ressort.services.controlroom.clearances.models import Clearance, Restriction
from ressort.services.controlroom.equipment.kinds import KINDS

LONGEST = 365
"""Days for which command may be lent at once."""
COMMANDED = tuple(one.code for one in KINDS.values() if one.can)
"""Classes that can be asked something."""


def grant(user: Any, owner: str, partner: str, kinds: Iterable[str], until: date, reason: str) -> Clearance:
    """Lend the command of some classes of an organisation's equipment to another, until the end of a day.

    Parameters
    ----------
    owner, partner : str
        Ids of the organisations.
    kinds : iterable of str
        Codes of classes; none is all of them.

    Raises
    ------
    Refused
        With the field that is wrong, or when just this is lent already.
    """
    home = _organisation(owner, "owner")
    authorise(user, queries.MANAGE, Within(home.pk))
    other = _organisation(partner, "partner")
    if other.pk == home.pk:
        raise Refused(
            "own",
            _("C'est l'organisation à qui est l'équipement : choisissez-en une autre."),
            field="partner",
        )
    kept, said, end = _kinds(kinds, COMMANDED), _reason(reason), _end(until)
    now = wall_now()
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=home.pk)  # two administrators, one clearance
        lent = Clearance.objects.filter(owner=home, partner=other, withdrawn=None, until__gt=now)
        if same := next((one for one in lent if set(one.kinds) == set(kept)), None):
            raise Refused(
                "already-lent",
                _("C'est déjà confié jusqu'au %(day)s : retirez d'abord cette habilitation.")
                % {"day": same.last_day},
                status=409,
                field="partner",
            )
        made = Clearance.objects.create(
            owner=home, partner=other, kinds=kept, reason=said, since=now, until=end, by=user.pid
        )
        _tell("granted", user, made)
    return made


def withdraw(user: Any, pid: str) -> Clearance:
    """Take back what was lent, at once: what is under way goes on to its end, what is held is let go."""
    with transaction.atomic():
        found = _held(user, pid)
        if not found.holds(now := wall_now()):
            raise Refused("not-lent", _("Cette habilitation ne court plus."), status=409)
        found.withdrawn, found.withdrawn_by = now, user.pid
        found.save(update_fields=["withdrawn", "withdrawn_by"])
        _tell("withdrawn", user, found)
    return found


def restore(user: Any, pid: str) -> Clearance:
    """Give back what was taken back, until the day that had been set."""
    with transaction.atomic():
        found = _held(user, pid)
        if found.withdrawn is None or found.until <= wall_now():
            raise Refused(
                "not-withdrawn", _("Cette habilitation ne se rend plus : confiez-en une autre."), status=409
            )
        found.withdrawn, found.withdrawn_by = None, ""
        found.save(update_fields=["withdrawn", "withdrawn_by"])
        _tell("restored", user, found)
    return found


def limit(user: Any, organisation: str, person: str, kinds: Iterable[str], reason: str) -> Restriction:
    """Limit somebody of an organisation to some classes, or change to which; their commands, and upkeep.

    Raises
    ------
    Refused
        With the field that is wrong: nobody to limit, no class, no reason.
    """
    home = _organisation(organisation, "organisation")
    authorise(user, queries.MANAGE, Within(home.pk))
    whom = queries.operators([home]).filter(pid=person).first()
    if whom is None:
        raise Refused("not-here", _("Choisissez un opérateur de l'organisation."), field="person")
    kept, said = _kinds(kinds, KINDS), _reason(reason)
    if not kept:
        raise Refused(
            "no-class",
            _("Cochez au moins une classe. Pour ne plus rien lui laisser, retirez son rôle d'opérateur."),
            field="kinds",
        )
    with transaction.atomic():
        fields = {"kinds": kept, "reason": said, "since": wall_now(), "by": user.pid}
        made, __ = Restriction.objects.update_or_create(user=whom, organisation=home, defaults=fields)
        payload = {"organisation": home.pid, "kinds": kept}
        record("controlroom.clearance.limited", actor=user.pid, subject=whom.pid, payload=payload)
    return made


def free(user: Any, pk: int) -> Restriction:
    """Let somebody act on every class again; return what their limit was."""
    with transaction.atomic():
        found = (
            Restriction.objects.select_for_update(of=("self",))
            .select_related("user", "organisation")
            .filter(pk=pk)
            .first()
        )
        if found is None:
            raise Unknown("restriction", _("Cette limite n'existe plus."))
        authorise(user, queries.MANAGE, found)
        Restriction.objects.filter(pk=pk).delete()
        payload = {"organisation": found.organisation.pid}
        record("controlroom.clearance.freed", actor=user.pid, subject=found.user.pid, payload=payload)
    return found


def _organisation(pid: str, field: str) -> Organisation:
    found = Organisation.objects.filter(pid=pid).first()
    if found is None:
        raise Refused("no-organisation", _("Choisissez une organisation de la liste."), field=field)
    return found


def _held(user: Any, pid: str) -> Clearance:
    found = (
        Clearance.objects.select_for_update(of=("self",))
        .select_related("owner", "partner")
        .filter(pid=pid)
        .first()
    )
    if found is None:
        raise Unknown("clearance", _("Cette habilitation n'existe pas."))
    authorise(user, queries.MANAGE, Within(found.owner_id))
    return found


def _kinds(kinds: Iterable[str], among: Iterable[str]) -> list[str]:
    given, known = set(kinds), list(among)
    if given - set(known):
        raise Refused("bad-kind", _("Choisissez des classes de la liste."), field="kinds")
    return [one for one in known if one in given]


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said or len(said) > 200:
        raise Refused("no-reason", _("Dites pourquoi, en 200 caractères au plus."), field="reason")
    return said


def _end(until: date) -> datetime:
    zone = get_default_timezone()
    today = localtime(wall_now(), zone).date()
    if not today <= until <= today + timedelta(days=LONGEST):
        raise Refused(
            "bad-until",
            _(
                "Choisissez un jour d'aujourd'hui à dans un an : une habilitation se renouvelle, elle ne dure pas."
            ),
            field="until",
        )
    return datetime.combine(until + timedelta(days=1), time(), zone)


def _tell(what: str, user: Any, one: Clearance) -> None:
    payload = {
        "owner": one.owner.pid,
        "partner": one.partner.pid,
        "kinds": one.kinds,
        "until": localtime(one.until - timedelta(seconds=1)).date().isoformat(),
    }
    record(f"controlroom.clearance.{what}", actor=user.pid, subject=one.pid, payload=payload)
