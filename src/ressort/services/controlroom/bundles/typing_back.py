"""Typing back what was written on a sheet: a line of an incident's log, or a new incident; each sheet once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.codes import typed as read_code
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.bundles.models import PaperSheet
from ressort.services.controlroom.incidents.actions import handling, holding, opening
from ressort.services.controlroom.incidents.models import Incident, Line
from ressort.web import words

TYPE = "controlroom.sheet.type"


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote on a sheet.

    Attributes
    ----------
    what : str
        ``line`` of the log of ``number``, or ``incident`` (``title``, ``category``, ``priority``, ``address``).
    at : datetime
        When it happened, as the sheet says.
    """

    what: str
    text: str
    at: datetime
    number: str = ""
    kind: str = str(Line.Kind.NOTE)
    title: str = ""
    category: str = ""
    priority: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None


def find(user: Any, code: str) -> PaperSheet:
    """Return a sheet by the code printed on it, however it was typed."""
    found = (
        PaperSheet.objects.select_related("bundle__situation__organisation", "typed_by", "incident")
        .filter(code=read_code(code))
        .first()
    )
    if found is None:
        raise Unknown(
            "sheet",
            _("Aucune fiche ne porte ce code : recopiez les neuf signes imprimés à côté de son numéro."),
        )
    authorise(user, TYPE, found.bundle)
    return found


def known(sheet: PaperSheet) -> str:
    """Return who typed a sheet and when, in words; nothing while nobody has."""
    if sheet.typed is None:
        return ""
    at = localtime(sheet.typed)
    return _(
        "Cette fiche est déjà saisie, par %(who)s, %(day)s à %(hour)s : rien n'a été compté deux fois."
    ) % {
        "who": sheet.typed_by.name if sheet.typed_by else _("quelqu'un"),
        "day": words.day(at),
        "hour": words.hour(at),
    }


def type_back(user: Any, code: str, said: Written) -> Incident:
    """Type what a sheet says, and return the incident it went to; a sheet typed again is refused, with who typed it.

    The one event is that of what was written: an incident opened (from a sheet), or a line of a log.
    """
    with transaction.atomic():
        sheet = find(user, code)
        PaperSheet.objects.select_for_update().get(pk=sheet.pk)
        sheet = find(user, code)  # read again behind the lock: somebody else may have typed it meanwhile
        if told := known(sheet):
            raise Refused("sheet-known", told, status=409)
        text = holding.paragraph(said.text, handling.LOG - 40, field="text", what=_("Ce qui est écrit"))
        signed = _("[Fiche %(code)s] %(text)s") % {"code": sheet.code, "text": text}
        if said.what == "line":
            number = said.number.strip().upper()
            _same_world(sheet, holding.find(number))
            line = handling.log(user, number, signed, kind=said.kind, at=said.at)
            incident = line.incident
        elif said.what == "incident":
            incident = _open(user, sheet, said, signed)
        else:
            raise Refused(
                "no-kind",
                _("Dites si la fiche raconte un nouvel incident, ou la suite d'un autre."),
                field="what",
            )
        sheet.typed, sheet.typed_by, sheet.incident = service_now(), user, incident
        sheet.save(update_fields=["typed", "typed_by", "incident"])
    return incident


def _same_world(sheet: PaperSheet, incident: Incident) -> None:
    """Refuse what would write an exercise into a real incident, or the other way round."""
    if incident.exercise != sheet.bundle.situation.exercise:
        raise Refused(
            "exercise-differs",
            _("Cette fiche est celle d'un exercice : choisissez un incident de l'exercice.")
            if sheet.bundle.situation.exercise
            else _(
                "Cet incident est un EXERCICE : cette fiche raconte du réel, choisissez un autre incident."
            ),
            status=409,
            field="number",
        )


def _open(user: Any, sheet: PaperSheet, said: Written, text: str) -> Incident:
    now, situation = service_now(), sheet.bundle.situation
    handling.check_hour(said.at, now)
    if situation.closed and situation.exercise:  # it would be a real one
        raise Refused(
            "exercise-over",
            _(
                "L'exercice est terminé : cette fiche ne peut plus ouvrir d'incident, seulement compléter l'un des siens."
            ),
            status=409,
            field="what",
        )
    made = opening.open_incident(
        user,
        opening.Draft(
            said.title,
            said.category,
            said.priority,
            said.address,
            said.lon,
            said.lat,
            source=f"paper:{sheet.code}",
            situation="" if situation.closed else situation.pid,
            organisation=situation.organisation.pid,
        ),
    )
    # its first line stands in the same transaction and goes with the event of its opening
    Line.objects.create(
        incident=made, at=min(said.at, now), written=now, by=user, kind=Line.Kind.FIELD, text=text
    )
    return made
