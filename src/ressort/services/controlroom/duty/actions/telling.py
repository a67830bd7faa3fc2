"""Messages of a call: to whom, by what they prefer; written in the transaction of the step they tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from ressort.core.notify import sending
from ressort.core.notify.models import Channel
from ressort.core.notify.sending import Recipient
from ressort.services.controlroom.duty.cascade_models import Cascade, CascadeStep
from ressort.services.controlroom.duty.messages import Called
from ressort.services.controlroom.duty.models import DutyContact

LATE = timedelta(hours=2)
"""A call that could not leave for so long is no longer worth ringing for."""
_BY = {
    DutyContact.By.BOTH: (Channel.SMS, Channel.EMAIL, Channel.PUSH),
    DutyContact.By.SMS: (Channel.SMS, Channel.PUSH),
    DutyContact.By.EMAIL: (Channel.EMAIL, Channel.PUSH),
}


def recipient(contact: DutyContact) -> Recipient:
    """Return how somebody of the list is told: what they prefer, their account's notifications with it."""
    language = contact.user.language if contact.user else ""
    by = tuple(str(one) for one in _BY[DutyContact.By(contact.by)])
    return Recipient(contact.user, contact.email, contact.phone, language, only=by)


def call(cascade: Cascade, step: CascadeStep, until: datetime) -> bool:
    """Tell somebody that they are called; return whether anything reaches them."""
    if not step.contact.name:
        return False
    written = sending.send(
        "controlroom.duty_call",
        key=f"controlroom.duty:{step.pk}",
        to=recipient(step.contact),
        subject=step.topic,
        context=Called(cascade, step, until),
        useful_until=until + LATE,
    )
    return bool(written)


def exhausted(cascade: Cascade) -> None:
    """Tell whoever called, and the chief of the line, that nobody answered."""
    told: dict[str, Recipient] = {}
    if cascade.started_by is not None:
        told[f"u{cascade.started_by_id}"] = Recipient.person(cascade.started_by)
    chief = cascade.line.chief
    if chief is not None and chief.left is None:
        key = f"u{chief.user_id}" if chief.user_id else f"c{chief.pk}"
        told[key] = recipient(chief)
    for key, to in told.items():
        sending.send(
            "controlroom.duty_exhausted",
            # it may be exhausted again after somebody changed their mind
            key=f"controlroom.duty:{cascade.pid}:{cascade.steps.count()}:none:{key}",
            to=to,
            subject=cascade.pid,
            context=Called(cascade),
        )


def settled(cascade: Cascade, by: CascadeStep, others: list[CascadeStep]) -> None:
    """Take back the calls that have not left, and tell those who were called that somebody sees to it."""
    for step in others:
        sending.cancel(step.topic, kind="controlroom.duty_call")
        if step.contact.name and step.contact_id != by.contact_id:
            sending.send(
                "controlroom.duty_settled",
                key=f"controlroom.duty:{step.pk}:settled:{by.pk}",
                to=recipient(step.contact),
                subject=step.topic,
                context=Called(cascade, who=by.contact.name),
            )
