"""Verbs on the places a service calls at: stops and depots."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import declare, record
from ressort.core.territory.models import Place

declare("territory.stop.added", "Un lieu desservi a été ajouté ({place_kind}).", "place_kind")
declare("territory.stop.changed", "Un lieu desservi a été modifié.", "fields")
declare("territory.stops.taken", "{added} arrêts ajoutés, {changed} modifiés.", "added", "changed", "source")

KINDS = (Place.Kind.STOP, Place.Kind.VIRTUAL_STOP, Place.Kind.DEPOT)
SOFT = frozenset({"name", "commune", "accessible"})
"""What may change while somebody counts on the place."""

in_use: list[Callable[[Place], str]] = []
"""Say why a place cannot move or close now, in a sentence, or nothing."""

out_of_reach: list[Callable[[float, float], str]] = []
"""Say why nobody can drive to a point, in a sentence, or nothing."""

moved: list[Callable[[], None]] = []
"""Called after commit when the set of places, or where they are, has changed."""


def find(public_id: str) -> Place:
    """Return a stop or depot by its public id."""
    try:
        key = uuid.UUID(public_id)
    except ValueError:
        key = uuid.UUID(int=0)
    found = Place.objects.filter(public_id=key, kind__in=KINDS).first()
    if found is None:
        raise Unknown("stop", _("Cet arrêt n'existe pas."))
    return found


def clean(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a stop, checked.

    Raises
    ------
    Refused
        With the field concerned.
    """
    found = dict(values)
    if "name" in found:
        found["name"] = _name(str(found["name"]))
    if "commune" in found:
        found["commune"] = "".join(c for c in str(found["commune"]) if c.isprintable())[:100].strip()
    if found.get("kind", Place.Kind.STOP) not in KINDS:
        raise Refused("bad-kind", _("Choisissez : arrêt, arrêt virtuel ou dépôt."), field="kind")
    for key, limit in (("lon", 180), ("lat", 90)):
        if key in found:
            value = found[key]
            if not isinstance(value, int | float) or not -limit <= value <= limit:
                raise Refused(
                    "bad-point",
                    _("Indiquez une longitude et une latitude en degrés, ou une adresse."),
                    field=key,
                )
            found[key] = round(float(value), 6)
    if "lon" in found and "lat" in found:
        for reach in out_of_reach:
            if why := reach(found["lon"], found["lat"]):
                raise Refused("out-of-reach", why, field="lat")
    return found


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > 200 or not name.isprintable():
        raise Refused("bad-name", _("Donnez à l'arrêt un nom de 200 caractères au plus."), field="name")
    return name


def check_change(place: Place, values: dict[str, Any]) -> list[str]:
    """Return the names of the fields that would change, after making sure that nobody counts on what they are.

    Raises
    ------
    Refused
        ``stop-in-use``.
    """
    changed = sorted(key for key, value in values.items() if getattr(place, key) != value)
    if set(changed) - SOFT:
        for use in in_use:
            if why := use(place):
                raise Refused("stop-in-use", why, status=409)
    return changed


def add(user: Any, **values: Any) -> Place:
    """Add a stop or a depot."""
    authorise(user, "stop.manage")
    wanted = clean(values)
    with transaction.atomic():
        made = Place.objects.create(source="hand", **wanted)
        record(
            "territory.stop.added",
            actor=user.pid,
            subject=str(made.public_id),
            payload={"place_kind": made.kind},
        )
        _tell_after_commit()
    return made


def change(user: Any, public_id: str, **values: Any) -> Place:
    """Change a stop: its name at any time, where it is and whether it serves only while nobody counts on it."""
    authorise(user, "stop.manage")
    wanted = clean(values)
    with transaction.atomic():
        place = find(public_id)
        changed = check_change(place, wanted)
        if changed:
            Place.objects.filter(pk=place.pk).update(**{key: wanted[key] for key in changed})
            record(
                "territory.stop.changed",
                actor=user.pid,
                subject=str(place.public_id),
                payload={"fields": changed},
            )
            if set(changed) - SOFT:
                _tell_after_commit()
    place.refresh_from_db()
    return place


def take(
    user: Any,
    added: Sequence[dict[str, Any]],
    changed: Iterable[tuple[Place, dict[str, Any]]] = (),
    *,
    source: str,
) -> list[Place]:
    """Add and change many stops at once: a file, or what the street network knows."""
    authorise(user, "stop.manage")
    with transaction.atomic():
        made = Place.objects.bulk_create(Place(source=source, **clean(values)) for values in added)
        count = 0
        for place, values in changed:
            wanted = clean(values)
            if fields := check_change(place, wanted):
                Place.objects.filter(pk=place.pk).update(**{key: wanted[key] for key in fields})
                count += 1
        record(
            "territory.stops.taken",
            actor=user.pid,
            payload={"added": len(made), "changed": count, "source": source},
        )
        _tell_after_commit()
    return made


def _tell_after_commit() -> None:
    for tell in moved:
        transaction.on_commit(tell)
