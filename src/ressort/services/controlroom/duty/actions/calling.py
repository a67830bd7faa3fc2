"""Calling a line of duty: the first rank, then the next without an answer, until somebody sees to it or all are called.

The timer is a row: ``Cascade.due`` is a moment of the service clock, and :func:`ring` looks for those that have passed.
After a restart, the rank whose time ended meanwhile is followed by the next, once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.alarms.models import Alarm
from ressort.services.controlroom.duty import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.duty import queries
from ressort.services.controlroom.duty.actions import telling
from ressort.services.controlroom.duty.actions.lines import hold_line
from ressort.services.controlroom.duty.cascade_models import Cascade, CascadeStep
from ressort.services.controlroom.duty.models import AutoCall, DutyContact, DutyLine
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.models import Incident

CALL = "controlroom.duty.call"
ACTOR = "system:duty"
State, Answer = Cascade.State, CascadeStep.State
PRIORITIES = ("vital", "high", "normal", "low")


def hold(pid: str) -> Cascade:
    """Return a call, locked for the transaction."""
    found = (
        Cascade.objects.select_for_update(of=("self",))
        .select_related(
            "line__chief__user", "incident__situation", "alarm__rule", "alarm__device", "started_by"
        )
        .filter(pid=pid)
        .first()
    )
    if found is None:
        raise Unknown("cascade", _("Cet appel n'existe pas."))
    return found


def tell(kind: str, actor: str, cascade: Cascade, **payload: Any) -> None:
    """Record an event of a call: about its incident if it has one, so that it is in its log."""
    subject = cascade.incident.pid if cascade.incident else cascade.pid
    given: dict[str, Any] = {"line": cascade.line.pid, "rank": cascade.rank, "concerns": [cascade.pid]}
    if cascade.exercise:
        given["exercise"] = True
    record(f"controlroom.cascade.{kind}", actor=actor, subject=subject, payload=given | payload)


# ------------------------------------------------------------------ starting


def start(user: Any, line: str, *, incident: str = "", alarm: int | None = None, why: str = "") -> Cascade:
    """Call a line, for an incident, an alarm, or what is written.

    Raises
    ------
    Refused
        If the line is already being called for the same thing, or nothing says why.
    """
    with transaction.atomic():
        found = hold_line(user, line, CALL)
        words = holding.line(why, 160, field="why", what=_("Pourquoi"), required=not (incident or alarm))
        about = _incident(user, found, incident) if incident else None
        made = _start(found, user.pid, user=user, incident=about, alarm=_alarm(alarm), why=words)
    return settle(made)


def start_alone(line: DutyLine, *, incident: Incident | None = None, alarm: Alarm | None = None,
                why: str = "") -> Cascade | None:  # fmt: skip
    """Call a line because a rule, a limit or a procedure says so; nothing if it is already called for that."""
    with transaction.atomic():
        found = DutyLine.objects.select_for_update(of=("self",)).filter(pk=line.pk, closed=None).first()
        if found is None or _already(found, incident, alarm):
            return None
        made = _start(found, ACTOR, incident=incident, alarm=alarm, why=why)
    return settle(made)


def _incident(user: Any, line: DutyLine, number: str) -> Incident:
    found = holding.find(number)
    authorise(user, CALL, found)
    if found.organisation_id != line.organisation_id:
        raise Refused("other-organisation", _("Cette astreinte est d'une autre organisation."), field="line")
    if not found.is_open:
        raise Refused(
            "incident-closed",
            _("L'incident %(number)s n'est plus ouvert : rouvrez-le d'abord.") % {"number": number},
            status=409,
        )
    return found


def _alarm(pk: int | None) -> Alarm | None:
    if pk is None:
        return None
    found = Alarm.objects.select_related("rule", "device").filter(pk=pk).first()
    if found is None:
        raise Unknown("alarm", _("Cette alarme n'existe pas."))
    return found


def _already(line: DutyLine, incident: Incident | None, alarm: Alarm | None) -> bool:
    running = line.cascades.filter(state=State.CALLING)
    if incident is None and alarm is None:
        return False
    return running.filter(incident=incident, alarm=alarm).exists()


def _start(line: DutyLine, actor: str, *, user: Any = None, incident: Incident | None, alarm: Alarm | None,
           why: str) -> Cascade:  # fmt: skip
    if _already(line, incident, alarm):
        raise Refused("already-calling", _("Cette astreinte est déjà en train d'être appelée pour cela."),
                      status=409, field="line")  # fmt: skip
    now = service_now()
    made = Cascade.objects.create(
        line=line,
        incident=incident,
        alarm=alarm,
        why=why,
        exercise=bool(incident and incident.exercise),
        wait=line.wait,
        due=now,
        started=now,
        started_by=user,
        auto=user is None,
    )
    steps = _next(made, now)
    tell("started", actor, made, auto=made.auto, steps=[step.pk for step in steps])
    return made


def settle(cascade: Cascade) -> Cascade:
    """Go on at once where nobody is waited for: a line on which nobody is on duty, an answer that was no."""
    advance(cascade.pid)
    cascade.refresh_from_db()
    return cascade


# ------------------------------------------------------------------ rank after rank


def _next(cascade: Cascade, now: datetime) -> list[CascadeStep]:
    """Call the next rank at which somebody is on duty who has not said no; return the people called."""
    on = queries.on_duty(cascade.line, now)
    refused = set(cascade.steps.filter(state=Answer.NO).values_list("contact", flat=True))
    for rank in range(cascade.rank + 1, cascade.line.ranks + 1):
        if people := [one for one in on.get(rank, []) if one.pk not in refused]:
            cascade.rank, cascade.due = rank, now + timedelta(seconds=cascade.wait)
            cascade.save(update_fields=["rank", "due"])
            return [_call(cascade, one, now) for one in people]
    return []


def _call(cascade: Cascade, contact: DutyContact, now: datetime) -> CascadeStep:
    step = CascadeStep.objects.create(cascade=cascade, rank=cascade.rank, contact=contact, told=now)
    step.reached = telling.call(cascade, step, cascade.due or now)
    if not step.reached:
        step.save(update_fields=["reached"])
    return step


def advance(pid: str) -> bool:
    """Call the next rank of a call if this one's time is over, or everybody in it said no; tell whether it moved."""
    with transaction.atomic():
        cascade = hold(pid)
        waiting = cascade.steps.filter(state=Answer.WAITING).exists()
        if not cascade.calling or (waiting and cascade.due and cascade.due > service_now()):
            return False
        if cascade.incident and cascade.incident.state == Incident.State.CLOSED:
            _stop(cascade, ACTOR)  # whoever closed it needs nobody any more
        else:
            _move(cascade, ACTOR)
    return True


