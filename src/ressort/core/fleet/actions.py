"""Verbs on vehicles: add, change, take out of service. What was promised aboard a vehicle is never put at risk."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.accounts.models import Organisation
from ressort.core.accounts.people import Within
from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet import planning
from ressort.core.fleet.models import Promise, Vehicle
from ressort.core.journal import declare, record
from ressort.core.network import build
from ressort.core.territory.models import Place

declare("fleet.vehicle.added", "Un véhicule a été ajouté : {seats} places, {wheelchairs} pour fauteuil.", "organisation", "seats", "wheelchairs")  # fmt: skip
declare("fleet.vehicle.changed", "Un véhicule a été modifié.", "fields")
declare("fleet.vehicles.taken", "{added} véhicules ajoutés, {changed} modifiés.", "added", "changed")

NUMBERS = {"seats": (1, 60), "wheelchairs": (0, 12), "luggage": (0, 60), "range_m": (1_000, 2_000_000)}
_WORDS = {
    "seats": gettext_lazy("places assises"),
    "wheelchairs": gettext_lazy("places pour fauteuil"),
    "luggage": "bagages",
    "range_m": gettext_lazy("mètres d'autonomie"),
}


def find(user: Any, pid: str) -> Vehicle:
    """Return a vehicle of one of the organisations whose fleet ``user`` manages."""
    found = Vehicle.objects.select_related("depot", "organisation").filter(pid=pid).first()
    if found is None:
        raise Unknown("vehicle", _("Ce véhicule n'existe pas."))
    authorise(user, "fleet.manage", found)
    return found


def clean(values: dict[str, Any], *, but: int | None = None) -> dict[str, Any]:
    """Return the fields of a vehicle, checked.

    Raises
    ------
    Refused
        With the field concerned.
    """
    found = dict(values)
    if "name" in found:
        found["name"] = " ".join(str(found["name"]).split())
        if not found["name"] or len(found["name"]) > 60 or not found["name"].isprintable():
            raise Refused("bad-name", _("Donnez au véhicule un nom de 60 caractères au plus."), field="name")
        if Vehicle.objects.filter(name__iexact=found["name"]).exclude(pk=but or 0).exists():
            raise Refused(
                "name-taken",
                _("Un véhicule s'appelle déjà « %(name)s ».") % {"name": found["name"]},
                status=409,
                field="name",
            )
    for key, (low, high) in NUMBERS.items():
        if key in found and not (isinstance(found[key], int) and low <= found[key] <= high):
            raise Refused(
                "bad-number",
                _("De %(low)s à %(high)s %(words)s.") % {"low": low, "high": high, "words": _WORDS[key]},
                field=key,
            )
    if found.get("energy", Vehicle.Energy.ELECTRIC) not in Vehicle.Energy.values:
        raise Refused("bad-energy", _("Choisissez une énergie de la liste."), field="energy")
    if "depot" in found and not isinstance(found["depot"], Place):
        raise Refused(
            "no-depot",
            _("Choisissez un dépôt : ajoutez-le d'abord parmi les arrêts et dépôts."),
            field="depot",
        )
    return found


def promised(vehicle: Vehicle) -> int:
    """Return how many trips promised aboard a vehicle are not over."""
    return Promise.objects.filter(
        tour__shift__vehicle=vehicle, state__in=(Promise.State.PLANNED, Promise.State.ABOARD)
    ).count()


def check_change(vehicle: Vehicle, values: dict[str, Any]) -> list[str]:
    """Return the names of the fields that would change, after making sure that no promise forbids it.

    Raises
    ------
    Refused
        ``vehicle-in-use``.
    """
    changed = sorted(key for key, value in values.items() if getattr(vehicle, key) != value)
    less = [
        key
        for key in ("seats", "wheelchairs", "luggage")
        if key in changed and values[key] < getattr(vehicle, key)
    ]
    risky = less + [key for key in ("active", "depot") if key in changed]
    if risky and (count := promised(vehicle)):
        raise Refused(
            "vehicle-in-use",
            _(
                "Trajets promis à bord de « %(name)s » : %(count)s ; attendez leur fin, ou déclarez une panne sur sa page pour les confier à d'autres."
            )
            % {"name": vehicle.name, "count": count},
            status=409,
            field=risky[0],
        )
    return changed


def add(user: Any, home: Organisation, **values: Any) -> Vehicle:
    """Add a vehicle to an organisation's fleet."""
    authorise(user, "fleet.manage", Within(home.pk))
    wanted = clean(values)
    with transaction.atomic():
        made = Vehicle.objects.create(organisation=home, **wanted)
        payload = {"organisation": home.pid, "seats": made.seats, "wheelchairs": made.wheelchairs}
        record("fleet.vehicle.added", actor=user.pid, subject=made.pid, payload=payload)
        transaction.on_commit(places_moved)
    return made


def change(user: Any, pid: str, **values: Any) -> Vehicle:
    """Change a vehicle, or put it in or out of service."""
    with transaction.atomic():
        vehicle = find(user, pid)
        wanted = clean(values, but=vehicle.pk)
        if changed := check_change(vehicle, wanted):
            Vehicle.objects.filter(pk=vehicle.pk).update(**{key: wanted[key] for key in changed})
            record("fleet.vehicle.changed", actor=user.pid, subject=vehicle.pid, payload={"fields": changed})
            if "depot" in changed:
                transaction.on_commit(places_moved)
    vehicle.refresh_from_db()
    return vehicle


def take(
    user: Any,
    added: list[tuple[Organisation, dict[str, Any]]],
    changed: list[tuple[Vehicle, dict[str, Any]]] | None = None,
) -> list[Vehicle]:
    """Add and change many vehicles at once (a file)."""
    with transaction.atomic():
        made = []
        for home, values in added:
            authorise(user, "fleet.manage", Within(home.pk))
            made.append(Vehicle.objects.create(organisation=home, **clean(values)))
        count = 0
        for vehicle, values in changed or []:
            authorise(user, "fleet.manage", vehicle)
            wanted = clean(values, but=vehicle.pk)
            if fields := check_change(vehicle, wanted):
                Vehicle.objects.filter(pk=vehicle.pk).update(**{key: wanted[key] for key in fields})
                count += 1
        record("fleet.vehicles.taken", actor=user.pid, payload={"added": len(made), "changed": count})
        transaction.on_commit(places_moved)
    return made


def places_moved() -> None:
    """Ask for the travel times of the new places at once, rather than at the first request."""
    planning.forget()
    if build.active_version() is not None and planning.planning_places():
        planning.ask_for_matrix()


def stop_is_promised(place: Place) -> str:
    """Say why a place cannot move or close: trips promised there, or a vehicle that sleeps there."""
    from django.db.models import Q

    live = Promise.objects.filter(state__in=(Promise.State.PLANNED, Promise.State.ABOARD))
    if count := live.filter(Q(pickup=place) | Q(dropoff=place)).count():
        return _(
            "Trajets promis par « %(name)s » : %(count)s ; attendez leur fin, ou annulez-les d'abord."
        ) % {"name": place.name, "count": count}
    if place.kind == Place.Kind.DEPOT:
        for vehicle in Vehicle.objects.filter(depot=place, active=True):
            if promised(vehicle):
                return _(
                    "« %(name)s » part de « %(name2)s » et a des trajets promis : attendez leur fin."
                ) % {"name": vehicle.name, "name2": place.name}
    return ""
