"""What agents do with contacts: note one, answer it, take the answer back; and letting go of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _

from ressort.core import codes
from ressort.core.accounts.mandate import LONGEST as LONGEST_REFERENCE
from ressort.core.accounts.mandate import Mandate
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.core.notify import erasure, sending
from ressort.core.notify.sending import Recipient
from ressort.services.controlroom.contacts.models import Enquiry, EnquiryPerson
from ressort.services.controlroom.incidents.actions import holding as cleaning
from ressort.services.controlroom.reports.models import Report
from ressort.services.controlroom.reports.seen import Reach

HANDLE = "controlroom.enquiry.handle"
USUAL = timedelta(days=5)
"""Delay promised for an answer where the agent chose none."""
FARTHEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Noted:
    """What an agent notes of a contact.

    Attributes
    ----------
    report : Report, optional
        What was reported during the contact; its delay is then the contact's.
    day : date, optional
        Before the end of which an answer is promised.
    answered : bool
        The answer was given during the contact itself.
    """

    channel: str
    kind: str
    mandate: str = Mandate.SELF
    receipt: str = Enquiry.Receipt.ALOUD
    subject: str = ""
    text: str = ""
    reference: str = ""
    answer: str = ""
    answered: bool = False
    day: date | None = None
    report: Report | None = None
    organisation: str = ""


def note(user: Any, noted: Noted, reach: Reach, *, key: str | None = None) -> Enquiry:
    """Note a contact: it has a number that is read aloud, a deadline, and leaves a receipt.

    Raises
    ------
    Refused
        With the field concerned.
    """
    home = cleaning.home(user, HANDLE, noted.organisation)
    noted, reach = _checked(noted), reach.checked()
    reachable(noted.receipt, reach)
    with transaction.atomic():
        if key and (known := Enquiry.objects.filter(key=key).first()):
            return known
        now = service_now()
        done = noted.answered or noted.kind == Enquiry.Kind.RIDE
        made = Enquiry.objects.create(
            organisation_id=home, by=user, at=now, channel=noted.channel, mandate=noted.mandate, kind=noted.kind,
            report=noted.report, receipt=noted.receipt, due=noted.report.due if noted.report else _due(noted.day, now),
            answered=now if done else None, key=key,
        )  # fmt: skip
        person = EnquiryPerson.objects.create(
            enquiry=made, name=reach.name, phone=reach.phone, email=reach.email, postal=reach.postal,
            reference=noted.reference, subject=noted.subject, text=noted.text, answer=noted.answer,
        )  # fmt: skip
        payload = {
            "channel": made.channel, "kind": made.kind, "mandate": made.mandate, "receipt": made.receipt,
            "answered": done, **({"report": noted.report.pid} if noted.report else {}),
        }  # fmt: skip
        record("controlroom.enquiry.noted", actor=user.pid, subject=made.pid, payload=payload)
        if made.kind == Enquiry.Kind.INFORMATION:  # whoever reports is told of their report already
            _tell("answered" if done else "noted", made, person)
    return made


def _checked(noted: Noted) -> Noted:
    cleaning.among(
        noted.channel, Enquiry.Channel, field="channel", sentence=_("Dites comment la personne vous a joint.")
    )
    cleaning.among(
        noted.kind, Enquiry.Kind, field="kind", sentence=_("Choisissez ce que la personne demande.")
    )
    cleaning.among(noted.mandate, Mandate, field="mandate", sentence=_("Dites qui demande : la personne, un proche ou un professionnel."))  # fmt: skip
    cleaning.among(noted.receipt, Enquiry.Receipt, field="receipt", sentence=_("Choisissez le reçu."))
    asks = noted.kind == Enquiry.Kind.INFORMATION
    found = replace(
        noted,
        subject=cleaning.line(noted.subject, 160, field="subject", what=_("Objet"), required=asks),
        text=cleaning.paragraph(noted.text, 4000, field="text", what=_("Ce qui a été dit"), required=False),
        reference=cleaning.line(
            noted.reference, LONGEST_REFERENCE, field="reference", what=_("Référence"), required=False
        ),
        answer=cleaning.paragraph(noted.answer, 4000, field="answer", what=_("Réponse"), required=False),
    )
    if found.answered and asks and not found.answer:
        raise Refused("no-answer", _("Écrivez la réponse donnée, même en une ligne."), field="answer")
    return found


def reachable(receipt: str, reach: Reach) -> None:
    """Refuse a receipt that has nowhere to go."""
    needs = {
        Enquiry.Receipt.SMS: ("phone", reach.phone, _("Écrivez le numéro auquel envoyer le SMS.")),
        Enquiry.Receipt.EMAIL: ("email", reach.email, _("Écrivez l'adresse à laquelle envoyer le courriel.")),
        Enquiry.Receipt.LETTER: ("postal", reach.postal, _("Écrivez l'adresse postale de la lettre.")),
    }
    field, value, sentence = needs.get(Enquiry.Receipt(receipt), ("", "-", ""))
    if not value:
        raise Refused("no-reach", sentence, field=field)


def _due(day: date | None, now: datetime) -> datetime:
    """Return the end of a working day: the one chosen, else the usual delay, put off to Monday from a weekend."""
    today = localtime(now).date()
    if day is None:
        day = (localtime(now) + USUAL).date()
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    if not today <= day <= today + FARTHEST:
        raise Refused("bad-day", _("Réponse promise avant : d'aujourd'hui à trois mois."), field="day")
    return max(datetime.combine(day, time(18), get_default_timezone()), now + timedelta(hours=1))


def find(user: Any, code: str) -> Enquiry:
    """Return a contact of one's organisations by its number, however it was typed."""
    found = (
        Enquiry.objects.select_related(
            "organisation", "by", "person", "report__category", "report__organisation"
        )
        .filter(code=codes.typed(code))
        .first()
    )
    if found is None:
        raise Unknown("enquiry", _("Aucun contact ne porte ce numéro. Vérifiez les neuf caractères."))
    authorise(user, HANDLE, found)
    return found


