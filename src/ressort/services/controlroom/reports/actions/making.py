"""Reporting something, and saying « me too »."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ressort.core import codes
from ressort.core.accounts.mandate import OnBehalf
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.reports import photos
from ressort.services.controlroom.reports.models import (
    Follower,
    Report,
    ReportPhoto,
    ReportStep,
    ReportWords,
)
from ressort.services.controlroom.reports.seen import Reach, Seen, address_of


def actor_of(user: Any) -> str:
    """Return the pseudonymous id of who acts."""
    return str(getattr(user, "pid", "") or "public")


def make(
    user: Any,
    seen: Seen,
    reach: Reach,
    *,
    photo: bytes = b"",
    origin: str = Report.Origin.PORTAL,
    key: str | None = None,
    behalf: OnBehalf | None = None,
) -> Follower:
    """Report something; return its first follower, who holds the code.

    Parameters
    ----------
    photo : bytes
        A picture as it was sent; it is drawn again before anything is kept.
    key : str, optional
        Idempotency key: the same key gives the same report, never a second one.
    behalf : OnBehalf, optional
        Given by an agent who types for somebody else.

    Raises
    ------
    Refused
        With the field concerned: ``category``, ``where``, ``text``, ``photo``, ``email``, ``phone``.
    """
    authorise(user, "controlroom.report.make")
    if behalf:
        authorise(user, "controlroom.report.make_for")
        behalf = behalf.checked(user)
    if key and (known := _known(key)):
        return known
    category, seen = seen.checked()
    reach = reach.checked()
    picture = photos.drawn(photo) if photo else None
    now = service_now()
    with transaction.atomic():
        if key and (known := _known(key)):
            return known
        report = Report.objects.create(
            category=category,
            organisation=category.organisation,
            at=now,
            updated=now,
            due=now + timedelta(days=category.days),
            lon=round(seen.where.lon, 6),
            lat=round(seen.where.lat, 6),
            address=address_of(seen.where.lon, seen.where.lat),
            origin=behalf.origin if behalf else origin,
            actor=actor_of(user),
            mandate=behalf.mandate if behalf else "",
            key=key,
        )
        ReportWords.objects.create(report=report, text=seen.text, label=seen.where.label)
        if picture:
            ReportPhoto.objects.create(
                report=report, name=photos.keep(picture), width=picture.width, height=picture.height
            )
        ReportStep.objects.create(
            report=report, at=now, state=report.state, deed="received", actor=actor_of(user)
        )
        follower = _follow(user, report, reach, behalf, first=True)
        payload = {
            "category": category.code,
            "origin": report.origin,
            "mandate": report.mandate,
            "typed_by": behalf.typed_by if behalf else "",
            "photo": bool(picture),
            "organisation": category.organisation.pid,
        }
        record("controlroom.report.received", actor=actor_of(user), subject=report.pid, payload=payload)
    return follower


def support(user: Any, pid: str, reach: Reach, *, behalf: OnBehalf | None = None) -> Follower:
    """Say that one has seen the same; return a follower with a code of its own.

    Somebody whose account already follows it gets the code they have.

    Raises
    ------
    Refused
        If the report is closed.
    """
    authorise(user, "controlroom.report.make")
    if behalf:
        authorise(user, "controlroom.report.make_for")
        behalf = behalf.checked(user)
    reach = reach.checked()
    report = find(pid)
    with transaction.atomic():
        if known := _already(user, report, behalf):
            return known
        taken = Report.objects.filter(pk=report.pk, state__in=Report.OPEN).update(
            supporters=F("supporters") + 1
        )
        if not taken:
            raise Refused(
                "report-closed",
                _("Ce signalement est clos : si le problème est encore là, signalez-le à nouveau."),
                status=409,
            )
        follower = _follow(user, report, reach, behalf, first=False)
        payload = {"follower": follower.pk, "origin": behalf.origin if behalf else Report.Origin.PORTAL}
        record("controlroom.report.supported", actor=actor_of(user), subject=report.pid, payload=payload)
    return follower


def find(pid: str) -> Report:
    """Return a report by its public number."""
    found = (
        Report.objects.select_related("category", "organisation", "words", "photo", "merged_into")
        .filter(pid=pid[:24])
        .first()
    )
    if found is None:
        raise Unknown("report", _("Aucun signalement ne porte ce numéro."))
    return found


def follower(code: str) -> Follower:
    """Return who follows a report by a code, however it was typed."""
    found = (
        Follower.objects.select_related(
            "report__category",
            "report__organisation",
            "report__words",
            "report__photo",
            "report__merged_into",
        )
        .filter(code=codes.typed(code))
        .first()
    )
    if found is None:
        raise Unknown("report", _("Aucun signalement ne porte ce code. Vérifiez les neuf caractères."))
    return found


def _known(key: str) -> Follower | None:
    return Follower.objects.select_related("report").filter(report__key=key, first=True).first()


def _already(user: Any, report: Report, behalf: OnBehalf | None) -> Follower | None:
    """Return the follower of this very account; an address typed by anybody proves nothing, and gives no code."""
    pid = "" if behalf else getattr(user, "pid", "")
    return Follower.objects.filter(report=report, owner_pid=pid).first() if pid else None


def _follow(user: Any, report: Report, reach: Reach, behalf: OnBehalf | None, *, first: bool) -> Follower:
    mine = "" if behalf else getattr(user, "pid", "")
    account = bool(mine and getattr(user, "pk", None))
    return Follower.objects.create(
        report=report,
        first=first,
        at=service_now(),
        owner_pid=mine if account else "",
        name=reach.name,
        email=reach.email,
        phone=reach.phone,
        postal=reach.postal,
        language=settings.LANGUAGE_CODE if behalf else (get_language() or settings.LANGUAGE_CODE)[:2],
        reference=behalf.reference if behalf else "",
    )
