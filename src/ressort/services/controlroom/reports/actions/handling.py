"""What agents do with a report: take, plan, answer, merge, hand to another organisation, publish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Organisation
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.services.controlroom.reports.actions.making import find
from ressort.services.controlroom.reports.models import Report, ReportCategory, ReportStep
from ressort.services.controlroom.reports.seen import clean_text

State = Report.State
FARTHEST = timedelta(days=730)
"""How far ahead work may be planned."""
_CLOSED = (State.DONE, State.REFUSED, State.MERGED)


def take(user: Any, pid: str) -> Report:
    """Take a report in charge."""
    return _move(user, pid, "taken", (State.RECEIVED,), state=State.TAKEN)


def release(user: Any, pid: str) -> Report:
    """Give back a report that was taken by mistake."""
    return _move(user, pid, "released", (State.TAKEN,), state=State.RECEIVED)


def plan(user: Any, pid: str, day: date | None, text: str = "") -> Report:
    """Say on which day it will be dealt with; planning again changes the day.

    Raises
    ------
    Refused
        With the field ``day``.
    """
    today = service_now().date()
    if day is None or not today <= day <= today + FARTHEST:
        raise Refused("bad-day", _("Indiquez le jour prévu, d'aujourd'hui à deux ans."), field="day")
    return _move(
        user,
        pid,
        "planned",
        Report.OPEN,
        text,
        {"day": day.isoformat()},
        state=State.PLANNED,
        planned_for=day,
    )


def finish(user: Any, pid: str, text: str = "") -> Report:
    """Say that it is repaired."""
    return _move(user, pid, "done", Report.OPEN, text, state=State.DONE, closed=service_now())


def refuse(user: Any, pid: str, reason: str, text: str = "") -> Report:
    """Say that nothing will be done, and why.

    Raises
    ------
    Refused
        With the field ``reason`` or ``text``.
    """
    if reason not in Report.Reason.values:
        raise Refused("no-reason", _("Choisissez pourquoi il n'y aura pas de suite."), field="reason")
    return _move(
        user,
        pid,
        "refused",
        Report.OPEN,
        text,
        {"reason": reason},
        state=State.REFUSED,
        reason=reason,
        closed=service_now(),
    )


def merge(user: Any, pid: str, into: str) -> Report:
    """Join a report to another that says the same: those who follow it hear of the other from now on.

    Raises
    ------
    Refused
        With the field ``into``: itself, closed, or already joined to this one.
    """
    target = Report.objects.filter(pid=into.strip()[:24]).first()
    if target is None or target.pid == pid:
        raise Refused("no-target", _("Choisissez l'autre signalement, celui qui reste ouvert."), field="into")
    if not target.is_open:
        raise Refused(
            "target-closed", _("L'autre signalement est clos : rouvrez-le d'abord."), status=409, field="into"
        )
    return _move(
        user,
        pid,
        "merged",
        Report.OPEN,
        "",
        {"into": target.pid, "concerns": [target.pid]},
        adopted=target,
        state=State.MERGED,
        merged_into=target,
        closed=service_now(),
    )


def reopen(user: Any, pid: str, text: str = "") -> Report:
    """Take up again a report that was closed."""
    return _move(
        user,
        pid,
        "reopened",
        _CLOSED,
        text,
        state=State.TAKEN,
        closed=None,
        reason="",
        merged_into=None,
    )


def hand(user: Any, pid: str, organisation: str, text: str = "") -> Report:
    """Give a report to another organisation, which answers for it from now on.

    Raises
    ------
    Refused
        With the field ``organisation``.
    """
    other = Organisation.objects.filter(pid=organisation[:40]).first()
    if other is None:
        raise Refused(
            "no-organisation", _("Choisissez l'organisation qui s'en chargera."), field="organisation"
        )
    if find(pid).organisation_id == other.pk:
        raise Refused(
            "same-organisation",
            _("Ce signalement est déjà à cette organisation."),
            status=409,
            field="organisation",
        )
    return _move(
        user,
        pid,
        "handed",
        Report.OPEN,
        text,
        {"organisation": other.pid},
        state=State.RECEIVED,
        organisation=other,
    )


def sort(user: Any, pid: str, category: str) -> Report:
    """Correct the category: the promised delay is counted again from the day it was received.

    Raises
    ------
    Refused
        With the field ``category``.
    """
    other = ReportCategory.objects.filter(code=category[:40]).first()
    report = find(pid)
    if other is None or other.pk == report.category_id:
        raise Refused("no-category", _("Choisissez une autre catégorie."), field="category")
    return _move(
        user,
        pid,
        "sorted",
        Report.OPEN,
        "",
        {"category": other.code},
        category=other,
        due=report.at + timedelta(days=other.days),
    )


def show(user: Any, pid: str, *, shown: bool) -> Report:
    """Publish the words and the photo, or take them back from the public."""
    return _move(user, pid, "shown" if shown else "hidden", tuple(State), shown=shown)


def follow(actor: str, pid: str, deed: str, *, cause: str, day: date | None = None) -> Report | None:
    """Move a report as the work ordered from it moves: ``planned``, ``unplanned``, ``done``, ``reopened``.

    Nobody is asked for a right: the deed that caused it had its own. A report that has moved otherwise stays.
    """
    match deed:
        case "planned" if day is not None:
            more: dict[str, Any] = {"state": State.PLANNED, "planned_for": day}
            sources: Sequence[str] = Report.OPEN
        case "unplanned":
            more, sources = {"state": State.TAKEN, "planned_for": None}, (State.PLANNED,)
        case "done":
            more, sources = {"state": State.DONE, "closed": service_now()}, Report.OPEN
        case "reopened":
            more, sources = {"state": State.TAKEN, "closed": None, "reason": ""}, (State.DONE,)
        case _:
            return None
    report = Report.objects.filter(pid=pid, state__in=sources).first()
    if report is None:
        return None
    payload = {"day": day.isoformat()} if deed == "planned" and day else {}
    return _write(actor, report, deed, sources, "", payload, cause=cause, **more)


def _move(
    user: Any,
    pid: str,
    deed: str,
    sources: Sequence[str],
    text: str = "",
    payload: dict[str, Any] | None = None,
    *,
    adopted: Report | None = None,
    **changes: Any,
) -> Report:
    """Change a report that is in one of ``sources``, for whoever may; note the step and record one event."""
    report = find(pid)
    authorise(user, "controlroom.report.handle", report)
    return _write(user.pid, report, deed, sources, text, payload, adopted=adopted, **changes)


def _write(
    actor: str,
    report: Report,
    deed: str,
    sources: Sequence[str],
    text: str,
    payload: dict[str, Any] | None,
    *,
    adopted: Report | None = None,
    cause: str = "",
    **changes: Any,
) -> Report:
    text = clean_text(text)
    now = service_now()
    with transaction.atomic():
        moved = Report.objects.filter(pk=report.pk, state__in=sources).update(updated=now, **changes)
        if not moved:
            report.refresh_from_db(fields=["state"])
            raise Refused(
                "report-moved",
                _("Ce signalement est « %(state)s » : ce geste n'est plus possible. Rechargez la page.")
                % {"state": report.get_state_display()},
                status=409,
            )
        if adopted:
            _adopt(report, adopted)
        elif report.merged_into_id and deed == "reopened":
            Report.objects.filter(pk=report.merged_into_id).update(
                supporters=F("supporters") - report.supporters
            )
        ReportStep.objects.create(
            report=report,
            at=now,
            state=changes.get("state", report.state),
            deed=deed,
            actor=actor,
            text=text,
        )
        record(
            f"controlroom.report.{deed}", actor=actor, subject=report.pid, payload=payload or {}, cause=cause
        )
    return find(report.pid)


def _adopt(report: Report, target: Report) -> None:
    """Count those who follow a joined report with the other's; a target closed meanwhile refuses."""
    counted = Report.objects.filter(pk=target.pk, state__in=Report.OPEN).update(
        supporters=F("supporters") + report.supporters, updated=service_now()
    )
    if not counted:
        raise Refused(
            "target-closed", _("L'autre signalement est clos : rouvrez-le d'abord."), status=409, field="into"
        )
