"""Handling an incident: taken in charge, changed, told in the log, its tasks done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.incidents import clocks
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.actions.opening import checked, open_situation
from ressort.services.controlroom.incidents.models import Incident, Line, Todo

LOG = 2000
"""Characters of a line of the log, at most."""
TASKS = 60


def _tell(kind: str, user: Any, incident: Incident, **payload: Any) -> None:
    record(kind, actor=user.pid, subject=incident.pid, payload={"number": incident.number, **payload})


def take(user: Any, number: str) -> Incident:
    """Take an incident in charge: its first clock stops."""
    with transaction.atomic():
        found = holding.hold(user, number)
        if found.state == Incident.State.TAKEN:
            who = found.taken_by.name if found.taken_by else _("quelqu'un")
            raise Refused("already-taken", _("%(who)s l'a déjà pris en charge.") % {"who": who}, status=409)
        found.state, found.taken, found.taken_by = Incident.State.TAKEN, service_now(), user
        found.save(update_fields=["state", "taken", "taken_by"])
        after = int((found.taken - found.counted).total_seconds())
        _tell("controlroom.incident.taken", user, found, after_s=after)
    return found


def release(user: Any, number: str) -> Incident:
    """Give an incident back: it waits again for somebody, on the clock it had."""
    with transaction.atomic():
        found = holding.hold(user, number)
        if found.state != Incident.State.TAKEN:
            raise Refused("not-taken", _("Personne ne l'a pris en charge."), status=409)
        found.state, found.taken, found.taken_by = Incident.State.NEW, None, None
        found.save(update_fields=["state", "taken", "taken_by"])
        _tell("controlroom.incident.released", user, found)
    return found


def change(user: Any, number: str, **given: Any) -> Incident:
    """Change the title, the category, or the place of an incident."""
    with transaction.atomic():
        found = holding.hold(user, number)
        words = checked(**given)
        words.pop("priority", None)
        fields = sorted(name for name, value in words.items() if getattr(found, name) != value)
        if not fields:
            raise Refused("no-change", _("Rien n'a changé : tout est déjà ainsi."), status=409)
        for name in fields:
            setattr(found, name, words[name])
        found.save(update_fields=fields)
        _tell("controlroom.incident.changed", user, found, fields=fields)
    return found


def prioritise(user: Any, number: str, priority: str) -> str:
    """Change the priority: the limits follow, counted from the same start. Return the priority before."""
    with transaction.atomic():
        found = holding.hold(user, number)
        priority = checked(priority=priority)["priority"]
        before = found.priority
        if before == priority:
            raise Refused("no-change", _("C'est déjà sa priorité."), status=409, field="priority")
        found.priority = priority
        found.take_by, found.solve_by = clocks.limits(priority, found.counted)
        found.save(update_fields=["priority", "take_by", "solve_by"])
        _tell("controlroom.incident.reprioritised", user, found, before=before, priority=priority)
    return before


def log(user: Any, number: str, text: str, *, kind: str = Line.Kind.NOTE, at: datetime | None = None,
        corrects: int | None = None) -> Line:  # fmt: skip
    """Write a line in the log; a correction stands beside the line it corrects. A closed incident still takes lines.

    Parameters
    ----------
    at : datetime, optional
        When it happened, if not now: at most a day ago, never in the future.
    corrects : int, optional
        The line that is corrected; it stays as it was written.
    """
    with transaction.atomic():
        found = holding.hold(user, number, closed=True)
        words = holding.paragraph(text, LOG, field="text", what=_("Ligne"))
        holding.among(kind, Line.Kind, field="kind", sentence=_("Choisissez ce que dit cette ligne."))
        now = service_now()
        at = at or now
        check_hour(at, now)
        old = None
        if corrects is not None:
            old = Line.objects.filter(pk=corrects, incident=found).first()
            if old is None:
                raise Unknown("line", _("Cette ligne n'est pas dans la main courante de cet incident."))
            at = old.at
        made = Line.objects.create(
            incident=found, at=min(at, now), written=now, by=user, kind=kind, text=words, corrects=old
        )
        payload = {"line": made.pk} | ({"corrects": old.pk} if old else {})
        _tell("controlroom.incident.logged", user, found, **payload)
    return made


def check_hour(at: datetime, now: datetime) -> None:
    """Refuse an hour of the log that is more than a day ago, or yet to come."""
    if not now - timedelta(days=1) <= at <= now + timedelta(seconds=60):
        raise Refused("bad-time", _("Cette heure est à plus d'un jour, ou pas encore passée."), field="at")


def note(by: Any, number: str, text: str, *, at: datetime, cause: str) -> Line | None:
    """Write in the log what followed from an event elsewhere (``cause``), in the name of whoever caused it.

    Nobody is asked for a right: the deed that caused it had its own. An incident that is gone takes nothing.
    """
    with transaction.atomic():
        found = Incident.objects.select_for_update(of=("self",)).filter(number=number).first()
        if found is None:
            return None
        made = Line.objects.create(
            incident=found, at=at, written=service_now(), by=by, kind=Line.Kind.FIELD, text=text[:LOG]
        )
        record(
            "controlroom.incident.logged", actor=by.pid if by else "system:controlroom", subject=found.pid,
            payload={"number": found.number, "line": made.pk}, cause=cause,
        )  # fmt: skip
    return made


def add_task(user: Any, number: str, text: str, who: str = "") -> Todo:
    """Add a task."""
    with transaction.atomic():
        found = holding.hold(user, number)
        words = holding.line(text, 200, field="task", what=_("Tâche"))
        name = holding.line(who, 80, field="who", what=_("Qui"), required=False)
        if found.todos.count() >= TASKS:
            raise Refused(
                "too-many-tasks",
                _("Un incident porte %(most)d tâches au plus : fermez-en, ou ouvrez un autre incident.")
                % {"most": TASKS},
                status=409,
            )
        made = Todo.objects.create(incident=found, text=words, who=name, at=service_now())
        _tell("controlroom.task.added", user, found, task=made.pk)
    return made


def _task(incident: Incident, pk: int) -> Todo:
    found = Todo.objects.filter(pk=pk, incident__in=holding.family(incident)).first()
    if found is None:
        raise Unknown("task", _("Cette tâche n'est pas sur cet incident."))
    return found


def mark_task(user: Any, number: str, pk: int, deed: str) -> Todo:
    """Say that a task is ``done``, not done after all (``undone``), or no longer to be done (``dropped``)."""
    with transaction.atomic():
        found = holding.hold(user, number)
        task, now = _task(found, pk), service_now()
        match deed:
            case "done" if task.done is None:
                task.done, task.done_by, task.dropped = now, user, None
            case "undone" if task.done or task.dropped:
                task.done = task.done_by = task.dropped = None
            case "dropped" if task.done is None and task.dropped is None:
                task.dropped = now
            case _:
                raise Refused(
                    "task-changed", _("Cette tâche a changé entre-temps : rechargez la page."), status=409
                )
        task.save(update_fields=["done", "done_by", "dropped"])
        _tell(f"controlroom.task.{deed}", user, found, task=task.pk)
    return task


def attach(user: Any, number: str, situation: str) -> Incident:
    """Attach an incident to an open situation, or detach it (no id)."""
    with transaction.atomic():
        found = holding.hold(user, number)
        wanted = open_situation(situation)
        old = found.situation
        if (wanted and wanted.pk) == found.situation_id:
            raise Refused("no-change", _("C'est déjà ainsi."), status=409, field="situation")
        if wanted and wanted.exercise != found.exercise and (found.taken or found.lines.exists()):
            raise Refused(
                "exercise-differs",
                _(
                    "Un incident réel ne devient pas un exercice, ni l'inverse, une fois commencé : ouvrez-en un autre."
                ),
                status=409,
                field="situation",
            )
        found.situation = wanted
        found.save(update_fields=["situation"])
        subject = (wanted or old).pid  # type: ignore[union-attr]  # one of them is there: they differ
        kind = "controlroom.incident.attached" if wanted else "controlroom.incident.detached"
        _tell(kind, user, found, situation=subject, concerns=[subject])
    return found