def answer(user: Any, code: str, text: str) -> Enquiry:
    """Say what was answered: the contact is over, and the person is told as they chose."""
    with transaction.atomic():
        found = _hold(user, code)
        if found.answered is not None:
            raise Refused("answered", _("Ce contact a déjà sa réponse : rouvrez-le d'abord."), status=409)
        words = cleaning.paragraph(text, 4000, field="answer", what=_("Réponse"))
        now = service_now()
        found.answered = now
        found.save(update_fields=["answered"])
        person, _new = EnquiryPerson.objects.get_or_create(enquiry=found)
        person.answer = words
        person.save(update_fields=["answer"])
        payload = {"in_time": now <= found.due, "receipt": found.receipt}
        event = record("controlroom.enquiry.answered", actor=user.pid, subject=found.pid, payload=payload)
        _tell("answered", found, person, event.seq)
    return found


def reopen(user: Any, code: str) -> Enquiry:
    """Take an answer back: the contact waits again, with a new usual delay."""
    with transaction.atomic():
        found = _hold(user, code)
        if found.answered is None:
            raise Refused("not-answered", _("Ce contact attend déjà une réponse."), status=409)
        found.answered, found.due = None, max(found.due, service_now() + USUAL)
        found.save(update_fields=["answered", "due"])
        record("controlroom.enquiry.reopened", actor=user.pid, subject=found.pid)
    return found


def _hold(user: Any, code: str) -> Enquiry:
    authorise(user, HANDLE)
    found = Enquiry.objects.select_for_update().filter(code=codes.typed(code)).first()
    if found is None:
        raise Unknown("enquiry", _("Aucun contact ne porte ce numéro. Vérifiez les neuf caractères."))
    authorise(user, HANDLE, found)
    return found


def _tell(deed: str, enquiry: Enquiry, person: EnquiryPerson, seq: int = 0) -> None:
    """Write the receipt, or the answer, the way the person chose; nothing for what was read aloud."""
    from ressort.services.controlroom.contacts.messages import Told

    if enquiry.receipt == Enquiry.Receipt.ALOUD:
        return
    to = {
        Enquiry.Receipt.SMS: Recipient(phone=person.phone, language=settings.LANGUAGE_CODE, only=("sms",)),
        Enquiry.Receipt.EMAIL: Recipient(
            email=person.email, language=settings.LANGUAGE_CODE, only=("email",)
        ),
        Enquiry.Receipt.LETTER: Recipient(
            postal=f"{person.name}\n{person.postal}", language=settings.LANGUAGE_CODE, only=("letter",)
        ),
    }[Enquiry.Receipt(enquiry.receipt)]
    sending.send(
        f"controlroom.enquiry_{deed}",
        key=f"controlroom.enquiry:{enquiry.pid}:{deed}:{seq}",
        to=to,
        subject=enquiry.pid,
        context=Told(enquiry, person.subject, person.answer),
        awake=True,
    )


# ------------------------------------------------------------------ letting go


def forget(rows: Iterable[Enquiry]) -> int:
    """Erase which agent noted contacts; the channel, the kind and the dates stay."""
    return Enquiry.objects.filter(pk__in=[row.pk for row in rows]).update(by=None)


def forget_people(rows: Iterable[EnquiryPerson]) -> int:
    """Erase who got in touch, what was said, and what was written to them."""
    every = list(EnquiryPerson.objects.select_related("enquiry").filter(pk__in=[row.pk for row in rows]))
    for row in every:
        erasure.forget_subject(row.enquiry.pid)
        row.delete()
    return len(every)


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return the contacts an agent noted."""
    rows = Enquiry.objects.filter(by__pid=pid).order_by("pk")
    return {
        "controlroom.Enquiry": [
            {_("Numéro"): one.code, _("Noté"): one.at, _("Canal"): one.get_channel_display()} for one in rows
        ],
        "controlroom.EnquiryPerson": [],  # people who got in touch have no account here
    }
