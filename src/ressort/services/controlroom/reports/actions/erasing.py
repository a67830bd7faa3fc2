"""Erasing what reports keep of people. That something was reported, where about, when and what became of it, stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.core.notify import erasure
from ressort.services.controlroom.reports import photos
from ressort.services.controlroom.reports.actions.making import actor_of, follower
from ressort.services.controlroom.reports.models import (
    Follower,
    Report,
    ReportPhoto,
    ReportStep,
    ReportWords,
)

NOBODY = {
    "owner_pid": "",
    "name": "",
    "email": "",
    "phone": "",
    "postal": "",
    "reference": "",
    "blanked": True,
}


def subject_of(one: Follower) -> str:
    """Return what the messages to a follower speak of: theirs alone, so that they can be erased alone."""
    return f"{one.report.pid}.{one.pk}"


def forget(reports: Iterable[Report]) -> int:
    """Round the places of reports to a hundred metres, and erase who made them."""
    rows = list(reports)
    for report in rows:
        report.lon, report.lat = round(report.lon, 3), round(report.lat, 3)
        report.actor, report.mandate = "", ""
        report.address = report.address.rsplit(",", 1)[-1].strip()  # the commune
    Report.objects.bulk_update(rows, ["lon", "lat", "address", "actor", "mandate"], batch_size=200)
    return len(rows)


def forget_words(rows: Iterable[ReportWords]) -> int:
    """Erase what was written."""
    return ReportWords.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]


def forget_photos(rows: Iterable[ReportPhoto]) -> int:
    """Erase photos, files and all."""
    return ReportPhoto.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]


def forget_followers(rows: Iterable[Follower]) -> int:
    """Erase who follows, and what was written to them; the code stays."""
    found = list(Follower.objects.select_related("report").filter(pk__in=[row.pk for row in rows]))
    for one in found:
        erasure.forget_subject(subject_of(one))
    Follower.objects.filter(pk__in=[one.pk for one in found]).update(**NOBODY)
    return len(found)


def _forget_made(reports: Iterable[Report]) -> None:
    """Erase the words and the photo of reports, and who made them; the place stays until it is dealt with."""
    rows = list(reports)
    forget_words(ReportWords.objects.filter(report__in=rows))
    forget_photos(ReportPhoto.objects.filter(report__in=rows))
    Report.objects.filter(pk__in=[row.pk for row in rows]).update(actor="", mandate="", shown=False)
    forget(row for row in rows if not row.is_open)


def erase(pid: str) -> None:
    """Erase what a person reported and follows, inside the transaction that erases the account."""
    mine = Follower.objects.filter(owner_pid=pid)
    _forget_made(list(Report.objects.filter(followers__in=mine.filter(first=True))))
    forget_followers(list(mine))
    Report.objects.filter(actor=pid).update(actor="")
    ReportStep.objects.filter(actor=pid).update(actor="")


def erase_mine(user: Any, code: str) -> Follower:
    """Erase who follows a report, at the wish of whoever has the code; for who made it, words and photo too.

    Raises
    ------
    Refused
        If it was done already.
    """
    authorise(user, "controlroom.report.follow")
    one = follower(code)
    if one.blanked:
        raise Refused("nothing-left", _("Il ne reste rien de vous sur ce signalement."), status=409)
    with transaction.atomic():
        if one.first:
            _forget_made([one.report])
        forget_followers([one])
        record("controlroom.report.forgotten", actor=actor_of(user), subject=one.report.pid)
    return follower(code)


@receiver(post_delete, sender=ReportPhoto, dispatch_uid="controlroom.photos")
def _photo_gone(instance: ReportPhoto, **_: Any) -> None:
    """Erase the file with its row, once the row is surely gone."""
    name = instance.name
    transaction.on_commit(lambda: photos.drop(name))
