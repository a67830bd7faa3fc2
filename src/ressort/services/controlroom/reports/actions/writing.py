"""When those who follow a report are told: reactions to the journal, one message per person and step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from ressort.core.accounts.models import User
from ressort.core.clock import service_now
from ressort.core.journal.reading import payload
from ressort.core.notify import sending
from ressort.core.notify.sending import Recipient
from ressort.services.controlroom.reports.actions.erasing import subject_of
from ressort.services.controlroom.reports.messages import Told
from ressort.services.controlroom.reports.models import Follower, Report, ReportStep

STALE = timedelta(days=2)
"""An event read later than that (workers were down) is not told any more."""


def react(event: Any) -> None:
    """Write what an event means for those who follow its report; in the transaction that moves the cursor."""
    if service_now() - event.at > STALE:
        return
    found = payload(event)
    report = Report.objects.select_related("category", "organisation").filter(pid=event.subject).first()
    if report is None or report.origin == Report.Origin.TWIN:
        return
    deed = event.kind.rsplit(".", 1)[1]
    match deed:
        case "received":
            _send("received", report, report.followers.filter(first=True), event.seq)
        case "supported":
            _send("received", report, report.followers.filter(pk=found["follower"]), event.seq)
        case _:
            step = ReportStep.objects.filter(report=report, deed=deed, at=event.at).order_by("-pk").first()
            _send(deed, report, followers_of(report), event.seq, step.text if step else "")


def followers_of(report: Report) -> list[Follower]:
    """Return who hears of a report: its own followers, and those of every report joined to it."""
    joined, level = [report.pk], [report.pk]
    while level:
        level = list(
            Report.objects.filter(merged_into__in=level).exclude(pk__in=joined).values_list("pk", flat=True)
        )
        joined += level
    return list(Follower.objects.filter(report__in=joined, blanked=False).select_related("report"))


def _send(deed: str, report: Report, followers: Iterable[Follower], seq: int, text: str = "") -> None:
    owners = {user.pid: user for user in User.objects.filter(pid__in=[f.owner_pid for f in followers])}
    for one in followers:
        to = _recipient(one, owners.get(one.owner_pid))
        if to is None:
            continue
        sending.send(
            "controlroom.report_received" if deed == "received" else "controlroom.report_told",
            key=f"controlroom.report:{seq}:{one.pk}",
            to=to,
            subject=subject_of(one),
            context=Told(report, one.code, deed, text),
            awake=deed == "received",
        )


def _recipient(one: Follower, user: User | None) -> Recipient | None:
    """Return whom to write to; the addresses given for this report go before the account's."""
    if user is not None:
        return Recipient.person(user, phone=one.phone, email=one.email)
    if one.email or one.phone:
        return Recipient.guest(phone=one.phone, email=one.email, language=one.language)
    if one.postal:
        return Recipient(postal=f"{one.name}\n{one.postal}", language=one.language, only=("letter",))
    return None
