"""Verbs on appeals: contest, take, give back, answer, reopen, erase. Each is one event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.actions import clean_email, clean_phone
from ressort.core.accounts.mandate import OnBehalf
from ressort.core.accounts.policy import authorise
from ressort.core.appeals.models import Answer, Appeal, Statement
from ressort.core.appeals.queries import by_code, by_pid
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal import declare, receipts, record

LONGEST = 2000
"""Characters of a free text."""
OPEN_PER_RECEIPT = 5
"""Appeals of one decision that may wait at once: a number that leaked must not flood the people who answer."""

declare(
    "appeal.received", "Réexamen demandé ({reason}).", "receipt", "reason", "origin", "mandate", "typed_by"
)
declare("appeal.taken", "Une personne reprend la décision contestée.", "receipt")
declare("appeal.released", "Un réexamen est rendu à qui voudra le prendre.", "receipt")
declare("appeal.answered", "Réponse donnée à un réexamen ({outcome}).", "receipt", "outcome", "late")
declare("appeal.reopened", "Un réexamen est rouvert.", "receipt")
declare("appeal.forgotten", "Texte et coordonnées d'un réexamen effacés.", "receipt")


def contest(
    user: Any,
    receipt: str,
    reason: str,
    *,
    text: str = "",
    way: str = "here",
    email: str = "",
    phone: str = "",
    behalf: OnBehalf | None = None,
) -> Appeal:
    """Ask that a person take a decision up again.

    Parameters
    ----------
    receipt : str
        Number of the decision's receipt, however typed.
    reason : str
        One of :class:`Appeal.Reason`.
    text : str
        Optional, at most :data:`LONGEST` characters.
    way : str
        How the answer is wanted; ``email`` and ``phone`` need theirs.
    behalf : OnBehalf, optional
        Given by an agent who types for somebody: the appeal is then that person's, not the agent's.

    Raises
    ------
    Refused
        With the field concerned.
    """
    authorise(user, "appeal.make_for" if behalf else "appeal.make")
    behalf = behalf.checked(user) if behalf else None
    found = receipts.find(receipt)
    if reason not in Appeal.Reason.values:
        raise Refused(
            "no-reason", _("Choisissez la raison qui s'approche le plus de la vôtre."), field="reason"
        )
    statement = _statement(text, way, email, phone)
    now = service_now()
    signed_in = str(getattr(user, "pid", ""))
    with transaction.atomic():
        waiting = Appeal.objects.filter(receipt=found.number).exclude(state=Appeal.State.ANSWERED).count()
        if waiting >= OPEN_PER_RECEIPT:
            raise Refused(
                "already-contested",
                _(
                    "Cette décision est déjà en cours de réexamen : la réponse vaudra pour toutes les demandes."
                ),
                status=409,
            )
        appeal = Appeal.objects.create(
            receipt=found.number,
            kind=found.kind,
            reason=reason,
            owner_pid="" if behalf else signed_in,
            origin=behalf.origin if behalf else "portal",
            mandate=behalf.mandate if behalf else "",
            typed_by=behalf.typed_by if behalf else "",
            at=now,
            due=now + timedelta(days=settings.APPEAL_DAYS),
        )
        statement.appeal = appeal
        statement.reference = behalf.reference if behalf else ""
        statement.save(force_insert=True)
        payload = {
            "receipt": found.number,
            "reason": reason,
            "origin": appeal.origin,
            "mandate": appeal.mandate,
            "typed_by": appeal.typed_by,
        }
        record("appeal.received", actor=signed_in or "public", subject=appeal.pid, payload=payload)
    return appeal


def _statement(text: str, way: str, email: str, phone: str) -> Statement:
    if way not in Statement.Way.values:
        raise Refused("no-way", _("Choisissez comment recevoir la réponse."), field="way")
    made = Statement(way=way, text=_plain(text, "text"))
    if way == Statement.Way.EMAIL:
        made.email = clean_email(email)
    if way == Statement.Way.PHONE:
        made.phone = clean_phone(phone)
        if not made.phone:
            raise Refused("no-phone", _("Écrivez le numéro où vous rappeler."), field="phone")
    return made


def _plain(text: str, field: str) -> str:
    """Return a text as it may be kept: ends of lines are kept, control characters are not."""
    kept = "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or c == "\n").strip()
    if len(kept) > LONGEST:
        raise Refused(
            "long-text",
            _("Ce texte tient en %(longest)s caractères au plus.") % {"longest": LONGEST},
            field=field,
        )
    return kept


def _held(user: Any, pid: str, *states: str) -> Appeal:
    """Return an appeal, locked, if this person may answer it and it stands in one of ``states``."""
    authorise(user, "appeal.answer")
    appeal = by_pid(pid, lock=True)
    if appeal.state not in states:
        raise Refused(
            "appeal-moved",
            _("Cette demande est déjà %(state)s : rechargez la page.")
            % {"state": appeal.get_state_display()},
            status=409,
        )
    return appeal


def take(user: Any, pid: str) -> Appeal:
    """Take an appeal: the person who contests sees who takes it up."""
    with transaction.atomic():
        appeal = _held(user, pid, Appeal.State.RECEIVED)
        appeal.state, appeal.taken_by, appeal.taken = Appeal.State.TAKEN, user, service_now()
        appeal.save(update_fields=["state", "taken_by", "taken"])
        record("appeal.taken", actor=user.pid, subject=appeal.pid, payload={"receipt": appeal.receipt})
    return appeal


def release(user: Any, pid: str) -> Appeal:
    """Give an appeal back, so that somebody else may take it."""
    with transaction.atomic():
        appeal = _held(user, pid, Appeal.State.TAKEN)
        appeal.state, appeal.taken_by, appeal.taken = Appeal.State.RECEIVED, None, None
        appeal.save(update_fields=["state", "taken_by", "taken"])
        record("appeal.released", actor=user.pid, subject=appeal.pid, payload={"receipt": appeal.receipt})
    return appeal


def answer(user: Any, pid: str, outcome: str, text: str) -> Appeal:
    """Answer an appeal one has taken, in plain words.

    Raises
    ------
    Refused
        If somebody else has taken it, or the answer is empty.
    """
    authorise(user, "appeal.answer")
    kept = _plain(text, "text")
    if outcome not in Appeal.Outcome.values:
        raise Refused("no-outcome", _("Dites ce que devient la décision."), field="outcome")
    if len(kept) < 10:
        raise Refused("no-answer", _("Écrivez la réponse, en une phrase au moins."), field="text")
    with transaction.atomic():
        appeal = _held(user, pid, Appeal.State.TAKEN)
        if appeal.taken_by_id != user.pk:
            raise Refused(
                "taken-by-another",
                _("Une autre personne s'en charge : demandez-lui de la rendre, ou rendez-la d'abord."),
                status=409,
            )
        now = service_now()
        late = appeal.late
        Answer.objects.create(appeal=appeal, by=user, at=now, outcome=outcome, text=kept)
        appeal.state, appeal.outcome, appeal.answered = Appeal.State.ANSWERED, outcome, now
        appeal.save(update_fields=["state", "outcome", "answered"])
        payload = {"receipt": appeal.receipt, "outcome": outcome, "late": late}
        record("appeal.answered", actor=user.pid, subject=appeal.pid, payload=payload)
    return appeal


def reopen(user: Any, pid: str) -> Appeal:
    """Open an answered appeal again; what was answered stays readable, and a new answer is owed."""
    with transaction.atomic():
        appeal = _held(user, pid, Appeal.State.ANSWERED)
        now = service_now()
        appeal.state, appeal.outcome, appeal.answered = Appeal.State.RECEIVED, "", None
        appeal.taken_by, appeal.taken = None, None
        appeal.due = max(appeal.due, now + timedelta(days=settings.APPEAL_DAYS))
        appeal.save(update_fields=["state", "outcome", "answered", "taken_by", "taken", "due"])
        record("appeal.reopened", actor=user.pid, subject=appeal.pid, payload={"receipt": appeal.receipt})
    return appeal


def erase(user: Any, code: str) -> Appeal:
    """Erase what was written and how to reach the person: whoever has the follow number may, and those who answer."""
    authorise(user, "appeal.follow")
    with transaction.atomic():
        appeal = by_code(code)
        _forget([appeal.pk])
        actor = str(getattr(user, "pid", "")) or "public"
        record("appeal.forgotten", actor=actor, subject=appeal.pid, payload={"receipt": appeal.receipt})
    return by_code(code)


def _forget(appeals: list[int]) -> None:
    Statement.objects.filter(appeal__in=appeals).delete()
    Answer.objects.filter(appeal__in=appeals).update(text="")
    Appeal.objects.filter(pk__in=appeals).update(owner_pid="", mandate="", typed_by="")


def forget_person(pid: str) -> None:
    """Erase what a person wrote and was answered, and give back what they had taken up.

    Called inside the transaction that erases the account.
    """
    _forget(list(Appeal.objects.filter(owner_pid=pid).values_list("pk", flat=True)))
    held = Appeal.objects.filter(taken_by__pid=pid, state=Appeal.State.TAKEN)
    held.update(state=Appeal.State.RECEIVED, taken_by=None, taken=None)


def forget_receipt(number: str) -> None:
    """Erase what was written about one decision; called inside the transaction that erases who it was about."""
    _forget(list(Appeal.objects.filter(receipt=number).values_list("pk", flat=True)))
