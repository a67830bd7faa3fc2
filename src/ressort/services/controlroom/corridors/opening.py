"""What people do with a corridor: open it, agree to it, keep watching it, say where the vehicle is, release it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused, Unknown
from ressort.engines import corridor as engine
from ressort.services.controlroom.clearances.deciding import Rights
from ressort.services.controlroom.corridors import following, working
from ressort.services.controlroom.corridors.models import Corridor, CorridorItem
from ressort.services.controlroom.corridors.planning import OPEN, tell
from ressort.services.controlroom.equipment import asking
from ressort.services.controlroom.equipment.holding import LEASE

State = Corridor.State
FRESH = timedelta(minutes=30)
"""How long a way that was worked out may be opened: streets close."""


def find(pid: str, *, lock: bool = False) -> Corridor:
    """Return a corridor by its id."""
    rows = Corridor.objects.select_related("incident__situation", "vehicle")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pid=pid).first()
    if found is None:
        raise Unknown("corridor", _("Ce couloir n'existe pas."))
    return found


def open_corridor(
    user: Any,
    pid: str,
    chosen: Mapping[int, int | None] | None = None,
    *,
    vehicle: str = "",
    now: datetime | None = None,
) -> Corridor:
    """Ask for a corridor: it opens at once in a declared emergency, else when a second person agrees.

    Parameters
    ----------
    chosen : mapping of item number -> approach, optional
        What opens; None keeps what the plan chose.
    vehicle : str
        Id of the vehicle whose own positions move the corridor; empty: nobody's.

    Raises
    ------
    Refused
        In an exercise, when nothing would open, or when the way is too old.
    """
    at = now or wall_now()
    authorise(user, OPEN)
    with transaction.atomic():
        found = find(pid, lock=True)
        if found.state != State.PLANNED:
            raise Refused("not-planned", _("Ce couloir a déjà été demandé."), status=409)
        if found.incident and found.incident.exercise:
            raise Refused(
                "exercise",
                _("EXERCICE : ne commandez rien. Dites ce que vous auriez fait."),
                status=409,
            )
        if at - found.planned > FRESH:
            raise Refused(
                "old-way", _("Ce chemin date de plus d'une demi-heure : calculez-le de nouveau."), status=409
            )
        found.vehicle = following.find(vehicle) if vehicle else None
        items = _choose(list(found.items.select_related("asset__organisation")), chosen, Rights(user, at))
        dangerous = any((can := one.capability) is not None and can.dangerous for one in items)
        urgent = asking.emergency(at) is not None
        found.asked, found.actor, found.emergency = at, user.pid, urgent
        if dangerous and not urgent:
            found.state = State.WAITING
            found.save()
            tell("asked", found, user.pid, items=len(items))
        else:
            _begin(found, at, user.pid, len(items))
    return found


def _choose(
    items: list[CorridorItem], chosen: Mapping[int, int | None] | None, rights: Rights
) -> list[CorridorItem]:
    for one in items:
        wanted = one.chosen if chosen is None else one.number in chosen and one.capability is not None
        one.chosen = wanted and rights.command(one.asset).ok
        approach = chosen.get(one.number) if chosen is not None else None
        if one.chosen and one.verb == "priority" and approach is not None:
            if not 1 <= approach <= 8:
                raise Refused(
                    "bad-approach",
                    _("%(name)s : écrivez le numéro de la branche, de 1 à 8.") % {"name": one.asset.name},
                    field="approach",
                )
            one.params = {"approach": approach}
        one.save(update_fields=["chosen", "params"])
    kept = [one for one in items if one.chosen]
    if not kept:
        raise Refused(
            "nothing", _("Rien ne s'ouvrirait : gardez au moins un carrefour ou une borne."), status=409
        )
    return kept


def _begin(corridor: Corridor, at: datetime, actor: str, items: int) -> None:
    corridor.state, corridor.opened = State.OPEN, at
    corridor.start, corridor.lease_until = at + timedelta(seconds=corridor.delay), at + LEASE
    corridor.save()
    more = {"approver": corridor.approver} if corridor.approver else {}
    more |= {"vehicle": corridor.vehicle.pid} if corridor.vehicle else {}
    tell("opened", corridor, actor, items=items, emergency=corridor.emergency, **more)
    transaction.on_commit(working.wake)


def approve(user: Any, pid: str, *, now: datetime | None = None) -> Corridor:
    """Agree to a corridor that somebody else asked for: it opens, each dangerous command in both names."""
    at = now or wall_now()
    authorise(user, "controlroom.corridor.approve")
    with transaction.atomic():
        found = _waiting(pid, at)
        if found.actor == user.pid:
            raise Refused(
                "same-person",
                _("Vous l'avez demandé : une autre personne doit l'approuver, ou une urgence être déclarée."),
                status=409,
            )
        found.approver = user.pid
        _begin(found, at, user.pid, found.items.filter(chosen=True).count())
    return found


def decline(user: Any, pid: str, *, now: datetime | None = None) -> Corridor:
    """Say no to a corridor that waits."""
    at = now or wall_now()
    authorise(user, "controlroom.corridor.approve")
    with transaction.atomic():
        found = _waiting(pid, at)
        working.drop(found, at, user.pid, "declined")
    return found


def _waiting(pid: str, at: datetime) -> Corridor:
    found = find(pid, lock=True)
    if found.state != State.WAITING or found.asked is None or found.asked + asking.WAIT <= at:
        raise Refused("not-waiting", _("Ce couloir n'attend plus d'accord."), status=409)
    return found


def cancel(user: Any, pid: str, *, now: datetime | None = None) -> Corridor:
    """Give up a corridor that has not opened."""
    authorise(user, OPEN)
    with transaction.atomic():
        found = find(pid, lock=True)
        if found.state not in {State.PLANNED, State.WAITING}:
            raise Refused(
                "gone", _("Ce couloir n'est plus à abandonner : s'il est ouvert, relâchez-le."), status=409
            )
        working.drop(found, now or wall_now(), user.pid, "cancelled")
    return found


def renew(user: Any, pid: str, *, now: datetime | None = None) -> Corridor:
    """Keep a corridor for another while: what the operator's screen says. Not an event: nothing changed."""
    at = now or wall_now()
    authorise(user, OPEN)
    with transaction.atomic():
        found = _opened(pid, at)
        found.lease_until = at + LEASE
        found.save(update_fields=["lease_until"])
        working.keep_holds(found)
    return found


