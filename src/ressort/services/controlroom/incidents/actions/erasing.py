"""Letting go of incidents whose time is over, and of who did what when an account is erased."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ressort.services.controlroom.incidents import files
from ressort.services.controlroom.incidents.models import Attachment, Incident, Line, Todo
from ressort.services.controlroom.incidents.playbook_models import StepDone


def forget_rows(rows: Iterable[Any]) -> int:
    """Erase rows of one table that hang on incidents; a file goes when nothing else holds it."""
    every = list(rows)
    digests = {row.digest for row in every if isinstance(row, Attachment)}
    for row in every:
        row.delete()
    for digest in digests - set(
        Attachment.objects.filter(digest__in=digests).values_list("digest", flat=True)
    ):
        files.erase(digest)
    return len(every)


def forget_incidents(incidents: Iterable[Incident]) -> int:
    """Erase what was written of incidents; dates, category, priority and outcome stay, for counting."""
    every = list(incidents)
    for incident in every:
        for model in (Attachment, Line, Todo, StepDone):
            forget_rows(model.objects.filter(incident=incident))
        Incident.objects.filter(pk=incident.pk).update(
            title="", address="", lon=None, lat=None, report="", taken_by=None
        )
    return len(every)


def erase(pid: str) -> None:
    """Erase the name of a person from tasks confided to them; what they wrote stays, signed by nobody."""
    from ressort.core.accounts.models import User

    if name := User.objects.filter(pid=pid).values_list("name", flat=True).first():
        Todo.objects.filter(who=name).update(who="")
