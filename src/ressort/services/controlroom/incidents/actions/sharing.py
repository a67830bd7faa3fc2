"""Organisations on an incident: who has to do with it, who reads along and until when; files joined to it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Organisation
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.incidents import files
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.models import Attachment, Incident, Involved

LONGEST = 90
"""Days for which an incident may be shared at once."""
FILES = 30
ORGANISATIONS = 20


def involve(user: Any, number: str, name: str) -> Involved:
    """Note that an organisation has to do with an incident; one known here may then be given it to read."""
    with transaction.atomic():
        found = holding.hold(user, number)
        words = holding.line(name, 120, field="organisation", what=_("Organisme"))
        known = Organisation.objects.filter(name__iexact=words).first()
        words = known.name if known else words
        if found.involved.filter(name__iexact=words).exists():
            raise Refused("already-there", _("Cet organisme y est déjà."), status=409, field="organisation")
        if found.involved.count() >= ORGANISATIONS:
            raise Refused(
                "too-many", _("Vingt organismes au plus par incident."), status=409, field="organisation"
            )
        if known and known.pk == found.organisation_id:
            raise Refused("own", _("C'est l'organisation qui le conduit."), status=409, field="organisation")
        made = Involved.objects.create(incident=found, organisation=known, name=words)
        _tell("controlroom.incident.involved", user, found, organisation=_code(made))
    return made


def _code(row: Involved) -> str:
    return row.organisation.pid if row.organisation else f"io_{row.pk}"


def _tell(kind: str, user: Any, incident: Incident, **payload: Any) -> None:
    record(kind, actor=user.pid, subject=incident.pid, payload={"number": incident.number, **payload})


def _row(incident: Incident, pk: int) -> Involved:
    found = Involved.objects.select_related("organisation").filter(pk=pk, incident=incident).first()
    if found is None:
        raise Unknown("organisation", _("Cet organisme n'est pas sur cet incident."))
    return found


def dismiss(user: Any, number: str, pk: int) -> str:
    """Take an organisation off an incident, and what it could read with it. Return its name."""
    with transaction.atomic():
        found = holding.hold(user, number)
        row = _row(found, pk)
        code, name = _code(row), row.name
        row.delete()
        _tell("controlroom.incident.uninvolved", user, found, organisation=code)
    return name


def share(user: Any, number: str, pk: int, until: date) -> Involved:
    """Let an organisation read an incident until the end of a day."""
    with transaction.atomic():
        found = holding.hold(user, number, closed=True)
        row = _row(found, pk)
        if row.organisation is None:
            raise Refused(
                "no-account",
                _("« %(name)s » n'a pas de compte ici : un administrateur crée d'abord l'organisation.")
                % {"name": row.name},
                status=409,
                field="until",
            )
        zone = get_default_timezone()
        today = service_now().astimezone(zone).date()
        if not today <= until <= today + timedelta(days=LONGEST):
            raise Refused(
                "bad-until",
                _("Choisissez un jour d'aujourd'hui à dans %(days)d jours.") % {"days": LONGEST},
                field="until",
            )
        row.shared_until = datetime.combine(until + timedelta(days=1), time(), zone)
        row.save(update_fields=["shared_until"])
        _tell("controlroom.incident.shared", user, found, organisation=_code(row), until=until.isoformat())
    return row


def unshare(user: Any, number: str, pk: int) -> Involved:
    """Stop sharing an incident with an organisation, now."""
    with transaction.atomic():
        found = holding.hold(user, number, closed=True)
        row = _row(found, pk)
        if row.shared_until is None:
            raise Refused("not-shared", _("Ce n'est pas partagé."), status=409)
        row.shared_until = None
        row.save(update_fields=["shared_until"])
        _tell("controlroom.incident.unshared", user, found, organisation=_code(row))
    return row


def join(user: Any, number: str, name: str, data: bytes) -> Attachment:
    """Join a picture or a PDF: what it is, is read in its bytes, never in its name."""
    with transaction.atomic():
        found = holding.hold(user, number)
        mime = files.sniff(data)
        if found.attachments.count() >= FILES:
            raise Refused(
                "too-many-files", _("Trente pièces au plus par incident."), status=409, field="file"
            )
        digest = files.keep(data)
        made = Attachment.objects.create(
            incident=found,
            name=files.safe_name(name, mime),
            mime=mime,
            size=len(data),
            digest=digest,
            at=service_now(),
            by=user,
        )
        _tell("controlroom.file.joined", user, found, file=made.pk, mime=mime, size=len(data))
    return made


def mark_file(user: Any, number: str, pk: int, *, removed: bool) -> Attachment:
    """Take a file away from an incident, or put it back."""
    with transaction.atomic():
        found = holding.hold(user, number)
        row = Attachment.objects.filter(pk=pk, incident__in=holding.family(found)).first()
        if row is None:
            raise Unknown("file", _("Cette pièce n'est pas sur cet incident."))
        if (row.removed is not None) == removed:
            raise Refused("no-change", _("C'est déjà ainsi."), status=409)
        row.removed = service_now() if removed else None
        row.save(update_fields=["removed"])
        kind = "controlroom.file.removed" if removed else "controlroom.file.restored"
        _tell(kind, user, found, file=row.pk)
    return row
