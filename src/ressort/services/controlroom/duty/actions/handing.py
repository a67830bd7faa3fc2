"""The handover (*relève*): what the leaving chief writes, and the person who takes over."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.duty import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.duty import picture
from ressort.services.controlroom.duty.shift_models import Handover
from ressort.services.controlroom.incidents.actions import holding

WRITE = "controlroom.handover.write"
NOTES = 6000
"""Characters of the notes, at most."""


def write(user: Any, notes: str, *, version: int = 0, organisation: str = "") -> Handover:
    """Write the notes that the next shift will read; written again, they replace the former ones.

    Parameters
    ----------
    version : int
        The version that the person read: somebody else may have written meanwhile. 0: none was there.
    """
    home = holding.home(user, WRITE, organisation)
    with transaction.atomic():
        words = holding.paragraph(notes, NOTES, field="notes", what=_("Consignes"), required=False)
        found = Handover.objects.select_for_update().filter(organisation=home, taken=None).first()
        if (found.version if found else 0) != version:
            raise Refused(
                "notes-changed",
                _("Quelqu'un a écrit ces consignes entre-temps : relisez-les ci-dessous, et complétez-les."),
                status=409,
                field="notes",
            )
        if found is None:
            found = Handover(organisation_id=home, version=0)
        elif found.notes == words:
            raise Refused("no-change", _("Rien n'a changé : tout est déjà ainsi."), status=409, field="notes")
        found.notes, found.by, found.written = words, user, service_now()
        found.version += 1
        found.save()
        payload = {"handover": found.pk, "version": found.version}
        record("controlroom.handover.written", actor=user.pid, subject=f"ho_{found.pk}", payload=payload)
    return found


def take(user: Any, pk: int, version: int) -> Handover:
    """Take over: the person is named, and how things stood at that moment is kept.

    Raises
    ------
    Refused
        If somebody else already did, if the notes changed since they were read, or if the person wrote them.
    """
    with transaction.atomic():
        found = Handover.objects.select_for_update(of=("self",)).select_related("by").filter(pk=pk).first()
        if found is None:
            raise Unknown("handover", _("Cette relève n'existe pas."))
        authorise(user, WRITE, found)
        if found.taken is not None:
            raise Refused("already-taken", _("Cette relève est déjà prise."), status=409)
        if found.by_id == user.pk:
            raise Refused(
                "own-handover",
                _("Vous avez écrit ces consignes : c'est la personne qui vous remplace qui prend la relève, avec son compte."),
                status=409,
            )  # fmt: skip
        if found.version != version:
            raise Refused(
                "notes-changed",
                _("Les consignes ont changé pendant que vous lisiez : relisez-les, puis prenez la relève."),
                status=409,
            )
        found.taken, found.taken_by = service_now(), user
        found.picture = picture.now(found.organisation_id)
        found.save(update_fields=["taken", "taken_by", "picture"])
        counts = {
            key: len(found.picture[key]) for key in ("incidents", "alarms", "runs", "holds", "cascades")
        }
        payload = {"handover": found.pk, **counts}
        record("controlroom.handover.taken", actor=user.pid, subject=f"ho_{found.pk}", payload=payload)
    return found


def find(user: Any, pk: int, verb: str = "controlroom.handover.see") -> Handover:
    """Return a handover of a person's organisations."""
    found = Handover.objects.select_related("by", "taken_by", "organisation").filter(pk=pk).first()
    if found is None:
        raise Unknown("handover", _("Cette relève n'existe pas."))
    authorise(user, verb, found)
    return found
