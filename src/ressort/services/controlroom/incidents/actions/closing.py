"""The ends of an incident: closed with a report, merged with another; and the ways back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.services.controlroom.incidents import clocks
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.models import Incident, Todo
from ressort.services.controlroom.incidents.playbook_models import Run

REPORT = 4000
"""Characters of a report, at most."""


def close(user: Any, number: str, outcome: str, report: str) -> Incident:
    """Close an incident with its report.

    Raises
    ------
    Refused
        While a task is to be done or a playbook runs: done, dropped or stopped first, by somebody who says so.
    """
    with transaction.atomic():
        found = holding.hold(user, number)
        holding.among(outcome, Incident.Outcome, field="outcome", sentence=_("Dites comment il se termine."))
        words = holding.paragraph(report, REPORT, field="report", what=_("Compte rendu"))
        if found.runs.filter(state=Run.State.RUNNING).exists():
            raise Refused(
                "run-open",
                _("Une procédure est en cours : finissez-la ou arrêtez-la avant de clore."),
                status=409,
            )
        theirs = Todo.objects.filter(incident__in=holding.family(found))
        if left := theirs.filter(done=None, dropped=None).count():
            raise Refused(
                "tasks-left",
                _("Tâches encore à faire : %(left)d. Notez-les faites ou abandonnez-les avant de clore.")
                % {"left": left},
                status=409,
            )
        now = service_now()
        found.state, found.closed, found.outcome, found.report = Incident.State.CLOSED, now, outcome, words
        found.save(update_fields=["state", "closed", "outcome", "report"])
        payload = {"number": number, "outcome": outcome, "in_time": now <= found.solve_by}
        if found.exercise:
            payload["exercise"] = True
        record("controlroom.incident.closed", actor=user.pid, subject=found.pid, payload=payload)
    return found


def reopen(user: Any, number: str) -> Incident:
    """Open a closed incident again: its report stays to be completed, its clocks start again."""
    with transaction.atomic():
        found = holding.hold(user, number, closed=True)
        if found.state != Incident.State.CLOSED:
            raise Refused("not-closed", _("Seul un incident clos se rouvre."), status=409)
        if not found.title:
            raise Refused(
                "forgotten", _("Cet incident est trop ancien : son contenu est effacé."), status=409
            )
        now = service_now()
        found.state = Incident.State.TAKEN if found.taken else Incident.State.NEW
        found.closed, found.outcome, found.counted = None, "", now
        found.take_by, found.solve_by = clocks.limits(found.priority, now)
        if found.taken:
            found.taken = now
        found.save(update_fields=["state", "closed", "outcome", "counted", "take_by", "solve_by", "taken"])
        record("controlroom.incident.reopened", actor=user.pid, subject=found.pid, payload={"number": number})
    return found


def merge(user: Any, number: str, into: str) -> Incident:
    """Merge an incident into another: its log is read there, its tasks and files are handled there."""
    with transaction.atomic():
        into = into.strip().upper()
        if into == number:
            raise Refused("same", _("Un incident ne se fusionne pas avec lui-même."), field="into")
        held = {name: _side(user, name) for name in sorted((number, into))}
        found, other = held[number], held[into]
        if found.exercise != other.exercise:
            raise Refused(
                "exercise-differs", _("Un exercice ne se mêle pas au réel."), status=409, field="into"
            )
        if found.organisation_id != other.organisation_id:
            raise Refused(
                "other-organisation",
                _("Ces incidents relèvent de deux organisations."),
                status=409,
                field="into",
            )
        if found.runs.filter(state=Run.State.RUNNING).exists():
            raise Refused(
                "run-open",
                _("Une procédure est en cours : finissez-la ou arrêtez-la avant de fusionner."),
                status=409,
            )
        found.before_merge, found.state, found.merged_into = found.state, Incident.State.MERGED, other
        found.closed = service_now()
        found.save(update_fields=["before_merge", "state", "merged_into", "closed"])
        _merging("controlroom.incident.merged", user, found, other)
    return other


def _side(user: Any, number: str) -> Incident:
    try:
        return holding.hold(user, number)
    except Refused as refused:
        refused.field = "into"
        raise


def unmerge(user: Any, number: str) -> Incident:
    """Take a merger back: the incident is again what it was."""
    with transaction.atomic():
        found = holding.hold(user, number, closed=True)
        other = found.merged_into
        if found.state != Incident.State.MERGED or other is None:
            raise Refused("not-merged", _("Cet incident n'est pas fusionné."), status=409)
        found.state, found.merged_into, found.before_merge, found.closed = found.before_merge, None, "", None
        found.save(update_fields=["state", "merged_into", "before_merge", "closed"])
        _merging("controlroom.incident.unmerged", user, found, other)
    return found


def _merging(kind: str, user: Any, found: Incident, other: Incident) -> None:
    payload = {"number": found.number, "into": other.number, "concerns": [other.pid]}
    record(kind, actor=user.pid, subject=found.pid, payload=payload)