def hurry(user: Any, pid: str) -> Cascade:
    """Call the next rank without waiting for the end of this one's time."""
    with transaction.atomic():
        cascade = hold(pid)
        authorise(user, CALL, cascade)
        if not cascade.calling:
            raise Refused("not-calling", _("Cet appel est déjà terminé."), status=409)
        _move(cascade, user.pid)
    return cascade


def _move(cascade: Cascade, actor: str) -> None:
    """Leave a rank for the next one at which somebody is on duty; without one, the line is exhausted."""
    now = service_now()
    waiting = cascade.steps.filter(state=Answer.WAITING)
    before, because = cascade.rank, "silence" if waiting.exists() else "no" if cascade.rank else "nobody"
    waiting.update(state=Answer.SILENT)
    if steps := _next(cascade, now):
        tell("moved", actor, cascade, after=before, because=because, steps=[step.pk for step in steps])
        return
    cascade.state, cascade.due, cascade.ended = State.EXHAUSTED, None, now
    cascade.save(update_fields=["state", "due", "ended"])
    telling.exhausted(cascade)
    tell("exhausted", actor, cascade)


def stop(user: Any, pid: str) -> Cascade:
    """Stop calling: it is no longer needed."""
    with transaction.atomic():
        cascade = hold(pid)
        authorise(user, CALL, cascade)
        if not cascade.calling:
            raise Refused("not-calling", _("Cet appel est déjà terminé."), status=409)
        _stop(cascade, user.pid)
    return cascade


def _stop(cascade: Cascade, actor: str) -> None:
    waiting = cascade.steps.filter(state=Answer.WAITING)
    for step in waiting:
        telling.sending.cancel(step.topic)
    waiting.update(state=Answer.FREED)
    cascade.state, cascade.due, cascade.ended = State.STOPPED, None, service_now()
    cascade.save(update_fields=["state", "due", "ended"])
    tell("stopped", actor, cascade)


# ------------------------------------------------------------------ by itself


def ring() -> int:
    """Go on with every call whose time is over, and call for incidents that nobody took in time; return how many."""
    due = Cascade.objects.filter(state=State.CALLING, due__lte=service_now())
    moved = sum(advance(pid) for pid in list(due.values_list("pid", flat=True)))
    return moved + _late_incidents()


def _late_incidents() -> int:
    """Call for the incidents that nobody took in charge in time, once for each line that says so."""
    called, now = 0, service_now()
    for auto in AutoCall.objects.filter(of=AutoCall.Of.INCIDENT, line__closed=None).select_related("line"):
        late = Incident.objects.filter(
            organisation=auto.line.organisation_id,
            state=Incident.State.NEW,
            take_by__lte=now,
            take_by__gt=now - telling.LATE,  # a rule just written does not ring for last week
            priority__in=PRIORITIES[: PRIORITIES.index(auto.priority) + 1],
        ).exclude(cascades__line=auto.line)
        if auto.category:
            late = late.filter(category=auto.category)
        for incident in late.select_related("situation"):
            called += start_alone(auto.line, incident=incident) is not None
    return called


def alarm_escalated(event: Any) -> None:
    """Call for an alarm that nobody took: a reaction to the journal."""
    if service_now() - event.at > telling.LATE:
        return
    pk = event.subject.removeprefix("al_")
    alarm = Alarm.objects.select_related("rule", "device").filter(pk=pk, state=Alarm.State.OPEN).first()
    if alarm is None:
        return
    autos = AutoCall.objects.filter(
        of=AutoCall.Of.ALARM, line__closed=None, severity__lte=alarm.severity
    ).select_related("line")
    for auto in autos:
        if auto.rule_id in {None, alarm.rule_id} and not auto.line.cascades.filter(alarm=alarm).exists():
            start_alone(auto.line, alarm=alarm)


def call_line(line: str, *, incident: str = "", alarm: int | None = None, why: str = "") -> str:
    """Call a line by its name or id: the capability ``duty.call``, for rules and escalations of any service.

    Returns
    -------
    str
        Id of the call, or nothing when the line is unknown, closed, or already called for that.
    """
    found = DutyLine.objects.filter(closed=None).filter(pid=line).first()
    if found is None:
        found = DutyLine.objects.filter(closed=None, name__iexact=line).first()
    if found is None:
        return ""
    about = Incident.objects.filter(number=incident, state__in=Incident.OPEN).first() if incident else None
    made = start_alone(found, incident=about, alarm=_alarm(alarm), why=why[:160])
    return made.pid if made else ""
