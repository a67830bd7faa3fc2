"""What somebody called answers: by the link they were sent, or by voice and noted by an operator."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.codes import typed
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.duty.actions import calling, telling
from ressort.services.controlroom.duty.cascade_models import Cascade, CascadeStep
from ressort.services.controlroom.incidents.actions import holding

ANSWER = "controlroom.duty.answer"
State, Answer = Cascade.State, CascadeStep.State


def step_of(code: str) -> CascadeStep:
    """Return what a code was given for.

    Raises
    ------
    Unknown
        If no call gave that code.
    """
    found = (
        CascadeStep.objects.select_related(
            "contact", "cascade__line", "cascade__incident__situation", "cascade__alarm__rule", "cascade__alarm__device"
        ).filter(code=typed(code)).first()
    )  # fmt: skip
    if found is None:
        raise Unknown("duty-code", _("Ce code d'appel n'existe pas : reprenez le lien reçu."))
    return found


def answer(user: Any, code: str, *, yes: bool, note: str = "") -> CascadeStep:
    """Answer by one's own link. Saying yes late still counts while nobody else sees to it; a yes may be taken back."""
    authorise(user, ANSWER)
    step = step_of(code)
    actor = user.pid if getattr(user, "is_authenticated", False) else "public"
    return _answer(actor, step.cascade.pid, step.pk, yes=yes, note=note)


def by_voice(user: Any, pid: str, pk: int, *, yes: bool, note: str = "") -> CascadeStep:
    """Note an answer given by voice."""
    with transaction.atomic():
        authorise(user, calling.CALL, calling.hold(pid))
    return _answer(user.pid, pid, pk, yes=yes, note=note, noted_by=user)


def _answer(actor: str, pid: str, pk: int, *, yes: bool, note: str, noted_by: Any = None) -> CascadeStep:
    with transaction.atomic():
        cascade = calling.hold(pid)
        words = holding.line(note, 200, field="note", what=_("Précision"), required=False)
        step = cascade.steps.select_related("contact__user").filter(pk=pk).first()
        if step is None:
            raise Unknown("duty-step", _("Cette personne n'a pas été appelée."))
        _may(cascade, step, yes=yes)
        now = service_now()
        rank = {"step": step.pk, "rank": step.rank, "voice": noted_by is not None}
        had_it = step.state == Answer.YES
        step.state, step.answered, step.note = Answer.YES if yes else Answer.NO, now, words
        step.noted_by = noted_by
        step.save(update_fields=["state", "answered", "note", "noted_by"])
        if yes:
            others = list(cascade.steps.exclude(pk=step.pk).select_related("contact__user"))
            told = [one for one in others if one.state in {Answer.WAITING, Answer.SILENT}]
            cascade.steps.filter(state=Answer.WAITING).update(state=Answer.FREED)
            telling.sending.cancel(step.topic, kind="controlroom.duty_call")
            cascade.state, cascade.due, cascade.ended = State.ANSWERED, None, now
            cascade.save(update_fields=["state", "due", "ended"])
            telling.settled(cascade, step, told)
            after = int((now - cascade.started).total_seconds())
            calling.tell("answered", actor, cascade, after_s=after, **rank)
        else:
            if had_it:  # who saw to it cannot any more: the next is called
                cascade.state, cascade.due, cascade.ended = State.CALLING, now, None
                cascade.save(update_fields=["state", "due", "ended"])
            telling.sending.cancel(step.topic, kind="controlroom.duty_call")
            calling.tell("declined", actor, cascade, **rank)
    if not yes:
        calling.settle(cascade)
    return step


def _may(cascade: Cascade, step: CascadeStep, *, yes: bool) -> None:
    """Refuse an answer that changes nothing, or comes after somebody else's."""
    if step.state == (Answer.YES if yes else Answer.NO):
        raise Refused("no-change", _("C'est déjà votre réponse : il n'y a plus rien à faire."), status=409)
    if cascade.state == State.STOPPED:
        raise Refused(
            "call-stopped", _("Cet appel a été arrêté : il n'y a plus rien à faire. Merci."), status=409
        )
    if cascade.state == State.ANSWERED and step.state != Answer.YES:
        raise Refused(
            "already-answered",
            _("Quelqu'un d'autre s'en charge déjà : il n'y a plus rien à faire. Merci."),
            status=409,
        )
    if not yes and cascade.state == State.EXHAUSTED:
        raise Refused(
            "call-over", _("Cet appel est terminé : votre réponse n'est plus attendue."), status=409
        )
