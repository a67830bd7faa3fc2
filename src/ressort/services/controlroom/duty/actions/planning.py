"""The roster: turns planned one by one or week after week, replaced, swapped, taken out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.engines import rota
from ressort.services.controlroom.duty import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.duty.actions.lines import PLAN, contact_of, hold_line
from ressort.services.controlroom.duty.models import DutyLine, DutyReplacement, DutyTurn

LONGEST = timedelta(days=62)
"""A turn lasts that long at most."""
AHEAD = timedelta(days=3 * 366)
WEEKS = 104
TWICE = gettext_lazy("Cette personne est déjà d'astreinte à ce rang pendant une partie de ce temps.")


def instant(day: date, hour: time) -> datetime:
    """Return the instant of an hour of a day here."""
    return rota.instant(day, hour, get_default_timezone())


def checked_span(starts: datetime, ends: datetime, *, field: str = "until_day") -> None:
    """Refuse a turn that ends before it begins, lasts too long, or is years away."""
    if ends <= starts:
        raise Refused("bad-end", _("La fin vient après le début."), field=field)
    if ends - starts > LONGEST:
        raise Refused("too-long", _("Un tour dure deux mois au plus : coupez-le en plusieurs."), field=field)
    now = service_now()
    if not now - AHEAD < starts < now + AHEAD:
        raise Refused("bad-day", _("Ce jour est à plus de trois ans : vérifiez l'année."), field="from_day")


def checked_rank(line: DutyLine, rank: int) -> int:
    """Return a rank of a line."""
    if not 1 <= rank <= line.ranks:
        raise Refused(
            "bad-rank",
            _("Cette astreinte a %(ranks)d rang(s) : choisissez entre 1 et %(ranks)d.")
            % {"ranks": line.ranks},
            field="rank",
        )
    return rank


def plan(user: Any, pid: str, rank: int, contact: int, starts: datetime, ends: datetime) -> DutyTurn:
    """Give somebody a turn. Two turns at one rank are accepted, and shown: both people are then called."""
    with transaction.atomic():
        line = hold_line(user, pid, PLAN)
        checked_rank(line, rank)
        who = contact_of(line.organisation_id, contact)
        checked_span(starts, ends)
        _not_twice(line, rank, who.pk, starts, ends)
        made = DutyTurn.objects.create(line=line, rank=rank, contact=who, starts=starts, ends=ends)
        _tell("controlroom.duty.planned", user, line, rank=rank, turn=made.pk)
    return made


def _not_twice(line: DutyLine, rank: int, contact: int, starts: datetime, ends: datetime) -> None:
    there = line.turns.filter(rank=rank, contact=contact, starts__lt=ends, ends__gt=starts)
    if there.exists():
        raise Refused(
            "already-on",
            TWICE,
            status=409,
            field="contact",
        )


def rotate(user: Any, pid: str, rank: int, contacts: Sequence[int], first: date, at: time, weeks: int) -> str:
    """Give turns of a week each to people one after the other; return the number that takes them all back.

    Parameters
    ----------
    contacts : sequence of int
        In the order in which they take turns.
    first, at : date, time
        Local day and hour of the first handover; the others are at that hour of that day of the week.
    weeks : int
        How many weeks.
    """
    with transaction.atomic():
        line = hold_line(user, pid, PLAN)
        checked_rank(line, rank)
        if not contacts:
            raise Refused("no-people", _("Choisissez au moins une personne."), field="people")
        if not 1 <= weeks <= WEEKS:
            raise Refused("bad-weeks", _("Générez de 1 à 104 semaines à la fois."), field="weeks")
        people = [contact_of(line.organisation_id, pk, field="people") for pk in contacts]
        spans = rota.weekly([one.pk for one in people], first, at, weeks, get_default_timezone())
        checked_span(spans[0].start, spans[0].end, field="first")
        batch = f"dr_{secrets.token_hex(6)}"
        taken = line.turns.filter(rank=rank, starts__lt=spans[-1].end, ends__gt=spans[0].start)
        if taken.exists():
            raise Refused(
                "already-planned",
                _(
                    "Des tours sont déjà prévus à ce rang pendant ces semaines : retirez-les, ou commencez après."
                ),
                status=409,
                field="first",
            )
        DutyTurn.objects.bulk_create(
            DutyTurn(
                line=line,
                rank=rank,
                contact_id=int(str(one.who)),
                starts=one.start,
                ends=one.end,
                batch=batch,
            )
            for one in spans
        )
        _tell("controlroom.duty.rotated", user, line, rank=rank, turns=len(spans), batch=batch)
    return batch


def unrotate(user: Any, pid: str, batch: str) -> int:
    """Take back the turns to come that a rotation made; those begun stay. Return how many went."""
    with transaction.atomic():
        line = hold_line(user, pid, PLAN, closed=True)
        found = line.turns.filter(batch=batch or "-", starts__gt=service_now())
        count = found.count()
        if not count:
            raise Refused("nothing-back", _("Il ne reste aucun tour à venir de cette rotation."), status=409)
        found.delete()
        _tell("controlroom.duty.unrotated", user, line, turns=count, batch=batch)
    return count


def hold_turn(user: Any, pk: Any) -> DutyTurn:
    """Return a turn that this person may change, with its line locked."""
    found = DutyTurn.objects.select_related("line", "contact").filter(pk=pk).first()
    if found is None:
        raise Unknown("turn", _("Ce tour n'est plus au tableau : rechargez la page."))
    authorise(user, PLAN, found.line)
    DutyLine.objects.select_for_update().get(pk=found.line_id)
    return found


def unplan(user: Any, pk: int) -> DutyTurn:
    """Take a turn out of the roster, with its replacements."""
    with transaction.atomic():
        found = hold_turn(user, pk)
        if found.ends <= service_now():
            raise Refused("turn-over", _("Ce tour est passé : il reste au tableau."), status=409)
        kept = DutyTurn.objects.get(pk=found.pk)
        found.delete()
        _tell("controlroom.duty.unplanned", user, kept.line, rank=kept.rank, turn=kept.pk)
    return kept


def replace(
    user: Any, pk: int, contact: int, starts: datetime | None = None, ends: datetime | None = None
) -> DutyReplacement:
    """Have somebody else take a turn, or a part of it. The turn itself stays below, to come back to."""
    with transaction.atomic():
        turn = hold_turn(user, pk)
        who = contact_of(turn.line.organisation_id, contact)
        starts, ends = starts or turn.starts, ends or turn.ends
        if not turn.starts <= starts < ends <= turn.ends:
            raise Refused(
                "not-within",
                _("Un remplacement tient dans le tour : choisissez un début et une fin entre les siens."),
                field="from_day",
            )
        if ends <= service_now():
            raise Refused("turn-over", _("Ce tour est passé : on ne le remplace plus."), status=409)
        made = DutyReplacement.objects.create(turn=turn, contact=who, starts=starts, ends=ends)
        _tell(
            "controlroom.duty.replaced",
            user,
            turn.line,
            rank=turn.rank,
            turn=turn.pk,
            replacement=made.pk,
        )
    return made


def swap(user: Any, pk: int, other: int) -> str:
    """Have the people of two turns to come take each other's; return the number that takes it back."""
    with transaction.atomic():
        one, two = (hold_turn(user, pk) for pk in (pk, other))
        if one.pk == two.pk or one.contact_id == two.contact_id:
            raise Refused("same", _("Choisissez le tour de quelqu'un d'autre."), field="other")
        if one.line_id != two.line_id:
            raise Refused("other-line", _("Ces tours ne sont pas de la même astreinte."), field="other")
        if min(one.ends, two.ends) <= service_now():
            raise Refused("turn-over", _("L'un de ces tours est passé."), status=409, field="other")
        pair = f"dp_{secrets.token_hex(6)}"
        for turn, who in ((one, two.contact), (two, one.contact)):
            DutyReplacement.objects.create(
                turn=turn, contact=who, starts=turn.starts, ends=turn.ends, pair=pair
            )
        _tell("controlroom.duty.swapped", user, one.line, turn=one.pk, with_turn=two.pk, pair=pair)
    return pair


def give_back(user: Any, pk: int) -> DutyReplacement:
    """Take a replacement back: the turn is again whose it was. Of a swap, both halves go."""
    with transaction.atomic():
        found = DutyReplacement.objects.select_related("turn__line").filter(pk=pk).first()
        if found is None:
            raise Unknown("replacement", _("Ce remplacement n'est plus là : rechargez la page."))
        hold_turn(user, found.turn_id)
        payload: dict[str, Any] = {"turn": found.turn_id, "replacement": found.pk}
        if found.pair:
            payload["pair"] = found.pair
            DutyReplacement.objects.filter(pair=found.pair).delete()
        else:
            DutyReplacement.objects.filter(pk=found.pk).delete()
        _tell("controlroom.duty.given_back", user, found.turn.line, **payload)
    return found


def _tell(kind: str, user: Any, line: DutyLine, **payload: Any) -> None:
    record(kind, actor=user.pid, subject=line.pid, payload=payload)
