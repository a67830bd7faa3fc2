"""What a crew does: accept or decline, leave, arrive, take pictures, say that it is done or why it cannot be.

A phone shows what was true when it was read. A deed says which version that was; a change made meanwhile never
erases what the crew tells, and is told to it: see :class:`Outcome`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.services.controlroom.incidents.actions import holding as cleaning
from ressort.services.controlroom.orders.actions import holding
from ressort.services.controlroom.orders.actions.holding import write
from ressort.services.controlroom.orders.models import WorkOrder, WorkPhoto, WorkStep
from ressort.services.controlroom.reports import photos

LONGEST = 24 * 60
"""Minutes of a stay, at most."""
PHOTOS = 12
"""Pictures of an order, at most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what a crew told.

    Attributes
    ----------
    meanwhile : list of WorkStep
        What others did since the version that the crew had read.
    late : bool
        The order was no longer theirs, or cancelled: their words are kept beside it, its state did not move.
    """

    order: WorkOrder
    meanwhile: list[WorkStep]
    late: bool = False


def accept(user: Any, number: str, **seen: Any) -> Outcome:
    """Say that the crew will do it."""
    return _do(user, number, "accept", **seen)


def decline(user: Any, number: str, reason: str, **seen: Any) -> Outcome:
    """Give an order back with a reason."""
    words = cleaning.line(reason, 300, field="reason", what=_("Pourquoi"))
    return _do(user, number, "decline", text=words, changes={"reason": words}, **seen)


def leave(user: Any, number: str, **seen: Any) -> Outcome:
    """Say that the crew is on its way."""
    return _do(user, number, "leave", **seen)


def arrive(user: Any, number: str, **seen: Any) -> Outcome:
    """Say that the crew is there."""
    return _do(user, number, "arrive", changes={"arrived": service_now()}, **seen)


def finish(user: Any, number: str, did: str, minutes: int | None = None, **seen: Any) -> Outcome:
    """Say that it is done: what was done, and how long it took (counted from the arrival where nobody says)."""
    words = cleaning.paragraph(did, 2000, field="did", what=_("Ce qui a été fait"))
    changes = {
        "did": words,
        "minutes": spent(minutes),
        "finished": service_now(),
        "result": "done",
        "reason": "",
    }
    return _do(user, number, "finish", text=words, changes=changes, **seen)


def fail(user: Any, number: str, reason: str, minutes: int | None = None, **seen: Any) -> Outcome:
    """Say that it cannot be done, and why."""
    words = cleaning.line(reason, 300, field="reason", what=_("Pourquoi"))
    changes = {"reason": words, "minutes": spent(minutes), "finished": service_now(), "result": "failed"}
    return _do(user, number, "fail", text=words, changes=changes, **seen)


def take_back(user: Any, number: str, **seen: Any) -> Outcome:
    """Go back one step: the thumb slipped."""
    changes = {"finished": None, "result": "", "reason": ""}
    return _do(user, number, "take_back", changes=changes, **seen)


def spent(minutes: int | None) -> int | None:
    """Return minutes that can be, or refuse."""
    if minutes is not None and not 0 <= minutes <= LONGEST:
        raise Refused(
            "bad-minutes", _("Temps passé : écrivez un nombre de minutes, de 0 à 1 440."), field="minutes"
        )
    return minutes


def meanwhile(user: Any, order: WorkOrder, version: int | None) -> list[WorkStep]:
    """Return what others did to an order since a version."""
    if version is None or version >= order.version:
        return []
    return list(order.steps.filter(version__gt=version).exclude(by=user).select_related("by"))


def _do(
    user: Any,
    number: str,
    deed: str,
    *,
    text: str = "",
    changes: dict[str, Any] | None = None,
    version: int | None = None,
    key: str | None = None,
) -> Outcome:
    with transaction.atomic():
        if known := holding.known(key):
            return Outcome(known.order, [], late=known.deed == "note")
        order = holding.hold(number)
        since = meanwhile(user, order, version)
        try:
            holding.authorise_doer(user, order)
            state = holding.next_state(order, deed)
        except Refused:
            if not (text and holding.had(user, order)):
                raise
            write(user, order, "note", text=text, key=key, payload={"state": order.state})
            return Outcome(order, since, late=True)
        payload: dict[str, Any] = {"before": order.state} if deed == "take_back" else {}
        made = dict(changes or {})
        if deed in {"finish", "fail"} and made.get("minutes") is None and order.arrived is not None:
            made["minutes"] = min(
                LONGEST, max(0, round((service_now() - order.arrived).total_seconds() / 60))
            )
        if deed == "finish" and made["minutes"] is not None:
            payload = {"minutes": made["minutes"]}
        write(user, order, deed, text=text, key=key, payload=payload, state=state, **made)
    return Outcome(order, since)


def picture(user: Any, number: str, data: bytes, *, key: str | None = None) -> WorkPhoto:
    """Join a picture, drawn again without what the device wrote in it.

    Raises
    ------
    Refused
        If it is not a picture, too big, or one too many.
    """
    drawn = photos.drawn(data)
    with transaction.atomic():
        if key and (known := WorkPhoto.objects.filter(key=key).first()):
            return known
        order = holding.hold(number)
        holding.authorise_doer(user, order)
        if order.photos.filter(removed=None).count() >= PHOTOS:
            raise Refused(
                "too-many-photos",
                _("Une intervention porte %(most)d photos au plus : retirez-en une.") % {"most": PHOTOS},
                status=409,
                field="photo",
            )
        made = WorkPhoto.objects.create(
            order=order, name=photos.keep(drawn), width=drawn.width, height=drawn.height, at=service_now(),
            by=user, key=key or None,
        )  # fmt: skip
        write(user, order, "picture", payload={"photo": made.pk})
    return made


def unpicture(user: Any, number: str, pk: int) -> WorkPhoto:
    """Take a picture away."""
    with transaction.atomic():
        order = holding.hold(number)
        holding.authorise_doer(user, order)
        found = order.photos.filter(pk=pk, removed=None).first()
        if found is None:
            raise Refused("no-photo", _("Cette photo n'est plus là : rechargez la page."), status=409)
        found.removed = service_now()
        found.save(update_fields=["removed"])
        write(user, order, "unpicture", payload={"photo": found.pk})
    return found


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a crew wrote on the paper of an order.

    Attributes
    ----------
    sheet : int
        Version printed on the paper: one paper is typed once.
    result : str
        ``done`` or ``failed``.
    """

    sheet: int
    result: str
    words: str
    arrived: datetime | None = None
    finished: datetime | None = None
    minutes: int | None = None


