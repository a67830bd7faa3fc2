"""Running a playbook on an incident, step by step: who, when, what was answered. Its clocks are rows, not timers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.engines.procedures import Step
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Playbook, Run, StepDone

ACTOR = "system:playbooks"
CHECKED = ("yes", "no")


def _tell(kind: str, actor: str, run: Run, /, **payload: Any) -> None:
    payload = {"number": run.incident.number, "run": run.pk, **payload}
    record(kind, actor=actor, subject=run.incident.pid, payload=payload)


def _reach(run: Run, step: int | None, now: datetime) -> None:
    """Bring a run to a step; the clock of a wait starts as it is reached. None ends it."""
    run.step, run.since, run.rung, run.wait_until = step, now, False, None
    if step is None:
        run.state, run.ended = Run.State.DONE, now
    elif run.playbook.procedure.steps[step].kind == "wait":
        run.wait_until = now + timedelta(seconds=run.playbook.procedure.steps[step].seconds)


def start(user: Any, number: str, playbook: int) -> Run:
    """Start a published playbook on an open incident."""
    with transaction.atomic():
        incident = holding.hold(user, number)
        found = Playbook.objects.filter(
            pk=playbook, organisation=incident.organisation_id, state=Playbook.State.PUBLISHED
        ).first()
        if found is None:
            raise Refused(
                "not-in-force",
                _("Cette procédure n'est pas (ou plus) en vigueur : choisissez-en une autre."),
                field="playbook",
            )
        running = Run.objects.filter(incident=incident, playbook__name=found.name, state=Run.State.RUNNING)
        if running.exists():
            raise Refused(
                "already-running", _("Cette procédure est déjà en cours ici."), status=409, field="playbook"
            )
        now = service_now()
        run = Run(incident=incident, playbook=found, since=now, started=now)
        _reach(run, found.procedure.first, now)
        run.save()
        _tell("controlroom.run.started", user.pid, run, playbook=f"pb_{found.pk}")
    return run


def _hold(user: Any, number: str, pk: int) -> Run:
    incident = holding.hold(user, number)
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("playbook")
        .filter(pk=pk, incident=incident)
        .first()
    )
    if run is None:
        raise Unknown("run", _("Cette procédure n'est pas en cours sur cet incident."))
    run.incident = incident
    return run


def do(
    user: Any, number: str, pk: int, step: int, *, option: str = "", note: str = "", skip: bool = False
) -> Run:
    """Say that the step at hand is done, with what was answered.

    Parameters
    ----------
    step : int
        The step that the person saw: another may have done it meanwhile.
    option : str
        Of a decision, the rank of the answer; of a check, ``yes`` or ``no``.
    skip : bool
        Passed over: a note says why. A wait that is not over can only be skipped.
    """
    with transaction.atomic():
        run = _hold(user, number, pk)
        if run.state != Run.State.RUNNING or run.step != step:
            raise Refused(
                "step-changed", _("Quelqu'un a déjà fait cette étape : voici la suivante."), status=409
            )
        here, now = run.playbook.procedure.steps[step], service_now()
        words = holding.line(note, 300, field="note", what=_("Précision"), required=skip)
        if here.kind == "wait" and not skip and run.wait_until and now < run.wait_until:
            raise Refused(
                "wait-runs",
                _("L'attente n'est pas finie. Pour passer outre, dites pourquoi."),
                status=409,
                field="note",
            )
        if skip and here.kind == "decide":
            raise Refused(
                "must-decide", _("Une décision ne se passe pas : choisissez une réponse."), field="option"
            )
        answer = _answer(here, option, skip=skip)
        StepDone.objects.create(run=run, incident=run.incident, step=step, at=now, by=user, answer=answer,
                                note=words, skipped=skip)  # fmt: skip
        _reach(run, run.playbook.procedure.next(step, answer), now)
        run.save(update_fields=["step", "since", "rung", "wait_until", "state", "ended"])
        payload: dict[str, Any] = {"step": step + 1, "kind": here.kind}
        if option and not skip:
            payload["option"] = option
        if skip:
            payload["skipped"] = True
        _tell("controlroom.run.stepped", user.pid, run, **payload)
    return run


def _answer(step: Step, option: str, *, skip: bool) -> str:
    """Return the words of what was chosen."""
    if skip:
        return ""
    if step.kind == "decide":
        if not (option.isascii() and option.isdigit() and int(option) < len(step.answers)):
            raise Refused("no-answer", _("Choisissez une des réponses."), field="option")
        return step.answers[int(option)][0]
    if step.kind == "check":
        if option not in CHECKED:
            raise Refused("no-answer", _("Dites si c'est vérifié ou non."), field="option")
        return option
    return ""


def take_back(user: Any, number: str, pk: int) -> Run:
    """Take the last step back: it is to be done again, and what was noted of it stays. A wait starts anew."""
    with transaction.atomic():
        run = _hold(user, number, pk)
        last = run.done.filter(taken_back=None).order_by("-pk").first()
        if last is None or run.state == Run.State.STOPPED:
            raise Refused("nothing-back", _("Il n'y a pas d'étape à reprendre."), status=409)
        now = service_now()
        last.taken_back = now
        last.save(update_fields=["taken_back"])
        run.state, run.ended = Run.State.RUNNING, None
        _reach(run, last.step, now)
        run.save(update_fields=["step", "since", "rung", "wait_until", "state", "ended"])
        _tell("controlroom.run.taken_back", user.pid, run, step=last.step + 1)
    return run


def stop(user: Any, number: str, pk: int) -> Run:
    """Stop a run before its end."""
    with transaction.atomic():
        run = _hold(user, number, pk)
        if run.state != Run.State.RUNNING:
            raise Refused("not-running", _("Cette procédure est déjà terminée."), status=409)
        step = run.step
        run.state, run.ended, run.wait_until = Run.State.STOPPED, service_now(), None
        run.save(update_fields=["state", "ended", "wait_until"])
        _tell("controlroom.run.stopped", user.pid, run, step=(step or 0) + 1)
    return run


def ring(now: datetime | None = None) -> int:
    """Tell of every wait that has ended, each once, also those that ended while nothing ran; return how many."""
    now = now or service_now()
    due = Run.objects.filter(state=Run.State.RUNNING, wait_until__lte=now, rung=False).values_list(
        "pk", flat=True
    )
    told = 0
    for pk in list(due):
        with transaction.atomic():
            run = Run.objects.select_for_update(of=("self",)).select_related("incident").get(pk=pk)
            if run.rung or run.state != Run.State.RUNNING or not run.wait_until or run.wait_until > now:
                continue
            run.rung = True
            run.save(update_fields=["rung"])
            if run.incident.state in Incident.OPEN:
                _tell("controlroom.run.rung", ACTOR, run, step=(run.step or 0) + 1)
                told += 1
    return told
