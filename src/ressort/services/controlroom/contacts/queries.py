"""What is read of contacts: those that wait, and what is known of whoever calls again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from ressort.core import registry
from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.services.controlroom.contacts.actions import HANDLE
from ressort.services.controlroom.contacts.models import Enquiry, EnquiryPerson
from ressort.services.controlroom.incidents import clocks
from ressort.services.controlroom.incidents.queries import mine
from ressort.services.controlroom.orders import words
from ressort.services.controlroom.reports import queries as reports
from ressort.services.controlroom.reports.models import Follower, Report

SHOWN = 6
MOST = 100


def visible(user: Any) -> QuerySet[Enquiry]:
    """Return the contacts of a person's organisations."""
    return Enquiry.objects.filter(organisation__in=mine(user, HANDLE))


_WAITS = Q(answered=None) & (Q(report=None) | Q(report__state__in=Report.OPEN))


@dataclass(frozen=True, slots=True)
class Told:
    """A contact with its clock, and what it is about in words."""

    enquiry: Enquiry
    clock: clocks.Clock

    @property
    def due_words(self) -> str:
        """Words of the delay."""
        return words.due(self.clock)

    @property
    def subject(self) -> str:
        """What it is about."""
        person = getattr(self.enquiry, "person", None)
        if person is not None and person.subject:
            return str(person.subject)
        report = self.enquiry.report
        return report.category.name if report is not None else str(self.enquiry.get_kind_display())

    @property
    def waits(self) -> bool:
        """Whether somebody still waits for an answer."""
        report = self.enquiry.report
        return self.enquiry.answered is None and (report is None or report.is_open)


def told(enquiry: Enquiry, now: datetime | None = None) -> Told:
    """Return a contact with its clock; one that made a report is over when the report is."""
    report = enquiry.report
    due = report.due if report is not None else enquiry.due
    over = enquiry.answered or (report.closed if report is not None else None)
    return Told(enquiry, clocks.read(now or service_now(), enquiry.at, due, over))


def waiting(user: Any, *, whose: str = "mine", search: str = "") -> list[Told]:
    """Return the contacts that wait for an answer: one's own (``mine``), all (``all``), or those answered (``over``)."""
    rows = visible(user).select_related("person", "by", "report__category", "organisation")
    rows = rows.exclude(_WAITS).order_by("-at") if whose == "over" else rows.filter(_WAITS)
    if whose == "mine":
        rows = rows.filter(by=user)
    if search:
        rows = rows.filter(Q(code__icontains=search) | Q(person__subject__icontains=search))
    now = service_now()
    found = [told(one, now) for one in rows[:MOST]]
    return found if whose == "over" else sorted(found, key=lambda one: (one.clock.due, one.enquiry.pk))


def counts(user: Any) -> dict[str, int]:
    """Return how many contacts wait, for me and for all, and how many are late."""
    late = _WAITS & (Q(report=None, due__lt=service_now()) | Q(report__due__lt=service_now()))
    return visible(user).aggregate(
        mine=Count("pk", filter=_WAITS & Q(by__pid=user.pid)),
        all=Count("pk", filter=_WAITS),
        late=Count("pk", filter=late),
    )


@dataclass(frozen=True, slots=True)
class Before:
    """Something the same person asked before."""

    at: datetime
    what: str
    url: str
    look: str


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who was in touch before, as last written, and their latest contacts."""

    name: str
    phone: str
    email: str
    before: Sequence[Before]


def known(user: Any, phone: str, email: str) -> Known | None:
    """Return what is known of whoever has this number or address, as far as this person may see it.

    Contacts of one's own organisations, and reports that one deals with; nothing is searched by less than six figures
    of a number.
    """
    digits = re.sub(r"\D", "", phone).removeprefix("33").lstrip("0")
    email = email.strip().lower()[:254]
    who = Q()
    if len(digits) >= 6:
        who |= Q(phone__endswith=digits)
    if "@" in email:
        who |= Q(email__iexact=email)
    if not who:
        return None
    people = list(
        EnquiryPerson.objects.filter(who, enquiry__in=visible(user))
        .select_related("enquiry__report__category", "enquiry__person")
        .order_by("-enquiry__at")[:SHOWN]
    )
    followers: list[Follower] = []
    if policy.allowed(user, "controlroom.report.handle"):
        rows = Follower.objects.filter(
            who, report__organisation__in=reports.organisations_of(user), report__enquiries=None
        )
        followers = list(rows.select_related("report__category").order_by("-at")[:SHOWN])
    if not people and not followers:
        return None
    first: Any = people[0] if people else followers[0]
    before = [
        Before(one.enquiry.at, told(one.enquiry).subject, reverse("controlroom:contact", args=[one.enquiry.code]), look(one.enquiry))
        for one in people
    ] + [
        Before(one.at, one.report.category.name, reverse("controlroom:report_panel", args=[one.report.pid]), reports.look_of(one.report))
        for one in followers
    ]  # fmt: skip
    return Known(
        first.name, first.phone, first.email, sorted(before, key=lambda one: one.at, reverse=True)[:SHOWN]
    )


def look(enquiry: Enquiry) -> str:
    """Return the state of a contact as pills name it."""
    found = told(enquiry)
    return found.clock.code if found.waits else "answered"


def ride_link(user: Any) -> str:
    """Return the page where this person books a ride for somebody, '' when nobody offers one or they may not."""
    try:
        return str(registry.capability("transport.book_for_link")(user))
    except LookupError:
        return ""
