"""What people do with the safeguard plan: add, change, withdraw, put back, import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from ressort.core.accounts.actions import clean_phone
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.plan import queries
from ressort.services.controlroom.plan.models import PlanEntry

WRITE = "controlroom.plan.write"
MOST = 5_000
LONGEST = {"name": 120, "role": 120, "address": 200, "note": 300}


def cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words of an entry once checked.

    Raises
    ------
    Refused
        With the field and what to do.
    """
    words: dict[str, Any] = {}
    for name, most in LONGEST.items():
        words[name] = " ".join(str(given.get(name) or "").split())
        if len(words[name]) > most:
            raise Refused("too-long", _("%(most)d caractères au plus.") % {"most": most}, field=name)
    if not words["name"]:
        raise Refused("no-name", _("Donnez le nom de la personne, du moyen ou du lieu."), field="name")
    kind = given.get("kind") or ""
    if kind not in PlanEntry.Kind.values:
        raise Refused("bad-kind", _("Choisissez une personne, un moyen ou un lieu."), field="kind")
    quantity = given.get("quantity")
    if quantity is not None and not 0 <= quantity <= 1_000_000:
        raise Refused("bad-quantity", _("Écrivez un nombre de 0 à 1 000 000."), field="quantity")
    lon, lat = given.get("lon"), given.get("lat")
    if (lon is None) != (lat is None):
        raise Refused("half-point", _("Donnez la longitude et la latitude, ou aucune."), field="lat")
    email = str(given.get("email") or "").strip()
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise Refused(
                "bad-email", _("Cette adresse électronique n'est pas complète."), field="email"
            ) from None
    phones = {name: _phone(given.get(name), name) for name in ("phone", "other_phone")}
    return words | phones | {"kind": kind, "quantity": quantity, "lon": lon, "lat": lat, "email": email}


def _phone(given: Any, field: str) -> str:
    try:
        return clean_phone(str(given)) if given else ""
    except Refused as refused:
        raise Refused(refused.code, refused.sentence, field=field) from None
    except ValueError as error:
        raise Refused("bad-phone", str(error), field=field) from None


def _held(user: Any, pid: str) -> PlanEntry:
    found = PlanEntry.objects.select_for_update().filter(pid=pid).first()
    if found is None or found.organisation_id not in queries.homes(user, WRITE):
        raise Unknown("plan-entry", _("Le plan n'a pas d'entrée de ce numéro."))
    return found


def add(user: Any, given: Mapping[str, Any]) -> PlanEntry:
    """Put a person, a means or a place into the plan of one's organisation."""
    authorise(user, WRITE)
    home = queries.home(user)
    with transaction.atomic():
        if PlanEntry.objects.filter(organisation=home, withdrawn=None).count() >= MOST:
            raise Refused("plan-full", _("Le plan compte 5 000 entrées au plus."), status=409)
        made = PlanEntry.objects.create(
            organisation_id=home, checked=localdate(service_now()), **cleaned(given)
        )
        record("controlroom.plan.added", actor=user.pid, subject=made.pid, payload={"list": made.kind})
    return made


def change(user: Any, pid: str, given: Mapping[str, Any]) -> PlanEntry:
    """Change an entry, or say that it is still so: either way it is checked today."""
    authorise(user, WRITE)
    with transaction.atomic():
        found = _held(user, pid)
        words = cleaned(given)
        fields = sorted(name for name, value in words.items() if getattr(found, name) != value)
        for name in fields:
            setattr(found, name, words[name])
        found.checked = localdate(service_now())
        found.save(update_fields=[*fields, "checked"])
        payload = {"list": found.kind, "fields": fields}
        record("controlroom.plan.changed", actor=user.pid, subject=found.pid, payload=payload)
    return found


def withdraw(user: Any, pid: str, *, back: bool = False) -> PlanEntry:
    """Take an entry out of the plan, or put it back; what was taken out is erased after a year."""
    authorise(user, WRITE)
    with transaction.atomic():
        found = _held(user, pid)
        if (found.withdrawn is None) == back:
            raise Refused("no-change", _("C'est déjà ainsi."), status=409)
        found.withdrawn = None if back else service_now()
        found.save(update_fields=["withdrawn"])
        kind = "controlroom.plan.returned" if back else "controlroom.plan.withdrawn"
        record(kind, actor=user.pid, subject=found.pid, payload={"list": found.kind})
    return found


def take(
    user: Any, added: Iterable[Mapping[str, Any]], changed: Iterable[tuple[PlanEntry, Mapping[str, Any]]]
) -> None:
    """Write what a file says, checked already; one event for all of it."""
    authorise(user, WRITE)
    home, today = queries.home(user), localdate(service_now())
    fresh = [PlanEntry(organisation_id=home, checked=today, **words) for words in added]
    moved = []
    for entry, words in changed:
        for name, value in words.items():
            setattr(entry, name, value)
        entry.checked = today
        moved.append(entry)
    with transaction.atomic():
        PlanEntry.objects.bulk_create(fresh, batch_size=200)
        names = ("kind", *LONGEST, "quantity", "phone", "other_phone", "email", "lon", "lat", "checked")
        PlanEntry.objects.bulk_update(moved, names, batch_size=200)
        payload = {"added": len(fresh), "changed": len(moved)}
        record("controlroom.plan.imported", actor=user.pid, payload=payload)