def _opened(pid: str, at: datetime) -> Corridor:
    found = find(pid, lock=True)
    if found.state != State.OPEN or found.lease_until is None or found.lease_until <= at:
        raise Refused("not-open", _("Ce couloir n'est pas ouvert."), status=409)
    return found


def passed(user: Any, pid: str, number: int, *, now: datetime | None = None) -> Corridor:
    """Say that the vehicle has just passed something: it is given back, and what is ahead is expected anew."""
    at = now or wall_now()
    authorise(user, OPEN)
    with transaction.atomic():
        found = _opened(pid, at)
        item = found.items.filter(number=number, chosen=True).first()
        if item is None:
            raise Unknown("item", _("Ce carrefour n'est pas dans ce couloir."))
        if item.passed is not None:
            raise Refused("already-passed", _("Le véhicule y est déjà passé."), status=409)
        anchor(found, at, item.seconds, item.metres, user.pid, item=number)
    return found


def observe_position(user: Any, pid: str, lon: float, lat: float, *, now: datetime | None = None) -> Corridor:
    """Say where the vehicle is: what is ahead is expected anew, what is behind has been passed.

    Raises
    ------
    Refused
        If that is nowhere near the way.
    """
    at = now or wall_now()
    authorise(user, OPEN)
    with transaction.atomic():
        found = _opened(pid, at)
        where = engine.located(found.way, lon, lat, found.elapsed(at))
        if where.aside > following.OFF_THE_WAY:
            raise Refused(
                "off-the-way",
                _("Le véhicule est à plus de 250 m du chemin : calculez un autre couloir."),
                status=409,
            )
        anchor(found, at, where.seconds, round(where.metres), user.pid)
    return found


def anchor(corridor: Corridor, at: datetime, seconds: float, metres: int, actor: str, **more: Any) -> None:
    """Move a corridor to where its vehicle was seen, inside the caller's transaction."""
    start = at - timedelta(seconds=seconds)
    shift = round((start - (corridor.start or start)).total_seconds())
    corridor.start = start
    corridor.save(update_fields=["start"])
    corridor.items.filter(metres__lte=metres, chosen=True, passed=None).update(passed=at)
    tell("moved", corridor, actor, metres=metres, shift=shift, **more)
    transaction.on_commit(working.wake)


def not_passed(user: Any, pid: str, number: int, shift: int, *, now: datetime | None = None) -> Corridor:
    """Take back that the vehicle passed something: what was passed with it is ahead again, as it was expected.

    Parameters
    ----------
    shift : int
        Seconds by which saying so had moved the vehicle.
    """
    at = now or wall_now()
    authorise(user, OPEN)
    with transaction.atomic():
        found = _opened(pid, at)
        item = found.items.filter(number=number, chosen=True).exclude(passed=None).first()
        if item is None or abs(shift) > 3600:
            raise Refused(
                "not-passed", _("Rechargez la page : ce passage n'est plus à reprendre."), status=409
            )
        assert found.start is not None
        found.start -= timedelta(seconds=shift)
        found.save(update_fields=["start"])
        found.items.filter(passed=item.passed).update(passed=None)
        tell("moved", found, user.pid, metres=item.metres, shift=-shift, item=number, back=True)
        transaction.on_commit(working.wake)
    return found


def release(user: Any, pid: str, *, now: datetime | None = None) -> Corridor:
    """Give the whole street back now."""
    authorise(user, "controlroom.corridor.release")
    with transaction.atomic():
        found = find(pid, lock=True)
        if found.state != State.OPEN:
            raise Refused("not-open", _("Ce couloir n'est pas ouvert."), status=409)
        working.end(found, now or wall_now(), user.pid, "operator")
    return found
