"""Lines of duty, the people who take turns on them, and what calls them by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.actions import clean_email, clean_phone
from ressort.core.accounts.models import User
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.alarms.models import Rule, Severity
from ressort.services.controlroom.duty import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.duty.models import MOST_RANKS, AutoCall, DutyContact, DutyLine
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.models import Incident

MANAGE = "controlroom.duty.manage"
PLAN = "controlroom.duty.plan"
LINES, AUTOS = 40, 20
WAITS = (2, 60)
"""Minutes given to each rank: least and most."""


def hold_line(user: Any, pid: str, verb: str, *, closed: bool = False) -> DutyLine:
    """Return a line that this person may do ``verb`` to, locked for the transaction.

    Raises
    ------
    Refused
        If it is closed, unless ``closed`` is accepted.
    """
    found = DutyLine.objects.select_for_update(of=("self",)).select_related("chief").filter(pid=pid).first()
    if found is None:
        raise Unknown("duty-line", _("Cette ligne d'astreinte n'existe pas."))
    authorise(user, verb, found)
    if found.closed is not None and not closed:
        raise Refused(
            "line-closed", _("Cette ligne d'astreinte est fermée : rouvrez-la d'abord."), status=409
        )
    return found


def hold_contact(user: Any, pk: Any, *, verb: str = PLAN) -> DutyContact:
    """Return somebody of the list, locked for the transaction."""
    found = DutyContact.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
    if found is None:
        raise Unknown("duty-contact", _("Cette personne n'est pas sur la liste d'astreinte."))
    authorise(user, verb, found)
    return found


def contact_of(organisation: int, pk: Any, *, field: str = "contact") -> DutyContact:
    """Return somebody who may be given a turn."""
    found = DutyContact.objects.filter(pk=pk, organisation=organisation, left=None).first()
    if found is None:
        raise Refused("bad-contact", _("Choisissez une personne de la liste d'astreinte."), field=field)
    return found


# ------------------------------------------------------------------ lines


def _line_words(organisation: int, given: Mapping[str, Any], pk: int | None) -> dict[str, Any]:
    name = holding.line(given["name"], 60, field="name", what=_("Nom"))
    if DutyLine.objects.filter(organisation=organisation, name__iexact=name).exclude(pk=pk or 0).exists():
        raise Refused("name-taken", _("Une astreinte porte déjà ce nom."), status=409, field="name")
    ranks, wait = given["ranks"], given["minutes"]
    if not 1 <= ranks <= MOST_RANKS:
        raise Refused("bad-ranks", _("Une astreinte a de un à six rangs."), field="ranks")
    if not WAITS[0] <= wait <= WAITS[1]:
        raise Refused("bad-wait", _("Laissez de 2 à 60 minutes à chaque rang."), field="minutes")
    chief = given.get("chief")
    return {
        "name": name,
        "purpose": holding.line(given.get("purpose"), 200, field="purpose", what=_("Objet"), required=False),
        "ranks": ranks,
        "wait": 60 * wait,
        "chief": contact_of(organisation, chief, field="chief") if chief else None,
    }


def add_line(user: Any, **given: Any) -> DutyLine:
    """Add a line of duty: nobody is on it yet."""
    home = holding.home(user, MANAGE, given.pop("organisation", ""))
    with transaction.atomic():
        if DutyLine.objects.filter(organisation=home, closed=None).count() >= LINES:
            raise Refused("too-many-lines", _("Quarante astreintes au plus : fermez-en une."), status=409)
        made = DutyLine.objects.create(organisation_id=home, **_line_words(home, given, None))
        record(
            "controlroom.duty.line_added",
            actor=user.pid,
            subject=made.pid,
            payload={"ranks": made.ranks, "wait": made.wait},
        )
    return made


def change_line(user: Any, pid: str, **given: Any) -> DutyLine:
    """Change the name, the purpose, the ranks, the wait or the chief of a line."""
    with transaction.atomic():
        found = hold_line(user, pid, MANAGE)
        words = _line_words(found.organisation_id, given, found.pk)
        fields = sorted(name for name, value in words.items() if getattr(found, name) != value)
        if not fields:
            raise Refused("no-change", _("Rien n'a changé : tout est déjà ainsi."), status=409)
        for name in fields:
            setattr(found, name, words[name])
        found.save(update_fields=fields)
        record("controlroom.duty.line_changed", actor=user.pid, subject=found.pid, payload={"fields": fields})
    return found


def close_line(user: Any, pid: str, *, closed: bool) -> DutyLine:
    """Close a line, which is no longer called and keeps its turns; or open it again."""
    with transaction.atomic():
        found = hold_line(user, pid, MANAGE, closed=True)
        if (found.closed is not None) == closed:
            raise Refused("no-change", _("C'est déjà ainsi."), status=409)
        if closed and found.cascades.filter(state="calling").exists():
            raise Refused("line-called", _("Cette ligne est en train d'être appelée : attendez."), status=409)
        found.closed = service_now() if closed else None
        found.save(update_fields=["closed"])
        kind = "controlroom.duty.line_closed" if closed else "controlroom.duty.line_reopened"
        record(kind, actor=user.pid, subject=found.pid)
    return found


# ------------------------------------------------------------------ people


def _contact_words(given: Mapping[str, Any]) -> dict[str, Any]:
    phone, email = clean_phone(given.get("phone", "") or ""), given.get("email", "") or ""
    email = clean_email(email) if email.strip() else ""
    by = holding.among(
        given.get("by") or DutyContact.By.BOTH,
        DutyContact.By,
        field="by",
        sentence=_("Choisissez comment la prévenir."),
    )
    if not phone and not email:
        raise Refused(
            "no-reach", _("Donnez un téléphone ou une adresse : sinon, rien ne la joint."), field="phone"
        )
    if by == DutyContact.By.SMS and not phone:
        raise Refused("no-phone", _("Pour un SMS, donnez un numéro de téléphone."), field="phone")
    if by == DutyContact.By.EMAIL and not email:
        raise Refused("no-email", _("Pour un courriel, donnez une adresse électronique."), field="email")
    return {
        "name": holding.line(given.get("name"), 120, field="name", what=_("Nom")),
        "phone": phone,
        "email": email,
        "by": by,
    }


def add_contact(user: Any, **given: Any) -> DutyContact:
    """Add somebody who may take turns; with the address of an account of the organisation, it is theirs."""
    home = holding.home(user, PLAN, given.pop("organisation", ""))
    with transaction.atomic():
        made = make_contact(home, given)
        _tell("controlroom.duty.contact_added", user, made)
    return made


def make_contact(home: int, given: Mapping[str, Any]) -> DutyContact:
    """Write a new row of the list; whoever calls records what was done.

    Raises
    ------
    Refused
        If the name is already on the list, or what reaches the person is missing.
    """
    words = _contact_words(given)
    if DutyContact.objects.filter(organisation=home, name__iexact=words["name"], left=None).exists():
        raise Refused(
            "name-taken",
            _("Cette personne est déjà sur la liste. Un homonyme ? Ajoutez son service au nom."),
            status=409,
            field="name",
        )
    return DutyContact.objects.create(organisation_id=home, user=_account(home, words["email"]), **words)


def _account(home: int, email: str) -> User | None:
    if not email:
        return None
    return User.objects.filter(email=email, memberships__organisation=home, is_active=True).first()


def change_contact(user: Any, pk: int, **given: Any) -> DutyContact:
    """Correct a name or how to reach it."""
    with transaction.atomic():
        found = hold_contact(user, pk)
        words = _contact_words(given)
        fields = sorted(name for name, value in words.items() if getattr(found, name) != value)
        if not fields:
            raise Refused("no-change", _("Rien n'a changé : tout est déjà ainsi."), status=409)
        for name in fields:
            setattr(found, name, words[name])
        if "email" in fields:
            found.user = _account(found.organisation_id, found.email)
        found.save()
        _tell("controlroom.duty.contact_changed", user, found, fields=fields)
    return found


def dismiss_contact(user: Any, pk: int, *, left: bool) -> DutyContact:
    """Take somebody off the list, or put them back. Their turns to come show as holes, for somebody else to take."""
    with transaction.atomic():
        found = hold_contact(user, pk)
        if (found.left is not None) == left or not found.name:
            raise Refused("no-change", _("C'est déjà ainsi."), status=409)
        found.left = service_now() if left else None
        found.save(update_fields=["left"])
        kind = "controlroom.duty.contact_left" if left else "controlroom.duty.contact_returned"
        _tell(kind, user, found)
    return found


def _tell(kind: str, user: Any, contact: DutyContact, **payload: Any) -> None:
    record(
        kind, actor=user.pid, subject=f"dc_{contact.pk}", payload={"contact": f"dc_{contact.pk}", **payload}
    )


# ------------------------------------------------------------------ what calls by itself


def add_auto(user: Any, pid: str, of: str, **given: Any) -> AutoCall:
    """Have a line called by itself: for alarms that nobody took, or incidents not taken in charge in time."""
    with transaction.atomic():
        line = hold_line(user, pid, MANAGE)
        holding.among(of, AutoCall.Of, field="of", sentence=_("Choisissez ce qui appelle l'astreinte."))
        if line.autos.count() >= AUTOS:
            raise Refused("too-many-autos", _("Vingt appels d'office au plus par astreinte."), status=409)
        made = AutoCall(line=line, of=of)
        if of == AutoCall.Of.ALARM:
            severity = str(given.get("severity") or Severity.MAJOR)
            if severity not in {str(one) for one in Severity.values}:
                raise Refused("bad-severity", _("Choisissez une gravité de la liste."), field="severity")
            made.severity = int(severity)
            if rule := given.get("rule"):
                made.rule = Rule.objects.filter(pk=rule).first()
                if made.rule is None:
                    raise Refused("bad-rule", _("Choisissez une règle de la liste."), field="rule")
        else:
            made.priority = holding.among(
                given.get("priority") or Incident.Priority.HIGH,
                Incident.Priority,
                field="priority",
                sentence=_("Choisissez une priorité de la liste."),
            )
            if category := given.get("category"):
                made.category = holding.among(
                    category,
                    Incident.Category,
                    field="category",
                    sentence=_("Choisissez une catégorie de la liste."),
                )
        made.save()
        record(
            "controlroom.duty.auto_added",
            actor=user.pid,
            subject=line.pid,
            payload={"auto": made.pk, "of": of},
        )
    return made


def drop_auto(user: Any, pid: str, pk: int) -> AutoCall:
    """No longer have a line called by itself for that."""
    with transaction.atomic():
        line = hold_line(user, pid, MANAGE, closed=True)
        found = line.autos.filter(pk=pk).first()
        if found is None:
            raise Unknown("auto", _("Cet appel d'office n'est plus là."))
        payload = {"auto": found.pk, "of": found.of}
        found.delete()
        record("controlroom.duty.auto_dropped", actor=user.pid, subject=line.pid, payload=payload)
    return found
