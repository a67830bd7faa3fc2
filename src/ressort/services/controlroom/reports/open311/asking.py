"""What a program asks for, checked: which reports, between which moments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.services.controlroom.reports.models import Report

SPAN = timedelta(days=90)
MOST = 1000
"""The standard's own bounds on one answer."""
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


def several(data: QueryDict, name: str) -> list[str]:
    """Return the values of an argument: said several times, or separated by commas; empty ones count for nothing."""
    found = [part.strip() for text in data.getlist(name) for part in text.split(",")]
    return [part for part in found if part][:MOST]


def reports(data: QueryDict) -> QuerySet[Report]:
    """Return the reports that the arguments of ``GET requests`` ask for, newest first.

    Raises
    ------
    Refused
        400: a date that is not one, more than ninety days, a status that does not exist.
    """
    rows = Report.objects.select_related(
        "category", "organisation", "words", "photo", "merged_into"
    ).prefetch_related("steps")
    if numbers := several(data, "service_request_id"):
        return rows.filter(pid__in=_codes(numbers)).order_by("-at", "-pk")
    start, end = span(data.get("start_date", ""), data.get("end_date", ""))
    rows = rows.filter(at__gte=start, at__lte=end)
    if categories := several(data, "service_code"):
        rows = rows.filter(category__code__in=_codes(categories))
    if states := several(data, "status"):
        rows = rows.filter(_status(states))
    return rows.order_by("-at", "-pk")


def _codes(found: Sequence[str]) -> list[str]:
    """Return what could be a code of ours; the rest matches nothing."""
    return [one for one in found if _CODE.fullmatch(one)]


def _status(states: Sequence[str]) -> Q:
    if wrong := set(states) - {"open", "closed"}:
        raise Refused(
            "bad-status",
            _("status vaut « open » ou « closed », pas « %(wrong)s ».") % {"wrong": min(wrong)[:40]},
            status=400,
        )
    wanted = Q()
    if "open" in states:
        wanted |= Q(state__in=Report.OPEN)
    if "closed" in states:
        wanted |= ~Q(state__in=Report.OPEN)
    return wanted


def span(start: str, end: str) -> tuple[datetime, datetime]:
    """Return the moments between which reports are asked for: ninety days at most, the last ones by default."""
    try:
        first, last = _moment(start, "start_date"), _moment(end, "end_date")
        if first is None and last is None:
            last = service_now()
        if last is None:
            assert first is not None
            last = first + SPAN
        if first is None:
            first = last - SPAN
    except OverflowError:
        raise _bad("start_date") from None
    if last - first > SPAN:
        raise Refused(
            "long-span",
            _("De start_date à end_date, quatre-vingt-dix jours au plus : demandez en plusieurs fois."),
            status=400,
        )
    return first, last


def _moment(text: str, name: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        # In an address « + » is a space: the offset of an instant is often sent so.
        found = datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip()))
        here = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
        return here.astimezone(UTC)
    except ValueError:
        raise _bad(name) from None


def _bad(name: str) -> Refused:
    return Refused(
        "bad-date",
        _("%(name)s s'écrit ainsi : 2026-09-15T07:30:00Z.") % {"name": name},
        status=400,
    )


def first_of(data: Any, name: str, most: int = 400) -> str:
    """Return an argument on one line, cut to ``most`` characters; an empty one is as good as none."""
    text = str(data.get(name, "")).replace("\x00", " ")  # nothing that a database could not keep
    return " ".join(text.split())[:most]
