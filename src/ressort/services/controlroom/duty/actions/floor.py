"""Taking and leaving one's desk in the control room."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.duty import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.duty.shift_models import Presence
from ressort.services.controlroom.incidents.actions import holding

TAKE = "controlroom.floor.take"


def come(user: Any, desk: str = "", duty: str = "operator", organisation: str = "") -> Presence:
    """Take one's desk; somebody who was at another leaves it first."""
    home = holding.home(user, TAKE, organisation)
    with transaction.atomic():
        words = holding.line(desk, 60, field="desk", what=_("Pupitre"), required=False)
        holding.among(
            duty, Presence.Duty, field="duty", sentence=_("Choisissez ce que vous faites en salle.")
        )
        if Presence.objects.select_for_update().filter(user=user, left=None).exists():
            raise Refused(
                "already-here",
                _("Vous avez déjà pris un poste : quittez-le avant d'en prendre un autre."),
                status=409,
            )
        made = Presence.objects.create(
            organisation_id=home, user=user, desk=words, duty=duty, came=service_now()
        )
        _tell("came", user, made)
    return made


def leave(user: Any, pk: int) -> Presence:
    """Leave one's desk, or note that somebody left and forgot to say so."""
    with transaction.atomic():
        found = Presence.objects.select_for_update().filter(pk=pk).first()
        if found is None:
            raise Unknown("presence", _("Ce poste n'est pas (ou plus) au tableau."))
        authorise(user, TAKE, found)
        if found.left is not None:
            raise Refused("already-left", _("Ce poste est déjà quitté."), status=409)
        found.left = service_now()
        found.save(update_fields=["left"])
        _tell("left", user, found)
    return found


def come_back(user: Any, pk: int) -> Presence:
    """Undo a leaving: the desk is as it was."""
    with transaction.atomic():
        found = Presence.objects.select_for_update().filter(pk=pk).first()
        if found is None:
            raise Unknown("presence", _("Ce poste n'est pas (ou plus) au tableau."))
        authorise(user, TAKE, found)
        if found.left is None or Presence.objects.filter(user=found.user_id, left=None).exists():
            raise Refused(
                "already-here", _("Un poste est déjà pris : c'est trop tard pour revenir."), status=409
            )
        found.left = None
        found.save(update_fields=["left"])
        _tell("came", user, found)
    return found


def _tell(deed: str, user: Any, row: Presence) -> None:
    record(
        f"controlroom.floor.{deed}",
        actor=user.pid,
        subject=f"fl_{row.pk}",
        payload={"duty": row.duty, "presence": row.pk},
    )
