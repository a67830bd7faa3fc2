"""Letting go of who was on duty when its time is over, and of a person when their account is erased."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ressort.core.clock import service_now
from ressort.core.notify import erasure
from ressort.services.controlroom.duty.cascade_models import CascadeStep
from ressort.services.controlroom.duty.models import DutyContact
from ressort.services.controlroom.duty.shift_models import Presence

NOBODY = {"name": "", "phone": "", "email": "", "user": None}


def forget_rows(rows: Iterable[Any]) -> None:
    """Erase turns or replacements."""
    for row in rows:
        row.delete()


def forget_contacts(rows: Iterable[DutyContact]) -> None:
    """Erase a name and how to reach it, and what was written to it; turns and answers stay, without a name."""
    pks = [row.pk for row in rows]
    for step in CascadeStep.objects.filter(contact__in=pks):
        erasure.forget_subject(step.topic)
    now = service_now()
    DutyContact.objects.filter(pk__in=pks, left=None).update(left=now)
    DutyContact.objects.filter(pk__in=pks).update(**NOBODY)
    CascadeStep.objects.filter(contact__in=pks).update(note="")


def erase(pid: str) -> None:
    """Erase a person from the lists of duty, inside the transaction that erases the account."""
    forget_contacts(DutyContact.objects.filter(user__pid=pid))
    Presence.objects.filter(user__pid=pid, left=None).update(left=service_now())
