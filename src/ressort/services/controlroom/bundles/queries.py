"""What is read of bundles: those of a situation and what became of each, and the sheets that were typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from ressort.core.jobs.models import Job
from ressort.services.controlroom.bundles.models import Bundle, PaperSheet
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.situation_models import Situation

SHOWN = 48
"""Bundles of a situation's page: two days of hours."""


@dataclass(frozen=True, slots=True)
class Told:
    """A bundle with what became of it.

    Attributes
    ----------
    state : str
        As pills name it: being made, ready, printed, failed, or erased since.
    why : str
        What went wrong, in words; of the making, or of the printer.
    """

    bundle: Bundle
    state: str
    why: str = ""
    typed: int = 0


def of(situation: Situation) -> list[Told]:
    """Return the bundles of a situation, the last first."""
    found = list(
        Bundle.objects.filter(situation=situation)
        .select_related("asked_by")
        .annotate(typed_sheets=Count("sheets", filter=Q(sheets__typed__isnull=False)))
        .order_by("-number")[:SHOWN]
    )
    jobs = {
        one.pid: one for one in Job.objects.filter(pid__in=[one.job for one in found if one.made is None])
    }
    return [_told(one, jobs.get(one.job)) for one in found]


def _told(one: Bundle, job: Job | None) -> Told:
    typed = int(getattr(one, "typed_sheets", 0))
    state, why = "ready", one.print_error
    if one.made is None and job is not None and job.state in (Job.State.QUEUED, Job.State.RUNNING):
        state = "making"
    elif one.made is None:
        said = job.error if job is not None and job.error else _("le travail s'est arrêté avant la fin")
        state = "failed"
        why = _("Elle n'a pas pu être composée : %(why)s.") % {"why": said.rstrip(".")[:300]}
    elif not one.file:
        state, why = "gone", ""
    elif one.printed and not why:
        state = "printed"
    return Told(one, f"bundle.{state}", why, typed)


def typed(situation: Situation) -> list[PaperSheet]:
    """Return the sheets of a situation that were typed, the last first."""
    found = PaperSheet.objects.filter(bundle__situation=situation).exclude(typed=None)
    return list(found.select_related("bundle", "typed_by", "incident").order_by("-typed")[:100])


def told_of(sheet: PaperSheet) -> list[tuple[str, str]]:
    """Return the incidents whose story a sheet may go on with: of an exercise, its own; else the real ones."""
    situation = sheet.bundle.situation
    found: Any = Incident.objects.filter(organisation=situation.organisation_id).exclude(
        state=Incident.State.MERGED
    )
    if situation.exercise:
        found = found.filter(situation=situation)
    else:
        found = found.exclude(situation__exercise=True)
    open_first = sorted(found.order_by("-opened")[:100], key=lambda one: not one.is_open)
    return [(one.number, f"{one.number} · {one.title}") for one in open_first]