def type_back(user: Any, number: str, sheet: Sheet) -> WorkOrder:
    """Type what a paper says; the same paper typed again is refused, with what is noted already."""
    with transaction.atomic():
        order = holding.hold(number)
        holding.authorise_doer(user, order)
        key = f"sheet:{order.pid}:{sheet.sheet}"
        if known := holding.known(key):
            who = known.by.name if known.by else _("quelqu'un")
            raise Refused(
                "sheet-known", _("Cette feuille est déjà saisie, par %(who)s : rien n'a été compté deux fois.") % {"who": who},
                status=409,
            )  # fmt: skip
        if not 1 <= sheet.sheet <= order.version:
            raise Refused(
                "no-sheet", _("Aucune feuille de cette intervention ne porte ce numéro."), field="sheet"
            )
        if sheet.result not in {"done", "failed"}:
            raise Refused("no-result", _("Dites si c'est fait, ou impossible."), field="result")
        if sheet.result == "done":
            words = cleaning.paragraph(sheet.words, 2000, field="words", what=_("Ce qui a été fait"))
        else:
            words = cleaning.line(sheet.words, 300, field="words", what=_("Pourquoi"))
        state = holding.next_state(
            order, "finish"
        )  # a paper tells a whole stay: whoever is there had accepted
        if sheet.result == "failed":
            state = WorkOrder.State.FAILED
        now = service_now()
        finished, arrived = sheet.finished or now, sheet.arrived or order.arrived
        if finished > now or (arrived and arrived > finished):
            raise Refused(
                "bad-hours",
                _("Les heures ne se suivent pas : arrivée, puis fin, avant maintenant."),
                field="finished",
            )
        minutes = spent(sheet.minutes)
        if minutes is None and arrived:
            minutes = min(LONGEST, round((finished - arrived).total_seconds() / 60))
        told: dict[str, Any] = {"did": words, "reason": ""} if sheet.result == "done" else {"reason": words}
        said = {"result": sheet.result, "sheet": sheet.sheet, "minutes": minutes}
        write(
            user, order, "type", text=words, at=finished, key=key, payload=said, state=state, result=sheet.result,
            arrived=arrived, finished=finished, minutes=minutes, **told,
        )  # fmt: skip
    return order
